//===- BlockRounder.h - The encoder's steps one by one ----------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Algorithms that compensate errors round a column at a time, for scales that
// were found before; others try several scales. They need the steps of encode()
// apart: the range of each block, the parts that follow from it, and what a
// value becomes under given parts.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_ENCODING_BLOCKROUNDER_H
#define COMPRESS_ENCODING_BLOCKROUNDER_H

#include "compress/Encoding/Codec.h"

namespace mlir::compress {

class CodeChooser;

/// What blocks' parts are derived from; one entry per block, row-major over the
/// block grid.
struct BlockRanges {
  std::vector<float> low, high;
  /// The first value of largest magnitude; with Rounding::FullRange only.
  std::vector<float> extreme;
};

/// Scales, zero points and minima, one per block, as their formats hold them;
/// empty where the encoding has none.
struct BlockParts {
  std::vector<float> scale, zero, min;
};

/// The steps of encode() for one number format and shape. Copies are cheap and
/// share what is constant; all methods may be called by several threads.
class BlockRounder {
public:
  /// Errors: what verify() says, a dynamic shape, a structure, a codebook
  /// without table, a rounding that the encoding can't have, or GGML, which
  /// chooses codes for other scales than the stored ones.
  static llvm::Expected<BlockRounder>
  create(const EncodingSpec &spec, llvm::ArrayRef<int64_t> shape,
         Rounding rounding = Rounding::Nearest,
         llvm::ArrayRef<float> table = {});

  /// The same for a tensor of another shape, of which nothing is checked.
  BlockRounder withShape(llvm::ArrayRef<int64_t> shape) const;

  llvm::ArrayRef<int64_t> getShape() const { return shape; }
  /// Sizes of a block, -1 resolved, and numbers of blocks.
  llvm::ArrayRef<int64_t> getBlock() const { return block; }
  llvm::ArrayRef<int64_t> getGrid() const { return grid; }
  int64_t getNumBlocks() const;
  /// The smallest and the largest value of a code.
  std::pair<float, float> getCodeRange() const;

  /// `values` fill the shape and are finite.
  BlockRanges findRanges(llvm::ArrayRef<float> values) const;

  /// The parts that encode() derives from such ranges, or those that `given`
  /// names, rounded to their formats. Errors: a part that its format can't
  /// hold.
  llvm::Expected<BlockParts> chooseParts(const BlockRanges &ranges,
                                         const BlockParts &given = {}) const;

  /// What values decode to when they have been encoded with `parts`.
  void round(llvm::ArrayRef<float> values, const BlockParts &parts,
             llvm::MutableArrayRef<float> result) const;

  /// The same for values of different blocks; value i has scale[i], zero[i] and
  /// min[i], of which those may be null that the encoding does not have.
  void roundEach(llvm::ArrayRef<float> values, const float *scale,
                 const float *zero, const float *min, float *result) const;

  /// Calls `body(first, count, block)` for each run of values, by their place
  /// in the row-major tensor, that lie in one block.
  void forEachRun(
      llvm::function_ref<void(int64_t first, int64_t count, int64_t block)>
          body) const;

private:
  BlockRounder() = default;

  std::shared_ptr<const EncodingSpec> spec;
  std::shared_ptr<const CodeChooser> chooser;
  std::shared_ptr<const std::vector<float>> codeValues, table;
  llvm::SmallVector<int64_t> shape, block, grid;
  Rounding rounding = Rounding::Nearest;
};

/// Sizes, per dimension, of the smallest pieces of a tensor whose parts do not
/// depend on the other pieces: blocks, blocks of blocks where parts are encoded
/// themselves, and so on. A last piece may be smaller.
llvm::SmallVector<int64_t> getIndependentUnit(const EncodingSpec &spec,
                                              llvm::ArrayRef<int64_t> shape);

} // namespace mlir::compress

#endif // COMPRESS_ENCODING_BLOCKROUNDER_H
