//===- FastPower.cpp - Powers of many values ------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FastPower.h"

#include "llvm/ADT/bit.h"

#include <algorithm>

using namespace llvm;

/// 2^(exponent * log2(x)), without branches, so that loops become vector code.
static inline float getPower(float x, float exponent) {
  uint32_t bits = bit_cast<uint32_t>(x);
  // x = m 2^e with m in [sqrt(1/2), sqrt(2)); the constant is the distance of
  // sqrt(1/2) from 1.
  uint32_t shifted = bits + (0x3f800000u - 0x3f3504f3u);
  float e = float(int32_t(shifted >> 23) - 127);
  float m = bit_cast<float>((shifted & 0x7fffffu) + 0x3f3504f3u);
  // log2(m) = 2/ln(2) artanh(t), as a series in t².
  float t = (m - 1.0f) / (m + 1.0f), s = t * t;
  float series =
      1.0f + s * (1 / 3.0f + s * (1 / 5.0f + s * (1 / 7.0f + s * (1 / 9.0f))));
  float y = exponent * (e + 2.885390082f * t * series);
  y = std::min(std::max(y, -127.0f), 127.0f);
  // 2^y = 2^n 2^f with n the nearest integer; ln(2)^i / i! are the series'
  // coefficients.
  float n = (y + 12582912.0f) - 12582912.0f;
  float f = y - n;
  float power =
      1.0f + f * (0.6931471806f +
                  f * (0.2402265070f +
                       f * (0.0555041087f +
                            f * (0.0096181291f +
                                 f * (0.0013333558f + f * 0.0001540353f)))));
  float scale = bit_cast<float>(uint32_t(int32_t(n) + 127) << 23);
  return power * scale;
}

void mlir::compress::raiseToPower(MutableArrayRef<float> values,
                                  float exponent) {
  for (float &value : values)
    value = value > 0.0f ? getPower(value, exponent) : 0.0f;
}
