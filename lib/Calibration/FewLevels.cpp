//===- FewLevels.cpp - Weights of two or three values ---------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/FewLevels.h"

#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

#include <cmath>

using namespace llvm;
using namespace mlir::compress;
using Kind = EncodingSpec::Kind;

StringRef mlir::compress::str(Levels levels) {
  switch (levels) {
  case Levels::TernaryMean:
    return "ternary-absmean";
  case Levels::TernaryThreshold:
    return "ternary-threshold";
  case Levels::Binary:
    return "binary";
  }
  llvm_unreachable("all levels are named");
}

static std::vector<float> findMeans(const BlockRounder &rounder,
                                    MatrixRef weights,
                                    ArrayRef<float> thresholds = {}) {
  std::vector<double> sums(rounder.getNumBlocks()), counts(sums.size());
  rounder.forEachRun([&](int64_t first, int64_t count, int64_t block) {
    float threshold = thresholds.empty() ? -1 : thresholds[block];
    for (float value : weights.values.slice(first, count))
      if (float magnitude = std::fabs(value); magnitude > threshold) {
        sums[block] += double(magnitude);
        counts[block] += 1;
      }
  });
  std::vector<float> means;
  for (auto [sum, count] : zip_equal(sums, counts))
    means.push_back(count > 0 ? float(sum / count) : 0.0f);
  return means;
}

namespace {
/// A scale per block, and the magnitude from which values are not 0.
struct LevelScales {
  std::vector<float> scale, threshold;
};
} // namespace

static LevelScales findScales(const BlockRounder &rounder, MatrixRef weights,
                              Levels levels) {
  LevelScales result;
  result.scale = findMeans(rounder, weights);
  if (levels == Levels::TernaryMean)
    for (float &scale : result.scale)
      scale = std::max(scale, 1e-5f);
  if (levels != Levels::TernaryThreshold)
    return result;
  for (float mean : result.scale)
    result.threshold.push_back(0.7f * mean);
  result.scale = findMeans(rounder, weights, result.threshold);
  return result;
}

static float chooseLevel(float value, float scale, float threshold,
                         Levels levels) {
  if (levels == Levels::Binary)
    return value < 0 ? -scale : scale;
  bool isZero;
  if (levels == Levels::TernaryThreshold)
    isZero = std::fabs(value) <= threshold;
  else // Ties to the even level, 0.
    isZero = scale == 0 || std::fabs(value / scale) <= 0.5f;
  return isZero ? 0.0f : std::copysign(scale, value);
}

/// What the encoding's parts are for levels of these scales. The zero point is
/// 1 for three levels of unsigned codes, and between the codes for two.
static BlockParts makeParts(const EncodingSpec &spec, ArrayRef<float> scales,
                            Levels levels) {
  BlockParts parts;
  parts.scale = scales.vec();
  bool isBinary = levels == Levels::Binary;
  if (isBinary && spec.kind == Kind::Affine)
    for (float &scale : parts.scale)
      scale *= 2;
  if (spec.zero)
    parts.zero.assign(scales.size(), isBinary ? 0.5f : 1.0f);
  if (spec.min && spec.kind == Kind::Affine)
    for (float scale : scales)
      parts.min.push_back(-scale);
  else if (spec.min)
    parts.min.assign(scales.size(), 0.0f);
  return parts;
}

/// Scales as their format holds them, before they are doubled for an offset.
static Expected<std::vector<float>>
roundScales(const EncodingSpec &spec, const BlockRounder &rounder,
            MatrixRef weights, ArrayRef<float> scales, Levels levels) {
  Expected<BlockParts> parts = rounder.chooseParts(
      rounder.findRanges(weights.values), makeParts(spec, scales, levels));
  if (!parts)
    return parts.takeError();
  if (levels == Levels::Binary && spec.kind == Kind::Affine)
    for (float &scale : parts->scale)
      scale /= 2;
  return std::move(parts->scale);
}

static std::vector<float> makeTable(const EncodingSpec &spec, Levels levels) {
  if (spec.kind != Kind::Codebook || !spec.table.empty())
    return {};
  std::vector<float> table(size_t(1) << spec.code.getBits(), 1.0f);
  table[0] = -1;
  if (levels != Levels::Binary && table.size() > 2)
    table[1] = 0;
  return table;
}

Expected<QuantizedMatrix>
mlir::compress::quantizeToLevels(const EncodingSpec &spec, MatrixRef weights,
                                 Levels levels) {
  if (Error error = checkMatrix(weights, "weights"))
    return std::move(error);
  bool isBinary = levels == Levels::Binary;
  auto refuse = [&](const char *reason) {
    return makeError(str(levels) + ": " + str(spec) + " " + reason + "; use " +
                     (isBinary ? "codebook<ui1, table = [-1, 1], block = ..., "
                                 "scale = f16>"
                               : "affine<i2, block = ..., scale = f16, "
                                 "narrow>"));
  };
  if (!spec.isNumberFormat() || !spec.scale)
    return refuse("has no scales for levels");
  std::vector<float> table = makeTable(spec, levels);
  Expected<BlockRounder> rounder = BlockRounder::create(
      spec, {weights.rows, weights.columns}, Rounding::Nearest, table);
  if (!rounder)
    return rounder.takeError();
  LevelScales found = findScales(*rounder, weights, levels);
  Expected<std::vector<float>> scales =
      roundScales(spec, *rounder, weights, found.scale, levels);
  if (!scales)
    return scales.takeError();
  std::vector<float> values(weights.values.size());
  rounder->forEachRun([&](int64_t first, int64_t count, int64_t block) {
    float threshold = found.threshold.empty() ? 0 : found.threshold[block];
    for (int64_t i = first; i < first + count; ++i)
      values[i] =
          chooseLevel(weights.values[i], (*scales)[block], threshold, levels);
  });
  Expected<QuantizedMatrix> result = encodeMatrix(
      spec, {values, weights.rows, weights.columns},
      makeParts(spec, *scales, levels), {}, Rounding::Nearest, table);
  if (!result)
    return result.takeError();
  if (result->values != values)
    return refuse("does not hold the levels");
  return result;
}
