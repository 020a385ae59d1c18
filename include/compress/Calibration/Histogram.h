//===- Histogram.h - Where magnitudes lie -----------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_HISTOGRAM_H
#define COMPRESS_CALIBRATION_HISTOGRAM_H

#include "compress/Calibration/Matrix.h"

#include <vector>

namespace mlir::compress {

/// Counts |x| in 2048 bins of equal width from 0. The width is a power of two;
/// where a larger value comes, it is doubled until that fits, and neighbours
/// are merged, so that neither order nor merging has any influence. (ModelOpt
/// adds bins instead, without a limit.)
class MagnitudeHistogram {
public:
  static constexpr int64_t kBins = 2048;

  /// Error: a value that is not finite; nothing is counted then.
  llvm::Error add(llvm::ArrayRef<float> values);
  void merge(const MagnitudeHistogram &other);

  /// Empty before any value other than 0 has come; else kBins.
  llvm::ArrayRef<uint64_t> getCounts() const { return counts; }
  /// Bin i is [i * width, (i + 1) * width).
  double getWidth() const { return width; }

private:
  void growTo(double newWidth);

  std::vector<uint64_t> counts;
  double width = 0;
  uint64_t zeros = 0;
};

/// Thresholds that a histogram of magnitudes suggests for symmetric codes; the
/// rules are those of TensorRT's entropy calibration (Migacz, "8-bit Inference
/// with TensorRT", GTC 2017) as ModelOpt's calib/histogram.py has them (2024).
/// `counts` are bins of equal `width` from 0. All are 0 for an empty histogram.

/// The end of the first i bins for which the distribution of these, the rest
/// added to the last, differs least, by KL divergence, from that which `levels`
/// values can tell apart: bins are merged to levels, and a level's count is
/// spread over those of its bins that are not empty. The first bin counts like
/// the second. i runs from `levels` to all; the last of the best wins. `levels`
/// is 2^(bits - 1).
double findEntropyThreshold(llvm::ArrayRef<uint64_t> counts, double width,
                            int64_t levels = 128);

/// The middle of the bin, from number `levels` on, for which clipping there and
/// rounding to 2 levels - 1 codes changes the bins' middles least, by the sum
/// of squares; the first of the best wins.
double findSquaredErrorThreshold(llvm::ArrayRef<uint64_t> counts, double width,
                                 int64_t levels = 128);

/// The lower end of the first bin with which at least `share` of all values are
/// counted: no further from the exact quantile than one width.
double findPercentileThreshold(llvm::ArrayRef<uint64_t> counts, double width,
                               double share = .9999);

} // namespace mlir::compress

#endif // COMPRESS_CALIBRATION_HISTOGRAM_H
