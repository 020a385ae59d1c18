//===- AWQTest.cpp - Tests of AWQ --------------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/AWQ.h"

#include "compress/Calibration/Observers.h"
#include "compress/Calibration/SecondMoment.h"
#include "compress/Calibration/SmoothQuant.h"

#include "TestUtils.h"

using namespace mlir::compress;
using namespace mlir::compress::test;
using testing::FloatNear;
using testing::Pointwise;

namespace {

/// Mean magnitudes 4, .5 and 1 with an exponent of a half, and of zero.
TEST(AWQ, WorkedScales) {
  EXPECT_THAT(getAWQScales({4, .5, 1}, .5),
              Pointwise(FloatNear(1e-6f), {1.681793f, .594604f, .840896f}));
  EXPECT_EQ(getAWQScales({4, .5, 1}, 0), (std::vector<float>{1, 1, 1}));
  // A channel without activations is not divided by zero.
  for (float scale : getAWQScales({4, 0, 1}, .95)) {
    EXPECT_GT(scale, 0);
    EXPECT_TRUE(std::isfinite(scale));
  }
}

/// Twenty exponents in order, and the first of the best.
TEST(AWQ, TriesAllRatios) {
  std::vector<float> magnitudes = {4, .5, 1};
  unsigned calls = 0;
  AWQResult result = take(searchAWQScales(
      magnitudes, [&](llvm::ArrayRef<float> scales) -> llvm::Expected<double> {
        EXPECT_EQ(scales.vec(), getAWQScales(magnitudes, calls++ / 20.0));
        return calls == 8 || calls == 13 ? 1 : 2; // Ratios 7/20 and 12/20.
      }));
  EXPECT_EQ(calls, 20u);
  EXPECT_EQ(result.losses.size(), 20u);
  EXPECT_EQ(result.ratio, .35);
  EXPECT_EQ(result.loss, 1);
  EXPECT_EQ(result.scales, getAWQScales(magnitudes, .35));
}

struct Layers {
  Matrix x = makeCorrelated(300, 64, 1);
  Matrix a = makeRandom(20, 64, 2), b = makeRandom(33, 64, 3);
  std::vector<double> hessian;
  std::vector<float> magnitudes;

  Layers() {
    for (int64_t row = 0; row < x.rows; ++row)
      for (int64_t i = 3; i < 64; i += 16)
        x.values[row * 64 + i] *= 20; // Channels that count.
    SecondMoment moment(64);
    EXPECT_EQ(message(moment.add(x)), "");
    hessian = moment.getHessian(SecondMoment::Form::Sum);
    ChannelStatistics statistics(64);
    EXPECT_EQ(message(statistics.add(x)), "");
    magnitudes = statistics.getMeanMagnitudes();
  }
};

/// The objective that is there is the squared error of the output, token by
/// token.
TEST(AWQ, ScaledOutputError) {
  Layers layers;
  EncodingSpec spec = parse("affine<i4, block = [1, 32], scale = f16>");
  std::vector<float> scales = getAWQScales(layers.magnitudes, .5);
  double expected = 0;
  for (const Matrix *w : {&layers.a, &layers.b}) {
    std::vector<float> scaled = take(scaleColumns(*w, scales));
    QuantizedMatrix q = take(quantizeToNearest(spec, {scaled, w->rows, 64}));
    for (int64_t row = 0; row < w->rows; ++row)
      for (int64_t token = 0; token < 300; ++token) {
        double sum = 0;
        for (int64_t i = 0; i < 64; ++i)
          sum += ((*w)(row, i) - double(q.values[row * 64 + i]) / scales[i]) *
                 layers.x(token, i);
        expected += sum * sum;
      }
  }
  double error = take(
      getScaledOutputError(spec, {layers.a, layers.b}, layers.hessian, scales));
  EXPECT_NEAR(error, expected, 1e-4 * expected);
  EXPECT_EQ(error, take(getScaledOutputError(spec, {layers.a, layers.b},
                                             layers.hessian, scales, 3)));
}

TEST(AWQ, HelpsChannelsThatCount) {
  Layers layers;
  EncodingSpec spec = parse("affine<i4, block = [1, 32], scale = f16>");
  AWQResult result = take(
      searchAWQScales(layers.magnitudes, [&](llvm::ArrayRef<float> scales) {
        return getScaledOutputError(spec, {layers.a, layers.b}, layers.hessian,
                                    scales);
      }));
  EXPECT_GT(result.ratio, 0);
  EXPECT_LT(result.loss, 0.7 * result.losses[0]); // Ratio 0: nothing is scaled.
}

/// AWQ's asymmetric quantizer: scale = (max - min) / 15, zero =
/// clamp(-round(min / scale)), for groups that reach to both sides of 0.
TEST(AWQ, AsymmetricQuantizer) {
  Matrix w = makeRandom(8, 64, 9);
  EncodingSpec spec =
      parse("affine<ui4, block = [1, 32], scale = f32, zero = ui4>");
  QuantizedMatrix result = take(quantizeToNearest(spec, w));
  for (int64_t first = 0; first < 8 * 64; first += 32) {
    auto group = llvm::ArrayRef(w.values).slice(first, 32);
    float low = *std::min_element(group.begin(), group.end());
    float high = *std::max_element(group.begin(), group.end());
    float scale = (high - low) / 15;
    float zero = std::min(std::max(-std::nearbyint(low / scale), 0.0f), 15.0f);
    for (int64_t i = first; i < first + 32; ++i) {
      float q = std::nearbyint(w.values[i] / scale) + zero;
      q = std::min(std::max(q, 0.0f), 15.0f);
      EXPECT_NEAR(result.values[i], (q - zero) * scale, 1e-6);
    }
  }
}

TEST(AWQ, Errors) {
  auto one = [](llvm::ArrayRef<float>) -> llvm::Expected<double> { return 1; };
  expectError(searchAWQScales({1, -1}, one),
              "mean magnitudes: a value is negative");
  expectError(searchAWQScales({1, NAN}, one),
              "mean magnitudes: the value at index 1 is NaN; mend the model or "
              "leave this tensor out");
  expectError(searchAWQScales({1, 1}, one, 0),
              "awq: a grid of 0 has no ratio to try; use 20");
  expectError(
      searchAWQScales(
          {1, 1},
          [](llvm::ArrayRef<float>) -> llvm::Expected<double> { return NAN; }),
      "awq: the loss for the ratio 0.000000 is not finite; look for NaN in the "
      "activations");
  expectError(
      searchAWQScales({1, 1},
                      [](llvm::ArrayRef<float>) -> llvm::Expected<double> {
                        return llvm::createStringError("no objective");
                      }),
      "no objective");
  Layers layers;
  EncodingSpec spec = parse("affine<i4, block = [1, 32], scale = f16>");
  std::vector<float> scales(64, 1.0f);
  expectError(
      getScaledOutputError(spec, {layers.a},
                           llvm::ArrayRef(layers.hessian).drop_back(), scales),
      "weights of 20 x 64 and 20 x 64 and a Hessian of 4095 elements do "
      "not fit");
  scales[5] = 0;
  expectError(getScaledOutputError(spec, {layers.a}, layers.hessian, scales),
              "scales: a value is not positive");
}

} // namespace
