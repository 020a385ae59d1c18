//===- Equalization.h - Channels of one size in pairs of layers -*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_EQUALIZATION_H
#define COMPRESS_CALIBRATION_EQUALIZATION_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <vector>

namespace mlir::compress {

/// A layer whose weights are changed in place.
struct EqualizedLayer {
  /// [rows, columns], row-major: [out, in].
  llvm::MutableArrayRef<float> weights;
  int64_t rows = 0, columns = 0;
  /// [rows], or empty.
  llvm::MutableArrayRef<float> bias;
};

struct EqualizationOptions {
  /// The chain is gone through until no scale of a round differs from 1 by more
  /// than `tolerance`, or so many times.
  unsigned rounds = 20;
  double tolerance = 1e-3;
};

struct EqualizationResult {
  /// Per layer but the last and channel: what its outputs have been divided by
  /// altogether, and the next one's inputs multiplied with.
  std::vector<std::vector<float>> scales;
  unsigned rounds = 0;
  /// Whether the last round was within the tolerance.
  bool converged = false;
};

/// Cross-layer equalization: channel i between two layers is divided by
/// s_i = sqrt(r1_i / r2_i) in the first, bias included, and multiplied with it
/// in the second, with r1_i the largest magnitude of the first one's row and
/// r2_i that of the second one's column, which are equal then. Nagel et al.:
/// "Data-Free Quantization Through Weight Equalization and Bias Correction",
/// 2019, arXiv:1906.04721, section 4.1.
///
/// Outputs stay as they are if what lies between the layers commutes with
/// positive factors: nothing, ReLU, or the linear side of a gate. Channels that
/// are zero in either layer keep a scale of 1, as do those that would get one
/// beyond 2^30 or below 2^-30. Where layer k + 1 has other
/// columns than layer k has rows, they are no chain.
///
/// Errors (nothing is changed then): lengths that do not fit, weights or biases
/// that are not finite, fewer than two layers, options that mean nothing.
llvm::Expected<EqualizationResult>
equalizeLayers(llvm::ArrayRef<EqualizedLayer> chain,
               const EqualizationOptions &options = {});

} // namespace mlir::compress

#endif // COMPRESS_CALIBRATION_EQUALIZATION_H
