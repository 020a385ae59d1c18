//===- FewLevels.h - Weights of two or three values -------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Scales that are means of magnitudes, not maxima: with two or three levels
// most weights would become the middle one otherwise.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_FEWLEVELS_H
#define COMPRESS_CALIBRATION_FEWLEVELS_H

#include "compress/Calibration/QuantizedMatrix.h"

namespace mlir::compress {

/// Which levels a block's values get, and with which scale.
enum class Levels {
  /// -s, 0, s with s = max(mean|w|, 1e-5); values are the nearest level
  /// (`ternary-absmean`). Ma et al.: "The Era of 1-bit LLMs: All Large Language
  /// Models are in 1.58 Bits", 2024, arXiv:2402.17764, with the floor of
  /// convert-hf-to-gguf-bitnet.py. The authors have one block per tensor.
  TernaryMean,
  /// -s, 0, s: 0 where |w| <= 0.7 mean|w|, and s the mean of the other
  /// magnitudes (`ternary-threshold`). Li, Zhang, Liu: "Ternary Weight
  /// Networks", 2016, arXiv:1605.04711.
  TernaryThreshold,
  /// -s, s with s = mean|w|, which is the best scale for signs; zeros become s
  /// (`binary`). Rastegari et al.: "XNOR-Net", 2016, arXiv:1603.05279.
  Binary
};

/// `ternary-absmean`, `ternary-threshold`, `binary`.
llvm::StringRef str(Levels levels);

/// Quantizes to two or three levels per block. Any encoding serves that has
/// them, with one scale for each block: for three levels affine<i2, narrow>,
/// more bits, unsigned codes with a zero point or a minimum, or a codebook with
/// -1, 0 and 1 (the default where its table is a component); for two
/// codebook<ui1, table = [-1, 1]>, or unsigned codes with a minimum. Levels are
/// those of the scale as its format holds it.
///
/// Errors: weights that are not finite; an encoding without a scale, or one
/// that does not hold these levels, which is found by decoding.
llvm::Expected<QuantizedMatrix>
quantizeToLevels(const EncodingSpec &spec, MatrixRef weights, Levels levels);

} // namespace mlir::compress

#endif // COMPRESS_CALIBRATION_FEWLEVELS_H
