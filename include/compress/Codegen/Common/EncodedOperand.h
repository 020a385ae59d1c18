//===- EncodedOperand.h - Reads encoded tensors -----------------*- C++ -*-===//
//-*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CODEGEN_COMMON_ENCODEDOPERAND_H
#define COMPRESS_CODEGEN_COMMON_ENCODEDOPERAND_H

#include "compress/Codegen/Common/Coord.h"
#include "compress/Dialect/Compress/IR/Compress.h"

namespace mlir::compress {

struct Leaf;

/// What reading codes needs from a target beyond plain arithmetic.
class TargetEmitter {
public:
  virtual ~TargetEmitter();
  /// `table[index]` for each lane of `index` (i32, below `entries`). `table` is
  /// a memref of f32. Default: one load per lane.
  virtual Value lookup(Emitter &e, Value table, int64_t entries, Value index);
  /// Per lane, the four of the 16 bytes of `source` (vector<16xi8>) that the
  /// bytes of `index` (i32, each below 16) name. Default: byte by byte.
  virtual Value pickBytes(Emitter &e, Value source, Value index);
};

/// Reads the values of a tensor operand, however it is stored: interprets the
/// encoding's description and emits loads, bit operations and arithmetic.
///
/// Positions are given by one Coord per dimension. With `lanes` a read gives
/// that many consecutive positions along the dimension of the layout's rows,
/// starting at a multiple of `lanes`; this needs a panel layout. Of block
/// compressed rows, vectors, codes and what blocks of numbers share are read at
/// a position in the matrix of stored blocks.
class EncodedOperand {
public:
  /// `buffers` are memrefs of the components, or of the plain tensor. Tables
  /// that decoding needs become globals of `symbolTable`, the module of the
  /// code.
  EncodedOperand(Emitter &e, RankedTensorType type, ValueRange buffers,
                 TargetEmitter &target, Operation *symbolTable);
  /// A tensor of f32 values in a number format whose components lie as
  /// `layouts` say; `buffers` are flat. Vectors are read along dimension
  /// `laneDim`.
  EncodedOperand(Emitter &e, const EncodingSpec &format,
                 ArrayRef<int64_t> shape, ArrayRef<ComponentLayout> layouts,
                 ValueRange buffers, unsigned laneDim, TargetEmitter &target,
                 Operation *symbolTable);
  ~EncodedOperand();
  EncodedOperand(EncodedOperand &&);

  RankedTensorType getType() const { return type; }
  bool isEncoded() const { return node != nullptr; }
  /// The number format inside all structure; null for a plain tensor.
  const EncodingSpec *getNumberFormat() const;

  /// The stored column `j` holds this logical column (they differ under
  /// Permuted).
  Value logicalColumn(Emitter &e, Value stored) const;
  bool isPermuted() const;

  /// The value as f32, by stored column: as the codec gives it.
  Value read(Emitter &e, ArrayRef<Coord> index);
  /// The value as a weight of a product on panels, or `lanes` of consecutive
  /// rows: scaling and shifting are one step (docs/numerics.md).
  Value readFactor(Emitter &e, ArrayRef<Coord> index, int64_t lanes = 0);

  /// Fetches the codes of a panel at `at(from)` ... `at(to - 1)`, where at(0)
  /// is the first of a tile of codes along the layout's reduction dimension:
  /// the lines that begin there, so that parts of a tile fetch each line once.
  void prefetchCodes(Emitter &e, int64_t from, int64_t to,
                     function_ref<SmallVector<Coord>(int64_t i)> at) const;

  /// The group of consecutive values along the last dimension that are best
  /// read together: 1, or M of N:M.
  int64_t getGroup() const;
  /// The factors of group number `group` along the last dimension.
  SmallVector<Value> readGroup(Emitter &e, ArrayRef<Coord> index, Coord group,
                               int64_t lanes);

  /// Scale, zero point and minimum of the block at `index` as f32; null where
  /// absent. The format is a number format.
  struct BlockValues {
    Value scale, zero, min;
  };
  BlockValues readBlock(Emitter &e, ArrayRef<Coord> index, int64_t lanes);
  /// readFactor() where the values of the block are known.
  Value readFactor(Emitter &e, ArrayRef<Coord> index, int64_t lanes,
                   const BlockValues &block);

  //===--------------------------------------------------------------------===//
  // Integer codes, for integer products. The format is Affine.
  //===--------------------------------------------------------------------===//

  /// Four consecutive codes along the layout's reduction dimension, from
  /// `index` on, as the bytes of one i32 per lane; unsigned, i.e. code + bias.
  Value readQuads(Emitter &e, ArrayRef<Coord> index, int64_t lanes);
  int64_t getBias() const;
  /// Sum of the codes of the block at `index` (i32); the format stores sums.
  Value readSum(Emitter &e, ArrayRef<Coord> index);
  /// The buffers of the codes and of their sums, as stored.
  Value getCodes() const;
  Value getSums() const;

  //===--------------------------------------------------------------------===//
  // Block compressed rows
  //===--------------------------------------------------------------------===//

  /// The structure, if the tensor is in block compressed rows; or null.
  const EncodingSpec *getBlockRows() const;
  /// The numbers [first, second) of the blocks that a row of blocks stores.
  std::pair<Value, Value> getStoredBlocks(Emitter &e, Value blockRow) const;
  /// The place of a stored block in its row of blocks.
  Value getBlockColumn(Emitter &e, Value block) const;

  //===--------------------------------------------------------------------===//
  // N:M structure
  //===--------------------------------------------------------------------===//

  /// The N:M structure of the tensor; null if it has none. Codes, positions and
  /// blocks are then read by stored column.
  const EncodingSpec *getStructure() const;
  /// For the codes of readQuads(), where they stand among the values of their
  /// window (PickWindow).
  Value readPositions(Emitter &e, ArrayRef<Coord> index, int64_t lanes);
  /// The codes of a whole window, the first of whose stored values is at
  /// `index`, as quads of consecutive values: zeros where nothing is stored.
  SmallVector<Value> readWindow(Emitter &e, ArrayRef<Coord> index,
                                int64_t lanes);

  /// Scales and the like that vector reads share are loaded once per scope:
  /// call this where a new region of code begins.
  void beginScope() { cache.clear(); }

  struct Node;
  using CacheKey = std::pair<const void *, SmallVector<Coord>>;
  using Cache = SmallVector<std::pair<CacheKey, Value>>;

private:
  Value readQuads(Emitter &e, const Leaf &leaf, ArrayRef<Coord> index,
                  int64_t lanes) const;
  Value readPlain(Emitter &e, ArrayRef<Coord> index, int64_t lanes) const;

  RankedTensorType type;
  TargetEmitter *target;
  Operation *symbolTable;
  Value plain;
  std::unique_ptr<EncodingSpec> spec;
  std::unique_ptr<Node> node;
  Cache cache;
};

/// A constant array in a module of whatever kind, shared by all that need the
/// same one.
Value getConstantBuffer(Emitter &e, Operation *symbolTable, MemRefType type,
                        DenseElementsAttr data);

/// The same for a table of f32.
Value getConstantTable(Emitter &e, Operation *symbolTable,
                       ArrayRef<float> values);

} // namespace mlir::compress

#endif // COMPRESS_CODEGEN_COMMON_ENCODEDOPERAND_H
