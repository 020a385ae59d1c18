//===- WeightAlgorithms.h - Algorithms for weights, by name -----*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one place where a name that a user gives becomes one of the library's
// algorithms. An algorithm is a list of steps, such as `awq,gptq`: first those
// that move scales between a layer's inputs and its weights, at last one that
// chooses codes.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_WEIGHTALGORITHMS_H
#define COMPRESS_CALIBRATION_WEIGHTALGORITHMS_H

#include "compress/Calibration/QuantizedMatrix.h"

#include <optional>
#include <string>
#include <vector>

namespace mlir::compress {

/// A step that chooses codes.
struct CodeAlgorithm {
  llvm::StringLiteral name;
  /// For people; one line.
  llvm::StringLiteral summary;
  /// Whether it needs to know what the weights are multiplied with.
  bool needsStatistics;
};

/// A step that moves scales.
enum class ScaleAlgorithm { AWQ, SmoothQuant };

llvm::StringRef str(ScaleAlgorithm algorithm);
/// One line for people.
llvm::StringRef getSummary(ScaleAlgorithm algorithm);
llvm::ArrayRef<ScaleAlgorithm> getScaleAlgorithms();

/// `rtn`, `mse`, `importance`, `hqq`, `awq-clip`, `gptq` and its variants;
/// those of codebooks whose table is a component (`kmeans` and its variants,
/// `percentile`), for which `gptq` learns a table first; those of two and three
/// levels (`ternary-absmean`, `ternary-threshold`, `binary`).
llvm::ArrayRef<CodeAlgorithm> getCodeAlgorithms();

/// What a user asked for.
struct WeightAlgorithm {
  std::vector<ScaleAlgorithm> scales;
  const CodeAlgorithm *codes = nullptr;

  /// Reads names between commas. Without one that chooses codes, that is
  /// `rtn`. Errors: names that are not known, which lists those that are; one
  /// that stands twice; a step behind the one that chooses codes.
  static llvm::Expected<WeightAlgorithm> parse(llvm::StringRef text);

  bool needsStatistics() const {
    return !scales.empty() || codes->needsStatistics;
  }
  /// As parse() reads it.
  std::string str() const;
};

/// What a matrix is multiplied with, as far as it was observed.
struct InputStatistics {
  /// A multiple of the sum of x xᵀ over tokens, [in, in]; empty if nothing was
  /// observed.
  llvm::ArrayRef<double> hessian;
  /// Tokens that were seen.
  int64_t tokens = 0;
};

/// What an algorithm did to a matrix.
struct WeightReport {
  /// ||W - Q|| / ||W||, 0 for a matrix of zeros.
  double weightError = 0;
  /// ||(W - Q) X|| / ||W X||, if inputs were observed.
  std::optional<double> outputError;
  /// Columns that no input ever reached, and gptq's damping relative to the
  /// mean of the Hessian's diagonal, if it was raised.
  int64_t deadColumns = 0;
  std::optional<double> raisedDamping;
  /// What else a reader of reports should know; may be empty.
  std::string note;
};

/// Rounds `weights` by `algorithm`. Errors: those of the algorithm, with its
/// name; statistics that are missing.
llvm::Expected<QuantizedMatrix>
quantizeWeights(const CodeAlgorithm &algorithm, const EncodingSpec &spec,
                MatrixRef weights, const InputStatistics &inputs,
                Rounding rounding, unsigned threads,
                WeightReport *report = nullptr);

} // namespace mlir::compress

#endif // COMPRESS_CALIBRATION_WEIGHTALGORITHMS_H
