//===- OutliersTest.cpp - Tests of values that are kept apart ---*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/Outliers.h"

#include "compress/Calibration/GPTQ.h"
#include "compress/Calibration/Observers.h"
#include "compress/Calibration/SecondMoment.h"

#include "TestUtils.h"

using namespace mlir::compress;
using namespace mlir::compress::test;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

TEST(Outliers, LargestMagnitudesOrSensitivities) {
  Matrix w(2, 4, {1, -7, 3, 0, 5, 2, -5, 7});
  OutlierOptions options;
  options.share = .5;
  // A tie of 7 and 7, and of 5 and -5.
  EXPECT_THAT(take(findOutliers(w, options)), ElementsAre(1, 4, 6, 7));
  options.share = .49; // Three of eight.
  EXPECT_THAT(take(findOutliers(w, options)), ElementsAre(1, 4, 7));
  std::vector<float> importance = {100, 0, 1, 1};
  options.importance = importance;
  // 100, 0, 9, 0; 2500, 0, 25, 49.
  EXPECT_THAT(take(findOutliers(w, options)), ElementsAre(0, 4, 7));
  options.share = 1;
  EXPECT_THAT(take(findOutliers(w, options)), ElementsAre(0, 2, 4, 6, 7));
  options.share = 0;
  EXPECT_THAT(take(findOutliers(w, options)), IsEmpty());
  Matrix many = makeRandom(50, 100, 1);
  EXPECT_EQ(take(findOutliers(many)).size(), 25u); // Half a percent.
}

/// LLM.int8: channels with any value beyond the threshold, which is 6 unless
/// said otherwise; 0 turns it off.
TEST(Outliers, ChannelsOfLLMInt8) {
  ChannelStatistics statistics(4);
  Matrix x(3, 4, {1, 6, -6.5f, 0, 7, -6, 2, 0, 0, 3, 1, -100});
  ASSERT_EQ(message(statistics.add(x)), "");
  std::vector<float> largest = statistics.getLargest();
  EXPECT_THAT(take(findOutlierChannels(largest)), ElementsAre(0, 2, 3));
  EXPECT_THAT(take(findOutlierChannels(largest, 50)), ElementsAre(3));
  EXPECT_THAT(take(findOutlierChannels(largest, 0)), IsEmpty());
  EXPECT_THAT(getPlacesOfColumns(makeRandom(2, 4, 1), {0, 3}),
              ElementsAre(0, 3, 4, 7));
}

/// Outliers as f16 holds them, all else as rounding the rest gives; and the
/// same bytes as from the codec, which is told the places.
TEST(Outliers, SplitMatrix) {
  Matrix w = makeRandom(16, 64, 2);
  w.values[5] = 40;
  w.values[700] = -33.3f;
  EncodingSpec spec = parse("affine<i4, block = [1, 32], scale = f16>");
  auto quantize = [&](MatrixRef rest) { return quantizeToNearest(spec, rest); };
  std::vector<int64_t> places = {5, 700};
  QuantizedMatrix split = take(
      quantizeWithOutliers(w, places, Part(NumberType::getF16()), quantize));
  EXPECT_EQ(str(split.spec), "split<base = affine<i4, block = [1, 32], scale = "
                             "f16>, outliers = f16>");
  std::vector<float> rest = w.values;
  rest[5] = rest[700] = 0;
  std::vector<float> expected =
      take(quantizeToNearest(spec, Matrix(16, 64, rest))).values;
  expected[5] = 40;
  expected[700] =
      NumberType::getF16().decode(NumberType::getF16().encode(-33.3f));
  EXPECT_EQ(split.values, expected);
  EncodeInputs inputs;
  inputs.outliers = places;
  EXPECT_EQ(take(encode(split.spec, {16, 64}, w.values, inputs)),
            split.components);
}

/// A few percent of the bytes, a large part of the error.
TEST(Outliers, SplittingHelps) {
  Matrix w = makeRandom(32, 128, 3);
  for (int64_t i = 0; i < 32 * 128; i += 401)
    w.values[i] *= 15;
  EncodingSpec spec = parse("affine<i4, block = [1, -1], scale = f16>");
  auto quantize = [&](MatrixRef rest) { return quantizeToNearest(spec, rest); };
  double whole = getSquaredError(
      w, Matrix(32, 128, take(quantizeToNearest(spec, w)).values));
  QuantizedMatrix split = take(quantizeWithOutliers(
      w, take(findOutliers(w)), NumberType::getF16(), quantize));
  EXPECT_LT(getSquaredError(w, Matrix(32, 128, split.values)), 0.5 * whole);
  size_t bytes = 0;
  for (const ComponentData &part : split.components)
    bytes += part.size();
  // 20 outliers at 6 bytes, and where each row begins.
  EXPECT_EQ(bytes, 32u * 64 + 32 * 2 + 20 * 6 + 33 * 4);
}

/// Bases with a minimum do not hold 0; GPTQ moves the zeros in places of
/// outliers. Both is made up for.
TEST(Outliers, WhateverTheBaseHasThere) {
  Matrix w = makeRandom(8, 64, 4), x = makeCorrelated(200, 64, 5);
  for (float &value : w.values)
    value += 4; // 0 is in no block's range.
  w.values[100] = 55;
  SecondMoment moment(64);
  ASSERT_EQ(message(moment.add(x)), "");
  std::vector<double> hessian = moment.getHessian(SecondMoment::Form::Sum);
  EncodingSpec spec =
      parse("affine<ui4, block = [1, 32], scale = f16, min = f16>");
  auto nearest = [&](MatrixRef rest) { return quantizeToNearest(spec, rest); };
  auto compensated = [&](MatrixRef rest) -> llvm::Expected<QuantizedMatrix> {
    llvm::Expected<GPTQResult> result = gptq(spec, rest, hessian);
    if (!result)
      return result.takeError();
    return std::move(result->matrix);
  };
  for (int64_t place : {100, 37}) {
    EXPECT_NEAR(
        take(quantizeWithOutliers(w, {place}, NumberType::getF16(), nearest))
            .values[place],
        w.values[place], 0.03);
    EXPECT_NEAR(take(quantizeWithOutliers(w, {place}, NumberType::getF16(),
                                          compensated))
                    .values[place],
                w.values[place], 0.03);
  }
}

TEST(Outliers, Errors) {
  Matrix w = makeRandom(2, 8, 6);
  auto quantize = [&](MatrixRef rest) {
    return quantizeToNearest(parse("affine<i8, block = [1, 8], scale = f16>"),
                             rest);
  };
  OutlierOptions options;
  options.share = 1.5;
  expectError(findOutliers(w, options),
              "outliers: a share of 1.500000 is not between 0 and 1; use "
              "0.005");
  std::vector<float> importance(8, 1.0f);
  importance[2] = -1;
  options.share = .1;
  options.importance = importance;
  expectError(findOutliers(w, options), "importance: a value is negative");
  expectError(findOutlierChannels({1, -1}),
              "input maxima: a value is negative");
  expectError(findOutlierChannels({1, 1}, -1),
              "outliers: a threshold of -1.000000 means nothing; use 6, or 0 "
              "for no outliers");
  for (std::vector<int64_t> places :
       {std::vector<int64_t>{3, 3}, {-1}, {16}, {5, 2}})
    expectError(
        quantizeWithOutliers(w, places, NumberType::getF16(), quantize),
        "outliers: places must ascend within a matrix of 2 x 8, unlike entry");
  expectError(quantizeWithOutliers(w, {1}, NumberType::getSigned(8), quantize),
              "in `outliers.values`: must be a float format");
  w.values[1] = 1e30f;
  expectError(quantizeWithOutliers(w, {1}, NumberType::getF16(), quantize),
              "f16");
  w.values[1] = NAN;
  expectError(quantizeWithOutliers(w, {1}, NumberType::getF16(), quantize),
              "row 0, column 1 is NaN");
}

} // namespace
