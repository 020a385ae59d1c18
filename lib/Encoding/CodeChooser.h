//===- CodeChooser.h - The code nearest to a value --------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_ENCODING_CODECHOOSER_H
#define COMPRESS_LIB_ENCODING_CODECHOOSER_H

#include "compress/Encoding/EncodingSpec.h"

#include <utility>

namespace mlir::compress {

/// Picks codes of one number format by rounding to nearest. Private to the
/// library; the rules stand at `encode`.
class CodeChooser {
public:
  /// What a block's codes mean: x = scale * (v(q) - zero) + min.
  struct Mapping {
    float scale, zero, min;
  };

  /// Rounds plainly to a number format.
  explicit CodeChooser(NumberType number);
  /// `table` replaces that of a codebook whose table is a component.
  CodeChooser(const EncodingSpec &spec, llvm::ArrayRef<float> table);

  /// The smallest and the largest value of a code.
  std::pair<float, float> getRange() const { return {lowest, highest}; }

  /// Codes of a run of values of one block, one byte each, or whole elements
  /// where a code has 16 or 32 bits.
  void choose(llvm::ArrayRef<float> values, Mapping mapping,
              uint8_t *codes) const;

  /// Integer codes as ggml chooses them: with the reciprocal of the scale,
  /// which is not rounded to its format yet, and with halves away from zero or
  /// up.
  void chooseByReciprocal(llvm::ArrayRef<float> values, Mapping mapping,
                          bool halvesAway, uint8_t *codes) const;

  /// A packed row of values without scale.
  void encodeRow(llvm::ArrayRef<float> values, uint8_t *bytes) const;

private:
  void chooseInteger(llvm::ArrayRef<float> values, Mapping mapping,
                     uint8_t *codes) const;
  void chooseFloat(llvm::ArrayRef<float> values, Mapping mapping,
                   uint8_t *codes) const;
  void chooseEntry(llvm::ArrayRef<float> values, Mapping mapping,
                   uint8_t *codes) const;
  void makeThresholds();
  uint8_t getNearestEntry(float value) const;

  EncodingSpec::Kind kind;
  NumberType code;
  float lowest, highest;
  /// Codebooks: different entries, ascending, each with its lowest code.
  std::vector<float> entries;
  std::vector<uint8_t> entryCodes;
  /// The largest value that belongs to each entry, filled up with infinity to
  /// 16 or 256 of them, and every sixteenth of these.
  std::vector<float> thresholds, coarse;
};

/// The smallest and the largest of some values.
std::pair<float, float> getRange(llvm::ArrayRef<float> values);

} // namespace mlir::compress

#endif // COMPRESS_LIB_ENCODING_CODECHOOSER_H
