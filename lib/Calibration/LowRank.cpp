//===- LowRank.cpp - Two small products that mend a large one -------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/LowRank.h"

#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

#include <Eigen/Eigenvalues>

#include <cmath>

using namespace llvm;
using namespace mlir::compress;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using RowMajor =
    Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Eigenvectors of the `rank` largest eigenvalues, which come first. Each one's
/// largest entry is positive: the sign is the solver's whim.
static MatrixXd getLeadingVectors(const MatrixXd &symmetric, int64_t rank,
                                  VectorXd *values = nullptr) {
  Eigen::SelfAdjointEigenSolver<MatrixXd> solver(symmetric);
  MatrixXd vectors = solver.eigenvectors().rightCols(rank).rowwise().reverse();
  if (values)
    *values = solver.eigenvalues().tail(rank).reverse();
  for (int64_t k = 0; k < rank; ++k) {
    Eigen::Index largest;
    vectors.col(k).cwiseAbs().maxCoeff(&largest);
    if (vectors(largest, k) < 0)
      vectors.col(k) *= -1;
  }
  return vectors;
}

/// The root of a Hessian, whose eigenvalues are not negative but for rounding.
static MatrixXd getRoot(const MatrixXd &hessian) {
  Eigen::SelfAdjointEigenSolver<MatrixXd> solver(hessian);
  VectorXd roots = solver.eigenvalues().cwiseMax(0.0).cwiseSqrt();
  return solver.eigenvectors() * roots.asDiagonal() *
         solver.eigenvectors().transpose();
}

/// The leading left singular vectors of E H^(1/2), from the Gram matrix on
/// whichever side is smaller.
static MatrixXd getLeftVectors(const MatrixXd &error, const MatrixXd *hessian,
                               int64_t rank) {
  if (error.rows() <= error.cols()) {
    if (!hessian)
      return getLeadingVectors(error * error.transpose(), rank);
    MatrixXd weighted = error * *hessian;
    return getLeadingVectors(weighted * error.transpose(), rank);
  }
  MatrixXd weighted = hessian ? MatrixXd(error * getRoot(*hessian)) : error;
  VectorXd squares;
  MatrixXd right =
      getLeadingVectors(weighted.transpose() * weighted, rank, &squares);
  MatrixXd left = weighted * right;
  // Below that, squares are rounding errors of the largest one.
  double smallest = 1e-13 * std::max(squares(0), 0.0);
  for (int64_t k = 0; k < rank; ++k) {
    if (squares(k) > smallest)
      left.col(k).normalize();
    else
      left.col(k).setZero();
  }
  return left;
}

static Error checkInputs(MatrixRef weights, MatrixRef quantized,
                         const LowRankOptions &options) {
  if (Error error = checkMatrix(weights, "weights"))
    return error;
  if (Error error = checkMatrix(quantized, "quantized weights"))
    return error;
  if (weights.rows != quantized.rows || weights.columns != quantized.columns)
    return makeError("lowrank: weights of " + Twine(weights.rows) + " x " +
                     Twine(weights.columns) + " and quantized ones of " +
                     Twine(quantized.rows) + " x " + Twine(quantized.columns) +
                     " do not fit");
  int64_t largest = std::min(weights.rows, weights.columns);
  if (options.rank < 1 || options.rank > largest)
    return makeError("lowrank: a rank of " + Twine(options.rank) +
                     " for weights of " + Twine(weights.rows) + " x " +
                     Twine(weights.columns) + "; use 1 to " + Twine(largest));
  if (options.hessian.empty())
    return Error::success();
  if (int64_t(options.hessian.size()) != weights.columns * weights.columns)
    return makeError("lowrank: a Hessian of " + Twine(options.hessian.size()) +
                     " elements does not fit weights of " +
                     Twine(weights.columns) + " columns");
  if (!all_of(options.hessian, [](double x) { return std::isfinite(x); }))
    return makeError("lowrank: the Hessian is not finite; look for NaN in the "
                     "activations");
  return Error::success();
}

static Expected<double> getErrorOf(MatrixRef weights, MatrixRef other,
                                   const LowRankOptions &options) {
  if (options.hessian.empty())
    return getSquaredError(weights, other);
  return getOutputError(weights, other, options.hessian, options.threads);
}

/// Brings column k of A and row k of B to the same length.
static void balance(MatrixXd &a, MatrixXd &b) {
  for (int64_t k = 0; k < a.cols(); ++k) {
    double left = a.col(k).norm(), right = b.row(k).norm();
    if (left == 0 || right == 0) {
      a.col(k).setZero();
      b.row(k).setZero();
      continue;
    }
    double factor = std::sqrt(right / left);
    a.col(k) *= factor;
    b.row(k) /= factor;
  }
}

static std::vector<float> toFloats(const MatrixXd &matrix) {
  std::vector<float> result;
  result.reserve(matrix.size());
  for (int64_t i = 0; i < matrix.rows(); ++i)
    for (int64_t j = 0; j < matrix.cols(); ++j)
      result.push_back(float(matrix(i, j)));
  return result;
}

/// A B in f64, from the rounded A and B, plus `add`.
static std::vector<float> addProduct(const LowRankResult &result, double sign,
                                     MatrixRef add, int64_t rank) {
  using FloatMatrix =
      Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Eigen::Map<const FloatMatrix> a(result.a.data(), add.rows, rank);
  Eigen::Map<const FloatMatrix> b(result.b.data(), rank, add.columns);
  MatrixXd product = a.cast<double>() * b.cast<double>();
  std::vector<float> sum;
  sum.reserve(add.values.size());
  for (int64_t i = 0; i < add.rows; ++i)
    for (int64_t j = 0; j < add.columns; ++j)
      sum.push_back(float(double(add.getRow(i)[j]) + sign * product(i, j)));
  return sum;
}

Expected<LowRankResult>
mlir::compress::correctLowRank(MatrixRef weights, MatrixRef quantized,
                               const LowRankOptions &options) {
  if (Error error = checkInputs(weights, quantized, options))
    return std::move(error);
  int64_t rows = weights.rows, columns = weights.columns;
  MatrixXd difference(rows, columns);
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j)
      difference(i, j) =
          double(weights.getRow(i)[j]) - double(quantized.getRow(i)[j]);
  MatrixXd hessian;
  if (!options.hessian.empty())
    hessian =
        Eigen::Map<const RowMajor>(options.hessian.data(), columns, columns);
  MatrixXd a = getLeftVectors(
      difference, options.hessian.empty() ? nullptr : &hessian, options.rank);
  MatrixXd b = a.transpose() * difference;
  balance(a, b);
  LowRankResult result;
  result.a = toFloats(a);
  result.b = toFloats(b);
  Expected<double> before = getErrorOf(weights, quantized, options);
  if (!before)
    return before.takeError();
  std::vector<float> sum = addProduct(result, 1, quantized, options.rank);
  Expected<double> after = getErrorOf(weights, {sum, rows, columns}, options);
  if (!after)
    return after.takeError();
  result.error = *before;
  result.corrected = *after;
  return result;
}

Expected<QuantizedWithLowRank> mlir::compress::quantizeWithLowRank(
    MatrixRef weights,
    function_ref<Expected<QuantizedMatrix>(MatrixRef)> quantize,
    const LowRankOptions &options, unsigned rounds) {
  if (rounds < 1)
    return makeError("lowrank: 0 rounds quantize nothing; use 1 or more");
  std::vector<float> rest = weights.values.vec();
  QuantizedWithLowRank result;
  for (unsigned i = 0; i < rounds; ++i) {
    Expected<QuantizedMatrix> matrix =
        quantize({rest, weights.rows, weights.columns});
    if (!matrix)
      return matrix.takeError();
    Expected<LowRankResult> correction = correctLowRank(
        weights, {matrix->values, weights.rows, weights.columns}, options);
    if (!correction)
      return correction.takeError();
    if (i + 1 < rounds)
      rest = addProduct(*correction, -1, weights, options.rank);
    result.errors.push_back(correction->corrected);
    if (i > 0 && correction->corrected >= result.correction.corrected)
      continue;
    result.matrix = std::move(*matrix);
    result.correction = std::move(*correction);
  }
  return result;
}
