//===- HistogramTest.cpp - Tests of histograms -------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/Histogram.h"

#include "TestUtils.h"

#include <numeric>

using namespace mlir::compress;
using namespace mlir::compress::test;

namespace {

TEST(MagnitudeHistogram, CountsByDefinition) {
  std::vector<float> values = makeRandom(1, 5000, 1).values;
  MagnitudeHistogram histogram;
  ASSERT_EQ(message(histogram.add(values)), "");
  float largest = 0;
  for (float value : values)
    largest = std::max(largest, std::fabs(value));
  double end = histogram.getWidth() * 2048;
  EXPECT_LT(largest, end);
  EXPECT_GE(largest, end / 2);
  std::vector<uint64_t> expected(2048, 0);
  for (float value : values)
    ++expected[size_t(std::fabs(value) / histogram.getWidth())];
  EXPECT_EQ(histogram.getCounts().vec(), expected);
}

/// Batches in any order, and merged in any way.
TEST(MagnitudeHistogram, GrowsAndMergesWithoutATrace) {
  std::vector<float> small = makeRandom(1, 300, 2, 1e-3f).values;
  std::vector<float> large = makeRandom(1, 300, 3, 1e4f).values;
  std::vector<float> zeros(7, 0.0f);
  MagnitudeHistogram up, down, a, b, nothing;
  for (auto *batch : {&zeros, &small, &large})
    ASSERT_EQ(message(up.add(*batch)), "");
  for (auto *batch : {&large, &small, &zeros})
    ASSERT_EQ(message(down.add(*batch)), "");
  ASSERT_EQ(message(a.add(zeros)), "");
  nothing.merge(a); // Zeros only.
  ASSERT_EQ(message(a.add(small)), "");
  ASSERT_EQ(message(b.add(large)), "");
  MagnitudeHistogram ab = a;
  ab.merge(b);
  b.merge(nothing);
  MagnitudeHistogram smallOnly;
  ASSERT_EQ(message(smallOnly.add(small)), "");
  b.merge(smallOnly);
  for (const MagnitudeHistogram *histogram : {&down, &ab, &b}) {
    EXPECT_EQ(histogram->getCounts(), up.getCounts());
    EXPECT_EQ(histogram->getWidth(), up.getWidth());
  }
  EXPECT_EQ(std::accumulate(up.getCounts().begin(), up.getCounts().end(),
                            uint64_t(0)),
            607u);
  expectError(up.add({NAN}), "at index 0 is NaN");
}

/// Magnitudes at powers of two fall into the upper half, up to the largest and
/// down to the smallest float.
TEST(MagnitudeHistogram, ExtremeMagnitudes) {
  for (float value : {1.0f, 0x1.fffffep127f, 0x1p-149f, 0x1.fffffep0f}) {
    MagnitudeHistogram histogram;
    ASSERT_EQ(message(histogram.add({value})), "");
    auto counts = histogram.getCounts();
    EXPECT_EQ(std::accumulate(counts.begin() + 1024, counts.end(), uint64_t(0)),
              1u);
  }
}

/// What ModelOpt does, with its steps: levels by position, counts spread over
/// bins that are not empty, the tail on the last bin, entropy of both
/// normalized.
double getEntropyByDefinition(std::vector<double> bins, int64_t levels) {
  bins[0] = bins[1];
  int64_t size = bins.size(), argmin = 0;
  double least = INFINITY;
  for (int64_t i = levels; i <= size; ++i) {
    std::vector<double> sums(levels, 0), numbers(levels, 0), candidate(i, 0);
    for (int64_t k = 0; k < i; ++k)
      if (bins[k] != 0) {
        int64_t level = int64_t(std::floor(double(k) * levels / i + 1e-9));
        sums[level] += bins[k];
        numbers[level] += 1;
      }
    for (int64_t k = 0; k < i; ++k)
      if (bins[k] != 0) {
        int64_t level = int64_t(std::floor(double(k) * levels / i + 1e-9));
        candidate[k] = sums[level] / numbers[level];
      }
    std::vector<double> reference(bins.begin(), bins.begin() + i);
    reference.back() += std::accumulate(bins.begin() + i, bins.end(), 0.0);
    double p = std::accumulate(reference.begin(), reference.end(), 0.0);
    double q = std::accumulate(candidate.begin(), candidate.end(), 0.0);
    double sum = 0;
    for (int64_t k = 0; k < i; ++k)
      if (reference[k] > 0)
        sum +=
            reference[k] / p * std::log(reference[k] / p / (candidate[k] / q));
    if (sum <= least + 1e-15) {
      least = std::min(sum, least);
      argmin = i;
    }
  }
  return double(argmin);
}

TEST(HistogramThresholds, Entropy) {
  for (unsigned seed : {1, 2, 3}) {
    std::vector<float> values = makeRandom(1, 40000, seed).values;
    for (float &value : values)
      value = value * value * value; // A long tail.
    MagnitudeHistogram histogram;
    ASSERT_EQ(message(histogram.add(values)), "");
    auto counts = histogram.getCounts();
    double expected =
        getEntropyByDefinition({counts.begin(), counts.end()}, 128);
    EXPECT_EQ(findEntropyThreshold(counts, 1), expected);
    EXPECT_LT(expected, 2048);
    EXPECT_EQ(findEntropyThreshold(counts, .5), expected / 2);
  }
}

/// Where as many bins are filled as there are levels, the end behind them loses
/// nothing; of several that lose nothing the last one wins.
TEST(HistogramThresholds, EntropyOfFewBins) {
  std::vector<uint64_t> counts(2048, 0);
  std::fill_n(counts.begin(), 128, 5);
  double threshold = findEntropyThreshold(counts, 1);
  EXPECT_EQ(threshold,
            getEntropyByDefinition({counts.begin(), counts.end()}, 128));
  EXPECT_GE(threshold, 128);
}

TEST(HistogramThresholds, SquaredError) {
  std::vector<float> values = makeRandom(1, 40000, 4).values;
  values[0] = 60; // One outlier.
  MagnitudeHistogram histogram;
  ASSERT_EQ(message(histogram.add(values)), "");
  auto counts = histogram.getCounts();
  double width = histogram.getWidth();
  for (int64_t levels : {8, 128}) {
    double best = findSquaredErrorThreshold(counts, width, levels);
    auto getError = [&](double threshold) {
      double error = 0, scale = threshold / double(levels - 1);
      for (size_t i = 0; i < 2048; ++i) {
        double x = (double(i) + .5) * width;
        double q = std::min(std::nearbyint(x / scale), double(levels - 1));
        error += double(counts[i]) * std::pow(x - q * scale, 2);
      }
      return error;
    };
    for (int64_t bin = levels; bin < 2048; ++bin)
      EXPECT_LE(getError(best),
                getError((double(bin) + .5) * width) * (1 + 1e-9));
    EXPECT_LT(best, 55);
  }
}

TEST(HistogramThresholds, Percentile) {
  std::vector<uint64_t> counts(2048, 0);
  counts[3] = 9998;
  counts[10] = 1;
  counts[100] = 1;
  EXPECT_EQ(findPercentileThreshold(counts, .5), 5);
  EXPECT_EQ(findPercentileThreshold(counts, .5, .5), 1.5);
  EXPECT_EQ(findPercentileThreshold(counts, .5, 1), 50);
  std::vector<float> values = makeRandom(1, 20000, 5).values;
  MagnitudeHistogram histogram;
  ASSERT_EQ(message(histogram.add(values)), "");
  for (float &value : values)
    value = std::fabs(value);
  std::sort(values.begin(), values.end());
  for (double share : {.5, .99, .9999})
    EXPECT_NEAR(findPercentileThreshold(histogram.getCounts(),
                                        histogram.getWidth(), share),
                values[size_t(share * 20000) - 1], histogram.getWidth());
}

TEST(HistogramThresholds, Empty) {
  EXPECT_EQ(findEntropyThreshold({}, 0), 0);
  EXPECT_EQ(findSquaredErrorThreshold({}, 0), 0);
  EXPECT_EQ(findPercentileThreshold({}, 0), 0);
}

} // namespace
