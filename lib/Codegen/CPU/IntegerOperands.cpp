//===- IntegerOperands.cpp - What products of integer codes read ----------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "IntegerContraction.h"

#include "compress/Encoding/IntegerProduct.h"

using namespace mlir;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

IntegerContraction::Place IntegerContraction::advance(const Place &at,
                                                      Value tiles) {
  return {e.add(at.x, tiles), e.add(at.stored, tiles), e.add(at.local, tiles),
          at.block};
}

Value IntegerContraction::weightQuad(const Tile &tile, int64_t vector,
                                     const Place &at, int64_t offset) {
  if (tile.isPrepared && decoded) {
    Value quad =
        e.addIndex(e.mulIndex(at.local, tileDepth / kQuad), offset / kQuad);
    return e.load(decoded, {quad, e.index(vector * lanes)}, lanes);
  }
  return weights.readQuads(
      e,
      weightIndex(tile.unit, at.block, vector / halves(), vector % halves(),
                  weightCoord(at.stored, tileDepth, offset)),
      lanes);
}

void IntegerContraction::prefetchWeights(const Tile &tile, const Place &at,
                                         int64_t offset, int64_t size) {
  StrategyAttr strategy = kernel.getStrategy();
  int64_t distance =
      tile.isPrepared ? strategy.getTilePrefetch() : strategy.getPrefetch();
  if (!distance)
    return;
  bool isDecoded = tile.isPrepared && decoded;
  int64_t tiles = distance / tileDepth;
  // What a panel has in the next stored blocks lies behind their other panels.
  if (at.block && !isDecoded)
    tiles *= blockHeight / kPanelRows;
  Value ahead = e.addIndex(isDecoded ? at.local : at.stored, tiles);
  auto countStored = [&](int64_t values) {
    return structure ? values / structure->m * structure->n : values;
  };
  for (int64_t p = 0; p < panels; ++p) {
    if (!isDecoded) {
      weights.prefetchCodes(
          e, countStored(offset), countStored(offset + size), [&](int64_t i) {
            return weightIndex(tile.unit, at.block, p, /*half=*/0,
                               weightCoord(ahead, tileDepth, 0).plus(i));
          });
      continue;
    }
    for (int64_t i = offset; i < offset + size; i += kQuad)
      e.prefetch(decoded,
                 {e.addIndex(e.mulIndex(ahead, tileDepth / kQuad), i / kQuad),
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
                        e.addIndex(e.mulIndex(at, tileDepth), offset));
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
  index.push_back(Coord(at, tileDepth, offset));
  return index;
}

EncodedOperand::BlockValues IntegerContraction::weightBlock(const Tile &tile,
                                                            int64_t vector,
                                                            const Place &at,
                                                            int64_t offset) {
  EncodedOperand::BlockValues values = weights.readBlock(
      e,
      weightIndex(tile.unit, at.block, vector / halves(), vector % halves(),
                  weightCoord(at.stored, tileDepth, offset)),
      lanes);
  if (!tile.isPrepared)
    return values;
  Value block =
      Coord(at.local, tileDepth, offset).div(e, getWeightBlock()).get(e);
  for (auto [value, part] : {std::make_pair(&values.scale, blocks.scale),
                             std::make_pair(&values.zero, blocks.zero),
                             std::make_pair(&values.min, blocks.min)})
    if (part)
      *value = e.load(part, {block, e.index(vector * lanes)}, lanes);
  return values;
}

Value IntegerContraction::activationWindow(const Tile &tile, int64_t row,
                                           Value at, int64_t offset,
                                           int64_t size, int64_t available) {
  Value address = e.add(e.mulIndex(lineOf(tile, row), depth),
                        e.addIndex(e.mulIndex(at, tileDepth), offset));
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

//===----------------------------------------------------------------------===//
// What is read many times
//===----------------------------------------------------------------------===//

int64_t IntegerContraction::getWeightBlock() const {
  if (weightSpec.block.empty())
    return getReach();
  int64_t size =
      blockWidth
          ? weightSpec.block[1]
          : weightSpec
                .block[contraction.getDim(contraction.rhs, contraction.k)];
  if (size < 0)
    return getReach();
  if (structure)
    size = size / structure->n * structure->m;
  return std::min(size, getReach());
}

void IntegerContraction::allocateScratch() {
  int64_t columns = panels * kPanelRows;
  // Codes in bytes are read where they lie.
  if (weightSpec.code.getBits() < 8 || structure)
    decoded = kernel.allocateScratch(
        {static_cast<int64_t>(llvm::divideCeil(getStoredDepth(), tileDepth)) *
             (tileDepth / kQuad),
         columns},
        e.getI32Type());
  // Floats of 16 bits and more are converted anew for each tile: beside the
  // codes, they would take more of the first-level cache than they save.
  auto allocatePart = [&](const Part &part) {
    if (!part || (part.isNumber() && part.getNumber().isFloat() &&
                  part.getNumber().getBits() >= 16))
      return Value();
    int64_t count = llvm::divideCeil(getStoredDepth(), getWeightBlock());
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

SmallVector<Value> IntegerContraction::decodeTile(const Tile &tile,
                                                  int64_t vector,
                                                  const Place &at) {
  SmallVector<Value> quads;
  int64_t size = structure ? getPickWindow(*structure)->values : kQuad;
  for (int64_t offset = 0; offset < tileDepth; offset += size) {
    if (!structure) {
      quads.push_back(weightQuad(tile, vector, at, offset));
      continue;
    }
    SmallVector<Coord> index =
        weightIndex(tile.unit, at.block, vector / halves(), vector % halves(),
                    weightCoord(at.stored, tileDepth, offset));
    llvm::append_range(quads, weights.readWindow(e, index, lanes));
  }
  return quads;
}

void IntegerContraction::prepareUnit(const Unit &unit) {
  Tile tile{unit, Value(), 0, /*isPrepared=*/false};
  bool hasBlocks = blocks.scale || blocks.zero || blocks.min;
  forSpans(unit.range, [&](const Span &span) {
    Place first = begin(span);
    if (decoded)
      e.loop(e.index(0), e.index(llvm::divideCeil(span.size, tileDepth)), 1,
             [&](Value i) { storeTile(tile, advance(first, i)); });
    int64_t size = getWeightBlock();
    if (hasBlocks)
      e.loop(e.index(0), e.index(llvm::divideCeil(span.size, size)), 1,
             [&](Value i) { storeBlock(tile, first, i); });
  });
}

void IntegerContraction::storeTile(const Tile &tile, const Place &at) {
  Value first = e.mulIndex(at.local, tileDepth / kQuad);
  for (int64_t v = 0; v < vectors(); ++v)
    for (auto [i, quad] : llvm::enumerate(decodeTile(tile, v, at)))
      e.store(quad, decoded, {e.addIndex(first, i), e.index(v * lanes)});
}

void IntegerContraction::storeBlock(const Tile &tile, const Place &first,
                                    Value number) {
  int64_t size = getWeightBlock();
  // Blocks that are no whole tiles begin where all that is stored does.
  Value before =
      blockWidth ? e.mulIndex(e.divIndex(first.local, blockWidth / tileDepth),
                              blockWidth / size)
                 : e.index(0);
  Value to = e.add(before, number);
  weights.beginScope();
  for (int64_t v = 0; v < vectors(); ++v) {
    EncodedOperand::BlockValues block = weights.readBlock(
        e,
        weightIndex(tile.unit, first.block, v / halves(), v % halves(),
                    weightCoord(number, size, 0)),
        lanes);
    for (auto [value, part] : {std::make_pair(block.scale, blocks.scale),
                               std::make_pair(block.zero, blocks.zero),
                               std::make_pair(block.min, blocks.min)})
      if (part)
        e.store(value, part, {to, e.index(v * lanes)});
  }
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
                                  const Place &first, Value number) {
  if (!startsAtBias() || isPicked(tile))
    return e.constantI32(0, lanes);
  Value start;
  if (tile.isPrepared)
    start = e.load(starts, {e.index(row), number});
  else
    start = e.mul(
        activations.readSum(e, activationIndex(tile, row, first.x, offset)),
        e.constantI32(-weights.getBias()));
  return e.splat(start, lanes);
}
