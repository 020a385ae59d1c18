//===- AttentionUnit.h - An online softmax over positions -------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_CODEGEN_CPU_ATTENTIONUNIT_H
#define COMPRESS_LIB_CODEGEN_CPU_ATTENTIONUNIT_H

#include "Kernel.h"

#include "compress/Encoding/Layout.h"

namespace mlir::compress {

/// Query heads that share keys and values: `count` from number `first` of the
/// unit's on.
struct HeadRange {
  Value first;
  int64_t count;
};

/// The positions that a query sees: [first, end). Null for `first` is 0.
struct Seen {
  Value first, end;

  /// Those among the positions of a step's blocks: [begin, end).
  std::pair<Value, Value> clamp(Emitter &e, Value block, int64_t blocks) const {
    Value begin = e.mulIndex(block, kCacheBlock);
    Value last = e.minIndex(end, e.addIndex(begin, blocks * kCacheBlock));
    if (first)
      begin = arith::MaxUIOp::create(e, begin, first);
    return {begin, last};
  }
};

/// What becomes of scores, and which are taken.
struct Scoring {
  float scale;
  /// 0 where there is none.
  int64_t window = 0;
  float softCap = 0;

  template <typename OpTy> static Scoring of(OpTy op) {
    Scoring result{op.getScale().convertToFloat()};
    if (op.getWindow())
      result.window = static_cast<int64_t>(*op.getWindow());
    if (op.getSoftCap())
      result.softCap = op.getSoftCap()->convertToFloat();
    return result;
  }
};

/// Where keys and values of one unit of work come from.
struct KeysAndValues {
  virtual ~KeysAndValues() = default;
  /// Stores scores before scaling: of head h with position p of the step's
  /// blocks at weights[h][p - 16 * block]. Those of positions that `seen` does
  /// not have are not used.
  virtual void score(Emitter &e, HeadRange heads, Value block, int64_t blocks,
                     Seen seen, Value weights) = 0;
  /// Vectors of the value at `position`, as f32: its columns from `column` on.
  /// Columns that do not exist are arbitrary.
  virtual SmallVector<Value> values(Emitter &e, Value position, int64_t column,
                                    int64_t vectors, int64_t lanes) = 0;
};

/// Positions whose keys and values come from elsewhere: those from `begin` on,
/// a multiple of 16. They are computed in steps of one block.
struct RecentPositions {
  KeysAndValues *source = nullptr;
  Value begin;
};

/// One query row and the heads that share a key-value head: an online softmax
/// (Milakov and Gimelshein 2018) over steps of positions, in their order. Keys
/// and values are read once for `tile` heads.
class AttentionUnit {
public:
  /// Positions that are scored together.
  static constexpr int64_t kBlock = kCacheBlock;
  /// Blocks per step of the online softmax.
  static constexpr int64_t kBlocksPerStep = 4;

  /// What a unit keeps in memory, which the first-level cache holds.
  struct Scratch {
    /// heads x positions of a step: scores, then weights.
    Value weights;
    /// heads x columns.
    Value totals;
    /// heads x (maximum, sum, what the step multiplies sums by).
    Value state;

    static Scratch allocate(Kernel &kernel, int64_t heads, int64_t headDim) {
      Type f32 = kernel.e.getF32Type();
      return {kernel.allocateScratch({heads, kBlock * kBlocksPerStep}, f32),
              kernel.allocateScratch(
                  {heads, int64_t(llvm::alignTo(headDim, kernel.lanes))}, f32),
              kernel.allocateScratch({heads, 3}, f32)};
    }
  };

  AttentionUnit(Kernel &kernel, const Scratch &scratch, KeysAndValues &source,
                int64_t heads, int64_t tile, int64_t headDim, Scoring scoring)
      : e(kernel.e), lanes(kernel.lanes), scratch(scratch), source(source),
        heads(heads), tile(tile), headDim(headDim), scoring(scoring) {}

  /// Attends to positions 0 ... count - 1, or to the last ones of them that the
  /// window has. `storeColumns` gets each head's columns, `lanes` at a time, of
  /// which some may not exist.
  void run(Value count, const RecentPositions &recent,
           function_ref<void(Value head, int64_t column, Value, int64_t)>
               storeColumns);

private:
  enum State { Maximum, Sum, Correction };

  int64_t columnsFrom(int64_t column) const {
    return std::min(lanes, headDim - column);
  }
  Value loadState(Value head, State what) {
    return e.load(scratch.state, {head, e.index(what)});
  }
  void storeState(Value head, State what, Value value) {
    e.store(value, scratch.state, {head, e.index(what)});
  }
  void begin();
  void step(KeysAndValues &from, Value block, int64_t blocks, Seen seen);
  Value scoreOf(Value product);
  void weigh(Value head, Value block, int64_t blocks, Seen seen);
  void addValues(KeysAndValues &from, HeadRange range, int64_t column,
                 int64_t vectors, Value block, int64_t blocks, Seen seen);

  Emitter &e;
  int64_t lanes;
  Scratch scratch;
  KeysAndValues &source;
  int64_t heads, tile, headDim;
  Scoring scoring;
};

} // namespace mlir::compress

#endif // COMPRESS_LIB_CODEGEN_CPU_ATTENTIONUNIT_H
