//===- Numbers.h - Fast conversions of arrays of numbers --------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the codec, the layouts and the storage formats share: rows of packed
// codes to and from bytes and floats. Private to the library.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_ENCODING_NUMBERS_H
#define COMPRESS_LIB_ENCODING_NUMBERS_H

#include "compress/Encoding/Layout.h"
#include "compress/Support/ElementType.h"
#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"

#include <array>

namespace mlir::compress {

static_assert(llvm::endianness::native == llvm::endianness::little,
              "components are little endian and are read in place");

/// Exact. All three cases are computed and one is picked, so that loops over
/// rows are vectorized also where the target has no conversion of its own.
inline float decodeF16(uint16_t code) {
  uint32_t sign = uint32_t(code & 0x8000) << 16;
  uint32_t shifted = uint32_t(code & 0x7FFF) << 13;
  uint32_t rebias = uint32_t(127 - 15) << 23;
  uint32_t exponent = shifted & (uint32_t(0x1F) << 23);
  // Subnormal: 2^-14 + m * 2^-24 is a normal f32; the subtraction is exact.
  float subnormal = llvm::bit_cast<float>(shifted + rebias + (1u << 23)) -
                    llvm::bit_cast<float>(uint32_t(113) << 23);
  uint32_t normal = shifted + rebias;
  // Infinity and NaN move on to the highest exponent of f32.
  uint32_t magnitude =
      exponent == (uint32_t(0x1F) << 23) ? normal + rebias : normal;
  magnitude = exponent == 0 ? llvm::bit_cast<uint32_t>(subnormal) : magnitude;
  return llvm::bit_cast<float>(sign | magnitude);
}

inline float decodeBF16(uint16_t code) {
  return llvm::bit_cast<float>(uint32_t(code) << 16);
}

/// What distinguishes one float format that is narrower than f32, and has a
/// sign and a mantissa, from another.
struct FloatLayout {
  unsigned exponentBits, mantissaBits;
  int bias;
  /// Code of the largest finite magnitude.
  uint32_t largest;
  /// Code of the NaN, or 0 where the format has none.
  uint32_t nan;
  /// Whether the highest exponent means infinity or NaN.
  bool ieee;
  /// Whether values beyond the range become infinity when rounded.
  bool overflows;
};
FloatLayout getFloatLayout(NumberType::Kind kind);

/// Rounds to the nearest value of the format, ties to even. Normal numbers: the
/// discarded bits are rounded in the integer domain, where a carry runs into
/// the exponent as it should. Subnormal ones: a sum with a power of two, whose
/// last place is the format's smallest number, is rounded by the addition
/// itself. All cases are computed and one is picked, so that loops are
/// vectorized.
inline uint32_t encodeSmallFloat(const FloatLayout &layout, float value) {
  uint32_t bits = llvm::bit_cast<uint32_t>(value);
  uint32_t magnitude = bits & 0x7FFFFFFF;
  unsigned shift = 23 - layout.mantissaBits;
  uint32_t sign = (bits >> 31) << (layout.mantissaBits + layout.exponentBits);
  uint32_t odd = (magnitude >> shift) & 1;
  uint32_t rounded = magnitude + (1u << (shift - 1)) - 1 + odd;
  uint32_t normal =
      (rounded >> shift) - (uint32_t(127 - layout.bias) << layout.mantissaBits);
  uint32_t anchor = uint32_t(128 - layout.bias + int(shift)) << 23;
  float sum = llvm::bit_cast<float>(magnitude) + llvm::bit_cast<float>(anchor);
  uint32_t subnormal = llvm::bit_cast<uint32_t>(sum) - anchor;
  // Where the exponents' range is that of f32, its subnormal numbers are ours.
  bool isNormal =
      magnitude >= (uint32_t(128 - layout.bias) << 23) || layout.bias == 127;
  uint32_t limit = layout.overflows ? layout.largest + 1 : layout.largest;
  uint32_t code = isNormal ? normal : subnormal;
  code = sign | (code < limit ? code : limit);
  // An IEEE format keeps the upper bits of a NaN's payload.
  uint32_t payload = layout.overflows ? (magnitude & 0x7FFFFF) >> shift : 0;
  uint32_t nan = layout.nan ? sign | layout.nan | payload : 0;
  return magnitude > 0x7F800000 ? nan : code;
}

/// Codes 0 .. count-1 of a packed row, one byte each; `bits` is 1 to 8.
void unpackRow(const uint8_t *bytes, unsigned bits, int64_t count,
               uint8_t *codes);
/// The inverse; bits of a code beyond `bits` are ignored, and those of the last
/// byte beyond the row are zero.
void packRow(const uint8_t *codes, unsigned bits, int64_t count,
             uint8_t *bytes);

/// Bytes of a row of `count` elements of `bits` bits.
inline int64_t getRowBytes(int64_t count, unsigned bits) {
  return (count * bits + 7) / 8;
}

/// Product of sizes; the number of rows is that of all but the last.
inline int64_t getNumElements(llvm::ArrayRef<int64_t> shape) {
  int64_t product = 1;
  for (int64_t size : shape)
    product *= size;
  return product;
}
inline int64_t getNumRows(llvm::ArrayRef<int64_t> shape) {
  return getNumElements(shape.drop_back());
}

/// Block sizes of `shape` with -1 resolved, where the size is known.
llvm::SmallVector<int64_t> resolveBlock(llvm::ArrayRef<int64_t> block,
                                        llvm::ArrayRef<int64_t> shape);

/// Turns rows of stored elements of one format into f32. With a table (of a
/// codebook) codes are looked up there.
class RowDecoder {
public:
  explicit RowDecoder(NumberType type, llvm::ArrayRef<float> table = {});
  void decode(const uint8_t *bytes, int64_t count, float *result);

private:
  NumberType type;
  std::array<float, 256> values;
  std::vector<uint8_t> codes;
};

/// Whether the codebook's table is a component.
bool hasStoredTable(const EncodingSpec &spec);
/// The format of an N:M structure's `index`.
NumberType getIndexType(const EncodingSpec &spec);
/// Block rows of a Block structure, all leading dimensions together; -1 where
/// one is dynamic.
int64_t getNumBlockRows(const EncodingSpec &spec,
                        llvm::ArrayRef<int64_t> shape);

/// decode() of a tensor that is stored plainly or encoded.
llvm::Error decodeValues(const Part &part, llvm::ArrayRef<int64_t> shape,
                         llvm::ArrayRef<ComponentData> components,
                         llvm::MutableArrayRef<float> result);
/// An error unless `order` (i32) is a permutation of 0 .. columns - 1.
llvm::Error checkOrder(llvm::ArrayRef<uint8_t> order, int64_t columns);
/// An error where a size is dynamic.
llvm::Error checkStatic(llvm::ArrayRef<int64_t> shape);

} // namespace mlir::compress

#endif // COMPRESS_LIB_ENCODING_NUMBERS_H
