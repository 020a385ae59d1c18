//===- FastPower.h - Powers of many values ----------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_CALIBRATION_FASTPOWER_H
#define COMPRESS_LIB_CALIBRATION_FASTPOWER_H

#include "llvm/ADT/ArrayRef.h"

namespace mlir::compress {

/// values[i] ^ exponent, in place, for values that are not negative and an
/// exponent from 0.5 to 4. The relative error is below 1e-5, which is enough to
/// compare errors; results below 2^-126 are 0. Searches of ranges take most of
/// their time here, and std::pow takes ten times as long.
void raiseToPower(llvm::MutableArrayRef<float> values, float exponent);

} // namespace mlir::compress

#endif // COMPRESS_LIB_CALIBRATION_FASTPOWER_H
