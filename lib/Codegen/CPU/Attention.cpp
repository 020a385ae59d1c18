//===- Attention.cpp - Attention in one pass over keys and values ---------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionUnit.h"
#include "CacheStore.h"

#include <numeric>

using namespace mlir;
using namespace mlir::compress;

constexpr int64_t kBlock = AttentionUnit::kBlock;
constexpr int64_t kBlocksPerStep = AttentionUnit::kBlocksPerStep;

//===----------------------------------------------------------------------===//
// Sources
//===----------------------------------------------------------------------===//

namespace {

/// Keys and values in a cache, as they are stored.
struct CachedKeysAndValues : KeysAndValues {
  CachedKeysAndValues(CacheStore &keys, CacheStore &values, int64_t headDim,
                      int64_t lanes)
      : keys(keys), valueStore(values), headDim(headDim), lanes(lanes) {}

  CacheStore &keys, &valueStore;
  Value keyPlane, valuePlane, query, queryRow, queryBase, nextBlock;
  int64_t headDim, lanes;
  /// Whether steps begin at multiples of their size.
  bool isAligned = true;
  /// Where each column has scales of its own: those of up to kBlocksPerStep
  /// groups in f32, (group, kind) x columns. Null: they are read where needed.
  Value columnScales;

  /// Whether scales can be prepared so: a vector has those of its columns.
  static bool hasColumnScales(const EncodingSpec &spec, int64_t headDim,
                              int64_t lanes) {
    return getCacheGroup(spec) > 1 && spec.block[1] == 1 &&
           headDim % lanes == 0;
  }

  /// Blocks whose sums are under way together, for a number of heads.
  int64_t getBlocksAtOnce(int64_t heads) const {
    // 16 or 12 registers of sums, 16 lanes each.
    int64_t sums = lanes >= kBlock ? 16 : 12 * lanes / kBlock;
    return heads * 4 <= sums ? 4 : heads * 2 <= sums ? 2 : 1;
  }

  void score(Emitter &e, HeadRange heads, Value block, int64_t blocks, Seen,
             Value weights) override {
    int64_t atOnce = std::min(blocks, getBlocksAtOnce(heads.count));
    for (int64_t from = 0; from < blocks; from += atOnce)
      scoreBlocks(e, heads, e.addIndex(block, from), from, atOnce, weights);
  }

  /// Blocks of keys that are scored together.
  struct KeyBlocks {
    SmallVector<EncodedOperand, 0> operands;
    /// Where each begins in its operand.
    SmallVector<Coord> places;
    /// How many neighbours have their scales in common.
    int64_t alike = 1;
    /// Whether columnScales has them, and which kinds there are.
    bool isPrepared = false, hasScale = false, hasZero = false, hasMin = false;
  };
  /// Adds the products of all columns of keys to `sums`, in order.
  SmallVector<Value> addColumns(Emitter &e, KeyBlocks &blocks, HeadRange heads,
                                Value firstQuery, ArrayRef<Value> sums);
  /// The same for `size` columns from `first` on, whose scales are the same or,
  /// with `perColumn`, read with each column.
  SmallVector<Value> addPart(Emitter &e, KeyBlocks &blocks, HeadRange heads,
                             Value firstQuery, Coord first, int64_t size,
                             bool perColumn, ValueRange sums);
  /// The scales of each block at a column.
  SmallVector<EncodedOperand::BlockValues>
  readScales(Emitter &e, KeyBlocks &blocks, Coord column);
  /// Converts all columns' scales of blocks from `block` on, vector by vector,
  /// so that none is converted by itself beside each product.
  void prepareScales(Emitter &e, KeyBlocks &blocks, Value block);

  void scoreBlocks(Emitter &e, HeadRange heads, Value block, int64_t from,
                   int64_t blocks, Value weights) {
    KeyBlocks keyBlocks;
    // While a step is computed, memory is asked for the next one's: pages end
    // before hardware has noticed where a stream goes.
    nextBlock = e.addIndex(block, kBlocksPerStep);
    for (int64_t i = 0; i < blocks; ++i) {
      Value at = e.addIndex(block, i);
      keyBlocks.operands.push_back(keys.getBlock(keyPlane, at));
      keyBlocks.places.push_back(keys.getPlace(at));
    }
    if (isAligned)
      keyBlocks.alike = std::gcd(blocks, keys.getGroupBlocks());
    if (columnScales)
      prepareScales(e, keyBlocks, block);
    Value firstQuery = e.add(queryBase, e.mulIndex(heads.first, headDim));
    SmallVector<Value> sums(blocks * heads.count, e.constantF32(0, kBlock));
    sums = addColumns(e, keyBlocks, heads, firstQuery, sums);
    for (int64_t h = 0; h < heads.count; ++h)
      for (int64_t i = 0; i < blocks; ++i)
        e.store(sums[h * blocks + i], weights,
                {e.addIndex(heads.first, h), e.index((from + i) * kBlock)});
  }

  SmallVector<Value> values(Emitter &e, Value position, int64_t column,
                            int64_t vectors, int64_t lanes) override {
    Value number = e.divIndex(position, kBlock);
    EncodedOperand block = valueStore.getBlock(valuePlane, number);
    Coord place(e.remIndex(position, kBlock));
    if (column == 0)
      valueStore.prefetch(valuePlane, e.addIndex(number, kBlocksPerStep),
                          /*blocks=*/1, place.get(e), kBlock);
    SmallVector<Value> result;
    for (int64_t v = 0; v < vectors; ++v)
      result.push_back(
          block.readFactor(e, {place, Coord(column + v * lanes)}, lanes));
    return result;
  }
};

/// Keys and values as tensors: batch x tokens x columns. A unit has one head.
struct TensorKeysAndValues : KeysAndValues {
  Value keyRows, valueRows, query, batch, token, head, queryHead;
  int64_t headDim;

  Value dot(Emitter &e, Value position) {
    Value sum = e.constantF32(0, kPartialSums);
    for (int64_t column = 0; column < headDim; column += kPartialSums) {
      int64_t count = std::min(kPartialSums, headDim - column);
      auto read = [&](Value from, Value row, Value which) {
        Value at = e.addIndex(e.mulIndex(which, headDim), column);
        return e.loadFirst(from, {batch, row, at}, kPartialSums, count);
      };
      sum = e.fma(read(query, token, queryHead), read(keyRows, position, head),
                  sum);
    }
    return vector::ReductionOp::create(e, vector::CombiningKind::ADD, sum,
                                       arith::FastMathFlags::reassoc);
  }

  void score(Emitter &e, HeadRange heads, Value block, int64_t blocks,
             Seen seen, Value weights) override {
    Value begin = e.mulIndex(block, kBlock);
    auto [first, last] = seen.clamp(e, block, blocks);
    e.loop(first, last, 1, [&](Value position) {
      e.store(dot(e, position), weights, {heads.first, e.sub(position, begin)});
    });
  }

  SmallVector<Value> values(Emitter &e, Value position, int64_t column,
                            int64_t vectors, int64_t lanes) override {
    SmallVector<Value> result;
    for (int64_t v = 0; v < vectors; ++v) {
      int64_t from = column + v * lanes;
      Value at = e.addIndex(e.mulIndex(head, headDim), from);
      result.push_back(e.loadFirst(valueRows, {batch, position, at}, lanes,
                                   std::min(lanes, headDim - from)));
    }
    return result;
  }
};

} // namespace

/// Numbers that a column of keys can have: scale, zero point, minimum.
static constexpr int64_t kScaleKinds = 3;

void CachedKeysAndValues::prepareScales(Emitter &e, KeyBlocks &blocks,
                                        Value block) {
  blocks.isPrepared = true;
  for (int64_t i = 0, count = blocks.operands.size(); i < count;
       i += blocks.alike) {
    EncodedOperand group =
        keys.getBlock(keyPlane, e.addIndex(block, i), /*laneDim=*/1);
    auto keep = [&](Value value, int64_t kind, int64_t column) {
      if (value)
        e.store(value, columnScales,
                {e.index(i * kScaleKinds + kind), e.index(column)});
      return bool(value);
    };
    for (int64_t column = 0; column < headDim; column += lanes) {
      EncodedOperand::BlockValues values =
          group.readBlock(e, {Coord(0), Coord(column)}, lanes);
      blocks.hasScale = keep(values.scale, 0, column);
      blocks.hasZero = keep(values.zero, 1, column);
      blocks.hasMin = keep(values.min, 2, column);
    }
  }
}

SmallVector<EncodedOperand::BlockValues>
CachedKeysAndValues::readScales(Emitter &e, KeyBlocks &blocks, Coord column) {
  SmallVector<EncodedOperand::BlockValues> scales;
  for (auto [i, operand] : llvm::enumerate(blocks.operands)) {
    if (int64_t(i) % blocks.alike != 0) {
      scales.push_back(scales.back());
      continue;
    }
    if (!blocks.isPrepared) {
      scales.push_back(
          operand.readBlock(e, {blocks.places[i], column}, kBlock));
      continue;
    }
    auto load = [&, i = int64_t(i)](bool exists, int64_t kind) -> Value {
      if (!exists)
        return Value();
      Value number = e.load(columnScales,
                            {e.index(i * kScaleKinds + kind), column.get(e)});
      return e.splat(number, kBlock);
    };
    scales.push_back({load(blocks.hasScale, 0), load(blocks.hasZero, 1),
                      load(blocks.hasMin, 2)});
  }
  return scales;
}

SmallVector<Value> CachedKeysAndValues::addPart(Emitter &e, KeyBlocks &blocks,
                                                HeadRange heads,
                                                Value firstQuery, Coord first,
                                                int64_t size, bool perColumn,
                                                ValueRange sums) {
  for (EncodedOperand &operand : blocks.operands)
    operand.beginScope();
  SmallVector<EncodedOperand::BlockValues> scales;
  if (!perColumn)
    scales = readScales(e, blocks, first);
  int64_t count = blocks.operands.size();
  auto addColumn = [&](Coord column, MutableArrayRef<Value> sums) {
    Value at = e.add(firstQuery, column.get(e));
    SmallVector<Value> queries;
    for (int64_t h = 0; h < heads.count; ++h)
      queries.push_back(e.load(query, {queryRow, e.addIndex(at, h * headDim)}));
    if (perColumn)
      scales = readScales(e, blocks, column);
    for (auto [i, operand] : llvm::enumerate(blocks.operands)) {
      Value k =
          operand.readFactor(e, {blocks.places[i], column}, kBlock, scales[i]);
      for (int64_t h = 0; h < heads.count; ++h) {
        Value &sum = sums[h * count + i];
        sum = e.fma(k, queries[h], sum);
      }
    }
  };
  // Columns whose codes share bytes are read together.
  int64_t together = keys.getColumnsPerByte();
  if (size % together != 0 ||
      (first.isConstant() && first.getConstant() % together != 0))
    together = 1;
  Value base = first.isConstant()
                   ? e.index(first.getConstant() / together)
                   : e.mulIndex(first.div(e, size).get(e), size / together);
  return e.loop(e.index(0), e.index(size / together), 1, sums,
                [&](Value i, ValueRange carried) {
                  SmallVector<Value> next(carried);
                  Value group = e.add(base, i);
                  if (count == kBlocksPerStep)
                    keys.prefetch(keyPlane, nextBlock, kBlocksPerStep, group,
                                  headDim / together);
                  for (int64_t j = 0; j < together; ++j)
                    addColumn(Coord(group, together, j), next);
                  return next;
                });
}

SmallVector<Value>
CachedKeysAndValues::addColumns(Emitter &e, KeyBlocks &blocks, HeadRange heads,
                                Value firstQuery, ArrayRef<Value> sums) {
  const EncodingSpec &spec = keys.getSpec();
  int64_t size = spec.block.empty() ? headDim : spec.block.back();
  size = size < 0 ? headDim : std::min(size, headDim);
  // Scales of few columns would keep those apart that share bytes.
  if (blocks.isPrepared ||
      (getCacheGroup(spec) > 1 && size % keys.getColumnsPerByte() != 0))
    return addPart(e, blocks, heads, firstQuery, Coord(0), headDim,
                   /*perColumn=*/true, sums);
  int64_t whole = headDim / size;
  SmallVector<Value> result(sums);
  if (whole == 1)
    result = addPart(e, blocks, heads, firstQuery, Coord(0), size,
                     /*perColumn=*/false, result);
  else
    result = e.loop(e.index(0), e.index(whole), 1, result,
                    [&](Value i, ValueRange carried) {
                      return addPart(e, blocks, heads, firstQuery,
                                     Coord(i, size), size,
                                     /*perColumn=*/false, carried);
                    });
  if (whole * size < headDim)
    result = addPart(e, blocks, heads, firstQuery, Coord(whole * size),
                     headDim - whole * size, /*perColumn=*/false, result);
  return result;
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

/// Splits a number into digits: value = (a * size + b).
static std::pair<Value, Value> split(Emitter &e, Value value, Value size) {
  return {e.createOrFold<arith::DivUIOp>(value, size),
          e.createOrFold<arith::RemUIOp>(value, size)};
}

/// Calls `body` for the thread's units of `total`. Neighbours share keys and
/// values where they are few; otherwise units are dealt out in turn, since
/// later tokens of a sequence attend to more positions than earlier ones.
static void forUnits(Kernel &kernel, Value total, bool inTurn,
                     function_ref<void(Value)> body) {
  Emitter &e = kernel.e;
  if (!inTurn) {
    auto [begin, end] = e.share(total, kernel.thread, kernel.threads);
    e.loop(begin, end, 1, body);
    return;
  }
  Value rest = e.sub(e.add(total, kernel.threads), kernel.thread);
  Value count =
      arith::DivUIOp::create(e, e.sub(rest, e.index(1)), kernel.threads);
  e.loop(e.index(0), count, 1, [&](Value i) {
    body(e.add(kernel.thread, e.mul(i, kernel.threads)));
  });
}

static LogicalResult emitCached(Kernel &kernel, lm::CachedAttentionOp op) {
  Emitter &e = kernel.e;
  lm::CacheType cache = op.getCache().getType();
  int64_t headDim = cache.getHeadDim();
  int64_t columns =
      cast<RankedTensorType>(op.getQuery().getType()).getDimSize(1);
  int64_t heads = columns / headDim, shared = heads / cache.getHeads();
  Value query = kernel.buffer(op.getQuery());
  Value result = kernel.destination(0);
  FailureOr<CacheStores> stores =
      CacheStores::open(kernel, op, cache, op.getCache(), op.getLayer());
  if (failed(stores))
    return failure();
  auto scratch = AttentionUnit::Scratch::allocate(kernel, shared, headDim);
  Value columnScales;
  if (CachedKeysAndValues::hasColumnScales(stores->keys.getSpec(), headDim,
                                           kernel.lanes))
    columnScales = kernel.allocateScratch(
        {kBlocksPerStep * kScaleKinds, headDim}, e.getF32Type());
  // Units of `together` heads each.
  auto emitUnits = [&](int64_t together, int64_t tile, bool inTurn) {
    int64_t unitsPerRow = heads / together;
    Value total = e.mulIndex(e.dim(result, 0), unitsPerRow);
    forUnits(kernel, total, inTurn, [&](Value unit) {
      auto [row, inRow] = split(e, unit, e.index(unitsPerRow));
      auto scalar = [&, row = row](Value vector) -> Value {
        return arith::IndexCastOp::create(e, e.getIndexType(),
                                          e.load(kernel.buffer(vector), {row}));
      };
      Value head = e.mulIndex(inRow, together);
      Value sequence = scalar(op.getSequence());
      Value sharedHead = e.divIndex(head, shared);
      Value base = e.mulIndex(head, headDim);
      auto open = [&, row = row](CacheStore &keys) {
        CachedKeysAndValues source(keys, stores->values, headDim, kernel.lanes);
        source.keyPlane = keys.getPlane(sequence, sharedHead);
        source.valuePlane = stores->values.getPlane(sequence, sharedHead);
        source.query = query;
        source.queryRow = row;
        source.queryBase = base;
        // With a window, they begin anywhere.
        source.isAligned = !op.getWindow();
        return source;
      };
      CachedKeysAndValues source = open(stores->keys);
      source.columnScales = columnScales;
      std::optional<CachedKeysAndValues> recentSource;
      Value position = scalar(op.getPosition());
      RecentPositions recent;
      if (stores->recent) {
        recentSource.emplace(open(*stores->recent));
        recent.source = &*recentSource;
        recent.begin =
            e.sub(position, e.remIndex(position, cache.getKeyGroup()));
      }
      AttentionUnit attention(kernel, scratch, source, together, tile, headDim,
                              Scoring::of(op));
      attention.run(
          e.addIndex(position, 1), recent,
          [&, row = row](Value which, int64_t column, Value v, int64_t count) {
            Value at =
                e.addIndex(e.add(base, e.mulIndex(which, headDim)), column);
            e.storeFirst(v, result, {row, at}, count);
          });
    });
  };
  int64_t tile = kernel.getStrategy().getTile();
  if (shared == 1) {
    emitUnits(1, 1, /*inTurn=*/true);
    return success();
  }
  // Few rows have few key-value heads for many threads to share; then each head
  // is a unit of its own. To read keys and values costs about as much as two
  // heads' products with them; what the busiest thread does decides.
  constexpr int64_t kReading = 2;
  Value units = e.mulIndex(e.dim(result, 0), cache.getHeads());
  auto countWork = [&](Value total, int64_t together) {
    Value most = arith::CeilDivUIOp::create(e, total, kernel.threads);
    return e.mulIndex(most, kReading + together);
  };
  Value isShared = arith::CmpIOp::create(
      e, arith::CmpIPredicate::ule, countWork(units, shared),
      countWork(e.mulIndex(units, shared), 1));
  e.ifThenElse(
      isShared, [&] { emitUnits(shared, tile, /*inTurn=*/true); },
      [&] { emitUnits(1, 1, /*inTurn=*/false); });
  return success();
}

static LogicalResult emitOnTensors(Kernel &kernel, lm::AttentionOp op) {
  Emitter &e = kernel.e;
  int64_t headDim = op.getHeadDim();
  auto columns = [&](Value v) {
    return cast<RankedTensorType>(v.getType()).getDimSize(2);
  };
  int64_t heads = columns(op.getQuery()) / headDim;
  int64_t shared = columns(op.getQuery()) / columns(op.getKeys());
  TensorKeysAndValues source;
  source.query = kernel.buffer(op.getQuery());
  source.keyRows = kernel.buffer(op.getKeys());
  source.valueRows = kernel.buffer(op.getValues());
  source.headDim = headDim;
  Value result = kernel.destination(0);
  auto scratch = AttentionUnit::Scratch::allocate(kernel, 1, headDim);
  Value tokens = e.dim(result, 1);
  Value total = e.mulIndex(e.mul(e.dim(result, 0), tokens), heads);
  forUnits(kernel, total, /*inTurn=*/true, [&](Value unit) {
    auto [row, head] = split(e, unit, e.index(heads));
    std::tie(source.batch, source.token) = split(e, row, tokens);
    source.queryHead = head;
    source.head = e.divIndex(head, shared);
    AttentionUnit attention(kernel, scratch, source, /*heads=*/1, /*tile=*/1,
                            headDim, Scoring::of(op));
    Value base = e.mulIndex(head, headDim);
    Value seen = op.getBidirectional() ? tokens : e.addIndex(source.token, 1);
    attention.run(seen, RecentPositions(),
                  [&](Value, int64_t column, Value v, int64_t count) {
                    e.storeFirst(
                        v, result,
                        {source.batch, source.token, e.addIndex(base, column)},
                        count);
                  });
  });
  return success();
}

LogicalResult compress::emitAttention(Kernel &kernel) {
  for (Operation &op : kernel.group.getBlock()) {
    if (auto cached = dyn_cast<lm::CachedAttentionOp>(op))
      return emitCached(kernel, cached);
    if (auto attention = dyn_cast<lm::AttentionOp>(op))
      return emitOnTensors(kernel, attention);
  }
  return kernel.group.emitOpError("has no attention to emit");
}
