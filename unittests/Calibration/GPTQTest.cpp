//===- GPTQTest.cpp - Tests of GPTQ -----------------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/GPTQ.h"

#include "compress/Calibration/SecondMoment.h"

#include "InverseFactor.h"
#include "TestUtils.h"

using namespace mlir::compress;
using namespace mlir::compress::test;
using testing::ElementsAre;
using testing::FloatNear;
using testing::Pointwise;
using Order = GPTQOptions::Order;
using Scales = GPTQOptions::Scales;

namespace {

std::vector<double> getHessian(MatrixRef x) {
  SecondMoment moment(x.columns);
  EXPECT_EQ(message(moment.add(x)), "");
  return moment.getHessian(SecondMoment::Form::Sum);
}

/// ||(W - Q) X||^2, in f64.
double getOutputError(MatrixRef weights, MatrixRef rounded, MatrixRef x) {
  double error = 0;
  for (int64_t row = 0; row < weights.rows; ++row)
    for (int64_t token = 0; token < x.rows; ++token) {
      double sum = 0;
      for (int64_t i = 0; i < x.columns; ++i)
        sum += (double(weights.getRow(row)[i]) - rounded.getRow(row)[i]) *
               x.getRow(token)[i];
      error += sum * sum;
    }
  return error;
}

MatrixRef getValues(const GPTQResult &result, const Matrix &weights) {
  return {result.matrix.values, weights.rows, weights.columns};
}

//===----------------------------------------------------------------------===//
// Worked numbers
//===----------------------------------------------------------------------===//

/// Five tokens of four channels, two rows; the authors' symmetric quantizer:
/// scale 2 max|w| / (2^b - 1), zero point 2^(b-1), per row.
struct Worked {
  Matrix x = {
      5, 4, {1, .5, 0, 2, 0, 1, 1, -1, 2, 0, 1, .5, .5, -1, 0, 1, 1, 1, 1, 1}};
  Matrix w = {2, 4, {.9f, -.4f, .31f, .07f, -.65f, .2f, .55f, -1.1f}};

  static EncodingSpec getSpec(int bits) {
    std::string type = "ui" + std::to_string(bits);
    return parse("affine<" + type +
                 ", block = [1, -1], scale = f32, zero = " + type + ">");
  }
  static BlockParts getParts(int bits) {
    float codes = float((1 << bits) - 1), zero = float(1 << (bits - 1));
    return {{2 * .9f / codes, 2 * 1.1f / codes}, {zero, zero}, {}};
  }
};

TEST(GPTQ, WorkedHessianAndFactor) {
  Worked worked;
  std::vector<double> h = getHessian(worked.x);
  EXPECT_THAT((std::vector<double>{h[0], h[5], h[10], h[15]}),
              ElementsAre(12.5, 6.5, 6, 14.5));
  auto u = computeInverseFactor(h, 4, .09875, 1);
  ASSERT_TRUE(u.has_value());
  EXPECT_THAT(*u, Pointwise(FloatNear(1e-6f),
                            {.785999f, .312969f, -.909301f, -.422275f, 0.f,
                             .503444f, -.333946f, .022875f, 0.f, 0.f, .407223f,
                             -.027894f, 0.f, 0.f, 0.f, .261723f}));
}

TEST(GPTQ, WorkedRounding) {
  struct Case {
    int bits;
    std::vector<float> values; // Empty where only errors are known.
    double loss, error, nearest;
  };
  const Case cases[] = {
      {4,
       {.84f, -.48f, .36f, .12f, -.586667f, .293333f, .44f, -1.173333f},
       .04614842,
       .043917,
       .046228},
      {3,
       {.771429f, -.514286f, .514286f, .257143f, -.628571f, .314286f, .314286f,
        -.942857f},
       -1,
       .376099,
       .705140},
      {2, {}, -1, 1.351206, 1.766761}};
  Worked worked;
  for (const Case &expected : cases) {
    SCOPED_TRACE(expected.bits);
    EncodingSpec spec = Worked::getSpec(expected.bits);
    GPTQOptions options;
    options.parts = Worked::getParts(expected.bits);
    GPTQResult result =
        take(gptq(spec, worked.w, getHessian(worked.x), options));
    EXPECT_NEAR(result.damping, .09875, 1e-12);
    if (!expected.values.empty())
      EXPECT_THAT(result.matrix.values,
                  Pointwise(FloatNear(1e-6f), expected.values));
    if (expected.loss >= 0)
      EXPECT_NEAR(result.loss, expected.loss, 1e-7);
    EXPECT_NEAR(getOutputError(worked.w, getValues(result, worked.w), worked.x),
                expected.error, 1e-6);
    // Each row's largest value lies in the middle between two codes; a scale
    // one bit beside says to which it falls in the expected numbers.
    BlockParts ties = Worked::getParts(expected.bits);
    for (float &scale : ties.scale)
      scale = std::nextafter(scale, expected.bits == 3 ? 1.0f : 0.0f);
    QuantizedMatrix nearest = take(encodeMatrix(spec, worked.w, ties));
    EXPECT_NEAR(getOutputError(worked.w, {nearest.values, 2, 4}, worked.x),
                expected.nearest, 1e-6);
  }
}

TEST(GPTQ, WorkedActivationOrder) {
  Worked worked;
  GPTQOptions options;
  options.order = Order::Activation;
  options.parts = Worked::getParts(4);
  GPTQResult result =
      take(gptq(Worked::getSpec(4), worked.w, getHessian(worked.x), options));
  EXPECT_THAT(result.order, ElementsAre(3, 0, 1, 2));
  EXPECT_EQ(result.matrix.spec.kind, EncodingSpec::Kind::Affine);
}

//===----------------------------------------------------------------------===//
// Properties
//===----------------------------------------------------------------------===//

/// Encodings of all kinds; blocks of several rows, of blocks, ragged ones.
const char *const kEncodings[] = {
    "affine<i4, block = [1, 32], scale = f16>",
    "affine<ui3, block = [1, -1], scale = f32, zero = ui3>",
    "affine<ui4, block = [1, 48], scale = f16, min = f16>",
    "affine<ui4, block = [1, 32], scale = affine<ui6, block = [1, 2], scale = "
    "f16>, min = affine<ui6, block = [1, 2], scale = f16>>",
    "affine<i4, block = [16, 40], scale = f32>",
    "affine<i8, block = [-1, -1], scale = f32>",
    "affine<i4, block = [1, 16], scale = affine<i8, block = [24, 1], scale = "
    "f32>>",
    "float<f4E2M1FN, block = [1, 32], scale = f8E8M0FNU>",
    "codebook<\"nf4\", block = [1, 64], scale = f16>",
    "codebook<\"nf4\", block = [1, 8], scale = codebook<\"dynamic8\", block = "
    "[1, "
    "16], scale = f32, min = f32>>"};

/// The loss is what its name says: half the damped Hessian's quadratic form of
/// the error. Both sides are computed apart; f32 work leaves some 1e-4.
TEST(GPTQ, LossIsTheQuadraticFormOfTheError) {
  Matrix x = makeCorrelated(400, 150, 1), w = makeRandom(70, 150, 2);
  for (const char *text : kEncodings)
    for (Order order : {Order::Stored, Order::Activation}) {
      SCOPED_TRACE(text);
      GPTQOptions options;
      options.order = order;
      GPTQResult result = take(gptq(parse(text), w, getHessian(x), options));
      MatrixRef values = getValues(result, w);
      double expected = getOutputError(w, values, x) +
                        result.damping / 2 * getSquaredError(w, values);
      EXPECT_NEAR(result.loss, expected, 2e-4 * expected);
    }
}

TEST(GPTQ, IsBetterThanNearest) {
  Matrix x = makeCorrelated(400, 150, 1), w = makeRandom(70, 150, 2);
  for (const char *text : kEncodings) {
    SCOPED_TRACE(text);
    GPTQResult result = take(gptq(parse(text), w, getHessian(x)));
    QuantizedMatrix nearest = take(quantizeToNearest(parse(text), w));
    EXPECT_LT(getOutputError(w, getValues(result, w), x),
              0.8 * getOutputError(w, {nearest.values, 70, 150}, x));
  }
}

/// With a diagonal Hessian there is nothing to make up for: the same bytes.
TEST(GPTQ, OrthogonalInputsRoundToNearest) {
  Matrix w = makeRandom(70, 150, 3);
  std::vector<double> h(150 * 150, 0.0);
  for (int64_t i = 0; i < 150; ++i)
    h[i * 151] = 1 + double(i % 5);
  for (const char *text : kEncodings) {
    SCOPED_TRACE(text);
    GPTQResult result = take(gptq(parse(text), w, h));
    QuantizedMatrix nearest = take(quantizeToNearest(parse(text), w));
    // Scales that are nested in others with a minimum are encoded anew from
    // their values, which may move the last bit of the outer ones.
    if (llvm::StringRef(text).contains("dynamic8")) {
      EXPECT_THAT(result.matrix.values,
                  Pointwise(FloatNear(1e-6f), nearest.values));
      continue;
    }
    EXPECT_EQ(result.matrix.values, nearest.values);
    EXPECT_EQ(result.matrix.components, nearest.components);
  }
}

/// Sums are taken in another order then, so that a value at a tie may fall to
/// the other side, which moves what follows; but the loss stays.
TEST(GPTQ, BlockSizeHasNoEffect) {
  Matrix x = makeCorrelated(300, 150, 4), w = makeRandom(40, 150, 5);
  for (const char *text : kEncodings) {
    SCOPED_TRACE(text);
    std::vector<float> first;
    for (int64_t size : {128, 1, 7, 32, 1000}) {
      GPTQOptions options;
      options.blockSize = size;
      GPTQResult result = take(gptq(parse(text), w, getHessian(x), options));
      if (first.empty())
        first = result.matrix.values;
      unsigned different = 0;
      for (size_t i = 0; i < first.size(); ++i)
        different += std::fabs(first[i] - result.matrix.values[i]) > 1e-3f;
      EXPECT_LE(different, first.size() / 50) << size;
    }
  }
}

TEST(GPTQ, SameBytesForAnyNumberOfThreads) {
  Matrix x = makeCorrelated(300, 150, 4), w = makeRandom(200, 150, 5);
  for (const char *text : kEncodings) {
    SCOPED_TRACE(text);
    GPTQOptions one, three;
    three.threads = 3;
    GPTQResult a = take(gptq(parse(text), w, getHessian(x), one));
    GPTQResult b = take(gptq(parse(text), w, getHessian(x), three));
    EXPECT_EQ(a.matrix.components, b.matrix.components);
    EXPECT_EQ(a.loss, b.loss);
  }
}

/// The factor that the Hessian is multiplied with has no influence: a power of
/// two changes no bit.
TEST(GPTQ, FormOfTheHessianHasNoEffect) {
  Matrix x = makeCorrelated(300, 96, 6), w = makeRandom(20, 96, 7);
  std::vector<double> h = getHessian(x), mean = h;
  for (double &value : mean)
    value /= 64;
  EncodingSpec spec = parse(kEncodings[0]);
  EXPECT_EQ(take(gptq(spec, w, h)).matrix.components,
            take(gptq(spec, w, mean)).matrix.components);
}

/// Activation order with columns that are in that order already is no order;
/// and shuffled columns give shuffled results.
TEST(GPTQ, OrderIsUndone) {
  constexpr int64_t kColumns = 96;
  Matrix x = makeCorrelated(300, kColumns, 8), w = makeRandom(20, kColumns, 9);
  for (int64_t j = 0; j < kColumns; ++j) {
    float square = 0;
    for (int64_t row = 0; row < x.rows; ++row)
      square += x(row, j) * x(row, j);
    for (int64_t row = 0; row < x.rows; ++row)
      x.values[row * kColumns + j] *=
          float(2 * kColumns - j) / std::sqrt(square);
  }
  EncodingSpec spec = parse(kEncodings[0]);
  GPTQOptions ordered;
  ordered.order = Order::Activation;
  GPTQResult plain = take(gptq(spec, w, getHessian(x)));
  GPTQResult sorted = take(gptq(spec, w, getHessian(x), ordered));
  ASSERT_TRUE(std::is_sorted(sorted.order.begin(), sorted.order.end()));
  EXPECT_EQ(sorted.matrix.values, plain.matrix.values);
  EXPECT_EQ(str(sorted.matrix.spec), "permuted<values = " + str(spec) + ">");

  std::vector<int64_t> place(kColumns);
  for (int64_t j = 0; j < kColumns; ++j)
    place[j] = j * 35 % kColumns; // 35 and 96 have no common divisor.
  Matrix shuffledX = x, shuffledW = w;
  for (int64_t j = 0; j < kColumns; ++j) {
    for (int64_t row = 0; row < x.rows; ++row)
      shuffledX.values[row * kColumns + place[j]] = x(row, j);
    for (int64_t row = 0; row < w.rows; ++row)
      shuffledW.values[row * kColumns + place[j]] = w(row, j);
  }
  GPTQResult shuffled =
      take(gptq(spec, shuffledW, getHessian(shuffledX), ordered));
  for (int64_t row = 0; row < w.rows; ++row)
    for (int64_t j = 0; j < kColumns; ++j)
      EXPECT_EQ(shuffled.matrix.values[row * kColumns + place[j]],
                plain.matrix.values[row * kColumns + j]);
}

/// Static groups: scales are those of the weights as they were, in any order.
TEST(GPTQ, StaticGroupsKeepTheFirstScales) {
  Matrix x = makeCorrelated(300, 128, 10), w = makeRandom(20, 128, 11);
  for (const char *text : {kEncodings[0], kEncodings[3]})
    for (Order order : {Order::Stored, Order::Activation}) {
      EncodingSpec spec = parse(text);
      GPTQOptions options;
      options.scales = Scales::Initial;
      options.order = order;
      GPTQResult result = take(gptq(spec, w, getHessian(x), options));
      QuantizedMatrix nearest = take(quantizeToNearest(spec, w));
      EXPECT_EQ(result.matrix.spec, spec);
      ASSERT_EQ(result.matrix.components.size(), nearest.components.size());
      for (size_t i = 1; i < nearest.components.size(); ++i)
        EXPECT_EQ(result.matrix.components[i], nearest.components[i]) << i;
      EXPECT_NE(result.matrix.components[0], nearest.components[0]);
      EXPECT_LT(getOutputError(w, getValues(result, w), x),
                0.8 * getOutputError(w, {nearest.values, 20, 128}, x));
    }
}

/// What was rounded is what is stored: encoding the values again, with the
/// scales that were found, changes nothing.
TEST(GPTQ, StoresWhatItRounded) {
  Matrix x = makeCorrelated(300, 150, 12), w = makeRandom(48, 150, 13);
  for (const char *text : kEncodings) {
    SCOPED_TRACE(text);
    GPTQResult result = take(gptq(parse(text), w, getHessian(x)));
    MatrixRef values = getValues(result, w);
    double expected = getOutputError(w, values, x) +
                      result.damping / 2 * getSquaredError(w, values);
    EXPECT_NEAR(result.loss, expected, 2e-4 * expected);
  }
}

/// With the authors' search for each group's range, low bits lose less; and
/// with static groups the scales are those of the search on the weights.
TEST(GPTQ, ClippingSearch) {
  Matrix x = makeCorrelated(300, 128, 23), w = makeRandom(24, 128, 24);
  EncodingSpec spec =
      parse("affine<ui2, block = [1, 64], scale = f32, zero = ui2>");
  GPTQOptions options;
  GPTQResult plain = take(gptq(spec, w, getHessian(x), options));
  options.clipping = ClippingOptions::getGPTQ();
  GPTQResult clipped = take(gptq(spec, w, getHessian(x), options));
  EXPECT_LT(getOutputError(w, getValues(clipped, w), x),
            0.9 * getOutputError(w, getValues(plain, w), x));
  options.scales = Scales::Initial;
  GPTQResult initial = take(gptq(spec, w, getHessian(x), options));
  BlockRounder rounder = llvm::cantFail(BlockRounder::create(spec, {24, 128}));
  QuantizedMatrix expected = take(encodeMatrix(
      spec, w, take(searchClipping(rounder, w, *options.clipping)).parts));
  EXPECT_EQ(initial.matrix.components[1], expected.components[1]);
  EXPECT_EQ(initial.matrix.components[2], expected.components[2]);
  std::vector<float> importance(128, 1.0f);
  options.clipping->importance = importance;
  expectError(gptq(spec, w, getHessian(x), options),
              "gptq: a clipping search for its groups has the objective Norm "
              "and no importance; search before and give the parts");
}

TEST(GPTQ, FullRange) {
  Matrix x = makeCorrelated(300, 64, 14), w = makeRandom(8, 64, 15);
  EncodingSpec spec = parse(kEncodings[0]);
  GPTQOptions options;
  options.rounding = Rounding::FullRange;
  GPTQResult result = take(gptq(spec, w, getHessian(x), options));
  // All sixteen codes are used: there is a -8.
  const ComponentData &codes = result.matrix.components[0];
  EXPECT_TRUE(llvm::any_of(
      codes, [](uint8_t byte) { return (byte & 15) == 8 || byte >> 4 == 8; }));
}

//===----------------------------------------------------------------------===//
// Bad input
//===----------------------------------------------------------------------===//

TEST(GPTQ, DeadColumnsBecomeZero) {
  Matrix x = makeCorrelated(300, 64, 16), w = makeRandom(8, 64, 17);
  for (int64_t row = 0; row < x.rows; ++row)
    x.values[row * 64 + 5] = x.values[row * 64 + 40] = 0;
  GPTQResult result = take(gptq(parse(kEncodings[0]), w, getHessian(x)));
  EXPECT_THAT(result.deadColumns, ElementsAre(5, 40));
  // They count as 1 in the mean of the diagonal, as in the authors' code.
  std::vector<double> h = getHessian(x);
  double trace = 2;
  for (int64_t i = 0; i < 64; ++i)
    trace += h[i * 65];
  EXPECT_NEAR(result.damping, .01 * trace / 64, 1e-9 * trace);
  unsigned alive = 0;
  for (int64_t row = 0; row < 8; ++row) {
    EXPECT_EQ(result.matrix.values[row * 64 + 5], 0);
    EXPECT_EQ(result.matrix.values[row * 64 + 40], 0);
    alive += result.matrix.values[row * 64 + 6] != 0;
  }
  EXPECT_GT(alive, 4u);
}

TEST(GPTQ, ZeroWeightsStayZero) {
  Matrix x = makeCorrelated(300, 64, 18), w = makeRandom(8, 64, 19);
  std::fill_n(w.values.begin(), 3 * 64, 0.0f);
  for (const char *text : kEncodings) {
    GPTQResult result = take(gptq(parse(text), w, getHessian(x)));
    for (int64_t i = 0; i < 3 * 64; ++i)
      ASSERT_TRUE(std::isfinite(result.matrix.values[i])) << text;
  }
  GPTQResult result = take(gptq(parse(kEncodings[0]), w, getHessian(x)));
  EXPECT_EQ(std::vector<float>(result.matrix.values.begin(),
                               result.matrix.values.begin() + 3 * 64),
            std::vector<float>(3 * 64, 0.0f));
}

/// Fewer tokens than channels: without damping the Hessian is singular.
TEST(GPTQ, SingularHessians) {
  Matrix x = makeRandom(3, 64, 20), w = makeRandom(8, 64, 21);
  EncodingSpec spec = parse(kEncodings[0]);
  GPTQOptions options;
  options.damping = 0;
  options.retries = 0;
  expectError(gptq(spec, w, getHessian(x), options),
              "the Hessian is singular, also with 0.000000 of its mean "
              "diagonal added; calibrate with more tokens, or raise the "
              "damping");
  options.retries = 2;
  GPTQResult result = take(gptq(spec, w, getHessian(x), options));
  EXPECT_EQ(result.retries, 1u);
  EXPECT_GT(result.damping, 0);
  for (float value : result.matrix.values)
    ASSERT_TRUE(std::isfinite(value));
}

TEST(GPTQ, Errors) {
  Matrix w = makeRandom(4, 32, 22);
  EncodingSpec spec = parse(kEncodings[0]);
  std::vector<double> h(32 * 32, 0.0);
  expectError(gptq(spec, w, h), "no activation ever reached");
  for (int64_t i = 0; i < 32; ++i)
    h[i * 33] = 1;
  expectError(gptq(spec, w, llvm::ArrayRef(h).drop_back()),
              "has 1023 elements, and weights with 32 columns need 1024");
  h[33] = -1;
  expectError(gptq(spec, w, h), "negative at column 1");
  h[33] = NAN;
  expectError(gptq(spec, w, h), "row 1, column 1 is not finite");
  h[33] = 1;
  GPTQOptions options;
  options.blockSize = 0;
  expectError(gptq(spec, w, h, options), "a block size of 0");
  options = {};
  options.rounding = Rounding::GGML;
  expectError(gptq(spec, w, h, options), "can't be rounded by `rtn-ggml`");
  expectError(gptq(parse("nm<2 : 4, values = float<f16>>"), w, h),
              "is a structure");
  options = {};
  options.parts.scale = {1, 2};
  expectError(gptq(spec, w, h, options), "2 values of `scale` were given");
  w.values[32 + 7] = INFINITY;
  expectError(gptq(spec, w, h),
              "weights: the value at row 1, column 7 is infinite");
  w.values[32 + 7] = 1e9f; // The scale overflows f16.
  expectError(gptq(spec, w, h), "beyond the range of f16");
}

TEST(GPTQ, EmptyMatrices) {
  EncodingSpec spec = parse(kEncodings[0]);
  EXPECT_TRUE(take(gptq(spec, {{}, 0, 32}, std::vector<double>(1024, 0.0)))
                  .matrix.values.empty());
  EXPECT_TRUE(take(gptq(spec, {{}, 4, 0}, {})).matrix.values.empty());
}

} // namespace
