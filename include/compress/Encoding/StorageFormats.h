//===- StorageFormats.h - Block types of model files ------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_ENCODING_STORAGEFORMATS_H
#define COMPRESS_ENCODING_STORAGEFORMATS_H

#include "compress/Encoding/Codec.h"

namespace mlir::compress {

/// A run of bits of a block: `width` bits of each of `count` elements of a
/// component, from element `firstElement` on, go to (or come from) bit `shift`
/// of the element's code. In the block they lie at bit
///     start + sum over digits of (digit of the element's number) * step,
/// where the element's number, counted from `firstElement`, is written with the
/// digits' extents as radices, the least significant digit first. Bit b of a
/// block is bit b % 8 of byte b / 8; what is wider than a byte is little
/// endian.
struct BlockField {
  struct Digit {
    int64_t extent;
    int64_t step;
  };
  unsigned firstElement, count;
  unsigned shift, width;
  int64_t start;
  llvm::SmallVector<Digit, 4> digits;
};

/// Codes that are digits in base `radix`, several to a byte: element
///     firstElement + i * bytes + b
/// of a component is digit i of byte firstByte + b. A byte B stands for the
/// fraction B / 256, whose digits come out at the top as it is multiplied by
/// `radix` again and again, the first digit first. It is written as the
/// smallest byte with these digits; of the as many digits as bytes have room
/// for, those beyond `digits` are zero. Several bytes may have the same digits.
struct RadixField {
  unsigned firstElement;
  unsigned radix, digits;
  unsigned firstByte, bytes;
};

/// Where a component's elements lie in a block. One that has no fields is not
/// stored: its elements are all `flip`.
struct BlockComponent {
  /// Index among getComponents() of the encoding.
  unsigned component;
  unsigned elementsPerBlock;
  /// Our code is the stored one, exclusive-or this: the top bit turns offset
  /// binary into two's complement, a float's sign bit negates.
  uint32_t flip;
  llvm::SmallVector<BlockField, 4> fields;
  llvm::SmallVector<RadixField, 0> radixFields = {};
};

/// A block type of GGUF files: fixed-size blocks that each hold the codes and
/// scales of consecutive values of a row.
///
/// The description is complete: the encoding says what the numbers mean, the
/// fields say where their bits are. Bits and encodings follow ggml's
/// src/ggml-common.h. A type is added by describing it.
struct StorageFormat {
  llvm::StringRef name;
  /// Number of the type in GGUF files.
  uint32_t ggmlType;
  unsigned valuesPerBlock;
  unsigned bytesPerBlock;
  /// Encoding of a matrix; see getEncoding for other ranks.
  EncodingSpec matrixEncoding;
  llvm::SmallVector<BlockComponent, 5> components;
  /// How values are written as this type unless something else is asked for:
  /// GGML for types that ggml rounds plainly. For the others it searches
  /// scales, which we do not imitate.
  Rounding rounding = Rounding::Nearest;

  /// The encoding for a tensor of `rank` dimensions, whose blocks run along the
  /// last one.
  EncodingSpec getEncoding(unsigned rank) const;

  /// Bytes of a tensor. Errors: a dynamic size, a last dimension that is not a
  /// multiple of valuesPerBlock, a size that overflows.
  llvm::Expected<int64_t> getBytes(llvm::ArrayRef<int64_t> shape) const;
};

/// All known formats, by type number.
llvm::ArrayRef<StorageFormat> getStorageFormats();
/// The format of a GGUF type number or name (`Q4_K`), or null.
const StorageFormat *findStorageFormat(uint32_t ggmlType);
const StorageFormat *findStorageFormat(llvm::StringRef name);

/// Takes the blocks of a tensor of `shape` (row-major, the last dimension is
/// GGUF's first) apart into components of `format.getEncoding(rank)`. Every
/// code and scale is kept bit for bit.
llvm::Expected<llvm::SmallVector<ComponentData>>
unpackBlocks(const StorageFormat &format, llvm::ArrayRef<int64_t> shape,
             llvm::ArrayRef<uint8_t> blocks);

/// The exact inverse, but for bytes of RadixFields, which may come out as
/// others with the same digits. Errors: components of other sizes, codes that
/// the type can't hold.
llvm::Expected<std::vector<uint8_t>>
packBlocks(const StorageFormat &format, llvm::ArrayRef<int64_t> shape,
           llvm::ArrayRef<llvm::ArrayRef<uint8_t>> components);

/// Rounds values to blocks: what encode() with `format.rounding`, or what
/// `inputs` asks for, and packBlocks() make of them. Errors: theirs.
llvm::Expected<std::vector<uint8_t>> encodeBlocks(const StorageFormat &format,
                                                  llvm::ArrayRef<int64_t> shape,
                                                  llvm::ArrayRef<float> values);
llvm::Expected<std::vector<uint8_t>> encodeBlocks(const StorageFormat &format,
                                                  llvm::ArrayRef<int64_t> shape,
                                                  llvm::ArrayRef<float> values,
                                                  const EncodeInputs &inputs);

} // namespace mlir::compress

#endif // COMPRESS_ENCODING_STORAGEFORMATS_H
