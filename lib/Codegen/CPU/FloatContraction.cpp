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
  using PanelContraction::PanelContraction;
  LogicalResult emit();

private:
  /// Steps of k that a tile of codes holds.
  static constexpr int64_t kTile = 32;

  /// Most steps of k that rows share weights for, if no group is longer.
  static constexpr int64_t kDepthBlock = 768;
  /// Rows whose sums wait together.
  static constexpr int64_t kRowBlock = 96;
  /// So many rows are two tiles of twice the height and half the width: their
  /// weights come from memory, and are read less often so.
  static constexpr int64_t kFewRows = 16, kFewRowsPanels = 2;

  /// Steps [first, first + count) of k.
  struct DepthRange {
    Value first;
    int64_t count;
  };
  /// Where sums come from and go to.
  enum class Sums { InRegisters, InScratch };

  void emitOneRow(const Unit &unit);
  void emitFewRows(const Unit &unit);
  void emitManyRows(const Unit &unit);
  void emitRowBlock(const Unit &unit, Value begin, Value end);
  void decodePanels(const Unit &unit, DepthRange range);
  void emitRows(const Unit &unit, Value row, int64_t count, DepthRange range,
                Sums sums, Value firstRow);
  void prefetchWeights(const Unit &unit, DepthRange range, Value step);
  int64_t depthBlock() const;
  bool isDecoded() const;
  /// Whether few rows have code of their own.
  bool hasFewRowsForm() const {
    return panels > kFewRowsPanels && panels % kFewRowsPanels == 0;
  }
  /// The weights of `panel` at k = tile * size + i, for i in [0, count).
  void decodeTile(const Unit &unit, int64_t panel, int64_t half, Value tile,
                  int64_t count,
                  function_ref<void(int64_t i, Value weights)> use);
  int64_t tileSize() const;
  Value readActivation(const Unit &unit, Value row, Value k);

  /// Of row tiles.
  SmallVector<int64_t> sizes;
  Value scratch, waiting;
};

} // namespace

/// Whether weights have to be decoded; f32 in panels is read where it lies.
bool FloatContraction::isDecoded() const {
  EncodingSpec spec = getEncoding(contraction.getRhsType()).getSpec();
  return spec.kind != EncodingSpec::Kind::Float ||
         spec.code != NumberType::getF32() || spec.scale;
}

/// Blocks that divide k need no code for a rest.
int64_t FloatContraction::depthBlock() const {
  if (depth <= kDepthBlock)
    return depth;
  int64_t most = std::max(kDepthBlock / tileSize(), int64_t(1)) * tileSize();
  for (int64_t block = most; block >= kDepthBlock / 3; block -= tileSize())
    if (depth % block == 0)
      return block;
  return most;
}

int64_t FloatContraction::tileSize() const {
  int64_t group = weights.getGroup();
  return group == 1 ? kTile : group;
}

Value FloatContraction::readActivation(const Unit &unit, Value row, Value k) {
  SmallVector<Coord> at;
  if (unit.batch)
    at.push_back(Coord(unit.batch));
  at.push_back(Coord(row));
  at.push_back(Coord(weights.logicalColumn(e, k)));
  return activations.read(e, at);
}

void FloatContraction::decodeTile(const Unit &unit, int64_t panel, int64_t half,
                                  Value tile, int64_t count,
                                  function_ref<void(int64_t, Value)> use) {
  auto at = [&](Coord k) { return weightIndex(unit, panel, half, k); };
  if (weights.getGroup() > 1) {
    SmallVector<Value> values =
        weights.readGroup(e, at(Coord(0)), Coord(tile), lanes);
    for (int64_t i = 0; i < count; ++i)
      use(i, values[i]);
    return;
  }
  for (int64_t i = 0; i < count; ++i)
    use(i, weights.readFactor(e, at(Coord(tile, kTile, i)), lanes));
}

void FloatContraction::emitOneRow(const Unit &unit) {
  SmallVector<Value> sums(vectors(), e.constantF32(0, lanes));
  auto addTile = [&](Value tile, int64_t count, ValueRange carried) {
    weights.beginScope();
    SmallVector<Value> next(carried);
    SmallVector<Value> x;
    for (int64_t i = 0; i < count; ++i)
      x.push_back(readActivation(unit, e.index(0),
                                 e.addIndex(e.mulIndex(tile, tileSize()), i)));
    for (int64_t p = 0; p < panels; ++p)
      for (int64_t h = 0; h < halves(); ++h)
        decodeTile(unit, p, h, tile, count, [&](int64_t i, Value w) {
          Value &sum = next[p * halves() + h];
          sum = e.fma(w, x[i], sum);
        });
    return next;
  };
  int64_t whole = depth / tileSize();
  sums = e.loop(e.index(0), e.index(whole), 1, sums,
                [&](Value tile, ValueRange carried) {
                  return addTile(tile, tileSize(), carried);
                });
  if (whole * tileSize() < depth)
    sums = addTile(e.index(whole), depth - whole * tileSize(), sums);
  finishRow(unit, e.index(0), sums);
}

void FloatContraction::decodePanels(const Unit &unit, DepthRange range) {
  Value firstTile = e.divIndex(range.first, tileSize());
  auto storeTile = [&](Value tile, int64_t count) {
    weights.beginScope();
    Value first = e.mulIndex(tile, tileSize());
    for (int64_t p = 0; p < panels; ++p)
      for (int64_t h = 0; h < halves(); ++h)
        decodeTile(unit, p, h, e.add(firstTile, tile), count,
                   [&](int64_t i, Value w) {
                     e.store(w, scratch,
                             {e.addIndex(first, i),
                              e.index((p * halves() + h) * lanes)});
                   });
  };
  int64_t whole = range.count / tileSize();
  e.loop(e.index(0), e.index(whole), 1,
         [&](Value tile) { storeTile(tile, tileSize()); });
  if (whole * tileSize() < range.count)
    storeTile(e.index(whole), range.count - whole * tileSize());
}

/// What will be read for step `step` when it is so much larger as the strategy
/// says.
void FloatContraction::prefetchWeights(const Unit &unit, DepthRange range,
                                       Value step) {
  int64_t distance = kernel.getStrategy().getTilePrefetch();
  if (!distance)
    return;
  Value ahead = e.addIndex(step, distance);
  for (int64_t p = 0; p < panels; ++p) {
    if (isDecoded()) {
      e.prefetch(scratch, {ahead, e.index(p * kPanelRows)});
      continue;
    }
    Coord k(e.add(range.first, ahead));
    weights.prefetchCodes(e, /*from=*/0, /*to=*/1, [&](int64_t) {
      return weightIndex(unit, p, /*half=*/0, k);
    });
  }
}

void FloatContraction::emitRows(const Unit &unit, Value row, int64_t count,
                                DepthRange range, Sums where, Value firstRow) {
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
  sums = e.loop(
      e.index(0), e.index(range.count), 1, sums,
      [&](Value step, ValueRange carried) {
        SmallVector<Value> next(carried), w;
        Value k = e.add(range.first, step);
        weights.beginScope();
        for (int64_t v = 0; v < vectors(); ++v)
          w.push_back(
              isDecoded()
                  ? e.load(scratch, {step, e.index(v * lanes)}, lanes)
                  : weights.readFactor(
                        e,
                        weightIndex(unit, v / halves(), v % halves(), Coord(k)),
                        lanes));
        prefetchWeights(unit, range, step);
        for (int64_t m = 0; m < count; ++m) {
          Value x = readActivation(unit, e.addIndex(row, m), k);
          for (int64_t v = 0; v < vectors(); ++v)
            next[m * vectors() + v] = e.fma(w[v], x, next[m * vectors() + v]);
        }
        return next;
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
  auto addBlock = [&](DepthRange range) {
    if (isDecoded())
      decodePanels(unit, range);
    forRowTiles(begin, end, sizes, [&](Value row, int64_t count) {
      emitRows(unit, row, count, range, Sums::InScratch, begin);
    });
  };
  int64_t whole = depth / depthBlock() * depthBlock();
  e.loop(e.index(0), e.index(whole), depthBlock(),
         [&](Value k) { addBlock({k, depthBlock()}); });
  if (whole < depth)
    addBlock({e.index(whole), depth - whole});
  e.loop(begin, end, 1, [&](Value row) {
    SmallVector<Value> sums;
    for (int64_t v = 0; v < vectors(); ++v)
      sums.push_back(
          e.load(waiting, {e.sub(row, begin), e.index(v * lanes)}, lanes));
    finishRow(unit, row, sums);
  });
}

void FloatContraction::emitManyRows(const Unit &unit) {
  if (depth > depthBlock()) {
    e.loop(e.index(0), rows(), kRowBlock, [&](Value begin) {
      emitRowBlock(unit, begin,
                   e.minIndex(rows(), e.addIndex(begin, kRowBlock)));
    });
    return;
  }
  DepthRange all{e.index(0), depth};
  if (isDecoded())
    decodePanels(unit, all);
  forRowTiles(e.index(0), rows(), sizes, [&](Value row, int64_t count) {
    emitRows(unit, row, count, all, Sums::InRegisters, Value());
  });
}

void FloatContraction::emitFewRows(const Unit &unit) {
  int64_t parts = panels / kFewRowsPanels;
  llvm::SaveAndRestore<int64_t> narrow(panels, kFewRowsPanels);
  llvm::SaveAndRestore<SmallVector<int64_t>> high(sizes,
                                                  {kFewRows / 2, 4, 2, 1});
  e.loop(e.index(0), e.index(parts), 1, [&](Value part) {
    Value first = e.add(unit.firstPanel, e.mulIndex(part, kFewRowsPanels));
    emitManyRows({unit.batch, first});
  });
}

LogicalResult FloatContraction::emit() {
  int64_t columns = panels * kPanelRows, tile = kernel.getStrategy().getTile();
  // Where few rows have code of their own, what is left of many counts little.
  sizes = hasFewRowsForm() ? SmallVector<int64_t>{tile, 1}
                           : SmallVector<int64_t>{tile, 2, 1};
  if (isDecoded())
    scratch = kernel.allocateScratch({depthBlock(), columns}, e.getF32Type());
  if (depth > depthBlock())
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
