//===- CodebookTest.cpp - Tests of learnt codebooks -------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/Codebook.h"

#include "compress/Calibration/GPTQ.h"
#include "compress/Calibration/SecondMoment.h"

#include "TestUtils.h"

#include <algorithm>

using namespace mlir::compress;
using namespace mlir::compress::test;
using Method = CodebookOptions::Method;
using testing::ElementsAre;

namespace {

CodebookOptions withMethod(Method method) {
  CodebookOptions options;
  options.method = method;
  return options;
}

double getError(llvm::ArrayRef<float> values, llvm::ArrayRef<float> weights,
                llvm::ArrayRef<float> table) {
  double sum = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    double best = INFINITY;
    for (float entry : table)
      best = std::min(best, std::pow(double(values[i]) - entry, 2));
    sum += best * (weights.empty() ? 1 : weights[i]);
  }
  return sum;
}

/// The least error of all ways to cut sorted values into `entries` runs.
double findLeastError(std::vector<std::pair<float, float>> points,
                      int64_t entries) {
  std::sort(points.begin(), points.end());
  size_t count = points.size();
  std::vector<double> best(count + 1, INFINITY);
  best[0] = 0;
  for (int64_t k = 0; k < entries; ++k) {
    std::vector<double> next(count + 1, INFINITY);
    for (size_t begin = 0; begin < count; ++begin)
      for (size_t end = begin + 1; end <= count; ++end) {
        double weight = 0, mean = 0, error = 0;
        for (size_t i = begin; i < end; ++i) {
          weight += points[i].second;
          mean += double(points[i].second) * points[i].first;
        }
        mean /= weight;
        for (size_t i = begin; i < end; ++i)
          error += points[i].second * std::pow(points[i].first - mean, 2);
        next[end] = std::min(next[end], best[begin] + error);
      }
    best = next;
  }
  return best[count];
}

/// Against all cuts, and Lloyd's iteration is not better.
TEST(LearnTable, ExactIsTheBest) {
  for (unsigned seed = 0; seed < 12; ++seed) {
    SCOPED_TRACE(seed);
    Matrix values = makeRandom(1, 40, seed);
    std::vector<float> weights;
    std::vector<std::pair<float, float>> points;
    for (int64_t i = 0; i < 40; ++i) {
      weights.push_back(seed % 2 ? 1 : 0.1f + float(i % 7));
      points.push_back({values.values[i], weights[i]});
    }
    int64_t entries = 2 + seed % 5;
    std::vector<float> table = take(
        learnTable(values.values, weights, entries, withMethod(Method::Exact)));
    EXPECT_TRUE(std::is_sorted(table.begin(), table.end()));
    double error = getError(values.values, weights, table);
    EXPECT_NEAR(error, findLeastError(points, entries), 1e-5 * error);
    double lloyd = getError(values.values, weights,
                            take(learnTable(values.values, weights, entries)));
    EXPECT_GE(lloyd, error * (1 - 1e-5));
    EXPECT_LE(lloyd, error * 1.25);
  }
}

/// Each entry is the mean of the values that are nearest to it: the condition
/// on which Lloyd's iteration ends.
TEST(LearnTable, LloydEndsAtMeans) {
  Matrix values = makeRandom(1, 5000, 1);
  for (Method method : {Method::KMeans, Method::Exact}) {
    SCOPED_TRACE(str(method).str());
    std::vector<float> table =
        take(learnTable(values.values, {}, 16, withMethod(method)));
    std::vector<double> sums(16), counts(16);
    for (float value : values.values) {
      size_t nearest = 0;
      for (size_t k = 1; k < 16; ++k)
        if (std::fabs(value - table[k]) < std::fabs(value - table[nearest]))
          nearest = k;
      sums[nearest] += value;
      counts[nearest] += 1;
    }
    for (size_t k = 0; k < 16; ++k)
      EXPECT_NEAR(sums[k] / counts[k], table[k], 1e-5);
  }
}

TEST(LearnTable, SeedDecides) {
  Matrix values = makeRandom(1, 3000, 2);
  CodebookOptions once;
  once.restarts = 1;
  std::vector<float> first = take(learnTable(values.values, {}, 16, once));
  EXPECT_EQ(take(learnTable(values.values, {}, 16, once)), first);
  // The order of values is none of its business.
  std::reverse(values.values.begin(), values.values.end());
  EXPECT_EQ(take(learnTable(values.values, {}, 16, once)), first);
  CodebookOptions other = once;
  other.seed = 1;
  EXPECT_NE(take(learnTable(values.values, {}, 16, other)), first);
  CodebookOptions more = once;
  more.restarts = 8;
  EXPECT_LE(getError(values.values, {},
                     take(learnTable(values.values, {}, 16, more))),
            getError(values.values, {}, first));
}

/// Medians of groups of equal count: of 0 .. 15 and four entries 2, 6, 10, 14;
/// weights count as repetitions.
TEST(LearnTable, Percentile) {
  std::vector<float> values(16);
  for (int i = 0; i < 16; ++i)
    values[i] = float((i * 5) % 16);
  CodebookOptions options = withMethod(Method::Percentile);
  EXPECT_THAT(take(learnTable(values, {}, 4, options)),
              ElementsAre(2, 6, 10, 14));
  EXPECT_THAT(take(learnTable({1, 2, 3}, {2, 1, 1}, 4, options)),
              ElementsAre(1, 1, 2, 3));
  // Each entry has about as many values as any other.
  Matrix many = makeRandom(1, 16000, 3);
  std::vector<float> table = take(learnTable(many.values, {}, 16, options));
  for (size_t k = 0; k + 1 < 16; ++k) {
    int64_t between = llvm::count_if(many.values, [&](float value) {
      return value >= table[k] && value < table[k + 1];
    });
    EXPECT_NEAR(double(between), 1000, 1);
  }
}

TEST(LearnTable, FewValues) {
  for (Method method : {Method::KMeans, Method::Exact}) {
    CodebookOptions options = withMethod(method);
    EXPECT_THAT(take(learnTable({3, 1, 3, 1, 2}, {}, 4, options)),
                ElementsAre(1, 2, 3, 3));
    EXPECT_THAT(take(learnTable({0.0f, -0.0f}, {}, 1, options)),
                ElementsAre(0));
    EXPECT_THAT(take(learnTable({5, 7}, {0, 0}, 2, options)),
                ElementsAre(0, 0));
    EXPECT_THAT(take(learnTable({5, 7}, {0, 1}, 2, options)),
                ElementsAre(7, 7));
    EXPECT_THAT(take(learnTable({}, {}, 2, options)), ElementsAre(0, 0));
  }
}

/// Quotients -1, -1/4, 1/4 (three times), 1/2 (twice) and 1 for four entries,
/// where those of the second row, with twice the scale, count four times: 1/4
/// and 1/2 become (6/4 + 5/2) / 11.
TEST(LearntCodebook, Worked) {
  Matrix w(2, 4, {-1, .25f, .5f, .25f, 1, -.5f, 2, .5f});
  EncodingSpec spec = parse("codebook<ui2, block = [1, 4], scale = f32>");
  CodebookResult result =
      take(quantizeByLearntCodebook(spec, w, withMethod(Method::Exact)));
  EXPECT_THAT(result.parts.scale, ElementsAre(1, 2));
  float middle = float(4.0 / 11);
  EXPECT_THAT(result.table, ElementsAre(-1, -.25f, middle, 1));
  EXPECT_THAT(
      result.matrix.values,
      ElementsAre(-1, middle, middle, middle, 2 * middle, -.5f, 2, 2 * middle));
  EXPECT_EQ(result.matrix.components.size(), 3u); // Codes, scale, table.
  std::vector<float> decoded(8);
  llvm::SmallVector<llvm::ArrayRef<uint8_t>> views(
      result.matrix.components.begin(), result.matrix.components.end());
  ASSERT_EQ(message(decode(spec, {2, 4}, views, decoded)), "");
  EXPECT_EQ(decoded, result.matrix.values);
  // Four different quotients for four entries: nothing is lost.
  Matrix exact(2, 4, {-1, .25f, .5f, .25f, 2, -2, .5f, 1});
  for (Method method : {Method::KMeans, Method::Exact})
    EXPECT_EQ(take(quantizeByLearntCodebook(spec, exact, withMethod(method)))
                  .matrix.values,
              exact.values);
}

/// Learnt tables are better than the one for normally distributed weights, and
/// percentiles, which waste entries where nothing is far, worse than k-means;
/// for all kinds of scales.
TEST(LearntCodebook, IsBetterThanFixedTables) {
  Matrix w = makeRandom(32, 256, 4);
  for (float &value : w.values)
    value = value * value * value; // Heavier tails.
  for (const char *parts :
       {"block = [1, 64], scale = f16>", "block = [1, -1], scale = f32>",
        "block = [1, 32], scale = #quantized.affine<ui8, block = [1, 8], "
        "scale = f32>>"}) {
    SCOPED_TRACE(parts);
    EncodingSpec fixed = parse(std::string("codebook<nf4, ") + parts);
    EncodingSpec learnt = parse(std::string("codebook<ui4, ") + parts);
    double nf4 = getSquaredError(
        w, Matrix(32, 256, take(quantizeToNearest(fixed, w)).values));
    auto get = [&](Method method) {
      CodebookResult result =
          take(quantizeByLearntCodebook(learnt, w, withMethod(method)));
      return getSquaredError(w, Matrix(32, 256, result.matrix.values));
    };
    double exact = get(Method::Exact), lloyd = get(Method::KMeans);
    EXPECT_LT(exact, 0.9 * nf4);
    EXPECT_LE(exact, lloyd * (1 + 1e-6));
    EXPECT_LT(lloyd, 1.05 * exact);
    EXPECT_GT(get(Method::Percentile), lloyd);
  }
}

/// With a minimum, blocks are shifted as well; without a scale the table is of
/// the weights.
TEST(LearntCodebook, MinimaAndNoScale) {
  Matrix w = makeRandom(8, 64, 5);
  for (int64_t i = 0; i < 8 * 64; ++i)
    w.values[i] += 8 * float(i / 64 - 4);
  auto getErrorOf = [&](llvm::StringRef text) {
    CodebookResult result = take(quantizeByLearntCodebook(parse(text), w));
    return getSquaredError(w, Matrix(8, 64, result.matrix.values));
  };
  double plain = getErrorOf("codebook<ui3, block = [1, 32], scale = f32>");
  double shifted =
      getErrorOf("codebook<ui3, block = [1, 32], scale = f32, min = f32>");
  EXPECT_LT(shifted, 0.5 * plain);
  CodebookResult none =
      take(quantizeByLearntCodebook(parse("codebook<ui3>"), w));
  EXPECT_TRUE(none.parts.scale.empty());
  EXPECT_EQ(none.table, take(learnTable(w.values, {}, 8)));
}

/// Fitted scales are better than largest magnitudes: each fit makes the error
/// smaller, until rounded scales stop it. What is returned is the best.
TEST(LearntCodebook, FittedScales) {
  Matrix w = makeRandom(32, 256, 10);
  for (const char *text :
       {"codebook<ui4, block = [1, 64], scale = f32>",
        "codebook<ui3, block = [1, 64], scale = f32, min = f32>",
        "codebook<ui4, block = [1, 32], scale = #quantized.affine<ui8, block = "
        "[1, 8], scale = f32>>"}) {
    SCOPED_TRACE(text);
    CodebookOptions options;
    options.fits = 6;
    CodebookResult result =
        take(quantizeByLearntCodebook(parse(text), w, options));
    ASSERT_EQ(result.errors.size(), 7u);
    double least =
        *std::min_element(result.errors.begin(), result.errors.end());
    EXPECT_LT(least, 0.97 * result.errors[0]);
    EXPECT_LT(result.errors[1], result.errors[0]);
    EXPECT_EQ(getSquaredError(w, Matrix(32, 256, result.matrix.values)), least);
    EXPECT_EQ(take(encodeMatrix(parse(text), w, result.parts, {},
                                Rounding::Nearest, result.table))
                  .components,
              result.matrix.components);
  }
  // There are no scales to fit.
  CodebookOptions options;
  options.fits = 2;
  EXPECT_EQ(take(quantizeByLearntCodebook(parse("codebook<ui4>"), w, options))
                .errors.size(),
            1u);
}

/// Columns that count more have smaller errors.
TEST(LearntCodebook, Importance) {
  Matrix w = makeRandom(16, 64, 6);
  std::vector<float> importance(64, 1.0f);
  for (int64_t i = 0; i < 64; i += 4) {
    importance[i] = 400;
    for (int64_t row = 0; row < 16; ++row)
      w.values[row * 64 + i] *= 0.2f;
  }
  EncodingSpec spec = parse("codebook<ui3, block = [1, -1], scale = f32>");
  CodebookOptions options;
  options.importance = importance;
  auto run = [&](const CodebookOptions &options) {
    CodebookResult result = take(quantizeByLearntCodebook(spec, w, options));
    return getSquaredError(w, Matrix(16, 64, result.matrix.values), importance);
  };
  EXPECT_LT(run(options), 0.5 * run(CodebookOptions()));
}

TEST(LearntCodebook, ZeroAndTinyBlocks) {
  Matrix w(3, 32, std::vector<float>(96, 0.0f));
  for (int64_t i = 0; i < 32; ++i) {
    w.values[32 + i] = 1e-22f * float(i - 16);
    w.values[64 + i] = float(i - 16) / 16;
  }
  for (Method method : {Method::KMeans, Method::Exact, Method::Percentile}) {
    CodebookResult result = take(quantizeByLearntCodebook(
        parse("codebook<ui4, block = [1, 32], scale = f32>"), w,
        withMethod(method)));
    for (int64_t i = 0; i < 32; ++i) {
      EXPECT_EQ(result.matrix.values[i], 0);
      EXPECT_NEAR(result.matrix.values[64 + i], w.values[64 + i], 0.1);
    }
  }
}

/// GPTQ takes a learnt table and its scales as they are.
TEST(LearntCodebook, ServesErrorCompensation) {
  Matrix w = makeRandom(24, 64, 8), x = makeCorrelated(300, 64, 9);
  SecondMoment moment(64);
  ASSERT_EQ(message(moment.add(x)), "");
  std::vector<double> hessian = moment.getHessian(SecondMoment::Form::Sum);
  EncodingSpec spec = parse("codebook<ui3, block = [1, 32], scale = f16>");
  CodebookResult learnt = take(quantizeByLearntCodebook(spec, w));
  GPTQOptions options;
  options.table = learnt.table;
  options.parts = learnt.parts;
  GPTQResult compensated = take(gptq(spec, w, hessian, options));
  EXPECT_EQ(compensated.matrix.components.back(),
            learnt.matrix.components.back()); // The table.
  EXPECT_LT(take(getOutputError(w, Matrix(24, 64, compensated.matrix.values),
                                hessian)),
            0.6 * take(getOutputError(w, Matrix(24, 64, learnt.matrix.values),
                                      hessian)));
}

TEST(LearntCodebook, Errors) {
  Matrix w = makeRandom(2, 32, 7);
  for (const char *text : {"affine<i4, block = [1, 32], scale = f16>",
                           "codebook<nf4, block = [1, 32], scale = f16>"})
    expectError(quantizeByLearntCodebook(parse(text), w),
                "has no table to be learnt; use a codebook whose table is a "
                "component");
  EncodingSpec spec = parse("codebook<ui4, block = [1, 32], scale = f16>");
  CodebookOptions options = withMethod(Method::Exact);
  options.memory = 1000;
  expectError(quantizeByLearntCodebook(spec, w, options),
              "different values take 0 MiB and may take 0; use kmeans");
  std::vector<float> importance(32, 1.0f);
  options = {};
  options.importance = llvm::ArrayRef(importance).drop_back();
  expectError(quantizeByLearntCodebook(spec, w, options), "importance");
  options.importance = importance;
  importance[3] = -1;
  expectError(quantizeByLearntCodebook(spec, w, options),
              "importance: a value is negative");
  expectError(learnTable({1, 2}, {1, -1}, 2),
              "importance: a value is negative");
  expectError(learnTable({1, 2}, {}, 0),
              "a table of 0 entries holds nothing; use 1 or more");
  options = {};
  options.restarts = 0;
  expectError(learnTable({1, 2}, {}, 1, options),
              "kmeans: 0 restarts and 100 iterations mean nothing; use 4 and "
              "100");
  expectError(learnTable({1, NAN}, {}, 1), "values: the value at index 1");
  w.values[40] = NAN;
  expectError(quantizeByLearntCodebook(spec, w), "row 1, column 8 is NaN");
}

} // namespace
