//===- QuantizedMatrix.h - What quantizing a matrix gives -------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_QUANTIZEDMATRIX_H
#define COMPRESS_CALIBRATION_QUANTIZEDMATRIX_H

#include "compress/Calibration/Matrix.h"
#include "compress/Encoding/BlockRounder.h"

namespace mlir::compress {

/// An encoded matrix.
struct QuantizedMatrix {
  /// The encoding that was asked for, or that within `permuted`.
  EncodingSpec spec;
  /// As getComponents() lists them.
  llvm::SmallVector<ComponentData> components;
  /// What they decode to, row-major in the order of the weights.
  std::vector<float> values;
};

/// Encodes `weights` as encode() does, with parts and an order that were found
/// before; both may be empty. `parts` are in the order in which columns are
/// stored. Errors: those of encode().
llvm::Expected<QuantizedMatrix>
encodeMatrix(const EncodingSpec &spec, MatrixRef weights,
             const BlockParts &parts = {}, llvm::ArrayRef<int32_t> order = {},
             Rounding rounding = Rounding::Nearest,
             llvm::ArrayRef<float> table = {});

/// Rounding to nearest, each value for itself; the baseline of everything else
/// (`rtn`). Scales come from the largest magnitude or from minimum and maximum,
/// as the encoding has it. Errors: weights that are not finite, an encoding
/// that does not fit.
llvm::Expected<QuantizedMatrix>
quantizeToNearest(const EncodingSpec &spec, MatrixRef weights,
                  Rounding rounding = Rounding::Nearest,
                  llvm::ArrayRef<float> table = {});

/// Σ (a - b)² · weight(column), in f64; `importance` is empty for weights of 1.
double getSquaredError(MatrixRef a, MatrixRef b,
                       llvm::ArrayRef<float> importance = {});

/// tr((A - B) H (A - B)ᵀ) / 2: with H = 2 X Xᵀ the squared error of the output,
/// ||(A - B) X||². Products are f32, their sum f64, in an order of its own for
/// any number of threads. Errors: matrices that are not finite or of different
/// sizes, a Hessian of another size.
llvm::Expected<double> getOutputError(MatrixRef a, MatrixRef b,
                                      llvm::ArrayRef<double> hessian,
                                      unsigned threads = 1);

} // namespace mlir::compress

#endif // COMPRESS_CALIBRATION_QUANTIZEDMATRIX_H
