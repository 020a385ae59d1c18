//===- CompareTest.cpp - Tests of comparisons op by op --------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Compiler/Compare.h"

#include "gtest/gtest.h"

#include <cmath>

using namespace mlir::compress;

namespace {

std::optional<size_t> find(std::vector<double> errors, double threshold) {
  std::vector<OpDifference> differences;
  for (double error : errors)
    differences.emplace_back().relativeError = error;
  return findDivergence(differences, threshold);
}

TEST(CompareTest, TheFirstDivergenceIsFound) {
  EXPECT_EQ(find({0, 0.1, 0.5, 0.2}, 0.1), 2u);
  EXPECT_EQ(find({0, 0.1, 0.5, 0.2}, 0.5), std::nullopt);
  EXPECT_EQ(find({}, 0), std::nullopt);
  EXPECT_EQ(find({0, INFINITY}, 1e300), 1u);
  // What is no number is not equal either.
  EXPECT_EQ(find({0, NAN, 1}, 1e300), 1u);
}

} // namespace
