//===- Attention.cpp - Attention in one pass over keys and values ---------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel.h"

#include "compress/Dialect/LM/IR/LM.h"

using namespace mlir;
using namespace mlir::compress;

namespace {

/// Positions that are scored together: the width of the cache's key panels.
constexpr int64_t kBlock = 16;
/// Blocks per step of the online softmax, so that several sums are under way.
constexpr int64_t kBlocksPerStep = 4;

/// Where keys and values come from.
struct KeysAndValues {
  virtual ~KeysAndValues() = default;
  /// Scores of the positions block * 16 ... + 15, before scaling. Those from
  /// `count` on are not used.
  virtual Value score(Emitter &e, Value block, Value count) = 0;
  /// Columns col ... of the value at `position`, as f32.
  virtual Value value(Emitter &e, Value position, int64_t column, int64_t lanes,
                      int64_t count) = 0;
};

/// One query row and head: an online softmax (Milakov and Gimelshein 2018) over
/// blocks of positions, in their order.
struct AttentionRow {
  Emitter &e;
  int64_t lanes, headDim;
  float scale;
  Value weights; // scratch: f32, one per position of a step
  KeysAndValues &source;

  int64_t vectors() const { return llvm::divideCeil(headDim, lanes); }
  int64_t columnsIn(int64_t vector) const {
    return std::min(lanes, headDim - vector * lanes);
  }

  /// State: maximum, sum, one vector per group of columns.
  SmallVector<Value> initial() {
    SmallVector<Value> state{e.constantF32(-INFINITY), e.constantF32(0)};
    state.append(vectors(), e.constantF32(0, lanes));
    return state;
  }

  /// Adds the positions of `blocks` blocks from `block` on.
  SmallVector<Value> step(Value block, int64_t blocks, Value count,
                          ValueRange state) {
    SmallVector<Value> scores;
    Value largest;
    Value minus = e.constantF32(-INFINITY, kBlock);
    auto ids =
        vector::StepOp::create(e, VectorType::get({kBlock}, e.getIndexType()));
    for (int64_t i = 0; i < blocks; ++i) {
      Value at = e.addIndex(block, i);
      Value s = e.mul(source.score(e, at, count), e.constantF32(scale));
      Value positions = e.add(e.splat(e.mulIndex(at, kBlock), kBlock), ids);
      Value exists = arith::CmpIOp::create(e, arith::CmpIPredicate::ult,
                                           positions, e.splat(count, kBlock));
      s = arith::SelectOp::create(e, exists, s, minus);
      scores.push_back(s);
      largest = largest ? e.maxF(largest, s) : s;
    }
    Value blockMax =
        vector::ReductionOp::create(e, vector::CombiningKind::MAXNUMF, largest);
    Value max = e.maxF(state[0], blockMax);
    Value correction = emitExp(e, e.sub(state[0], max));
    Value sum;
    for (int64_t i = 0; i < blocks; ++i) {
      Value w = emitExp(e, e.sub(scores[i], max));
      e.store(w, weights, {e.index(i * kBlock)});
      sum = sum ? e.add(sum, w) : w;
    }
    Value added = vector::ReductionOp::create(
        e, vector::CombiningKind::ADD, sum, arith::FastMathFlags::reassoc);
    SmallVector<Value> next{max, e.fma(state[1], correction, added)};
    SmallVector<Value> result;
    for (Value v : state.drop_front(2))
      result.push_back(e.mul(v, correction));
    Value first = e.mulIndex(block, kBlock);
    Value last = e.minIndex(count, e.addIndex(first, blocks * kBlock));
    result = e.loop(first, last, 1, result, [&](Value position, ValueRange so) {
      Value w = e.load(weights, {e.sub(position, first)});
      SmallVector<Value> sums;
      for (int64_t i = 0; i < vectors(); ++i)
        sums.push_back(
            e.fma(w, source.value(e, position, i * lanes, lanes, columnsIn(i)),
                  so[i]));
      return sums;
    });
    next.append(result);
    return next;
  }

  /// Attends to positions 0 ... count - 1.
  void run(Value count, function_ref<void(int64_t, Value)> storeColumns) {
    Value blocks = e.ceilDivIndex(count, kBlock);
    Value whole =
        e.mulIndex(e.divIndex(blocks, kBlocksPerStep), kBlocksPerStep);
    SmallVector<Value> state =
        e.loop(e.index(0), whole, kBlocksPerStep, initial(),
               [&](Value block, ValueRange carried) {
                 return step(block, kBlocksPerStep, count, carried);
               });
    state =
        e.loop(whole, blocks, 1, state, [&](Value block, ValueRange carried) {
          return step(block, 1, count, carried);
        });
    Value inverse = e.divF(e.constantF32(1), state[1]);
    for (int64_t i = 0; i < vectors(); ++i)
      storeColumns(i, e.mul(state[2 + i], inverse));
  }
};

/// The contiguous cache of compress/Runtime/ABI.h.
struct CachedKeysAndValues : KeysAndValues {
  Value keys, values, keyBase, query, queryRow, queryBase;
  int64_t headDim;

  Value score(Emitter &e, Value block, Value) override {
    Value base = e.add(keyBase, e.mulIndex(block, kBlock * headDim));
    return e
        .loop(e.index(0), e.index(headDim), 1,
              ValueRange{e.constantF32(0, kBlock)},
              [&](Value column, ValueRange carried) {
                Value k = e.toF32(e.load(
                    keys, {e.add(base, e.mulIndex(column, kBlock))}, kBlock));
                Value q = e.load(query, {queryRow, e.add(queryBase, column)});
                return SmallVector<Value>{e.fma(k, q, carried.front())};
              })
        .front();
  }

  Value value(Emitter &e, Value position, int64_t column, int64_t lanes,
              int64_t count) override {
    Value at =
        e.addIndex(e.add(keyBase, e.mulIndex(position, headDim)), column);
    return e.toF32(e.loadFirst(values, {at}, lanes, count));
  }
};

/// Keys and values as tensors: batch x tokens x columns.
struct TensorKeysAndValues : KeysAndValues {
  Value keys, values, query, batch, token, head, queryHead, scores;
  int64_t headDim;

  Value dot(Emitter &e, Value position) {
    Value sum = e.constantF32(0, kPartialSums);
    for (int64_t column = 0; column < headDim; column += kPartialSums) {
      int64_t count = std::min(kPartialSums, headDim - column);
      auto read = [&](Value from, Value row, Value which) {
        Value at = e.addIndex(e.mulIndex(which, headDim), column);
        return e.loadFirst(from, {batch, row, at}, kPartialSums, count);
      };
      sum =
          e.fma(read(query, token, queryHead), read(keys, position, head), sum);
    }
    return vector::ReductionOp::create(e, vector::CombiningKind::ADD, sum,
                                       arith::FastMathFlags::reassoc);
  }

  Value score(Emitter &e, Value block, Value count) override {
    Value first = e.mulIndex(block, kBlock);
    Value last = e.minIndex(count, e.addIndex(first, kBlock));
    e.loop(first, last, 1, [&](Value position) {
      e.store(dot(e, position), scores, {e.sub(position, first)});
    });
    return e.load(scores, {e.index(0)}, kBlock);
  }

  Value value(Emitter &e, Value position, int64_t column, int64_t lanes,
              int64_t count) override {
    Value at = e.addIndex(e.mulIndex(head, headDim), column);
    return e.loadFirst(values, {batch, position, at}, lanes, count);
  }
};

/// Splits a number into digits: value = (a * size + b).
std::pair<Value, Value> split(Emitter &e, Value value, Value size) {
  return {e.createOrFold<arith::DivUIOp>(value, size),
          e.createOrFold<arith::RemUIOp>(value, size)};
}

LogicalResult emitCached(Kernel &kernel, lm::CachedAttentionOp op) {
  Emitter &e = kernel.e;
  lm::CacheType cache = op.getCache().getType();
  auto number = dyn_cast<TypeAttr>(cache.getValues());
  if (!number)
    return op.emitOpError("has no code yet for encoded caches, got ") << cache;
  int64_t headDim = cache.getHeadDim();
  int64_t columns =
      cast<RankedTensorType>(op.getQuery().getType()).getDimSize(1);
  int64_t heads = columns / headDim, shared = heads / cache.getHeads();
  Value query = kernel.buffer(op.getQuery());
  Value result = kernel.destination(0);
  auto flat = MemRefType::get({ShapedType::kDynamic}, number.getValue());
  auto buffers = lm::CacheBuffersOp::create(e, flat, flat, e.getIndexType(),
                                            kernel.buffer(op.getCache()),
                                            kernel.buffer(op.getLayer()));
  Value weights =
      kernel.allocateScratch({kBlock * kBlocksPerStep}, e.getF32Type());
  Value total = e.mulIndex(e.dim(result, 0), heads);
  auto [begin, end] = e.share(total, kernel.thread, kernel.threads);
  e.loop(begin, end, 1, [&](Value unit) {
    auto [row, head] = split(e, unit, e.index(heads));
    auto scalar = [&, row = row](Value vector) -> Value {
      return arith::IndexCastOp::create(e, e.getIndexType(),
                                        e.load(kernel.buffer(vector), {row}));
    };
    CachedKeysAndValues source;
    source.keys = buffers.getKeys();
    source.values = buffers.getValues();
    Value plane = e.add(e.mulIndex(scalar(op.getSequence()), cache.getHeads()),
                        e.divIndex(head, shared));
    source.keyBase = e.mulIndex(e.mul(plane, buffers.getCapacity()), headDim);
    source.query = query;
    source.queryRow = row;
    source.queryBase = e.mulIndex(head, headDim);
    source.headDim = headDim;
    AttentionRow attention{e,       kernel.lanes,
                           headDim, op.getScale().convertToFloat(),
                           weights, source};
    attention.run(e.addIndex(scalar(op.getPosition()), 1), [&](int64_t i,
                                                               Value v) {
      Value at = e.addIndex(source.queryBase, i * kernel.lanes);
      e.storeFirst(v, result, {source.queryRow, at}, attention.columnsIn(i));
    });
  });
  return success();
}

LogicalResult emitOnTensors(Kernel &kernel, lm::AttentionOp op) {
  Emitter &e = kernel.e;
  int64_t headDim = op.getHeadDim();
  auto columns = [&](Value v) {
    return cast<RankedTensorType>(v.getType()).getDimSize(2);
  };
  int64_t heads = columns(op.getQuery()) / headDim;
  int64_t shared = columns(op.getQuery()) / columns(op.getKeys());
  TensorKeysAndValues source;
  source.query = kernel.buffer(op.getQuery());
  source.keys = kernel.buffer(op.getKeys());
  source.values = kernel.buffer(op.getValues());
  source.headDim = headDim;
  source.scores = kernel.allocateScratch({kBlock}, e.getF32Type());
  Value result = kernel.destination(0);
  Value weights =
      kernel.allocateScratch({kBlock * kBlocksPerStep}, e.getF32Type());
  Value tokens = e.dim(result, 1);
  Value total = e.mulIndex(e.mul(e.dim(result, 0), tokens), heads);
  auto [begin, end] = e.share(total, kernel.thread, kernel.threads);
  e.loop(begin, end, 1, [&](Value unit) {
    auto [row, head] = split(e, unit, e.index(heads));
    std::tie(source.batch, source.token) = split(e, row, tokens);
    source.queryHead = head;
    source.head = e.divIndex(head, shared);
    AttentionRow attention{e,       kernel.lanes,
                           headDim, op.getScale().convertToFloat(),
                           weights, source};
    Value base = e.mulIndex(head, headDim);
    attention.run(e.addIndex(source.token, 1), [&](int64_t i, Value v) {
      Value at = e.addIndex(base, i * kernel.lanes);
      e.storeFirst(v, result, {source.batch, source.token, at},
                   attention.columnsIn(i));
    });
  });
  return success();
}

} // namespace

LogicalResult compress::emitAttention(Kernel &kernel) {
  for (Operation &op : kernel.group.getBlock()) {
    if (auto cached = dyn_cast<lm::CachedAttentionOp>(op))
      return emitCached(kernel, cached);
    if (auto attention = dyn_cast<lm::AttentionOp>(op))
      return emitOnTensors(kernel, attention);
  }
  return kernel.group.emitOpError("has no attention to emit");
}
