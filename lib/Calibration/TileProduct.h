//===- TileProduct.h - The inner loop of dense algebra ----------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Algorithms spend their time in products of matrices. The library is built for
// the oldest processor that runs it, and so is Eigen inside of it: there its
// products take 5 to 8 times as long as the processor needs
// (docs/calibration.md). This one loop is therefore built several times, and
// the processor picks. All builds fuse multiply and add, in the same order, and
// so give the same bits. Private to the library.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_CALIBRATION_TILEPRODUCT_H
#define COMPRESS_LIB_CALIBRATION_TILEPRODUCT_H

#include <cstdint>
#include <vector>

namespace mlir::compress {

/// Rows and columns of a tile, and columns of a panel.
constexpr int64_t kTile = 32;

/// tile[i][j] = sum over k < depth of a[k][i] * b[k][j], in the order of k,
/// each step fused. `a` and `b` are panels, [depth][kTile]; `tile` is
/// [kTile][kTile].
void multiplyTile(const float *a, const float *b, int64_t depth, float *tile);
void multiplyTile(const double *a, const double *b, int64_t depth,
                  double *tile);

/// columns[j][i] -= left[i] * right[j] for i < rows and j < count, each step
/// fused; `columns` is [count][rows].
void subtractOuterProduct(const float *left, const float *right, int64_t rows,
                          int64_t count, float *columns);

/// Columns of a row-major matrix as panels, [columns / kTile][rows][kTile], the
/// last one filled up with zeros.
template <typename T> class Panels {
public:
  Panels(const T *matrix, int64_t rows, int64_t columns, int64_t stride)
      : rows(rows), values((columns + kTile - 1) / kTile * rows * kTile) {
    for (int64_t first = 0; first < columns; first += kTile) {
      T *panel = values.data() + first * rows;
      int64_t count = columns - first < kTile ? columns - first : kTile;
      for (int64_t row = 0; row < rows; ++row)
        for (int64_t j = 0; j < count; ++j)
          panel[row * kTile + j] = matrix[row * stride + first + j];
    }
  }
  const T *get(int64_t panel) const {
    return values.data() + panel * rows * kTile;
  }

private:
  int64_t rows;
  std::vector<T> values;
};

} // namespace mlir::compress

#endif // COMPRESS_LIB_CALIBRATION_TILEPRODUCT_H
