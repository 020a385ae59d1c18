//===- HQQ.h - Zero points without data -------------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_HQQ_H
#define COMPRESS_CALIBRATION_HQQ_H

#include "compress/Calibration/QuantizedMatrix.h"

namespace mlir::compress {

struct HQQOptions {
  /// Which of the zero points that were tried is taken.
  enum class Choice {
    /// Each block's best (`hqq`).
    Best,
    /// The one computed last, as the authors' code has it (`hqq-last`).
    Last
  };
  Choice choice = Choice::Best;
  /// The error's norm, its weight, the factor that the weight grows by, and how
  /// often zero points are computed anew. The authors' default step leaves the
  /// weight as it is, which a growth of 1 says; their second one has 1.01.
  double norm = .7, beta = 10, growth = 1;
  int iterations = 20;
  /// Zero points begin at whole numbers; the authors do so for 4 bits.
  bool roundFirstZero = false;
};

struct HQQResult {
  QuantizedMatrix matrix;
  BlockParts parts;
  /// The mean of |w - q| before each step, the first that of the range's zero.
  std::vector<double> errors;
};

/// Half-quadratic quantization: the scale is that of the range, and the zero
/// point z, which is no integer, is moved to where an error whose norm is below
/// 1 is small, so that outliers count little. Badri and Shaji, "Half-Quadratic
/// Quantization of Large Machine Learning Models", 2023
/// (mobiusml.github.io/hqq_blog), hqq/core/optimize.py.
///
/// With r the reciprocal of the scale, per block and step: q = round(w r + z),
/// d = w - (q - z) / r, e = sign(d) max(|d| - |d|^(norm - 1) / beta, 0), and
/// the next z is the mean of q - (w - e) r. Steps end when the mean of |d| over
/// the whole matrix stops falling.
///
/// `spec` is affine with unsigned codes and a scale, and a zero point of
/// floats, or a minimum, which becomes -z / r. Errors: another encoding,
/// weights that are not finite, options that mean nothing.
llvm::Expected<HQQResult> hqq(const EncodingSpec &spec, MatrixRef weights,
                              const HQQOptions &options = {});

} // namespace mlir::compress

#endif // COMPRESS_CALIBRATION_HQQ_H
