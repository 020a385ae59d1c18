//===- AllocationTest.cpp - Tests of formats under a budget -----*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/Allocation.h"

#include "gtest/gtest.h"

#include <cmath>
#include <limits>
#include <random>

using namespace llvm;
using namespace mlir::compress;

namespace {

using Items = std::vector<std::vector<FormatChoice>>;

int64_t getSize(const Items &items, ArrayRef<size_t> chosen) {
  int64_t size = 0;
  for (size_t i = 0; i < items.size(); ++i)
    size += items[i][chosen[i]].size;
  return size;
}

double getCost(const Items &items, ArrayRef<size_t> chosen) {
  double cost = 0;
  for (size_t i = 0; i < items.size(); ++i)
    cost += items[i][chosen[i]].cost;
  return cost;
}

/// The least cost of all combinations.
double getOptimum(const Items &items, int64_t budget, size_t first = 0) {
  if (first == items.size())
    return 0;
  double best = std::numeric_limits<double>::infinity();
  for (const FormatChoice &choice : items[first])
    if (choice.size <= budget)
      best =
          std::min(best, choice.cost + getOptimum(items, budget - choice.size,
                                                  first + 1));
  return best;
}

/// Formats of more bits with errors that fall as those of rounding do.
Items makeItems(unsigned seed) {
  std::mt19937 random(seed);
  Items items(6);
  for (std::vector<FormatChoice> &choices : items) {
    int64_t values = 1 + random() % 50;
    double weight = 1 + random() % 1000;
    for (int bits = 2; bits <= 6; ++bits)
      choices.push_back({values * bits, weight * std::pow(4.0, -bits) *
                                            (1 + (random() % 100) / 200.0)});
  }
  return items;
}

TEST(AllocationTest, IsCloseToTheOptimum) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    Items items = makeItems(seed);
    int64_t smallest = 0, largest = 0;
    for (const std::vector<FormatChoice> &choices : items) {
      smallest += choices.front().size;
      largest += choices.back().size;
    }
    for (int64_t budget = smallest; budget <= largest; budget += 17) {
      Expected<std::vector<size_t>> chosen = allocateFormats(items, budget);
      ASSERT_TRUE(bool(chosen)) << toString(chosen.takeError());
      EXPECT_LE(getSize(items, *chosen), budget);
      double worstStep = 0;
      for (const std::vector<FormatChoice> &choices : items)
        for (size_t i = 1; i < choices.size(); ++i)
          worstStep =
              std::max(worstStep, choices[i - 1].cost - choices[i].cost);
      EXPECT_LE(getCost(items, *chosen), getOptimum(items, budget) + worstStep);
    }
  }
}

// With room for all, each item has its best; with room for none, its smallest.
TEST(AllocationTest, Ends) {
  Items items = {{{10, 5.0}, {20, 1.0}}, {{8, 3.0}, {4, 4.0}, {16, 3.5}}};
  EXPECT_EQ(*allocateFormats(items, 1000), (std::vector<size_t>{1, 0}));
  EXPECT_EQ(*allocateFormats(items, 14), (std::vector<size_t>{0, 1}));
  // What is left is used where it gains most: 4 for the second item.
  EXPECT_EQ(*allocateFormats(items, 18), (std::vector<size_t>{0, 0}));
  EXPECT_TRUE(allocateFormats({}, 0)->empty());
}

TEST(AllocationTest, Errors) {
  auto getMessage = [](const Items &items, int64_t budget) {
    Expected<std::vector<size_t>> result = allocateFormats(items, budget);
    return result ? std::string() : toString(result.takeError());
  };
  EXPECT_EQ(
      getMessage({{{10, 1.0}}, {{5, 1.0}, {7, 0.0}}}, 14),
      "the smallest formats take 15, which is more than the budget of 14; "
      "raise it, or offer smaller formats");
  EXPECT_EQ(getMessage({{}}, 14), "allocation: item 0 has no format to choose");
  for (FormatChoice wrong : {FormatChoice{-1, 0}, FormatChoice{1, -1},
                             FormatChoice{1, std::nan("")}})
    EXPECT_EQ(getMessage({{{1, 1.0}}, {wrong}}, 14),
              "allocation: item 1 has a negative size, or a cost that is no "
              "number from 0 up");
}

} // namespace
