//===- AWQ.cpp - Larger codes for the channels that count -----------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/AWQ.h"

#include "compress/Calibration/SmoothQuant.h"
#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

#include <cmath>

using namespace llvm;
using namespace mlir::compress;

std::vector<float> mlir::compress::getAWQScales(ArrayRef<float> meanMagnitudes,
                                                double ratio) {
  std::vector<double> powers;
  double least = INFINITY, largest = 0;
  for (float magnitude : meanMagnitudes) {
    // Also of a channel without any activation, so that no scale is zero.
    powers.push_back(std::max(std::pow(double(magnitude), ratio), 1e-4));
    least = std::min(least, powers.back());
    largest = std::max(largest, powers.back());
  }
  std::vector<float> scales;
  for (double power : powers)
    scales.push_back(float(power / std::sqrt(largest * least)));
  return scales;
}

Expected<AWQResult> mlir::compress::searchAWQScales(
    ArrayRef<float> meanMagnitudes,
    function_ref<Expected<double>(ArrayRef<float>)> objective, int grid) {
  if (Error error =
          checkVector(meanMagnitudes, meanMagnitudes.size(), "mean magnitudes"))
    return std::move(error);
  if (any_of(meanMagnitudes, [](float value) { return value < 0; }))
    return makeError("mean magnitudes: a value is negative");
  if (grid < 1)
    return makeError("awq: a grid of " + Twine(grid) +
                     " has no ratio to try; use 20");
  AWQResult result;
  for (int i = 0; i < grid; ++i) {
    double ratio = double(i) / grid;
    std::vector<float> scales = getAWQScales(meanMagnitudes, ratio);
    Expected<double> loss = objective(scales);
    if (!loss)
      return loss.takeError();
    if (!std::isfinite(*loss))
      return makeError("awq: the loss for the ratio " + std::to_string(ratio) +
                       " is not finite; look for NaN in the activations");
    result.losses.push_back(*loss);
    if (i > 0 && *loss >= result.loss)
      continue;
    result.scales = std::move(scales);
    result.ratio = ratio;
    result.loss = *loss;
  }
  return result;
}

Expected<double> mlir::compress::getScaledOutputError(
    const EncodingSpec &spec, ArrayRef<MatrixRef> weights,
    ArrayRef<double> hessian, ArrayRef<float> scales, unsigned threads) {
  double sum = 0;
  for (MatrixRef matrix : weights) {
    Expected<std::vector<float>> scaled = scaleColumns(matrix, scales);
    if (!scaled)
      return scaled.takeError();
    Expected<QuantizedMatrix> quantized =
        quantizeToNearest(spec, {*scaled, matrix.rows, matrix.columns});
    if (!quantized)
      return quantized.takeError();
    for (int64_t row = 0; row < matrix.rows; ++row)
      for (int64_t i = 0; i < matrix.columns; ++i)
        quantized->values[row * matrix.columns + i] /= scales[i];
    Expected<double> error =
        getOutputError(matrix, {quantized->values, matrix.rows, matrix.columns},
                       hessian, threads);
    if (!error)
      return error.takeError();
    sum += *error;
  }
  return sum;
}
