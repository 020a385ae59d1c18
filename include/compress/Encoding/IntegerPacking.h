//===- IntegerPacking.h - Small integers in words of arrays -----*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_ENCODING_INTEGERPACKING_H
#define COMPRESS_ENCODING_INTEGERPACKING_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

#include <cstdint>
#include <vector>

namespace mlir::compress {

/// How a matrix of integers of a few bits lies in an array of words. Arrays are
/// row-major, words little endian.
struct IntegerPacking {
  /// Bits of a word: 8 or 32.
  unsigned wordBits = 32;
  /// The matrix's dimension along which integers share words. In the array it
  /// has as many words as they need.
  unsigned axis = 1;
  /// The array holds the matrix's columns as rows.
  bool transposed = false;
  /// Words end with a whole integer, and what they have no room for is left
  /// zero. Otherwise integer i begins at bit i * bits of the line of words,
  /// and may lie in two.
  bool padded = false;
  /// Field f of each run of order.size() fields holds the run's integer
  /// order[f]; empty: fields are in order. Refers to static storage.
  llvm::ArrayRef<uint8_t> order = {};
};

/// Words of a line of `count` integers.
int64_t getNumWords(const IntegerPacking &packing, unsigned bits,
                    int64_t count);

/// Shape of the array that holds a matrix of rows x columns integers.
llvm::SmallVector<int64_t, 2> getPackedShape(const IntegerPacking &packing,
                                             unsigned bits, int64_t rows,
                                             int64_t columns);

/// The `bits` bits, 1 to 8, of each integer of a matrix of rows x columns, a
/// byte each, row-major. `array` has the bytes of getPackedShape() words; where
/// fields are not in order, integers come in whole runs.
std::vector<uint8_t> unpackIntegers(const IntegerPacking &packing,
                                    unsigned bits, int64_t rows,
                                    int64_t columns,
                                    llvm::ArrayRef<uint8_t> array);

/// The exact inverse; bits of the words that no integer has are zero.
std::vector<uint8_t> packIntegers(const IntegerPacking &packing, unsigned bits,
                                  int64_t rows, int64_t columns,
                                  llvm::ArrayRef<uint8_t> integers);

} // namespace mlir::compress

#endif // COMPRESS_ENCODING_INTEGERPACKING_H
