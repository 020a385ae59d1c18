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
  /// The operand's dimension that k runs along, of `rank` in all.
  unsigned dim, rank;
};

/// Stored values of N:M that are multiplied together: four of them, or all of
/// one group if those are more.
struct PickWindow {
  /// Stored values, a multiple of 4, and the values that they stand for: 8 or
  /// 16, which fit a register of bytes.
  int64_t stored, values;
};

/// The windows of an N:M structure; none where n neither divides 4 nor is a
/// multiple of it, or where a window has another size.
std::optional<PickWindow> getPickWindow(const EncodingSpec &spec);

/// If activations and weights are integer codes whose scales are constant over
/// whole segments of k, and each segment's sum of products of codes is exact in
/// 32 bits: the length of a segment, the last one may be shorter. Then the
/// product is computed on codes; see docs/numerics.md for the order of its
/// steps. Lengths are multiples of 32 values, divide 32 in multiples of 4, or
/// are the whole depth. Weights may be N:M along k, if segments are whole
/// windows, or block compressed rows in panels (isPanelBlock()), whose blocks
/// are whole segments.
std::optional<int64_t> getIntegerSegment(ProductOperand activations,
                                         ProductOperand weights, int64_t depth);

/// If weights are codebooks' entries or floats with a scale per block along k,
/// and nothing is added to them: the length of a segment of k in which the
/// scale is constant, the last one may be shorter. Then a product on values
/// sums the products of entries within each segment and multiplies sums by
/// scales; see docs/numerics.md. Lengths are multiples of 16 values or the
/// whole depth, and at most 256. Weights have no structure, or are block
/// compressed rows in panels (isPanelBlock()), whose blocks are whole segments.
///
/// Affine codes are left out: their bias is subtracted in the step that scales
/// them, so that a scale of its own would save nothing.
std::optional<int64_t> getScaledSegment(ProductOperand weights, int64_t depth);

} // namespace mlir::compress

#endif // COMPRESS_ENCODING_INTEGERPRODUCT_H
