//===- LowerReshapes.cpp - Shapes of dense buffers as sizes and strides ---===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace mlir::compress {
#define GEN_PASS_DEF_LOWERRESHAPES
#include "compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;

namespace {

struct LowerReshapes : compress::impl::LowerReshapesBase<LowerReshapes> {
  /// The product of two sizes, folded where both are known.
  static OpFoldResult multiply(OpBuilder &b, Location loc, OpFoldResult x,
                               OpFoldResult y) {
    std::optional<int64_t> knownX = getConstantIntValue(x),
                           knownY = getConstantIntValue(y);
    if (knownX && knownY)
      return b.getIndexAttr(*knownX * *knownY);
    if (knownX == 1)
      return y;
    if (knownY == 1)
      return x;
    return b.createOrFold<arith::MulIOp>(
        loc, getValueOrCreateConstantIndexOp(b, loc, x),
        getValueOrCreateConstantIndexOp(b, loc, y));
  }

  static SmallVector<OpFoldResult> getSizes(OpBuilder &b,
                                            memref::ExpandShapeOp op) {
    return op.getMixedOutputShape();
  }

  static SmallVector<OpFoldResult> getSizes(OpBuilder &b,
                                            memref::CollapseShapeOp op) {
    SmallVector<OpFoldResult> source =
        memref::getMixedSizes(b, op.getLoc(), op.getSrc());
    SmallVector<OpFoldResult> sizes;
    for (const ReassociationIndices &group : op.getReassociationIndices()) {
      OpFoldResult size = b.getIndexAttr(1);
      for (int64_t dim : group)
        size = multiply(b, op.getLoc(), size, source[dim]);
      sizes.push_back(size);
    }
    return sizes;
  }

  template <typename Reshape> static void lower(Reshape op) {
    if (!op.getSrcType().getLayout().isIdentity())
      return;
    OpBuilder b(op);
    SmallVector<OpFoldResult> sizes = getSizes(b, op);
    SmallVector<OpFoldResult> strides(sizes.size());
    OpFoldResult stride = b.getIndexAttr(1);
    for (int64_t i = sizes.size() - 1; i >= 0; --i) {
      strides[i] = stride;
      if (i)
        stride = multiply(b, op.getLoc(), stride, sizes[i]);
    }
    Value cast = memref::ReinterpretCastOp::create(
        b, op.getLoc(), op.getSrc(), b.getIndexAttr(0), sizes, strides);
    if (cast.getType() != op.getType())
      cast = memref::CastOp::create(b, op.getLoc(), op.getType(), cast);
    op.replaceAllUsesWith(cast);
    op.erase();
  }

  void runOnOperation() override {
    getOperation()->walk([](memref::ExpandShapeOp op) { lower(op); });
    getOperation()->walk([](memref::CollapseShapeOp op) { lower(op); });
  }
};

} // namespace
