//===- Clipping.cpp - Ranges that give up their ends ----------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/Clipping.h"

#include "FastPower.h"
#include "Parallel.h"

#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

#include <cmath>

using namespace llvm;
using namespace mlir::compress;
using Objective = ClippingOptions::Objective;
using Shrink = ClippingOptions::Shrink;

namespace {
class ClippingSearch {
public:
  ClippingSearch(const BlockRounder &rounder, MatrixRef weights,
                 const ClippingOptions &options)
      : rounder(rounder), weights(weights), options(options) {}

  Expected<ClippingResult> run();

private:
  Error check() const;
  BlockRanges shrinkRanges(ArrayRef<float> shares) const;
  Expected<BlockParts> chooseParts(ArrayRef<float> shares) const;
  std::vector<double> getErrors(const BlockParts &parts) const;
  double getNormError(int64_t column, ArrayRef<float> values,
                      ArrayRef<float> rounded) const;
  double getOutputError(int64_t column, ArrayRef<float> values,
                        ArrayRef<float> rounded) const;

  const BlockRounder &rounder;
  MatrixRef weights;
  const ClippingOptions &options;
  BlockRanges ranges;
};
} // namespace

Error ClippingSearch::check() const {
  if (Error error = checkMatrix(weights, "weights"))
    return error;
  if (rounder.getShape() != ArrayRef({weights.rows, weights.columns}))
    return makeError("clipping: weights of " + Twine(weights.rows) + " x " +
                     Twine(weights.columns) +
                     " are not of the shape that is rounded");
  if (options.grid < 1 || !(options.maxShrink > 0 && options.maxShrink <= 1) ||
      !(options.norm > 0) || options.patience < 0)
    return makeError("clipping: a grid of " + Twine(options.grid) +
                     ", shrinking by " + std::to_string(options.maxShrink) +
                     ", a norm of " + std::to_string(options.norm) +
                     " and patience of " + Twine(options.patience) +
                     " mean nothing; use 100, 0.8, 2.4 and 0");
  if (!options.importance.empty()) {
    if (Error error =
            checkVector(options.importance, weights.columns, "importance"))
      return error;
    if (any_of(options.importance, [](float value) { return value < 0; }))
      return makeError("importance: a value is negative");
  }
  if (options.objective != Objective::Output)
    return Error::success();
  if (int64_t(options.hessian.size()) != weights.columns * weights.columns)
    return makeError("clipping for the output needs the Hessian of all " +
                     Twine(weights.columns) + " columns");
  if (rounder.getBlock()[0] != 1)
    return makeError("clipping for the output needs blocks within a row; "
                     "these have " +
                     Twine(rounder.getBlock()[0]) +
                     " rows, use the objective Norm");
  return Error::success();
}

BlockRanges ClippingSearch::shrinkRanges(ArrayRef<float> shares) const {
  BlockRanges result = ranges;
  for (size_t i = 0; i < shares.size(); ++i) {
    float &low = result.low[i], &high = result.high[i];
    float largest = std::max(std::fabs(low), std::fabs(high));
    if (options.symmetric) {
      low = -largest;
      high = largest;
    }
    if (options.shrink == Shrink::Magnitude) {
      float limit = shares[i] * largest;
      low = std::max(low, -limit);
      high = std::min(high, limit);
    } else {
      low *= shares[i];
      high *= shares[i];
    }
    if (!result.extreme.empty())
      result.extreme[i] *= shares[i];
  }
  return result;
}

Expected<BlockParts> ClippingSearch::chooseParts(ArrayRef<float> shares) const {
  BlockParts given;
  if (options.symmetric) {
    auto [lowest, highest] = rounder.getCodeRange();
    given.zero.assign(shares.size(), (lowest + highest + 1) / 2);
  }
  return rounder.chooseParts(shrinkRanges(shares), given);
}

double ClippingSearch::getNormError(int64_t column, ArrayRef<float> values,
                                    ArrayRef<float> rounded) const {
  auto getWeight = [&](size_t i) {
    return options.importance.empty() ? 1.0
                                      : double(options.importance[column + i]);
  };
  double sum = 0;
  if (options.norm == 2) {
    for (size_t i = 0; i < values.size(); ++i) {
      double error = double(values[i]) - double(rounded[i]);
      sum += error * error * getWeight(i);
    }
    return sum;
  }
  SmallVector<float, 256> powers(values.size());
  for (size_t i = 0; i < values.size(); ++i)
    powers[i] = std::fabs(values[i] - rounded[i]);
  raiseToPower(powers, float(options.norm));
  for (size_t i = 0; i < values.size(); ++i)
    sum += double(powers[i]) * getWeight(i);
  return sum;
}

double ClippingSearch::getOutputError(int64_t column, ArrayRef<float> values,
                                      ArrayRef<float> rounded) const {
  SmallVector<double, 256> errors;
  for (auto [value, other] : zip_equal(values, rounded))
    errors.push_back(double(value) - double(other));
  double sum = 0;
  for (size_t i = 0; i < errors.size(); ++i) {
    const double *row = options.hessian.data() +
                        (column + int64_t(i)) * weights.columns + column;
    double product = 0;
    for (size_t j = 0; j < errors.size(); ++j)
      product += row[j] * errors[j];
    sum += errors[i] * product;
  }
  return sum;
}

std::vector<double> ClippingSearch::getErrors(const BlockParts &parts) const {
  std::vector<double> errors(rounder.getNumBlocks(), 0.0);
  // Block rows share nothing, so threads have no influence on sums.
  int64_t height = rounder.getBlock()[0], width = rounder.getGrid()[1];
  parallelFor(rounder.getGrid()[0], options.threads, [&](int64_t blockRow) {
    int64_t first = blockRow * height;
    int64_t rows = std::min(height, weights.rows - first);
    BlockRounder part = rounder.withShape({rows, weights.columns});
    auto slice = [&](const std::vector<float> &values) {
      return values.empty()
                 ? std::vector<float>()
                 : std::vector<float>(values.begin() + blockRow * width,
                                      values.begin() + (blockRow + 1) * width);
    };
    BlockParts partParts = {slice(parts.scale), slice(parts.zero),
                            slice(parts.min)};
    ArrayRef<float> values = weights.getRows(first, rows).values;
    std::vector<float> rounded(values.size());
    part.round(values, partParts, rounded);
    part.forEachRun([&](int64_t start, int64_t count, int64_t block) {
      ArrayRef<float> run = values.slice(start, count);
      ArrayRef<float> other = ArrayRef(rounded).slice(start, count);
      int64_t column = start % weights.columns;
      errors[blockRow * width + block] +=
          options.objective == Objective::Output
              ? getOutputError(column, run, other)
              : getNormError(column, run, other);
    });
  });
  return errors;
}

Expected<ClippingResult> ClippingSearch::run() {
  if (Error error = check())
    return std::move(error);
  ranges = rounder.findRanges(weights.values);
  size_t blocks = rounder.getNumBlocks();
  ClippingResult result;
  result.shrink.assign(blocks, 1.0f);
  result.error.assign(blocks, INFINITY);
  int steps = std::max(int(options.maxShrink * options.grid), 1);
  int idle = 0;
  for (int step = 0; step < steps; ++step) {
    auto share = float(1 - double(step) / options.grid);
    Expected<BlockParts> parts = chooseParts(std::vector<float>(blocks, share));
    if (!parts)
      return parts.takeError();
    std::vector<double> errors = getErrors(*parts);
    bool improved = false;
    for (size_t i = 0; i < blocks; ++i)
      if (errors[i] < result.error[i]) {
        result.error[i] = errors[i];
        result.shrink[i] = share;
        improved = true;
      }
    idle = improved ? 0 : idle + 1;
    if (options.patience && idle >= options.patience)
      break;
  }
  Expected<BlockParts> parts = chooseParts(result.shrink);
  if (!parts)
    return parts.takeError();
  result.parts = std::move(*parts);
  result.error = getErrors(result.parts);
  return result;
}

Expected<ClippingResult>
mlir::compress::searchClipping(const BlockRounder &rounder, MatrixRef weights,
                               const ClippingOptions &options) {
  return ClippingSearch(rounder, weights, options).run();
}
