//===- HQQTest.cpp - Tests of half-quadratic quantization -------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/HQQ.h"

#include "TestUtils.h"

using namespace mlir::compress;
using namespace mlir::compress::test;
using Choice = HQQOptions::Choice;

namespace {

/// Eight weights in 2 bits: zero 1.65 with an error of .105, then 1.669442 with
/// .10824, where steps end.
TEST(HQQ, Worked) {
  Matrix w(1, 8, {.9f, -.4f, .31f, .07f, -.65f, .2f, .55f, -1.1f});
  EncodingSpec spec =
      parse("affine<ui2, block = [1, 8], scale = f32, zero = f32>");
  HQQResult best = take(hqq(spec, w));
  ASSERT_EQ(best.errors.size(), 2u);
  EXPECT_NEAR(best.errors[0], .105, 1e-7);
  EXPECT_NEAR(best.errors[1], .10824, 5e-6);
  EXPECT_NEAR(best.parts.zero[0], 1.65f, 1e-6f);
  EXPECT_NEAR(best.parts.scale[0], 2.0f / 3, 1e-6f);
  HQQOptions once;
  once.iterations = 1;
  once.choice = Choice::Last;
  EXPECT_NEAR(take(hqq(spec, w, once)).parts.zero[0], 1.669442f, 1e-6f);
  // The authors' code returns what it computed after the error had risen.
  HQQOptions last;
  last.choice = Choice::Last;
  HQQResult final = take(hqq(spec, w, last));
  EXPECT_EQ(final.errors.size(), 2u);
  EXPECT_GT(std::fabs(final.parts.zero[0] - 1.669442f), 1e-4f);
}

double getNormError(const Matrix &w, const std::vector<float> &values) {
  double sum = 0;
  for (size_t i = 0; i < values.size(); ++i)
    sum += std::fabs(double(w.values[i]) - values[i]);
  return sum;
}

/// The mean of |w - q| never grows, for zero points and minima alike, and falls
/// for weights with outliers.
TEST(HQQ, NoWorseThanTheRange) {
  Matrix w = makeRandom(16, 128, 1);
  for (int64_t i = 0; i < 16 * 128; i += 61)
    w.values[i] *= 3;
  for (const char *text :
       {"affine<ui4, block = [1, 64], scale = f32, zero = f32>",
        "affine<ui3, block = [1, 64], scale = f32, min = f32>",
        "affine<ui2, block = [2, 32], scale = f32, min = f32>"}) {
    SCOPED_TRACE(text);
    HQQResult result = take(hqq(parse(text), w));
    HQQOptions none;
    none.iterations = 1;
    HQQResult range = take(hqq(parse(text), w, none));
    EXPECT_LT(getNormError(w, result.matrix.values),
              getNormError(w, range.matrix.values));
    EXPECT_GT(result.errors.size(), 2u);
    for (size_t i = 1; i + 1 < result.errors.size(); ++i)
      EXPECT_LT(result.errors[i], result.errors[i - 1]);
    // What is reported is what is stored, but for f32's last bits.
    EXPECT_NEAR(getNormError(w, range.matrix.values) / (16 * 128),
                range.errors[0], 1e-4 * range.errors[0]);
  }
}

TEST(HQQ, ConstantBlocks) {
  Matrix w(2, 32, std::vector<float>(64, 0.0f));
  std::fill_n(w.values.begin() + 32, 32, 0.25f);
  for (const char *text :
       {"affine<ui4, block = [1, 32], scale = f32, zero = f32>",
        "affine<ui4, block = [1, 32], scale = f32, min = f32>"}) {
    HQQResult result = take(hqq(parse(text), w));
    for (int i = 0; i < 64; ++i)
      EXPECT_NEAR(result.matrix.values[i], w.values[i], 1e-4) << text;
  }
}

TEST(HQQ, Errors) {
  Matrix w = makeRandom(2, 32, 2);
  for (const char *text :
       {"affine<i4, block = [1, 32], scale = f16>",
        "affine<ui4, block = [1, 32], scale = f16, zero = ui4>",
        "codebook<\"nf4\", block = [1, 32], scale = f16>"})
    expectError(hqq(parse(text), w),
                "no zero point that can lie between codes");
  EncodingSpec spec =
      parse("affine<ui4, block = [1, 32], scale = f16, min = f16>");
  HQQOptions options;
  options.norm = 2;
  expectError(hqq(spec, w, options), "a norm of 2.000000");
  options = {};
  options.iterations = 0;
  expectError(
      hqq(spec, w, options),
      "growth of 1.000000 and 0 iterations mean nothing; use 0.7, 10, 1 "
      "and 20");
  w.values[33] = INFINITY;
  expectError(hqq(spec, w), "row 1, column 1 is infinite");
}

} // namespace
