//===- GPTQ.h - Rounding that later columns make up for ---------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_GPTQ_H
#define COMPRESS_CALIBRATION_GPTQ_H

#include "compress/Calibration/Clipping.h"

#include <optional>

namespace mlir::compress {

struct GPTQOptions {
  /// When the scales of a block are found.
  enum class Scales {
    /// When its first column is reached, from the weights as they have been
    /// changed by then (`gptq`).
    Current,
    /// Before anything is changed (`gptq-static-groups`).
    Initial,
  };
  enum class Order {
    /// As columns lie.
    Stored,
    /// By descending diagonal of the Hessian, first ones first on ties
    /// (`act-order`). With scales of the current weights, blocks run along that
    /// order, and the result is `permuted`. With initial or given scales,
    /// blocks and encoding stay as they are.
    Activation,
  };
  Scales scales = Scales::Current;
  Order order = Order::Stored;
  /// How many columns are rounded before what they change is added to all later
  /// ones; at least 1. It decides about time, and about sums' last bits.
  int64_t blockSize = 128;
  /// This times the mean of the Hessian's diagonal is added to the diagonal.
  /// Where the sum is still singular, ten times as much is tried, up to
  /// `retries` times.
  double damping = 0.01;
  unsigned retries = 3;
  Rounding rounding = Rounding::Nearest;
  /// Scales, zero points and minima that are given, one per block in the
  /// weights' order; empty to find them as `scales` says.
  BlockParts parts;
  /// Where parts are found, they are those of a clipping search (`gptq-mse`) on
  /// the weights as they are then. The objective is Norm, without importance;
  /// threads are ignored.
  std::optional<ClippingOptions> clipping;
  /// Of a codebook whose table is a component.
  llvm::ArrayRef<float> table;
  unsigned threads = 1;
};

struct GPTQResult {
  QuantizedMatrix matrix;
  /// Σ e² / 2 over all roundings, with e the error over the diagonal of the
  /// factor U: half of tr((W - Q) H (W - Q)ᵀ) with the damped H. With
  /// H = 2 X Xᵀ that is ||(W - Q) X||² + damping/2 ||W - Q||².
  double loss = 0;
  /// What was added to the diagonal, and how often it had to be raised.
  double damping = 0;
  unsigned retries = 0;
  /// Columns that no activation ever reached; their weights became 0.
  std::vector<int64_t> deadColumns;
  /// The order in which columns were rounded.
  std::vector<int32_t> order;
};

/// GPTQ: columns are rounded one after the other, and each one's error is made
/// up for, as far as inputs are correlated, by the columns that follow.
/// Frantar, Ashkboos, Hoefler, Alistarh: "GPTQ: Accurate Post-Training
/// Quantization for Generative Pre-trained Transformers", 2022,
/// arXiv:2210.17323.
///
/// `weights` is [out, in], `hessian` [in, in] (SecondMoment::getHessian),
/// `spec` any number format. Where a group of scales begins within a block, the
/// block's changes are added first, so that neither blockSize nor threads
/// change more than last bits; the authors' code takes stale weights there.
/// With orthogonal inputs the result is that of rounding to nearest.
///
/// Errors: weights or a Hessian that are not finite or of other sizes, an
/// encoding that does not fit or is a structure, a Hessian without any positive
/// element on its diagonal, one that stays singular after all retries.
llvm::Expected<GPTQResult> gptq(const EncodingSpec &spec, MatrixRef weights,
                                llvm::ArrayRef<double> hessian,
                                const GPTQOptions &options = {});

} // namespace mlir::compress

#endif // COMPRESS_CALIBRATION_GPTQ_H
