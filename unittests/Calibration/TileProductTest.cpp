//===- TileProductTest.cpp - Tests of the inner loop ------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TileProduct.h"

#include "TestUtils.h"

using namespace mlir::compress;
using namespace mlir::compress::test;

namespace {

/// The chain of fused steps that the header names, bit for bit: so that it does
/// not matter which build of the loop the processor takes.
template <typename T> void checkTile(int64_t depth) {
  Matrix a = makeRandom(depth, kTile, 1), b = makeRandom(depth, kTile, 2);
  std::vector<T> left(a.values.begin(), a.values.end());
  std::vector<T> right(b.values.begin(), b.values.end());
  std::vector<T> tile(kTile * kTile, T(7));
  multiplyTile(left.data(), right.data(), depth, tile.data());
  for (int64_t i = 0; i < kTile; ++i)
    for (int64_t j = 0; j < kTile; ++j) {
      T sum = 0;
      for (int64_t k = 0; k < depth; ++k)
        sum = std::fma(left[k * kTile + i], right[k * kTile + j], sum);
      EXPECT_EQ(tile[i * kTile + j], sum);
    }
}

TEST(TileProduct, IsTheFusedChain) {
  for (int64_t depth : {0, 1, 7, 300}) {
    checkTile<float>(depth);
    checkTile<double>(depth);
  }
}

TEST(TileProduct, OuterProducts) {
  for (int64_t rows : {1, 5, 16, 64, 75}) {
    Matrix left = makeRandom(1, rows, 3), right = makeRandom(1, 9, 4);
    Matrix columns = makeRandom(9, rows, 5), before = columns;
    subtractOuterProduct(left.values.data(), right.values.data(), rows, 9,
                         columns.values.data());
    for (int64_t j = 0; j < 9; ++j)
      for (int64_t i = 0; i < rows; ++i)
        EXPECT_EQ(columns(j, i),
                  std::fma(-right.values[j], left.values[i], before(j, i)));
  }
}

TEST(TileProduct, Panels) {
  Matrix matrix = makeRandom(3, 70, 6);
  Panels<float> panels(matrix.values.data() + 4, 3, 65, 70);
  for (int64_t row = 0; row < 3; ++row)
    for (int64_t j = 0; j < 96; ++j)
      EXPECT_EQ(panels.get(j / kTile)[row * kTile + j % kTile],
                j < 65 ? matrix(row, j + 4) : 0);
}

} // namespace
