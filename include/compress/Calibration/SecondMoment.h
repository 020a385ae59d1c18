//===- SecondMoment.h - How inputs vary together ----------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_SECONDMOMENT_H
#define COMPRESS_CALIBRATION_SECONDMOMENT_H

#include "compress/Calibration/Matrix.h"

#include <vector>

namespace mlir::compress {

/// The sum of x xᵀ over tokens x, in bounded memory (8 columns² bytes): what
/// the squared error of a layer's output depends on. Products are summed in f32
/// over 256 tokens at a time and in f64 beyond that.
///
/// The Hessian that GPTQ takes from it (Frantar et al., 2022, arXiv:2210.17323)
/// exists in two forms, which differ by a factor; damping is relative to the
/// diagonal, so that both give the same codes.
class SecondMoment {
public:
  enum class Form {
    /// 2 Σ x xᵀ, as llm-compressor has it (2024).
    Sum,
    /// 2/n Σ x xᵀ with n the number of sequences, not of tokens, as the
    /// authors' gptq.py has it (2022).
    MeanOverSequences
  };

  explicit SecondMoment(int64_t columns)
      : columns(columns), sums(columns * columns, 0.0) {}

  /// Adds the tokens of one sequence, [tokens, columns]. The sums do not depend
  /// on `threads`. Errors: another number of columns; NaN, infinite or so large
  /// that squares overflow f32. Nothing is added then.
  llvm::Error add(MatrixRef sequence, unsigned threads = 1);

  /// Adds what another one has seen. Error: another number of columns.
  llvm::Error merge(const SecondMoment &other);

  int64_t getColumns() const { return columns; }
  int64_t getTokens() const { return tokens; }
  int64_t getSequences() const { return sequences; }

  /// The mean of x² per column, 0 without tokens.
  std::vector<float> getMeanSquares() const;

  /// [columns, columns], symmetric; zero without tokens.
  std::vector<double> getHessian(Form form) const;

private:
  int64_t columns, tokens = 0, sequences = 0;
  /// The upper triangle, by tiles that reach below the diagonal.
  std::vector<double> sums;
};

} // namespace mlir::compress

#endif // COMPRESS_CALIBRATION_SECONDMOMENT_H
