//===- CodeChooser.cpp - The code nearest to a value ------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeChooser.h"

#include "Numbers.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

// Every step is rounded to f32, so a multiply and an add must not be fused.
#pragma STDC FP_CONTRACT OFF

using namespace mlir::compress;
using Kind = EncodingSpec::Kind;
using llvm::ArrayRef;

CodeChooser::CodeChooser(NumberType number)
    : kind(number.isInteger() ? Kind::Affine : Kind::Float), code(number),
      lowest(float(-number.getLargest())), highest(float(number.getLargest())) {
  if (number.isInteger()) {
    lowest = float(number.getMin());
    highest = float(number.getMax());
  }
}

CodeChooser::CodeChooser(const EncodingSpec &spec, ArrayRef<float> given)
    : CodeChooser(spec.code) {
  kind = spec.kind;
  if (spec.narrow)
    lowest += 1;
  if (kind != Kind::Codebook)
    return;
  ArrayRef<float> table = given;
  if (!spec.table.empty())
    table = spec.table;
  if (table.empty())
    return; // Refused before any code is chosen.
  llvm::SmallVector<unsigned> order(table.size());
  std::iota(order.begin(), order.end(), 0u);
  llvm::sort(order, [&](unsigned a, unsigned b) {
    return std::make_pair(table[a], a) < std::make_pair(table[b], b);
  });
  for (unsigned index : order) {
    if (!entries.empty() && entries.back() == table[index])
      continue;
    entries.push_back(table[index]);
    entryCodes.push_back(uint8_t(index));
  }
  makeThresholds();
  lowest = entries.front();
  highest = entries.back();
}

void CodeChooser::choose(ArrayRef<float> values, Mapping mapping,
                         uint8_t *codes) const {
  switch (kind) {
  case Kind::Affine:
    return chooseInteger(values, mapping, codes);
  case Kind::Float:
    return chooseFloat(values, mapping, codes);
  default:
    return chooseEntry(values, mapping, codes);
  }
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

/// Rounds a float of magnitude below 2^22 to an integer, ties to even: in the
/// sum with 1.5 * 2^23 the last place is 1, and its low bits are the integer in
/// two's complement. Unlike a library call, loops over it are vectorized.
static uint32_t roundSmall(float value) {
  return llvm::bit_cast<uint32_t>(value + 12582912.0f);
}

void CodeChooser::chooseInteger(ArrayRef<float> values, Mapping mapping,
                                uint8_t *codes) const {
  float lo = lowest, hi = highest;
  uint32_t mask = llvm::maskTrailingOnes<uint32_t>(code.getBits());
  float s = mapping.scale, z = mapping.zero, m = mapping.min;
  if (s == 0) {
    float zeroCode = std::min(std::max(z, lo), hi);
    std::memset(codes, int(roundSmall(zeroCode) & mask), values.size());
    return;
  }
  for (size_t i = 0, e = values.size(); i < e; ++i) {
    float q = (values[i] - m) / s + z;
    q = q < lo ? lo : q;
    q = q > hi ? hi : q;
    codes[i] = uint8_t(roundSmall(q) & mask);
  }
}

/// Rounds a float of small magnitude, halves away from zero. A half that was
/// added first could round up what is just below one.
static int32_t roundHalvesAway(float value) {
  float magnitude = std::fabs(value);
  auto whole = int32_t(magnitude);
  whole += magnitude - float(whole) >= 0.5f;
  return value < 0 ? -whole : whole;
}

void CodeChooser::chooseByReciprocal(ArrayRef<float> values, Mapping mapping,
                                     bool halvesAway, uint8_t *codes) const {
  float lo = lowest, hi = highest, m = mapping.min;
  float reciprocal = mapping.scale == 0 ? 0.0f : 1.0f / mapping.scale;
  uint32_t mask = llvm::maskTrailingOnes<uint32_t>(code.getBits());
  size_t count = values.size();
  // Of scales whose reciprocal overflows, ggml converts infinite quotients to
  // integers, which on x86 gives zero before the zero point is added.
  if (!std::isfinite(reciprocal)) {
    auto code = int32_t(halvesAway ? mapping.zero : lo);
    return void(std::memset(codes, int(uint32_t(code) & mask), count));
  }
  if (halvesAway) {
    float z = mapping.zero;
    for (size_t i = 0; i < count; ++i) {
      float q = (values[i] - m) * reciprocal;
      q = q < lo - z ? lo - z : q;
      q = q > hi - z ? hi - z : q;
      codes[i] = uint8_t(uint32_t(roundHalvesAway(q) + int32_t(z)) & mask);
    }
    return;
  }
  // Counted from the lowest code, so that truncation rounds down.
  float half = 0.5f - lo, range = hi - lo;
  for (size_t i = 0; i < count; ++i) {
    float q = (values[i] - m) * reciprocal + half;
    q = q < 0 ? 0 : q;
    q = q > range ? range : q;
    codes[i] = uint8_t(uint32_t(int32_t(q) + int32_t(lo)) & mask);
  }
}

//===----------------------------------------------------------------------===//
// Floats
//===----------------------------------------------------------------------===//

/// Calls `body(encode)` with a function that rounds one value to `code`.
template <typename Body> static void withEncoder(NumberType code, Body body) {
  if (code.getKind() == NumberType::Kind::F32)
    return body([](float value) { return llvm::bit_cast<uint32_t>(value); });
  if (code.getKind() == NumberType::Kind::F8E8M0FNU)
    return body([code](float value) { return code.encode(value); });
  FloatLayout layout = getFloatLayout(code.getKind());
  body([layout](float value) { return encodeSmallFloat(layout, value); });
}

template <typename Stored, typename Function>
static void storeFloats(ArrayRef<float> values, uint8_t *codes,
                        Function function) {
  for (size_t i = 0, e = values.size(); i < e; ++i) {
    Stored stored = Stored(function(values[i]));
    std::memcpy(codes + i * sizeof(Stored), &stored, sizeof(Stored));
  }
}

/// Stores `function(value)` for each value, in elements as wide as the code.
template <typename Function>
static void storeFloats(NumberType code, ArrayRef<float> values, uint8_t *codes,
                        Function function) {
  if (code.getBits() == 32)
    return storeFloats<uint32_t>(values, codes, function);
  if (code.getBits() == 16)
    return storeFloats<uint16_t>(values, codes, function);
  storeFloats<uint8_t>(values, codes, function);
}

void CodeChooser::chooseFloat(ArrayRef<float> values, Mapping mapping,
                              uint8_t *codes) const {
  float scale = mapping.scale, limit = highest;
  if (scale == 0) {
    std::memset(codes, 0, values.size() * std::max(1u, code.getBits() / 8));
    return;
  }
  withEncoder(code, [&](auto encode) {
    storeFloats(code, values, codes, [=](float value) {
      // With a scale, rounding of the quotient must not reach infinity.
      float quotient = value / scale;
      quotient = quotient < -limit ? -limit : quotient;
      return encode(quotient > limit ? limit : quotient);
    });
  });
}

void CodeChooser::encodeRow(ArrayRef<float> values, uint8_t *bytes) const {
  unsigned bits = code.getBits();
  if (kind == Kind::Float && bits >= 8)
    return withEncoder(
        code, [&](auto encode) { storeFloats(code, values, bytes, encode); });
  std::vector<uint8_t> codes(values.size());
  choose(values, {1.0f, 0.0f, 0.0f}, codes.data());
  packRow(codes.data(), bits, values.size(), bytes);
}

//===----------------------------------------------------------------------===//
// Codebooks
//===----------------------------------------------------------------------===//

/// Floats in order as integers in order, and back.
static int32_t toOrdered(float value) {
  int32_t bits = llvm::bit_cast<int32_t>(value);
  return bits < 0 ? int32_t(0x80000000u - uint32_t(bits)) : bits;
}
static float fromOrdered(int32_t ordered) {
  uint32_t bits = ordered < 0 ? 0x80000000u - uint32_t(ordered) : ordered;
  return llvm::bit_cast<float>(bits);
}

/// The largest value that is nearer to `low` than to `high`, as distances in
/// f32 say, or as near where `lowWinsTies`.
static float getThreshold(float low, float high, bool lowWinsTies) {
  int32_t inside = toOrdered(low), outside = toOrdered(high);
  while (int64_t(outside) - inside > 1) {
    int32_t middle = int32_t((int64_t(inside) + outside) >> 1);
    float value = fromOrdered(middle);
    float above = high - value, below = value - low;
    (below < above || (below == above && lowWinsTies) ? inside : outside) =
        middle;
  }
  return fromOrdered(inside);
}

void CodeChooser::makeThresholds() {
  thresholds.assign(entries.size() <= 16 ? 16 : 256, INFINITY);
  for (size_t i = 0; i + 1 < entries.size(); ++i)
    thresholds[i] = getThreshold(entries[i], entries[i + 1],
                                 entryCodes[i] < entryCodes[i + 1]);
  for (size_t i = 15; i < thresholds.size(); i += 16)
    coarse.push_back(thresholds[i]);
}

/// How many of 16 thresholds a value is above. Compared to a binary search,
/// there is nothing to mispredict.
static unsigned countBelow(const float *thresholds, float value) {
  unsigned below = 0;
  for (unsigned i = 0; i < 16; ++i)
    below += thresholds[i] < value;
  return below;
}

uint8_t CodeChooser::getNearestEntry(float value) const {
  const float *group = thresholds.data();
  if (thresholds.size() > 16)
    group += 16 * countBelow(coarse.data(), value);
  unsigned entry = group - thresholds.data() + countBelow(group, value);
  return entryCodes[entry];
}

void CodeChooser::chooseEntry(ArrayRef<float> values, Mapping mapping,
                              uint8_t *codes) const {
  float s = mapping.scale, m = mapping.min;
  for (size_t i = 0, e = values.size(); i < e; ++i)
    codes[i] = s == 0 ? 0 : getNearestEntry((values[i] - m) / s);
}

std::pair<float, float> mlir::compress::getRange(ArrayRef<float> values) {
  // Four independent chains; a single one waits for itself.
  float lo[4], hi[4];
  std::fill_n(lo, 4, INFINITY);
  std::fill_n(hi, 4, -INFINITY);
  size_t i = 0, e = values.size();
  for (; i + 4 <= e; i += 4)
    for (unsigned k = 0; k < 4; ++k) {
      lo[k] = values[i + k] < lo[k] ? values[i + k] : lo[k];
      hi[k] = values[i + k] > hi[k] ? values[i + k] : hi[k];
    }
  for (; i < e; ++i) {
    lo[0] = std::min(lo[0], values[i]);
    hi[0] = std::max(hi[0], values[i]);
  }
  return {std::min({lo[0], lo[1], lo[2], lo[3]}),
          std::max({hi[0], hi[1], hi[2], hi[3]})};
}
