//===- RaiseOps.cpp - Ops of the lm dialect from their parts --------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Raise.h"
#include "Structured.h"

#include "compress/Dialect/LM/IR/LM.h"
#include "compress/Frontend/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::compress {
#define GEN_PASS_DEF_RAISEOPS
#include "compress/Frontend/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

namespace {

/// Reading rows of a table by their numbers.
struct RaiseGather : OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::GenericOp op,
                                PatternRewriter &rewriter) const override {
    tensor::ExtractOp extract = findExtract(op);
    if (!extract)
      return failure();
    Value ids = op.getInputs().front(), table = extract.getTensor();
    Location loc = op.getLoc();
    int64_t rank = cast<RankedTensorType>(ids.getType()).getRank();
    SmallVector<ReassociationIndices> all(
        1, llvm::to_vector(llvm::seq<int64_t>(0, rank)));
    // The result's rows, from its sizes; its columns are static.
    SmallVector<OpFoldResult> sizes =
        tensor::getMixedSizes(rewriter, loc, op.getOutputs().front());
    Value numbers = clamp(rewriter, loc, ids, table);
    if (rank > 1)
      numbers = tensor::CollapseShapeOp::create(rewriter, loc, numbers, all);
    auto numbersType = cast<RankedTensorType>(numbers.getType());
    auto tableType = cast<RankedTensorType>(table.getType());
    auto rows = RankedTensorType::get(
        {numbersType.getDimSize(0), tableType.getDimSize(1)},
        tableType.getElementType());
    Value gathered =
        lm::GatherRowsOp::create(rewriter, loc, rows, table, numbers);
    if (rank > 1) {
      SmallVector<ReassociationIndices> groups = all;
      groups.push_back({rank});
      gathered = tensor::ExpandShapeOp::create(
          rewriter, loc, op.getResult(0).getType(), gathered, groups, sizes);
    }
    rewriter.replaceOp(op, gathered);
    return success();
  }

private:
  /// The read of table[id, last dimension], if that is all that the op does but
  /// checks.
  static tensor::ExtractOp findExtract(linalg::GenericOp op) {
    unsigned loops = op.getNumLoops();
    if (op.getInputs().size() != 1 || op.getNumResults() != 1 || loops < 2 ||
        op.getNumParallelLoops() != loops ||
        !op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity() ||
        op.getMatchingIndexingMap(op.getDpsInputOperand(0)) !=
            AffineMap::getMultiDimIdentityMap(loops, op.getContext())
                .dropResult(loops - 1))
      return {};
    Block *body = op.getBlock();
    auto extract =
        body->getTerminator()->getOperand(0).getDefiningOp<tensor::ExtractOp>();
    if (!extract || extract.getIndices().size() != 2)
      return {};
    auto table = cast<RankedTensorType>(extract.getTensor().getType());
    auto row = extract.getIndices()[0].getDefiningOp<arith::IndexCastOp>();
    auto column = extract.getIndices()[1].getDefiningOp<linalg::IndexOp>();
    if (!table.hasStaticShape() || !row ||
        row.getIn() != body->getArgument(0) || !column ||
        column.getDim() != loops - 1 ||
        op.getStaticLoopRanges().back() != table.getDimSize(1) ||
        table.getNumElements() == 0 || !table.getElementType().isF32() ||
        extract.getTensor().getParentBlock() == body)
      return {};
    bool onlyReads = llvm::all_of(body->without_terminator(), [](Operation &x) {
      return isa<arith::IndexCastOp, linalg::IndexOp, tensor::ExtractOp,
                 arith::CmpIOp, arith::ConstantOp, cf::AssertOp>(x);
    });
    return onlyReads ? extract : tensor::ExtractOp();
  }

  /// Numbers of rows that exist, as i32.
  static Value clamp(PatternRewriter &rewriter, Location loc, Value ids,
                     Value table) {
    auto type = cast<RankedTensorType>(ids.getType());
    int64_t rows = cast<RankedTensorType>(table.getType()).getDimSize(0);
    Value empty = tensor::EmptyOp::create(
        rewriter, loc, tensor::getMixedSizes(rewriter, loc, ids),
        rewriter.getI32Type());
    AffineMap identity = rewriter.getMultiDimIdentityMap(type.getRank());
    return linalg::GenericOp::create(
               rewriter, loc, empty.getType(), ids, empty,
               ArrayRef{identity, identity},
               SmallVector<utils::IteratorType>(type.getRank(),
                                                utils::IteratorType::parallel),
               [&](OpBuilder &b, Location at, ValueRange arguments) {
                 Value id = arguments.front();
                 auto constant = [&](int64_t value) -> Value {
                   return arith::ConstantOp::create(
                       b, at, b.getIntegerAttr(id.getType(), value));
                 };
                 id = arith::MaxSIOp::create(b, at, id, constant(0));
                 id = arith::MinSIOp::create(b, at, id, constant(rows - 1));
                 if (id.getType().getIntOrFloatBitWidth() > 32)
                   id = arith::TruncIOp::create(b, at, b.getI32Type(), id);
                 else if (id.getType().getIntOrFloatBitWidth() < 32)
                   id = arith::ExtSIOp::create(b, at, b.getI32Type(), id);
                 linalg::YieldOp::create(b, at, id);
               })
        .getResult(0);
  }
};

struct RaiseOps : compress::impl::RaiseOpsBase<RaiseOps> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<RaiseGather>(&getContext());
    unsigned before = countGathers();
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
    numGathers += countGathers() - before;
    numNorms += raiseNorms(getOperation());
  }

  unsigned countGathers() {
    unsigned count = 0;
    getOperation().walk([&](lm::GatherRowsOp) { ++count; });
    return count;
  }
};

} // namespace
