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

//===----------------------------------------------------------------------===//
// Floats
//===----------------------------------------------------------------------===//

template <typename Stored>
static void storeFloats(ArrayRef<float> values, NumberType code, float scale,
                        float limit, uint8_t *codes) {
  for (auto [i, value] : llvm::enumerate(values)) {
    float quotient = scale == 0 ? 0.0f : value / scale;
    // With a scale, rounding of the quotient must not reach infinity.
    quotient = std::min(std::max(quotient, -limit), limit);
    Stored stored = Stored(code.encode(quotient));
    std::memcpy(codes + i * sizeof(Stored), &stored, sizeof(Stored));
  }
}

void CodeChooser::chooseFloat(ArrayRef<float> values, Mapping mapping,
                              uint8_t *codes) const {
  if (code.getBits() == 32)
    return storeFloats<uint32_t>(values, code, mapping.scale, highest, codes);
  if (code.getBits() == 16)
    return storeFloats<uint16_t>(values, code, mapping.scale, highest, codes);
  storeFloats<uint8_t>(values, code, mapping.scale, highest, codes);
}

void CodeChooser::encodeRow(ArrayRef<float> values, uint8_t *bytes) const {
  unsigned bits = code.getBits();
  if (kind == Kind::Float && bits >= 8) {
    for (auto [i, value] : llvm::enumerate(values)) {
      uint32_t stored = code.encode(value);
      std::memcpy(bytes + i * (bits / 8), &stored, bits / 8);
    }
    return;
  }
  std::vector<uint8_t> codes(values.size());
  choose(values, {1.0f, 0.0f, 0.0f}, codes.data());
  packRow(codes.data(), bits, values.size(), bytes);
}

//===----------------------------------------------------------------------===//
// Codebooks
//===----------------------------------------------------------------------===//

uint8_t CodeChooser::getNearestEntry(float value) const {
  // The first entry that is not less; the nearest is it or the one before.
  const float *base = entries.data();
  for (size_t count = entries.size(); count > 1;) {
    size_t half = count / 2;
    base += base[half - 1] < value ? half : 0;
    count -= half;
  }
  size_t upper = base - entries.data();
  if (upper == 0)
    return entryCodes[0];
  float above = entries[upper] - value, below = value - entries[upper - 1];
  if (above == below)
    return std::min(entryCodes[upper], entryCodes[upper - 1]);
  return above < below ? entryCodes[upper] : entryCodes[upper - 1];
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
