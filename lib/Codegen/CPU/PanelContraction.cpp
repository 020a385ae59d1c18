//===- PanelContraction.cpp - What contractions on panels share -----------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PanelContraction.h"

using namespace mlir;
using namespace mlir::compress;

static Contraction findContraction(GroupOp group) {
  for (Operation &op : group.getBlock())
    if (std::optional<Contraction> found = getContraction(&op))
      return *found;
  llvm_unreachable("the strategy's verifier found one");
}

PanelContraction::PanelContraction(Kernel &kernel)
    : kernel(kernel), e(kernel.e), contraction(findContraction(kernel.group)),
      activations(kernel.operand(contraction.lhs->get())),
      weights(kernel.operand(contraction.rhs->get())), lanes(kernel.lanes),
      panels(kernel.getStrategy().getPanels()),
      width(contraction.getSize(contraction.n)),
      depth(contraction.getSize(contraction.k)) {
  if (const EncodingSpec *blocks = weights.getBlockRows()) {
    blockHeight = blocks->block[0];
    blockWidth = blocks->block[1];
  }
}

int64_t PanelContraction::getStoredDepth() const {
  return blockWidth ? llvm::alignTo(depth, blockWidth) : depth;
}

Value PanelContraction::rows() {
  return e.dim(kernel.destination(0), contraction.batch >= 0 ? 1 : 0);
}

void PanelContraction::forUnits(function_ref<void(const Unit &)> body) {
  int64_t perBatch = llvm::divideCeil(width, kPanelRows) / panels;
  Value total = e.index(perBatch);
  bool batched = contraction.batch >= 0;
  if (batched)
    total = e.mulIndex(e.dim(kernel.destination(0), 0), perBatch);
  auto [begin, end] = e.share(total, kernel.thread, kernel.threads);
  e.loop(begin, end, 1, [&](Value unit) {
    Unit current;
    if (batched) {
      current.batch = e.divIndex(unit, perBatch);
      matrices[current.batch] =
          kernel.sourceIndex(contraction.rhs->get(), current.batch);
    }
    current.firstPanel =
        e.mulIndex(batched ? e.remIndex(unit, perBatch) : unit, panels);
    if (!blockWidth) {
      current.range = {e.index(0), depth, Value(), Value()};
      return body(current);
    }
    int64_t perBlock = blockHeight / kPanelRows;
    Value blockRow = e.divIndex(current.firstPanel, perBlock);
    current.blockPanel = e.remIndex(current.firstPanel, perBlock);
    if (batched)
      blockRow =
          e.add(blockRow, e.mulIndex(matrices[current.batch],
                                     llvm::divideCeil(width, blockHeight)));
    std::tie(current.range.beginBlock, current.range.endBlock) =
        weights.getStoredBlocks(e, blockRow);
    body(current);
  });
}

PanelContraction::Unit PanelContraction::getPart(const Unit &unit,
                                                 Value panel) {
  Unit part = unit;
  part.firstPanel = e.add(unit.firstPanel, panel);
  if (unit.blockPanel)
    part.blockPanel = e.add(unit.blockPanel, panel);
  return part;
}

SmallVector<Value> PanelContraction::planRowTiles(Value rows,
                                                  ArrayRef<int64_t> sizes) {
  SmallVector<Value> ends;
  Value begin = e.index(0);
  for (auto [i, size] : llvm::enumerate(sizes)) {
    Value remaining = e.sub(rows, begin);
    Value count = e.divIndex(remaining, size);
    // Eight rows are two tiles of 4, and not one of 6 and a rest of 2.
    if (i + 1 < sizes.size() && size % sizes[i + 1] != 0) {
      int64_t next = sizes[i + 1];
      Value left = e.remIndex(remaining, size);
      Value leftOfMore = e.remIndex(e.addIndex(left, size), next);
      auto compare = [&](arith::CmpIPredicate predicate, Value a, Value b) {
        return arith::CmpIOp::create(e, predicate, a, b);
      };
      using Predicate = arith::CmpIPredicate;
      Value leavesLess = compare(Predicate::ult, leftOfMore, left);
      Value leavesRest = compare(Predicate::ult, left, e.index(next));
      Value isBetter = arith::AndIOp::create(e, leavesLess, leavesRest);
      Value hasOne = compare(Predicate::uge, remaining, e.index(size));
      isBetter = arith::AndIOp::create(e, isBetter, hasOne);
      count =
          arith::SelectOp::create(e, isBetter, e.addIndex(count, -1), count);
    }
    begin = e.add(begin, e.mulIndex(count, size));
    ends.push_back(begin);
  }
  return ends;
}

void PanelContraction::forRowTiles(Value begin, Value end,
                                   ArrayRef<int64_t> sizes,
                                   function_ref<void(Value, int64_t)> body) {
  Value from = begin;
  for (auto [size, count] :
       llvm::zip_equal(sizes, planRowTiles(e.sub(end, begin), sizes))) {
    Value to = e.add(begin, count);
    e.loop(from, to, size, [&, size = size](Value row) { body(row, size); });
    from = to;
  }
}

SmallVector<Value> PanelContraction::forSpans(
    const Range &range, ValueRange init,
    function_ref<SmallVector<Value>(const Span &, ValueRange)> body) {
  if (!blockWidth)
    return body({range.first, range.first, e.index(0), range.size, Value()},
                init);
  return e.loop(range.beginBlock, range.endBlock, 1, init,
                [&](Value block, ValueRange carried) -> SmallVector<Value> {
                  int64_t tiles = blockWidth / tileDepth;
                  Value column = weights.getBlockColumn(e, block);
                  Span span{e.mulIndex(column, tiles), e.index(0),
                            e.mulIndex(e.sub(block, range.beginBlock), tiles),
                            blockWidth, block};
                  if (depth % blockWidth == 0)
                    return body(span, carried);
                  // The last block of a whole row ends with padding.
                  Span last = span;
                  last.size = depth % blockWidth;
                  Value isLast =
                      arith::CmpIOp::create(e, arith::CmpIPredicate::eq, column,
                                            e.index(depth / blockWidth));
                  return e.choose(
                      isLast, carried.getTypes(),
                      [&] { return body(last, carried); },
                      [&] { return body(span, carried); });
                });
}

void PanelContraction::forSpans(const Range &range,
                                function_ref<void(const Span &)> body) {
  forSpans(range, ValueRange(), [&](const Span &span, ValueRange) {
    body(span);
    return SmallVector<Value>();
  });
}

SmallVector<Coord> PanelContraction::weightIndex(const Unit &unit, Value block,
                                                 int64_t panel, int64_t half,
                                                 Coord k) {
  if (block) {
    Value first = e.add(e.mulIndex(block, blockHeight / kPanelRows),
                        e.addIndex(unit.blockPanel, panel));
    return {Coord(first, kPanelRows, half * lanes), k};
  }
  SmallVector<Coord> at(contraction.getRhsType().getRank());
  if (unit.batch)
    at[contraction.getDim(contraction.rhs, contraction.batch)] =
        Coord(matrices.lookup(unit.batch));
  at[contraction.getDim(contraction.rhs, contraction.n)] =
      Coord(e.addIndex(unit.firstPanel, panel), kPanelRows, half * lanes);
  at[contraction.getDim(contraction.rhs, contraction.k)] = k;
  return at;
}

Value PanelContraction::readInit(ElementwiseEvaluator &evaluator) {
  linalg::LinalgOp op = contraction.op;
  Value init = op.getDpsInitOperand(0)->get();
  if (Attribute fill = getFillValue(init))
    return e.splat(arith::ConstantOp::create(e, cast<TypedAttr>(fill)), lanes);
  return e.splat(evaluator.evaluate(init), lanes);
}

void PanelContraction::finishRow(const Unit &unit, Value row,
                                 ArrayRef<Value> sums) {
  Value result = kernel.group.getYielded().front();
  for (auto [v, sum] : llvm::enumerate(sums)) {
    Value column = e.addIndex(e.mulIndex(unit.firstPanel, kPanelRows),
                              static_cast<int64_t>(v) * lanes);
    // Columns beyond the last are padding of the panel.
    Value count;
    if (width % kPanelRows != 0) {
      Value limit = e.index(width);
      count = e.createOrFold<arith::SubIOp>(
          arith::MaxUIOp::create(e, limit, column), column);
    }
    ElementwiseEvaluator evaluator(kernel, lanes, row, column, count);
    Value value = sum;
    if (!contraction.startsAtZero())
      value = e.add(value, readInit(evaluator));
    if (result != contraction.op->getResult(0)) {
      evaluator.define(contraction.op->getResult(0), value);
      value = e.splat(evaluator.evaluate(result), lanes);
    }
    SmallVector<Value> at;
    if (unit.batch)
      at.push_back(unit.batch);
    at.append({row, column});
    if (!count) {
      e.store(value, kernel.destination(0), at);
      continue;
    }
    Value mask = vector::CreateMaskOp::create(
        e, VectorType::get({lanes}, e.getI1Type()), count);
    vector::MaskedStoreOp::create(e, kernel.destination(0), at, mask, value);
  }
}
