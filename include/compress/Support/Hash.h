//===- Hash.h - Hashes of what was read and written -------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_SUPPORT_HASH_H
#define COMPRESS_SUPPORT_HASH_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <array>
#include <string>

namespace mlir::compress {

/// SHA-256 (FIPS 180-4) of bytes that come in pieces. (LLVM's own counts bytes
/// in 32 bits and is wrong from 2^29 bytes on, which archives exceed.)
class SHA256Hasher {
public:
  SHA256Hasher();
  void update(llvm::ArrayRef<uint8_t> bytes);
  /// The hash of all bytes as 64 lower-case hexadecimal digits; the last call.
  std::string finish();

private:
  static constexpr size_t kBlockBytes = 64;
  void addBlock(const uint8_t *block);

  std::array<uint32_t, 8> state;
  std::array<uint8_t, kBlockBytes> buffer;
  uint64_t length = 0;
};

/// SHA-256 of `bytes` as 64 lower-case hexadecimal digits.
std::string sha256(llvm::ArrayRef<uint8_t> bytes);

/// SHA-256 of a whole file.
llvm::Expected<std::string> sha256File(llvm::StringRef path);

} // namespace mlir::compress

#endif // COMPRESS_SUPPORT_HASH_H
