//===- Matrix.h - Views of plain arrays -------------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Weights are matrices [out, in], activations [tokens, in]; both are row-major
// floats that someone else owns.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_MATRIX_H
#define COMPRESS_CALIBRATION_MATRIX_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>

namespace mlir::compress {

struct MatrixRef {
  llvm::ArrayRef<float> values;
  int64_t rows = 0, columns = 0;

  llvm::ArrayRef<float> getRow(int64_t row) const {
    return values.slice(row * columns, columns);
  }
  MatrixRef getRows(int64_t first, int64_t count) const {
    return {values.slice(first * columns, count * columns), count, columns};
  }
};

/// An error unless the matrix has as many values as its shape says and all are
/// finite. `name` is what messages call it; they give row and column.
llvm::Error checkMatrix(MatrixRef matrix, llvm::StringRef name);

/// An error unless `values` has `count` entries, all finite.
llvm::Error checkVector(llvm::ArrayRef<float> values, int64_t count,
                        llvm::StringRef name);

} // namespace mlir::compress

#endif // COMPRESS_CALIBRATION_MATRIX_H
