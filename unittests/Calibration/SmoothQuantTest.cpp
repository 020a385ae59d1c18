//===- SmoothQuantTest.cpp - Tests of smoothing ------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/SmoothQuant.h"

#include "compress/Calibration/Observers.h"
#include "compress/Calibration/QuantizedMatrix.h"

#include "TestUtils.h"

using namespace mlir::compress;
using namespace mlir::compress::test;
using testing::ElementsAre;

namespace {

TEST(SmoothQuant, WorkedScales) {
  EXPECT_THAT(take(getSmoothQuantScales({4, .5, 1}, {.25, .5, 1})),
              ElementsAre(4, 1, 1));
}

/// 0 leaves the activations as hard as they are, 1 moves it all; both sides
/// have equal maxima with a half.
TEST(SmoothQuant, AlphaDivides) {
  std::vector<float> x = {8, 2, .5}, w = {.5, 4, .125};
  EXPECT_THAT(take(getSmoothQuantScales(x, w, 1)), ElementsAre(8, 2, .5));
  EXPECT_THAT(take(getSmoothQuantScales(x, w, 0)), ElementsAre(2, .25, 8));
  std::vector<float> half = take(getSmoothQuantScales(x, w));
  for (int i = 0; i < 3; ++i)
    EXPECT_NEAR(x[i] / half[i], w[i] * half[i], 1e-6);
}

TEST(SmoothQuant, DeadChannelsAndFloor) {
  EXPECT_THAT(take(getSmoothQuantScales({0, 4, 1e-12f}, {1, 0, 1e4f})),
              ElementsAre(1, 1, 1e-5f));
}

/// Powers of two are exact: the output has the same bits, whatever is moved.
TEST(SmoothQuant, OutputIsUnchanged) {
  Matrix x = makeRandom(9, 16, 1), w = makeRandom(5, 16, 2);
  std::vector<float> scales;
  for (int i = 0; i < 16; ++i)
    scales.push_back(std::ldexp(1.0f, i % 7 - 3));
  std::vector<float> scaled = take(scaleColumns(w, scales));
  for (int64_t row = 0; row < 5; ++row)
    for (int64_t token = 0; token < 9; ++token) {
      double before = 0, after = 0;
      for (int64_t i = 0; i < 16; ++i) {
        before += double(w(row, i)) * x(token, i);
        after += double(scaled[row * 16 + i]) * (x(token, i) / scales[i]);
      }
      EXPECT_EQ(before, after);
    }
}

/// What it is for: one channel of large activations no longer coarsens all.
TEST(SmoothQuant, EvensOutActivations) {
  Matrix x = makeRandom(64, 32, 3), w = makeRandom(8, 32, 4, 0.1f);
  for (int64_t row = 0; row < 64; ++row)
    x.values[row * 32 + 7] *= 50;
  ChannelStatistics statistics(32);
  ASSERT_EQ(message(statistics.add(x)), "");
  std::vector<float> scales = take(getSmoothQuantScales(
      statistics.getLargest(), take(getColumnMaxima({w}, 32))));
  Matrix smooth = x;
  for (int64_t row = 0; row < 64; ++row)
    for (int64_t i = 0; i < 32; ++i)
      smooth.values[row * 32 + i] /= scales[i];
  EncodingSpec spec = parse("affine<i8, block = [1, -1], scale = f32>");
  auto getRelativeError = [&](const Matrix &matrix) {
    QuantizedMatrix rounded = take(quantizeToNearest(spec, matrix));
    double error = 0, norm = 0;
    for (size_t i = 0; i < matrix.values.size(); ++i) {
      if (i % 32 == 7)
        continue;
      error += std::pow(matrix.values[i] - rounded.values[i], 2);
      norm += std::pow(matrix.values[i], 2);
    }
    return error / norm;
  };
  EXPECT_LT(getRelativeError(smooth), 0.2 * getRelativeError(x));
}

TEST(SmoothQuant, ColumnMaximaOfSeveralMatrices) {
  Matrix a(2, 3, {1, -2, 0, -3, 1, 0}), b(1, 3, {0, 5, -.5f});
  EXPECT_THAT(take(getColumnMaxima({a, b}, 3)), ElementsAre(3, 5, .5f));
}

/// The mean output is what it was before rounding.
TEST(BiasCorrection, KeepsTheMeanOutput) {
  Matrix x = makeRandom(200, 32, 5), w = makeRandom(6, 32, 6);
  for (float &value : x.values)
    value += 1;
  ChannelStatistics statistics(32);
  ASSERT_EQ(message(statistics.add(x)), "");
  QuantizedMatrix q = take(
      quantizeToNearest(parse("affine<i3, block = [1, 32], scale = f16>"), w));
  std::vector<float> correction =
      take(getBiasCorrection(w, {q.values, 6, 32}, statistics.getMeans()));
  for (int64_t row = 0; row < 6; ++row) {
    double before = 0, after = 0;
    for (int64_t token = 0; token < 200; ++token)
      for (int64_t i = 0; i < 32; ++i) {
        before += double(w(row, i)) * x(token, i) / 200;
        after += double(q.values[row * 32 + i]) * x(token, i) / 200;
      }
    EXPECT_GT(std::fabs(before - after), 1e-3);
    EXPECT_NEAR(before, after + correction[row], 1e-5);
  }
}

TEST(SmoothQuant, Errors) {
  expectError(getSmoothQuantScales({1, 2}, {1}),
              "largest weights: 1 values where there should be 2");
  expectError(getSmoothQuantScales({1, INFINITY}, {1, 1}),
              "largest inputs: the value at index 1 is infinite");
  expectError(getSmoothQuantScales({1, -1}, {1, 1}),
              "smoothquant: a largest magnitude is negative");
  expectError(getSmoothQuantScales({1}, {1}, 1.5),
              "smoothquant: an alpha of 1.500000 is not between 0 and 1; use "
              "0.5");
  Matrix w = makeRandom(2, 4, 7);
  expectError(getColumnMaxima({w}, 3),
              "matrices of 4 and 3 columns do not read the same inputs");
  std::vector<float> scales = {1, 1, -1, 1};
  expectError(scaleColumns(w, scales), "scales: a value is not positive");
  scales[2] = 3e38f;
  w.values[2] = 3;
  expectError(scaleColumns(w, scales),
              "scaled weights: the value at row 0, column 2 is infinite");
  expectError(getBiasCorrection(w, makeRandom(2, 3, 8), {1, 1, 1, 1}),
              "weights of 2 x 4 were not quantized to 2 x 3");
  expectError(getBiasCorrection(w, w, {1, 1, 1}),
              "mean inputs: 3 values where there should be 4");
}

TEST(Matrix, Errors) {
  std::vector<float> values(6, 0.0f);
  expectError(checkMatrix({values, 2, 2}, "weights"),
              "weights: 6 values are no matrix of 2 x 2");
  // Behind a chunk whose values are all finite.
  std::vector<float> many(5000, 3e38f);
  EXPECT_EQ(message(checkMatrix({many, 5, 1000}, "weights")), "");
  many[4321] = -INFINITY;
  expectError(checkMatrix({many, 5, 1000}, "weights"),
              "weights: the value at row 4, column 321 is infinite; mend the "
              "model or leave this tensor out");
}

} // namespace
