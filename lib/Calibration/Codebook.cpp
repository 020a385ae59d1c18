//===- Codebook.cpp - Tables that are learnt from weights -----------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/Codebook.h"

#include "RandomBits.h"

#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

#include <cmath>

using namespace llvm;
using namespace mlir::compress;
using Method = CodebookOptions::Method;

StringRef mlir::compress::str(Method method) {
  switch (method) {
  case Method::KMeans:
    return "kmeans";
  case Method::Exact:
    return "kmeans-exact";
  case Method::Percentile:
    return "percentile";
  }
  llvm_unreachable("all methods are named");
}

namespace {

/// Different values, ascending, with sums over all that come before each: what
/// a run of them weighs, where its middle lies and what its error is are then
/// known at once, and a step of Lloyd's iteration takes a search per entry.
class SortedValues {
public:
  SortedValues(ArrayRef<float> values, ArrayRef<float> weights);

  int64_t size() const { return int64_t(points.size()); }
  float getPoint(int64_t i) const { return points[i]; }
  /// Of points first .. end - 1.
  double getWeight(int64_t first, int64_t end) const {
    return weight[end] - weight[first];
  }
  double getMean(int64_t first, int64_t end) const {
    return (moment[end] - moment[first]) / getWeight(first, end);
  }
  /// Σ weight (x - mean)².
  double getError(int64_t first, int64_t end) const {
    double sum = moment[end] - moment[first];
    double error =
        square[end] - square[first] - sum * sum / getWeight(first, end);
    return std::max(error, 0.0);
  }
  /// Σ weight (x - entry)².
  double getError(int64_t first, int64_t end, double entry) const {
    return square[end] - square[first] -
           2 * entry * (moment[end] - moment[first]) +
           entry * entry * getWeight(first, end);
  }
  /// The first point that is not below `limit`.
  int64_t find(double limit) const {
    return std::partition_point(points.begin(), points.end(),
                                [&](float x) { return x < limit; }) -
           points.begin();
  }
  /// The point at which this share of all weight is reached.
  int64_t findShare(double share) const {
    auto it = std::upper_bound(weight.begin() + 1, weight.end() - 1,
                               share * weight.back());
    return it - weight.begin() - 1;
  }

private:
  std::vector<float> points;
  std::vector<double> weight, moment, square;
};

} // namespace

SortedValues::SortedValues(ArrayRef<float> values, ArrayRef<float> weights) {
  std::vector<std::pair<float, float>> pairs;
  pairs.reserve(values.size());
  for (auto [i, value] : enumerate(values))
    if (float w = weights.empty() ? 1.0f : weights[i]; w > 0)
      // Zeros of either sign are one value.
      pairs.push_back({value + 0.0f, w});
  // Weights are compared too, so that their sum has one order.
  llvm::sort(pairs);
  weight = moment = square = {0.0};
  for (auto [value, w] : pairs) {
    if (points.empty() || points.back() != value) {
      points.push_back(value);
      weight.push_back(weight.back());
      moment.push_back(moment.back());
      square.push_back(square.back());
    }
    weight.back() += double(w);
    moment.back() += double(w) * double(value);
    square.back() += double(w) * double(value) * double(value);
  }
}

//===----------------------------------------------------------------------===//
// Lloyd's iteration
//===----------------------------------------------------------------------===//

/// Entries drawn by k-means++: each with a chance in proportion to weight times
/// squared distance from those before. Ascending.
static std::vector<double> drawSeeds(const SortedValues &values,
                                     int64_t entries, RandomBits &random) {
  int64_t count = values.size();
  std::vector<double> distance(count, 1), seeds;
  for (int64_t k = 0; k < entries; ++k) {
    double total = 0;
    for (int64_t i = 0; i < count; ++i)
      total += values.getWeight(i, i + 1) * distance[i];
    double wanted = random.nextUniform() * total;
    int64_t chosen = 0;
    for (int64_t i = 0; i < count && wanted >= 0; ++i)
      if (double share = values.getWeight(i, i + 1) * distance[i]; share > 0) {
        chosen = i;
        wanted -= share;
      }
    double seed = values.getPoint(chosen);
    seeds.push_back(seed);
    for (int64_t i = 0; i < count; ++i) {
      double d = values.getPoint(i) - seed;
      distance[i] = k == 0 ? d * d : std::min(distance[i], d * d);
    }
  }
  llvm::sort(seeds);
  return seeds;
}

/// Calls `body` for each entry and the points that are nearest to it, the lower
/// entry's on ties, as encode() has it.
template <typename Body>
static void forEachCluster(const SortedValues &values, ArrayRef<double> table,
                           Body body) {
  int64_t first = 0;
  for (size_t k = 0; k < table.size(); ++k) {
    int64_t end = values.size();
    if (k + 1 < table.size()) {
      double middle = (table[k] + table[k + 1]) / 2;
      end = std::max(values.find(std::nextafter(middle, INFINITY)), first);
    }
    body(k, first, end);
    first = end;
  }
}

static double getError(const SortedValues &values, ArrayRef<double> table) {
  double error = 0;
  forEachCluster(values, table, [&](size_t k, int64_t first, int64_t end) {
    error += std::max(values.getError(first, end, table[k]), 0.0);
  });
  return error;
}

static std::vector<double> runLloyd(const SortedValues &values, int64_t entries,
                                    const CodebookOptions &options) {
  RandomBits random(options.seed);
  std::vector<double> best;
  double bestError = INFINITY;
  for (unsigned attempt = 0; attempt < options.restarts; ++attempt) {
    std::vector<double> table = drawSeeds(values, entries, random);
    for (unsigned i = 0; i < options.iterations; ++i) {
      std::vector<double> next = table;
      forEachCluster(values, table, [&](size_t k, int64_t first, int64_t end) {
        if (first < end)
          next[k] = values.getMean(first, end);
      });
      if (next == table)
        break;
      table = std::move(next);
    }
    double error = getError(values, table);
    if (error < bestError) {
      bestError = error;
      best = std::move(table);
    }
  }
  return best;
}

//===----------------------------------------------------------------------===//
// The best table
//===----------------------------------------------------------------------===//

namespace {
/// Best errors of the first points with k clusters, for one k after the other.
/// Where the last cluster begins never moves back as points are added, so that
/// each row is filled by halves.
class ExactClusters {
public:
  ExactClusters(const SortedValues &values, int64_t entries)
      : values(values), entries(entries), errors(values.size() + 1),
        begins(entries * (values.size() + 1)) {}

  std::vector<double> run();

private:
  void fill(int64_t k, int64_t first, int64_t last, int64_t lowest,
            int64_t highest);

  const SortedValues &values;
  int64_t entries;
  /// Of the first i points in k - 1 and in k clusters.
  std::vector<double> before, errors;
  std::vector<int32_t> begins;
};
} // namespace

void ExactClusters::fill(int64_t k, int64_t first, int64_t last, int64_t lowest,
                         int64_t highest) {
  if (first > last)
    return;
  int64_t middle = (first + last) / 2;
  double best = INFINITY;
  int64_t begin = std::min(lowest, middle - 1);
  for (int64_t j = begin, e = std::min(highest, middle - 1); j <= e; ++j) {
    double error = before[j] + values.getError(j, middle);
    if (error < best) {
      best = error;
      begin = j;
    }
  }
  errors[middle] = best;
  begins[k * (values.size() + 1) + middle] = int32_t(begin);
  fill(k, first, middle - 1, lowest, begin);
  fill(k, middle + 1, last, begin, highest);
}

std::vector<double> ExactClusters::run() {
  int64_t count = values.size();
  before.assign(count + 1, INFINITY);
  before[0] = 0;
  for (int64_t k = 0; k < entries; ++k) {
    errors.assign(count + 1, INFINITY);
    // k + 1 clusters need as many points.
    fill(k, k + 1, count, k, count - 1);
    std::swap(before, errors);
  }
  std::vector<double> table(entries);
  for (int64_t k = entries - 1, end = count; k >= 0; --k) {
    int64_t begin = begins[k * (count + 1) + end];
    table[k] = values.getMean(begin, end);
    end = begin;
  }
  return table;
}

//===----------------------------------------------------------------------===//
// Entry points
//===----------------------------------------------------------------------===//

static std::vector<double> findQuantiles(const SortedValues &values,
                                         int64_t entries) {
  std::vector<double> table;
  for (int64_t k = 0; k < entries; ++k)
    table.push_back(
        values.getPoint(values.findShare((double(k) + 0.5) / double(entries))));
  return table;
}

static Error checkOptions(ArrayRef<float> values, ArrayRef<float> weights,
                          int64_t entries, const CodebookOptions &options) {
  if (entries < 1)
    return makeError("a table of " + Twine(entries) +
                     " entries holds nothing; use 1 or more");
  if (options.restarts < 1 || options.iterations < 1)
    return makeError("kmeans: " + Twine(options.restarts) + " restarts and " +
                     Twine(options.iterations) +
                     " iterations mean nothing; use 4 and 100");
  if (Error error = checkVector(values, int64_t(values.size()), "values"))
    return error;
  if (weights.empty())
    return Error::success();
  if (Error error = checkVector(weights, int64_t(values.size()), "importance"))
    return error;
  if (any_of(weights, [](float weight) { return weight < 0; }))
    return makeError("importance: a value is negative");
  return Error::success();
}

Expected<std::vector<float>>
mlir::compress::learnTable(ArrayRef<float> values, ArrayRef<float> weights,
                           int64_t entries, const CodebookOptions &options) {
  if (Error error = checkOptions(values, weights, entries, options))
    return std::move(error);
  SortedValues sorted(values, weights);
  if (sorted.size() == 0)
    return std::vector<float>(entries, 0.0f);
  int64_t used = std::min(entries, sorted.size());
  std::vector<double> table;
  if (options.method == Method::Percentile) {
    table = findQuantiles(sorted, entries);
  } else if (used == sorted.size()) {
    for (int64_t i = 0; i < used; ++i)
      table.push_back(sorted.getPoint(i));
  } else if (options.method == Method::KMeans) {
    table = runLloyd(sorted, entries, options);
  } else {
    int64_t bytes = 4 * entries * (sorted.size() + 1);
    if (bytes > options.memory)
      return makeError("kmeans-exact: " + Twine(entries) + " entries for " +
                       Twine(sorted.size()) + " different values take " +
                       Twine(bytes >> 20) + " MiB and may take " +
                       Twine(options.memory >> 20) + "; use kmeans");
    table = ExactClusters(sorted, entries).run();
  }
  table.resize(entries, table.back());
  return std::vector<float>(table.begin(), table.end());
}

/// What the table is to tell: weights over their block's scale, and what an
/// error counts there.
static void normalize(const BlockRounder &rounder, MatrixRef weights,
                      const BlockParts &parts, ArrayRef<float> importance,
                      std::vector<float> &values, std::vector<float> &counts) {
  values.resize(weights.values.size());
  counts.resize(weights.values.size());
  rounder.forEachRun([&](int64_t first, int64_t count, int64_t block) {
    float scale = parts.scale.empty() ? 1.0f : parts.scale[block];
    float minimum = parts.min.empty() ? 0.0f : parts.min[block];
    for (int64_t i = first; i < first + count; ++i) {
      values[i] = scale == 0 ? 0 : (weights.values[i] - minimum) / scale;
      float column = importance.empty() ? 1 : importance[i % weights.columns];
      // In f64, since squares of scales of small weights are subnormal in f32;
      // a common factor does no harm, and 2^40 keeps them apart from that.
      double square = double(scale) * double(scale) * double(column);
      counts[i] = float(std::min(square * 0x1p40, 0x1p100));
    }
  });
}

namespace {
/// Scales and table of a matrix, each fitted while the other stays.
class CodebookFit {
public:
  CodebookFit(const EncodingSpec &spec, MatrixRef weights,
              ArrayRef<float> importance, BlockParts parts,
              std::vector<float> table)
      : spec(spec), weights(weights), importance(importance),
        parts(std::move(parts)), table(std::move(table)) {}

  /// Encodes with what there is.
  Expected<QuantizedMatrix> encode() const {
    return encodeMatrix(spec, weights, parts, {}, Rounding::Nearest, table);
  }
  Error run(const BlockRounder &rounder);

  const EncodingSpec &spec;
  MatrixRef weights;
  ArrayRef<float> importance;
  BlockParts parts;
  std::vector<float> table;

private:
  double getImportance(int64_t i) const {
    return importance.empty() ? 1 : double(importance[i % weights.columns]);
  }
  float getMinimum(int64_t block) const {
    return parts.min.empty() ? 0 : parts.min[block];
  }
  /// The entry nearest to each weight; the lower one on ties.
  std::vector<uint8_t> chooseEntries(const BlockRounder &rounder) const;
};
} // namespace

std::vector<uint8_t>
CodebookFit::chooseEntries(const BlockRounder &rounder) const {
  std::vector<float> middles;
  for (size_t k = 0; k + 1 < table.size(); ++k)
    middles.push_back((table[k] + table[k + 1]) / 2);
  std::vector<uint8_t> codes(weights.values.size());
  rounder.forEachRun([&](int64_t first, int64_t count, int64_t block) {
    float scale = parts.scale[block], minimum = getMinimum(block);
    for (int64_t i = first; scale != 0 && i < first + count; ++i)
      codes[i] =
          uint8_t(lower_bound(middles, (weights.values[i] - minimum) / scale) -
                  middles.begin());
  });
  return codes;
}

/// With e the entry of weight w: the scale Σ h w e / Σ h e² of each block, and
/// then the entries Σ h s w / Σ h s².
Error CodebookFit::run(const BlockRounder &rounder) {
  std::vector<uint8_t> codes = chooseEntries(rounder);
  std::vector<double> products(parts.scale.size()), squares(products.size());
  rounder.forEachRun([&](int64_t first, int64_t count, int64_t block) {
    for (int64_t i = first; i < first + count; ++i) {
      double entry = table[codes[i]], weight = getImportance(i);
      products[block] +=
          weight * entry * (weights.values[i] - getMinimum(block));
      squares[block] += weight * entry * entry;
    }
  });
  BlockParts wanted = parts;
  for (size_t i = 0; i < products.size(); ++i)
    if (parts.scale[i] != 0 && squares[i] > 0 && products[i] > 0)
      wanted.scale[i] = float(products[i] / squares[i]);
  Expected<BlockParts> rounded =
      rounder.chooseParts(rounder.findRanges(weights.values), wanted);
  if (!rounded)
    return rounded.takeError();
  parts = std::move(*rounded);
  std::vector<double> sums(table.size()), counts(table.size());
  rounder.forEachRun([&](int64_t first, int64_t count, int64_t block) {
    double scale = parts.scale[block];
    for (int64_t i = first; i < first + count; ++i) {
      double weight = getImportance(i) * scale;
      sums[codes[i]] += weight * (weights.values[i] - getMinimum(block));
      counts[codes[i]] += weight * scale;
    }
  });
  for (size_t k = 0; k < table.size(); ++k)
    if (counts[k] > 0)
      table[k] = float(sums[k] / counts[k]);
  llvm::sort(table);
  return Error::success();
}

/// Fills in the matrix, the errors, and the best table and parts.
static Error fitCodebook(const BlockRounder &rounder, CodebookFit fit,
                         unsigned fits, CodebookResult &result) {
  if (!fit.spec.scale)
    fits = 0;
  for (unsigned i = 0; i <= fits; ++i) {
    if (i > 0)
      if (Error error = fit.run(rounder))
        return error;
    Expected<QuantizedMatrix> matrix = fit.encode();
    if (!matrix)
      return matrix.takeError();
    double error = getSquaredError(
        fit.weights, {matrix->values, fit.weights.rows, fit.weights.columns},
        fit.importance);
    bool isBest =
        result.errors.empty() ||
        error < *std::min_element(result.errors.begin(), result.errors.end());
    result.errors.push_back(error);
    if (!isBest)
      continue;
    result.matrix = std::move(*matrix);
    result.parts = fit.parts;
    result.table = fit.table;
  }
  return Error::success();
}

Expected<CodebookResult>
mlir::compress::quantizeByLearntCodebook(const EncodingSpec &spec,
                                         MatrixRef weights,
                                         const CodebookOptions &options) {
  if (spec.kind != EncodingSpec::Kind::Codebook || !spec.table.empty())
    return makeError(str(options.method) + ": " + str(spec) +
                     " has no table to be learnt; use a codebook whose table "
                     "is a component, such as codebook<ui4, block = [1, 64], "
                     "scale = f16>");
  if (Error error = checkMatrix(weights, "weights"))
    return std::move(error);
  if (!options.importance.empty())
    if (Error error =
            checkVector(options.importance, weights.columns, "importance"))
      return std::move(error);
  if (any_of(options.importance, [](float value) { return value < 0; }))
    return makeError("importance: a value is negative");
  // Scales follow from the table's ends alone.
  std::vector<float> ends(size_t(1) << spec.code.getBits(), 1.0f);
  ends.front() = -1;
  Expected<BlockRounder> rounder = BlockRounder::create(
      spec, {weights.rows, weights.columns}, Rounding::Nearest, ends);
  if (!rounder)
    return rounder.takeError();
  Expected<BlockParts> parts =
      rounder->chooseParts(rounder->findRanges(weights.values));
  if (!parts)
    return parts.takeError();
  std::vector<float> values, counts;
  normalize(*rounder, weights, *parts, options.importance, values, counts);
  Expected<std::vector<float>> table =
      learnTable(values, counts, int64_t(ends.size()), options);
  if (!table)
    return table.takeError();
  CodebookResult result;
  CodebookFit fit(spec, weights, options.importance, std::move(*parts),
                  std::move(*table));
  if (Error error = fitCodebook(*rounder, std::move(fit), options.fits, result))
    return std::move(error);
  return result;
}
