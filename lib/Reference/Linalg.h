//===- Linalg.h - Structured ops as loops -----------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LIB_REFERENCE_LINALG_H
#define LIB_REFERENCE_LINALG_H

#include "compress/Reference/HostTensor.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::compress {

/// Where an operand of a structured op is accessed: linear in the loops.
struct Access {
  /// Elements from the first one for all loops at zero, and per step of a loop.
  int64_t offset = 0;
  SmallVector<int64_t> strides;

  int64_t at(ArrayRef<int64_t> point) const {
    int64_t position = offset;
    for (auto [index, stride] : llvm::zip(point, strides))
      position += index * stride;
    return position;
  }
};

/// The loops of a structured op for given operands.
struct LoopNest {
  SmallVector<int64_t> extents;
  /// One per operand; scalar operands have no strides.
  SmallVector<Access> accesses;

  int64_t getNumPoints() const { return ShapedType::getNumElements(extents); }
};

/// The loops that run over operands of these shapes (empty for scalars). An
/// error where shapes disagree, an access leaves its operand, or is not linear.
llvm::Expected<LoopNest> getLoopNest(linalg::LinalgOp op,
                                     ArrayRef<ArrayRef<int64_t>> shapes);

/// A contraction as batched products of matrices: where its operands (lhs, rhs,
/// destination) are accessed for all values of a group of loops, as positions
/// that add up.
struct MatrixProduct {
  /// Batch loops move in all operands; rows in lhs and destination; columns in
  /// rhs and destination; sums in no destination.
  SmallVector<int64_t> batch[3], rows[3], columns[3], sums[3];

  explicit MatrixProduct(const LoopNest &nest);
};

/// A sum of products of two inputs, both perhaps converted to a wider type.
struct SumOfProducts {
  bool isFloat = true;
  /// Whether an integer input is zero-extended.
  bool lhsUnsigned = false, rhsUnsigned = false;
};

/// Whether the body of `op` adds the product of its two inputs to its only
/// destination, and each access is a projected permutation of the loops.
std::optional<SumOfProducts> matchSumOfProducts(linalg::LinalgOp op);

/// Computes a sum of products: floats in double precision, integers modulo two
/// to the power of 64. The result has the shape of the destination, with
/// elements of type f64 or i64. `operands` are plain: lhs, rhs, destination.
/// With `magnitudes`, terms are replaced by their absolute values.
HostTensor sumProducts(const SumOfProducts &what, const LoopNest &nest,
                       ArrayRef<HostTensor> operands, bool magnitudes);

/// Computes a float sum of products as generated code does
/// (Arithmetic::Generated): in f32, in the order of k, on the codes where both
/// inputs are integers. `lhs` and `rhs` may be encoded. The result has the
/// shape of the destination, with elements of type f32.
llvm::Expected<HostTensor> sumProductsInOrder(linalg::LinalgOp op,
                                              const LoopNest &nest,
                                              const HostTensor &lhs,
                                              const HostTensor &rhs,
                                              const HostTensor &destination);

} // namespace mlir::compress

#endif // LIB_REFERENCE_LINALG_H
