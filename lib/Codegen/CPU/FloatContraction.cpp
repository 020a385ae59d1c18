//===- FloatContraction.cpp - Contractions in f32 on panels ---------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PanelContraction.h"

#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace mlir::compress;

namespace {

/// out += decoded weights * activations, in f32, in the order of k: a value is
/// computed the same way whatever the number of rows, panels and threads.
///
/// For one row, weights go from memory to registers to the product. For more, k
/// is cut into blocks, so that a block's weights stay in a cache while all rows
/// use them. Weights that are encoded are decoded to scratch memory first. Sums
/// wait in scratch memory, for some rows at a time, until all blocks are added:
/// what follows the product is code once, not for each size of row tiles.
class FloatContraction : public PanelContraction {
public:
  explicit FloatContraction(Kernel &kernel);
  LogicalResult emit();

private:
  /// Most steps of k that rows share weights for, if no group is longer.
  static constexpr int64_t kDepthBlock = 768;
  /// Rows whose sums wait together.
  static constexpr int64_t kRowBlock = 96;
  /// So many rows are two tiles of twice the height and half the width: their
  /// weights come from memory, and are read less often so.
  static constexpr int64_t kFewRows = 16;
  /// Panels whose products have enough sums to hide latencies, where weights
  /// come from memory.
  static constexpr int64_t kPair = 2;

  void emitOneRow(const Unit &unit);
  void emitManyRows(const Unit &unit);
  void emitRowBlock(const Unit &unit, Value begin, Value end);
  void addToSums(const Unit &unit, const Range &range, Value begin, Value end);
  void decodePanels(const Unit &unit, const Range &range);
  /// Adds a range to the waiting sums, of which those of `firstRow` come first.
  /// Scratch memory has the unit's from `column` on.
  void emitRows(const Unit &unit, Value column, Value row, int64_t count,
                const Range &range, Value firstRow);
  void prefetchWeights(const Unit &unit, Value column, const Span &span,
                       Value step);
  void prefetchTile(const Unit &unit, const Span &span, int64_t panel,
                    Value tile);
  int64_t depthBlock() const;
  bool isDecoded() const;
  /// Whether all of k is one block.
  bool hasOneRange() const { return getStoredDepth() <= depthBlock(); }
  /// Whether less than all panels of a unit are computed together for one row,
  /// and few rows have code of their own.
  bool hasPairs() const { return panels > kPair && panels % kPair == 0; }
  /// Calls `body` for the unit's panels, two at a time.
  void forPairs(const Unit &unit,
                function_ref<void(const Unit &, Value column)> body);
  /// The weights of `panel` in a tile of the span, the first `count` of them.
  void decodeTile(const Unit &unit, const Span &span, int64_t panel,
                  int64_t half, Value tile, int64_t count,
                  function_ref<void(int64_t i, Value weights)> use);
  /// Calls `body` for the tiles of a span with the number of values in them.
  SmallVector<Value>
  forTiles(const Span &span, ValueRange init,
           function_ref<SmallVector<Value>(Value tile, int64_t count,
                                           ValueRange carried)>
               body);
  Value readActivation(const Unit &unit, Value row, Value k);

  Value scratch, waiting;
};

} // namespace

FloatContraction::FloatContraction(Kernel &kernel) : PanelContraction(kernel) {
  if (weights.getGroup() > 1)
    tileDepth = weights.getGroup();
}

/// Whether weights have to be decoded; f32 in panels is read where it lies.
bool FloatContraction::isDecoded() const {
  EncodingSpec spec = getEncoding(contraction.getRhsType()).getSpec();
  if (spec.kind == EncodingSpec::Kind::Block && spec.values.isNumber())
    return spec.values.getNumber() != NumberType::getF32();
  return spec.kind != EncodingSpec::Kind::Float ||
         spec.code != NumberType::getF32() || spec.scale;
}

/// Blocks that divide k need no code for a rest.
int64_t FloatContraction::depthBlock() const {
  if (getStoredDepth() <= kDepthBlock)
    return getStoredDepth();
  int64_t step = blockWidth ? blockWidth : tileDepth;
  int64_t most = std::max(kDepthBlock / step, int64_t(1)) * step;
  if (blockWidth)
    return most;
  for (int64_t block = most; block >= kDepthBlock / 3; block -= step)
    if (depth % block == 0)
      return block;
  return most;
}

SmallVector<Value> FloatContraction::forTiles(
    const Span &span, ValueRange init,
    function_ref<SmallVector<Value>(Value, int64_t, ValueRange)> body) {
  int64_t whole = span.size / tileDepth;
  SmallVector<Value> carried = e.loop(
      e.index(0), e.index(whole), 1, init,
      [&](Value tile, ValueRange in) { return body(tile, tileDepth, in); });
  if (whole * tileDepth < span.size)
    carried = body(e.index(whole), span.size - whole * tileDepth, carried);
  return carried;
}

Value FloatContraction::readActivation(const Unit &unit, Value row, Value k) {
  SmallVector<Coord> at;
  if (unit.batch)
    at.push_back(Coord(unit.batch));
  at.push_back(Coord(row));
  at.push_back(Coord(weights.logicalColumn(e, k)));
  return activations.read(e, at);
}

void FloatContraction::decodeTile(const Unit &unit, const Span &span,
                                  int64_t panel, int64_t half, Value tile,
                                  int64_t count,
                                  function_ref<void(int64_t, Value)> use) {
  auto at = [&](Coord k) {
    return weightIndex(unit, span.block, panel, half, k);
  };
  Value stored = e.add(span.stored, tile);
  if (weights.getGroup() > 1) {
    SmallVector<Value> values =
        weights.readGroup(e, at(Coord(0)), Coord(stored), lanes);
    for (int64_t i = 0; i < count; ++i)
      use(i, values[i]);
    return;
  }
  for (int64_t i = 0; i < count; ++i)
    use(i, weights.readFactor(e, at(Coord(stored, tileDepth, i)), lanes));
}

void FloatContraction::emitOneRow(const Unit &unit) {
  SmallVector<Value> sums(vectors(), e.constantF32(0, lanes));
  auto addTile = [&](const Span &span, Value tile, int64_t count,
                     ValueRange carried) {
    weights.beginScope();
    SmallVector<Value> next(carried);
    SmallVector<Value> x;
    Value first = e.mulIndex(e.add(span.first, tile), tileDepth);
    for (int64_t i = 0; i < count; ++i)
      x.push_back(readActivation(unit, e.index(0), e.addIndex(first, i)));
    for (int64_t p = 0; p < panels; ++p) {
      prefetchTile(unit, span, p, tile);
      for (int64_t h = 0; h < halves(); ++h)
        decodeTile(unit, span, p, h, tile, count, [&](int64_t i, Value w) {
          Value &sum = next[p * halves() + h];
          sum = e.fma(w, x[i], sum);
        });
    }
    return next;
  };
  sums = forSpans(unit.range, sums, [&](const Span &span, ValueRange carried) {
    return forTiles(span, carried,
                    [&](Value tile, int64_t count, ValueRange in) {
                      return addTile(span, tile, count, in);
                    });
  });
  finishRow(unit, e.index(0), sums);
}

void FloatContraction::decodePanels(const Unit &unit, const Range &range) {
  auto storeTile = [&](const Unit &part, Value column, const Span &span,
                       Value tile, int64_t count) {
    weights.beginScope();
    Value first = e.mulIndex(e.add(span.local, tile), tileDepth);
    for (int64_t p = 0; p < panels; ++p)
      for (int64_t h = 0; h < halves(); ++h)
        decodeTile(part, span, p, h, tile, count, [&](int64_t i, Value w) {
          e.store(w, scratch,
                  {e.addIndex(first, i),
                   e.addIndex(column, (p * halves() + h) * lanes)});
        });
  };
  auto decodePart = [&](const Unit &part, Value column) {
    forSpans(range, [&](const Span &span) {
      forTiles(span, ValueRange(), [&](Value tile, int64_t count, ValueRange) {
        storeTile(part, column, span, tile, count);
        return SmallVector<Value>();
      });
    });
  };
  if (!hasPairs())
    return decodePart(unit, e.index(0));
  forPairs(unit, decodePart);
}

/// What will be read for step `step` when it is so much larger as the strategy
/// says.
void FloatContraction::prefetchWeights(const Unit &unit, Value column,
                                       const Span &span, Value step) {
  int64_t distance = kernel.getStrategy().getTilePrefetch();
  if (!distance)
    return;
  Value ahead = e.addIndex(step, distance);
  for (int64_t p = 0; p < panels; ++p) {
    if (isDecoded()) {
      Value local = e.add(e.mulIndex(span.local, tileDepth), ahead);
      e.prefetch(scratch, {local, e.addIndex(column, p * kPanelRows)});
      continue;
    }
    Coord k(e.add(e.mulIndex(span.stored, tileDepth), ahead));
    weights.prefetchCodes(e, /*from=*/0, /*to=*/1, [&](int64_t) {
      return weightIndex(unit, span.block, p, /*half=*/0, k);
    });
  }
}

/// What a tile of codes of one row will be when k is so much larger as the
/// strategy says.
void FloatContraction::prefetchTile(const Unit &unit, const Span &span,
                                    int64_t panel, Value tile) {
  int64_t distance = kernel.getStrategy().getPrefetch();
  if (!distance)
    return;
  Value ahead = e.addIndex(e.add(span.stored, tile), distance / tileDepth);
  weights.prefetchCodes(e, /*from=*/0, /*to=*/tileDepth, [&](int64_t i) {
    return weightIndex(unit, span.block, panel, /*half=*/0,
                       Coord(ahead, tileDepth, i));
  });
}

void FloatContraction::emitRows(const Unit &unit, Value column, Value row,
                                int64_t count, const Range &range,
                                Value firstRow) {
  auto waitingAt = [&](int64_t m, int64_t v) {
    return SmallVector<Value>{e.sub(e.addIndex(row, m), firstRow),
                              e.addIndex(column, v * lanes)};
  };
  auto forSums = [&](function_ref<void(int64_t, int64_t)> body) {
    for (int64_t m = 0; m < count; ++m)
      for (int64_t v = 0; v < vectors(); ++v)
        body(m, v);
  };
  SmallVector<Value> sums(count * vectors());
  forSums([&](int64_t m, int64_t v) {
    sums[m * vectors() + v] = e.load(waiting, waitingAt(m, v), lanes);
  });
  auto addStep = [&](const Span &span, Value step, ValueRange carried) {
    auto at = [&](Value tile) {
      return e.add(e.mulIndex(tile, tileDepth), step);
    };
    SmallVector<Value> next(carried), w;
    weights.beginScope();
    for (int64_t v = 0; v < vectors(); ++v)
      w.push_back(
          isDecoded()
              ? e.load(scratch, {at(span.local), e.addIndex(column, v * lanes)},
                       lanes)
              : weights.readFactor(e,
                                   weightIndex(unit, span.block, v / halves(),
                                               v % halves(),
                                               Coord(at(span.stored))),
                                   lanes));
    prefetchWeights(unit, column, span, step);
    Value k = at(span.first);
    for (int64_t m = 0; m < count; ++m) {
      Value x = readActivation(unit, e.addIndex(row, m), k);
      for (int64_t v = 0; v < vectors(); ++v)
        next[m * vectors() + v] = e.fma(w[v], x, next[m * vectors() + v]);
    }
    return next;
  };
  sums = forSpans(range, sums, [&](const Span &span, ValueRange carried) {
    return e.loop(
        e.index(0), e.index(span.size), 1, carried,
        [&](Value step, ValueRange in) { return addStep(span, step, in); });
  });
  forSums([&](int64_t m, int64_t v) {
    e.store(sums[m * vectors() + v], waiting, waitingAt(m, v));
  });
}

void FloatContraction::addToSums(const Unit &unit, const Range &range,
                                 Value begin, Value end) {
  auto addTiles = [&](const Unit &part, Value column, ArrayRef<int64_t> sizes) {
    forRowTiles(begin, end, sizes, [&](Value row, int64_t count) {
      emitRows(part, column, row, count, range, begin);
    });
  };
  int64_t tile = kernel.getStrategy().getTile();
  if (!hasPairs())
    return addTiles(unit, e.index(0), {tile, 2, 1});
  Value few = arith::CmpIOp::create(e, arith::CmpIPredicate::ule, rows(),
                                    e.index(kFewRows));
  e.ifThenElse(
      few,
      [&] {
        forPairs(unit, [&](const Unit &pair, Value column) {
          addTiles(pair, column, {kFewRows / 2, 4, 2, 1});
        });
      },
      // What is left of many rows counts little.
      [&] { addTiles(unit, e.index(0), {tile, 1}); });
}

/// Rows [begin, end), at most kRowBlock.
void FloatContraction::emitRowBlock(const Unit &unit, Value begin, Value end) {
  e.loop(begin, end, 1, [&](Value row) {
    for (int64_t v = 0; v < vectors(); ++v)
      e.store(e.constantF32(0, lanes), waiting,
              {e.sub(row, begin), e.index(v * lanes)});
  });
  auto addBlock = [&](const Range &range) {
    if (isDecoded())
      decodePanels(unit, range);
    addToSums(unit, range, begin, end);
  };
  if (hasOneRange()) {
    addToSums(unit, unit.range, begin, end);
  } else if (blockWidth) {
    int64_t count = depthBlock() / blockWidth;
    Value last = unit.range.endBlock;
    e.loop(unit.range.beginBlock, last, count, [&](Value block) {
      Value to = e.minIndex(last, e.addIndex(block, count));
      addBlock({Value(), 0, block, to});
    });
  } else {
    int64_t tiles = depthBlock() / tileDepth, whole = depth / depthBlock();
    e.loop(e.index(0), e.index(whole * tiles), tiles, [&](Value tile) {
      addBlock({tile, depthBlock(), Value(), Value()});
    });
    if (int64_t rest = depth - whole * depthBlock())
      addBlock({e.index(whole * tiles), rest, Value(), Value()});
  }
  e.loop(begin, end, 1, [&](Value row) {
    SmallVector<Value> sums;
    for (int64_t v = 0; v < vectors(); ++v)
      sums.push_back(
          e.load(waiting, {e.sub(row, begin), e.index(v * lanes)}, lanes));
    finishRow(unit, row, sums);
  });
}

void FloatContraction::emitManyRows(const Unit &unit) {
  if (hasOneRange() && isDecoded())
    decodePanels(unit, unit.range);
  e.loop(e.index(0), rows(), kRowBlock, [&](Value begin) {
    emitRowBlock(unit, begin, e.minIndex(rows(), e.addIndex(begin, kRowBlock)));
  });
}

void FloatContraction::forPairs(const Unit &unit,
                                function_ref<void(const Unit &, Value)> body) {
  int64_t parts = panels / kPair;
  llvm::SaveAndRestore<int64_t> narrow(panels, kPair);
  e.loop(e.index(0), e.index(parts), 1, [&](Value at) {
    Value panel = e.mulIndex(at, kPair);
    body(getPart(unit, panel), e.mulIndex(panel, kPanelRows));
  });
}

LogicalResult FloatContraction::emit() {
  int64_t columns = panels * kPanelRows;
  if (isDecoded())
    scratch = kernel.allocateScratch({depthBlock(), columns}, e.getF32Type());
  waiting = kernel.allocateScratch({kRowBlock, columns}, e.getF32Type());
  forUnits([&](const Unit &unit) {
    Value one =
        arith::CmpIOp::create(e, arith::CmpIPredicate::eq, rows(), e.index(1));
    e.ifThenElse(
        one,
        [&] {
          // More streams from memory are faster, but their code is long where
          // weights are decoded.
          if (!hasPairs() || !isDecoded())
            return emitOneRow(unit);
          forPairs(unit, [&](const Unit &pair, Value) { emitOneRow(pair); });
        },
        [&] { emitManyRows(unit); });
  });
  return success();
}

LogicalResult compress::emitFloatContraction(Kernel &kernel) {
  return FloatContraction(kernel).emit();
}
