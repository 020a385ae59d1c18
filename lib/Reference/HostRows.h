//===- HostRows.h - Rows of tensors in the reference ------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_REFERENCE_HOSTROWS_H
#define COMPRESS_LIB_REFERENCE_HOSTROWS_H

#include "Interpreter.h"

namespace mlir::compress {

/// A plain f32 tensor that is filled row by row.
inline HostTensor makeResult(Value like, ArrayRef<int64_t> shape) {
  return HostTensor(RankedTensorType::get(
      shape, cast<RankedTensorType>(like.getType()).getElementType()));
}

inline ArrayRef<float> getRow(const HostTensor &tensor, int64_t row) {
  int64_t columns = tensor.getShape().back();
  return tensor.getFloats().slice(row * columns, columns);
}

/// Checks that all tensors have as many rows as the first one.
inline llvm::Error checkRows(Operation *op, const Interpreter &interpreter,
                             ValueRange tensors) {
  auto rows = [&](Value v) { return interpreter.getTensor(v).getShape()[0]; };
  for (Value tensor : tensors)
    if (rows(tensor) != rows(tensors.front()))
      return makeOpError(op, "operands differ in their number of rows: " +
                                 llvm::Twine(rows(tensors.front())) + " and " +
                                 llvm::Twine(rows(tensor)));
  return llvm::Error::success();
}

} // namespace mlir::compress

#endif // COMPRESS_LIB_REFERENCE_HOSTROWS_H
