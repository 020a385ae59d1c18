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
/// of several blocks wait in scratch memory, for some rows at a time.
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
  static constexpr int64_t kFewRows = 16, kFewRowsPanels = 2;

  /// Where sums come from and go to.
  enum class Sums { InRegisters, InScratch };

  void emitOneRow(const Unit &unit);
  void emitFewRows(const Unit &unit);
  void emitManyRows(const Unit &unit);
  void emitRowBlock(const Unit &unit, Value begin, Value end);
  void decodePanels(const Unit &unit, const Range &range);
  void emitRows(const Unit &unit, Value row, int64_t count, const Range &range,
                Sums sums, Value firstRow);
  void prefetchWeights(const Unit &unit, const Span &span, Value step);
  int64_t depthBlock() const;
  bool isDecoded() const;
  /// Whether few rows have code of their own.
  bool hasFewRowsForm() const {
    return panels > kFewRowsPanels && panels % kFewRowsPanels == 0;
  }
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

  /// Of row tiles.
  SmallVector<int64_t> sizes;
  Value scratch, waiting;
};

} // namespace

FloatContraction::FloatContraction(Kernel &kernel) : PanelContraction(kernel) {
  if (weights.getGroup() > 1)
    kTile = weights.getGroup();
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
  int64_t step = blockWidth ? blockWidth : kTile;
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
  int64_t whole = span.size / kTile;
  SmallVector<Value> carried =
      e.loop(e.index(0), e.index(whole), 1, init,
             [&](Value tile, ValueRange in) { return body(tile, kTile, in); });
  if (whole * kTile < span.size)
    carried = body(e.index(whole), span.size - whole * kTile, carried);
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
    use(i, weights.readFactor(e, at(Coord(stored, kTile, i)), lanes));
}

void FloatContraction::emitOneRow(const Unit &unit) {
  SmallVector<Value> sums(vectors(), e.constantF32(0, lanes));
  auto addTile = [&](const Span &span, Value tile, int64_t count,
                     ValueRange carried) {
    weights.beginScope();
    SmallVector<Value> next(carried);
    SmallVector<Value> x;
    Value first = e.mulIndex(e.add(span.first, tile), kTile);
    for (int64_t i = 0; i < count; ++i)
      x.push_back(readActivation(unit, e.index(0), e.addIndex(first, i)));
    for (int64_t p = 0; p < panels; ++p)
      for (int64_t h = 0; h < halves(); ++h)
        decodeTile(unit, span, p, h, tile, count, [&](int64_t i, Value w) {
          Value &sum = next[p * halves() + h];
          sum = e.fma(w, x[i], sum);
        });
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
  forSpans(range, [&](const Span &span) {
    forTiles(span, ValueRange(), [&](Value tile, int64_t count, ValueRange) {
      weights.beginScope();
      Value first = e.mulIndex(e.add(span.local, tile), kTile);
      for (int64_t p = 0; p < panels; ++p)
        for (int64_t h = 0; h < halves(); ++h)
          decodeTile(unit, span, p, h, tile, count, [&](int64_t i, Value w) {
            e.store(
                w, scratch,
                {e.addIndex(first, i), e.index((p * halves() + h) * lanes)});
          });
      return SmallVector<Value>();
    });
  });
}

/// What will be read for step `step` when it is so much larger as the strategy
/// says.
void FloatContraction::prefetchWeights(const Unit &unit, const Span &span,
                                       Value step) {
  int64_t distance = kernel.getStrategy().getTilePrefetch();
  if (!distance)
    return;
  Value ahead = e.addIndex(step, distance);
  for (int64_t p = 0; p < panels; ++p) {
    if (isDecoded()) {
      Value local = e.add(e.mulIndex(span.local, kTile), ahead);
      e.prefetch(scratch, {local, e.index(p * kPanelRows)});
      continue;
    }
    Coord k(e.add(e.mulIndex(span.stored, kTile), ahead));
    weights.prefetchCodes(e, /*from=*/0, /*to=*/1, [&](int64_t) {
      return weightIndex(unit, span.block, p, /*half=*/0, k);
    });
  }
}

void FloatContraction::emitRows(const Unit &unit, Value row, int64_t count,
                                const Range &range, Sums where,
                                Value firstRow) {
  auto waitingAt = [&](int64_t m, int64_t v) {
    return SmallVector<Value>{e.sub(e.addIndex(row, m), firstRow),
                              e.index(v * lanes)};
  };
  auto forSums = [&](function_ref<void(int64_t, int64_t)> body) {
    for (int64_t m = 0; m < count; ++m)
      for (int64_t v = 0; v < vectors(); ++v)
        body(m, v);
  };
  SmallVector<Value> sums(count * vectors(), e.constantF32(0, lanes));
  if (where == Sums::InScratch)
    forSums([&](int64_t m, int64_t v) {
      sums[m * vectors() + v] = e.load(waiting, waitingAt(m, v), lanes);
    });
  auto addStep = [&](const Span &span, Value step, ValueRange carried) {
    auto at = [&](Value tile) { return e.add(e.mulIndex(tile, kTile), step); };
    SmallVector<Value> next(carried), w;
    weights.beginScope();
    for (int64_t v = 0; v < vectors(); ++v)
      w.push_back(
          isDecoded()
              ? e.load(scratch, {at(span.local), e.index(v * lanes)}, lanes)
              : weights.readFactor(e,
                                   weightIndex(unit, span.block, v / halves(),
                                               v % halves(),
                                               Coord(at(span.stored))),
                                   lanes));
    prefetchWeights(unit, span, step);
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
  if (where == Sums::InScratch) {
    forSums([&](int64_t m, int64_t v) {
      e.store(sums[m * vectors() + v], waiting, waitingAt(m, v));
    });
    return;
  }
  for (int64_t m = 0; m < count; ++m)
    finishRow(unit, e.addIndex(row, m),
              ArrayRef(sums).slice(m * vectors(), vectors()));
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
    forRowTiles(begin, end, sizes, [&](Value row, int64_t count) {
      emitRows(unit, row, count, range, Sums::InScratch, begin);
    });
  };
  if (blockWidth) {
    int64_t count = depthBlock() / blockWidth;
    Value last = unit.range.endBlock;
    e.loop(unit.range.beginBlock, last, count, [&](Value block) {
      Value to = e.minIndex(last, e.addIndex(block, count));
      addBlock({Value(), 0, block, to});
    });
  } else {
    int64_t tiles = depthBlock() / kTile, whole = depth / depthBlock();
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
  if (getStoredDepth() > depthBlock()) {
    e.loop(e.index(0), rows(), kRowBlock, [&](Value begin) {
      emitRowBlock(unit, begin,
                   e.minIndex(rows(), e.addIndex(begin, kRowBlock)));
    });
    return;
  }
  if (isDecoded())
    decodePanels(unit, unit.range);
  forRowTiles(e.index(0), rows(), sizes, [&](Value row, int64_t count) {
    emitRows(unit, row, count, unit.range, Sums::InRegisters, Value());
  });
}

void FloatContraction::emitFewRows(const Unit &unit) {
  int64_t parts = panels / kFewRowsPanels;
  llvm::SaveAndRestore<int64_t> narrow(panels, kFewRowsPanels);
  llvm::SaveAndRestore<SmallVector<int64_t>> high(sizes,
                                                  {kFewRows / 2, 4, 2, 1});
  e.loop(e.index(0), e.index(parts), 1, [&](Value at) {
    Value first = e.add(unit.firstPanel, e.mulIndex(at, kFewRowsPanels));
    Unit part = unit;
    part.firstPanel = first;
    if (blockWidth)
      part.blockPanel = e.add(unit.blockPanel, e.mulIndex(at, kFewRowsPanels));
    emitManyRows(part);
  });
}

LogicalResult FloatContraction::emit() {
  int64_t columns = panels * kPanelRows, tile = kernel.getStrategy().getTile();
  // Where few rows have code of their own, what is left of many counts little.
  sizes = hasFewRowsForm() ? SmallVector<int64_t>{tile, 1}
                           : SmallVector<int64_t>{tile, 2, 1};
  if (isDecoded())
    scratch = kernel.allocateScratch({depthBlock(), columns}, e.getF32Type());
  if (getStoredDepth() > depthBlock())
    waiting = kernel.allocateScratch({kRowBlock, columns}, e.getF32Type());
  forUnits([&](const Unit &unit) {
    Value one =
        arith::CmpIOp::create(e, arith::CmpIPredicate::eq, rows(), e.index(1));
    e.ifThenElse(
        one, [&] { emitOneRow(unit); },
        [&] {
          if (!hasFewRowsForm())
            return emitManyRows(unit);
          Value few = arith::CmpIOp::create(e, arith::CmpIPredicate::ule,
                                            rows(), e.index(kFewRows));
          e.ifThenElse(
              few, [&] { emitFewRows(unit); }, [&] { emitManyRows(unit); });
        });
  });
  return success();
}

LogicalResult compress::emitFloatContraction(Kernel &kernel) {
  return FloatContraction(kernel).emit();
}
