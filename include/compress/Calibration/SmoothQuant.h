//===- SmoothQuant.h - Between activations and weights ----------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is moved between a layer's inputs, its weights and its bias.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_SMOOTHQUANT_H
#define COMPRESS_CALIBRATION_SMOOTHQUANT_H

#include "compress/Calibration/Matrix.h"

#include <vector>

namespace mlir::compress {

/// max|x|^alpha / max|w|^(1 - alpha) per channel, at least 1e-5, by which
/// inputs are divided and weights' columns multiplied. Xiao et al.:
/// "SmoothQuant: Accurate and Efficient Post-Training Quantization for Large
/// Language Models", 2022, arXiv:2211.10438. Unlike in smooth.py, channels that
/// are zero on either side keep a scale of 1.
///
/// `inputMaxima` and `weightMaxima` are [in], the latter over all matrices that
/// read these inputs (getColumnMaxima). Errors: lengths, values that are not
/// finite or negative, an alpha outside of [0, 1].
llvm::Expected<std::vector<float>>
getSmoothQuantScales(llvm::ArrayRef<float> inputMaxima,
                     llvm::ArrayRef<float> weightMaxima, double alpha = .5);

/// max|w| per column over all matrices; each has `columns` of them.
llvm::Expected<std::vector<float>>
getColumnMaxima(llvm::ArrayRef<MatrixRef> matrices, int64_t columns);

/// Columns multiplied with scales [columns]. Errors: lengths, values that are
/// not finite, scales that are not positive, products beyond f32.
llvm::Expected<std::vector<float>> scaleColumns(MatrixRef matrix,
                                                llvm::ArrayRef<float> scales);

/// (W - Q) mean(x) per output: what is to be added to a layer's bias so that
/// its mean output stays as it was. Nagel et al.: "Data-Free Quantization
/// Through Weight Equalization and Bias Correction", 2019, arXiv:1906.04721,
/// section 4.2, with means that were observed. `inputMeans` is [in]. Errors:
/// lengths, values that are not finite.
llvm::Expected<std::vector<float>>
getBiasCorrection(MatrixRef weights, MatrixRef quantized,
                  llvm::ArrayRef<float> inputMeans);

} // namespace mlir::compress

#endif // COMPRESS_CALIBRATION_SMOOTHQUANT_H
