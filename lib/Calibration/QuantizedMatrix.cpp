//===- QuantizedMatrix.cpp - What quantizing a matrix gives ---------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/QuantizedMatrix.h"

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
