//===- Outliers.cpp - The few values that are kept apart ------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/Outliers.h"

#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

#include <algorithm>
#include <cmath>

using namespace llvm;
using namespace mlir::compress;

static Error checkNotNegative(ArrayRef<float> values, int64_t count,
                              StringRef name) {
  if (Error error = checkVector(values, count, name))
    return error;
  if (any_of(values, [](float value) { return value < 0; }))
    return makeError(name + ": a value is negative");
  return Error::success();
}

Expected<std::vector<int64_t>>
mlir::compress::findOutliers(MatrixRef weights, const OutlierOptions &options) {
  if (Error error = checkMatrix(weights, "weights"))
    return std::move(error);
  if (!options.importance.empty())
    if (Error error =
            checkNotNegative(options.importance, weights.columns, "importance"))
      return std::move(error);
  if (!(options.share >= 0 && options.share <= 1))
    return makeError("outliers: a share of " + std::to_string(options.share) +
                     " is not between 0 and 1; use 0.005");
  auto getScore = [&](int64_t place) {
    double w = weights.values[place];
    return w * w *
           (options.importance.empty()
                ? 1
                : double(options.importance[place % weights.columns]));
  };
  std::vector<int64_t> places;
  for (int64_t i = 0, e = int64_t(weights.values.size()); i < e; ++i)
    if (getScore(i) > 0)
      places.push_back(i);
  size_t count = std::min(
      places.size(), size_t(options.share * double(weights.values.size())));
  std::nth_element(places.begin(), places.begin() + count, places.end(),
                   [&](int64_t a, int64_t b) {
                     double x = getScore(a), y = getScore(b);
                     return x > y || (x == y && a < b);
                   });
  places.resize(count);
  llvm::sort(places);
  return places;
}

Expected<std::vector<int64_t>>
mlir::compress::findOutlierChannels(ArrayRef<float> largest, float threshold) {
  if (Error error =
          checkNotNegative(largest, int64_t(largest.size()), "input maxima"))
    return std::move(error);
  if (!(threshold >= 0) || !std::isfinite(threshold))
    return makeError("outliers: a threshold of " + std::to_string(threshold) +
                     " means nothing; use 6, or 0 for no outliers");
  std::vector<int64_t> channels;
  for (auto [channel, value] : enumerate(largest))
    if (threshold > 0 && value > threshold)
      channels.push_back(int64_t(channel));
  return channels;
}

std::vector<int64_t>
mlir::compress::getPlacesOfColumns(MatrixRef weights,
                                   ArrayRef<int64_t> channels) {
  std::vector<int64_t> places;
  for (int64_t row = 0; row < weights.rows; ++row)
    for (int64_t channel : channels)
      places.push_back(row * weights.columns + channel);
  return places;
}

Expected<QuantizedMatrix> mlir::compress::quantizeWithOutliers(
    MatrixRef weights, ArrayRef<int64_t> places, const Part &outliers,
    function_ref<Expected<QuantizedMatrix>(MatrixRef)> quantize) {
  if (Error error = checkMatrix(weights, "weights"))
    return std::move(error);
  std::vector<float> rest = weights.values.vec();
  for (auto [i, place] : enumerate(places)) {
    if (place < 0 || place >= int64_t(rest.size()) ||
        (i > 0 && place <= places[i - 1]))
      return makeError("outliers: places must ascend within a matrix of " +
                       Twine(weights.rows) + " x " + Twine(weights.columns) +
                       ", unlike entry " + Twine(i) + ", " + Twine(place));
    rest[place] = 0;
  }
  Expected<QuantizedMatrix> base =
      quantize({rest, weights.rows, weights.columns});
  if (!base)
    return base.takeError();
  std::vector<float> missing(rest.size(), 0.0f);
  for (int64_t place : places)
    missing[place] = weights.values[place] - base->values[place];
  QuantizedMatrix result;
  result.spec.kind = EncodingSpec::Kind::Split;
  result.spec.values = Part(base->spec);
  result.spec.outliers = makeOutlierRows(outliers);
  int64_t shape[] = {weights.rows, weights.columns};
  if (Error error = verify(result.spec, shape))
    return std::move(error);
  Expected<SmallVector<ComponentData>> stored =
      encode(result.spec.outliers.getEncoding(), shape, missing);
  if (!stored)
    return stored.takeError();
  result.components = std::move(base->components);
  append_range(result.components, std::move(*stored));
  result.values.resize(rest.size());
  SmallVector<ArrayRef<uint8_t>> views(result.components.begin(),
                                       result.components.end());
  if (Error error = decode(result.spec, shape, views, result.values))
    return std::move(error);
  return result;
}
