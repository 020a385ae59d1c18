//===- Numbers.cpp - Fast conversions of arrays of numbers ------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Numbers.h"

#include "compress/Encoding/Codec.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/MathExtras.h"

#include <cstring>

using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Packed rows
//===----------------------------------------------------------------------===//

void mlir::compress::packBits(llvm::ArrayRef<uint32_t> codes, unsigned bits,
                              uint8_t *bytes) {
  std::memset(bytes, 0, getRowBytes(codes.size(), bits));
  int64_t position = 0;
  for (uint32_t code : codes) {
    uint64_t word = uint64_t(code & llvm::maskTrailingOnes<uint32_t>(bits))
                    << (position % 8);
    for (uint8_t *byte = bytes + position / 8; word; word >>= 8)
      *byte++ |= uint8_t(word);
    position += bits;
  }
}

uint32_t mlir::compress::unpackBits(const uint8_t *bytes, unsigned bits,
                                    int64_t index) {
  int64_t first = index * bits;
  unsigned shift = first % 8;
  uint64_t word = 0;
  for (unsigned i = 0; i * 8 < shift + bits; ++i)
    word |= uint64_t(bytes[first / 8 + i]) << (8 * i);
  return uint32_t(word >> shift) & llvm::maskTrailingOnes<uint32_t>(bits);
}

// Eight codes of b bits are b whole bytes, so one word holds a group. In three
// steps neighbours move together (or apart): bytes to pairs, pairs to fours,
// fours to eight.
constexpr uint64_t kBytes = 0x00FF00FF00FF00FF;
constexpr uint64_t kPairs = 0x0000FFFF0000FFFF;
constexpr uint64_t kFours = 0x00000000FFFFFFFF;

template <unsigned Bits> static uint64_t packGroup(uint64_t x) {
  x &= ((1u << Bits) - 1) * 0x0101010101010101;
  x = (x & kBytes) | ((x & ~kBytes) >> (8 - Bits));
  x = (x & kPairs) | ((x & ~kPairs) >> (16 - 2 * Bits));
  return (x & kFours) | ((x & ~kFours) >> (32 - 4 * Bits));
}

template <unsigned Bits> static uint64_t unpackGroup(uint64_t x) {
  constexpr uint64_t fours = (uint64_t(1) << (4 * Bits)) - 1;
  constexpr uint64_t pairs =
      ((uint64_t(1) << (2 * Bits)) - 1) * 0x0000000100000001;
  constexpr uint64_t bytes = ((1u << Bits) - 1) * 0x0001000100010001;
  x = (x & fours) | ((x & (fours << (4 * Bits))) << (32 - 4 * Bits));
  x = (x & pairs) | ((x & (pairs << (2 * Bits))) << (16 - 2 * Bits));
  return (x & bytes) | ((x & (bytes << Bits)) << (8 - Bits));
}

template <unsigned Bits>
static void unpackGroups(const uint8_t *bytes, int64_t count, uint8_t *codes) {
  for (; count >= 8; count -= 8, bytes += Bits, codes += 8) {
    uint64_t word = 0;
    std::memcpy(&word, bytes, Bits);
    word = unpackGroup<Bits>(word);
    std::memcpy(codes, &word, 8);
  }
  if (count > 0) {
    uint64_t word = 0;
    std::memcpy(&word, bytes, getRowBytes(count, Bits));
    word = unpackGroup<Bits>(word);
    std::memcpy(codes, &word, count);
  }
}

template <unsigned Bits>
static void packGroups(const uint8_t *codes, int64_t count, uint8_t *bytes) {
  for (; count >= 8; count -= 8, bytes += Bits, codes += 8) {
    uint64_t word;
    std::memcpy(&word, codes, 8);
    word = packGroup<Bits>(word);
    std::memcpy(bytes, &word, Bits);
  }
  if (count > 0) {
    uint64_t word = 0;
    std::memcpy(&word, codes, count);
    word = packGroup<Bits>(word);
    std::memcpy(bytes, &word, getRowBytes(count, Bits));
  }
}

void mlir::compress::unpackRow(const uint8_t *bytes, unsigned bits,
                               int64_t count, uint8_t *codes) {
  switch (bits) {
  case 1:
    return unpackGroups<1>(bytes, count, codes);
  case 2:
    return unpackGroups<2>(bytes, count, codes);
  case 3:
    return unpackGroups<3>(bytes, count, codes);
  case 4:
    return unpackGroups<4>(bytes, count, codes);
  case 5:
    return unpackGroups<5>(bytes, count, codes);
  case 6:
    return unpackGroups<6>(bytes, count, codes);
  case 7:
    return unpackGroups<7>(bytes, count, codes);
  case 8:
    std::copy_n(bytes, count, codes);
    return;
  }
  llvm_unreachable("codes have 1 to 8 bits");
}

void mlir::compress::packRow(const uint8_t *codes, unsigned bits, int64_t count,
                             uint8_t *bytes) {
  switch (bits) {
  case 1:
    return packGroups<1>(codes, count, bytes);
  case 2:
    return packGroups<2>(codes, count, bytes);
  case 3:
    return packGroups<3>(codes, count, bytes);
  case 4:
    return packGroups<4>(codes, count, bytes);
  case 5:
    return packGroups<5>(codes, count, bytes);
  case 6:
    return packGroups<6>(codes, count, bytes);
  case 7:
    return packGroups<7>(codes, count, bytes);
  case 8:
    std::copy_n(codes, count, bytes);
    return;
  }
  llvm_unreachable("codes have 1 to 8 bits");
}

//===----------------------------------------------------------------------===//
// Rows of floats
//===----------------------------------------------------------------------===//

RowDecoder::RowDecoder(NumberType type, llvm::ArrayRef<float> table)
    : type(type) {
  if (type.getBits() > 8)
    return;
  for (uint32_t code = 0; code < (1u << type.getBits()); ++code)
    values[code] = table.empty() ? type.decode(code) : table[code];
}

/// Elements of a component lie at any address.
template <typename Stored, typename Convert>
static void convertRow(const uint8_t *bytes, int64_t count, float *result,
                       Convert convert) {
  for (int64_t i = 0; i < count; ++i) {
    Stored stored;
    std::memcpy(&stored, bytes + i * sizeof(Stored), sizeof(Stored));
    result[i] = convert(stored);
  }
}

void RowDecoder::decode(const uint8_t *bytes, int64_t count, float *result) {
  switch (type.getKind()) {
  case NumberType::Kind::F32:
    std::memcpy(result, bytes, count * sizeof(float));
    return;
  case NumberType::Kind::F16:
    return convertRow<uint16_t>(bytes, count, result, decodeF16);
  case NumberType::Kind::BF16:
    return convertRow<uint16_t>(bytes, count, result, decodeBF16);
  default:
    break;
  }
  if (type.getBits() > 8) {
    for (int64_t i = 0; i < count; ++i)
      result[i] = type.decode(unpackBits(bytes, type.getBits(), i));
    return;
  }
  const uint8_t *row = bytes;
  if (type.getBits() < 8) {
    if (int64_t(codes.size()) < count)
      codes.resize(count);
    unpackRow(bytes, type.getBits(), count, codes.data());
    row = codes.data();
  }
  for (int64_t i = 0; i < count; ++i)
    result[i] = values[row[i]];
}

//===----------------------------------------------------------------------===//
// Shapes and messages
//===----------------------------------------------------------------------===//

llvm::SmallVector<int64_t>
mlir::compress::resolveBlock(llvm::ArrayRef<int64_t> block,
                             llvm::ArrayRef<int64_t> shape) {
  llvm::SmallVector<int64_t> resolved(block);
  for (auto [size, extent] : llvm::zip_equal(resolved, shape))
    if (size == -1)
      size = extent < 0 ? -1 : std::max<int64_t>(extent, 1);
  return resolved;
}
