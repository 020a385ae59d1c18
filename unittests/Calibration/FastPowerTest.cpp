//===- FastPowerTest.cpp - Tests of powers of many values -------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FastPower.h"

#include "gtest/gtest.h"

#include <cmath>
#include <vector>

using namespace mlir::compress;

namespace {

// As accurate as the header says, over all exponents of two and mantissas that
// meet the ends of both series.
TEST(FastPowerTest, IsCloseToThePower) {
  for (float exponent : {0.5f, 1.0f, 2.0f, 2.4f, 4.0f})
    for (int e = -30; e <= 30; ++e)
      for (int i = 0; i < 97; ++i) {
        float x = std::ldexp(1.0f + float(i) / 97, e);
        float value = x;
        raiseToPower(value, exponent);
        double expected = std::pow(double(x), double(exponent));
        if (expected > 0x1p-120 && expected < 0x1p120)
          EXPECT_NEAR(value / expected, 1, 1e-5) << x << " ^ " << exponent;
      }
}

TEST(FastPowerTest, ZeroAndTheSmallest) {
  std::vector<float> values = {0.0f, 0x1p-140f, 0x1p-100f, 1.0f};
  raiseToPower(values, 2.4f);
  EXPECT_EQ(values[0], 0.0f);
  EXPECT_LE(values[1], 0x1p-126f);
  EXPECT_LE(values[2], 0x1p-126f);
  EXPECT_EQ(values[3], 1.0f);
}

// Larger values have larger powers: what a search compares stays in order.
TEST(FastPowerTest, IsMonotonic) {
  float before = 0;
  for (int i = 1; i < 4000; ++i) {
    float value = float(i) / 1000;
    raiseToPower(value, 2.4f);
    EXPECT_GT(value, before) << i;
    before = value;
  }
}

} // namespace
