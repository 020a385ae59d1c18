//===- CheckpointFormats.h - What reader and writer share -------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_ENCODING_CHECKPOINTFORMATS_H
#define COMPRESS_LIB_ENCODING_CHECKPOINTFORMATS_H

#include "compress/Encoding/CheckpointFormats.h"

namespace mlir::compress {

/// The smallest integer that a field of so many bits holds; the largest is
/// 2^bits - 1 more.
int64_t getFieldMin(IntegerField field, unsigned bits);

/// Bits that an integer takes in words: bytes have one each.
unsigned getFieldBits(const CheckpointIntegers &integers, unsigned bits);

/// The integer that the low `bits` bits of `stored` are.
int64_t fieldToInteger(IntegerField field, unsigned bits, uint8_t stored);

/// The inverse, for integers that the field holds; of signed ones all bits of a
/// byte.
uint8_t integerToField(IntegerField field, unsigned bits, int64_t integer);

} // namespace mlir::compress

#endif // COMPRESS_LIB_ENCODING_CHECKPOINTFORMATS_H
