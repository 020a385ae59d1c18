//===- Requantization.cpp - Scales as integers ----------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/Requantization.h"

#include "compress/Support/Error.h"

#include "llvm/ADT/Twine.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace llvm;
using namespace mlir::compress;

/// Beyond every 32-bit value, with room to add one.
static constexpr int64_t kFar = int64_t(1) << 40;

double IntegerScale::getValue() const {
  return std::ldexp(double(multiplier), -shift);
}

static IntegerScale normalize(double scale, unsigned bits) {
  int exponent;
  double fraction = std::frexp(scale, &exponent);
  if (exponent < -31)
    return {0, 0};
  IntegerScale result;
  result.multiplier = std::llround(std::ldexp(fraction, int(bits)));
  result.shift = int(bits) - exponent;
  if (result.multiplier == int64_t(1) << bits) {
    result.multiplier /= 2;
    --result.shift;
  }
  return result;
}

Expected<IntegerScale> mlir::compress::getIntegerScale(double scale,
                                                       unsigned bits,
                                                       MultiplierRule rule) {
  if (!(scale > 0) || !std::isfinite(scale))
    return makeError("requantization: a scale of " + std::to_string(scale) +
                     " is not positive and finite; look for blocks of zeros");
  if (bits < 2 || bits > 31)
    return makeError("requantization: a multiplier of " + Twine(bits) +
                     " bits; use 2 to 31");
  if (rule == MultiplierRule::Normalized)
    return normalize(scale, bits);
  double largest = double((int64_t(1) << bits) - 1);
  // The exponent of the quotient may be one too high or low by its rounding.
  IntegerScale result;
  result.shift = std::ilogb(largest / scale) + 1;
  while (std::ldexp(scale, result.shift) > largest)
    --result.shift;
  double exact = std::ldexp(scale, result.shift);
  result.multiplier =
      int64_t(rule == MultiplierRule::Floor ? std::floor(exact)
                                            : std::nearbyint(exact));
  return result;
}

/// x * 2^shift, not beyond `limit` of either sign.
static int64_t shiftLeft(int64_t x, int shift, int64_t limit) {
  for (; shift > 0 && x != 0 && std::abs(x) <= limit; --shift)
    x *= 2;
  return std::min(std::max(x, -limit), limit);
}

static int64_t shiftRight(int64_t x, int shift, bool halfUp) {
  if (shift <= 0)
    return shiftLeft(x, -shift, kFar);
  // Products have at most 62 bits.
  shift = std::min(shift, 63);
  if (!halfUp)
    return x >> shift;
  // The last bit that is shifted out decides, so that nothing overflows.
  return (x >> shift) + ((x >> (shift - 1)) & 1);
}

/// x / 2^shift with halves away from zero.
static int64_t divideAway(int64_t x, int shift) {
  int64_t magnitude = shiftRight(std::abs(x), shift, /*halfUp=*/true);
  return x < 0 ? -magnitude : magnitude;
}

static int64_t multiplyTwiceRounded(int32_t sum, IntegerScale scale) {
  // multiplier / 2^31 * 2^(31 - shift).
  int left = std::max(31 - scale.shift, 0);
  int right = std::max(scale.shift - 31, 0);
  constexpr int64_t kMax = std::numeric_limits<int32_t>::max();
  int64_t shifted =
      left ? std::max(shiftLeft(sum, left, kMax + 1), -kMax - 1) : int64_t(sum);
  shifted = std::min(shifted, kMax);
  return divideAway(shiftRight(shifted * scale.multiplier, 31, /*halfUp=*/true),
                    right);
}

int32_t mlir::compress::requantize(int32_t sum, IntegerScale scale,
                                   int32_t zero, int32_t low, int32_t high,
                                   ShiftRounding rounding) {
  int64_t result;
  if (rounding == ShiftRounding::Gemmlowp)
    result = multiplyTwiceRounded(sum, scale);
  else
    result = shiftRight(int64_t(sum) * scale.multiplier, scale.shift,
                        rounding == ShiftRounding::HalfUp);
  result = std::min(std::max(result, -kFar), kFar) + zero;
  return int32_t(std::min(std::max(result, int64_t(low)), int64_t(high)));
}
