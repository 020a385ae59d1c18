//===- LowerConvolutions.cpp - Products of patches and filters ------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Structured.h"

#include "compress/Frontend/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::compress {
#define GEN_PASS_DEF_LOWERCONVOLUTIONS
#include "compress/Frontend/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Convolutions
//===----------------------------------------------------------------------===//

namespace {

/// The loops of a convolution by what they do in the product of patches
/// [batch, m, k] and filters [batch, n, k].
struct ConvolutionLoops {
  SmallVector<unsigned> batch, m, n, k;
};

struct LowerConvolution : OpInterfaceRewritePattern<linalg::LinalgOp> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<ConvolutionLoops> loops = findLoops(op);
    if (!loops)
      return rewriter.notifyMatchFailure(op, "is no convolution");
    Location loc = op.getLoc();
    Value patches = writePatches(rewriter, op, *loops);
    Value sums = multiply(rewriter, op, *loops, patches);
    // In the convolution's order of dimensions, from its first values on.
    SmallVector<unsigned> order = llvm::to_vector(
        llvm::concat<const unsigned>(loops->batch, loops->m, loops->n));
    OpOperand *init = op.getDpsInitOperand(0);
    AffineMap outMap = op.getMatchingIndexingMap(init);
    SmallVector<AffineExpr> places;
    for (unsigned loop : order)
      places.push_back(rewriter.getAffineDimExpr(
          *outMap.getResultPosition(rewriter.getAffineDimExpr(loop))));
    unsigned rank = outMap.getNumResults();
    auto sumMap = AffineMap::get(rank, 0, places, op.getContext());
    AffineMap identity = rewriter.getMultiDimIdentityMap(rank);
    bool startsAtZero = isZeroFill(init->get());
    SmallVector<Value> inputs{sums};
    SmallVector<AffineMap> maps{sumMap, identity};
    if (!startsAtZero) {
      inputs.push_back(init->get());
      maps.insert(maps.begin() + 1, identity);
    }
    Value empty = makeEmptyLike(rewriter, loc, init->get());
    auto result = linalg::GenericOp::create(
        rewriter, loc, empty.getType(), inputs, empty, maps,
        SmallVector<utils::IteratorType>(rank, utils::IteratorType::parallel),
        [&](OpBuilder &b, Location at, ValueRange arguments) {
          Value sum = arguments[0];
          if (!startsAtZero)
            sum = arith::AddFOp::create(b, at, arguments[1], sum);
          linalg::YieldOp::create(b, at, sum);
        });
    rewriter.replaceOp(op, result);
    return success();
  }

private:
  static std::optional<ConvolutionLoops> findLoops(linalg::LinalgOp op) {
    if (!op.hasPureTensorSemantics() || op.getNumDpsInputs() != 2 ||
        !linalg::isaConvolutionOpInterface(op) || !isProductBody(op))
      return std::nullopt;
    FailureOr<linalg::ConvolutionDimensions> dims =
        linalg::inferConvolutionDims(op);
    if (failed(dims))
      return std::nullopt;
    ConvolutionLoops loops;
    AffineMap filter = op.getMatchingIndexingMap(op.getDpsInputOperand(1)),
              out = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
    if (!filter.isProjectedPermutation() || !out.isProjectedPermutation())
      return std::nullopt;
    auto kindOf = [&](unsigned loop) -> SmallVector<unsigned> & {
      if (llvm::is_contained(dims->depth, loop))
        return loops.batch;
      return llvm::is_contained(dims->outputChannel, loop) ? loops.n : loops.m;
    };
    for (AffineExpr expr : out.getResults()) {
      unsigned loop = cast<AffineDimExpr>(expr).getPosition();
      kindOf(loop).push_back(loop);
    }
    // As filters lie in memory, so that they need not be moved.
    for (AffineExpr expr : filter.getResults()) {
      unsigned loop = cast<AffineDimExpr>(expr).getPosition();
      if (llvm::is_contained(dims->filterLoop, loop) ||
          llvm::is_contained(dims->inputChannel, loop))
        loops.k.push_back(loop);
    }
    size_t all =
        loops.batch.size() + loops.m.size() + loops.n.size() + loops.k.size();
    return all == op.getNumLoops() ? std::optional(loops) : std::nullopt;
  }

  /// The op's `map` with loop order[i] as loop i.
  static AffineMap reorder(AffineMap map, ArrayRef<unsigned> order) {
    SmallVector<AffineExpr> places(map.getNumDims(),
                                   getAffineConstantExpr(0, map.getContext()));
    for (auto [i, loop] : llvm::enumerate(order))
      places[loop] = getAffineDimExpr(i, map.getContext());
    return map.replaceDimsAndSymbols(places, {}, order.size(), 0);
  }

  static SmallVector<OpFoldResult> getSizes(PatternRewriter &rewriter,
                                            linalg::LinalgOp op,
                                            ArrayRef<unsigned> loops) {
    SmallVector<OpFoldResult> flat =
        op.createFlatListOfOperandDims(rewriter, op.getLoc());
    AffineMap map = op.getLoopsToShapesMap();
    SmallVector<OpFoldResult> sizes;
    for (unsigned loop : loops)
      sizes.push_back(
          flat[*map.getResultPosition(rewriter.getAffineDimExpr(loop))]);
    return sizes;
  }

  /// [batch..., m..., k...]: what the filters are multiplied with.
  static Value writePatches(PatternRewriter &rewriter, linalg::LinalgOp op,
                            const ConvolutionLoops &loops) {
    SmallVector<unsigned> order = llvm::to_vector(
        llvm::concat<const unsigned>(loops.batch, loops.m, loops.k));
    OpOperand *input = op.getDpsInputOperand(0);
    Value empty = tensor::EmptyOp::create(
        rewriter, op.getLoc(), getSizes(rewriter, op, order),
        getElementTypeOrSelf(input->get().getType()));
    return linalg::GenericOp::create(
               rewriter, op.getLoc(), empty.getType(), input->get(), empty,
               ArrayRef{reorder(op.getMatchingIndexingMap(input), order),
                        rewriter.getMultiDimIdentityMap(order.size())},
               SmallVector<utils::IteratorType>(order.size(),
                                                utils::IteratorType::parallel),
               [](OpBuilder &b, Location at, ValueRange arguments) {
                 linalg::YieldOp::create(b, at, arguments.front());
               })
        .getResult(0);
  }

  /// [batch..., m..., n...] = patches times filters.
  static Value multiply(PatternRewriter &rewriter, linalg::LinalgOp op,
                        const ConvolutionLoops &loops, Value patches) {
    SmallVector<unsigned> order = llvm::to_vector(
        llvm::concat<const unsigned>(loops.batch, loops.m, loops.n, loops.k));
    size_t first = loops.batch.size(), m = loops.m.size(), n = loops.n.size();
    SmallVector<AffineExpr> dims;
    for (size_t i = 0; i < order.size(); ++i)
      dims.push_back(rewriter.getAffineDimExpr(i));
    ArrayRef<AffineExpr> all(dims);
    SmallVector<AffineExpr> patchDims(all.take_front(first + m));
    llvm::append_range(patchDims, all.drop_front(first + m + n));
    auto makeMap = [&](ArrayRef<AffineExpr> results) {
      return AffineMap::get(order.size(), 0, results, op.getContext());
    };
    OpOperand *filter = op.getDpsInputOperand(1);
    SmallVector<utils::IteratorType> kinds(first + m + n,
                                           utils::IteratorType::parallel);
    kinds.append(loops.k.size(), utils::IteratorType::reduction);
    Type element =
        getElementTypeOrSelf(op.getDpsInitOperand(0)->get().getType());
    Value zero = arith::ConstantOp::create(rewriter, op.getLoc(),
                                           rewriter.getZeroAttr(element));
    Value empty = tensor::EmptyOp::create(
        rewriter, op.getLoc(),
        getSizes(rewriter, op, ArrayRef(order).take_front(first + m + n)),
        element);
    Value init =
        linalg::FillOp::create(rewriter, op.getLoc(), zero, empty).getResult(0);
    auto product = linalg::GenericOp::create(
        rewriter, op.getLoc(), init.getType(),
        ValueRange{patches, filter->get()}, init,
        ArrayRef{makeMap(patchDims),
                 reorder(op.getMatchingIndexingMap(filter), order),
                 makeMap(all.take_front(first + m + n))},
        kinds);
    rewriter.cloneRegionBefore(op->getRegion(0), product.getRegion(),
                               product.getRegion().begin());
    return product.getResult(0);
  }
};

//===----------------------------------------------------------------------===//
// Padding
//===----------------------------------------------------------------------===//

struct LowerPad : OpRewritePattern<tensor::PadOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::PadOp op,
                                PatternRewriter &rewriter) const override {
    Value padding = op.getConstantPaddingValue();
    if (!padding)
      return rewriter.notifyMatchFailure(op, "padding depends on the place");
    ReifiedRankedShapedTypeDims shapes;
    if (failed(reifyResultShapes(rewriter, op, shapes)))
      return failure();
    Location loc = op.getLoc();
    int64_t rank = op.getType().getRank();
    Value empty = tensor::EmptyOp::create(rewriter, loc, shapes.front(),
                                          op.getType().getElementType());
    SmallVector<OpFoldResult> low = op.getMixedLowPad(),
                              high = op.getMixedHighPad(),
                              sizes = tensor::getMixedSizes(rewriter, loc,
                                                            op.getSource());
    auto body = [&](OpBuilder &b, Location at, ValueRange) {
      auto number = [&](OpFoldResult value) {
        return getValueOrCreateConstantIndexOp(b, at, value);
      };
      Value zero = number(b.getIndexAttr(0)), isInside;
      SmallVector<Value> place;
      for (int64_t i = 0; i < rank; ++i) {
        Value index = linalg::IndexOp::create(b, at, i);
        bool isPadded = getConstantIntValue(low[i]) != 0 ||
                        getConstantIntValue(high[i]) != 0;
        if (!isPadded) {
          place.push_back(index);
          continue;
        }
        Value source = arith::SubIOp::create(b, at, index, number(low[i]));
        // One comparison for both ends: what is below zero is large.
        Value inside = arith::CmpIOp::create(b, at, arith::CmpIPredicate::ult,
                                             source, number(sizes[i]));
        place.push_back(arith::SelectOp::create(b, at, inside, source, zero));
        isInside = isInside
                       ? Value(arith::AndIOp::create(b, at, isInside, inside))
                       : inside;
      }
      Value value = tensor::ExtractOp::create(b, at, op.getSource(), place);
      if (isInside)
        value = arith::SelectOp::create(b, at, isInside, value, padding);
      linalg::YieldOp::create(b, at, value);
    };
    auto result = linalg::GenericOp::create(
        rewriter, loc, empty.getType(), ValueRange(), empty,
        ArrayRef{rewriter.getMultiDimIdentityMap(rank)},
        SmallVector<utils::IteratorType>(rank, utils::IteratorType::parallel),
        body);
    rewriter.replaceOp(op, result);
    return success();
  }
};

struct LowerConvolutions
    : compress::impl::LowerConvolutionsBase<LowerConvolutions> {
  void runOnOperation() override {
    auto count = [&](unsigned &pads, unsigned &convolutions) {
      getOperation().walk([&](Operation *op) {
        pads += isa<tensor::PadOp>(op);
        auto structured = dyn_cast<linalg::LinalgOp>(op);
        convolutions += structured && structured.getNumDpsInputs() == 2 &&
                        linalg::isaConvolutionOpInterface(structured);
      });
    };
    unsigned padsBefore = 0, before = 0, padsAfter = 0, after = 0;
    count(padsBefore, before);
    RewritePatternSet patterns(&getContext());
    patterns.add<LowerConvolution, LowerPad>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
    count(padsAfter, after);
    numPads += padsBefore - padsAfter;
    numConvolutions += before - after;
  }
};

} // namespace
