//===- Structured.h - What passes ask of structured ops ---------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_FRONTEND_STRUCTURED_H
#define COMPRESS_LIB_FRONTEND_STRUCTURED_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::compress {

/// Whether the body of an op with two inputs adds their product to the sum so
/// far, in floats.
bool isProductBody(linalg::LinalgOp op);

/// Whether `value` is filled with zeros.
bool isZeroFill(Value value);

/// The map along which an op reads its only input, if it does nothing but copy
/// it to its result in order: a transposition or a broadcast. From the result's
/// dimensions to the input's.
std::optional<AffineMap> getCopyMap(Operation *op);

/// tensor.empty of the sizes of `value`.
Value makeEmptyLike(OpBuilder &b, Location loc, Value value);

} // namespace mlir::compress

#endif // COMPRESS_LIB_FRONTEND_STRUCTURED_H
