//===- RequantizationTest.cpp - Tests of integer scales ---------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/Requantization.h"

#include "TestUtils.h"

#include <limits>

using namespace mlir::compress;
using namespace mlir::compress::test;
using Rule = MultiplierRule;
using Shift = ShiftRounding;

namespace {

constexpr int32_t kMin = std::numeric_limits<int32_t>::min();
constexpr int32_t kMax = std::numeric_limits<int32_t>::max();

int32_t apply(int32_t sum, IntegerScale scale, Shift rounding) {
  return requantize(sum, scale, 0, kMin, kMax, rounding);
}

/// 0.3 with 8 bits: n = floor(log2(255 / .3)) = 9, and .3 * 512 = 153.6.
TEST(IntegerScale, Worked) {
  IntegerScale floor = take(getIntegerScale(.3, 8, Rule::Floor));
  EXPECT_EQ(floor.multiplier, 153);
  EXPECT_EQ(floor.shift, 9);
  EXPECT_EQ(floor.getValue(), 153.0 / 512);
  EXPECT_EQ(take(getIntegerScale(.3, 8, Rule::Nearest)).multiplier, 154);
  // .3 = .6 / 2, and .6 * 2^31 = 1288490188.8.
  IntegerScale normalized = take(getIntegerScale(.3));
  EXPECT_EQ(normalized.multiplier, 1288490189);
  EXPECT_EQ(normalized.shift, 32);
  // Powers of two are exact with any rule.
  for (Rule rule : {Rule::Floor, Rule::Nearest, Rule::Normalized})
    for (double scale : {0.25, 1.0, 16.0, 0x1p-20})
      EXPECT_EQ(take(getIntegerScale(scale, 8, rule)).getValue(), scale);
  // A fraction that rounds up to 1 is halved.
  IntegerScale carry = take(getIntegerScale(1 - 0x1p-40));
  EXPECT_EQ(carry.multiplier, int64_t(1) << 30);
  EXPECT_EQ(carry.shift, 30);
  EXPECT_EQ(take(getIntegerScale(0x1p-33)).multiplier, 0);
  EXPECT_NE(take(getIntegerScale(0x1p-32)).multiplier, 0);
}

/// The multiplier has its bits, n can't be larger, and the error is below one
/// step of the multiplier, or half of one.
TEST(IntegerScale, ErrorIsBounded) {
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    double scale =
        std::ldexp(1 + double(random()) / 0x1p32, int(random() % 40) - 30);
    for (unsigned bits : {2u, 7u, 8u, 16u, 31u})
      for (Rule rule : {Rule::Floor, Rule::Nearest, Rule::Normalized}) {
        IntegerScale result = take(getIntegerScale(scale, bits, rule));
        double step = std::ldexp(1.0, -result.shift);
        EXPECT_LE(std::fabs(result.getValue() - scale),
                  rule == Rule::Floor ? step : step / 2);
        EXPECT_LT(result.multiplier, int64_t(1) << bits);
        // 2^bits - 1 over two, rounded down or not.
        EXPECT_GE(result.multiplier,
                  (int64_t(1) << (bits - 1)) - (rule == Rule::Floor));
        if (rule == Rule::Normalized)
          continue;
        if (rule == Rule::Floor)
          EXPECT_LE(result.getValue(), scale);
        double largest = std::ldexp(1.0, int(bits)) - 1;
        EXPECT_LE(std::ldexp(scale, result.shift), largest);
        EXPECT_GT(std::ldexp(scale, result.shift + 1), largest);
      }
  }
}

/// Halves, on either side of zero: up; twice rounded; down.
TEST(Requantize, Halves) {
  IntegerScale half = take(getIntegerScale(.5));
  EXPECT_EQ(apply(3, half, Shift::HalfUp), 2);
  EXPECT_EQ(apply(-3, half, Shift::HalfUp), -1);
  EXPECT_EQ(apply(3, half, Shift::Down), 1);
  EXPECT_EQ(apply(-3, half, Shift::Down), -2);
  // .5 is 2^30 / 2^31: there is no second shift.
  EXPECT_EQ(apply(3, half, Shift::Gemmlowp), 2);
  EXPECT_EQ(apply(-3, half, Shift::Gemmlowp), -1);
  // 1/4 shifts by one more, away from zero: -6 / 4 = -3 / 2.
  IntegerScale quarter = take(getIntegerScale(.25));
  EXPECT_EQ(apply(6, quarter, Shift::Gemmlowp), 2);
  EXPECT_EQ(apply(-6, quarter, Shift::Gemmlowp), -2);
  EXPECT_EQ(apply(-6, quarter, Shift::HalfUp), -1);
  // 5 / 4 is rounded to 3 / 2 first, and then to 2: once would give 1.
  EXPECT_EQ(apply(5, quarter, Shift::Gemmlowp), 2);
  EXPECT_EQ(apply(5, quarter, Shift::HalfUp), 1);
}

/// Against long double, which holds 64 bits.
TEST(Requantize, IsExact) {
  std::mt19937 random(2);
  for (int i = 0; i < 20000; ++i) {
    int32_t sum = int32_t(random());
    if (i % 4 == 1)
      sum %= 1000;
    double real =
        std::ldexp(1 + double(random()) / 0x1p32, int(random() % 36) - 34);
    IntegerScale scale = take(getIntegerScale(real));
    long double exact = (long double)(sum)*scale.multiplier;
    long double value = std::ldexp(exact, -scale.shift);
    auto clamp = [](long double x) {
      return int32_t(
          std::min(std::max(x, (long double)(kMin)), (long double)(kMax)));
    };
    EXPECT_EQ(apply(sum, scale, Shift::Down), clamp(std::floor(value)));
    EXPECT_EQ(apply(sum, scale, Shift::HalfUp),
              clamp(std::floor(value + 0.5L)));
    if (scale.shift < 31)
      continue;
    long double high = std::floor(std::ldexp(exact, -31) + 0.5L);
    EXPECT_EQ(apply(sum, scale, Shift::Gemmlowp),
              clamp(std::round(std::ldexp(high, 31 - scale.shift))));
  }
}

TEST(Requantize, Extremes) {
  IntegerScale one = take(getIntegerScale(1)),
               huge = take(getIntegerScale(1e30));
  for (Shift rounding : {Shift::HalfUp, Shift::Gemmlowp, Shift::Down}) {
    EXPECT_EQ(apply(0, huge, rounding), 0);
    EXPECT_EQ(requantize(7, huge, 3, -128, 127, rounding), 127);
    EXPECT_EQ(requantize(-7, huge, 3, -128, 127, rounding), -128);
    EXPECT_EQ(requantize(kMax, {0, 0}, 3, -128, 127, rounding), 3);
  }
  for (Shift rounding : {Shift::HalfUp, Shift::Down}) {
    EXPECT_EQ(apply(kMin, one, rounding), kMin);
    EXPECT_EQ(apply(kMax, one, rounding), kMax);
    EXPECT_EQ(apply(kMin, huge, rounding), kMin);
  }
  // 1 is 2^30 / 2^31 * 2, and doubled sums end at 32 bits.
  EXPECT_EQ(apply(kMin, one, Shift::Gemmlowp), kMin / 2);
  EXPECT_EQ(apply(kMin / 2, one, Shift::Gemmlowp), kMin / 2);
  // A shift beyond all bits.
  IntegerScale tiny = take(getIntegerScale(1e-30, 8, Rule::Nearest));
  EXPECT_GT(tiny.shift, 62);
  EXPECT_EQ(apply(kMin, tiny, Shift::HalfUp), 0);
  EXPECT_EQ(apply(kMin, tiny, Shift::Down), -1);
  EXPECT_EQ(apply(kMax, tiny, Shift::HalfUp), 0);
  // The zero point is added, and the sum clamped.
  EXPECT_EQ(requantize(10, one, 120, -128, 127), 127);
  EXPECT_EQ(requantize(10, one, -5, -128, 127), 5);
  EXPECT_EQ(requantize(kMax, one, kMax, kMin, kMax), kMax);
}

TEST(IntegerScale, Errors) {
  for (double scale : {0.0, -1.0, double(INFINITY), double(NAN)})
    expectError(getIntegerScale(scale),
                "is not positive and finite; look for blocks of zeros");
  for (unsigned bits : {1u, 32u})
    expectError(getIntegerScale(1, bits), "bits; use 2 to 31");
}

} // namespace
