//===- GeneratedMath.h - Arithmetic of generated code -----------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pieces of docs/numerics.md, in f32: every step is rounded, and in the
// order in which generated code takes them.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_REFERENCE_GENERATEDMATH_H
#define LIB_REFERENCE_GENERATEDMATH_H

#include "mlir/Support/LLVM.h"

#include <array>
#include <cmath>
#include <vector>

namespace mlir::compress {

/// Partial sums that a reduction keeps: lane i sums up elements i, i + 16, ...
constexpr size_t kSumLanes = 16;
using SumLanes = std::array<float, kSumLanes>;

/// Adds the upper half of the lanes to the lower one until one is left.
float addLanes(SumLanes lanes);

/// The sum of products in 16 partial sums, and in the order of the elements.
/// Products are not rounded before they are added.
float dotAsGenerated(ArrayRef<float> a, ArrayRef<float> b);
float dotInOrder(ArrayRef<float> a, ArrayRef<float> b);

/// exp of generated code.
float expAsGenerated(float x);
/// tanh(x) in f32.
float tanhAsGenerated(float x);

/// softmax(scores) * values in one pass over positions: an online softmax
/// (Milakov and Gimelshein 2018) in steps of 64 positions, then of 16.
class OnlineSoftmax {
public:
  explicit OnlineSoftmax(size_t columns) : totals(columns, 0.0f) {}

  /// The size of the step that begins at position `first` of `count`.
  static size_t getStep(size_t first, size_t count);

  /// Adds a step of `size` positions, of which the first `skipped` and the last
  /// may be missing.
  void add(ArrayRef<float> scores, ArrayRef<ArrayRef<float>> values,
           size_t size, size_t skipped);
  void finish(MutableArrayRef<float> result) const;

private:
  float largest = -INFINITY, sum = 0;
  std::vector<float> totals;
};

} // namespace mlir::compress

#endif // LIB_REFERENCE_GENERATEDMATH_H
