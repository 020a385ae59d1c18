//===- Factors.h - Encoded numbers as factors of products -----*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LIB_REFERENCE_FACTORS_H
#define LIB_REFERENCE_FACTORS_H

#include "compress/Reference/HostTensor.h"

namespace mlir::compress {

/// The parts of an encoded tensor, one number per value; empty where absent.
/// Those of N:M are its values' parts, where each block holds whole groups.
struct ValueParts {
  /// The number format.
  EncodingSpec spec;
  std::vector<float> codes, scale, zero, min;

  static llvm::Expected<ValueParts> get(const HostTensor &tensor);

  /// What a product in f32 multiplies by: the code plus its bias is
  /// scaled and shifted in one step.
  float getFactor(size_t i) const;
};

/// The values of a tensor as weights of a product on values
/// (docs/numerics.md): scaling and shifting are one step.
llvm::Expected<std::vector<float>> getFactors(const HostTensor &tensor);

/// The values that the codec gives.
llvm::Expected<std::vector<float>> getValues(const HostTensor &tensor);

} // namespace mlir::compress

#endif // LIB_REFERENCE_FACTORS_H
