//===- AdditiveCodebook.cpp - Codes for sums of learnt vectors ------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/VectorCodebook.h"

#include "RandomBits.h"

#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

#include <Eigen/Cholesky>

#include <cmath>

using namespace llvm;
using namespace mlir::compress;

namespace {

/// Vectors, their codes, and the tables that both are changed to fit.
class AdditiveSearch {
public:
  AdditiveSearch(MatrixRef weights, const AdditiveOptions &options);

  void makeFirstTables();
  void improveCodes();
  void fitTables();
  double getError() const;

  std::vector<float> scales, tables;
  std::vector<uint16_t> codes;

private:
  float *getEntry(int64_t table, int64_t code) {
    return &tables[(table * entries + code) * length];
  }
  const float *getEntry(int64_t table, int64_t code) const {
    return &tables[(table * entries + code) * length];
  }
  /// Of value i of vector v.
  float getWeight(int64_t v, int64_t i) const {
    return options.importance.empty()
               ? 1
               : options.importance[v * length % columns + i];
  }
  double getDistance(int64_t v, const float *x, const float *y) const {
    double sum = 0;
    for (int64_t i = 0; i < length; ++i) {
      double difference = double(x[i]) - double(y[i]);
      sum += difference * difference * getWeight(v, i);
    }
    return sum;
  }
  uint16_t findNearest(int64_t table, int64_t v, const float *x) const;
  void drawSeeds(int64_t table, ArrayRef<float> rest);
  void moveToMeans(int64_t table, ArrayRef<float> rest);
  /// Vector v without what tables other than `left` give; -1 for all.
  void subtract(int64_t v, int64_t left, float *rest) const;

  const AdditiveOptions &options;
  int64_t columns, length, entries, count;
  std::vector<float> vectors;
  RandomBits random;
};

} // namespace

AdditiveSearch::AdditiveSearch(MatrixRef weights,
                               const AdditiveOptions &options)
    : options(options), columns(weights.columns), length(options.length),
      entries(int64_t(1) << options.bits),
      count(int64_t(weights.values.size()) / length),
      vectors(weights.values.vec()), random(options.seed) {
  for (int64_t row = 0; row < weights.rows; ++row) {
    double squares = 0;
    for (float value : weights.getRow(row))
      squares += double(value) * double(value);
    float scale = float(std::sqrt(squares / double(columns)));
    scales.push_back(scale);
    for (int64_t i = 0; i < columns; ++i)
      vectors[row * columns + i] =
          scale > 0 ? vectors[row * columns + i] / scale : 0;
  }
  tables.assign(options.tables * entries * length, 0.0f);
  codes.assign(count * options.tables, 0);
}

uint16_t AdditiveSearch::findNearest(int64_t table, int64_t v,
                                     const float *x) const {
  double least = INFINITY;
  uint16_t nearest = 0;
  for (int64_t k = 0; k < entries; ++k)
    if (double d = getDistance(v, x, getEntry(table, k)); d < least) {
      least = d;
      nearest = uint16_t(k);
    }
  return nearest;
}

/// k-means++: a vector's chance is in proportion to its distance from the
/// entries so far.
void AdditiveSearch::drawSeeds(int64_t table, ArrayRef<float> rest) {
  std::vector<double> distance(count, 1);
  for (int64_t k = 0; k < entries; ++k) {
    double total = 0;
    for (double d : distance)
      total += d;
    double wanted = random.nextUniform() * total;
    int64_t chosen = 0;
    for (int64_t v = 0; v < count && wanted >= 0; ++v)
      if (distance[v] > 0) {
        chosen = v;
        wanted -= distance[v];
      }
    std::copy_n(rest.data() + chosen * length, length, getEntry(table, k));
    for (int64_t v = 0; v < count; ++v) {
      double d = getDistance(v, rest.data() + v * length, getEntry(table, k));
      distance[v] = k == 0 ? d : std::min(distance[v], d);
    }
  }
}

void AdditiveSearch::moveToMeans(int64_t table, ArrayRef<float> rest) {
  std::vector<double> sums(entries * length), weights(entries * length);
  for (int64_t v = 0; v < count; ++v) {
    int64_t at = codes[v * options.tables + table] * length;
    for (int64_t i = 0; i < length; ++i) {
      sums[at + i] += double(getWeight(v, i)) * double(rest[v * length + i]);
      weights[at + i] += double(getWeight(v, i));
    }
  }
  for (int64_t i = 0; i < entries * length; ++i)
    if (weights[i] > 0)
      getEntry(table, 0)[i] = float(sums[i] / weights[i]);
}

void AdditiveSearch::makeFirstTables() {
  std::vector<float> rest = vectors;
  for (int64_t table = 0; table < options.tables; ++table) {
    drawSeeds(table, rest);
    for (unsigned i = 0; i <= options.iterations; ++i) {
      if (i > 0)
        moveToMeans(table, rest);
      for (int64_t v = 0; v < count; ++v)
        codes[v * options.tables + table] =
            findNearest(table, v, rest.data() + v * length);
    }
    for (int64_t v = 0; v < count; ++v) {
      const float *entry = getEntry(table, codes[v * options.tables + table]);
      for (int64_t i = 0; i < length; ++i)
        rest[v * length + i] -= entry[i];
    }
  }
}

void AdditiveSearch::subtract(int64_t v, int64_t left, float *rest) const {
  std::copy_n(&vectors[v * length], length, rest);
  for (int64_t table = 0; table < options.tables; ++table) {
    if (table == left)
      continue;
    const float *entry = getEntry(table, codes[v * options.tables + table]);
    for (int64_t i = 0; i < length; ++i)
      rest[i] -= entry[i];
  }
}

void AdditiveSearch::improveCodes() {
  std::vector<float> rest(length);
  for (int64_t v = 0; v < count; ++v)
    // Each code depends on the others; a few times around settles most.
    for (int around = 0; around < 3; ++around)
      for (int64_t table = 0; table < options.tables; ++table) {
        subtract(v, table, rest.data());
        codes[v * options.tables + table] = findNearest(table, v, rest.data());
      }
}

/// The tables whose sums are closest to the vectors, for the codes as they are:
/// one system of equations for each coordinate. It is singular, since what is
/// added to one table can be taken from another; a small ridge around the
/// present tables decides.
void AdditiveSearch::fitTables() {
  int64_t unknowns = options.tables * entries;
  for (int64_t i = 0; i < length; ++i) {
    Eigen::MatrixXd matrix = Eigen::MatrixXd::Zero(unknowns, unknowns);
    Eigen::VectorXd right = Eigen::VectorXd::Zero(unknowns);
    for (int64_t v = 0; v < count; ++v) {
      double weight = getWeight(v, i);
      const uint16_t *code = &codes[v * options.tables];
      for (int64_t s = 0; s < options.tables; ++s) {
        right(s * entries + code[s]) +=
            weight * double(vectors[v * length + i]);
        for (int64_t t = 0; t < options.tables; ++t)
          matrix(s * entries + code[s], t * entries + code[t]) += weight;
      }
    }
    double ridge = 1e-6 * (matrix.trace() / double(unknowns) + 1e-30);
    for (int64_t k = 0; k < unknowns; ++k) {
      matrix(k, k) += ridge;
      right(k) += ridge * double(tables[k * length + i]);
    }
    Eigen::VectorXd solution = matrix.ldlt().solve(right);
    for (int64_t k = 0; k < unknowns; ++k)
      tables[k * length + i] = float(solution(k));
  }
}

double AdditiveSearch::getError() const {
  std::vector<float> rest(length), zero(length);
  double error = 0;
  for (int64_t v = 0; v < count; ++v) {
    subtract(v, -1, rest.data());
    error += getDistance(v, rest.data(), zero.data());
  }
  return error;
}

static Error checkOptions(const AdditiveOptions &options, int64_t columns) {
  if (options.length < 1 || options.tables < 1 || options.bits < 1 ||
      options.bits > 12)
    return makeError("additive: vectors of " + Twine(options.length) + ", " +
                     Twine(options.tables) + " tables and codes of " +
                     Twine(options.bits) +
                     " bits mean nothing; use 8, 2 and 8, and at most 12 bits");
  if (columns % options.length != 0)
    return makeError("additive: vectors of " + Twine(options.length) +
                     " do not divide rows of " + Twine(columns));
  return Error::success();
}

Expected<AdditiveResult>
mlir::compress::quantizeAdditively(MatrixRef weights,
                                   const AdditiveOptions &options) {
  if (Error error = checkMatrix(weights, "weights"))
    return std::move(error);
  if (Error error = checkOptions(options, weights.columns))
    return std::move(error);
  if (!options.importance.empty())
    if (Error error =
            checkVector(options.importance, weights.columns, "importance"))
      return std::move(error);
  if (any_of(options.importance, [](float value) { return value < 0; }))
    return makeError("importance: a value is negative");
  AdditiveSearch search(weights, options);
  AdditiveResult result;
  result.codes.scales = search.scales;
  double least = INFINITY;
  for (unsigned round = 0; round <= options.rounds; ++round) {
    if (round == 0) {
      search.makeFirstTables();
    } else {
      search.fitTables();
      search.improveCodes();
    }
    result.errors.push_back(search.getError());
    if (result.errors.back() >= least)
      continue;
    least = result.errors.back();
    result.codes.codes = search.codes;
    result.tables = search.tables;
  }
  Expected<std::vector<float>> values =
      decodeAdditive(result.codes.codes, result.codes.scales, result.tables,
                     weights.columns, options);
  if (!values)
    return values.takeError();
  result.codes.values = std::move(*values);
  return result;
}

Expected<std::vector<float>>
mlir::compress::decodeAdditive(ArrayRef<uint16_t> codes, ArrayRef<float> scales,
                               ArrayRef<float> tables, int64_t columns,
                               const AdditiveOptions &options) {
  if (Error error = checkOptions(options, columns))
    return std::move(error);
  int64_t rows = int64_t(scales.size()), entries = int64_t(1) << options.bits;
  int64_t perRow = columns / options.length;
  if (int64_t(codes.size()) != rows * perRow * options.tables ||
      int64_t(tables.size()) != options.tables * entries * options.length)
    return makeError("additive: " + Twine(codes.size()) + " codes, " +
                     Twine(rows) + " scales and " + Twine(tables.size()) +
                     " numbers of tables do not fit each other");
  std::vector<float> values(rows * columns, 0.0f);
  for (auto [i, code] : enumerate(codes)) {
    if (code >= entries)
      return makeError("additive: code " + Twine(code) +
                       " is beyond a table of " + Twine(entries));
    int64_t v = int64_t(i) / options.tables,
            table = int64_t(i) % options.tables;
    const float *entry = &tables[(table * entries + code) * options.length];
    for (int64_t k = 0; k < options.length; ++k)
      values[v * options.length + k] += entry[k];
  }
  for (int64_t i = 0; i < rows * columns; ++i)
    values[i] *= scales[i / columns];
  return values;
}
