//===- Histogram.cpp - Where magnitudes lie -------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/Histogram.h"

#include <cmath>
#include <numeric>

using namespace llvm;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Counting
//===----------------------------------------------------------------------===//

void MagnitudeHistogram::growTo(double newWidth) {
  if (counts.empty()) {
    counts.assign(kBins, 0);
    counts[0] = zeros;
    width = newWidth;
  }
  for (; width < newWidth; width *= 2) {
    for (int64_t i = 0; i < kBins / 2; ++i)
      counts[i] = counts[2 * i] + counts[2 * i + 1];
    std::fill(counts.begin() + kBins / 2, counts.end(), 0);
  }
}

Error MagnitudeHistogram::add(ArrayRef<float> values) {
  if (Error error = checkVector(values, values.size(), "activations"))
    return error;
  float largest = 0;
  for (float value : values)
    largest = std::max(largest, std::fabs(value));
  // The least power of two such that the largest value is below the end.
  if (largest > 0)
    growTo(std::ldexp(1.0, std::ilogb(largest) + 1) / kBins);
  if (counts.empty()) {
    zeros += values.size();
    return Error::success();
  }
  for (float value : values)
    ++counts[int64_t(std::fabs(double(value)) / width)];
  return Error::success();
}

void MagnitudeHistogram::merge(const MagnitudeHistogram &other) {
  if (other.counts.empty()) {
    (counts.empty() ? zeros : counts[0]) += other.zeros;
    return;
  }
  growTo(other.width);
  MagnitudeHistogram scaled = other;
  scaled.growTo(width);
  for (int64_t i = 0; i < kBins; ++i)
    counts[i] += scaled.counts[i];
}

//===----------------------------------------------------------------------===//
// Thresholds
//===----------------------------------------------------------------------===//

/// The KL divergence from the first `end` of `bins`, `rest` added to the last,
/// to what `levels` levels make of them; infinite where the latter has nothing
/// and the former something.
static double getDivergence(ArrayRef<double> bins, int64_t end, double rest,
                            int64_t levels) {
  std::vector<double> counts(levels, 0.0), filled(levels, 0.0);
  auto getLevel = [&](int64_t i) { return i * levels / end; };
  for (int64_t i = 0; i < end; ++i) {
    counts[getLevel(i)] += bins[i];
    filled[getLevel(i)] += bins[i] != 0;
  }
  double inside = std::accumulate(bins.begin(), bins.begin() + end, 0.0);
  double divergence = 0;
  for (int64_t i = 0; i < end; ++i) {
    double p = (bins[i] + (i == end - 1 ? rest : 0)) / (inside + rest);
    if (p == 0)
      continue;
    if (bins[i] == 0)
      return INFINITY;
    int64_t level = getLevel(i);
    double q = counts[level] / filled[level] / inside;
    divergence += p * std::log(p / q);
  }
  return divergence;
}

double mlir::compress::findEntropyThreshold(ArrayRef<uint64_t> counts,
                                            double width, int64_t levels) {
  std::vector<double> bins(counts.begin(), counts.end());
  int64_t size = bins.size();
  if (size > 1)
    bins[0] = bins[1];
  double total = std::accumulate(bins.begin(), bins.end(), 0.0);
  if (total == 0 || size < levels)
    return size * width;
  double best = INFINITY, inside = 0;
  int64_t bestEnd = size;
  for (int64_t end = 1; end <= size; ++end) {
    inside += bins[end - 1];
    if (end < levels)
      continue;
    double divergence = getDivergence(bins, end, total - inside, levels);
    if (divergence > best)
      continue;
    best = divergence;
    bestEnd = end;
  }
  return double(bestEnd) * width;
}

double mlir::compress::findSquaredErrorThreshold(ArrayRef<uint64_t> counts,
                                                 double width, int64_t levels) {
  int64_t size = counts.size();
  if (size <= levels)
    return double(size) * width;
  double best = INFINITY, bestThreshold = 0;
  for (int64_t bin = levels; bin < size; ++bin) {
    double threshold = (double(bin) + .5) * width;
    double scale = double(levels - 1) / threshold, error = 0;
    for (int64_t i = 0; i < size; ++i) {
      double middle = (double(i) + .5) * width;
      double code =
          std::min(std::nearbyint(middle * scale), double(levels - 1));
      error += std::pow(code / scale - middle, 2) * double(counts[i]);
    }
    if (error >= best)
      continue;
    best = error;
    bestThreshold = threshold;
  }
  return bestThreshold;
}

double mlir::compress::findPercentileThreshold(ArrayRef<uint64_t> counts,
                                               double width, double share) {
  uint64_t total = std::accumulate(counts.begin(), counts.end(), uint64_t(0));
  double wanted = share * double(total), below = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    below += double(counts[i]);
    if (below >= wanted)
      return double(i) * width;
  }
  return double(counts.size()) * width;
}
