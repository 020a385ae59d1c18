//===- AttentionUnit.cpp - An online softmax over positions ---------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionUnit.h"

#include <numeric>

using namespace mlir;
using namespace mlir::compress;

void AttentionUnit::begin() {
  e.loop(e.index(0), e.index(heads), 1, [&](Value head) {
    storeState(head, Maximum, e.constantF32(-INFINITY));
    storeState(head, Sum, e.constantF32(0));
    for (int64_t column = 0; column < headDim; column += lanes)
      e.store(e.constantF32(0, lanes), scratch.totals, {head, e.index(column)});
  });
}

/// The score of products of queries and keys.
Value AttentionUnit::scoreOf(Value product) {
  Value score = e.mul(product, e.constantF32(scoring.scale));
  if (!scoring.softCap)
    return score;
  Value part = e.mul(score, e.constantF32(1 / scoring.softCap));
  return e.mul(math::TanhOp::create(e, part), e.constantF32(scoring.softCap));
}

/// Turns a head's scores of one step into weights.
void AttentionUnit::weigh(Value head, Value block, int64_t blocks, Seen seen) {
  Type i32 = e.getI32Type();
  Value minus = e.constantF32(-INFINITY, kBlock);
  SmallVector<int32_t> numbers(kBlock);
  std::iota(numbers.begin(), numbers.end(), 0);
  Value ids = arith::ConstantOp::create(
      e, cast<TypedAttr>(Attribute(DenseElementsAttr::get(
             VectorType::get({kBlock}, i32), ArrayRef(numbers)))));
  // Which of the step's positions are seen.
  Value begin = e.mulIndex(block, kBlock);
  Value end = arith::IndexCastOp::create(e, i32, e.sub(seen.end, begin)), first;
  if (seen.first)
    first = arith::IndexCastOp::create(e, i32, e.sub(seen.first, begin));
  SmallVector<Value> scores;
  Value largest;
  for (int64_t i = 0; i < blocks; ++i) {
    Value s = e.load(scratch.weights, {head, e.index(i * kBlock)}, kBlock);
    s = scoreOf(s);
    Value places = e.add(ids, e.constantI32(i * kBlock, kBlock));
    Value exists = arith::CmpIOp::create(e, arith::CmpIPredicate::slt, places,
                                         e.splat(end, kBlock));
    if (first) {
      Value begun = arith::CmpIOp::create(e, arith::CmpIPredicate::sge, places,
                                          e.splat(first, kBlock));
      exists = arith::AndIOp::create(e, exists, begun);
    }
    s = arith::SelectOp::create(e, exists, s, minus);
    scores.push_back(s);
    largest = largest ? e.maxF(largest, s) : s;
  }
  Value before = loadState(head, Maximum);
  Value maximum = e.maxF(
      before,
      vector::ReductionOp::create(e, vector::CombiningKind::MAXNUMF, largest));
  Value correction = emitExp(e, e.sub(before, maximum));
  Value sum;
  for (int64_t i = 0; i < blocks; ++i) {
    Value w = emitExp(e, e.sub(scores[i], maximum));
    e.store(w, scratch.weights, {head, e.index(i * kBlock)});
    sum = sum ? e.add(sum, w) : w;
  }
  Value added = vector::ReductionOp::create(e, vector::CombiningKind::ADD, sum,
                                            arith::FastMathFlags::reassoc);
  storeState(head, Maximum, maximum);
  storeState(head, Sum, e.fma(loadState(head, Sum), correction, added));
  storeState(head, Correction, correction);
}

/// Adds `vectors` vectors of the weighted values of a step's positions.
void AttentionUnit::addValues(KeysAndValues &from, HeadRange range,
                              int64_t column, int64_t vectors, Value block,
                              int64_t blocks, Seen seen) {
  Value begin = e.mulIndex(block, kBlock);
  auto [first, last] = seen.clamp(e, block, blocks);
  auto at = [&](int64_t h, int64_t v) {
    return SmallVector<Value>{e.addIndex(range.first, h),
                              e.index(column + v * lanes)};
  };
  SmallVector<Value> totals;
  for (int64_t h = 0; h < range.count; ++h) {
    Value correction = loadState(e.addIndex(range.first, h), Correction);
    for (int64_t v = 0; v < vectors; ++v)
      totals.push_back(
          e.mul(e.load(scratch.totals, at(h, v), lanes), correction));
  }
  totals =
      e.loop(first, last, 1, totals, [&](Value position, ValueRange carried) {
        SmallVector<Value> next;
        SmallVector<Value> values =
            from.values(e, position, column, vectors, lanes);
        Value place = e.sub(position, begin);
        for (int64_t h = 0; h < range.count; ++h) {
          Value w =
              e.load(scratch.weights, {e.addIndex(range.first, h), place});
          for (int64_t v = 0; v < vectors; ++v)
            next.push_back(e.fma(w, values[v], carried[h * vectors + v]));
        }
        return next;
      });
  for (int64_t h = 0; h < range.count; ++h)
    for (int64_t v = 0; v < vectors; ++v)
      e.store(totals[h * vectors + v], scratch.totals, at(h, v));
}

void AttentionUnit::step(KeysAndValues &from, Value block, int64_t blocks,
                         Seen seen) {
  auto forTiles = [&](function_ref<void(HeadRange)> body) {
    if (tile == heads)
      return body({e.index(0), heads});
    e.loop(e.index(0), e.index(heads), tile,
           [&](Value head) { body({head, tile}); });
  };
  forTiles([&](HeadRange range) {
    from.score(e, range, block, blocks, seen, scratch.weights);
  });
  e.loop(e.index(0), e.index(heads), 1,
         [&](Value head) { weigh(head, block, blocks, seen); });
  // As many sums as there are registers for.
  int64_t most = std::max<int64_t>(1, lanes / tile);
  for (int64_t column = 0; column < headDim; column += most * lanes)
    forTiles([&](HeadRange range) {
      int64_t vectors =
          std::min<int64_t>(most, llvm::divideCeil(headDim - column, lanes));
      addValues(from, range, column, vectors, block, blocks, seen);
    });
}

void AttentionUnit::run(
    Value count, const RecentPositions &recent,
    function_ref<void(Value, int64_t, Value, int64_t)> storeColumns) {
  begin();
  Seen seen{Value(), count};
  Value from = e.index(0), blocks = e.ceilDivIndex(count, kBlock);
  if (scoring.window) {
    seen.first = e.sub(count, e.minIndex(count, e.index(scoring.window)));
    from = e.divIndex(seen.first, kBlock);
  }
  Value end = blocks;
  if (recent.source) {
    end = e.divIndex(recent.begin, kBlock);
    // The window may have recent positions only.
    if (scoring.window)
      end = arith::MaxUIOp::create(e, end, from);
  }
  Value steps = e.divIndex(e.sub(end, from), kBlocksPerStep);
  Value whole = e.add(from, e.mulIndex(steps, kBlocksPerStep));
  e.loop(from, whole, kBlocksPerStep,
         [&](Value block) { step(source, block, kBlocksPerStep, seen); });
  e.loop(whole, end, 1, [&](Value block) { step(source, block, 1, seen); });
  if (recent.source)
    e.loop(end, blocks, 1,
           [&](Value block) { step(*recent.source, block, 1, seen); });
  e.loop(e.index(0), e.index(heads), 1, [&](Value head) {
    Value inverse = e.divF(e.constantF32(1), loadState(head, Sum));
    for (int64_t column = 0; column < headDim; column += lanes) {
      Value total = e.load(scratch.totals, {head, e.index(column)}, lanes);
      storeColumns(head, column, e.mul(total, inverse), columnsFrom(column));
    }
  });
}
