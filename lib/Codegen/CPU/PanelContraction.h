//===- PanelContraction.h - What contractions on panels share ---*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_CODEGEN_CPU_PANELCONTRACTION_H
#define COMPRESS_LIB_CODEGEN_CPU_PANELCONTRACTION_H

#include "Kernel.h"

namespace mlir::compress {

/// A contraction whose weights lie in panels: its operands, its division into
/// units of panels, and what happens to finished sums.
class PanelContraction {
public:
  explicit PanelContraction(Kernel &kernel);

protected:
  /// A part of k, whose values are counted in tiles of tileDepth: `size` values
  /// from tile `first` on, or in block compressed rows the stored blocks
  /// [beginBlock, endBlock).
  struct Range {
    Value first;
    int64_t size = 0;
    Value beginBlock, endBlock;
  };
  /// Values of a range that are consecutive, in the activations and as stored.
  struct Span {
    /// Numbers of the first tile: of the activations, of the weights in their
    /// stored block or without blocks in all of k, and counted from the range's
    /// beginning.
    Value first, stored, local;
    int64_t size;
    Value block; // null where there is none
  };
  /// `panels` neighbouring panels of one batch entry, computed by one thread.
  struct Unit {
    Value batch; // null where there is none
    Value firstPanel;
    /// All of k.
    Range range;
    /// The first panel's number in its row of blocks.
    Value blockPanel;
  };

  /// Vectors that hold a panel, and all panels of a unit.
  int64_t halves() const { return kPanelRows / lanes; }
  int64_t vectors() const { return panels * halves(); }
  /// Rows of the left operand.
  Value rows();

  /// Divides the units among the threads.
  void forUnits(function_ref<void(const Unit &)> body);
  /// The unit from its panel number `panel` on.
  Unit getPart(const Unit &unit, Value panel);
  /// Rows in tiles of descending sizes: where those of each size end, counted
  /// from the first row. Less than the last size is left.
  SmallVector<Value> planRowTiles(Value rows, ArrayRef<int64_t> sizes);
  /// Rows [begin, end) in such tiles; the last size is 1.
  void forRowTiles(Value begin, Value end, ArrayRef<int64_t> sizes,
                   function_ref<void(Value row, int64_t count)> body);
  /// Calls `body` for each span of a range, in the order of k; it takes what
  /// the last one gave.
  SmallVector<Value>
  forSpans(const Range &range, ValueRange init,
           function_ref<SmallVector<Value>(const Span &, ValueRange)> body);
  void forSpans(const Range &range, function_ref<void(const Span &)> body);
  /// Most values that a range of all of k holds.
  int64_t getStoredDepth() const;
  /// Position of the weights of a panel's half at k, in stored block `block` if
  /// there are blocks.
  SmallVector<Coord> weightIndex(const Unit &unit, Value block, int64_t panel,
                                 int64_t half, Coord k);
  /// What the sums of a vector of columns begin with.
  Value readInit(ElementwiseEvaluator &evaluator);
  /// Applies what follows the contraction to the sums of one row, and writes
  /// the result.
  void finishRow(const Unit &unit, Value row, ArrayRef<Value> sums);

  Kernel &kernel;
  Emitter &e;
  Contraction contraction;
  EncodedOperand activations, weights;
  int64_t lanes, panels;
  /// Sizes of n and k.
  int64_t width, depth;
  /// Values along k that are counted together: 32, or a group of N:M.
  int64_t tileDepth = 32;
  /// Sizes of the stored blocks of block compressed rows, or 0.
  int64_t blockHeight = 0, blockWidth = 0;

private:
  /// The matrix of weights that each unit's batch entry has.
  DenseMap<Value, Value> matrices;
};

} // namespace mlir::compress

#endif // COMPRESS_LIB_CODEGEN_CPU_PANELCONTRACTION_H
