//===- SecondMomentTest.cpp - Tests of second moments -----------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/SecondMoment.h"

#include "InverseFactor.h"
#include "TestUtils.h"

#include <Eigen/Dense>

using namespace mlir::compress;
using namespace mlir::compress::test;
using Form = SecondMoment::Form;

namespace {

using EigenMatrix =
    Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

EigenMatrix toEigen(const Matrix &matrix) {
  return Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic,
                                        Eigen::RowMajor>>(
             matrix.values.data(), matrix.rows, matrix.columns)
      .cast<double>();
}

/// f32 sums over 256 tokens are off by 2^-24 of each partial sum at most.
void expectNear(llvm::ArrayRef<double> values, const EigenMatrix &expected) {
  ASSERT_EQ(int64_t(values.size()), expected.size());
  double scale = expected.diagonal().maxCoeff();
  for (int64_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(values[i], expected.data()[i], scale * 256 * 0x1p-24) << i;
}

/// Sizes that are no multiple of a tile or of the tokens that are summed at
/// once.
TEST(SecondMoment, IsTheProductOfTheTransposeWithItself) {
  for (auto [tokens, columns] : {std::pair<int64_t, int64_t>(1, 1),
                                 {5, 4},
                                 {300, 33},
                                 {700, 100},
                                 {256, 64}}) {
    Matrix x = makeCorrelated(tokens, columns, 1);
    SecondMoment moment(columns);
    ASSERT_EQ(message(moment.add(x)), "");
    EigenMatrix expected = 2 * toEigen(x).transpose() * toEigen(x);
    expectNear(moment.getHessian(Form::Sum), expected);
    EXPECT_EQ(moment.getTokens(), tokens);
    std::vector<float> squares = moment.getMeanSquares();
    for (int64_t i = 0; i < columns; ++i)
      EXPECT_NEAR(squares[i], expected(i, i) / 2 / tokens,
                  1e-5 * expected.diagonal().maxCoeff() / tokens);
  }
}

/// The authors' running mean: H *= n / (n + 1), H += 2 / (n + 1) X^T X for each
/// sequence.
TEST(SecondMoment, MeanOverSequencesIsTheRunningMean) {
  SecondMoment moment(20);
  EigenMatrix running = EigenMatrix::Zero(20, 20);
  for (int n = 0; n < 5; ++n) {
    Matrix x = makeRandom(10 + 7 * n, 20, n);
    ASSERT_EQ(message(moment.add(x)), "");
    running *= double(n) / (n + 1);
    running += 2.0 / (n + 1) * toEigen(x).transpose() * toEigen(x);
  }
  EXPECT_EQ(moment.getSequences(), 5);
  expectNear(moment.getHessian(Form::MeanOverSequences), running);
  std::vector<double> sum = moment.getHessian(Form::Sum);
  for (double &value : sum)
    value /= 5;
  expectNear(sum, running);
}

TEST(SecondMoment, MergesAsIfItHadSeenAll) {
  Matrix a = makeRandom(40, 37, 1), b = makeRandom(300, 37, 2);
  SecondMoment first(37), second(37), all(37);
  ASSERT_EQ(message(first.add(a)), "");
  ASSERT_EQ(message(second.add(b)), "");
  ASSERT_EQ(message(all.add(a)), "");
  ASSERT_EQ(message(all.add(b)), "");
  ASSERT_EQ(message(first.merge(second)), "");
  auto merged = first.getHessian(Form::Sum), direct = all.getHessian(Form::Sum);
  for (size_t i = 0; i < merged.size(); ++i) // f64 sums in another order.
    EXPECT_NEAR(merged[i], direct[i], 1e-10 * std::fabs(direct[0]));
  EXPECT_EQ(first.getTokens(), 340);
  EXPECT_EQ(first.getSequences(), 2);
  expectError(first.merge(SecondMoment(36)), "of 37 and 36 columns");
}

TEST(SecondMoment, SameBitsForAnyNumberOfThreads) {
  Matrix x = makeCorrelated(400, 130, 3);
  SecondMoment one(130), three(130);
  ASSERT_EQ(message(one.add(x, 1)), "");
  ASSERT_EQ(message(three.add(x, 3)), "");
  EXPECT_EQ(one.getHessian(Form::Sum), three.getHessian(Form::Sum));
}

TEST(SecondMoment, Errors) {
  SecondMoment moment(4);
  expectError(moment.add(makeRandom(2, 3, 1)), "have 3 columns");
  Matrix x = makeRandom(3, 4, 1);
  x.values[6] = NAN;
  expectError(moment.add(x),
              "activations: the value at row 1, column 2 is NaN");
  x.values[6] = -INFINITY;
  expectError(moment.add(x), "is infinite");
  x.values[6] = 1e19f;
  expectError(moment.add(x), "row 1, column 2 is too large to be squared");
  EXPECT_EQ(moment.getTokens(), 0);
  for (double value : moment.getHessian(Form::MeanOverSequences))
    EXPECT_EQ(value, 0);
  EXPECT_EQ(moment.getMeanSquares(), std::vector<float>(4, 0.0f));
}

//===----------------------------------------------------------------------===//
// The factor of its inverse
//===----------------------------------------------------------------------===//

/// Against Eigen's inverse and Cholesky decomposition, in f64.
TEST(InverseFactor, IsTheUpperCholeskyFactorOfTheInverse) {
  for (int64_t size : {1, 4, 31, 32, 33, 100}) {
    Matrix x = makeCorrelated(3 * size, size, unsigned(size));
    EigenMatrix h = 2 * toEigen(x).transpose() * toEigen(x);
    double damping = 0.01 * h.diagonal().mean();
    auto u = computeInverseFactor(llvm::ArrayRef<double>(h.data(), h.size()),
                                  size, damping, 1);
    ASSERT_TRUE(u.has_value());
    h.diagonal().array() += damping;
    EigenMatrix expected = h.inverse().llt().matrixU();
    double largest = expected.cwiseAbs().maxCoeff();
    for (int64_t i = 0; i < h.size(); ++i)
      EXPECT_NEAR((*u)[i], expected.data()[i], 1e-6 * largest) << i;
    auto threads = computeInverseFactor(
        llvm::ArrayRef<double>(h.data(), h.size()), size, 0, 3);
    ASSERT_TRUE(threads.has_value());
  }
}

TEST(InverseFactor, RefusesWhatIsNotPositiveDefinite) {
  EXPECT_FALSE(computeInverseFactor({1, 2, 2, 4}, 2, 0, 1));
  EXPECT_TRUE(computeInverseFactor({1, 2, 2, 4}, 2, 0.1, 1));
  EXPECT_FALSE(computeInverseFactor({-1}, 1, 0, 1));
  EXPECT_FALSE(computeInverseFactor({0}, 1, 0, 1));
}

} // namespace
