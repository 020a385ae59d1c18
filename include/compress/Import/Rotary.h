//===- Rotary.h - Frequencies of rotary position embeddings -----*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_IMPORT_ROTARY_H
#define COMPRESS_IMPORT_ROTARY_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace mlir::compress {

/// How a model's rotary frequencies (radians per position) are found.
///
/// Pair i of F = dimensions / 2 turns with base^(-2i / dimensions) (Su et al.
/// 2021, RoFormer). `scaling` stretches them for longer contexts:
///  * `none`, `default`: not at all;
///  * `linear`: all divided by `factor` (Chen et al. 2023, position
///    interpolation);
///  * `llama3`: with wavelength w = 2 pi / f and original length L, frequencies
///    with w < L / highFactor stay, those with w > L / lowFactor are divided by
///    `factor`, and between them the two are mixed linearly in L / w (the
///    Llama 3.1 model's reference code).
struct RotaryDescription {
  int64_t dimensions = 0;
  double base = 10000;
  std::string scaling = "none";
  double factor = 1;
  double lowFactor = 1, highFactor = 4;
  double originalLength = 0;
  /// One divisor per frequency, or empty; the form in which GGUF files store a
  /// scaling.
  std::vector<float> divisors;
};

/// The F frequencies, computed in f64. Errors: an odd number of dimensions, an
/// unknown kind of scaling, factors that are not positive, divisors that do not
/// fit.
llvm::Expected<std::vector<float>>
getRotaryFrequencies(const RotaryDescription &description);

} // namespace mlir::compress

#endif // COMPRESS_IMPORT_ROTARY_H
