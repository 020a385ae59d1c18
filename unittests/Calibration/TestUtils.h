//===- TestUtils.h - Shared by the tests of calibration ---------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_CALIBRATION_TESTUTILS_H
#define COMPRESS_UNITTESTS_CALIBRATION_TESTUTILS_H

#include "compress/Calibration/Matrix.h"
#include "compress/Encoding/EncodingSpec.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <random>

namespace mlir::compress::test {

inline EncodingSpec parse(llvm::StringRef text) {
  llvm::Expected<EncodingSpec> spec = parseEncoding(text);
  if (!spec) {
    ADD_FAILURE() << llvm::toString(spec.takeError());
    return {};
  }
  return *spec;
}

inline std::string message(llvm::Error error) {
  return error ? llvm::toString(std::move(error)) : "";
}

template <typename T>
void expectError(llvm::Expected<T> result, llvm::StringRef part) {
  ASSERT_FALSE(bool(result));
  std::string error = llvm::toString(result.takeError());
  EXPECT_NE(error.find(part.str()), std::string::npos) << error;
}
inline void expectError(llvm::Error result, llvm::StringRef part) {
  std::string error = message(std::move(result));
  EXPECT_NE(error.find(part.str()), std::string::npos) << error;
}

/// The value, or a failure of the test and a value of no meaning.
template <typename T> T take(llvm::Expected<T> result) {
  if (result)
    return std::move(*result);
  ADD_FAILURE() << llvm::toString(result.takeError());
  return T();
}

/// A matrix that owns its values.
struct Matrix {
  int64_t rows, columns;
  std::vector<float> values;

  Matrix(int64_t rows, int64_t columns, std::vector<float> values)
      : rows(rows), columns(columns), values(std::move(values)) {}
  operator MatrixRef() const { return {values, rows, columns}; }
  float operator()(int64_t row, int64_t column) const {
    return values[row * columns + column];
  }
};

/// About normally distributed: sums of twelve uniform numbers, since the
/// library's distributions differ between implementations.
inline Matrix makeRandom(int64_t rows, int64_t columns, unsigned seed,
                         float scale = 1) {
  std::mt19937 random(seed);
  Matrix matrix(rows, columns, std::vector<float>(rows * columns));
  for (float &value : matrix.values) {
    float sum = -6;
    for (int k = 0; k < 12; ++k)
      sum += float(random() >> 8) / float(1 << 24);
    value = sum * scale;
  }
  return matrix;
}

/// Activations whose columns are correlated and differ in size: what error
/// compensation lives from.
inline Matrix makeCorrelated(int64_t rows, int64_t columns, unsigned seed) {
  Matrix noise = makeRandom(rows, columns, seed);
  Matrix common = makeRandom(rows, 4, seed + 1);
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t j = 0; j < columns; ++j) {
      float &value = noise.values[row * columns + j];
      value = (0.5f * value + common(row, j % 4)) * (1 + 0.1f * float(j % 7));
    }
  return noise;
}

} // namespace mlir::compress::test

#endif // COMPRESS_UNITTESTS_CALIBRATION_TESTUTILS_H
