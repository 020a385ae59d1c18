//===- SecondMoment.cpp - How inputs vary together ------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/SecondMoment.h"

#include "Parallel.h"
#include "TileProduct.h"

#include "compress/Support/Error.h"

#include "llvm/ADT/Twine.h"

#include <cmath>

using namespace llvm;
using namespace mlir::compress;

// Two panels of so many tokens fit into the first-level cache.
static constexpr int64_t kTokens = 256;

/// Squares of values up to here, 256 times, stay finite in f32.
static constexpr float kLargest = 1e18f;

Error SecondMoment::add(MatrixRef sequence, unsigned threads) {
  if (sequence.columns != columns)
    return makeError("activations have " + Twine(sequence.columns) +
                     " columns, and those before had " + Twine(columns));
  if (Error error = checkMatrix(sequence, "activations"))
    return error;
  for (size_t i = 0; i < sequence.values.size(); ++i)
    if (std::fabs(sequence.values[i]) > kLargest)
      return makeError("activations: the value at row " +
                       Twine(int64_t(i) / columns) + ", column " +
                       Twine(int64_t(i) % columns) +
                       " is too large to be squared in f32; mend the model or "
                       "leave this tensor out");
  int64_t numPanels = (columns + kTile - 1) / kTile;
  for (int64_t first = 0; first < sequence.rows; first += kTokens) {
    int64_t count = std::min(kTokens, sequence.rows - first);
    Panels<float> panels(sequence.values.data() + first * columns, count,
                         columns, columns);
    parallelFor(numPanels, threads, [&](int64_t i) {
      float tile[kTile * kTile];
      for (int64_t j = i; j < numPanels; ++j) {
        multiplyTile(panels.get(i), panels.get(j), count, tile);
        int64_t height = std::min(kTile, columns - i * kTile);
        int64_t width = std::min(kTile, columns - j * kTile);
        for (int64_t row = 0; row < height; ++row) {
          double *sum = &sums[(i * kTile + row) * columns + j * kTile];
          for (int64_t column = 0; column < width; ++column)
            sum[column] += double(tile[row * kTile + column]);
        }
      }
    });
  }
  tokens += sequence.rows;
  ++sequences;
  return Error::success();
}

Error SecondMoment::merge(const SecondMoment &other) {
  if (other.columns != columns)
    return makeError("second moments of " + Twine(columns) + " and " +
                     Twine(other.columns) + " columns can't be merged");
  for (size_t i = 0; i < sums.size(); ++i)
    sums[i] += other.sums[i];
  tokens += other.tokens;
  sequences += other.sequences;
  return Error::success();
}

std::vector<float> SecondMoment::getMeanSquares() const {
  std::vector<float> result(columns);
  double scale = tokens ? 1.0 / double(tokens) : 0.0;
  for (int64_t i = 0; i < columns; ++i)
    result[i] = float(sums[i * columns + i] * scale);
  return result;
}

std::vector<double> SecondMoment::getHessian(Form form) const {
  double scale = 2;
  if (form == Form::MeanOverSequences && sequences)
    scale /= double(sequences);
  std::vector<double> result(sums.size());
  for (int64_t i = 0; i < columns; ++i)
    for (int64_t j = i; j < columns; ++j)
      result[i * columns + j] = result[j * columns + i] =
          scale * sums[i * columns + j];
  return result;
}
