//===- Requantization.h - Scales as integers --------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The sum of an integer product becomes the next layer's codes by one real
// scale: the product's scales over the next one's. Where there are no floats it
// is an integer, multiplied with, and a shift to the right.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_REQUANTIZATION_H
#define COMPRESS_CALIBRATION_REQUANTIZATION_H

#include "llvm/Support/Error.h"

#include <cstdint>

namespace mlir::compress {

/// multiplier / 2^shift.
struct IntegerScale {
  int64_t multiplier = 0;
  /// Negative to shift to the left.
  int shift = 0;
  /// The real scale that it stands for; exact.
  double getValue() const;
};

/// How the multiplier A is chosen for `bits` bits and a positive scale. With
/// Floor and Nearest, n is the largest one for which the scale times 2^n is at
/// most 2^bits - 1, floor(log2((2^bits - 1) / scale)).
enum class MultiplierRule {
  /// The floor of scale times 2^n. Neural Network Distiller's
  /// approx_scale_as_mult_and_shift (q_utils.py, 2018).
  Floor,
  /// The nearest integer, ties to even; half the error of Floor.
  Nearest,
  /// A in [2^(bits - 1), 2^bits), the nearest to scale * 2^n with halves away
  /// from zero. gemmlowp and TensorFlow Lite have it with 31 bits
  /// (QuantizeMultiplier, 2018). Scales below 2^-32 become 0, as there.
  Normalized
};

/// Errors: a scale that is not positive and finite, bits outside 2 to 31.
llvm::Expected<IntegerScale>
getIntegerScale(double scale, unsigned bits = 31,
                MultiplierRule rule = MultiplierRule::Normalized);

/// How the bits that are shifted out are rounded.
enum class ShiftRounding {
  /// Halves up, once: floor(x A / 2^n + 1/2), n > 0. TensorFlow Lite with
  /// TFLITE_SINGLE_ROUNDING, TOSA's apply_scale_32 without double rounding.
  HalfUp,
  /// Twice, as gemmlowp does (fixedpoint.h, 2015): x A / 2^31 with halves up
  /// (SaturatingRoundingDoublingHighMul: nudged and truncated, which puts
  /// halves of negative numbers up as well), then the rest of the shift with
  /// halves away from zero (RoundingDivideByPOT). Sums are shifted to the left
  /// first where the scale is 1 or more, and saturate at 32 bits there. For
  /// normalized scales of 31 bits.
  Gemmlowp,
  /// Bits are dropped: floor(x A / 2^n).
  Down
};

/// clamp(round(sum * scale) + zero, low, high), for every sum of 32 bits and
/// every scale that getIntegerScale() gives.
int32_t requantize(int32_t sum, IntegerScale scale, int32_t zero, int32_t low,
                   int32_t high,
                   ShiftRounding rounding = ShiftRounding::HalfUp);

} // namespace mlir::compress

#endif // COMPRESS_CALIBRATION_REQUANTIZATION_H
