//===- Allocation.h - Formats under a budget --------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_ALLOCATION_H
#define COMPRESS_CALIBRATION_ALLOCATION_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <vector>

namespace mlir::compress {

/// One way to store an item.
struct FormatChoice {
  /// What it takes: bytes, or time in any unit.
  int64_t size = 0;
  /// What it does to the model, as a number that adds up over items.
  double cost = 0;
};

/// For each item, the number of the choice that is taken, so that sizes add up
/// to at most `budget` and costs to little: the multiple-choice knapsack
/// problem. Items begin with their smallest choice; steps along each item's
/// lower convex hull are taken by falling gain per size, as long as they fit,
/// and then any other exchange that still fits and gains. Costs of the result
/// exceed the optimum by less than one step's gain (Sinha and Zoltners, "The
/// Multiple-Choice Knapsack Problem", Operations Research 27, 1979). Equal
/// inputs give equal results; the first item wins ties.
///
/// Errors: an item without choices, costs that are negative or not finite,
/// negative sizes, a budget below the sum of smallest sizes (the message has
/// both numbers).
llvm::Expected<std::vector<size_t>>
allocateFormats(llvm::ArrayRef<std::vector<FormatChoice>> items,
                int64_t budget);

} // namespace mlir::compress

#endif // COMPRESS_CALIBRATION_ALLOCATION_H
