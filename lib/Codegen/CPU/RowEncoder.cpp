//===- RowEncoder.cpp - Rounds rows of activations to codes ---------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RowEncoder.h"

#include <cmath>

using namespace mlir;
using namespace mlir::compress;

FailureOr<EncodingSpec> RowEncoder::getEncoding(EncodeOp op) {
  auto encoding = compress::getEncoding(op.getResult().getType());
  if (isRowEncodable(encoding))
    return encoding.getSpec();
  return op.emitOpError("has no code yet for encoding activations to ")
         << encoding << "; " << kExpectedRowEncoding;
}

RowEncoder::RowEncoder(Kernel &kernel, EncodingSpec format, int64_t columns)
    : kernel(kernel), e(kernel.e), spec(std::move(format)), lanes(kernel.lanes),
      columns(columns) {
  if (spec.code.isFloat()) {
    highest = spec.code.getLargest();
    lowest = -highest;
    return;
  }
  lowest = spec.code.getMin() + (spec.narrow ? 1 : 0);
  highest = spec.code.getMax();
}

SmallVector<Value> RowEncoder::place(const Row &row, Value column) {
  SmallVector<Value> at(row.index);
  at.push_back(row.first ? e.add(row.first, column) : column);
  return at;
}

Value RowEncoder::load(Value column, int64_t count) {
  return e.loadFirst(source.memref, place(source, column), lanes, count);
}

/// Stores the first `count` lanes, or a scalar.
void RowEncoder::store(const Row &row, Value value, Value column,
                       int64_t count) {
  SmallVector<Value> at = place(row, column);
  if (count)
    e.storeFirst(value, row.memref, at, count);
  else
    e.store(value, row.memref, at);
}

SmallVector<Value> RowEncoder::fold(Value begin, int64_t size, ValueRange init,
                                    Step step) {
  int64_t whole = size / lanes * lanes;
  SmallVector<Value> result(init);
  if (whole > 4 * lanes)
    result = e.loop(e.index(0), e.index(whole), lanes, result,
                    [&](Value i, ValueRange carried) {
                      return step(e.add(begin, i), lanes, carried);
                    });
  else
    for (int64_t i = 0; i < whole; i += lanes)
      result = step(e.addIndex(begin, i), lanes, result);
  if (whole < size)
    result = step(e.addIndex(begin, whole), size - whole, result);
  return result;
}

//===----------------------------------------------------------------------===//
// Scale, zero point, minimum
//===----------------------------------------------------------------------===//

static Value minimum(Emitter &e, Value a, Value b) {
  return arith::MinNumFOp::create(e, a, b);
}

static Value maximum(Emitter &e, Value a, Value b) {
  return arith::MaxNumFOp::create(e, a, b);
}

static Value reduce(Emitter &e, vector::CombiningKind kind, Value lanes) {
  return vector::ReductionOp::create(e, kind, lanes);
}

std::pair<Value, Value> RowEncoder::findRange(Value begin, int64_t size) {
  using vector::CombiningKind;
  // Without zero point or minimum the larger end decides.
  if (!spec.zero && !spec.min) {
    Value largest = fold(begin, size, ValueRange{e.constantF32(0, lanes)},
                         [&](Value column, int64_t count, ValueRange so) {
                           Value x =
                               math::AbsFOp::create(e, load(column, count));
                           return SmallVector<Value>{e.maxF(so.front(), x)};
                         })
                        .front();
    Value high = reduce(e, CombiningKind::MAXNUMF, largest);
    return {e.sub(e.constantF32(0), high), high};
  }
  // Lanes that a ragged block lacks must not count: they repeat its first
  // value.
  Value first = e.splat(e.load(source.memref, place(source, begin)), lanes);
  SmallVector<Value> ends = fold(
      begin, size, ValueRange{first, first},
      [&](Value column, int64_t count, ValueRange so) {
        Value x = load(column, count);
        if (count < lanes) {
          Value exists = vector::CreateMaskOp::create(
              e, VectorType::get({lanes}, e.getI1Type()), e.index(count));
          x = arith::SelectOp::create(e, exists, x, first);
        }
        return SmallVector<Value>{minimum(e, so[0], x), maximum(e, so[1], x)};
      });
  return {reduce(e, CombiningKind::MINNUMF, ends[0]),
          reduce(e, CombiningKind::MAXNUMF, ends[1])};
}

Value RowEncoder::chooseScale(Value low, Value high) {
  Value zero = e.constantF32(0);
  if (spec.zero)
    return e.divF(e.sub(maximum(e, high, zero), minimum(e, low, zero)),
                  e.constantF32(highest - lowest));
  if (spec.min)
    return e.divF(e.sub(high, low), e.constantF32(highest - lowest));
  Value largest = maximum(e, e.sub(zero, low), high);
  return e.divF(largest, e.constantF32(std::min(-lowest, highest)));
}

Value RowEncoder::storePart(const Row &part, Value block, Value value,
                            NumberType number) {
  Type stored = getStorageType(e.getContext(), number);
  if (number.isFloat()) {
    Value rounded = e.fromF32(value, stored);
    store(part, rounded, block);
    return e.splat(e.toF32(rounded), lanes);
  }
  Value rounded = math::RoundEvenOp::create(e, value);
  rounded = maximum(e, rounded, e.constantF32(number.getMin()));
  rounded = minimum(e, rounded, e.constantF32(number.getMax()));
  Value code = arith::FPToSIOp::create(e, e.getI32Type(), rounded);
  store(part, arith::TruncIOp::create(e, stored, code), block);
  return e.splat(rounded, lanes);
}

RowEncoder::BlockValues RowEncoder::chooseBlockValues(Value block, Value begin,
                                                      int64_t size) {
  BlockValues values;
  if (!spec.scale)
    return values;
  auto [low, high] = findRange(begin, size);
  values.scale =
      storePart(scales, block, chooseScale(low, high), spec.scale.getNumber());
  if (!spec.zero && !spec.min)
    return values;
  Value scale =
      vector::ExtractOp::create(e, values.scale, ArrayRef<int64_t>{0});
  Value none = e.constantF32(0), lowestCode = e.constantF32(lowest);
  if (spec.zero) {
    Value wanted = e.sub(lowestCode, e.divF(minimum(e, low, none), scale));
    Value isZero =
        arith::CmpFOp::create(e, arith::CmpFPredicate::OEQ, scale, none);
    wanted = arith::SelectOp::create(e, isZero, none, wanted);
    values.zero = storePart(zeros, block, wanted, spec.zero.getNumber());
  } else {
    Value wanted = e.sub(low, e.mul(scale, lowestCode));
    values.min = storePart(minima, block, wanted, spec.min.getNumber());
  }
  return values;
}

//===----------------------------------------------------------------------===//
// Codes
//===----------------------------------------------------------------------===//

Value RowEncoder::chooseInteger(Value x, const BlockValues &values) {
  Value none = e.constantF32(0, lanes);
  Value q = values.min ? e.sub(x, values.min) : x;
  q = e.divF(q, values.scale);
  Value isZero =
      arith::CmpFOp::create(e, arith::CmpFPredicate::OEQ, values.scale, none);
  q = arith::SelectOp::create(e, isZero, none, q);
  if (values.zero)
    q = e.add(q, values.zero);
  q = math::RoundEvenOp::create(e, q);
  q = maximum(e, q, e.constantF32(lowest, lanes));
  q = minimum(e, q, e.constantF32(highest, lanes));
  return arith::FPToSIOp::create(e, VectorType::get({lanes}, e.getI32Type()),
                                 q);
}

void RowEncoder::storeIntegers(Value integers, Value column, int64_t count) {
  Value bytes = arith::TruncIOp::create(
      e, VectorType::get({lanes}, e.getI8Type()), integers);
  if (unpacked)
    e.storeFirst(bytes, unpacked, {column}, count);
  else
    store(codes, bytes, column, count);
}

/// The codes of a float format of at most eight bits as i32; `x` is within the
/// format's range.
static Value encodeSmallFloat(Emitter &e, Value x, NumberType number) {
  int64_t lanes = Emitter::getLanes(x);
  // The format's parameters follow from its values: steps double after the
  // first binade of normal ones.
  unsigned bits = number.getBits();
  float smallest = number.decode(1);
  int mantissa = 0;
  while (number.decode((2u << mantissa) + 1) - number.decode(2u << mantissa) ==
         smallest)
    ++mantissa;
  float normal = number.decode(1u << mantissa);
  int exponent = std::ilogb(normal);
  Value magnitude = math::AbsFOp::create(e, x);
  // Normal: round off mantissa bits, then move the exponent's bias.
  Value word = e.bitcast(magnitude, e.getI32Type());
  unsigned drop = 23 - mantissa;
  Value odd = e.extractBits(word, drop, 1);
  Value rounded =
      e.add(word, e.add(odd, e.constantI32((1 << (drop - 1)) - 1, lanes)));
  Value shifted =
      arith::ShRUIOp::create(e, rounded, e.constantI32(drop, lanes));
  Value large =
      e.sub(shifted, e.constantI32((exponent + 127 - 1) << mantissa, lanes));
  // Subnormal: a multiple of the smallest.
  Value steps = math::RoundEvenOp::create(
      e, e.mul(magnitude, e.constantF32(1 / smallest, lanes)));
  Value small = arith::FPToSIOp::create(
      e, Emitter::lanesOf(e.getI32Type(), lanes), steps);
  Value isSmall = arith::CmpFOp::create(e, arith::CmpFPredicate::OLT, magnitude,
                                        e.constantF32(normal, lanes));
  Value code = arith::SelectOp::create(e, isSmall, small, large);
  Value sign = e.extractBits(e.bitcast(x, e.getI32Type()), 31, 1);
  sign = arith::ShLIOp::create(e, sign, e.constantI32(bits - 1, lanes));
  return arith::OrIOp::create(e, code, sign);
}

void RowEncoder::storeFloats(Value x, const BlockValues &values, Value column,
                             int64_t count) {
  if (values.scale) {
    Value none = e.constantF32(0, lanes);
    Value isZero =
        arith::CmpFOp::create(e, arith::CmpFPredicate::OEQ, values.scale, none);
    x = arith::SelectOp::create(e, isZero, none, e.divF(x, values.scale));
  }
  bool isWide = spec.code.getBits() >= 16;
  if (values.scale || !isWide) {
    x = maximum(e, x, e.constantF32(lowest, lanes));
    x = minimum(e, x, e.constantF32(highest, lanes));
  }
  if (isWide)
    store(codes, e.fromF32(x, getStorageType(e.getContext(), spec.code)),
          column, count);
  else
    storeIntegers(encodeSmallFloat(e, x, spec.code), column, count);
}

void RowEncoder::encodeBlock(Value block, Value begin, int64_t size) {
  BlockValues values = chooseBlockValues(block, begin, size);
  Value sum =
      fold(begin, size, ValueRange{e.constantI32(0, lanes)},
           [&](Value column, int64_t count, ValueRange so) {
             Value x = load(column, count);
             if (spec.code.isFloat()) {
               storeFloats(x, values, column, count);
               return SmallVector<Value>(so);
             }
             Value integers = chooseInteger(x, values);
             storeIntegers(integers, column, count);
             if (!spec.sums)
               return SmallVector<Value>(so);
             if (count < lanes) {
               Value exists = vector::CreateMaskOp::create(
                   e, VectorType::get({lanes}, e.getI1Type()), e.index(count));
               integers = arith::SelectOp::create(e, exists, integers,
                                                  e.constantI32(0, lanes));
             }
             return SmallVector<Value>{e.add(so.front(), integers)};
           })
          .front();
  if (spec.sums)
    store(sums, reduce(e, vector::CombiningKind::ADD, sum), block);
}

void RowEncoder::packCodes() {
  int64_t bits = spec.code.getBits();
  int64_t bytes = llvm::divideCeil(columns * bits, 8);
  Type i32 = e.getI32Type();
  e.loop(e.index(0), e.index(bytes), 1, [&](Value byte) {
    Value firstBit = e.mulIndex(byte, 8);
    Value first = e.divIndex(firstBit, bits);
    // The first code may have begun in the byte before.
    Value skip = e.remIndex(firstBit, bits);
    Value shift = arith::IndexCastUIOp::create(e, i32, skip);
    Value word;
    for (int64_t i = 0; i * bits < 8 + bits - 1; ++i) {
      Value code = arith::ExtUIOp::create(
          e, i32, e.load(unpacked, {e.addIndex(first, i)}));
      code = e.extractBits(code, 0, bits);
      if (i)
        code = arith::ShLIOp::create(e, code, e.constantI32(i * bits));
      word = word ? Value(arith::OrIOp::create(e, word, code)) : code;
    }
    word = arith::ShRUIOp::create(e, word, shift);
    store(codes, arith::TruncIOp::create(e, e.getI8Type(), word), byte);
  });
}

//===----------------------------------------------------------------------===//
// The row
//===----------------------------------------------------------------------===//

void RowEncoder::encode(const Row &from, ArrayRef<Row> to, bool unpack) {
  source = from;
  parts = to;
  next = 0;
  codes = nextPart();
  if (spec.scale)
    scales = nextPart();
  if (spec.zero)
    zeros = nextPart();
  if (spec.min)
    minima = nextPart();
  if (spec.sums)
    sums = nextPart();
  if (spec.code.getBits() < 8 && !unpack) {
    // Codes behind the row's end are zero, so that the last byte is.
    constexpr int64_t kBehind = 16;
    unpacked = kernel.allocateScratch({columns + kBehind}, e.getI8Type());
    auto zeros = DenseElementsAttr::get(
        VectorType::get({kBehind}, e.getI8Type()), e.getI8IntegerAttr(0));
    e.store(arith::ConstantOp::create(e, cast<TypedAttr>(Attribute(zeros))),
            unpacked, {e.index(columns)});
  }
  int64_t size = spec.block.empty() || spec.block.back() < 0
                     ? columns
                     : std::min(spec.block.back(), columns);
  int64_t whole = columns / size;
  e.loop(e.index(0), e.index(whole), 1, [&](Value block) {
    encodeBlock(block, e.mulIndex(block, size), size);
  });
  if (whole * size < columns)
    encodeBlock(e.index(whole), e.index(whole * size), columns - whole * size);
  if (unpacked)
    packCodes();
}
