//===- ObserversTest.cpp - Tests of observers --------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/Observers.h"

#include "TestUtils.h"

using namespace mlir::compress;
using namespace mlir::compress::test;
using testing::ElementsAre;

namespace {

TEST(RangeObserver, SmallestAndLargest) {
  RangeObserver observer, other;
  EXPECT_EQ(observer.getRange().low, 0);
  ASSERT_EQ(message(observer.add({})), "");
  ASSERT_EQ(message(observer.add({3, 5, 4})), "");
  EXPECT_EQ(observer.getRange().low, 3);
  EXPECT_EQ(observer.getRange().high, 5);
  observer.merge(other); // Has seen nothing.
  EXPECT_EQ(observer.getRange().low, 3);
  ASSERT_EQ(message(other.add({-1})), "");
  other.merge(observer);
  EXPECT_EQ(other.getRange().low, -1);
  EXPECT_EQ(other.getRange().high, 5);
  EXPECT_EQ(other.getCount(), 4);
  expectError(other.add({1, -INFINITY}), "activations: the value at index 1");
  EXPECT_EQ(other.getRange().low, -1);
}

/// By definition: a += c (x - a), from the first batch on.
TEST(MovingAverageObserver, IsTheRecurrence) {
  MovingAverageObserver observer(.25);
  double low = 0, high = 0;
  for (int batch = 0; batch < 10; ++batch) {
    Matrix values = makeRandom(1, 20, batch);
    ASSERT_EQ(message(observer.add(values.values)), "");
    auto [least, most] =
        std::minmax_element(values.values.begin(), values.values.end());
    low = batch ? low + .25 * (*least - low) : *least;
    high = batch ? high + .25 * (*most - high) : *most;
    EXPECT_NEAR(observer.getRange().low, low, 1e-6);
    EXPECT_NEAR(observer.getRange().high, high, 1e-6);
  }
  EXPECT_EQ(observer.getBatches(), 10);
}

TEST(MovingAverageObserver, MergesAsIfOneHadSeenAll) {
  MovingAverageObserver first, second, empty, all;
  for (int batch = 0; batch < 10; ++batch) {
    Matrix values = makeRandom(1, 20, batch);
    ASSERT_EQ(message((batch < 4 ? first : second).add(values.values)), "");
    ASSERT_EQ(message(all.add(values.values)), "");
  }
  ASSERT_EQ(message(empty.merge(first)), "");
  ASSERT_EQ(message(empty.merge(second)), "");
  ASSERT_EQ(message(empty.merge(MovingAverageObserver())), "");
  EXPECT_NEAR(empty.getRange().low, all.getRange().low, 1e-6);
  EXPECT_NEAR(empty.getRange().high, all.getRange().high, 1e-6);
  EXPECT_EQ(empty.getBatches(), 10);
  expectError(all.merge(MovingAverageObserver(.5)),
              "moving averages with the constants 0.010000 and 0.500000 can't "
              "be merged");
}

TEST(ChannelStatistics, PerColumn) {
  Matrix a(2, 3, {1, -2, 4, 3, -5, 4}), b(1, 3, {-1, -1, 8});
  ChannelStatistics statistics(3), other(3);
  EXPECT_THAT(statistics.getMeans(), ElementsAre(0, 0, 0));
  ASSERT_EQ(message(statistics.add(a)), "");
  EXPECT_THAT(statistics.getMinima(), ElementsAre(1, -5, 4));
  ASSERT_EQ(message(other.add(b)), "");
  ASSERT_EQ(message(statistics.merge(other)), "");
  ASSERT_EQ(message(statistics.merge(ChannelStatistics(3))), "");
  EXPECT_EQ(statistics.getTokens(), 3);
  EXPECT_THAT(statistics.getMinima(), ElementsAre(-1, -5, 4));
  EXPECT_THAT(statistics.getMaxima(), ElementsAre(3, -1, 8));
  EXPECT_THAT(statistics.getLargest(), ElementsAre(3, 5, 8));
  EXPECT_THAT(statistics.getMeans(), ElementsAre(1, testing::FloatEq(-8.0f / 3),
                                                 testing::FloatEq(16.0f / 3)));
  EXPECT_THAT(statistics.getMeanMagnitudes(),
              ElementsAre(testing::FloatEq(5.0f / 3),
                          testing::FloatEq(8.0f / 3),
                          testing::FloatEq(16.0f / 3)));
  expectError(statistics.merge(ChannelStatistics(4)),
              "statistics of 3 and 4 columns can't be merged");
  expectError(statistics.add(makeRandom(1, 2, 1)),
              "activations have 2 columns, and those before had 3");
  b.values[1] = NAN;
  expectError(statistics.add(b), "row 0, column 1 is NaN");
  EXPECT_EQ(statistics.getTokens(), 3);
}

/// Within the error that it states, over many orders of magnitude and both
/// signs, in whatever order values come.
TEST(QuantileObserver, WithinTheStatedError) {
  std::vector<float> values = makeRandom(1, 20001, 1).values;
  for (size_t i = 0; i < values.size(); ++i)
    values[i] *= std::ldexp(1.0f, int(i % 61) - 30);
  values[17] = 0;
  QuantileObserver observer, first, second;
  llvm::ArrayRef<float> all = values;
  ASSERT_EQ(message(observer.add(all)), "");
  ASSERT_EQ(message(second.add(all.take_front(7000))), "");
  ASSERT_EQ(message(first.add(all.drop_front(7000))), "");
  first.merge(second);
  first.merge(QuantileObserver());
  std::sort(values.begin(), values.end());
  for (double share :
       {0.0, 1e-4, .001, .01, .1, .25, .5, .75, .9, .99, .999, .9999, 1.0}) {
    float exact = values[int64_t(share * 20000)];
    EXPECT_NEAR(observer.getQuantile(share), exact,
                QuantileObserver::kRelativeError * std::fabs(exact))
        << share;
    EXPECT_EQ(first.getQuantile(share), observer.getQuantile(share));
  }
  EXPECT_EQ(observer.getQuantile(0), values.front());
  EXPECT_EQ(observer.getQuantile(1), values.back());
  ValueRange range = observer.getCentralRange(.98);
  EXPECT_EQ(range.low, observer.getQuantile((1 - .98) / 2));
  EXPECT_EQ(range.high, observer.getQuantile((1 + .98) / 2));
}

TEST(QuantileObserver, FewValues) {
  QuantileObserver observer;
  EXPECT_EQ(observer.getQuantile(.5), 0);
  ASSERT_EQ(message(observer.add({0, -0.0f, 0, 0})), "");
  EXPECT_EQ(observer.getQuantile(.5), 0);
  ASSERT_EQ(message(observer.add({7})), "");
  EXPECT_EQ(observer.getQuantile(1), 7);
  EXPECT_EQ(observer.getQuantile(.6), 0);
  expectError(observer.add({NAN}), "at index 0 is NaN");
  EXPECT_EQ(observer.getCount(), 5);
}

/// The expected squared error of clipping at a and rounding within by a uniform
/// step, for a distribution of spread 1; what is clipped is integrated.
double getExpectedError(Distribution distribution, double a, unsigned bits) {
  double clipped = 2 * std::exp(-a);
  if (distribution == Distribution::Gauss)
    clipped = (a * a + 1) * std::erfc(a / std::sqrt(2.0)) -
              a * std::sqrt(2 / 3.14159265358979) * std::exp(-a * a / 2);
  return clipped + a * a / (3 * std::pow(4.0, bits));
}

TEST(ACIQ, ThresholdsMinimizeTheExpectedError) {
  for (Distribution distribution : {Distribution::Laplace, Distribution::Gauss})
    for (unsigned bits = 1; bits <= 8; ++bits) {
      SCOPED_TRACE(bits);
      double best = INFINITY, bestThreshold = 0;
      for (double a = .5; a < 11; a += .01)
        if (double error = getExpectedError(distribution, a, bits);
            error < best) {
          best = error;
          bestThreshold = a;
        }
      EXPECT_NEAR(take(getACIQThreshold(distribution, bits, 1)), bestThreshold,
                  .03);
    }
  EXPECT_FLOAT_EQ(take(getACIQThreshold(Distribution::Laplace, 4, 2)), 10.06f);
  // The published constants, 1 to 8 bits.
  const float laplace[] = {1.86f, 2.83f, 3.89f, 5.03f,
                           6.2f,  7.41f, 8.64f, 9.89f};
  const float gauss[] = {1.24f, 1.71f, 2.15f, 2.55f,
                         2.93f, 3.28f, 3.61f, 3.92f};
  for (unsigned bits = 1; bits <= 8; ++bits) {
    EXPECT_FLOAT_EQ(take(getACIQThreshold(Distribution::Laplace, bits, 1)),
                    laplace[bits - 1]);
    EXPECT_FLOAT_EQ(take(getACIQThreshold(Distribution::Gauss, bits, 1)),
                    gauss[bits - 1]);
  }
  EXPECT_EQ(take(getACIQThreshold(Distribution::Gauss, 8, 0)), 0);
  expectError(getACIQThreshold(Distribution::Gauss, 9, 1),
              "aciq: there is no threshold for 9 bits; use 1 to 8");
  expectError(getACIQThreshold(Distribution::Gauss, 4, NAN),
              "aciq: a spread of nan is none");
}

} // namespace
