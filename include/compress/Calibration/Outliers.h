//===- Outliers.h - The few values that are kept apart ----------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A few weights, or the weights of a few input channels, in 16 bits, so that
// the others' scales need not reach them.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_OUTLIERS_H
#define COMPRESS_CALIBRATION_OUTLIERS_H

#include "compress/Calibration/QuantizedMatrix.h"

namespace mlir::compress {

struct OutlierOptions {
  /// Of the weights, at most; rounded down to whole ones.
  double share = .005;
  /// The diagonal of 2 X Xᵀ, or mean squares of inputs, [in], to take the
  /// largest H_jj w² (`outliers-sensitivity`); empty for the largest |w|
  /// (`outliers-magnitude`).
  llvm::ArrayRef<float> importance;
};

/// Places of outliers in the row-major matrix, ascending: those of the largest
/// scores, first ones on ties; never those of weights or scores of 0. Kim et
/// al.: "SqueezeLLM: Dense-and-Sparse Quantization", 2023, arXiv:2306.07629;
/// Dettmers et al.: "SpQR", 2023, arXiv:2306.03078, which scores groups as
/// well.
///
/// Errors: weights or importances that are not finite or negative, lengths, a
/// share outside [0, 1].
llvm::Expected<std::vector<int64_t>>
findOutliers(MatrixRef weights, const OutlierOptions &options = {});

/// Input channels any of whose values goes beyond the threshold, ascending:
/// `largest` is max|x| per channel (ChannelStatistics::getLargest). Dettmers et
/// al.: "LLM.int8(): 8-bit Matrix Multiplication for Transformers at Scale",
/// 2022, arXiv:2208.07339. 6 is their threshold and the default of
/// transformers; 0, the default of bitsandbytes' layer, turns it off: there are
/// none. Errors: values or a threshold that are negative or not finite.
llvm::Expected<std::vector<int64_t>>
findOutlierChannels(llvm::ArrayRef<float> largest, float threshold = 6);

/// Places of all weights of some columns, ascending as `channels` must.
std::vector<int64_t> getPlacesOfColumns(MatrixRef weights,
                                        llvm::ArrayRef<int64_t> channels);

/// Takes the outliers out, has `quantize` quantize the rest, which is zero in
/// their places, and stores for each what is missing there: `split<base = what
/// quantize gives, outliers = ...>` (EncodingSpec). `outliers` is a float
/// format or an encoding.
///
/// Errors: weights that are not finite, places that don't ascend or are beyond
/// the matrix, outliers that their format can't hold, those of `quantize`.
llvm::Expected<QuantizedMatrix> quantizeWithOutliers(
    MatrixRef weights, llvm::ArrayRef<int64_t> places, const Part &outliers,
    llvm::function_ref<llvm::Expected<QuantizedMatrix>(MatrixRef rest)>
        quantize);

} // namespace mlir::compress

#endif // COMPRESS_CALIBRATION_OUTLIERS_H
