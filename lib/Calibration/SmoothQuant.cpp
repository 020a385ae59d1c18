//===- SmoothQuant.cpp - Between activations and weights ------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/SmoothQuant.h"

#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

#include <cmath>

using namespace llvm;
using namespace mlir::compress;

Expected<std::vector<float>> mlir::compress::getSmoothQuantScales(
    ArrayRef<float> inputMaxima, ArrayRef<float> weightMaxima, double alpha) {
  if (Error error =
          checkVector(inputMaxima, inputMaxima.size(), "largest inputs"))
    return std::move(error);
  if (Error error =
          checkVector(weightMaxima, inputMaxima.size(), "largest weights"))
    return std::move(error);
  if (!(alpha >= 0 && alpha <= 1))
    return makeError("smoothquant: an alpha of " + std::to_string(alpha) +
                     " is not between 0 and 1; use 0.5");
  std::vector<float> scales;
  for (auto [x, w] : zip_equal(inputMaxima, weightMaxima)) {
    if (x < 0 || w < 0)
      return makeError("smoothquant: a largest magnitude is negative");
    double scale = std::pow(double(x), alpha) / std::pow(double(w), 1 - alpha);
    scales.push_back(x == 0 || w == 0 ? 1.0f : float(std::max(scale, 1e-5)));
  }
  return scales;
}

Expected<std::vector<float>>
mlir::compress::getColumnMaxima(ArrayRef<MatrixRef> matrices, int64_t columns) {
  std::vector<float> maxima(columns, 0.0f);
  for (MatrixRef matrix : matrices) {
    if (matrix.columns != columns)
      return makeError("matrices of " + Twine(matrix.columns) + " and " +
                       Twine(columns) + " columns do not read the same inputs");
    if (Error error = checkMatrix(matrix, "weights"))
      return std::move(error);
    for (int64_t row = 0; row < matrix.rows; ++row)
      for (auto [maximum, value] : zip_equal(maxima, matrix.getRow(row)))
        maximum = std::max(maximum, std::fabs(value));
  }
  return maxima;
}

Expected<std::vector<float>>
mlir::compress::scaleColumns(MatrixRef matrix, ArrayRef<float> scales) {
  if (Error error = checkMatrix(matrix, "weights"))
    return std::move(error);
  if (Error error = checkVector(scales, matrix.columns, "scales"))
    return std::move(error);
  if (any_of(scales, [](float scale) { return scale <= 0; }))
    return makeError("scales: a value is not positive");
  std::vector<float> result(matrix.values);
  for (int64_t row = 0; row < matrix.rows; ++row)
    for (int64_t i = 0; i < matrix.columns; ++i)
      result[row * matrix.columns + i] *= scales[i];
  if (Error error =
          checkMatrix({result, matrix.rows, matrix.columns}, "scaled weights"))
    return std::move(error);
  return result;
}

Expected<std::vector<float>>
mlir::compress::getBiasCorrection(MatrixRef weights, MatrixRef quantized,
                                  ArrayRef<float> inputMeans) {
  if (Error error = checkMatrix(weights, "weights"))
    return std::move(error);
  if (Error error = checkMatrix(quantized, "quantized weights"))
    return std::move(error);
  if (Error error = checkVector(inputMeans, weights.columns, "mean inputs"))
    return std::move(error);
  if (weights.rows != quantized.rows || weights.columns != quantized.columns)
    return makeError("weights of " + Twine(weights.rows) + " x " +
                     Twine(weights.columns) + " were not quantized to " +
                     Twine(quantized.rows) + " x " + Twine(quantized.columns));
  std::vector<float> correction;
  for (int64_t row = 0; row < weights.rows; ++row) {
    double sum = 0;
    for (auto [w, q, mean] :
         zip_equal(weights.getRow(row), quantized.getRow(row), inputMeans))
      sum += (double(w) - double(q)) * double(mean);
    correction.push_back(float(sum));
  }
  return correction;
}
