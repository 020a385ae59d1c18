//===- IntegerContraction.cpp - Contractions of integer codes -------------===//
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

/// Both operands are integer codes with scales per block along k. Within a
/// segment, in which all scales are constant, products are summed as integers;
/// segments are added in f32, in the order of k.
///
/// With weights s (u - b - z) + m, where u is the unsigned code and b its bias,
/// and activations t q, a segment adds
///   t (s (sum(u q) - b sum(q) - z sum(q)) + m sum(q)).
class IntegerContraction : public PanelContraction {
public:
  explicit IntegerContraction(Kernel &kernel);
  LogicalResult emit();

private:
  static constexpr int64_t kTile = 32, kQuad = 4;

  /// Rows whose sums are under way together, and where their weights are read.
  struct Tile {
    const Unit &unit;
    Value row;
    int64_t rows;
    bool fromScratch;
  };
  /// Accumulators of one segment: per row and vector, and per row the sum of
  /// the activations' codes.
  using Sums = SmallVector<Value>;

  void decodePanels(const Unit &unit);
  void emitRows(const Tile &tile);
  Sums addStep(const Tile &tile, Value first, int64_t size, ValueRange sums);
  Sums dotSegment(const Tile &tile, Value first, int64_t offset, int64_t size);
  /// Adds quads [from, from + count) of tile number `at`, `size` values in all.
  void addQuads(const Tile &tile, Value at, int64_t offset, int64_t size,
                Sums &accumulators);
  Value weightQuad(const Tile &tile, int64_t vector, Value at, int64_t offset);
  Value activationQuad(const Tile &tile, int64_t row, Value at, int64_t offset,
                       int64_t available);
  SmallVector<Coord> activationIndex(const Tile &tile, int64_t row, Value at,
                                     int64_t offset);
  void addSegment(const Tile &tile, Value at, int64_t offset, const Sums &dots,
                  Sums &sums);

  bool needsSums() const;
  bool hasStoredSums() const;
  int64_t countDots(const Tile &tile) const {
    return tile.rows * (vectors() + (needsSums() && !hasStoredSums() ? 1 : 0));
  }

  const EncodingSpec &weightSpec, &activationSpec;
  std::unique_ptr<IntegerDot> dot;
  int64_t segment, step, parts;
  Value scratch, codes;
};

int64_t getLargestCode(const EncodingSpec &spec) {
  return (int64_t(1) << spec.code.getBits()) - 1;
}

} // namespace

IntegerContraction::IntegerContraction(Kernel &kernel)
    : PanelContraction(kernel), weightSpec(*weights.getNumberFormat()),
      activationSpec(*activations.getNumberFormat()) {
  dot = IntegerDot::create(kernel.getStrategy().getDot(), lanes,
                           getLargestCode(weightSpec), activationSpec.narrow);
  segment = *getIntegerSegment(contraction);
  step = std::min(std::max(segment, kTile), depth);
  parts = dot->zero(e).size();
  codes = activations.getCodes();
}

bool IntegerContraction::needsSums() const {
  return weights.getBias() || weightSpec.zero || weightSpec.min;
}

bool IntegerContraction::hasStoredSums() const {
  int64_t block = activationSpec.block.back();
  return activationSpec.sums &&
         (block == segment || (block < 0 && segment >= depth));
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

Value IntegerContraction::weightQuad(const Tile &tile, int64_t vector, Value at,
                                     int64_t offset) {
  if (tile.fromScratch) {
    Value quad = e.addIndex(e.mulIndex(at, kTile / kQuad), offset / kQuad);
    return e.load(scratch, {quad, e.index(vector * lanes)}, lanes);
  }
  return weights.readQuads(e,
                           weightIndex(tile.unit, vector / halves(),
                                       vector % halves(),
                                       Coord(at, kTile, offset)),
                           lanes);
}

Value IntegerContraction::activationQuad(const Tile &tile, int64_t row,
                                         Value at, int64_t offset,
                                         int64_t available) {
  Value line = e.addIndex(tile.row, row);
  if (tile.unit.batch)
    line = e.add(e.mul(tile.unit.batch, rows()), line);
  Value address =
      e.add(e.mulIndex(line, depth), e.addIndex(e.mulIndex(at, kTile), offset));
  Type i32 = e.getI32Type();
  Value word;
  if (available >= kQuad) {
    Value bytes = e.load(codes, {address}, kQuad);
    word = vector::ExtractOp::create(
        e, vector::BitCastOp::create(e, VectorType::get({1}, i32), bytes),
        ArrayRef<int64_t>{0});
  } else { // the row ends within the quad
    for (int64_t i = 0; i < available; ++i) {
      Value byte = arith::ExtUIOp::create(
          e, i32, e.load(codes, {e.addIndex(address, i)}));
      Value shifted =
          i ? Value(arith::ShLIOp::create(e, byte, e.constantI32(8 * i)))
            : byte;
      word = word ? Value(arith::OrIOp::create(e, word, shifted)) : shifted;
    }
  }
  return e.splat(word, lanes);
}

SmallVector<Coord> IntegerContraction::activationIndex(const Tile &tile,
                                                       int64_t row, Value at,
                                                       int64_t offset) {
  SmallVector<Coord> index;
  if (tile.unit.batch)
    index.push_back(Coord(tile.unit.batch));
  index.push_back(Coord(e.addIndex(tile.row, row)));
  index.push_back(Coord(at, kTile, offset));
  return index;
}

void IntegerContraction::decodePanels(const Unit &unit) {
  Tile tile{unit, Value(), 0, /*fromScratch=*/false};
  e.loop(e.index(0), e.index(llvm::divideCeil(depth, kTile)), 1, [&](Value at) {
    for (int64_t v = 0; v < vectors(); ++v)
      for (int64_t offset = 0; offset < kTile; offset += kQuad) {
        Value quad = e.addIndex(e.mulIndex(at, kTile / kQuad), offset / kQuad);
        e.store(weightQuad(tile, v, at, offset), scratch,
                {quad, e.index(v * lanes)});
      }
  });
}

//===----------------------------------------------------------------------===//
// Sums
//===----------------------------------------------------------------------===//

void IntegerContraction::addQuads(const Tile &tile, Value at, int64_t offset,
                                  int64_t size, Sums &accumulators) {
  Value ones = e.constantI32(0x01010101, lanes);
  bool countCodes = needsSums() && !hasStoredSums();
  for (int64_t i = 0; i < size; i += kQuad) {
    SmallVector<Value> w;
    for (int64_t v = 0; v < vectors(); ++v)
      w.push_back(weightQuad(tile, v, at, offset + i));
    if (countCodes)
      w.push_back(ones);
    for (int64_t m = 0; m < tile.rows; ++m) {
      Value x = activationQuad(tile, m, at, offset + i, size - i);
      for (auto [v, u] : llvm::enumerate(w)) {
        auto *slot = accumulators.begin() + (m * w.size() + v) * parts;
        SmallVector<Value> next =
            dot->step(e, ValueRange(ArrayRef(slot, parts)), u, x);
        llvm::copy(next, slot);
      }
    }
  }
}

/// Integer sums of one segment of `size` values that begins `offset` into tile
/// number `first`, as i32.
IntegerContraction::Sums IntegerContraction::dotSegment(const Tile &tile,
                                                        Value first,
                                                        int64_t offset,
                                                        int64_t size) {
  int64_t count = countDots(tile);
  auto zeros = [&] {
    Sums all;
    for (int64_t i = 0; i < count; ++i)
      llvm::append_range(all, dot->zero(e));
    return all;
  };
  auto flush = [&](const Sums &accumulators) {
    Sums flushed;
    for (int64_t i = 0; i < count; ++i)
      flushed.push_back(dot->flush(
          e, ValueRange(ArrayRef(accumulators).slice(i * parts, parts))));
    return flushed;
  };
  auto addAll = [&](ValueRange a, const Sums &b) {
    Sums sums;
    for (auto [x, y] : llvm::zip(a, b))
      sums.push_back(e.add(x, y));
    return sums;
  };
  // Sums of at most one tile, flushed as often as exactness asks.
  auto sumTile = [&](Value at, int64_t from, int64_t length) {
    int64_t most = dot->getMaxSteps() >= kTile / kQuad
                       ? kTile
                       : dot->getMaxSteps() * kQuad;
    Sums total;
    for (int64_t i = 0; i < length; i += most) {
      Sums accumulators = zeros();
      addQuads(tile, at, from + i, std::min(most, length - i), accumulators);
      Sums flushed = flush(accumulators);
      total = total.empty() ? flushed : addAll(total, flushed);
    }
    return total;
  };
  if (size <= kTile)
    return sumTile(first, offset, size);
  auto addTile = [&](ValueRange carried, Value at, int64_t length) {
    if (!dot->accumulatesSums())
      return addAll(carried, sumTile(at, 0, length));
    Sums sums(carried);
    addQuads(tile, at, 0, length, sums);
    return sums;
  };
  Sums total(count, e.constantI32(0, lanes));
  int64_t whole = size / kTile;
  total = e.loop(e.index(0), e.index(whole), 1, total,
                 [&](Value i, ValueRange carried) {
                   return addTile(carried, e.add(first, i), kTile);
                 });
  if (whole * kTile < size)
    total = addTile(total, e.addIndex(first, whole), size - whole * kTile);
  return total;
}

void IntegerContraction::addSegment(const Tile &tile, Value at, int64_t offset,
                                    const Sums &dots, Sums &sums) {
  int64_t perRow = dots.size() / tile.rows;
  for (int64_t m = 0; m < tile.rows; ++m) {
    SmallVector<Coord> index = activationIndex(tile, m, at, offset);
    Value scale = activations.readBlock(e, index, 0).scale;
    Value codeSum; // i32
    if (needsSums())
      codeSum = hasStoredSums() ? activations.readSum(e, index)
                                : dots[m * perRow + perRow - 1];
    Value codeSumF32 = codeSum && (weightSpec.zero || weightSpec.min)
                           ? e.toF32(codeSum)
                           : Value();
    for (int64_t v = 0; v < vectors(); ++v) {
      EncodedOperand::BlockValues block =
          weights.readBlock(e,
                            weightIndex(tile.unit, v / halves(), v % halves(),
                                        Coord(at, kTile, offset)),
                            lanes);
      Value d = dots[m * perRow + v];
      if (int64_t bias = weights.getBias())
        d = e.sub(
            d, e.mul(codeSum, e.constantI32(bias, Emitter::getLanes(codeSum))));
      Value value = e.toF32(d);
      if (block.zero)
        value = e.sub(value, e.mul(block.zero, codeSumF32));
      if (block.scale)
        value = e.mul(value, block.scale);
      if (block.min)
        value = e.fma(block.min, codeSumF32, value);
      Value &sum = sums[m * vectors() + v];
      sum = e.fma(value, scale, sum);
    }
  }
}

/// Adds one step of `size` values, which begins at tile number `first`.
IntegerContraction::Sums IntegerContraction::addStep(const Tile &tile,
                                                     Value first, int64_t size,
                                                     ValueRange carried) {
  weights.beginScope();
  Sums sums(carried);
  for (int64_t offset = 0; offset < size; offset += segment) {
    Sums dots =
        dotSegment(tile, first, offset, std::min(segment, size - offset));
    addSegment(tile, first, offset, dots, sums);
  }
  return sums;
}

void IntegerContraction::emitRows(const Tile &tile) {
  Sums sums(tile.rows * vectors(), e.constantF32(0, lanes));
  int64_t whole = depth / step;
  int64_t tiles = llvm::divideCeil(step, kTile);
  sums = e.loop(e.index(0), e.index(whole), 1, sums,
                [&](Value i, ValueRange carried) {
                  return addStep(tile, e.mulIndex(i, tiles), step, carried);
                });
  if (whole * step < depth)
    sums = addStep(tile, e.index(whole * tiles), depth - whole * step, sums);
  for (int64_t m = 0; m < tile.rows; ++m)
    finishRow(tile.unit, e.addIndex(tile.row, m),
              ArrayRef(sums).slice(m * vectors(), vectors()));
}

LogicalResult IntegerContraction::emit() {
  // Bytes are read where they lie.
  bool isDecoded = weightSpec.code.getBits() < 8;
  if (isDecoded)
    scratch = kernel.allocateScratch(
        {static_cast<int64_t>(llvm::divideCeil(depth, kTile)) * (kTile / kQuad),
         panels * kPanelRows},
        e.getI32Type());
  forUnits([&](const Unit &unit) {
    Value one =
        arith::CmpIOp::create(e, arith::CmpIPredicate::eq, rows(), e.index(1));
    e.ifThenElse(
        one, [&] { emitRows({unit, e.index(0), 1, /*fromScratch=*/false}); },
        [&] {
          if (isDecoded)
            decodePanels(unit);
          forRowTiles(e.index(0), rows(), [&](Value row, int64_t count) {
            emitRows({unit, row, count, /*fromScratch=*/isDecoded});
          });
        });
  });
  return success();
}

LogicalResult compress::emitIntegerContraction(Kernel &kernel) {
  return IntegerContraction(kernel).emit();
}
