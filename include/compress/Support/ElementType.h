//===- ElementType.h - Elements of stored arrays ----------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_SUPPORT_ELEMENTTYPE_H
#define COMPRESS_SUPPORT_ELEMENTTYPE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>
#include <string>

namespace mlir::compress {

/// What one element of an array in a file is. All are little endian.
enum class ElementType : uint8_t {
  Bool,
  U8,
  I8,
  F8E4M3FN,
  F8E5M2,
  F8E8M0FNU,
  I16,
  U16,
  F16,
  BF16,
  I32,
  U32,
  F32,
  I64,
  U64,
  F64
};

/// Bytes of one element.
unsigned getElementBytes(ElementType type);

/// MLIR's spelling: `f16`, `i32`, `ui8`; `i1` for Bool.
llvm::StringRef str(ElementType type);

/// Number of elements of an array, or nothing where a size is negative or the
/// product does not fit in 63 bits.
std::optional<int64_t> countElements(llvm::ArrayRef<int64_t> shape);

/// Bytes of an array, or nothing as countElements().
std::optional<int64_t> countBytes(ElementType type,
                                  llvm::ArrayRef<int64_t> shape);

/// `[2, 3]`, for messages.
std::string strShape(llvm::ArrayRef<int64_t> shape);

} // namespace mlir::compress

#endif // COMPRESS_SUPPORT_ELEMENTTYPE_H
