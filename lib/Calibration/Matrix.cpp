//===- Matrix.cpp - Views of plain arrays ---------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/Matrix.h"

#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

#include <cmath>

using namespace llvm;
using namespace mlir::compress;

/// The first value that is not finite, or the number of values. A sum of
/// products with zero is NaN if one is, and loops over it are vectorized.
static size_t findNonFinite(ArrayRef<float> values) {
  constexpr size_t kChunk = 1024;
  for (size_t first = 0; first < values.size(); first += kChunk) {
    ArrayRef<float> chunk =
        values.slice(first, std::min(kChunk, values.size() - first));
    float sums[8] = {};
    for (size_t i = 0; i < chunk.size(); ++i)
      sums[i % 8] += chunk[i] * 0.0f;
    if (all_of(sums, [](float sum) { return sum == 0; }))
      continue;
    for (size_t i = 0; i < chunk.size(); ++i)
      if (!std::isfinite(chunk[i]))
        return first + i;
  }
  return values.size();
}

static StringRef describe(float value) {
  return std::isnan(value) ? "NaN" : "infinite";
}

Error mlir::compress::checkMatrix(MatrixRef matrix, StringRef name) {
  if (matrix.rows < 0 || matrix.columns < 0 ||
      int64_t(matrix.values.size()) != matrix.rows * matrix.columns)
    return makeError(name + ": " + Twine(matrix.values.size()) +
                     " values are no matrix of " + Twine(matrix.rows) + " x " +
                     Twine(matrix.columns));
  size_t index = findNonFinite(matrix.values);
  if (index == matrix.values.size())
    return Error::success();
  return makeError(name + ": the value at row " +
                   Twine(int64_t(index) / matrix.columns) + ", column " +
                   Twine(int64_t(index) % matrix.columns) + " is " +
                   describe(matrix.values[index]) +
                   "; mend the model or leave this tensor out");
}

Error mlir::compress::checkVector(ArrayRef<float> values, int64_t count,
                                  StringRef name) {
  if (int64_t(values.size()) != count)
    return makeError(name + ": " + Twine(values.size()) +
                     " values where there should be " + Twine(count));
  size_t index = findNonFinite(values);
  if (index == values.size())
    return Error::success();
  return makeError(name + ": the value at index " + Twine(index) + " is " +
                   describe(values[index]) +
                   "; mend the model or leave this tensor out");
}
