//===- Allocation.cpp - Formats under a budget ----------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/Allocation.h"

#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/Twine.h"

#include <cmath>
#include <numeric>
#include <optional>
#include <tuple>

using namespace llvm;
using namespace mlir::compress;

static Error check(ArrayRef<std::vector<FormatChoice>> items) {
  for (auto [index, choices] : enumerate(items)) {
    if (choices.empty())
      return makeError("allocation: item " + Twine(index) +
                       " has no format to choose");
    for (const FormatChoice &choice : choices)
      if (choice.size < 0 || !(choice.cost >= 0) || !std::isfinite(choice.cost))
        return makeError("allocation: item " + Twine(index) +
                         " has a negative size, or a cost that is no "
                         "number from 0 up");
  }
  return Error::success();
}

/// The choices on the lower convex hull of cost over size, by growing size.
static SmallVector<size_t> findHull(ArrayRef<FormatChoice> choices) {
  SmallVector<size_t> order(choices.size());
  std::iota(order.begin(), order.end(), 0);
  llvm::sort(order, [&](size_t a, size_t b) {
    return std::tuple(choices[a].size, choices[a].cost, a) <
           std::tuple(choices[b].size, choices[b].cost, b);
  });
  auto gain = [&](size_t from, size_t to) {
    return (choices[from].cost - choices[to].cost) /
           double(choices[to].size - choices[from].size);
  };
  SmallVector<size_t> hull;
  for (size_t next : order) {
    // What costs no less than something smaller is never worth it.
    if (!hull.empty() && choices[next].cost >= choices[hull.back()].cost)
      continue;
    while (hull.size() > 1 &&
           gain(hull[hull.size() - 2], hull.back()) <= gain(hull.back(), next))
      hull.pop_back();
    hull.push_back(next);
  }
  return hull;
}

namespace {
/// From one choice of an item to the next larger one.
struct Step {
  size_t item, place;
  int64_t size;
  double gain;
};
} // namespace

/// All steps along the hulls, best first; steps of one item are in order, since
/// hulls are convex.
static std::vector<Step> findSteps(ArrayRef<std::vector<FormatChoice>> items,
                                   ArrayRef<SmallVector<size_t>> hulls) {
  std::vector<Step> steps;
  for (auto [item, hull] : enumerate(hulls))
    for (size_t place = 1; place < hull.size(); ++place) {
      const FormatChoice &from = items[item][hull[place - 1]];
      const FormatChoice &to = items[item][hull[place]];
      steps.push_back({item, place, to.size - from.size, from.cost - to.cost});
    }
  llvm::sort(steps, [](const Step &a, const Step &b) {
    double left = a.gain * double(b.size), right = b.gain * double(a.size);
    return std::tuple(-left, a.item, a.place) <
           std::tuple(-right, b.item, b.place);
  });
  return steps;
}

/// Single exchanges that fit in what is left, largest gain first.
static void fillUp(ArrayRef<std::vector<FormatChoice>> items, int64_t left,
                   std::vector<size_t> &chosen) {
  while (true) {
    std::optional<std::pair<size_t, size_t>> best;
    double bestGain = 0;
    for (auto [item, choices] : enumerate(items)) {
      const FormatChoice &current = choices[chosen[item]];
      for (auto [index, other] : enumerate(choices))
        if (other.size - current.size <= left &&
            current.cost - other.cost > bestGain) {
          best = {item, index};
          bestGain = current.cost - other.cost;
        }
    }
    if (!best)
      return;
    auto [item, index] = *best;
    left -= items[item][index].size - items[item][chosen[item]].size;
    chosen[item] = index;
  }
}

Expected<std::vector<size_t>>
mlir::compress::allocateFormats(ArrayRef<std::vector<FormatChoice>> items,
                                int64_t budget) {
  if (Error error = check(items))
    return std::move(error);
  std::vector<SmallVector<size_t>> hulls;
  std::vector<size_t> chosen;
  int64_t smallest = 0;
  for (const std::vector<FormatChoice> &choices : items) {
    hulls.push_back(findHull(choices));
    chosen.push_back(hulls.back().front());
    smallest += choices[chosen.back()].size;
  }
  if (smallest > budget)
    return makeError("the smallest formats take " + Twine(smallest) +
                     ", which is more than the budget of " + Twine(budget) +
                     "; raise it, or offer smaller formats");
  int64_t left = budget - smallest;
  std::vector<char> isStopped(items.size(), 0);
  for (const Step &step : findSteps(items, hulls)) {
    // A step is only possible behind those before it.
    if (isStopped[step.item] || step.size > left) {
      isStopped[step.item] = 1;
      continue;
    }
    left -= step.size;
    chosen[step.item] = hulls[step.item][step.place];
  }
  fillUp(items, left, chosen);
  return chosen;
}
