//===- Equalization.cpp - Channels of one size in pairs of layers ---------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/Equalization.h"

#include "compress/Calibration/Matrix.h"
#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

#include <cmath>

using namespace llvm;
using namespace mlir::compress;

static Error checkChain(ArrayRef<EqualizedLayer> chain,
                        const EqualizationOptions &options) {
  if (chain.size() < 2)
    return makeError("equalization: a chain of " + Twine(chain.size()) +
                     " layers has no channels between layers; give 2 or more");
  if (options.rounds < 1 || !(options.tolerance >= 0))
    return makeError("equalization: " + Twine(options.rounds) +
                     " rounds and a tolerance of " +
                     std::to_string(options.tolerance) +
                     " mean nothing; use 20 and 0.001");
  for (auto [i, layer] : enumerate(chain)) {
    std::string name = "layer " + std::to_string(i);
    if (Error error =
            checkMatrix({layer.weights, layer.rows, layer.columns}, name))
      return error;
    if (!layer.bias.empty())
      if (Error error = checkVector(layer.bias, layer.rows, name + "'s bias"))
        return error;
    if (i > 0 && chain[i - 1].rows != layer.columns)
      return makeError("equalization: " + name + " has " +
                       Twine(layer.columns) +
                       " columns, but the layer before "
                       "it has " +
                       Twine(chain[i - 1].rows) + " rows");
  }
  return Error::success();
}

/// Beyond it one side is as good as zero, and the other's bias might overflow.
static constexpr double kLargestScale = 0x1p30;

/// sqrt(largest of the row / largest of the column), 1 where either is zero.
static float getScale(const EqualizedLayer &first, const EqualizedLayer &second,
                      int64_t channel) {
  float row = 0, column = 0;
  for (int64_t j = 0; j < first.columns; ++j)
    row = std::max(row, std::fabs(first.weights[channel * first.columns + j]));
  for (int64_t i = 0; i < second.rows; ++i)
    column = std::max(column,
                      std::fabs(second.weights[i * second.columns + channel]));
  if (row == 0 || column == 0)
    return 1;
  double scale = std::sqrt(double(row) / double(column));
  if (scale > kLargestScale || scale < 1 / kLargestScale)
    return 1;
  return float(scale);
}

static void scaleChannel(const EqualizedLayer &first,
                         const EqualizedLayer &second, int64_t channel,
                         float scale) {
  for (int64_t j = 0; j < first.columns; ++j)
    first.weights[channel * first.columns + j] /= scale;
  if (!first.bias.empty())
    first.bias[channel] /= scale;
  for (int64_t i = 0; i < second.rows; ++i)
    second.weights[i * second.columns + channel] *= scale;
}

Expected<EqualizationResult>
mlir::compress::equalizeLayers(ArrayRef<EqualizedLayer> chain,
                               const EqualizationOptions &options) {
  if (Error error = checkChain(chain, options))
    return std::move(error);
  EqualizationResult result;
  for (const EqualizedLayer &layer : chain.drop_back())
    result.scales.emplace_back(layer.rows, 1.0f);
  while (!result.converged && result.rounds < options.rounds) {
    double farthest = 0;
    for (size_t k = 0; k + 1 < chain.size(); ++k)
      for (int64_t i = 0; i < chain[k].rows; ++i) {
        float scale = getScale(chain[k], chain[k + 1], i);
        scaleChannel(chain[k], chain[k + 1], i, scale);
        result.scales[k][i] *= scale;
        farthest = std::max(farthest, std::fabs(double(scale) - 1));
      }
    ++result.rounds;
    result.converged = farthest <= options.tolerance;
  }
  return result;
}
