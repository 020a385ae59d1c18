//===- LowRankTest.cpp - Tests of low-rank corrections ----------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/LowRank.h"

#include "compress/Calibration/SecondMoment.h"

#include "TestUtils.h"

#include <Eigen/SVD>

using namespace mlir::compress;
using namespace mlir::compress::test;
using Eigen::MatrixXd;

namespace {

MatrixXd toEigen(MatrixRef matrix) {
  MatrixXd result(matrix.rows, matrix.columns);
  for (int64_t i = 0; i < matrix.rows; ++i)
    for (int64_t j = 0; j < matrix.columns; ++j)
      result(i, j) = matrix.getRow(i)[j];
  return result;
}

struct Layer {
  Matrix w, q, x;
  std::vector<double> hessian;

  Layer(int64_t rows, int64_t columns, unsigned seed, int64_t tokens = 200)
      : w(makeRandom(rows, columns, seed)), q(rows, columns, {}),
        x(makeCorrelated(tokens, columns, seed + 1)) {
    EncodingSpec spec = parse("affine<i3, block = [1, -1], scale = f32>");
    q.values = take(quantizeToNearest(spec, w)).values;
    SecondMoment moment(columns);
    EXPECT_EQ(message(moment.add(x)), "");
    hessian = moment.getHessian(SecondMoment::Form::Sum);
  }
};

LowRankOptions withRank(int64_t rank, llvm::ArrayRef<double> hessian = {}) {
  LowRankOptions options;
  options.rank = rank;
  options.hessian = hessian;
  return options;
}

/// What no rank-r matrix can be better than: the squares of all further
/// singular values.
TEST(LowRank, IsTheTruncatedDecomposition) {
  for (auto [rows, columns] : {std::pair(20, 32), std::pair(40, 24)}) {
    Layer layer(rows, columns, 1);
    MatrixXd error = toEigen(layer.w) - toEigen(layer.q);
    Eigen::JacobiSVD<MatrixXd> svd(error);
    for (int64_t rank : {1, 5, 20}) {
      SCOPED_TRACE(rank);
      LowRankResult result =
          take(correctLowRank(layer.w, layer.q, withRank(rank)));
      double rest = 0;
      for (int64_t k = rank; k < svd.singularValues().size(); ++k)
        rest += std::pow(svd.singularValues()(k), 2);
      EXPECT_NEAR(result.error, error.squaredNorm(), 1e-6 * result.error);
      EXPECT_NEAR(result.corrected, rest, 1e-5 * result.error);
      MatrixXd a = toEigen(Matrix(rows, rank, result.a));
      MatrixXd b = toEigen(Matrix(rank, columns, result.b));
      EXPECT_NEAR((error - a * b).squaredNorm(), rest, 1e-5 * result.error);
      for (int64_t k = 0; k < rank; ++k) {
        double share = svd.singularValues()(k);
        EXPECT_NEAR(a.col(k).norm(), std::sqrt(share), 1e-4);
        EXPECT_NEAR(b.row(k).norm(), std::sqrt(share), 1e-4);
      }
    }
  }
}

/// The same of (W - Q) X, on both sides; X has fewer tokens than columns in the
/// last cases, so that the Hessian is singular.
TEST(LowRank, IsTheBestForTheOutput) {
  for (auto [rows, columns, tokens] :
       {std::tuple(20, 32, 200), std::tuple(40, 24, 200),
        std::tuple(20, 32, 12), std::tuple(40, 24, 12)}) {
    SCOPED_TRACE(testing::Message()
                 << rows << " x " << columns << ", " << tokens);
    Layer layer(rows, columns, 3, tokens);
    MatrixXd error = toEigen(layer.w) - toEigen(layer.q);
    MatrixXd output = error * toEigen(layer.x).transpose();
    Eigen::JacobiSVD<MatrixXd> svd(output);
    for (int64_t rank : {2, 8}) {
      LowRankResult result =
          take(correctLowRank(layer.w, layer.q, withRank(rank, layer.hessian)));
      double rest = 0;
      for (int64_t k = rank; k < svd.singularValues().size(); ++k)
        rest += std::pow(svd.singularValues()(k), 2);
      EXPECT_NEAR(result.error, output.squaredNorm(), 1e-4 * result.error);
      EXPECT_NEAR(result.corrected, rest, 1e-4 * result.error);
      LowRankResult plain =
          take(correctLowRank(layer.w, layer.q, withRank(rank)));
      MatrixXd left = (error - toEigen(Matrix(rows, rank, plain.a)) *
                                   toEigen(Matrix(rank, columns, plain.b))) *
                      toEigen(layer.x).transpose();
      EXPECT_LT(result.corrected, left.squaredNorm());
    }
  }
}

TEST(LowRank, SameBytes) {
  Layer layer(24, 40, 5);
  LowRankOptions options = withRank(6, layer.hessian);
  LowRankResult first = take(correctLowRank(layer.w, layer.q, options));
  options.threads = 3;
  LowRankResult second = take(correctLowRank(layer.w, layer.q, options));
  EXPECT_EQ(first.a, second.a);
  EXPECT_EQ(first.b, second.b);
  EXPECT_EQ(first.corrected, second.corrected);
}

/// An error of rank 2 needs no more, and none needs nothing.
TEST(LowRank, ErrorsOfLowRank) {
  for (auto [rows, columns] : {std::pair(12, 20), std::pair(20, 12)}) {
    Matrix q = makeRandom(rows, columns, 6), u = makeRandom(rows, 2, 7),
           v = makeRandom(2, columns, 8), w = q;
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < columns; ++j)
        w.values[i * columns + j] += u(i, 0) * v(0, j) + u(i, 1) * v(1, j);
    LowRankResult result = take(correctLowRank(w, q, withRank(5)));
    EXPECT_LT(result.corrected, 1e-9 * result.error);
    LowRankResult none = take(correctLowRank(q, q, withRank(3)));
    EXPECT_EQ(none.corrected, 0);
    EXPECT_THAT(none.a, testing::Each(0));
    EXPECT_THAT(none.b, testing::Each(0));
  }
}

/// Rounding what A B leaves is better than rounding everything: by turns.
TEST(LowRank, RoundsHelp) {
  Matrix w = makeRandom(32, 48, 9);
  for (int64_t i = 0; i < 32 * 48; i += 11) // Whose error is worth the rank.
    w.values[i] *= 4;
  EncodingSpec spec = parse("affine<i2, block = [1, 16], scale = f32>");
  auto quantize = [&](MatrixRef rest) { return quantizeToNearest(spec, rest); };
  QuantizedWithLowRank once =
      take(quantizeWithLowRank(w, quantize, withRank(8)));
  QuantizedWithLowRank more =
      take(quantizeWithLowRank(w, quantize, withRank(8), 5));
  EXPECT_EQ(once.matrix.values, take(quantizeToNearest(spec, w)).values);
  EXPECT_LT(once.correction.corrected, 0.8 * once.correction.error);
  ASSERT_EQ(more.errors.size(), 5u);
  EXPECT_EQ(more.errors[0], once.correction.corrected);
  EXPECT_LT(more.correction.corrected, 0.95 * once.correction.corrected)
      << testing::PrintToString(more.errors);
  EXPECT_EQ(more.correction.corrected,
            *std::min_element(more.errors.begin(), more.errors.end()));
  // What is returned belongs together.
  EXPECT_EQ(
      take(correctLowRank(w, Matrix(32, 48, more.matrix.values), withRank(8)))
          .corrected,
      more.correction.corrected);
}

TEST(LowRank, Errors) {
  Matrix w = makeRandom(4, 6, 10), other = makeRandom(6, 4, 11);
  expectError(correctLowRank(w, other, withRank(2)),
              "lowrank: weights of 4 x 6 and quantized ones of 6 x 4 do not "
              "fit");
  expectError(correctLowRank(w, w, withRank(5)),
              "lowrank: a rank of 5 for weights of 4 x 6; use 1 to 4");
  expectError(correctLowRank(w, w, withRank(0)), "a rank of 0");
  std::vector<double> hessian(36);
  expectError(
      correctLowRank(w, w, withRank(2, llvm::ArrayRef(hessian).drop_back())),
      "lowrank: a Hessian of 35 elements does not fit weights of 6 "
      "columns");
  hessian[7] = NAN;
  expectError(correctLowRank(w, w, withRank(2, hessian)),
              "lowrank: the Hessian is not finite; look for NaN in the "
              "activations");
  auto quantize = [](MatrixRef) -> llvm::Expected<QuantizedMatrix> {
    return llvm::createStringError("no quantizer");
  };
  expectError(quantizeWithLowRank(w, quantize, withRank(2)), "no quantizer");
  expectError(quantizeWithLowRank(w, quantize, withRank(2), 0),
              "lowrank: 0 rounds quantize nothing; use 1 or more");
  w.values[7] = NAN;
  expectError(correctLowRank(w, w, withRank(2)), "row 1, column 1 is NaN");
}

} // namespace
