//===- IntegerContraction.h - Products of integer codes --------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_CODEGEN_CPU_INTEGERCONTRACTION_H
#define COMPRESS_LIB_CODEGEN_CPU_INTEGERCONTRACTION_H

#include "PanelContraction.h"

namespace mlir::compress {

/// Both operands are integer codes with scales per block along k. Within a
/// segment, in which all scales are constant, products are summed as integers;
/// segments are added in f32, in the order of k.
///
/// With weights s (u - b - z) + m, where u is the unsigned code and b its bias,
/// and activations t q, a segment adds
///   t (s (sum(u q) - b sum(q) - z sum(q)) + m sum(q)).
class IntegerContraction : public PanelContraction {
public:
  explicit IntegerContraction(Kernel &kernel);
  LogicalResult emit();

private:
  static constexpr int64_t kQuad = 4;

  /// A tile of k: its numbers as a span's are counted.
  struct Place {
    Value x, stored, local;
    Value block; // null where there is none
  };
  static Place begin(const Span &span) {
    return {span.first, span.stored, span.local, span.block};
  }
  Place advance(const Place &at, Value tiles);

  /// Rows whose sums are under way together.
  struct Tile {
    const Unit &unit;
    Value row;
    int64_t rows;
    /// Whether prepareUnit() and prepareRows() have been called for it.
    bool isPrepared;
  };
  /// Accumulators of one segment: per row and vector, and per row the sum of
  /// the activations' codes.
  using Sums = SmallVector<Value>;

  void allocateScratch();
  /// Writes what all tiles of rows read of the unit's weights to scratch
  /// memory: codes in bytes, scales in f32.
  void prepareUnit(const Unit &unit);
  void storeTile(const Tile &tile, const Place &at);
  /// Block `number` of those that begin at tile `first`.
  void storeBlock(const Tile &tile, const Place &first, Value number);
  SmallVector<int64_t> getTileSizes();
  /// Writes what the tile's segments need of their activations' sums to scratch
  /// memory.
  void prepareRows(const Tile &tile);
  /// All quads of a tile.
  SmallVector<Value> decodeTile(const Tile &tile, int64_t vector,
                                const Place &at);
  void emitRows(const Tile &tile);
  /// Adds one step of `size` values.
  Sums addStep(const Tile &tile, const Place &first, Value firstSegment,
               int64_t size, ValueRange sums);
  /// Integer sums of segment `number`, of `size` values, that begins `offset`
  /// into a tile, as i32.
  Sums dotSegment(const Tile &tile, const Place &first, int64_t offset,
                  Value number, int64_t size);
  /// Adds the products of `size` values from `offset` of the tile at `at` on.
  void addQuads(const Tile &tile, const Place &at, int64_t offset, int64_t size,
                Sums &accumulators);
  Value weightQuad(const Tile &tile, int64_t vector, const Place &at,
                   int64_t offset);
  /// Fetches what `size` values of the tile will be when k is so much larger
  /// as the strategy says.
  void prefetchWeights(const Tile &tile, const Place &at, int64_t offset,
                       int64_t size);
  Value activationQuad(const Tile &tile, int64_t row, Value at, int64_t offset,
                       int64_t available);
  /// The number of a row among those of all batch entries.
  Value lineOf(const Tile &tile, int64_t row);
  SmallVector<Coord> activationIndex(const Tile &tile, int64_t row, Value at,
                                     int64_t offset);
  void addSegment(const Tile &tile, const Place &at, int64_t offset,
                  Value number, const Sums &dots, Sums &sums);
  /// The same for weights in N:M, whose stored codes are multiplied with the
  /// activations where they stand.
  void addPicked(const Tile &tile, const Place &at, int64_t offset,
                 int64_t size, Sums &accumulators);
  /// The `size` values of an activation's row that begin there, of which
  /// `available` exist, as 16 bytes; fewer are repeated, and then zeros.
  Value activationWindow(const Tile &tile, int64_t row, Value at,
                         int64_t offset, int64_t size, int64_t available);
  EncodedOperand::BlockValues weightBlock(const Tile &tile, int64_t vector,
                                          const Place &at, int64_t offset);
  /// The integer sum that a row's segment begins with.
  Value startOf(const Tile &tile, int64_t row, int64_t offset,
                const Place &first, Value number);

  /// Whether the tile's weights are read as N:M stores them.
  bool isPicked(const Tile &tile) const {
    return structure && !tile.isPrepared;
  }
  /// A position along k, in a tile of weights, as one of stored weights.
  Coord weightCoord(Value at, int64_t size, int64_t offset) const {
    if (!structure)
      return Coord(at, size, offset);
    return Coord(at, size / structure->m * structure->n,
                 offset / structure->m * structure->n);
  }

  bool needsSums() const;
  bool hasStoredSums() const;
  /// Whether the sums of a segment begin with -bias * sum(q), which costs less
  /// than to subtract it from each.
  bool startsAtBias() const {
    return dot->accumulatesSums() && weights.getBias() && hasStoredSums();
  }
  /// Values along k that are stored together: all, or those of a block.
  int64_t getReach() const { return blockWidth ? blockWidth : depth; }
  int64_t countSegments() const { return llvm::divideCeil(depth, segment); }
  /// Values along k that share the weights' scale.
  int64_t getWeightBlock() const;
  /// Accumulators per row: beside those of the products, one of the codes'
  /// sums, which of picked codes differ per column.
  int64_t dotsPerRow(const Tile &tile) const {
    if (isPicked(tile))
      return vectors() * (weights.getBias() ? 2 : 1);
    return vectors() + (needsSums() && !hasStoredSums() ? 1 : 0);
  }
  int64_t countDots(const Tile &tile) const {
    return tile.rows * dotsPerRow(tile);
  }

  const EncodingSpec &weightSpec, &activationSpec;
  /// N:M, if the weights have it.
  const EncodingSpec *structure;
  std::unique_ptr<IntegerDot> dot;
  int64_t segment, step, parts;
  Value codes;
  // Scratch memory, where it is used.
  Value decoded;
  /// -bias * sum(q) as i32, and sum(q) as f32: [row][segment].
  Value starts, sumsF32;
  /// Scale, zero point and minimum, those that are worth it: [block][column].
  EncodedOperand::BlockValues blocks;
};

} // namespace mlir::compress

#endif // COMPRESS_LIB_CODEGEN_CPU_INTEGERCONTRACTION_H
