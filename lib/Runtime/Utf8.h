//===- Utf8.h - Walking over UTF-8 ------------------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_RUNTIME_UTF8_H
#define COMPRESS_LIB_RUNTIME_UTF8_H

#include "llvm/ADT/StringRef.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace mlir::compress {

/// U+2581, which SentencePiece writes for a space.
inline constexpr llvm::StringLiteral kMetaspace = "\xE2\x96\x81";

/// Bytes of the character that a lead byte announces; 0 for a byte that leads
/// none.
inline size_t getAnnouncedLength(uint8_t lead) {
  if (lead < 0x80)
    return 1;
  if (lead >= 0xC2 && lead <= 0xDF)
    return 2;
  if ((lead & 0xF0) == 0xE0)
    return 3;
  return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

/// Bytes of the well-formed character (Unicode 15, table 3-7) at the start of
/// `text`; 0 where there is none.
size_t getCharacterLength(llvm::StringRef text);

/// Number of bytes at the start of `text` that are well-formed UTF-8.
size_t getValidPrefix(llvm::StringRef text);

/// `text` with every `from`, which is not empty, replaced by `to`.
std::string replaceAll(llvm::StringRef text, llvm::StringRef from,
                       llvm::StringRef to);

} // namespace mlir::compress

#endif // COMPRESS_LIB_RUNTIME_UTF8_H
