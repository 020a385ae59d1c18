//===- Attention.cpp - Attention in one pass over keys and values ---------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CacheStore.h"

#include <numeric>

using namespace mlir;
using namespace mlir::compress;

namespace {

/// Positions that are scored together.
constexpr int64_t kBlock = kCacheBlock;
/// Blocks per step of the online softmax.
constexpr int64_t kBlocksPerStep = 4;

/// Query heads that share keys and values: `count` from number `first` of the
/// unit's on.
struct HeadRange {
  Value first;
  int64_t count;
};

/// The positions that a query sees: [first, end). Null for `first` is 0.
struct Seen {
  Value first, end;

  /// Those among the positions of a step's blocks: [begin, end).
  std::pair<Value, Value> clamp(Emitter &e, Value block, int64_t blocks) const {
    Value begin = e.mulIndex(block, kBlock);
    Value last = e.minIndex(end, e.addIndex(begin, blocks * kBlock));
    if (first)
      begin = arith::MaxUIOp::create(e, begin, first);
    return {begin, last};
  }
};

/// What becomes of scores, and which are taken.
struct Scoring {
  float scale;
  /// 0 where there is none.
  int64_t window = 0;
  float softCap = 0;

  template <typename OpTy> static Scoring of(OpTy op) {
    Scoring result{op.getScale().convertToFloat()};
    if (op.getWindow())
      result.window = static_cast<int64_t>(*op.getWindow());
    if (op.getSoftCap())
      result.softCap = op.getSoftCap()->convertToFloat();
    return result;
  }
};

/// Where keys and values of one unit of work come from.
struct KeysAndValues {
  virtual ~KeysAndValues() = default;
  /// Stores scores before scaling: of head h with position p of the step's
  /// blocks at weights[h][p - 16 * block]. Those of positions that `seen` does
  /// not have are not used.
  virtual void score(Emitter &e, HeadRange heads, Value block, int64_t blocks,
                     Seen seen, Value weights) = 0;
  /// Vectors of the value at `position`, as f32: its columns from `column` on.
  /// Columns that do not exist are arbitrary.
  virtual SmallVector<Value> values(Emitter &e, Value position, int64_t column,
                                    int64_t vectors, int64_t lanes) = 0;
};

/// One query row and the heads that share a key-value head: an online softmax
/// (Milakov and Gimelshein 2018) over steps of positions, in their order. Keys
/// and values are read once for `tile` heads.
class AttentionUnit {
public:
  /// What a unit keeps in memory, which the first-level cache holds.
  struct Scratch {
    /// heads x positions of a step: scores, then weights.
    Value weights;
    /// heads x columns.
    Value totals;
    /// heads x (maximum, sum, what the step multiplies sums by).
    Value state;

    static Scratch allocate(Kernel &kernel, int64_t heads, int64_t headDim) {
      Type f32 = kernel.e.getF32Type();
      return {kernel.allocateScratch({heads, kBlock * kBlocksPerStep}, f32),
              kernel.allocateScratch(
                  {heads, int64_t(llvm::alignTo(headDim, kernel.lanes))}, f32),
              kernel.allocateScratch({heads, 3}, f32)};
    }
  };

  AttentionUnit(Kernel &kernel, const Scratch &scratch, KeysAndValues &source,
                int64_t heads, int64_t tile, int64_t headDim, Scoring scoring)
      : e(kernel.e), lanes(kernel.lanes), scratch(scratch), source(source),
        heads(heads), tile(tile), headDim(headDim), scoring(scoring) {}

  /// Attends to positions 0 ... count - 1, or to the last ones of them that the
  /// window has. `storeColumns` gets each head's columns, `lanes` at a time, of
  /// which some may not exist.
  void run(Value count,
           function_ref<void(Value head, int64_t column, Value, int64_t)>
               storeColumns);

private:
  enum State { Maximum, Sum, Correction };

  int64_t columnsFrom(int64_t column) const {
    return std::min(lanes, headDim - column);
  }
  Value loadState(Value head, State what) {
    return e.load(scratch.state, {head, e.index(what)});
  }
  void storeState(Value head, State what, Value value) {
    e.store(value, scratch.state, {head, e.index(what)});
  }
  void begin();
  void step(Value block, int64_t blocks, Seen seen);
  Value scoreOf(Value product);
  void weigh(Value head, Value block, int64_t blocks, Seen seen);
  void addValues(HeadRange range, int64_t column, int64_t vectors, Value block,
                 int64_t blocks, Seen seen);

  Emitter &e;
  int64_t lanes;
  Scratch scratch;
  KeysAndValues &source;
  int64_t heads, tile, headDim;
  Scoring scoring;
};

} // namespace

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
void AttentionUnit::addValues(HeadRange range, int64_t column, int64_t vectors,
                              Value block, int64_t blocks, Seen seen) {
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
            source.values(e, position, column, vectors, lanes);
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

void AttentionUnit::step(Value block, int64_t blocks, Seen seen) {
  auto forTiles = [&](function_ref<void(HeadRange)> body) {
    if (tile == heads)
      return body({e.index(0), heads});
    e.loop(e.index(0), e.index(heads), tile,
           [&](Value head) { body({head, tile}); });
  };
  forTiles([&](HeadRange range) {
    source.score(e, range, block, blocks, seen, scratch.weights);
  });
  e.loop(e.index(0), e.index(heads), 1,
         [&](Value head) { weigh(head, block, blocks, seen); });
  // As many sums as there are registers for.
  int64_t most = std::max<int64_t>(1, lanes / tile);
  for (int64_t column = 0; column < headDim; column += most * lanes)
    forTiles([&](HeadRange range) {
      int64_t vectors =
          std::min<int64_t>(most, llvm::divideCeil(headDim - column, lanes));
      addValues(range, column, vectors, block, blocks, seen);
    });
}

void AttentionUnit::run(
    Value count,
    function_ref<void(Value, int64_t, Value, int64_t)> storeColumns) {
  begin();
  Seen seen{Value(), count};
  Value from = e.index(0), blocks = e.ceilDivIndex(count, kBlock);
  if (scoring.window) {
    seen.first = e.sub(count, e.minIndex(count, e.index(scoring.window)));
    from = e.divIndex(seen.first, kBlock);
  }
  Value steps = e.divIndex(e.sub(blocks, from), kBlocksPerStep);
  Value whole = e.add(from, e.mulIndex(steps, kBlocksPerStep));
  e.loop(from, whole, kBlocksPerStep,
         [&](Value block) { step(block, kBlocksPerStep, seen); });
  e.loop(whole, blocks, 1, [&](Value block) { step(block, 1, seen); });
  e.loop(e.index(0), e.index(heads), 1, [&](Value head) {
    Value inverse = e.divF(e.constantF32(1), loadState(head, Sum));
    for (int64_t column = 0; column < headDim; column += lanes) {
      Value total = e.load(scratch.totals, {head, e.index(column)}, lanes);
      storeColumns(head, column, e.mul(total, inverse), columnsFrom(column));
    }
  });
}

//===----------------------------------------------------------------------===//
// Sources
//===----------------------------------------------------------------------===//

namespace {

/// Keys and values in a cache, as they are stored.
struct CachedKeysAndValues : KeysAndValues {
  CachedKeysAndValues(CacheStores &stores, int64_t headDim, int64_t lanes)
      : stores(stores), headDim(headDim), lanes(lanes) {}

  CacheStores &stores;
  Value keyPlane, valuePlane, query, queryRow, queryBase, nextBlock;
  int64_t headDim, lanes;

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

  /// Adds the products of some columns of `keys` to `sums`, block by block of
  /// the encoding, in order.
  SmallVector<Value> addColumns(Emitter &e,
                                MutableArrayRef<EncodedOperand> keys,
                                HeadRange heads, Value firstQuery,
                                ArrayRef<Value> sums);
  /// The same for columns [0, size) of the encoding's block at `first`.
  SmallVector<Value> addBlock(Emitter &e, MutableArrayRef<EncodedOperand> keys,
                              HeadRange heads, Value firstQuery, Coord first,
                              int64_t size, ValueRange sums);

  void scoreBlocks(Emitter &e, HeadRange heads, Value block, int64_t from,
                   int64_t blocks, Value weights) {
    SmallVector<EncodedOperand, 0> keys;
    // While a step is computed, memory is asked for the next one's: pages end
    // before hardware has noticed where a stream goes.
    nextBlock = e.addIndex(block, kBlocksPerStep);
    for (int64_t i = 0; i < blocks; ++i)
      keys.push_back(stores.keys.getBlock(keyPlane, e.addIndex(block, i)));
    Value firstQuery = e.add(queryBase, e.mulIndex(heads.first, headDim));
    SmallVector<Value> sums(blocks * heads.count, e.constantF32(0, kBlock));
    sums = addColumns(e, keys, heads, firstQuery, sums);
    for (int64_t h = 0; h < heads.count; ++h)
      for (int64_t i = 0; i < blocks; ++i)
        e.store(sums[h * blocks + i], weights,
                {e.addIndex(heads.first, h), e.index((from + i) * kBlock)});
  }

  SmallVector<Value> values(Emitter &e, Value position, int64_t column,
                            int64_t vectors, int64_t lanes) override {
    Value number = e.divIndex(position, kBlock);
    EncodedOperand block = stores.values.getBlock(valuePlane, number);
    Coord place(e.remIndex(position, kBlock));
    if (column == 0)
      stores.values.prefetch(valuePlane, e.addIndex(number, kBlocksPerStep),
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

SmallVector<Value>
CachedKeysAndValues::addBlock(Emitter &e, MutableArrayRef<EncodedOperand> keys,
                              HeadRange heads, Value firstQuery, Coord first,
                              int64_t size, ValueRange sums) {
  Coord position(0);
  SmallVector<EncodedOperand::BlockValues> block;
  for (EncodedOperand &operand : keys) {
    operand.beginScope();
    block.push_back(operand.readBlock(e, {position, first}, kBlock));
  }
  auto addColumn = [&](Coord column, MutableArrayRef<Value> sums) {
    Value at = e.add(firstQuery, column.get(e));
    SmallVector<Value> queries;
    for (int64_t h = 0; h < heads.count; ++h)
      queries.push_back(e.load(query, {queryRow, e.addIndex(at, h * headDim)}));
    for (auto [i, operand] : llvm::enumerate(keys)) {
      Value k = operand.readFactor(e, {position, column}, kBlock, block[i]);
      for (int64_t h = 0; h < heads.count; ++h) {
        Value &sum = sums[h * keys.size() + i];
        sum = e.fma(k, queries[h], sum);
      }
    }
  };
  // Columns whose codes share bytes are read together.
  int64_t together = stores.keys.getColumnsPerByte();
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
                  if (keys.size() == kBlocksPerStep)
                    stores.keys.prefetch(keyPlane, nextBlock, kBlocksPerStep,
                                         group, headDim / together);
                  for (int64_t j = 0; j < together; ++j)
                    addColumn(Coord(group, together, j), next);
                  return next;
                });
}

SmallVector<Value> CachedKeysAndValues::addColumns(
    Emitter &e, MutableArrayRef<EncodedOperand> keys, HeadRange heads,
    Value firstQuery, ArrayRef<Value> sums) {
  const EncodingSpec &spec = stores.keys.getSpec();
  int64_t size = spec.block.empty() ? headDim : spec.block.back();
  size = size < 0 ? headDim : std::min(size, headDim);
  int64_t whole = headDim / size;
  SmallVector<Value> result(sums);
  if (whole == 1)
    result = addBlock(e, keys, heads, firstQuery, Coord(0), size, result);
  else
    result = e.loop(e.index(0), e.index(whole), 1, result,
                    [&](Value i, ValueRange carried) {
                      return addBlock(e, keys, heads, firstQuery,
                                      Coord(i, size), size, carried);
                    });
  if (whole * size < headDim)
    result = addBlock(e, keys, heads, firstQuery, Coord(whole * size),
                      headDim - whole * size, result);
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
      CachedKeysAndValues source(*stores, headDim, kernel.lanes);
      Value sequence = scalar(op.getSequence());
      Value sharedHead = e.divIndex(head, shared);
      source.keyPlane = stores->keys.getPlane(sequence, sharedHead);
      source.valuePlane = stores->values.getPlane(sequence, sharedHead);
      source.query = query;
      source.queryRow = row;
      source.queryBase = e.mulIndex(head, headDim);
      AttentionUnit attention(kernel, scratch, source, together, tile, headDim,
                              Scoring::of(op));
      attention.run(e.addIndex(scalar(op.getPosition()), 1),
                    [&](Value which, int64_t column, Value v, int64_t count) {
                      Value at = e.addIndex(
                          e.add(source.queryBase, e.mulIndex(which, headDim)),
                          column);
                      e.storeFirst(v, result, {source.queryRow, at}, count);
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
    attention.run(seen, [&](Value, int64_t column, Value v, int64_t count) {
      e.storeFirst(v, result,
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
