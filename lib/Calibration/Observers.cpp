//===- Observers.cpp - What activations are like --------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/Observers.h"

#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/ADT/bit.h"

#include <cmath>

using namespace llvm;
using namespace mlir::compress;

static ValueRange findRange(ArrayRef<float> values) {
  ValueRange range = {INFINITY, -INFINITY};
  for (float value : values) {
    range.low = std::min(range.low, value);
    range.high = std::max(range.high, value);
  }
  return range;
}

/// Extends `range`, which holds `count` values, by `other` with some.
static void extendRange(ValueRange &range, int64_t count, ValueRange other) {
  range.low = count ? std::min(range.low, other.low) : other.low;
  range.high = count ? std::max(range.high, other.high) : other.high;
}

//===----------------------------------------------------------------------===//
// Ranges
//===----------------------------------------------------------------------===//

Error RangeObserver::add(ArrayRef<float> values) {
  if (Error error = checkVector(values, values.size(), "activations"))
    return error;
  if (values.empty())
    return Error::success();
  extendRange(range, count, findRange(values));
  count += values.size();
  return Error::success();
}

void RangeObserver::merge(const RangeObserver &other) {
  if (other.count)
    extendRange(range, count, other.range);
  count += other.count;
}

Error MovingAverageObserver::add(ArrayRef<float> batch) {
  if (Error error = checkVector(batch, batch.size(), "activations"))
    return error;
  if (batch.empty())
    return Error::success();
  ValueRange range = findRange(batch);
  for (auto [average, value] :
       {std::make_pair(&low, range.low), std::make_pair(&high, range.high)}) {
    if (batches == 0)
      average->first = value;
    average->sum = average->sum * (1 - constant) + constant * double(value);
  }
  ++batches;
  return Error::success();
}

Error MovingAverageObserver::merge(const MovingAverageObserver &other) {
  if (other.constant != constant)
    return makeError("moving averages with the constants " +
                     std::to_string(constant) + " and " +
                     std::to_string(other.constant) + " can't be merged");
  double share = std::pow(1 - constant, double(other.batches));
  for (auto [average, added] :
       {std::make_pair(&low, &other.low), std::make_pair(&high, &other.high)}) {
    if (batches == 0)
      average->first = added->first;
    average->sum = average->sum * share + added->sum;
  }
  batches += other.batches;
  return Error::success();
}

ValueRange MovingAverageObserver::getRange() const {
  double share = std::pow(1 - constant, double(batches));
  return {float(low.first * share + low.sum),
          float(high.first * share + high.sum)};
}

//===----------------------------------------------------------------------===//
// Channels
//===----------------------------------------------------------------------===//

Error ChannelStatistics::add(MatrixRef matrix) {
  if (matrix.columns != int64_t(sums.size()))
    return makeError("activations have " + Twine(matrix.columns) +
                     " columns, and those before had " + Twine(sums.size()));
  if (Error error = checkMatrix(matrix, "activations"))
    return error;
  for (int64_t row = 0; row < matrix.rows; ++row, ++tokens) {
    ArrayRef<float> values = matrix.getRow(row);
    if (tokens == 0)
      low = high = values;
    for (size_t i = 0; i < values.size(); ++i) {
      low[i] = std::min(low[i], values[i]);
      high[i] = std::max(high[i], values[i]);
      sums[i] += double(values[i]);
      magnitudes[i] += double(std::fabs(values[i]));
    }
  }
  return Error::success();
}

Error ChannelStatistics::merge(const ChannelStatistics &other) {
  if (other.sums.size() != sums.size())
    return makeError("statistics of " + Twine(sums.size()) + " and " +
                     Twine(other.sums.size()) + " columns can't be merged");
  if (other.tokens == 0)
    return Error::success();
  for (size_t i = 0; i < sums.size(); ++i) {
    low[i] = tokens ? std::min(low[i], other.low[i]) : other.low[i];
    high[i] = tokens ? std::max(high[i], other.high[i]) : other.high[i];
    sums[i] += other.sums[i];
    magnitudes[i] += other.magnitudes[i];
  }
  tokens += other.tokens;
  return Error::success();
}

std::vector<float> ChannelStatistics::getLargest() const {
  std::vector<float> result;
  for (auto [least, most] : zip_equal(low, high))
    result.push_back(std::max(std::fabs(least), std::fabs(most)));
  return result;
}

static std::vector<float> divide(ArrayRef<double> sums, int64_t count) {
  std::vector<float> result;
  for (double sum : sums)
    result.push_back(count ? float(sum / double(count)) : 0.0f);
  return result;
}

std::vector<float> ChannelStatistics::getMeans() const {
  return divide(sums, tokens);
}
std::vector<float> ChannelStatistics::getMeanMagnitudes() const {
  return divide(magnitudes, tokens);
}

//===----------------------------------------------------------------------===//
// Quantiles
//===----------------------------------------------------------------------===//

// The upper 16 bits of a float are its sign, its exponent and seven bits of its
// mantissa; those of negative numbers are in reverse order.
static constexpr unsigned kDropped = 16;
static constexpr uint32_t kBins = 1u << (32 - kDropped);

static uint32_t getBin(float value) {
  uint32_t bits = bit_cast<uint32_t>(value == 0 ? 0.0f : value) >> kDropped;
  return bits & (kBins / 2) ? kBins - 1 - bits : bits + kBins / 2;
}

/// The middle of a bin.
static float getMiddle(uint32_t bin) {
  uint32_t bits = bin < kBins / 2 ? kBins - 1 - bin : bin - kBins / 2;
  return bit_cast<float>((bits << kDropped) | (1u << (kDropped - 1)));
}

Error QuantileObserver::add(ArrayRef<float> values) {
  if (Error error = checkVector(values, values.size(), "activations"))
    return error;
  if (values.empty())
    return Error::success();
  bins.resize(kBins);
  extendRange(range, count, findRange(values));
  for (float value : values)
    ++bins[getBin(value)];
  count += values.size();
  return Error::success();
}

void QuantileObserver::merge(const QuantileObserver &other) {
  if (other.count == 0)
    return;
  bins.resize(kBins);
  extendRange(range, count, other.range);
  for (uint32_t i = 0; i < kBins; ++i)
    bins[i] += other.bins[i];
  count += other.count;
}

float QuantileObserver::getQuantile(double share) const {
  if (count == 0)
    return 0;
  auto rank = uint64_t(share * double(count - 1)), below = uint64_t(0);
  uint32_t bin = 0;
  while (below + bins[bin] <= rank)
    below += bins[bin++];
  float middle = bin == getBin(0) ? 0.0f : getMiddle(bin);
  if (rank == 0)
    return range.low;
  if (rank == uint64_t(count - 1))
    return range.high;
  return std::min(std::max(middle, range.low), range.high);
}

ValueRange QuantileObserver::getCentralRange(double share) const {
  return {getQuantile((1 - share) / 2), getQuantile((1 + share) / 2)};
}

//===----------------------------------------------------------------------===//
// ACIQ
//===----------------------------------------------------------------------===//

Expected<float> mlir::compress::getACIQThreshold(Distribution distribution,
                                                 unsigned bits, float spread) {
  static constexpr float laplace[] = {1.86f, 2.83f, 3.89f, 5.03f,
                                      6.2f,  7.41f, 8.64f, 9.89f};
  static constexpr float gauss[] = {1.24f, 1.71f, 2.15f, 2.55f,
                                    2.93f, 3.28f, 3.61f, 3.92f};
  if (bits < 1 || bits > 8)
    return makeError("aciq: there is no threshold for " + Twine(bits) +
                     " bits; use 1 to 8");
  if (!std::isfinite(spread) || spread < 0)
    return makeError("aciq: a spread of " + std::to_string(spread) +
                     " is none");
  const float *table = distribution == Distribution::Laplace ? laplace : gauss;
  return table[bits - 1] * spread;
}
