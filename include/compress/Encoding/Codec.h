//===- Codec.h - The slow, exact codec of encoded tensors -------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_ENCODING_CODEC_H
#define COMPRESS_ENCODING_CODEC_H

#include "compress/Encoding/EncodingSpec.h"

namespace mlir::compress {

/// The bytes of one component, owned.
using ComponentData = std::vector<uint8_t>;

/// Decodes a whole tensor. `components` are the parts in the order of
/// getComponents; their lengths are checked against `shape`. `result` has one
/// f32 per value, row-major.
llvm::Error decode(const EncodingSpec &spec, llvm::ArrayRef<int64_t> shape,
                   llvm::ArrayRef<llvm::ArrayRef<uint8_t>> components,
                   llvm::MutableArrayRef<float> result);

/// Encodes by rounding to nearest; the definition of `compress.encode`.
///
/// Per block, without `zero` and `min`: s = max|x| / max|v|, where max|v| is
/// the largest magnitude that the codes reach on both sides (2^(b-1) - 1 for
/// signed integers; the half range around the middle for unsigned ones). With
/// `zero`: the range [min(0, lo), max(0, hi)] is spread over all codes and the
/// zero point is rounded to its format. With `min`: s = (hi - lo) / steps,
/// m = lo. Scales are rounded to their format before codes are chosen; a zero
/// or non-finite quotient gives scale 0 and code 0 (the zero point's code
/// where there is one). N:M keeps the n largest magnitudes, first ones on
/// ties; Block drops blocks that are zero throughout; Permuted takes
/// `order` = identity. NaN or infinite input is an error naming the index.
llvm::Expected<llvm::SmallVector<ComponentData>>
encode(const EncodingSpec &spec, llvm::ArrayRef<int64_t> shape,
       llvm::ArrayRef<float> values);

/// Codes of one row of `count` values packed at `bits` bits each.
void packBits(llvm::ArrayRef<uint32_t> codes, unsigned bits, uint8_t *bytes);
/// Code number `index` of a packed row.
uint32_t unpackBits(const uint8_t *bytes, unsigned bits, int64_t index);

} // namespace mlir::compress

#endif // COMPRESS_ENCODING_CODEC_H
