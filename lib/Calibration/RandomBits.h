//===- RandomBits.h - Numbers that a seed decides ---------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_CALIBRATION_RANDOMBITS_H
#define COMPRESS_LIB_CALIBRATION_RANDOMBITS_H

#include <cstdint>

namespace mlir::compress {

/// The same numbers everywhere, unlike the standard library's distributions:
/// SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number
/// Generators", 2014).
class RandomBits {
public:
  explicit RandomBits(uint64_t seed) : state(seed) {}

  uint64_t next() {
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
  }
  /// In [0, 1).
  double nextUniform() { return double(next() >> 11) * 0x1p-53; }

private:
  uint64_t state;
};

} // namespace mlir::compress

#endif // COMPRESS_LIB_CALIBRATION_RANDOMBITS_H
