//===- QuantizedMatrix.cpp - What quantizing a matrix gives ---------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/QuantizedMatrix.h"

#include "Parallel.h"
#include "TileProduct.h"

#include "compress/Support/Error.h"

#include "llvm/ADT/Twine.h"

#include <numeric>

using namespace llvm;
using namespace mlir::compress;

Expected<QuantizedMatrix>
mlir::compress::encodeMatrix(const EncodingSpec &spec, MatrixRef weights,
                             const BlockParts &parts, ArrayRef<int32_t> order,
                             Rounding rounding, ArrayRef<float> table) {
  EncodeInputs inputs;
  inputs.scale = parts.scale;
  inputs.zero = parts.zero;
  inputs.min = parts.min;
  inputs.order = order;
  inputs.rounding = rounding;
  inputs.table = table;
  QuantizedMatrix result;
  result.spec = spec;
  if (!order.empty()) {
    result.spec = EncodingSpec();
    result.spec.kind = EncodingSpec::Kind::Permuted;
    result.spec.values = Part(spec);
  }
  int64_t shape[] = {weights.rows, weights.columns};
  Expected<SmallVector<ComponentData>> components =
      encode(result.spec, shape, weights.values, inputs);
  if (!components)
    return components.takeError();
  result.components = std::move(*components);
  result.values.resize(weights.values.size());
  SmallVector<ArrayRef<uint8_t>> views(result.components.begin(),
                                       result.components.end());
  if (Error error = decode(result.spec, shape, views, result.values))
    return std::move(error);
  return result;
}

Expected<QuantizedMatrix>
mlir::compress::quantizeToNearest(const EncodingSpec &spec, MatrixRef weights,
                                  Rounding rounding, ArrayRef<float> table) {
  if (Error error = checkMatrix(weights, "weights"))
    return std::move(error);
  return encodeMatrix(spec, weights, {}, {}, rounding, table);
}

double mlir::compress::getSquaredError(MatrixRef a, MatrixRef b,
                                       ArrayRef<float> importance) {
  double sum = 0;
  for (int64_t row = 0; row < a.rows; ++row) {
    ArrayRef<float> x = a.getRow(row), y = b.getRow(row);
    for (int64_t i = 0; i < a.columns; ++i) {
      double error = double(x[i]) - double(y[i]);
      sum += error * error * (importance.empty() ? 1.0 : double(importance[i]));
    }
  }
  return sum;
}

/// The share of rows first .. first + kTile - 1.
static double getStripError(MatrixRef a, MatrixRef b, int64_t first,
                            const Panels<float> &hessian) {
  int64_t rows = std::min(kTile, a.rows - first), columns = a.columns;
  std::vector<float> difference(columns * kTile, 0.0f);
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t i = 0; i < columns; ++i)
      difference[i * kTile + row] =
          a.getRow(first + row)[i] - b.getRow(first + row)[i];
  double sum = 0;
  float tile[kTile * kTile];
  for (int64_t left = 0; left < columns; left += kTile) {
    multiplyTile(difference.data(), hessian.get(left / kTile), columns, tile);
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t i = left; i < std::min(left + kTile, columns); ++i)
        sum += double(tile[row * kTile + i - left]) *
               double(difference[i * kTile + row]);
  }
  return sum;
}

Expected<double> mlir::compress::getOutputError(MatrixRef a, MatrixRef b,
                                                ArrayRef<double> hessian,
                                                unsigned threads) {
  if (Error error = checkMatrix(a, "weights"))
    return std::move(error);
  if (Error error = checkMatrix(b, "quantized weights"))
    return std::move(error);
  if (a.rows != b.rows || a.columns != b.columns ||
      int64_t(hessian.size()) != a.columns * a.columns)
    return makeError("weights of " + Twine(a.rows) + " x " + Twine(a.columns) +
                     " and " + Twine(b.rows) + " x " + Twine(b.columns) +
                     " and a Hessian of " + Twine(hessian.size()) +
                     " elements do not fit");
  std::vector<float> rounded(hessian.begin(), hessian.end());
  Panels<float> panels(rounded.data(), a.columns, a.columns, a.columns);
  std::vector<double> sums((a.rows + kTile - 1) / kTile);
  parallelFor(sums.size(), threads, [&](int64_t strip) {
    sums[strip] = getStripError(a, b, strip * kTile, panels);
  });
  return std::accumulate(sums.begin(), sums.end(), 0.0) / 2;
}
