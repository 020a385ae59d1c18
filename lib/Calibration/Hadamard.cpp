//===- Hadamard.cpp - Rotations that spread outliers ----------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/Hadamard.h"

#include "Parallel.h"
#include "RandomBits.h"

#include "compress/Support/Error.h"

#include "llvm/ADT/Twine.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>

using namespace llvm;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Orders and matrices
//===----------------------------------------------------------------------===//

/// The order that is no power of two: 12, 20, 28 or 36, or 1 where the odd part
/// of `order` is 1; 0 if there is none.
static int64_t getBaseOrder(int64_t order) {
  if (order < 1)
    return 0;
  int64_t odd = order >> countr_zero(uint64_t(order));
  if (odd == 1)
    return 1;
  int64_t base = 4 * odd;
  return odd <= 9 && order % base == 0 ? base : 0;
}

bool mlir::compress::hasHadamardOrder(int64_t order) {
  return getBaseOrder(order) != 0;
}

int64_t mlir::compress::getHadamardBlock(int64_t size) {
  int64_t best = 1;
  for (int64_t base : {1, 12, 20, 28, 36})
    if (size > 0 && size % base == 0)
      best = std::max(best, base << countr_zero(uint64_t(size / base)));
  return best;
}

/// Whether a is a square modulo the prime q, as 1 or -1; 0 for multiples of q.
static int getLegendre(int64_t a, int64_t q) {
  a = (a % q + q) % q;
  if (a == 0)
    return 0;
  for (int64_t i = 1; i < q; ++i)
    if (i * i % q == a)
      return 1;
  return -1;
}

/// Paley's matrix of order q + 1 with a zero diagonal: symmetric where q is 1
/// modulo 4, skew-symmetric where it is 3. S Sᵀ = q I.
static int getConference(int64_t row, int64_t column, int64_t q) {
  if (row == column)
    return 0;
  if (row == 0)
    return 1;
  if (column == 0)
    return q % 4 == 1 ? 1 : -1;
  return getLegendre(row - column, q);
}

/// Of order 12, 20, 28 or 36.
static std::vector<int8_t> makePaley(int64_t order) {
  std::vector<int8_t> matrix(order * order);
  bool isFirst = order == 12 || order == 20;
  int64_t q = isFirst ? order - 1 : order / 2 - 1;
  for (int64_t i = 0; i < order; ++i)
    for (int64_t j = 0; j < order; ++j) {
      int value;
      if (isFirst) {
        value = i == j ? 1 : getConference(i, j, q);
      } else if (int c = getConference(i / 2, j / 2, q)) {
        // [[1, 1], [1, -1]] where the conference matrix is not zero, and
        // [[1, -1], [-1, -1]] on the diagonal.
        value = i % 2 && j % 2 ? -c : c;
      } else {
        value = i % 2 || j % 2 ? -1 : 1;
      }
      matrix[i * order + j] = int8_t(value);
    }
  return matrix;
}

static std::vector<int8_t> makeBase(int64_t order) {
  return order == 1 ? std::vector<int8_t>{1} : makePaley(order);
}

std::vector<int8_t> mlir::compress::getHadamardMatrix(int64_t order) {
  int64_t base = getBaseOrder(order);
  if (base == 0)
    return {};
  std::vector<int8_t> paley = makeBase(base), matrix(order * order);
  for (int64_t i = 0; i < order; ++i)
    for (int64_t j = 0; j < order; ++j) {
      int8_t entry = paley[i % base * base + j % base];
      bool odd = popcount(uint64_t(i / base & j / base)) % 2;
      matrix[i * order + j] = int8_t(odd ? -entry : entry);
    }
  return matrix;
}

//===----------------------------------------------------------------------===//
// The transform
//===----------------------------------------------------------------------===//

Expected<HadamardTransform>
HadamardTransform::create(int64_t size, const HadamardOptions &options) {
  HadamardTransform result;
  int64_t largest = getHadamardBlock(size);
  result.size = size;
  result.block = options.block ? options.block : largest;
  if (largest <= 1)
    return makeError("hadamard: no order of 2^k x {1, 12, 20, 28, 36} but 1 "
                     "divides " +
                     Twine(size) + "; leave this dimension as it is");
  if (result.block < 2 || !hasHadamardOrder(result.block) ||
      size % result.block != 0)
    return makeError("hadamard: blocks of " + Twine(result.block) + " for " +
                     Twine(size) +
                     " values must have an order of 2^k x {1, 12, 20, 28, 36} "
                     "above 1 that divides them; the largest is " +
                     Twine(largest));
  result.base = getBaseOrder(result.block);
  result.baseMatrix = makeBase(result.base);
  if (options.seed) {
    RandomBits random(*options.seed);
    for (int64_t i = 0; i < size; ++i)
      result.signs.push_back(random.next() >> 63 ? -1.0f : 1.0f);
  }
  return result;
}

/// The Paley matrix, for each of the block's power of two of runs.
template <typename T>
void HadamardTransform::applyBase(T *x, int64_t width, bool back) const {
  std::vector<T> sums(base * width);
  for (int64_t run = 0; run < block / base; ++run, x += base * width) {
    std::fill(sums.begin(), sums.end(), T(0));
    for (int64_t i = 0; i < base; ++i)
      for (int64_t j = 0; j < base; ++j) {
        T sign = baseMatrix[back ? j * base + i : i * base + j];
        for (int64_t k = 0; k < width; ++k)
          sums[i * width + k] += sign * x[j * width + k];
      }
    std::copy(sums.begin(), sums.end(), x);
  }
}

template <typename T>
void HadamardTransform::applyBlocks(T *x, int64_t width, bool back) const {
  T scale = T(1 / std::sqrt(double(block)));
  int64_t length = block * width;
  for (T *end = x + size * width; x < end; x += length) {
    if (base > 1)
      applyBase(x, width, back);
    for (int64_t half = base * width; half < length; half *= 2)
      for (T *a = x; a < x + length; a += 2 * half)
        for (int64_t i = 0; i < half; ++i) {
          T sum = a[i] + a[i + half], difference = a[i] - a[i + half];
          a[i] = sum;
          a[i + half] = difference;
        }
    for (int64_t i = 0; i < length; ++i)
      x[i] *= scale;
  }
}

template <typename T>
void HadamardTransform::applySigns(T *x, int64_t width) const {
  for (size_t i = 0; i < signs.size(); ++i)
    for (int64_t k = 0; k < width; ++k)
      x[int64_t(i) * width + k] *= T(signs[i]);
}

void HadamardTransform::apply(MutableArrayRef<float> x, int64_t width) const {
  applySigns(x.data(), width);
  applyBlocks(x.data(), width, /*back=*/false);
}

void HadamardTransform::apply(MutableArrayRef<double> x, int64_t width) const {
  applySigns(x.data(), width);
  applyBlocks(x.data(), width, /*back=*/false);
}

void HadamardTransform::applyTranspose(MutableArrayRef<float> x,
                                       int64_t width) const {
  applyBlocks(x.data(), width, /*back=*/true);
  applySigns(x.data(), width);
}

//===----------------------------------------------------------------------===//
// Matrices
//===----------------------------------------------------------------------===//

static Error checkSize(MatrixRef weights, int64_t size, int64_t expected) {
  if (Error error = checkMatrix(weights, "weights"))
    return error;
  if (size != expected)
    return makeError("hadamard: weights of " + Twine(weights.rows) + " x " +
                     Twine(weights.columns) + " do not fit a rotation of " +
                     Twine(expected) + " values");
  return Error::success();
}

Expected<std::vector<float>> mlir::compress::rotateColumns(
    MatrixRef weights, const HadamardTransform &transform, unsigned threads) {
  if (Error error = checkSize(weights, weights.columns, transform.getSize()))
    return std::move(error);
  std::vector<float> result = weights.values.vec();
  parallelFor(weights.rows, threads, [&](int64_t row) {
    transform.apply(
        MutableArrayRef(result).slice(row * weights.columns, weights.columns));
  });
  return result;
}

Expected<std::vector<float>>
mlir::compress::rotateRows(MatrixRef weights,
                           const HadamardTransform &transform) {
  if (Error error = checkSize(weights, weights.rows, transform.getSize()))
    return std::move(error);
  std::vector<float> result = weights.values.vec();
  transform.apply(result, weights.columns);
  return result;
}

Expected<std::vector<double>>
mlir::compress::rotateHessian(ArrayRef<double> hessian,
                              const HadamardTransform &transform) {
  int64_t size = transform.getSize();
  if (int64_t(hessian.size()) != size * size)
    return makeError("hadamard: a Hessian of " + Twine(hessian.size()) +
                     " elements does not fit a rotation of " + Twine(size) +
                     " values");
  std::vector<double> result = hessian.vec();
  transform.apply(result, size);
  for (int64_t row = 0; row < size; ++row)
    transform.apply(MutableArrayRef(result).slice(row * size, size));
  // Equal but for last bits; made so.
  for (int64_t i = 0; i < size; ++i)
    for (int64_t j = i + 1; j < size; ++j)
      result[j * size + i] = result[i * size + j];
  return result;
}

double mlir::compress::getIncoherence(MatrixRef weights) {
  double largest = 0, squares = 0;
  for (float value : weights.values) {
    largest = std::max(largest, std::fabs(double(value)));
    squares += double(value) * double(value);
  }
  if (squares == 0)
    return 0;
  return largest * std::sqrt(double(weights.values.size()) / squares);
}
