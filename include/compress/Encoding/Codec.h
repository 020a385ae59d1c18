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

#include <optional>

namespace mlir::compress {

/// The bytes of one component, owned.
using ComponentData = std::vector<uint8_t>;

/// Decodes a whole tensor. `components` are the parts in the order of
/// getComponents; their lengths are checked against `shape`. `result` has one
/// f32 per value, row-major. Errors name the component.
llvm::Error decode(const EncodingSpec &spec, llvm::ArrayRef<int64_t> shape,
                   llvm::ArrayRef<llvm::ArrayRef<uint8_t>> components,
                   llvm::MutableArrayRef<float> result);

/// Decodes `numRows` rows from `firstRow` on; a row runs along the last
/// dimension, and the rows of all leading dimensions are counted together.
/// `components` are those of the whole tensor, `result` has numRows * K values.
llvm::Error decodeRows(const EncodingSpec &spec, llvm::ArrayRef<int64_t> shape,
                       llvm::ArrayRef<llvm::ArrayRef<uint8_t>> components,
                       int64_t firstRow, int64_t numRows,
                       llvm::MutableArrayRef<float> result);

/// How the encoder chooses scales and codes. It is no part of an encoding: what
/// is stored means the same, whichever chose it.
enum class Rounding {
  /// As encode() says.
  Nearest,
  /// Signed codes of an affine encoding whose scale is a float and which has no
  /// zero point: the value of largest magnitude of a block, the first of
  /// several, becomes the lowest code, -2^(b-1), so that all codes are used.
  /// The scale takes the value's sign; all else is as encode() says.
  FullRange,
  /// As ggml and the Python package `gguf` write GGUF files, byte for byte
  /// (src/ggml-quants.c and gguf/quants.py, 2023 to 2025): codes are chosen for
  /// the scale s and the minimum before these are rounded to their format, with
  /// the reciprocal r = 1 / s in f32, 0 where s is 0. Affine encodings whose
  /// scale is a float:
  ///  * signed codes of b < 8 bits (Q4_0, Q5_0): s as FullRange has it, and
  ///    q = trunc(x r + (2^(b-1) + 0.5)) - 2^(b-1);
  ///  * of 8 bits (Q8_0): s = max|x| / 127, q = x r with halves away from zero;
  ///  * unsigned codes with a minimum that is a float (Q4_1, Q5_1): m = lo, of
  ///    zeros the last one, s = (hi - lo) / (2^b - 1), and
  ///    q = trunc((x - m) r + 0.5);
  ///  * unsigned codes of 2 bits with a zero point (TQ1_0, TQ2_0): s = max|x|,
  ///    z = 1, q = 1 + x r with halves away from zero.
  /// All are clamped to the codes' range. Where r is infinite, which scales
  /// below 2^-128 have, q is the lowest code, and 0 or z in the cases with
  /// halves away from zero. Codebooks with a scale of f8E8M0FNU (MXFP4):
  /// s = 2^(e - E), with e = floor(log2(max|x|)) in f32 and E that of the
  /// table's largest magnitude; codes are the nearest. Floats without scale are
  /// rounded to nearest.
  ///
  /// Different on purpose: a scale or minimum that becomes infinite in its
  /// format is an error, and exponents of a codebook's scale that are below the
  /// range become the lowest, where ggml's wrap around.
  GGML
};

/// A rounding's name in reports: `rtn`, `rtn-full-range`, `rtn-ggml`.
llvm::StringRef str(Rounding rounding);

/// Whether a rounding means anything for an encoding; of structures, for their
/// values.
bool hasRounding(const EncodingSpec &spec, Rounding rounding);

/// What an encoding may be given rather than derive from the values. All are
/// for the outermost number format (inside structures: that of `values`).
struct EncodeInputs {
  /// Entries of a codebook whose table is a component.
  llvm::ArrayRef<float> table;
  /// Column order of a Permuted structure: stored column j is order[j].
  llvm::ArrayRef<int32_t> order;
  /// Places of a Split's outliers in the row-major tensor, ascending; none to
  /// have the encoder choose. Some of a Split within another structure can't be
  /// named.
  std::optional<llvm::ArrayRef<int64_t>> outliers;
  /// One per block, row-major over the block grid; static quantization, or what
  /// a search found. They are rounded to their formats before codes are chosen.
  llvm::ArrayRef<float> scale, zero, min;
  /// For the outermost number format; parts of it are rounded to nearest.
  Rounding rounding = Rounding::Nearest;
};

/// Encodes by rounding to nearest; the definition of `compress.encode`.
///
/// Per block, with the values' range [lo, hi], the codes' values [vmin, vmax],
/// every step rounded to f32:
///  * without `zero` and `min`: s = max|x| / r, r = the largest magnitude that
///    the codes' values reach on both sides (2^(b-1) - 1 for signed integers).
///    Codes of one sign (unsigned integers): s = (hi or lo) / (vmax or vmin),
///    negative where the values' sign is the other; a block of both signs is an
///    error.
///  * with `zero`: s = (max(0, hi) - min(0, lo)) / (vmax - vmin), and
///    z = vmin - min(0, lo) / s, which is clamped to an integer format's range.
///  * with `min`: s = (hi - lo) / (vmax - vmin), m = lo - s * vmin. Where the
///    minima are themselves unsigned codes, which hold one sign only,
///    lo = min(0, lo).
/// Scales are rounded to their format before z, m and codes are chosen; a zero
/// or non-finite quotient gives scale 0. Then q = round((x - m) / s + z) to the
/// nearest integer, ties to even, clamped to the codes' range; floats round
/// (x - m) / s likewise, codebooks take the nearest entry, the lowest code on
/// ties. Where the rounded scale is 0: q = round(z), or code 0.
///
/// N:M keeps the n largest magnitudes, first ones on ties; Block drops blocks
/// that are zero throughout; Permuted takes `order` = identity. Split encodes
/// the base with zeros in the places of outliers, and as outliers what the base
/// decodes to too little there; it takes the count / 200 largest magnitudes of
/// the tensor (rounded down, first ones on ties).
///
/// This is Rounding::Nearest; `inputs` may ask for another.
///
/// Errors: NaN or infinite input (the message names the index), a part that its
/// format can't hold, a codebook without a table, lengths that do not fit, a
/// rounding that the encoding can't have.
llvm::Expected<llvm::SmallVector<ComponentData>>
encode(const EncodingSpec &spec, llvm::ArrayRef<int64_t> shape,
       llvm::ArrayRef<float> values);
llvm::Expected<llvm::SmallVector<ComponentData>>
encode(const EncodingSpec &spec, llvm::ArrayRef<int64_t> shape,
       llvm::ArrayRef<float> values, const EncodeInputs &inputs);

/// Encodes `numRows` rows from `firstRow` on into the components of a whole
/// tensor, as decodeRows reads them. The rows must not share blocks with
/// others: block sizes of the leading dimensions are 1 at every level, or the
/// rows are all. Block structures depend on all rows and are refused.
llvm::Error
encodeRows(const EncodingSpec &spec, llvm::ArrayRef<int64_t> shape,
           llvm::ArrayRef<float> values, int64_t firstRow, int64_t numRows,
           llvm::ArrayRef<llvm::MutableArrayRef<uint8_t>> components,
           const EncodeInputs &inputs = {});

/// Codes of one row of `count` values packed at `bits` bits each.
void packBits(llvm::ArrayRef<uint32_t> codes, unsigned bits, uint8_t *bytes);
/// Code number `index` of a packed row.
uint32_t unpackBits(const uint8_t *bytes, unsigned bits, int64_t index);

} // namespace mlir::compress

#endif // COMPRESS_ENCODING_CODEC_H
