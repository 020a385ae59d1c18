//===- FloatContraction.cpp - Contractions in f32 on panels ---------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PanelContraction.h"

using namespace mlir;
using namespace mlir::compress;

namespace {

/// out += decoded weights * activations, in f32, in the order of k: a value is
/// computed the same way whatever the number of rows, panels and threads.
///
/// For one row, weights go from memory to registers to the product. For more,
/// the panels of a unit are decoded to scratch memory once, and all rows use
/// them.
class FloatContraction : public PanelContraction {
public:
  using PanelContraction::PanelContraction;
  LogicalResult emit();

private:
  /// Steps of k that a tile of codes holds.
  static constexpr int64_t kTile = 32;

  void emitOneRow(const Unit &unit);
  void emitManyRows(const Unit &unit);
  void decodePanels(const Unit &unit);
  void emitRows(const Unit &unit, Value row, int64_t count);
  /// The weights of `panel` at k = tile * size + i, for i in [0, count).
  void decodeTile(const Unit &unit, int64_t panel, int64_t half, Value tile,
                  int64_t count,
                  function_ref<void(int64_t i, Value weights)> use);
  int64_t tileSize() const;
  Value readActivation(const Unit &unit, Value row, Value k);

  Value scratch;
};

} // namespace

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

void FloatContraction::decodePanels(const Unit &unit) {
  auto storeTile = [&](Value tile, int64_t count) {
    weights.beginScope();
    Value first = e.mulIndex(tile, tileSize());
    for (int64_t p = 0; p < panels; ++p)
      for (int64_t h = 0; h < halves(); ++h)
        decodeTile(unit, p, h, tile, count, [&](int64_t i, Value w) {
          e.store(w, scratch,
                  {e.addIndex(first, i), e.index((p * halves() + h) * lanes)});
        });
  };
  int64_t whole = depth / tileSize();
  e.loop(e.index(0), e.index(whole), 1,
         [&](Value tile) { storeTile(tile, tileSize()); });
  if (whole * tileSize() < depth)
    storeTile(e.index(whole), depth - whole * tileSize());
}

void FloatContraction::emitRows(const Unit &unit, Value row, int64_t count) {
  SmallVector<Value> sums(count * vectors(), e.constantF32(0, lanes));
  sums = e.loop(
      e.index(0), e.index(depth), 1, sums, [&](Value k, ValueRange carried) {
        SmallVector<Value> next(carried), w;
        for (int64_t v = 0; v < vectors(); ++v)
          w.push_back(e.load(scratch, {k, e.index(v * lanes)}, lanes));
        for (int64_t m = 0; m < count; ++m) {
          Value x = readActivation(unit, e.addIndex(row, m), k);
          for (int64_t v = 0; v < vectors(); ++v)
            next[m * vectors() + v] = e.fma(w[v], x, next[m * vectors() + v]);
        }
        return next;
      });
  for (int64_t m = 0; m < count; ++m)
    finishRow(unit, e.addIndex(row, m),
              ArrayRef(sums).slice(m * vectors(), vectors()));
}

void FloatContraction::emitManyRows(const Unit &unit) {
  decodePanels(unit);
  forRowTiles([&](Value row, int64_t count) { emitRows(unit, row, count); });
}

LogicalResult FloatContraction::emit() {
  scratch =
      kernel.allocateScratch({depth, panels * kPanelRows}, e.getF32Type());
  forUnits([&](const Unit &unit) {
    Value one =
        arith::CmpIOp::create(e, arith::CmpIPredicate::eq, rows(), e.index(1));
    e.ifThenElse(one, [&] { emitOneRow(unit); }, [&] { emitManyRows(unit); });
  });
  return success();
}

LogicalResult compress::emitFloatContraction(Kernel &kernel) {
  return FloatContraction(kernel).emit();
}
