//===- Observers.h - What activations are like ------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Statistics that are gathered as tokens pass by, in memory that does not grow,
// and that can be merged. A value that is not finite is an error that names it,
// and nothing is added then.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_OBSERVERS_H
#define COMPRESS_CALIBRATION_OBSERVERS_H

#include "compress/Calibration/Matrix.h"

#include <vector>

namespace mlir::compress {

/// What lies between two values, both included.
struct ValueRange {
  float low = 0, high = 0;
};

/// The smallest and the largest value; [0, 0] before there is any.
class RangeObserver {
public:
  llvm::Error add(llvm::ArrayRef<float> values);
  void merge(const RangeObserver &other);
  ValueRange getRange() const { return range; }
  int64_t getCount() const { return count; }

private:
  ValueRange range;
  int64_t count = 0;
};

/// The smallest and the largest value of each batch, averaged: the first batch
/// counts whole, and each later one moves the average by `constant` of the
/// difference (0.01 in PyTorch and llm-compressor). Merging gives what one
/// observer would have that had seen the other's batches after its own.
class MovingAverageObserver {
public:
  explicit MovingAverageObserver(double constant = .01) : constant(constant) {}
  /// An empty batch is none.
  llvm::Error add(llvm::ArrayRef<float> batch);
  /// Error: another constant.
  llvm::Error merge(const MovingAverageObserver &other);
  ValueRange getRange() const;
  int64_t getBatches() const { return batches; }

private:
  /// The average is first * (1 - constant)^batches + sum.
  struct Average {
    double first = 0, sum = 0;
  };
  double constant;
  int64_t batches = 0;
  Average low, high;
};

/// Statistics per column, [columns].
class ChannelStatistics {
public:
  explicit ChannelStatistics(int64_t columns)
      : low(columns, 0.0f), high(columns, 0.0f), sums(columns, 0.0),
        magnitudes(columns, 0.0) {}
  /// `tokens` is [tokens, columns].
  llvm::Error add(MatrixRef tokens);
  /// Error: another number of columns.
  llvm::Error merge(const ChannelStatistics &other);
  int64_t getTokens() const { return tokens; }
  /// All are 0 before there are tokens.
  llvm::ArrayRef<float> getMinima() const { return low; }
  llvm::ArrayRef<float> getMaxima() const { return high; }
  /// The largest |x|.
  std::vector<float> getLargest() const;
  std::vector<float> getMeans() const;
  /// The mean of |x|.
  std::vector<float> getMeanMagnitudes() const;

private:
  std::vector<float> low, high;
  std::vector<double> sums, magnitudes;
  int64_t tokens = 0;
};

/// Quantiles: values are counted in bins whose ends are floats with seven bits
/// of mantissa, so that merging is exact and the order of values has no
/// influence. 512 KiB. The idea, with other bins, is that of DDSketch (Masson,
/// Rim, Lee, 2019, arXiv:1908.10693).
class QuantileObserver {
public:
  /// What getQuantile() returns differs from the exact quantile x by at most
  /// this times |x|, and not at all at the ends and at 0, apart from subnormal
  /// numbers, which differ by up to 2^-133.
  static constexpr double kRelativeError = 0x1p-8;

  llvm::Error add(llvm::ArrayRef<float> values);
  void merge(const QuantileObserver &other);
  int64_t getCount() const { return count; }
  /// Of the sorted values, the one at floor(share * (count - 1)); `share` is in
  /// [0, 1]. 0 without values.
  float getQuantile(double share) const;
  /// The range that leaves (1 - share) / 2 of the values outside at each end.
  ValueRange getCentralRange(double share) const;

private:
  std::vector<uint64_t> bins;
  ValueRange range;
  int64_t count = 0;
};

/// Which values ACIQ takes the inputs to have.
enum class Distribution { Laplace, Gauss };

/// The clipping value that is best for `bits` bits (1 to 8) if values are
/// distributed so around 0: a constant times `spread`, which is the mean of |x|
/// for Laplace and the root of the mean of x² for Gauss. Banner et al.: "Post
/// Training 4-Bit Quantization of Convolutional Networks for Rapid-Deployment",
/// 2019, arXiv:1810.05723; the constants minimize its expected error and are
/// those of distiller. Errors: other numbers of bits, a spread that is negative
/// or not finite.
llvm::Expected<float> getACIQThreshold(Distribution distribution, unsigned bits,
                                       float spread);

} // namespace mlir::compress

#endif // COMPRESS_CALIBRATION_OBSERVERS_H
