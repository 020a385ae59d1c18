//===- IntegerData.h - Data on which arithmetic is exact --------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_INTEGRATION_INTEGERDATA_H
#define COMPRESS_UNITTESTS_INTEGRATION_INTEGERDATA_H

#include "compress/Reference/HostTensor.h"

namespace mlir::compress::test {

/// A tensor of random small integer codes, with scales that are powers of two,
/// such that products with makeIntegerActivations() of a few hundred terms are
/// exact in f32 in every order of summation. Nothing where the encoding has a
/// table whose entries are not small integers.
std::optional<HostTensor> makeIntegerTensor(RankedTensorType type,
                                            unsigned seed);

/// Multiples of 1/4 which `encoding` (an attribute's text, or empty) holds
/// exactly: every block of 16 values has the ends of the codes' range.
std::vector<float> makeIntegerActivations(ArrayRef<int64_t> shape,
                                          StringRef encoding, unsigned seed);

} // namespace mlir::compress::test

#endif // COMPRESS_UNITTESTS_INTEGRATION_INTEGERDATA_H
