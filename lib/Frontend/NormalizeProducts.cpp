//===- NormalizeProducts.cpp - Products as kernels want them --------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Structured.h"

#include "compress/Frontend/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::compress {
#define GEN_PASS_DEF_NORMALIZEPRODUCTS
#include "compress/Frontend/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

namespace {

/// A product reads what an operand is a transposed or broadcast copy of.
struct ReadThroughCopy : OpInterfaceRewritePattern<linalg::LinalgOp> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasPureTensorSemantics() || !linalg::isaContractionOpInterface(op))
      return failure();
    SmallVector<AffineMap> maps = op.getIndexingMapsArray();
    SmallVector<Value> inputs = op.getDpsInputs();
    bool changed = false;
    for (auto [i, input] : llvm::enumerate(inputs)) {
      Operation *copy = input.getDefiningOp();
      std::optional<AffineMap> map = getCopyMap(copy);
      if (!map)
        continue;
      AffineMap direct = map->compose(maps[i]);
      SmallVector<AffineMap> all(maps);
      all[i] = direct;
      // Each loop still has to run over some operand's dimension.
      if (!inversePermutation(concatAffineMaps(all, op.getContext())))
        continue;
      maps[i] = direct;
      input = cast<linalg::LinalgOp>(copy).getDpsInputOperand(0)->get();
      changed = true;
    }
    if (!changed)
      return failure();
    auto generic = linalg::GenericOp::create(
        rewriter, op.getLoc(), op->getResultTypes(), inputs, op.getDpsInits(),
        maps, op.getIteratorTypesArray());
    rewriter.inlineRegionBefore(op->getRegion(0), generic.getRegion(),
                                generic.getRegion().begin());
    rewriter.replaceOp(op, generic);
    return success();
  }
};

/// Runs of loops of one kind that a product's operands have side by side, and
/// in the same order.
SmallVector<ReassociationIndices> getMergedLoops(linalg::LinalgOp op) {
  // Encodings say of each dimension how values are stored.
  auto isEncoded = [](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return tensor && tensor.getEncoding();
  };
  if (!linalg::isaContractionOpInterface(op) ||
      llvm::any_of(op->getOperandTypes(), isEncoded))
    return {};
  FailureOr<linalg::ContractionDimensions> dims =
      linalg::inferContractionDims(op);
  if (failed(dims))
    return {};
  SmallVector<ReassociationIndices> merged;
  for (ArrayRef<unsigned> kind :
       {ArrayRef<unsigned>(dims->batch), ArrayRef<unsigned>(dims->m),
        ArrayRef<unsigned>(dims->n), ArrayRef<unsigned>(dims->k)}) {
    ReassociationIndices run(kind.begin(), kind.end());
    llvm::sort(run);
    if (run.size() > 1 &&
        linalg::areDimSequencesPreserved(op.getIndexingMapsArray(), {run}))
      merged.push_back(run);
  }
  return merged;
}

/// Collapsing takes generic ops.
struct GeneralizeProduct : OpInterfaceRewritePattern<linalg::LinalgOp> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    if (isa<linalg::GenericOp>(op) || getMergedLoops(op).empty())
      return failure();
    return linalg::generalizeNamedOp(rewriter, op);
  }
};

struct NormalizeProducts
    : compress::impl::NormalizeProductsBase<NormalizeProducts> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ReadThroughCopy, GeneralizeProduct>(&getContext());
    linalg::populateCollapseDimensions(patterns, getMergedLoops);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
