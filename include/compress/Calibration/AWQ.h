//===- AWQ.h - Larger codes for the channels that count ---------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lin et al.: "AWQ: Activation-aware Weight Quantization for LLM Compression
// and Acceleration", 2023, arXiv:2306.00978; the rules are those of
// auto_scale.py. Its clipping search is ClippingOptions::getAWQ().
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_AWQ_H
#define COMPRESS_CALIBRATION_AWQ_H

#include "compress/Calibration/QuantizedMatrix.h"

namespace mlir::compress {

struct AWQResult {
  /// Per input channel: weights' columns are multiplied with them before they
  /// are quantized, and inputs divided.
  std::vector<float> scales;
  /// The exponent that they come from, and its loss.
  double ratio = 0, loss = 0;
  /// Of all exponents that were tried, in order.
  std::vector<double> losses;
};

/// max(mean|x|^ratio, 1e-4) per channel, divided by the root of the product of
/// the largest and the smallest; ratio 0 gives ones. `meanMagnitudes` is
/// [in] (ChannelStatistics) and finite.
std::vector<float> getAWQScales(llvm::ArrayRef<float> meanMagnitudes,
                                double ratio);

/// Tries the ratios i / grid for i = 0 .. grid - 1 and takes the first of the
/// least loss (`awq`). `objective` is called in that order with scales [in],
/// and returns what is to be small: the authors take the mean squared error of
/// the output of the whole block of layers that reads these inputs;
/// getScaledOutputError() is that of single layers.
///
/// Errors: magnitudes that are not finite or negative, a grid below 1, what the
/// objective says, a loss that is not finite.
llvm::Expected<AWQResult> searchAWQScales(
    llvm::ArrayRef<float> meanMagnitudes,
    llvm::function_ref<llvm::Expected<double>(llvm::ArrayRef<float> scales)>
        objective,
    int grid = 20);

/// ||(W - Q diag(1/s)) X||² with Q what W diag(s) is rounded to; `hessian` is
/// 2 X Xᵀ, [in, in]. Several matrices that read the same inputs add up. Errors:
/// lengths, weights that are not finite, scales that are not positive, those of
/// encode().
llvm::Expected<double> getScaledOutputError(const EncodingSpec &spec,
                                            llvm::ArrayRef<MatrixRef> weights,
                                            llvm::ArrayRef<double> hessian,
                                            llvm::ArrayRef<float> scales,
                                            unsigned threads = 1);

} // namespace mlir::compress

#endif // COMPRESS_CALIBRATION_AWQ_H
