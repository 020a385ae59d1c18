//===- IntegerPacking.cpp - Small integers in words of arrays -------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Encoding/IntegerPacking.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace llvm;
using namespace mlir::compress;

int64_t mlir::compress::getNumWords(const IntegerPacking &packing,
                                    unsigned bits, int64_t count) {
  if (packing.padded)
    return divideCeil(count, packing.wordBits / bits);
  return divideCeil(count * bits, packing.wordBits);
}

SmallVector<int64_t, 2>
mlir::compress::getPackedShape(const IntegerPacking &packing, unsigned bits,
                               int64_t rows, int64_t columns) {
  SmallVector<int64_t, 2> shape = {rows, columns};
  shape[packing.axis] = getNumWords(packing, bits, shape[packing.axis]);
  if (packing.transposed)
    std::swap(shape[0], shape[1]);
  return shape;
}

namespace {
/// Where integers lie.
class FieldMap {
public:
  FieldMap(const IntegerPacking &packing, unsigned bits, int64_t rows,
           int64_t columns)
      : packing(packing), bits(bits), rows(rows), columns(columns),
        fields(packing.order.size()) {
    for (auto [field, integer] : enumerate(packing.order))
      fields[integer] = field;
    SmallVector<int64_t, 2> shape =
        getPackedShape(packing, bits, rows, columns);
    unsigned wordAxis = packing.transposed ? 1 - packing.axis : packing.axis;
    wordStride = wordAxis == 0 ? shape[1] : 1;
    lineStride = wordAxis == 0 ? 1 : shape[1];
    wordBytes = packing.wordBits / 8;
  }

  /// Calls body(integer, byte, shift, rest) for each integer of the matrix: its
  /// place in the matrix, the array's byte that has its lowest bit at `shift`,
  /// and the byte that has the bits for which that one has no room, or -1. The
  /// two lie apart where words do.
  template <typename Body> void forEach(Body body) const {
    // One of matrix and array is walked across; squares keep both in the cache.
    constexpr int64_t kTile = 64;
    for (int64_t row0 = 0; row0 < rows; row0 += kTile)
      for (int64_t column0 = 0; column0 < columns; column0 += kTile)
        for (int64_t row = row0; row < std::min(row0 + kTile, rows); ++row)
          for (int64_t column = column0;
               column < std::min(column0 + kTile, columns); ++column)
            visit(row, column, body);
  }

private:
  template <typename Body>
  void visit(int64_t row, int64_t column, Body body) const {
    int64_t along = packing.axis ? column : row;
    int64_t line = packing.axis ? row : column;
    if (!fields.empty()) {
      int64_t run = fields.size();
      along = along / run * run + fields[along % run];
    }
    int64_t bit = along * bits;
    if (packing.padded) {
      int64_t perWord = packing.wordBits / bits;
      bit = along / perWord * packing.wordBits + along % perWord * bits;
    }
    unsigned shift = bit % 8;
    int64_t first = getByte(line, bit / 8);
    bool isWhole = shift + bits <= 8;
    body(row * columns + column, first, shift,
         isWhole ? -1 : getByte(line, bit / 8 + 1));
  }

  /// Byte number `index` of a line of words.
  int64_t getByte(int64_t line, int64_t index) const {
    int64_t word = line * lineStride + index / wordBytes * wordStride;
    return word * wordBytes + index % wordBytes;
  }

  const IntegerPacking &packing;
  unsigned bits;
  int64_t rows, columns;
  SmallVector<int64_t, 8> fields;
  int64_t wordStride, lineStride, wordBytes;
};
} // namespace

std::vector<uint8_t>
mlir::compress::unpackIntegers(const IntegerPacking &packing, unsigned bits,
                               int64_t rows, int64_t columns,
                               ArrayRef<uint8_t> array) {
  std::vector<uint8_t> integers(rows * columns);
  uint8_t mask = maskTrailingOnes<uint8_t>(bits);
  FieldMap(packing, bits, rows, columns)
      .forEach(
          [&](int64_t integer, int64_t byte, unsigned shift, int64_t rest) {
            unsigned value = array[byte] >> shift;
            if (rest >= 0)
              value |= unsigned(array[rest]) << (8 - shift);
            integers[integer] = value & mask;
          });
  return integers;
}

std::vector<uint8_t> mlir::compress::packIntegers(const IntegerPacking &packing,
                                                  unsigned bits, int64_t rows,
                                                  int64_t columns,
                                                  ArrayRef<uint8_t> integers) {
  SmallVector<int64_t, 2> shape = getPackedShape(packing, bits, rows, columns);
  std::vector<uint8_t> array(shape[0] * shape[1] * packing.wordBits / 8);
  uint8_t mask = maskTrailingOnes<uint8_t>(bits);
  FieldMap(packing, bits, rows, columns)
      .forEach(
          [&](int64_t integer, int64_t byte, unsigned shift, int64_t rest) {
            unsigned value = integers[integer] & mask;
            array[byte] |= value << shift;
            if (rest >= 0)
              array[rest] |= value >> (8 - shift);
          });
  return array;
}
