//===- CheckpointFormats.h - Weights of quantized checkpoints ---*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Checkpoints of PyTorch store a quantized matrix as several arrays: codes,
// scales, zero points, and perhaps the group of each column. A format is a row
// of a table that says where integers lie and what they stand for; one reader
// and one writer interpret it. See docs/bridges.md.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_ENCODING_CHECKPOINTFORMATS_H
#define COMPRESS_ENCODING_CHECKPOINTFORMATS_H

#include "compress/Encoding/Codec.h"
#include "compress/Encoding/IntegerPacking.h"
#include "compress/Support/ElementType.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace mlir::compress {

/// What an integer v of b bits is stored as.
enum class IntegerField {
  /// v, of -2^(b-1) and more; words have one each, with its sign.
  Signed,
  /// v + 2^(b-1), v as above.
  Offset,
  /// v, of 0 and more.
  Unsigned,
  /// v - 1, v of 1 and more. The first version of GPTQ's checkpoints has zero
  /// points so.
  LessOne
};

/// An array of integers.
struct CheckpointIntegers {
  /// The array's name is `<module>.<suffix>`; empty where there is none.
  llvm::StringLiteral suffix = "";
  ElementType word = ElementType::I32;
  IntegerField field = IntegerField::Unsigned;
  IntegerPacking packing;
  /// Whether `padded` words are read as well. Which of the two it is, the
  /// number of words must tell.
  bool mayBePadded = false;
};

/// How matrices [rows, columns] that are multiplied along columns are stored.
struct CheckpointFormat {
  /// `--format` takes it.
  llvm::StringLiteral name = "";
  /// config.json's `quant_method`, and the word for the format in it.
  llvm::StringLiteral method = "", word = "";
  CheckpointIntegers codes;
  /// One per block, packed as a matrix of the grid of blocks.
  CheckpointIntegers zeros;
  /// f16, bf16 or f32, one per block.
  llvm::StringLiteral scales = "";
  bool scalesTransposed = false;
  /// The group of each column, i32; empty where columns are in order.
  llvm::StringLiteral groups = "";
  /// The matrix's sizes, i32 or i64; empty where they follow from the arrays'.
  llvm::StringLiteral sizes = "";
  /// Legal bits of codes.
  llvm::ArrayRef<unsigned> bits;
  /// Whether zero points are stored also where all are the middle code.
  bool alwaysZeros = false;
  /// Blocks may span rows, as `strategy` says. Otherwise they are groups of
  /// columns of one row.
  bool anyBlock = false;

  /// Codes are floats, with no zero points.
  bool isFloat() const { return codes.word == ElementType::F8E4M3FN; }
};

llvm::ArrayRef<CheckpointFormat> getCheckpointFormats();
/// The format that `--format` calls so; the error lists those there are.
llvm::Expected<const CheckpointFormat *>
findCheckpointFormat(llvm::StringRef name);

/// What a checkpoint's configuration says of a weight.
struct CheckpointScheme {
  const CheckpointFormat *format = nullptr;
  unsigned bits = 0;
  /// Sizes of a block, -1 for the whole dimension.
  llvm::SmallVector<int64_t, 2> block;
  /// Whether there may be no zero points.
  bool symmetric = true;
};

/// An array of a file.
struct CheckpointArray {
  ElementType type;
  llvm::SmallVector<int64_t> shape;
  llvm::ArrayRef<uint8_t> data;
};

/// The array with a suffix, or null.
using CheckpointLookup =
    llvm::function_ref<const CheckpointArray *(llvm::StringRef suffix)>;

/// A weight in several arrays.
class CheckpointWeight {
public:
  /// Checks that the arrays are there and fit each other, and finds the
  /// encoding that holds what they hold, bit for bit:
  ///  * integers with a scale per block, and a zero point where not all are the
  ///    middle of the codes' range. Where they are, codes are signed, whatever
  ///    is stored. Zero points have the codes' bits, or one more where the
  ///    largest, 2^b, needs it, and are f32 where even that is too little;
  ///  * `permuted` around it where columns of one group do not lie side by
  ///    side.
  /// Arrays' data must outlive the weight. Errors name the array.
  static llvm::Expected<CheckpointWeight> create(const CheckpointScheme &scheme,
                                                 CheckpointLookup lookup);

  llvm::ArrayRef<int64_t> getShape() const { return shape; }
  const EncodingSpec &getEncoding() const { return spec; }
  /// Bytes of all arrays.
  int64_t getBytes() const;
  /// The canonical components of getEncoding(). The error names an integer that
  /// its bits can't hold.
  llvm::Expected<llvm::SmallVector<ComponentData>> unpack() const;

private:
  friend class CheckpointReader;
  /// The encoding, or what is inside of `permuted`.
  const EncodingSpec &getNumberFormat() const {
    return order.empty() ? spec : spec.values.getEncoding();
  }
  llvm::Expected<ComponentData> unpackCodes() const;
  llvm::Expected<ComponentData> unpackZeros(llvm::ArrayRef<int64_t> grid) const;

  CheckpointScheme scheme;
  /// As the arrays have them, padded or not.
  IntegerPacking codePacking, zeroPacking;
  CheckpointArray codes, scales;
  std::optional<CheckpointArray> zeros;
  int64_t otherBytes = 0;
  llvm::SmallVector<int64_t> shape;
  EncodingSpec spec;
  /// Stored column j is column order[j]; empty where columns are in order.
  std::vector<int32_t> order;
};

/// An array to write; without its bytes as long as it is only described.
struct OwnedCheckpointArray {
  llvm::StringRef suffix;
  ElementType type;
  llvm::SmallVector<int64_t> shape;
  std::vector<uint8_t> data;
};

/// How a format holds an encoding of a matrix, losslessly. The error says what
/// the format can't hold, or not of this shape.
llvm::Expected<CheckpointScheme>
getCheckpointScheme(const CheckpointFormat &format, const EncodingSpec &spec,
                    llvm::ArrayRef<int64_t> shape);

/// What packCheckpoint() makes for a matrix, but for the bytes. Errors: those
/// of getCheckpointScheme().
llvm::Expected<std::vector<OwnedCheckpointArray>>
describeCheckpoint(const CheckpointFormat &format, const EncodingSpec &spec,
                   llvm::ArrayRef<int64_t> shape);

/// The arrays of an encoded matrix, from its canonical components; the inverse
/// of CheckpointWeight. Errors: those of getCheckpointScheme(), components of
/// other sizes, and zero points that the format can't hold.
llvm::Expected<std::vector<OwnedCheckpointArray>>
packCheckpoint(const CheckpointFormat &format, const EncodingSpec &spec,
               llvm::ArrayRef<int64_t> shape,
               llvm::ArrayRef<llvm::ArrayRef<uint8_t>> components);

} // namespace mlir::compress

#endif // COMPRESS_ENCODING_CHECKPOINTFORMATS_H
