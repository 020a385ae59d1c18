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

// Eight codes of b bits are b whole bytes: one word holds a group.
template <unsigned Bits>
static void unpackGroups(const uint8_t *bytes, int64_t count, uint8_t *codes) {
  constexpr uint64_t mask = (1u << Bits) - 1;
  for (; count >= 8; count -= 8, bytes += Bits, codes += 8) {
    uint64_t word = 0;
    std::memcpy(&word, bytes, Bits);
    for (unsigned i = 0; i < 8; ++i)
      codes[i] = uint8_t((word >> (i * Bits)) & mask);
  }
  for (int64_t i = 0; i < count; ++i)
    codes[i] = uint8_t(unpackBits(bytes, Bits, i));
}

template <unsigned Bits>
static void packGroups(const uint8_t *codes, int64_t count, uint8_t *bytes) {
  constexpr uint64_t mask = (1u << Bits) - 1;
  for (; count > 0; count -= 8, bytes += Bits, codes += 8) {
    unsigned group = unsigned(std::min<int64_t>(count, 8));
    uint64_t word = 0;
    for (unsigned i = 0; i < group; ++i)
      word |= (codes[i] & mask) << (i * Bits);
    std::memcpy(bytes, &word, getRowBytes(group, Bits));
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
    std::memcpy(codes, bytes, count);
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
    std::memcpy(bytes, codes, count);
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
      size = std::max<int64_t>(extent, 1);
  return resolved;
}

llvm::Error mlir::compress::makeError(const llvm::Twine &message) {
  return llvm::createStringError(
      std::make_error_code(std::errc::invalid_argument), message);
}

std::string mlir::compress::strShape(llvm::ArrayRef<int64_t> shape) {
  std::string text = "[";
  for (auto [i, size] : llvm::enumerate(shape))
    text += (i ? ", " : "") + std::to_string(size);
  return text + "]";
}
