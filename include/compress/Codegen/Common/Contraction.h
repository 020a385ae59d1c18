//===- Contraction.h - Products of tensors ----------------------*- C++ -*-===//
//-*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CODEGEN_COMMON_CONTRACTION_H
#define COMPRESS_CODEGEN_COMMON_CONTRACTION_H

#include "compress/Dialect/Compress/IR/Compress.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::compress {

/// Where a value lies that generated code makes no copy of: the weights that
/// lm.gather_experts takes it from; otherwise the value itself.
Value getSource(Value value);

/// out[b, m, n] = sum over k of lhs[b, m, k] * rhs[b, n, k], in some order of
/// dimensions. The rhs is the operand that may be a weight.
struct Contraction {
  linalg::LinalgOp op;
  OpOperand *lhs = nullptr, *rhs = nullptr;
  /// Loops of the op; batch is -1 where there is none.
  int64_t batch = -1, m = -1, n = -1, k = -1;

  /// Dimension of an operand that a loop runs over, or -1.
  int64_t getDim(OpOperand *operand, int64_t loop) const;
  RankedTensorType getLhsType() const {
    return cast<RankedTensorType>(lhs->get().getType());
  }
  /// Of stacked matrices from which each batch entry has one, the type of all.
  RankedTensorType getRhsType() const {
    return cast<RankedTensorType>(getSource(rhs->get()).getType());
  }
  RankedTensorType getResultType() const {
    return cast<RankedTensorType>(op->getResult(0).getType());
  }
  /// Sizes of the loops; dynamic where they are.
  int64_t getSize(int64_t loop) const;
  /// Whether the sums begin at zero, or at values that are not defined.
  bool startsAtZero() const;
  /// Whether lhs is [batch,] m, k and the result is [batch,] m, n.
  bool isRowMajor() const;
};

/// The contraction that `op` is, if it multiplies and adds along one dimension,
/// with at most one each of batch, m and n. Where one operand is encoded and
/// the other is a product's activation, the rhs is the weight.
std::optional<Contraction> getContraction(Operation *op);

/// Whether every loop is parallel, the result is written in order, and operands
/// are read at the loops' indices only.
bool isElementwise(Operation *op);

/// The number of values along k within which all scales of both operands are
/// constant, if the contraction is one of integer codes whose segments fit the
/// panels' tiles of 32 values: a divisor of 32 by whole groups of four, a
/// multiple of 32, or all of k. Sums of a segment fit 32 bits.
std::optional<int64_t> getIntegerSegment(const Contraction &contraction);
/// The number of values along k whose products are summed before they are
/// scaled, if the weights are such (see getScaledSegment() of operands).
std::optional<int64_t> getScaledSegment(const Contraction &contraction);

/// Elementwise over rows, and columns whose number is known.
bool isRowwiseElementwise(Operation *op);

/// Whether `op` makes each row of its result from the same row of its operands,
/// and generated code can do so.
bool isRowOp(Operation *op);

/// Whether `use`, by a row op, reads row t of its operand to make row t of the
/// result.
bool readsSameRow(OpOperand &use);

/// Whether rows can be encoded so by generated code.
bool isRowEncodable(EncodingAttrInterface encoding);
bool isRowEncodable(const EncodingSpec &spec);
/// Whether generated code can encode keys or values of a cache so, in groups of
/// positions too.
bool isCacheEncodable(const EncodingSpec &spec);
/// What isRowEncodable() asks for, as the end of a message.
inline constexpr llvm::StringLiteral kExpectedRowEncoding =
    "expected integers or floats with plain scales of 16 bits or more, per "
    "block of a row";

/// The value that a structured op's destination is filled with, or null.
Attribute getFillValue(Value destination);

} // namespace mlir::compress

#endif // COMPRESS_CODEGEN_COMMON_CONTRACTION_H
