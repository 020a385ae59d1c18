//===- Structured.cpp - What passes ask of structured ops -----------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Structured.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::compress;

bool compress::isProductBody(linalg::LinalgOp op) {
  Block *body = op.getBlock();
  if (body->getNumArguments() != 3)
    return false;
  auto add =
      body->getTerminator()->getOperand(0).getDefiningOp<arith::AddFOp>();
  if (!add)
    return false;
  Value sum = body->getArgument(2);
  Value other = add.getLhs() == sum ? add.getRhs() : add.getLhs();
  auto product = other.getDefiningOp<arith::MulFOp>();
  if (!product || (add.getLhs() != sum && add.getRhs() != sum))
    return false;
  Value x = body->getArgument(0), y = body->getArgument(1);
  return (product.getLhs() == x && product.getRhs() == y) ||
         (product.getLhs() == y && product.getRhs() == x);
}

bool compress::isZeroFill(Value value) {
  auto fill = value.getDefiningOp<linalg::FillOp>();
  return fill && (matchPattern(fill.value(), m_AnyZeroFloat()) ||
                  matchPattern(fill.value(), m_Zero()));
}

std::optional<AffineMap> compress::getCopyMap(Operation *op) {
  auto structured = dyn_cast_if_present<linalg::LinalgOp>(op);
  if (!structured || structured.getNumDpsInputs() != 1 ||
      structured.getNumDpsInits() != 1 || op->getNumResults() != 1 ||
      structured.getNumParallelLoops() != structured.getNumLoops())
    return std::nullopt;
  Block *body = structured.getBlock();
  AffineMap in =
      structured.getMatchingIndexingMap(structured.getDpsInputOperand(0));
  AffineMap out =
      structured.getMatchingIndexingMap(structured.getDpsInitOperand(0));
  if (!llvm::hasSingleElement(*body) ||
      body->getTerminator()->getOperand(0) != body->getArgument(0) ||
      !in.isProjectedPermutation() || !out.isPermutation())
    return std::nullopt;
  return in.compose(inversePermutation(out));
}

Value compress::makeEmptyLike(OpBuilder &b, Location loc, Value value) {
  return tensor::EmptyOp::create(
      b, loc, tensor::getMixedSizes(b, loc, value),
      cast<RankedTensorType>(value.getType()).getElementType());
}
