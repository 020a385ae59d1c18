//===- ElementType.cpp - Elements of stored arrays ------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Support/ElementType.h"

#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;
using namespace mlir::compress;

unsigned mlir::compress::getElementBytes(ElementType type) {
  switch (type) {
  case ElementType::Bool:
  case ElementType::U8:
  case ElementType::I8:
  case ElementType::F8E4M3FN:
  case ElementType::F8E5M2:
  case ElementType::F8E8M0FNU:
    return 1;
  case ElementType::I16:
  case ElementType::U16:
  case ElementType::F16:
  case ElementType::BF16:
    return 2;
  case ElementType::I32:
  case ElementType::U32:
  case ElementType::F32:
    return 4;
  case ElementType::I64:
  case ElementType::U64:
  case ElementType::F64:
    return 8;
  }
  llvm_unreachable("covered switch");
}

StringRef mlir::compress::str(ElementType type) {
  switch (type) {
  case ElementType::Bool:
    return "i1";
  case ElementType::U8:
    return "ui8";
  case ElementType::I8:
    return "i8";
  case ElementType::F8E4M3FN:
    return "f8E4M3FN";
  case ElementType::F8E5M2:
    return "f8E5M2";
  case ElementType::F8E8M0FNU:
    return "f8E8M0FNU";
  case ElementType::I16:
    return "i16";
  case ElementType::U16:
    return "ui16";
  case ElementType::F16:
    return "f16";
  case ElementType::BF16:
    return "bf16";
  case ElementType::I32:
    return "i32";
  case ElementType::U32:
    return "ui32";
  case ElementType::F32:
    return "f32";
  case ElementType::I64:
    return "i64";
  case ElementType::U64:
    return "ui64";
  case ElementType::F64:
    return "f64";
  }
  llvm_unreachable("covered switch");
}

std::optional<int64_t> mlir::compress::countElements(ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t size : shape)
    if (size < 0 || MulOverflow(count, size, count))
      return std::nullopt;
  return count;
}

std::optional<int64_t> mlir::compress::countBytes(ElementType type,
                                                  ArrayRef<int64_t> shape) {
  std::optional<int64_t> count = countElements(shape);
  int64_t bytes;
  if (!count || MulOverflow<int64_t>(*count, getElementBytes(type), bytes))
    return std::nullopt;
  return bytes;
}

std::string mlir::compress::strShape(ArrayRef<int64_t> shape) {
  std::string text = "[";
  for (auto [index, size] : enumerate(shape))
    text += (index ? ", " : "") + std::to_string(size);
  return text + "]";
}
