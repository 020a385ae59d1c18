//===- GGUFParser.h - A checked walk over a GGUF file -----------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_GGUF_GGUFPARSER_H
#define COMPRESS_LIB_IMPORT_GGUF_GGUFPARSER_H

#include "compress/Import/GGUF/GGUFFile.h"

namespace mlir::compress {

/// Bytes of a number or bool; nothing for strings, arrays and types that do
/// not exist.
std::optional<uint64_t> getGGUFScalarBytes(GGUFValue::Type type);

/// Fills a GGUFFile. Every function takes bytes from the front of what is left
/// of the file and fails before it would reach beyond the end.
class GGUFParser {
public:
  explicit GGUFParser(GGUFFile &result)
      : result(result), rest(result.file.getBytes()) {}

  llvm::Error parse();

private:
  llvm::Expected<llvm::ArrayRef<uint8_t>> take(uint64_t size,
                                               const llvm::Twine &what);
  llvm::Expected<uint32_t> takeU32(const llvm::Twine &what);
  llvm::Expected<uint64_t> takeU64(const llvm::Twine &what);
  /// A number of items of at least `minimum` bytes each.
  llvm::Expected<uint64_t> takeCount(uint64_t minimum, const llvm::Twine &what);
  llvm::Expected<llvm::StringRef> takeString(const llvm::Twine &what);
  llvm::Expected<GGUFValue> takeValue(GGUFValue::Type type,
                                      const llvm::Twine &what, unsigned depth);
  llvm::Expected<GGUFValue> takeArray(const llvm::Twine &what, unsigned depth);
  llvm::Error parseHeader();
  llvm::Error parseMetadata();
  llvm::Error parseTensorInfos();
  llvm::Error parseTensorInfo(uint64_t index);
  llvm::Error placeTensors();
  llvm::Error checkOverlaps() const;
  llvm::Expected<uint64_t> getAlignment() const;
  llvm::Error fail(const llvm::Twine &message) const;

  GGUFFile &result;
  llvm::ArrayRef<uint8_t> rest;
  uint64_t tensorCount = 0, keyCount = 0;
  /// Offset of each tensor within the data.
  std::vector<uint64_t> offsets;
};

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_GGUF_GGUFPARSER_H
