//===- NumberFormatEncoder.h - Blocks to codes and scales -------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_ENCODING_NUMBERFORMATENCODER_H
#define COMPRESS_LIB_ENCODING_NUMBERFORMATENCODER_H

#include "CodeChooser.h"

#include "compress/Encoding/BlockRounder.h"

namespace mlir::compress {

using ComponentList = llvm::SmallVector<ComponentData>;

/// Encodes one number format: block ranges, then the per-block parts, each
/// rounded to its format before the next depends on it, then the codes. Private
/// to the library; the rules stand at `encode`. The arguments must outlive it.
class NumberFormatEncoder {
public:
  NumberFormatEncoder(const EncodingSpec &spec, llvm::ArrayRef<int64_t> shape,
                      llvm::ArrayRef<float> values, const EncodeInputs &inputs);

  /// Appends the components.
  llvm::Error run(ComponentList &result);
  /// Its steps. `values` are read by the first and the last one only.
  BlockRanges findRanges() const;
  /// `parts` gets the components of scales, zero points and minima.
  llvm::Error chooseParts(const BlockRanges &ranges, ComponentList &parts);
  /// What chooseParts() chose.
  BlockParts takeParts() {
    return {std::move(scale), std::move(zero), std::move(min)};
  }

private:
  /// Calls `body(values, block's index)` for each run of a row's values that
  /// lie in one block, for all rows.
  template <typename Body> void forEachRun(Body body) const;

  llvm::Error checkInputs() const;
  /// Whether the value of largest magnitude becomes the lowest code.
  bool usesLowestCode() const;
  /// The first value of largest magnitude of each block.
  std::vector<float> findExtremes() const;
  /// The sign of a minimum that is zero: that of the block's last one.
  void signMinima(llvm::MutableArrayRef<float> minima) const;

  llvm::Error chooseScales(ComponentList &parts);
  llvm::Error deriveScales();
  llvm::Error deriveScale(int64_t i, float &result) const;
  float deriveGgmlScale(int64_t i) const;
  llvm::Error chooseZeros(ComponentList &parts);
  llvm::Error chooseMinima(ComponentList &parts);
  /// The low end of what a block with minimum represents.
  float getFloor(int64_t i) const;

  llvm::Error roundPart(const Part &part, const char *name,
                        llvm::ArrayRef<float> wanted,
                        std::vector<float> &rounded, ComponentList &parts);
  llvm::Error readBack(const Part &part, const ComponentList &encoded,
                       std::vector<float> &rounded) const;
  llvm::Error checkCount(llvm::ArrayRef<float> given, const char *name) const;
  std::string describeBlock(int64_t index) const;

  void chooseCodes(ComponentList &result);
  void chooseRun(llvm::ArrayRef<float> run, int64_t index,
                 uint8_t *codes) const;

  const EncodingSpec &spec;
  llvm::ArrayRef<int64_t> shape;
  llvm::ArrayRef<float> values;
  const EncodeInputs &inputs;
  CodeChooser chooser;
  llvm::SmallVector<int64_t> block, grid;
  int64_t numBlocks = 0;
  std::vector<float> low, high, extreme;
  /// What was derived or given, and what the parts' formats made of it.
  std::vector<float> wantedScale, wantedMin;
  std::vector<float> scale, zero, min;
  std::vector<int32_t> sums;
};

/// Calls `body(first column, count, block's index)` for each run of a row's
/// values that lie in one block.
template <typename Body>
void forEachBlockRun(llvm::ArrayRef<int64_t> shape,
                     llvm::ArrayRef<int64_t> block,
                     llvm::ArrayRef<int64_t> grid, int64_t row, Body body) {
  int64_t index = 0, stride = grid.back(), rest = row;
  for (int64_t dim = int64_t(shape.size()) - 2; dim >= 0; --dim) {
    index += rest % shape[dim] / block[dim] * stride;
    stride *= grid[dim];
    rest /= shape[dim];
  }
  int64_t columns = shape.back();
  for (int64_t first = 0; first < columns; ++index) {
    int64_t count = std::min(block.back(), columns - first);
    body(first, count, index);
    first += count;
  }
}

/// Encodes a part: plainly, or as the encoding that it is.
llvm::Error encodePart(const Part &part, llvm::ArrayRef<int64_t> shape,
                       llvm::ArrayRef<float> values, const EncodeInputs &inputs,
                       ComponentList &result);

/// Rounds values to a number format. A finite float that overflows is an error.
llvm::Error encodePlain(NumberType number, llvm::ArrayRef<int64_t> shape,
                        llvm::ArrayRef<float> values, ComponentList &result);

template <typename T> ComponentData toBytes(llvm::ArrayRef<T> values) {
  auto *bytes = reinterpret_cast<const uint8_t *>(values.data());
  return ComponentData(bytes, bytes + values.size() * sizeof(T));
}

} // namespace mlir::compress

#endif // COMPRESS_LIB_ENCODING_NUMBERFORMATENCODER_H
