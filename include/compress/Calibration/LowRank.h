//===- LowRank.h - Two small products that mend a large one -----*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_LOWRANK_H
#define COMPRESS_CALIBRATION_LOWRANK_H

#include "compress/Calibration/QuantizedMatrix.h"

namespace mlir::compress {

struct LowRankOptions {
  /// Columns of A and rows of B.
  int64_t rank = 32;
  /// 2 X Xᵀ, [in, in] (SecondMoment::getHessian), to mend the output
  /// (`lowrank-output`); empty to mend the weights (`lowrank`).
  llvm::ArrayRef<double> hessian;
  unsigned threads = 1;
};

struct LowRankResult {
  /// [out, rank] and [rank, in]. Column k of A is as long as row k of B, so
  /// that both fit into the same 16-bit formats; by descending share of the
  /// error. Where the error's rank is lower, the rest is zero.
  std::vector<float> a, b;
  /// Without and with A B: ||(W - Q) X||² (getOutputError), or ||W - Q||²
  /// without a Hessian.
  double error = 0, corrected = 0;
};

/// A B closest to W - Q, so that W x ≈ Q x + A (B x). Without a Hessian that is
/// the truncated singular value decomposition (Eckart, Young, 1936); Yao et
/// al.: "ZeroQuant-V2", 2023, arXiv:2303.08302. With one, (W - Q - A B) H^(1/2)
/// is smallest: Zhang et al.: "LQER: Low-Rank Quantization Error Reconstruction
/// for LLMs", 2024, arXiv:2402.02446, with the whole second moment in place of
/// its diagonal, as ASER has it (Zhao et al., 2024, arXiv:2411.07762). Since
/// only left singular vectors are needed, A = U and B = Uᵀ (W - Q), the Hessian
/// is never inverted, and may be singular.
///
/// Time goes with the cube of the smaller dimension, in f64 on one thread; with
/// a Hessian and more outputs than inputs, twice that. Errors: matrices that
/// are not finite or of different sizes, a Hessian of another size or not
/// finite, a rank below 1 or above either dimension.
llvm::Expected<LowRankResult> correctLowRank(MatrixRef weights,
                                             MatrixRef quantized,
                                             const LowRankOptions &options);

struct QuantizedWithLowRank {
  QuantizedMatrix matrix;
  LowRankResult correction;
  /// `corrected` of each round.
  std::vector<double> errors;
};

/// Quantizes what A B leaves, then corrects what that loses, in turns, and
/// takes the best round. Li et al.: "LoftQ: LoRA-Fine-Tuning-Aware Quantization
/// for Large Language Models", 2023, arXiv:2310.08659. `quantize` rounds a
/// matrix of the weights' shape. Errors: no round, those of correctLowRank()
/// and of `quantize`.
llvm::Expected<QuantizedWithLowRank> quantizeWithLowRank(
    MatrixRef weights,
    llvm::function_ref<llvm::Expected<QuantizedMatrix>(MatrixRef)> quantize,
    const LowRankOptions &options, unsigned rounds = 1);

} // namespace mlir::compress

#endif // COMPRESS_CALIBRATION_LOWRANK_H
