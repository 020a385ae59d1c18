//===- Sensitivity.h - What rounding each weight does -----------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_QUANTIZATION_SENSITIVITY_H
#define COMPRESS_QUANTIZATION_SENSITIVITY_H

#include "compress/Compiler/Compiler.h"

namespace mlir::compress {

/// What is known of one weight.
struct WeightSensitivity {
  std::string symbol;
  llvm::SmallVector<int64_t> shape;
  /// Per format: bytes, and ||(W - Q) X||² / ||W X||² over the calibration's
  /// inputs X.
  std::vector<int64_t> bytes;
  std::vector<double> errors;
  /// The mean KL divergence, in nats per token, from the model's distribution
  /// of the next token to that of the model with only this weight rounded, to
  /// the format of number `probe`.
  double divergence = 0;
  size_t probe = 0;

  /// What the weight in a format is expected to cost, in nats: divergence grows
  /// with the error's square, since it is least where nothing is rounded.
  double getCost(size_t format) const {
    return errors[probe] > 0 ? divergence * errors[format] / errors[probe] : 0;
  }
};

/// What a model loses by rounding, weight by weight.
struct Sensitivity {
  /// SHA-256 of model and text, and what of the text was looked at.
  std::string model, text;
  int64_t context = 0, sequences = 0;
  /// The formats that were tried, as attributes.
  std::vector<std::string> formats;
  std::vector<WeightSensitivity> weights;

  llvm::json::Value toJSON() const;
  /// Errors name the field.
  static llvm::Expected<Sensitivity> fromJSON(const llvm::json::Value &value);
};

/// Measures each weight that the scheme of `model` rounds, for each of
/// `formats`: rounded with the search of ranges (`mse`), with all others as
/// they are. `options.calibration` has the text; its first sequence is that
/// over which logits are compared. All weights are in memory in f32. Errors
/// name file, parameter or format.
llvm::Expected<Sensitivity>
measureSensitivity(llvm::StringRef path, const CompileOptions &options,
                   llvm::ArrayRef<std::string> formats,
                   const PreparedModel &model);

/// Overrides for CompileOptions, one per weight, that give each the format with
/// which all together are expected to cost least in at most `budget` bytes.
llvm::Expected<std::vector<std::string>>
allocateByBytes(const Sensitivity &sensitivity, int64_t budget);

} // namespace mlir::compress

#endif // COMPRESS_QUANTIZATION_SENSITIVITY_H
