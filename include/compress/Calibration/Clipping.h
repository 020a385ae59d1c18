//===- Clipping.h - Ranges that give up their ends --------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_CLIPPING_H
#define COMPRESS_CALIBRATION_CLIPPING_H

#include "compress/Calibration/QuantizedMatrix.h"

namespace mlir::compress {

struct ClippingOptions {
  /// How a block's range [lo, hi] shrinks in step i, with p = 1 - i / grid.
  enum class Shrink {
    /// To [p lo, p hi].
    Range,
    /// To [max(lo, -c), min(hi, c)] with c = p max|w|.
    Magnitude
  };
  /// What is minimized, per block.
  enum class Objective {
    /// Σ importance |w - q|^norm.
    Norm,
    /// eᵀ H e with e the block's error in one row and H the Hessian of the
    /// block's columns: the squared error of its share of the output.
    Output
  };
  Shrink shrink = Shrink::Range;
  Objective objective = Objective::Norm;
  /// Steps 0 .. int(maxShrink * grid) - 1 are tried; the first of the best
  /// wins.
  int grid = 100;
  double maxShrink = .8;
  double norm = 2.4;
  /// The search ends when so many steps in a row improved no block of the whole
  /// matrix; 0 to try all.
  int patience = 0;
  /// Zero points only: the range is [-a, a] with a the largest magnitude, and
  /// the zero point the middle code, (number of codes) / 2.
  bool symmetric = false;
  /// Norm: per column, empty for 1. Importance-weighted rounding takes the mean
  /// squares of the inputs here (SecondMoment::getMeanSquares) and a norm of 2.
  llvm::ArrayRef<float> importance;
  /// Output: [columns, columns].
  llvm::ArrayRef<double> hessian;
  unsigned threads = 1;

  /// The quantizer of the authors' gptq.py with `mse` (2022): 80 steps down to
  /// .21 of the range, norm 2.4.
  static ClippingOptions getGPTQ() { return {}; }
  /// The `mse` observer of llm-compressor (2024): 20 steps down to .81, norm
  /// 2.4, patience 5.
  static ClippingOptions getLLMCompressor() {
    ClippingOptions options;
    options.maxShrink = .2;
    options.patience = 5;
    return options;
  }
  /// The clipping search of AWQ (Lin et al., 2023, arXiv:2306.00978,
  /// auto_clip.py): 10 steps down to .55 of the magnitude, for the output's
  /// squared error. `hessian` must outlive the options.
  static ClippingOptions getAWQ(llvm::ArrayRef<double> hessian) {
    ClippingOptions options;
    options.shrink = Shrink::Magnitude;
    options.objective = Objective::Output;
    options.grid = 20;
    options.maxShrink = .5;
    options.hessian = hessian;
    return options;
  }
};

struct ClippingResult {
  /// Of the chosen ranges; what encodeMatrix(), GPTQOptions and the like take.
  BlockParts parts;
  /// Per block: the chosen p, and what is minimized.
  std::vector<float> shrink;
  std::vector<double> error;
};

/// For each block, the share of its range whose scale gives the smallest error.
/// Parts that are encoded themselves are rounded together, all blocks with the
/// same p while candidates are compared, and once more with those chosen.
/// Shrinking never makes an error larger but for that. A block of zeros keeps
/// its range.
///
/// Errors: weights or importances that are not finite, negative importances,
/// lengths that do not fit, options that mean nothing (the message says which),
/// Output with blocks of several rows, or what BlockRounder says.
llvm::Expected<ClippingResult>
searchClipping(const BlockRounder &rounder, MatrixRef weights,
               const ClippingOptions &options = {});

} // namespace mlir::compress

#endif // COMPRESS_CALIBRATION_CLIPPING_H
