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

#include <string>

namespace mlir::compress {

/// SHA-256 (FIPS 180-4) of `bytes` as 64 lower-case hexadecimal digits.
std::string sha256(llvm::ArrayRef<uint8_t> bytes);

/// SHA-256 of a whole file.
llvm::Expected<std::string> sha256File(llvm::StringRef path);

} // namespace mlir::compress

#endif // COMPRESS_SUPPORT_HASH_H
