//===- FloatContraction.cpp - Contractions in f32 on panels ---------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PanelContraction.h"

#include "llvm/Support/SaveAndRestore.h"

#include <numeric>

using namespace mlir;
using namespace mlir::compress;

namespace {

/// out += decoded weights * activations, in f32, in the order of k: a value is
/// computed the same way whatever the number of rows, panels and threads.
///
/// Where weights q share a scale s along k, a segment's sum d is multiplied by
/// it once, and not each of them (getScaledSegment()). In place of
///   sum = fma(s * q[k], x[k], sum)
/// a step is d = fma(q[k], x[k], d), and a segment ends with
///   sum = fma(d, s, sum), d = 0.
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
  /// Adds `count` values of the activations' row 0, in a tile of the span, to a
  /// sum for each vector.
  SmallVector<Value> addTile(const Unit &unit, const Span &span, Value tile,
                             int64_t count, ValueRange sums);
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
  /// What activations are multiplied by: weights, or their codes' values where
  /// segments are scaled.
  Value readWeight(ArrayRef<Coord> at);
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
  /// Calls `body` for the segments of a span, in the order of k; it takes what
  /// the last one gave.
  SmallVector<Value>
  forSegments(const Span &span, ValueRange init,
              function_ref<SmallVector<Value>(const Span &, ValueRange)> body);
  void forSegments(const Span &span, function_ref<void(const Span &)> body);
  int64_t tilesPerSegment() const {
    return llvm::divideCeil(segment, tileDepth);
  }
  /// The totals of all vectors after a segment whose sums are `sums`.
  SmallVector<Value> addSegment(const Unit &unit, const Span &part,
                                ArrayRef<Value> sums, ValueRange totals);
  /// The scale of a segment in `vector`, one of the unit's.
  Value readScale(const Unit &unit, const Span &part, int64_t vector);
  /// Where a segment's scale stands among those of the decoded weights.
  SmallVector<Value> scaleAt(const Span &part, Value column, int64_t vector) {
    return {e.divIndex(part.local, tilesPerSegment()),
            e.addIndex(column, vector * lanes)};
  }
  void storeScales(const Unit &unit, Value column, const Span &span);
  Value readActivation(const Unit &unit, Value row, Value k);

  /// Values along k that share a scale, by which their sum is multiplied; 0
  /// where each weight is.
  int64_t segment = 0;
  Value scratch, waiting;
  /// Scales of the segments in `scratch`: [segment][column].
  Value scales;
};

} // namespace

FloatContraction::FloatContraction(Kernel &kernel) : PanelContraction(kernel) {
  if (weights.getGroup() > 1)
    tileDepth = weights.getGroup();
  if (std::optional<int64_t> found = getScaledSegment(contraction)) {
    segment = *found;
    if (segment < depth)
      tileDepth = std::gcd(segment, tileDepth);
  }
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
  int64_t step = blockWidth ? blockWidth : segment ? segment : tileDepth;
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
    use(i, readWeight(at(Coord(stored, tileDepth, i))));
}

Value FloatContraction::readWeight(ArrayRef<Coord> at) {
  if (segment)
    return weights.readFactor(e, at, lanes, EncodedOperand::BlockValues());
  return weights.readFactor(e, at, lanes);
}

SmallVector<Value> FloatContraction::forSegments(
    const Span &span, ValueRange init,
    function_ref<SmallVector<Value>(const Span &, ValueRange)> body) {
  int64_t whole = span.size / segment, tiles = tilesPerSegment();
  auto getPart = [&](Value i, int64_t size) {
    Value skipped = e.mulIndex(i, tiles);
    return Span{e.add(span.first, skipped), e.add(span.stored, skipped),
                e.add(span.local, skipped), size, span.block};
  };
  SmallVector<Value> carried =
      e.loop(e.index(0), e.index(whole), 1, init, [&](Value i, ValueRange in) {
        return body(getPart(i, segment), in);
      });
  if (whole * segment < span.size)
    carried =
        body(getPart(e.index(whole), span.size - whole * segment), carried);
  return carried;
}

void FloatContraction::forSegments(const Span &span,
                                   function_ref<void(const Span &)> body) {
  forSegments(span, ValueRange(), [&](const Span &part, ValueRange) {
    body(part);
    return SmallVector<Value>();
  });
}

Value FloatContraction::readScale(const Unit &unit, const Span &part,
                                  int64_t vector) {
  SmallVector<Coord> at =
      weightIndex(unit, part.block, vector / halves(), vector % halves(),
                  Coord(part.stored, tileDepth));
  return weights.readBlock(e, at, lanes).scale;
}

SmallVector<Value> FloatContraction::addTile(const Unit &unit, const Span &span,
                                             Value tile, int64_t count,
                                             ValueRange sums) {
  weights.beginScope();
  SmallVector<Value> next(sums);
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
}

SmallVector<Value> FloatContraction::addSegment(const Unit &unit,
                                                const Span &part,
                                                ArrayRef<Value> sums,
                                                ValueRange totals) {
  weights.beginScope();
  SmallVector<Value> next;
  for (auto [v, sum, total] : llvm::enumerate(sums, totals))
    next.push_back(e.fma(sum, readScale(unit, part, v), total));
  return next;
}

void FloatContraction::emitOneRow(const Unit &unit) {
  SmallVector<Value> sums(vectors(), e.constantF32(0, lanes));
  SmallVector<Value> zeros(sums);
  auto addPart = [&](const Span &part, ValueRange init) {
    return forTiles(part, init,
                    [&](Value tile, int64_t count, ValueRange carried) {
                      return addTile(unit, part, tile, count, carried);
                    });
  };
  sums = forSpans(unit.range, sums, [&](const Span &span, ValueRange carried) {
    if (!segment)
      return addPart(span, carried);
    return forSegments(span, carried, [&](const Span &part, ValueRange totals) {
      return addSegment(unit, part, addPart(part, zeros), totals);
    });
  });
  finishRow(unit, e.index(0), sums);
}

void FloatContraction::storeScales(const Unit &unit, Value column,
                                   const Span &span) {
  forSegments(span, [&](const Span &part) {
    weights.beginScope();
    for (int64_t v = 0; v < vectors(); ++v)
      e.store(readScale(unit, part, v), scales, scaleAt(part, column, v));
  });
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
      if (segment)
        storeScales(part, column, span);
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
  SmallVector<Value> sums(count * vectors(), e.constantF32(0, lanes));
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
  auto addSteps = [&](const Span &span, ValueRange carried) {
    return e.loop(
        e.index(0), e.index(span.size), 1, carried,
        [&](Value step, ValueRange in) { return addStep(span, step, in); });
  };
  // A segment's sums leave no registers for the totals, which wait on.
  auto addScaled = [&](const Span &part) {
    SmallVector<Value> added = addSteps(part, sums);
    SmallVector<Value> scale;
    for (int64_t v = 0; v < vectors(); ++v)
      scale.push_back(e.load(scales, scaleAt(part, column, v), lanes));
    forSums([&](int64_t m, int64_t v) {
      Value total = e.load(waiting, waitingAt(m, v), lanes);
      total = e.fma(added[m * vectors() + v], scale[v], total);
      e.store(total, waiting, waitingAt(m, v));
    });
  };
  if (segment)
    return forSpans(range,
                    [&](const Span &span) { forSegments(span, addScaled); });
  forSums([&](int64_t m, int64_t v) {
    sums[m * vectors() + v] = e.load(waiting, waitingAt(m, v), lanes);
  });
  sums = forSpans(range, sums, addSteps);
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
  if (segment)
    scales = kernel.allocateScratch(
        {static_cast<int64_t>(llvm::divideCeil(depthBlock(), segment)),
         columns},
        e.getF32Type());
  waiting = kernel.allocateScratch({kRowBlock, columns}, e.getF32Type());
  forUnits([&](const Unit &unit) {
    Value one =
        arith::CmpIOp::create(e, arith::CmpIPredicate::eq, rows(), e.index(1));
    e.ifThenElse(
        one,
        [&] {
          // More streams from memory are faster, and more sums hide latencies,
          // but their code is long where each weight is scaled.
          if (!hasPairs() || !isDecoded() || segment)
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
