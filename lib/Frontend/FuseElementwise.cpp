//===- FuseElementwise.cpp - Chains of elementwise ops as one -------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Structured.h"

#include "compress/Codegen/Common/Contraction.h"
#include "compress/Frontend/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/ADT/SmallBitVector.h"

namespace mlir::compress {
#define GEN_PASS_DEF_FUSEELEMENTWISE
#include "compress/Frontend/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

/// Whether to move the producer of an operand into the op that reads it.
static bool canFuse(OpOperand *use) {
  Operation *producer = use->get().getDefiningOp();
  Operation *reader = use->getOwner();
  auto structured = cast<linalg::LinalgOp>(reader);
  if (producer->getBlock() != reader->getBlock() ||
      linalg::isaContractionOpInterface(structured))
    return false;
  // What only copies is read where it is copied from, by everybody.
  return getCopyMap(producer) || producer->getResult(0).hasOneUse();
}

/// The leading dimensions of an elementwise op on more than two, where all
/// operands have them alike.
static SmallVector<ReassociationIndices> getRowLoops(linalg::LinalgOp op) {
  unsigned loops = op.getNumLoops();
  if (loops <= 2 || !isElementwise(op) || op.hasIndexSemantics() ||
      ShapedType::isDynamic(op.getStaticLoopRanges().back()))
    return {};
  ReassociationIndices rows = llvm::to_vector(llvm::seq<int64_t>(0, loops - 1));
  if (!linalg::areDimSequencesPreserved(op.getIndexingMapsArray(), {rows}))
    return {};
  return {rows};
}

/// A tensor without the dimensions of size 1 in `dropped`, as a reshape.
static SmallVector<ReassociationIndices>
getGroupsWithout(const llvm::SmallBitVector &dropped) {
  SmallVector<ReassociationIndices> groups;
  ReassociationIndices leading;
  for (unsigned dim = 0; dim < dropped.size(); ++dim) {
    if (dropped[dim]) {
      (groups.empty() ? leading : groups.back()).push_back(dim);
      continue;
    }
    groups.push_back(std::exchange(leading, {}));
    groups.back().push_back(dim);
  }
  return groups;
}

namespace {

/// Operands are read without those dimensions of size 1 that no loop runs over,
/// and results are made without them.
struct DropUnitDims : OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::GenericOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasPureTensorSemantics())
      return failure();
    SmallVector<AffineMap> maps = op.getIndexingMapsArray();
    SmallVector<Value> operands(op->getOperands());
    SmallVector<std::optional<SmallVector<ReassociationIndices>>> groups(
        operands.size());
    bool changed = false;
    for (auto [i, map] : llvm::enumerate(maps)) {
      llvm::SmallBitVector dropped = findUnits(operands[i].getType(), map);
      if (dropped.none())
        continue;
      groups[i] = getGroupsWithout(dropped);
      operands[i] = tensor::CollapseShapeOp::create(rewriter, op.getLoc(),
                                                    operands[i], *groups[i]);
      map = map.dropResults(dropped);
      changed = true;
    }
    if (!changed)
      return failure();
    ArrayRef<Value> all(operands);
    unsigned inputs = op.getNumDpsInputs();
    auto outs = all.drop_front(inputs);
    auto made = linalg::GenericOp::create(
        rewriter, op.getLoc(), TypeRange(ValueRange(outs)),
        all.take_front(inputs), outs, maps, op.getIteratorTypesArray());
    rewriter.inlineRegionBefore(op.getRegion(), made.getRegion(),
                                made.getRegion().begin());
    SmallVector<Value> results;
    for (auto [i, result] : llvm::enumerate(op.getResults())) {
      Value value = made.getResult(i);
      if (groups[inputs + i])
        value = tensor::ExpandShapeOp::create(
            rewriter, op.getLoc(), result.getType(), value, *groups[inputs + i],
            tensor::getMixedSizes(rewriter, op.getLoc(), op.getOutputs()[i]));
      results.push_back(value);
    }
    rewriter.replaceOp(op, results);
    return success();
  }

private:
  static llvm::SmallBitVector findUnits(Type type, AffineMap map) {
    llvm::SmallBitVector units(map.getNumResults());
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor || tensor.getEncoding())
      return units;
    for (auto [dim, expr] : llvm::enumerate(map.getResults()))
      if (isa<AffineConstantExpr>(expr) && tensor.getDimSize(dim) == 1)
        units.set(dim);
    return units;
  }
};

/// linalg's named elementwise ops, transpositions and broadcasts as generic
/// ones, which fusion knows.
struct Generalize : OpInterfaceRewritePattern<linalg::LinalgOp> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    if (isa<linalg::GenericOp, linalg::FillOp>(op) ||
        op.getNumParallelLoops() != op.getNumLoops())
      return failure();
    return linalg::generalizeNamedOp(rewriter, op);
  }
};

struct FuseElementwise : compress::impl::FuseElementwiseBase<FuseElementwise> {
  void runOnOperation() override {
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    patterns.add<Generalize, DropUnitDims>(context);
    linalg::populateElementwiseOpsFusionPatterns(patterns, canFuse);
    linalg::populateEraseUnusedOperandsAndResultsPatterns(patterns);
    linalg::populateCollapseDimensions(patterns, getRowLoops);
    linalg::GenericOp::getCanonicalizationPatterns(patterns, context);
    tensor::populateFoldTensorEmptyPatterns(patterns);
    // Powers with small whole exponents as products.
    populateMathAlgebraicSimplificationPatterns(patterns);
    tensor::CollapseShapeOp::getCanonicalizationPatterns(patterns, context);
    tensor::ExpandShapeOp::getCanonicalizationPatterns(patterns, context);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
