//===- EqualizationTest.cpp - Tests of cross-layer equalization -*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/Equalization.h"

#include "compress/Calibration/QuantizedMatrix.h"

#include "TestUtils.h"

using namespace mlir::compress;
using namespace mlir::compress::test;
using testing::ElementsAre;

namespace {

EqualizedLayer view(Matrix &w, llvm::MutableArrayRef<float> bias = {}) {
  return {w.values, w.rows, w.columns, bias};
}

/// Rows of 8 and 1/2, columns of 2 and 8: scales of 2 and 1/4, and both sides
/// have sqrt(r1 r2), 4 and 2.
TEST(Equalization, Worked) {
  Matrix first(2, 2, {8, -4, .25f, .5f}), second(1, 2, {2, -8});
  std::vector<float> bias = {6, 1};
  EqualizationOptions options;
  options.rounds = 1;
  EqualizationResult result =
      take(equalizeLayers({view(first, bias), view(second)}, options));
  EXPECT_THAT(result.scales, ElementsAre(ElementsAre(2, .25f)));
  EXPECT_THAT(first.values, ElementsAre(4, -2, 1, 2));
  EXPECT_THAT(bias, ElementsAre(3, 4));
  EXPECT_THAT(second.values, ElementsAre(4, -2));
  EXPECT_EQ(result.rounds, 1u);
  EXPECT_FALSE(result.converged);
  // One pair is equal after one round, which a second one finds out.
  EXPECT_TRUE(
      take(equalizeLayers({view(first, bias), view(second)})).converged);
}

struct Network {
  Matrix a = makeRandom(12, 8, 1), b = makeRandom(16, 12, 2),
         c = makeRandom(4, 16, 3);
  std::vector<float> biasA = makeRandom(1, 12, 4).values,
                     biasB = makeRandom(1, 16, 5).values;

  Network() {
    for (int64_t i = 0; i < 12; ++i)
      for (int64_t j = 0; j < 8; ++j)
        a.values[i * 8 + j] *= std::pow(2.0f, float(i % 6) - 3);
    for (int64_t i = 0; i < 4 * 16; ++i)
      c.values[i] *= std::pow(2.0f, float(i % 5) - 2);
  }
  std::vector<EqualizedLayer> getChain() {
    return {view(a, biasA), view(b, biasB), view(c)};
  }
  static std::vector<double> apply(const Matrix &w, llvm::ArrayRef<float> bias,
                                   const std::vector<double> &x, bool relu) {
    std::vector<double> y;
    for (int64_t i = 0; i < w.rows; ++i) {
      double sum = bias.empty() ? 0 : bias[i];
      for (int64_t j = 0; j < w.columns; ++j)
        sum += double(w(i, j)) * x[j];
      y.push_back(relu ? std::max(sum, 0.0) : sum);
    }
    return y;
  }
  std::vector<double> run(const std::vector<double> &x) const {
    return apply(c, {}, apply(b, biasB, apply(a, biasA, x, true), true), false);
  }
};

/// The network computes what it did, and at the end rows and columns of each
/// pair are equally large.
TEST(Equalization, OutputIsUnchanged) {
  Network network;
  std::vector<double> x = {1, -2, .5, 3, -1, .25, 2, -.75};
  std::vector<double> before = network.run(x);
  EqualizationResult result = take(equalizeLayers(network.getChain()));
  EXPECT_TRUE(result.converged);
  EXPECT_GT(result.rounds, 1u);
  std::vector<double> after = network.run(x);
  for (size_t i = 0; i < 4; ++i)
    EXPECT_NEAR(after[i], before[i], 1e-4 * (1 + std::fabs(before[i])));
  auto getLargest = [](const Matrix &w, int64_t i, bool row) {
    float largest = 0;
    for (int64_t j = 0; j < (row ? w.columns : w.rows); ++j)
      largest = std::max(largest, std::fabs(row ? w(i, j) : w(j, i)));
    return largest;
  };
  for (int64_t i = 0; i < 12; ++i)
    EXPECT_NEAR(getLargest(network.a, i, true) /
                    getLargest(network.b, i, false),
                1, 3e-3);
  for (int64_t i = 0; i < 16; ++i)
    EXPECT_NEAR(getLargest(network.b, i, true) /
                    getLargest(network.c, i, false),
                1, 3e-3);
}

/// What it is for: one scale per matrix suits all channels.
TEST(Equalization, HelpsScalesPerTensor) {
  EncodingSpec spec = parse("affine<i8, block = [-1, -1], scale = f32>");
  Network network, plain;
  take(equalizeLayers(network.getChain()));
  auto getRelative = [&](const Matrix &w) {
    double total = 0;
    for (float value : w.values)
      total += double(value) * value;
    return getSquaredError(w, Matrix(w.rows, w.columns,
                                     take(quantizeToNearest(spec, w)).values)) /
           total;
  };
  EXPECT_LT(getRelative(network.a), 0.5 * getRelative(plain.a));
  EXPECT_LT(getRelative(network.c), getRelative(plain.c));
}

TEST(Equalization, DeadChannels) {
  // A row of 1e-30 is as good as none; its bias would become 1e15.
  Matrix tiny(1, 1, {1e-30f}), large(1, 1, {1});
  std::vector<float> bias = {1};
  take(equalizeLayers({view(tiny, bias), view(large)}));
  EXPECT_EQ(bias[0], 1);
  EXPECT_EQ(large.values[0], 1);
  Matrix first(2, 1, {0, 3}), second(1, 2, {5, 0});
  EqualizationResult result = take(equalizeLayers({view(first), view(second)}));
  EXPECT_THAT(result.scales, ElementsAre(ElementsAre(1, 1)));
  EXPECT_THAT(first.values, ElementsAre(0, 3));
  EXPECT_THAT(second.values, ElementsAre(5, 0));
}

TEST(Equalization, Errors) {
  Matrix a = makeRandom(3, 2, 6), b = makeRandom(2, 4, 7);
  expectError(equalizeLayers({view(a)}),
              "equalization: a chain of 1 layers has no channels between "
              "layers; give 2 or more");
  expectError(equalizeLayers({view(a), view(b)}),
              "equalization: layer 1 has 4 columns, but the layer before it "
              "has 3 rows");
  EqualizationOptions options;
  options.rounds = 0;
  Matrix c = makeRandom(2, 3, 8);
  expectError(equalizeLayers({view(a), view(c)}, options),
              "equalization: 0 rounds and a tolerance of 0.001000 mean "
              "nothing; use 20 and 0.001");
  std::vector<float> bias = {1, 2};
  expectError(equalizeLayers({view(a, bias), view(c)}), "layer 0's bias");
  c.values[4] = INFINITY;
  std::vector<float> before = a.values;
  expectError(equalizeLayers({view(a), view(c)}),
              "layer 1: the value at row 1, column 1 is infinite");
  EXPECT_EQ(a.values, before);
}

} // namespace
