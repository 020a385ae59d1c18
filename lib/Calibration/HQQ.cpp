//===- HQQ.cpp - Zero points without data ---------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/HQQ.h"

#include "compress/Support/Error.h"

#include "llvm/ADT/Twine.h"

#include <cmath>

using namespace llvm;
using namespace mlir::compress;

namespace {

/// Scales are kept as reciprocals, as in the formulas; those of blocks of one
/// value only end here, as in the authors' code.
constexpr float kLargestReciprocal = 2e4f;

class HalfQuadratic {
public:
  HalfQuadratic(const BlockRounder &rounder, MatrixRef weights,
                const HQQOptions &options)
      : rounder(rounder), weights(weights), options(options),
        beta(options.beta) {}

  void run();

  std::vector<float> reciprocal, zero;
  std::vector<double> errors;

private:
  void findFirst();
  double step();
  double shrink(double difference) const;

  const BlockRounder &rounder;
  MatrixRef weights;
  const HQQOptions &options;
  double beta;
  /// Per block: how many values it has, the least error so far and its zero.
  std::vector<double> counts, bestErrors;
  std::vector<float> bestZeros;
};

} // namespace

void HalfQuadratic::findFirst() {
  BlockRanges ranges = rounder.findRanges(weights.values);
  size_t blocks = ranges.low.size();
  float codes = rounder.getCodeRange().second;
  reciprocal.resize(blocks);
  zero.resize(blocks);
  for (size_t i = 0; i < blocks; ++i) {
    float width = ranges.high[i] - ranges.low[i];
    reciprocal[i] = std::min(codes / width, kLargestReciprocal);
    zero[i] = -ranges.low[i] * reciprocal[i];
    if (options.roundFirstZero)
      zero[i] = std::nearbyint(zero[i]);
  }
  counts.assign(blocks, 0.0);
  rounder.forEachRun([&](int64_t, int64_t count, int64_t block) {
    counts[block] += double(count);
  });
  bestErrors.assign(blocks, INFINITY);
  bestZeros = zero;
}

double HalfQuadratic::shrink(double difference) const {
  double magnitude = std::fabs(difference);
  if (magnitude == 0)
    return 0;
  magnitude -= std::pow(magnitude, options.norm - 1) / beta;
  return std::copysign(std::max(magnitude, 0.0), difference);
}

/// Computes zero points anew; returns the mean error of those before.
double HalfQuadratic::step() {
  std::vector<double> sums(zero.size(), 0.0), blockErrors(zero.size(), 0.0);
  float codes = rounder.getCodeRange().second;
  rounder.forEachRun([&](int64_t first, int64_t count, int64_t block) {
    float r = reciprocal[block], z = zero[block];
    for (int64_t i = first; i < first + count; ++i) {
      float w = weights.values[i];
      float q = std::nearbyint(w * r + z);
      q = std::min(std::max(q, 0.0f), codes);
      double difference = double(w) - (double(q) - z) / r;
      blockErrors[block] += std::fabs(difference);
      sums[block] += double(q) - (double(w) - shrink(difference)) * r;
    }
  });
  double total = 0;
  for (size_t i = 0; i < zero.size(); ++i) {
    total += blockErrors[i];
    if (blockErrors[i] < bestErrors[i]) {
      bestErrors[i] = blockErrors[i];
      bestZeros[i] = zero[i];
    }
    if (counts[i] > 0)
      zero[i] = float(sums[i] / counts[i]);
  }
  beta *= options.growth;
  return total / std::max<double>(double(weights.values.size()), 1);
}

void HalfQuadratic::run() {
  findFirst();
  for (int i = 0; i < options.iterations; ++i) {
    double error = step();
    bool improved = errors.empty() || error < errors.back();
    errors.push_back(error);
    if (!improved)
      break;
  }
  if (options.choice == HQQOptions::Choice::Best)
    zero = bestZeros;
}

Expected<HQQResult> mlir::compress::hqq(const EncodingSpec &spec,
                                        MatrixRef weights,
                                        const HQQOptions &options) {
  if (Error error = checkMatrix(weights, "weights"))
    return std::move(error);
  bool floatZero = spec.zero.isNumber() && spec.zero.getNumber().isFloat();
  if (spec.kind != EncodingSpec::Kind::Affine || spec.code.isSigned() ||
      !spec.scale || !(floatZero || (spec.min && !spec.zero)))
    return makeError("hqq: " + str(spec) +
                     " has no zero point that can lie between codes; use "
                     "unsigned codes with a scale and `zero = f16` or `min`");
  if (!(options.norm > 0 && options.norm <= 1) || !(options.beta > 0) ||
      !(options.growth >= 1) || options.iterations < 1)
    return makeError("hqq: a norm of " + std::to_string(options.norm) +
                     ", beta of " + std::to_string(options.beta) +
                     ", growth of " + std::to_string(options.growth) + " and " +
                     Twine(options.iterations) +
                     " iterations mean nothing; use 0.7, 10, 1 and 20");
  Expected<BlockRounder> rounder =
      BlockRounder::create(spec, {weights.rows, weights.columns});
  if (!rounder)
    return rounder.takeError();
  HalfQuadratic search(*rounder, weights, options);
  search.run();
  BlockParts wanted;
  for (size_t i = 0; i < search.zero.size(); ++i) {
    wanted.scale.push_back(1 / search.reciprocal[i]);
    if (floatZero)
      wanted.zero.push_back(search.zero[i]);
    else
      wanted.min.push_back(-search.zero[i] / search.reciprocal[i]);
  }
  Expected<BlockParts> parts =
      rounder->chooseParts(rounder->findRanges(weights.values), wanted);
  if (!parts)
    return parts.takeError();
  Expected<QuantizedMatrix> matrix = encodeMatrix(spec, weights, wanted);
  if (!matrix)
    return matrix.takeError();
  return HQQResult{std::move(*matrix), std::move(*parts),
                   std::move(search.errors)};
}
