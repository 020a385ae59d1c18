//===- IntegerProduct.h - Products of integer codes -------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_ENCODING_INTEGERPRODUCT_H
#define COMPRESS_ENCODING_INTEGERPRODUCT_H

#include "compress/Encoding/EncodingSpec.h"

namespace mlir::compress {

/// An operand of a sum of products over k = 0 ... depth - 1.
struct ProductOperand {
  const EncodingSpec &spec;
  /// The operand's dimension that k runs along.
  unsigned dim;
};

/// If activations and weights are integer codes whose scales are constant over
/// whole segments of k, and each segment's sum of products of codes is exact in
/// 32 bits: the length of a segment, the last one may be shorter. Then the
/// product is computed on codes; see docs/numerics.md for the order of its
/// steps. Lengths are multiples of 32 values, divide 32 in multiples of 4, or
/// are the whole depth.
std::optional<int64_t> getIntegerSegment(ProductOperand activations,
                                         ProductOperand weights, int64_t depth);

} // namespace mlir::compress

#endif // COMPRESS_ENCODING_INTEGERPRODUCT_H
