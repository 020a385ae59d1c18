//===- IntegerContraction.cpp - Sums of products of integer codes ---------===//
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

static int64_t getLargestCode(const EncodingSpec &spec) {
  return (int64_t(1) << spec.code.getBits()) - 1;
}

IntegerContraction::IntegerContraction(Kernel &kernel)
    : PanelContraction(kernel), weightSpec(*weights.getNumberFormat()),
      activationSpec(*activations.getNumberFormat()),
      structure(weights.getStructure()) {
  dot = IntegerDot::create(kernel.getStrategy().getDot(), lanes,
                           getLargestCode(weightSpec), activationSpec.narrow);
  segment = *getIntegerSegment(contraction);
  step = std::min({std::max(segment, tileDepth), depth, getReach()});
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
// Sums
//===----------------------------------------------------------------------===//

void IntegerContraction::addQuads(const Tile &tile, const Place &at,
                                  int64_t offset, int64_t size,
                                  Sums &accumulators) {
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
      Value x = activationQuad(tile, m, at.x, offset + i, size - i);
      for (auto [v, u] : llvm::enumerate(w)) {
        auto *slot = accumulators.begin() + (m * w.size() + v) * parts;
        SmallVector<Value> next =
            dot->step(e, ValueRange(ArrayRef(slot, parts)), u, x);
        llvm::copy(next, slot);
      }
    }
  }
}

void IntegerContraction::addPicked(const Tile &tile, const Place &at,
                                   int64_t offset, int64_t size,
                                   Sums &accumulators) {
  PickWindow window = *getPickWindow(*structure);
  int64_t bias = weights.getBias(), perRow = dotsPerRow(tile);
  for (int64_t i = 0; i < size; i += window.values) {
    prefetchWeights(tile, at, offset + i, window.values);
    SmallVector<Value> x;
    for (int64_t m = 0; m < tile.rows; ++m)
      x.push_back(
          activationWindow(tile, m, at.x, offset + i, window.values, size - i));
    for (int64_t v = 0; v < vectors(); ++v)
      for (int64_t first = 0; first < window.stored; first += kQuad) {
        SmallVector<Coord> index = weightIndex(
            tile.unit, at.block, v / halves(), v % halves(),
            weightCoord(at.stored, tileDepth, offset + i).plus(first));
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

IntegerContraction::Sums
IntegerContraction::dotSegment(const Tile &tile, const Place &first,
                               int64_t offset, Value number, int64_t size) {
  int64_t count = countDots(tile);
  if (dot->accumulatesSums()) {
    Sums sums;
    for (int64_t m = 0; m < tile.rows; ++m) {
      sums.append(vectors(), startOf(tile, m, offset, first, number));
      sums.append(dotsPerRow(tile) - vectors(), e.constantI32(0, lanes));
    }
    int64_t whole = size > tileDepth ? size / tileDepth * tileDepth : 0;
    if (whole)
      sums = e.loop(e.index(0), e.index(whole / tileDepth), 1, sums,
                    [&](Value i, ValueRange carried) {
                      Sums next(carried);
                      addQuads(tile, advance(first, i), 0, tileDepth, next);
                      return next;
                    });
    if (whole < size)
      addQuads(tile, whole ? advance(first, e.index(whole / tileDepth)) : first,
               offset, size - whole, sums);
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
  auto sumTile = [&](const Place &at, int64_t from, int64_t length) {
    int64_t most = dot->getMaxSteps() >= tileDepth / kQuad
                       ? tileDepth
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
  if (size <= tileDepth)
    return sumTile(first, offset, size);
  auto addTile = [&](ValueRange carried, const Place &at, int64_t length) {
    return addAll(carried, sumTile(at, 0, length));
  };
  Sums total(count, e.constantI32(0, lanes));
  int64_t whole = size / tileDepth;
  total = e.loop(e.index(0), e.index(whole), 1, total,
                 [&](Value i, ValueRange carried) {
                   return addTile(carried, advance(first, i), tileDepth);
                 });
  if (whole * tileDepth < size)
    total = addTile(total, advance(first, e.index(whole)),
                    size - whole * tileDepth);
  return total;
}

void IntegerContraction::addSegment(const Tile &tile, const Place &at,
                                    int64_t offset, Value number,
                                    const Sums &dots, Sums &sums) {
  int64_t perRow = dotsPerRow(tile);
  for (int64_t m = 0; m < tile.rows; ++m) {
    SmallVector<Coord> index = activationIndex(tile, m, at.x, offset);
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

IntegerContraction::Sums IntegerContraction::addStep(const Tile &tile,
                                                     const Place &first,
                                                     Value firstSegment,
                                                     int64_t size,
                                                     ValueRange carried) {
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
  int64_t tiles = llvm::divideCeil(step, tileDepth);
  int64_t segments = llvm::divideCeil(step, segment);
  sums = forSpans(
      tile.unit.range, sums, [&](const Span &span, ValueRange carried) {
        Place first = begin(span);
        // A block is whole segments.
        Value firstSegment =
            blockWidth
                ? e.mulIndex(e.divIndex(span.first, blockWidth / tileDepth),
                             blockWidth / segment)
                : e.index(0);
        int64_t whole = span.size / step;
        Sums next = e.loop(e.index(0), e.index(whole), 1, carried,
                           [&](Value i, ValueRange in) {
                             return addStep(
                                 tile, advance(first, e.mulIndex(i, tiles)),
                                 e.add(firstSegment, e.mulIndex(i, segments)),
                                 step, in);
                           });
        if (int64_t rest = span.size - whole * step)
          next =
              addStep(tile, advance(first, e.index(whole * tiles)),
                      e.addIndex(firstSegment, whole * segments), rest, next);
        return next;
      });
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
