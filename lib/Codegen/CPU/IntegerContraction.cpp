//===- IntegerContraction.cpp - Contractions of integer codes -------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PanelContraction.h"

#include "compress/Encoding/IntegerProduct.h"

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

  /// Rows whose sums are under way together.
  struct Tile {
    const Unit &unit;
    Value row;
    int64_t rows;
    /// Whether prepareUnit() and prepareRows() have been called for it.
    bool isPrepared;
  };
  /// Accumulators of one segment: per row and vector, and per row the sum of
  /// the activations' codes.
  using Sums = SmallVector<Value>;

  void allocateScratch();
  /// Writes what all tiles of rows read of the unit's weights to scratch
  /// memory: codes in bytes, scales in f32.
  void prepareUnit(const Unit &unit);
  SmallVector<int64_t> getTileSizes();
  /// Writes what the tile's segments need of their activations' sums to scratch
  /// memory.
  void prepareRows(const Tile &tile);
  SmallVector<Value> decodeTile(const Tile &tile, int64_t vector, Value at);
  void emitRows(const Tile &tile);
  Sums addStep(const Tile &tile, Value first, Value firstSegment, int64_t size,
               ValueRange sums);
  Sums dotSegment(const Tile &tile, Value first, int64_t offset, Value number,
                  int64_t size);
  /// Adds quads [from, from + count) of tile number `at`, `size` values in all.
  void addQuads(const Tile &tile, Value at, int64_t offset, int64_t size,
                Sums &accumulators);
  Value weightQuad(const Tile &tile, int64_t vector, Value at, int64_t offset);
  /// Fetches what `size` values of the tile will be when k is so much larger
  /// as the strategy says.
  void prefetchWeights(const Tile &tile, Value at, int64_t offset,
                       int64_t size);
  Value activationQuad(const Tile &tile, int64_t row, Value at, int64_t offset,
                       int64_t available);
  /// The number of a row among those of all batch entries.
  Value lineOf(const Tile &tile, int64_t row);
  SmallVector<Coord> activationIndex(const Tile &tile, int64_t row, Value at,
                                     int64_t offset);
  void addSegment(const Tile &tile, Value at, int64_t offset, Value number,
                  const Sums &dots, Sums &sums);
  /// The same for weights in N:M, whose stored codes are multiplied with the
  /// activations where they stand.
  void addPicked(const Tile &tile, Value at, int64_t offset, int64_t size,
                 Sums &accumulators);
  /// The `size` values of an activation's row that begin there, of which
  /// `available` exist, as 16 bytes; fewer are repeated, and then zeros.
  Value activationWindow(const Tile &tile, int64_t row, Value at,
                         int64_t offset, int64_t size, int64_t available);
  EncodedOperand::BlockValues weightBlock(const Tile &tile, int64_t vector,
                                          Value at, int64_t offset);
  /// The integer sum that a row's segment begins with.
  Value startOf(const Tile &tile, int64_t row, int64_t offset, Value first,
                Value number);

  /// Whether the tile's weights are read as N:M stores them.
  bool isPicked(const Tile &tile) const {
    return structure && !tile.isPrepared;
  }
  /// A position along k as one of stored weights.
  Coord weightCoord(Value at, int64_t size, int64_t offset) const {
    if (!structure)
      return Coord(at, size, offset);
    return Coord(at, size / structure->m * structure->n,
                 offset / structure->m * structure->n);
  }

  bool needsSums() const;
  bool hasStoredSums() const;
  /// Whether the sums of a segment begin with -bias * sum(q), which costs less
  /// than to subtract it from each.
  bool startsAtBias() const {
    return dot->accumulatesSums() && weights.getBias() && hasStoredSums();
  }
  int64_t countSegments() const { return llvm::divideCeil(depth, segment); }
  /// Values along k that share the weights' scale.
  int64_t getWeightBlock() const;
  /// Accumulators per row: beside those of the products, one of the codes'
  /// sums, which of picked codes differ per column.
  int64_t dotsPerRow(const Tile &tile) const {
    if (isPicked(tile))
      return vectors() * (weights.getBias() ? 2 : 1);
    return vectors() + (needsSums() && !hasStoredSums() ? 1 : 0);
  }
  int64_t countDots(const Tile &tile) const {
    return tile.rows * dotsPerRow(tile);
  }

  const EncodingSpec &weightSpec, &activationSpec;
  /// N:M, if the weights have it.
  const EncodingSpec *structure;
  std::unique_ptr<IntegerDot> dot;
  int64_t segment, step, parts;
  Value codes;
  // Scratch memory, where it is used.
  Value decoded;
  /// -bias * sum(q) as i32, and sum(q) as f32: [row][segment].
  Value starts, sumsF32;
  /// Scale, zero point and minimum, those that are worth it: [block][column].
  EncodedOperand::BlockValues blocks;
};

int64_t getLargestCode(const EncodingSpec &spec) {
  return (int64_t(1) << spec.code.getBits()) - 1;
}

} // namespace

IntegerContraction::IntegerContraction(Kernel &kernel)
    : PanelContraction(kernel), weightSpec(*weights.getNumberFormat()),
      activationSpec(*activations.getNumberFormat()),
      structure(weights.getStructure()) {
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
  if (tile.isPrepared && decoded) {
    Value quad = e.addIndex(e.mulIndex(at, kTile / kQuad), offset / kQuad);
    return e.load(decoded, {quad, e.index(vector * lanes)}, lanes);
  }
  return weights.readQuads(e,
                           weightIndex(tile.unit, vector / halves(),
                                       vector % halves(),
                                       weightCoord(at, kTile, offset)),
                           lanes);
}

void IntegerContraction::prefetchWeights(const Tile &tile, Value at,
                                         int64_t offset, int64_t size) {
  StrategyAttr strategy = kernel.getStrategy();
  int64_t distance =
      tile.isPrepared ? strategy.getTilePrefetch() : strategy.getPrefetch();
  if (!distance)
    return;
  Value ahead = e.addIndex(at, distance / kTile);
  auto countStored = [&](int64_t values) {
    return structure ? values / structure->m * structure->n : values;
  };
  for (int64_t p = 0; p < panels; ++p) {
    if (!tile.isPrepared || !decoded) {
      weights.prefetchCodes(
          e, countStored(offset), countStored(offset + size), [&](int64_t i) {
            return weightIndex(tile.unit, p, /*half=*/0,
                               weightCoord(ahead, kTile, 0).plus(i));
          });
      continue;
    }
    for (int64_t i = offset; i < offset + size; i += kQuad)
      e.prefetch(decoded,
                 {e.addIndex(e.mulIndex(ahead, kTile / kQuad), i / kQuad),
                  e.index(p * kPanelRows)});
  }
}

Value IntegerContraction::lineOf(const Tile &tile, int64_t row) {
  Value line = e.addIndex(tile.row, row);
  return tile.unit.batch ? e.add(e.mul(tile.unit.batch, rows()), line) : line;
}

Value IntegerContraction::activationQuad(const Tile &tile, int64_t row,
                                         Value at, int64_t offset,
                                         int64_t available) {
  Value address = e.add(e.mulIndex(lineOf(tile, row), depth),
                        e.addIndex(e.mulIndex(at, kTile), offset));
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

EncodedOperand::BlockValues IntegerContraction::weightBlock(const Tile &tile,
                                                            int64_t vector,
                                                            Value at,
                                                            int64_t offset) {
  EncodedOperand::BlockValues values = weights.readBlock(
      e,
      weightIndex(tile.unit, vector / halves(), vector % halves(),
                  weightCoord(at, kTile, offset)),
      lanes);
  if (!tile.isPrepared)
    return values;
  Value block = Coord(at, kTile, offset).div(e, getWeightBlock()).get(e);
  for (auto [value, part] : {std::make_pair(&values.scale, blocks.scale),
                             std::make_pair(&values.zero, blocks.zero),
                             std::make_pair(&values.min, blocks.min)})
    if (part)
      *value = e.load(part, {block, e.index(vector * lanes)}, lanes);
  return values;
}

//===----------------------------------------------------------------------===//
// What is read many times
//===----------------------------------------------------------------------===//

int64_t IntegerContraction::getWeightBlock() const {
  if (weightSpec.block.empty())
    return depth;
  int64_t size =
      weightSpec.block[contraction.getDim(contraction.rhs, contraction.k)];
  if (size < 0)
    return depth;
  if (structure)
    size = size / structure->n * structure->m;
  return std::min(size, depth);
}

void IntegerContraction::allocateScratch() {
  int64_t columns = panels * kPanelRows;
  // Codes in bytes are read where they lie.
  if (weightSpec.code.getBits() < 8 || structure)
    decoded = kernel.allocateScratch(
        {static_cast<int64_t>(llvm::divideCeil(depth, kTile)) * (kTile / kQuad),
         columns},
        e.getI32Type());
  // Floats of 16 bits and more are converted anew for each tile: beside the
  // codes, they would take more of the first-level cache than they save.
  auto allocatePart = [&](const Part &part) {
    if (!part || (part.isNumber() && part.getNumber().isFloat() &&
                  part.getNumber().getBits() >= 16))
      return Value();
    int64_t count = llvm::divideCeil(depth, getWeightBlock());
    return kernel.allocateScratch({count, columns}, e.getF32Type());
  };
  blocks = {allocatePart(weightSpec.scale), allocatePart(weightSpec.zero),
            allocatePart(weightSpec.min)};
  if (startsAtBias())
    starts = kernel.allocateScratch(
        {kernel.getStrategy().getTile(), countSegments()}, e.getI32Type());
  if (hasStoredSums() && (weightSpec.zero || weightSpec.min))
    sumsF32 = kernel.allocateScratch(
        {kernel.getStrategy().getTile(), countSegments()}, e.getF32Type());
}

/// All quads of tile number `at`.
SmallVector<Value> IntegerContraction::decodeTile(const Tile &tile,
                                                  int64_t vector, Value at) {
  SmallVector<Value> quads;
  int64_t size = structure ? getPickWindow(*structure)->values : kQuad;
  for (int64_t offset = 0; offset < kTile; offset += size) {
    if (!structure) {
      quads.push_back(weightQuad(tile, vector, at, offset));
      continue;
    }
    SmallVector<Coord> index =
        weightIndex(tile.unit, vector / halves(), vector % halves(),
                    weightCoord(at, kTile, offset));
    llvm::append_range(quads, weights.readWindow(e, index, lanes));
  }
  return quads;
}

void IntegerContraction::prepareUnit(const Unit &unit) {
  Tile tile{unit, Value(), 0, /*isPrepared=*/false};
  if (decoded)
    e.loop(e.index(0), e.index(llvm::divideCeil(depth, kTile)), 1,
           [&](Value at) {
             for (int64_t v = 0; v < vectors(); ++v)
               for (auto [i, quad] : llvm::enumerate(decodeTile(tile, v, at)))
                 e.store(quad, decoded,
                         {e.addIndex(e.mulIndex(at, kTile / kQuad), i),
                          e.index(v * lanes)});
           });
  if (!blocks.scale && !blocks.zero && !blocks.min)
    return;
  int64_t size = getWeightBlock();
  e.loop(e.index(0), e.index(llvm::divideCeil(depth, size)), 1, [&](Value at) {
    weights.beginScope();
    for (int64_t v = 0; v < vectors(); ++v) {
      EncodedOperand::BlockValues block =
          weights.readBlock(e,
                            weightIndex(unit, v / halves(), v % halves(),
                                        weightCoord(at, size, 0)),
                            lanes);
      for (auto [value, part] : {std::make_pair(block.scale, blocks.scale),
                                 std::make_pair(block.zero, blocks.zero),
                                 std::make_pair(block.min, blocks.min)})
        if (part)
          e.store(value, part, {at, e.index(v * lanes)});
    }
  });
}

/// Each size is code of its own: what is less than the last one is computed row
/// by row, as a single row is.
SmallVector<int64_t> IntegerContraction::getTileSizes() {
  int64_t largest = kernel.getStrategy().getTile();
  if (largest <= 2)
    return {largest};
  if (largest <= 4)
    return {largest, 2};
  return largest == 8 ? SmallVector<int64_t>{8, 4, 2}
                      : SmallVector<int64_t>{largest, 4};
}

void IntegerContraction::prepareRows(const Tile &tile) {
  if (!starts && !sumsF32)
    return;
  int64_t count = countSegments(), whole = count / lanes * lanes;
  Value sums = activations.getSums();
  for (int64_t m = 0; m < tile.rows; ++m) {
    Value line = e.mulIndex(lineOf(tile, m), count);
    auto put = [&](Value at, int64_t size) {
      Value sum = e.loadFirst(sums, {e.add(line, at)}, lanes, size);
      if (starts)
        e.storeFirst(e.mul(sum, e.constantI32(-weights.getBias(), lanes)),
                     starts, {e.index(m), at}, size);
      if (sumsF32)
        e.storeFirst(e.toF32(sum), sumsF32, {e.index(m), at}, size);
    };
    e.loop(e.index(0), e.index(whole), lanes,
           [&](Value at) { put(at, lanes); });
    if (whole < count)
      put(e.index(whole), count - whole);
  }
}

Value IntegerContraction::startOf(const Tile &tile, int64_t row, int64_t offset,
                                  Value first, Value number) {
  if (!startsAtBias() || isPicked(tile))
    return e.constantI32(0, lanes);
  Value start;
  if (tile.isPrepared)
    start = e.load(starts, {e.index(row), number});
  else
    start =
        e.mul(activations.readSum(e, activationIndex(tile, row, first, offset)),
              e.constantI32(-weights.getBias()));
  return e.splat(start, lanes);
}

//===----------------------------------------------------------------------===//
// Sums
//===----------------------------------------------------------------------===//

void IntegerContraction::addQuads(const Tile &tile, Value at, int64_t offset,
                                  int64_t size, Sums &accumulators) {
  if (isPicked(tile))
    return addPicked(tile, at, offset, size, accumulators);
  Value ones = e.constantI32(0x01010101, lanes);
  bool countCodes = needsSums() && !hasStoredSums();
  for (int64_t i = 0; i < size; i += kQuad) {
    SmallVector<Value> w;
    for (int64_t v = 0; v < vectors(); ++v)
      w.push_back(weightQuad(tile, v, at, offset + i));
    prefetchWeights(tile, at, offset + i, kQuad);
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

Value IntegerContraction::activationWindow(const Tile &tile, int64_t row,
                                           Value at, int64_t offset,
                                           int64_t size, int64_t available) {
  Value address = e.add(e.mulIndex(lineOf(tile, row), depth),
                        e.addIndex(e.mulIndex(at, kTile), offset));
  auto whole = VectorType::get({16}, e.getI8Type());
  if (available >= size && size == 16)
    return e.load(codes, {address}, size);
  if (available >= size) {
    Value bytes = e.load(codes, {address}, size);
    Value word = vector::ExtractOp::create(
        e,
        vector::BitCastOp::create(e, VectorType::get({1}, e.getI64Type()),
                                  bytes),
        ArrayRef<int64_t>{0});
    auto pair = VectorType::get({2}, e.getI64Type());
    return vector::BitCastOp::create(
        e, whole, vector::BroadcastOp::create(e, pair, word));
  }
  Value bytes = arith::ConstantOp::create(e, e.getZeroAttr(whole));
  for (int64_t i = 0; i < available; ++i)
    bytes = vector::InsertOp::create(e, e.load(codes, {e.addIndex(address, i)}),
                                     bytes, i);
  return bytes;
}

void IntegerContraction::addPicked(const Tile &tile, Value at, int64_t offset,
                                   int64_t size, Sums &accumulators) {
  PickWindow window = *getPickWindow(*structure);
  int64_t bias = weights.getBias(), perRow = dotsPerRow(tile);
  for (int64_t i = 0; i < size; i += window.values) {
    prefetchWeights(tile, at, offset + i, window.values);
    SmallVector<Value> x;
    for (int64_t m = 0; m < tile.rows; ++m)
      x.push_back(
          activationWindow(tile, m, at, offset + i, window.values, size - i));
    for (int64_t v = 0; v < vectors(); ++v)
      for (int64_t first = 0; first < window.stored; first += kQuad) {
        SmallVector<Coord> index =
            weightIndex(tile.unit, v / halves(), v % halves(),
                        weightCoord(at, kTile, offset + i).plus(first));
        Value u = weights.readQuads(e, index, lanes);
        Value positions = weights.readPositions(e, index, lanes);
        for (int64_t m = 0; m < tile.rows; ++m) {
          Value picked = kernel.target.pickBytes(e, x[m], positions);
          auto add = [&](int64_t slot, Value by) {
            auto *sums = accumulators.begin() + (m * perRow + slot) * parts;
            llvm::copy(
                dot->step(e, ValueRange(ArrayRef(sums, parts)), by, picked),
                sums);
          };
          add(v, u);
          if (bias)
            add(vectors() + v, e.constantI32(bias * 0x01010101, lanes));
        }
      }
  }
}

/// Integer sums of segment `number`, of `size` values, that begins `offset`
/// into tile number `first`, as i32.
IntegerContraction::Sums
IntegerContraction::dotSegment(const Tile &tile, Value first, int64_t offset,
                               Value number, int64_t size) {
  int64_t count = countDots(tile);
  if (dot->accumulatesSums()) {
    Sums sums;
    for (int64_t m = 0; m < tile.rows; ++m) {
      sums.append(vectors(), startOf(tile, m, offset, first, number));
      sums.append(dotsPerRow(tile) - vectors(), e.constantI32(0, lanes));
    }
    int64_t whole = size > kTile ? size / kTile * kTile : 0;
    if (whole)
      sums = e.loop(e.index(0), e.index(whole / kTile), 1, sums,
                    [&](Value i, ValueRange carried) {
                      Sums next(carried);
                      addQuads(tile, e.add(first, i), 0, kTile, next);
                      return next;
                    });
    if (whole < size)
      addQuads(tile, whole ? e.addIndex(first, whole / kTile) : first, offset,
               size - whole, sums);
    return sums;
  }
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
    return addAll(carried, sumTile(at, 0, length));
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
                                    Value number, const Sums &dots,
                                    Sums &sums) {
  int64_t perRow = dotsPerRow(tile);
  for (int64_t m = 0; m < tile.rows; ++m) {
    SmallVector<Coord> index = activationIndex(tile, m, at, offset);
    Value scale = activations.readBlock(e, index, 0).scale;
    Value codeSum; // i32
    if (needsSums() && !isPicked(tile))
      codeSum = hasStoredSums() ? activations.readSum(e, index)
                                : dots[m * perRow + perRow - 1];
    Value codeSumF32;
    if (weightSpec.zero || weightSpec.min)
      codeSumF32 = tile.isPrepared && sumsF32
                       ? e.load(sumsF32, {e.index(m), number})
                       : e.toF32(codeSum);
    for (int64_t v = 0; v < vectors(); ++v) {
      EncodedOperand::BlockValues block = weightBlock(tile, v, at, offset);
      Value d = dots[m * perRow + v];
      int64_t bias = weights.getBias();
      if (isPicked(tile)) {
        if (bias) // that of the codes that were picked
          d = e.sub(d, dots[m * perRow + vectors() + v]);
      } else if (bias && !startsAtBias())
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

/// Adds one step of `size` values, which begins at tile number `first` and
/// segment number `firstSegment`.
IntegerContraction::Sums
IntegerContraction::addStep(const Tile &tile, Value first, Value firstSegment,
                            int64_t size, ValueRange carried) {
  weights.beginScope();
  Sums sums(carried);
  for (int64_t offset = 0; offset < size; offset += segment) {
    Value number = e.addIndex(firstSegment, offset / segment);
    Sums dots = dotSegment(tile, first, offset, number,
                           std::min(segment, size - offset));
    addSegment(tile, first, offset, number, dots, sums);
  }
  return sums;
}

void IntegerContraction::emitRows(const Tile &tile) {
  Sums sums(tile.rows * vectors(), e.constantF32(0, lanes));
  int64_t whole = depth / step;
  int64_t tiles = llvm::divideCeil(step, kTile);
  int64_t segments = llvm::divideCeil(step, segment);
  sums = e.loop(e.index(0), e.index(whole), 1, sums,
                [&](Value i, ValueRange carried) {
                  return addStep(tile, e.mulIndex(i, tiles),
                                 e.mulIndex(i, segments), step, carried);
                });
  if (whole * step < depth)
    sums = addStep(tile, e.index(whole * tiles), e.index(whole * segments),
                   depth - whole * step, sums);
  for (int64_t m = 0; m < tile.rows; ++m)
    finishRow(tile.unit, e.addIndex(tile.row, m),
              ArrayRef(sums).slice(m * vectors(), vectors()));
}

LogicalResult IntegerContraction::emit() {
  allocateScratch();
  SmallVector<int64_t> sizes = getTileSizes();
  SmallVector<Value> ends = planRowTiles(rows(), sizes);
  forUnits([&](const Unit &unit) {
    Value hasTiles = arith::CmpIOp::create(e, arith::CmpIPredicate::ne,
                                           ends.back(), e.index(0));
    e.ifThenElse(
        hasTiles,
        [&] {
          prepareUnit(unit);
          Value begin = e.index(0);
          for (auto [size, end] : llvm::zip_equal(sizes, ends)) {
            e.loop(begin, end, size, [&, size = size](Value row) {
              Tile tile{unit, row, size, /*isPrepared=*/true};
              prepareRows(tile);
              emitRows(tile);
            });
            begin = end;
          }
        },
        nullptr);
    e.loop(ends.back(), rows(), 1,
           [&](Value row) { emitRows({unit, row, 1, /*isPrepared=*/false}); });
  });
  return success();
}

LogicalResult compress::emitIntegerContraction(Kernel &kernel) {
  return IntegerContraction(kernel).emit();
}
