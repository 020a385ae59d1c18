//===- InverseFactor.cpp - A Cholesky factor of the inverse ---------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "InverseFactor.h"

#include "Parallel.h"
#include "TileProduct.h"

#include <cmath>

using namespace llvm;
using namespace mlir::compress;

namespace {

/// Block by block of kTile rows and columns; what is missing in the last block
/// is filled up with the identity.
class InverseFactorizer {
public:
  InverseFactorizer(ArrayRef<double> hessian, int64_t size, double damping,
                    unsigned threads)
      : hessian(hessian), size(size), damping(damping), threads(threads),
        blocks((size + kTile - 1) / kTile), factor(blocks * getPanelSize()),
        inverse(blocks * getPanelSize()) {}

  bool factorize() {
    for (int64_t j = 0; j < blocks; ++j) {
      double tile[kTile * kTile];
      loadRemainder(j, j, tile);
      if (!factorizeDiagonal(j, tile))
        return false;
      parallelFor(blocks - j - 1, threads, [&](int64_t i) {
        double tile[kTile * kTile];
        loadRemainder(j + 1 + i, j, tile);
        solveBelow(j + 1 + i, j, tile);
      });
    }
    return true;
  }

  void invert() {
    parallelFor(blocks, threads, [&](int64_t j) {
      for (int64_t i = j; i < blocks; ++i)
        invertBlock(i, j);
    });
  }

  std::vector<float> getReversedInverse() const {
    std::vector<float> result(size * size, 0.0f);
    for (int64_t i = 0; i < size; ++i)
      for (int64_t j = 0; j <= i; ++j)
        result[(size - 1 - i) * size + size - 1 - j] =
            float(getInverse(j / kTile)[i * kTile + j % kTile]);
    return result;
  }

private:
  int64_t getPanelSize() const { return blocks * kTile * kTile; }
  /// Block row `i` of L, as [column][row % kTile].
  double *getFactor(int64_t i) { return factor.data() + i * getPanelSize(); }
  /// Block column `j` of L⁻¹, as [row][column % kTile].
  double *getInverse(int64_t j) { return inverse.data() + j * getPanelSize(); }
  const double *getInverse(int64_t j) const {
    return inverse.data() + j * getPanelSize();
  }

  double getElement(int64_t i, int64_t j) const {
    if (i >= size || j >= size)
      return i == j ? 1 : 0;
    double value = hessian[(size - 1 - i) * size + size - 1 - j];
    return i == j ? value + damping : value;
  }

  /// Block (i, j) of the matrix less the products of all columns of L before j.
  void loadRemainder(int64_t i, int64_t j, double *tile) {
    multiplyTile(getFactor(i), getFactor(j), j * kTile, tile);
    for (int64_t row = 0; row < kTile; ++row)
      for (int64_t column = 0; column < kTile; ++column)
        tile[row * kTile + column] =
            getElement(i * kTile + row, j * kTile + column) -
            tile[row * kTile + column];
  }

  bool factorizeDiagonal(int64_t j, const double *tile) {
    double *panel = getFactor(j) + j * kTile * kTile;
    for (int64_t k = 0; k < kTile; ++k) {
      double *column = panel + k * kTile;
      for (int64_t row = k; row < kTile; ++row) {
        double sum = tile[row * kTile + k];
        for (int64_t c = 0; c < k; ++c)
          sum -= panel[c * kTile + row] * panel[c * kTile + k];
        column[row] = sum;
      }
      // What is left of a pivot is noise where it is 2^-50 of the element.
      double limit = getElement(j * kTile + k, j * kTile + k) * 0x1p-50;
      if (!(column[k] > limit) || !std::isfinite(column[k]))
        return false;
      double pivot = std::sqrt(column[k]);
      for (int64_t row = 0; row < kTile; ++row)
        column[row] = row < k ? 0 : column[row] / pivot;
      column[k] = pivot;
    }
    return true;
  }

  /// Block (i, j) of L: `tile` times the inverse of the diagonal block's
  /// transpose.
  void solveBelow(int64_t i, int64_t j, const double *tile) {
    const double *diagonal = getFactor(j) + j * kTile * kTile;
    double *panel = getFactor(i) + j * kTile * kTile;
    for (int64_t k = 0; k < kTile; ++k) {
      double *column = panel + k * kTile;
      for (int64_t row = 0; row < kTile; ++row)
        column[row] = tile[row * kTile + k];
      for (int64_t c = 0; c < k; ++c)
        for (int64_t row = 0; row < kTile; ++row)
          column[row] -= panel[c * kTile + row] * diagonal[c * kTile + k];
      for (int64_t row = 0; row < kTile; ++row)
        column[row] /= diagonal[k * kTile + k];
    }
  }

  /// Block (i, j) of L⁻¹, given those above it.
  void invertBlock(int64_t i, int64_t j) {
    double tile[kTile * kTile];
    double *panel = getInverse(j);
    multiplyTile(getFactor(i) + j * kTile * kTile, panel + j * kTile * kTile,
                 (i - j) * kTile, tile);
    const double *diagonal = getFactor(i) + i * kTile * kTile;
    double *rows = panel + i * kTile * kTile;
    for (int64_t k = 0; k < kTile; ++k) {
      double *row = rows + k * kTile;
      for (int64_t column = 0; column < kTile; ++column)
        row[column] =
            (i == j && column == k ? 1 : 0) - tile[k * kTile + column];
      for (int64_t c = 0; c < k; ++c)
        for (int64_t column = 0; column < kTile; ++column)
          row[column] -= diagonal[c * kTile + k] * rows[c * kTile + column];
      for (int64_t column = 0; column < kTile; ++column)
        row[column] /= diagonal[k * kTile + k];
    }
  }

  ArrayRef<double> hessian;
  int64_t size;
  double damping;
  unsigned threads;
  int64_t blocks;
  std::vector<double> factor, inverse;
};

} // namespace

std::optional<std::vector<float>>
mlir::compress::computeInverseFactor(ArrayRef<double> hessian, int64_t size,
                                     double damping, unsigned threads) {
  InverseFactorizer factorizer(hessian, size, damping, threads);
  if (!factorizer.factorize())
    return std::nullopt;
  factorizer.invert();
  return factorizer.getReversedInverse();
}
