//===- FewLevelsTest.cpp - Tests of ternary and binary weights --*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/FewLevels.h"

#include "TestUtils.h"

using namespace mlir::compress;
using namespace mlir::compress::test;
using testing::Each;
using testing::ElementsAre;

namespace {

Matrix getWorked() {
  return {1, 8, {.5f, -.2f, .05f, -.9f, .1f, .3f, -.3f, 0}};
}

/// A mean magnitude of .29375, and codes 1, -1, 0, -1, 0, 1, -1, 0: the rule of
/// BitNet b1.58.
TEST(Ternary, WorkedAbsMean) {
  QuantizedMatrix result =
      take(quantizeToLevels(parse("affine<i2, block = [-1, -1], scale = f32, "
                                  "narrow>"),
                            getWorked(), Levels::TernaryMean));
  float s = .29375f;
  EXPECT_THAT(result.values,
              testing::Pointwise(testing::FloatEq(),
                                 {s, -s, 0.0f, -s, 0.0f, s, -s, 0.0f}));
  // Two bits each, the first in the lowest ones: 1 is 01, -1 is 11.
  EXPECT_THAT(result.components[0], ElementsAre(0xcd, 0x34));
}

/// BitNet's activations: int8 by the largest magnitude of each token, which is
/// what rounding to nearest does.
TEST(Ternary, ActivationsPerToken) {
  Matrix x = makeRandom(5, 48, 8);
  QuantizedMatrix result = take(
      quantizeToNearest(parse("affine<i8, block = [1, -1], scale = f32>"), x));
  for (int64_t row = 0; row < 5; ++row) {
    float largest = 0;
    for (int64_t i = 0; i < 48; ++i)
      largest = std::max(largest, std::fabs(x(row, i)));
    for (int64_t i = 0; i < 48; ++i)
      EXPECT_NEAR(result.values[row * 48 + i],
                  std::nearbyint(x(row, i) * 127 / largest) * largest / 127,
                  1e-6);
  }
}

/// All that hold the levels hold the same ones.
TEST(Ternary, AnyEncodingThatHasTheLevels) {
  Matrix w = makeRandom(6, 96, 1);
  for (Levels levels : {Levels::TernaryMean, Levels::TernaryThreshold}) {
    SCOPED_TRACE(str(levels).str());
    QuantizedMatrix first =
        take(quantizeToLevels(parse("affine<i2, block = [1, 32], scale = f16, "
                                    "narrow>"),
                              w, levels));
    for (const char *text :
         {"affine<i4, block = [1, 32], scale = f16>",
          "affine<ui2, block = [1, 32], scale = f16, zero = ui2>",
          "affine<ui2, block = [1, 32], scale = f16, min = f16>",
          "codebook<ui2, table = [0, 1, 7, -1], block = [1, 32], scale = f16>",
          "codebook<ui2, block = [1, 32], scale = f16>",
          "codebook<ui3, block = [1, 32], scale = f16, min = f16>",
          "float<f4E2M1FN, block = [1, 32], scale = f16>"})
      EXPECT_EQ(take(quantizeToLevels(parse(text), w, levels)).values,
                first.values)
          << text;
  }
}

/// The threshold's scale is the mean of what is left, which is the best for
/// these codes.
TEST(Ternary, ThresholdsScaleIsTheMeanOfWhatIsLeft) {
  Matrix w = getWorked();
  QuantizedMatrix result =
      take(quantizeToLevels(parse("affine<i2, block = [1, -1], scale = f32, "
                                  "narrow>"),
                            w, Levels::TernaryThreshold));
  float s = (.5f + .9f + .3f + .3f) / 4; // Above .7 * .29375 = .205625.
  EXPECT_THAT(result.values,
              testing::Pointwise(testing::FloatEq(),
                                 {s, 0.0f, 0.0f, -s, 0.0f, s, -s, 0.0f}));
}

TEST(Ternary, ScalesThatAreEncodedThemselves) {
  Matrix w = makeRandom(4, 128, 2);
  QuantizedMatrix result = take(quantizeToLevels(
      parse("affine<i2, block = [1, 16], scale = #quantized.affine<ui6, block "
            "= [1, 8], scale = f16>, narrow>"),
      w, Levels::TernaryMean));
  for (int64_t first = 0; first < 4 * 128; first += 16) {
    double mean = 0;
    for (int64_t i = first; i < first + 16; ++i)
      mean += std::fabs(w.values[i]) / 16;
    for (int64_t i = first; i < first + 16; ++i) {
      float q = result.values[i];
      EXPECT_TRUE(q == 0 || std::fabs(std::fabs(q) - mean) < 0.05 * mean);
      if (std::fabs(std::fabs(w.values[i]) / mean - 0.5) > 0.05)
        EXPECT_EQ(q != 0, std::fabs(w.values[i]) > 0.5 * mean);
    }
  }
}

/// No other scale has a smaller error for the signs, nor other signs for the
/// scale; zeros count as positive.
TEST(Binary, MeanMagnitudeIsTheBestScale) {
  Matrix w = makeRandom(3, 64, 3);
  w.values[5] = 0;
  w.values[6] = -0.0f;
  EncodingSpec spec =
      parse("codebook<ui1, table = [-1, 1], block = [1, -1], scale = f32>");
  QuantizedMatrix result = take(quantizeToLevels(spec, w, Levels::Binary));
  double best = getSquaredError(w, Matrix(3, 64, result.values));
  for (float factor : {0.98f, 1.02f}) {
    std::vector<float> other = result.values;
    for (float &value : other)
      value *= factor;
    EXPECT_GT(getSquaredError(w, Matrix(3, 64, other)), best);
  }
  for (int64_t i = 0; i < 3 * 64; ++i)
    EXPECT_EQ(result.values[i] < 0, w.values[i] < 0);
  EXPECT_GT(result.values[5], 0);
  EXPECT_GT(result.values[6], 0);
  EXPECT_EQ(result.components[0].size(), 3u * 8); // One bit each.
  for (const char *text :
       {"affine<ui1, block = [1, -1], scale = f32, min = f32>",
        "affine<ui1, block = [1, -1], scale = f32, zero = f32>",
        "codebook<ui1, block = [1, -1], scale = f32>",
        "codebook<ui2, table = [0, -1, .5, 1], block = [1, -1], scale = f32>"})
    EXPECT_EQ(take(quantizeToLevels(parse(text), w, Levels::Binary)).values,
              result.values)
        << text;
}

TEST(FewLevels, ZeroBlocks) {
  Matrix w(1, 64, std::vector<float>(64, 0.0f));
  w.values[40] = -1;
  for (Levels levels : {Levels::TernaryMean, Levels::TernaryThreshold}) {
    QuantizedMatrix result = take(quantizeToLevels(
        parse("affine<i2, block = [1, 32], scale = f16, narrow>"), w, levels));
    EXPECT_THAT(llvm::ArrayRef(result.values).take_front(32), Each(0));
    EXPECT_LT(result.values[40], 0);
  }
  QuantizedMatrix result = take(quantizeToLevels(
      parse("codebook<ui1, table = [-1, 1], block = [1, 32], scale = f16>"), w,
      Levels::Binary));
  EXPECT_THAT(llvm::ArrayRef(result.values).take_front(32), Each(0));
}

TEST(FewLevels, Errors) {
  Matrix w = makeRandom(2, 32, 4);
  // No 1 beside -1, and no 0.
  for (const char *text :
       {"codebook<iq4_nl, block = [1, 32], scale = f16>",
        "codebook<ui1, table = [-1, 1], block = [1, 32], scale = f16>"})
    expectError(quantizeToLevels(parse(text), w, Levels::TernaryMean),
                "does not hold the levels; use affine<i2, block = ..., scale = "
                "f16, narrow>");
  expectError(
      quantizeToLevels(
          parse("affine<ui2, block = [1, 32], scale = f16, zero = ui2>"), w,
          Levels::Binary),
      "use codebook<ui1, table = [-1, 1], block = ..., scale = f16>");
  expectError(quantizeToLevels(parse("float<f16>"), w, Levels::TernaryMean),
              "float<f16> has no scales for levels");
  expectError(quantizeToLevels(
                  parse("nm<2 : 4, values = affine<i2, block = [1, 32], scale "
                        "= f16>>"),
                  w, Levels::TernaryMean),
              "has no scales for levels");
  w.values[3] = NAN;
  expectError(quantizeToLevels(parse("affine<i2, block = [1, 32], scale = f16, "
                                     "narrow>"),
                               w, Levels::TernaryMean),
              "row 0, column 3 is NaN");
}

} // namespace
