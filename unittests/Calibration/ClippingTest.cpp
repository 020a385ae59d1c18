//===- ClippingTest.cpp - Tests of clipping searches ------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/Clipping.h"

#include "compress/Calibration/SecondMoment.h"

#include "TestUtils.h"

using namespace mlir::compress;
using namespace mlir::compress::test;

namespace {

BlockRounder makeRounder(llvm::StringRef text, MatrixRef weights) {
  return llvm::cantFail(
      BlockRounder::create(parse(text), {weights.rows, weights.columns}));
}

/// The authors' quantizer of gptq.py with `mse`, written out in double for one
/// row: ranges include 0, are symmetric or not, and are shrunk in 80 steps.
double searchByDefinition(llvm::ArrayRef<float> row, int bits, bool symmetric,
                          double &bestShare) {
  double low = 0, high = 0, best = INFINITY, codes = (1 << bits) - 1;
  for (float value : row) {
    low = std::min(low, double(value));
    high = std::max(high, double(value));
  }
  if (symmetric) {
    high = std::max(-low, high);
    low = low < 0 ? -high : low;
  }
  for (int i = 0; i < 80; ++i) {
    double p = 1 - i / 100.0, scale = p * (high - low) / codes;
    double zero =
        symmetric ? (codes + 1) / 2 : std::nearbyint(-p * low / scale);
    double error = 0;
    for (float value : row) {
      double q = std::nearbyint(value / scale) + zero;
      q = scale * (std::min(std::max(q, 0.0), codes) - zero);
      error += std::pow(std::fabs(q - value), 2.4);
    }
    if (error < best) {
      best = error;
      bestShare = p;
    }
  }
  return best;
}

TEST(Clipping, GPTQsQuantizer) {
  Matrix w = makeRandom(20, 128, 1);
  for (int64_t row = 0; row < 20; row += 2)
    w.values[row * 128 + 9] *= 4; // Outliers, which are worth clipping.
  for (int bits : {2, 3, 4})
    for (bool symmetric : {false, true}) {
      std::string type = "ui" + std::to_string(bits);
      BlockRounder rounder =
          makeRounder("affine<" + type +
                          ", block = [1, -1], scale = f32, zero "
                          "= " +
                          type + ">",
                      w);
      ClippingOptions options = ClippingOptions::getGPTQ();
      options.symmetric = symmetric;
      ClippingResult result = take(searchClipping(rounder, w, options));
      unsigned clipped = 0;
      for (int64_t row = 0; row < 20; ++row) {
        double share = 0;
        MatrixRef view = w;
        double best =
            searchByDefinition(view.getRow(row), bits, symmetric, share);
        EXPECT_NEAR(result.error[row], best, 1e-4 * best);
        EXPECT_NEAR(result.shrink[row], share, 1e-6);
        clipped += result.shrink[row] < 1;
      }
      EXPECT_GT(clipped, 5u);
      if (symmetric)
        EXPECT_EQ(result.parts.zero,
                  std::vector<float>(20, float(1 << (bits - 1))));
    }
}

/// 20 steps at most, and an end after five that improve nothing.
TEST(Clipping, LLMCompressorsObserver) {
  Matrix w(1, 16, std::vector<float>(16, 0.0f));
  for (int i = 0; i < 16; ++i)
    w.values[i] = float(i - 8); // Exact at p = 1: nothing is better.
  BlockRounder rounder =
      makeRounder("affine<ui4, block = [1, -1], scale = f32, zero = ui4>", w);
  ClippingOptions options = ClippingOptions::getLLMCompressor();
  ClippingResult result = take(searchClipping(rounder, w, options));
  EXPECT_EQ(result.shrink[0], 1);
  EXPECT_EQ(result.error[0], 0);
  // Some weights have their best step behind five that are no better; a patient
  // search finds it, and the observer does not.
  unsigned endedEarly = 0;
  for (unsigned seed = 0; seed < 200; ++seed) {
    Matrix few = makeRandom(1, 6, seed);
    BlockRounder coarse =
        makeRounder("affine<i3, block = [1, -1], scale = f32>", few);
    ClippingOptions patient = options;
    patient.patience = 0;
    ClippingResult all = take(searchClipping(coarse, few, patient));
    ClippingResult some = take(searchClipping(coarse, few, options));
    EXPECT_GE(all.shrink[0], .81f - 1e-6f);
    EXPECT_GE(some.shrink[0], all.shrink[0]);
    EXPECT_GE(some.error[0], all.error[0]);
    endedEarly += some.error[0] > all.error[0];
  }
  EXPECT_GT(endedEarly, 0u);
  EXPECT_LT(endedEarly, 200u);
}

/// Clipping is never worse than not to clip, in any encoding.
TEST(Clipping, NeverWorseThanTheRange) {
  Matrix w = makeRandom(24, 192, 2);
  for (int64_t i = 0; i < 24 * 192; i += 97)
    w.values[i] *= 5;
  for (const char *text :
       {"affine<i4, block = [1, 32], scale = f16>",
        "affine<ui4, block = [1, 48], scale = f16, min = f16>",
        "affine<i3, block = [8, 32], scale = f32>",
        "affine<i8, block = [-1, -1], scale = f32>",
        "codebook<\"nf4\", block = [1, 64], scale = f16>",
        "float<f4E2M1FN, block = [1, 32], scale = f16>"}) {
    SCOPED_TRACE(text);
    BlockRounder rounder = makeRounder(text, w);
    ClippingOptions options;
    options.norm = 2;
    ClippingResult result = take(searchClipping(rounder, w, options));
    QuantizedMatrix clipped = take(encodeMatrix(parse(text), w, result.parts));
    QuantizedMatrix nearest = take(quantizeToNearest(parse(text), w));
    double error = getSquaredError(w, {clipped.values, 24, 192});
    EXPECT_LE(error, getSquaredError(w, {nearest.values, 24, 192}));
    double sum = 0;
    for (double block : result.error)
      sum += block;
    EXPECT_NEAR(error, sum, 1e-9 * sum);
    options.threads = 3;
    EXPECT_EQ(take(searchClipping(rounder, w, options)).shrink, result.shrink);
  }
}

/// What counts more is kept better.
TEST(Clipping, ImportanceWeightedRounding) {
  Matrix w = makeRandom(16, 128, 3);
  std::vector<float> importance(128, 0.01f);
  for (int64_t i = 0; i < 128; i += 4)
    importance[i] = 10;
  EncodingSpec spec = parse("affine<i3, block = [1, 32], scale = f16>");
  BlockRounder rounder =
      makeRounder("affine<i3, block = [1, 32], scale = f16>", w);
  ClippingOptions options;
  options.norm = 2;
  ClippingResult plain = take(searchClipping(rounder, w, options));
  options.importance = importance;
  ClippingResult weighted = take(searchClipping(rounder, w, options));
  auto getError = [&](const ClippingResult &result) {
    QuantizedMatrix matrix = take(encodeMatrix(spec, w, result.parts));
    return getSquaredError(w, {matrix.values, 16, 128}, importance);
  };
  EXPECT_LT(getError(weighted), 0.9 * getError(plain));
}

/// AWQ's objective is the squared error of the output of each block, which is
/// also that of tokens.
TEST(Clipping, OutputObjective) {
  Matrix w = makeRandom(6, 64, 4), x = makeCorrelated(200, 64, 5);
  SecondMoment moment(64);
  ASSERT_EQ(message(moment.add(x)), "");
  auto hessian = moment.getHessian(SecondMoment::Form::Sum);
  EncodingSpec spec = parse("affine<ui4, block = [1, 32], scale = f16, zero = "
                            "ui4>");
  BlockRounder rounder = makeRounder(str(spec), w);
  ClippingResult result =
      take(searchClipping(rounder, w, ClippingOptions::getAWQ(hessian)));
  QuantizedMatrix matrix = take(encodeMatrix(spec, w, result.parts));
  for (int64_t row = 0; row < 6; ++row)
    for (int64_t block = 0; block < 2; ++block) {
      double expected = 0;
      for (int64_t token = 0; token < 200; ++token) {
        double sum = 0;
        for (int64_t i = block * 32; i < block * 32 + 32; ++i)
          sum +=
              (double(w(row, i)) - matrix.values[row * 64 + i]) * x(token, i);
        expected += 2 * sum * sum;
      }
      EXPECT_NEAR(result.error[row * 2 + block], expected, 1e-4 * expected);
      EXPECT_GE(result.shrink[row * 2 + block], .55f - 1e-6f);
    }
}

TEST(Clipping, ZeroBlocks) {
  Matrix w(2, 32, std::vector<float>(64, 0.0f));
  BlockRounder rounder =
      makeRounder("affine<i4, block = [1, 32], scale = f16>", w);
  ClippingResult result = take(searchClipping(rounder, w));
  EXPECT_EQ(result.shrink, (std::vector<float>{1, 1}));
  EXPECT_EQ(result.parts.scale, (std::vector<float>{0, 0}));
}

TEST(Clipping, Errors) {
  Matrix w = makeRandom(4, 32, 6);
  BlockRounder rounder =
      makeRounder("affine<i4, block = [1, 32], scale = f16>", w);
  expectError(searchClipping(rounder, makeRandom(4, 16, 6)),
              "weights of 4 x 16 are not of the shape");
  ClippingOptions options;
  options.grid = 0;
  expectError(searchClipping(rounder, w, options), "a grid of 0");
  options = {};
  options.norm = -1;
  expectError(searchClipping(rounder, w, options),
              "clipping: a grid of 100, shrinking by 0.800000, a norm of "
              "-1.000000 and patience of 0 mean nothing; use 100, 0.8, 2.4 and "
              "0");
  options = {};
  std::vector<float> importance(31, 1.0f);
  options.importance = importance;
  expectError(searchClipping(rounder, w, options),
              "importance: 31 values where there should be 32");
  importance.assign(32, -1.0f);
  options.importance = importance;
  expectError(searchClipping(rounder, w, options), "a value is negative");
  importance[3] = NAN;
  expectError(searchClipping(rounder, w, options), "at index 3 is NaN");
  std::vector<double> hessian(32 * 32, 0.0);
  expectError(searchClipping(rounder, w, ClippingOptions::getAWQ({})),
              "needs the Hessian of all 32 columns");
  BlockRounder tall =
      makeRounder("affine<i4, block = [2, 32], scale = f16>", w);
  expectError(searchClipping(tall, w, ClippingOptions::getAWQ(hessian)),
              "needs blocks within a row; these have 2 rows");
  w.values[40] = NAN;
  expectError(searchClipping(rounder, w), "row 1, column 8 is NaN");
}

} // namespace
