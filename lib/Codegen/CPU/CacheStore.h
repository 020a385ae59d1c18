//===- CacheStore.h - Keys or values in a cache -----------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_CODEGEN_CPU_CACHESTORE_H
#define COMPRESS_LIB_CODEGEN_CPU_CACHESTORE_H

#include "Kernel.h"
#include "RowEncoder.h"

#include "compress/Dialect/LM/IR/LM.h"
#include "compress/Encoding/Layout.h"

namespace mlir::compress {

/// The keys or the values of one layer of a contiguous cache
/// (compress/Runtime/ABI.h), in whatever type the cache has.
class CacheStore {
public:
  /// Numbers of `spec`; `bytes` is the layer's memory, `capacity` its positions
  /// per sequence.
  CacheStore(Kernel &kernel, lm::CacheType type, EncodingSpec spec,
             CacheSide side, Value bytes, Value capacity);
  /// Recent keys: position p lies at p modulo the capacity.
  static CacheStore getRecent(Kernel &kernel, lm::CacheType type, Value bytes);

  const EncodingSpec &getSpec() const { return spec; }
  /// Columns whose codes are in one byte, of keys.
  int64_t getColumnsPerByte() const;
  /// How many times kCacheBlock positions are a block in memory.
  int64_t getGroupBlocks() const { return layout.positions / kCacheBlock; }

  /// Where the positions of a head of a sequence begin.
  Value getPlane(Value sequence, Value head);
  /// A tensor of positions x head_dim with kCacheBlock positions from number
  /// kCacheBlock * `block` on, which begin at getPlace(). Vectors are read
  /// along positions of keys, and along columns of values.
  EncodedOperand getBlock(Value plane, Value block) {
    return getBlock(plane, block, side == CacheSide::Keys ? 0 : 1);
  }
  /// The same, read along dimension `laneDim`.
  EncodedOperand getBlock(Value plane, Value block, unsigned laneDim);
  Coord getPlace(Value block);
  /// Asks for part number `part` of `parts` equal ones of a number of times
  /// kCacheBlock positions, which need not exist.
  void prefetch(Value plane, Value firstBlock, int64_t blocks, Value part,
                int64_t parts);
  /// Encodes and writes one position; `source` are its head_dim numbers. There
  /// are no groups.
  void write(Value plane, Value position, const RowEncoder::Row &source);
  /// Encodes and writes a group of positions.
  void writeGroup(Value plane, Value group, CacheStore &recent,
                  Value recentPlane);

private:
  /// The memory of component number `i` of a block.
  Value getComponent(Value begin, unsigned i);
  /// Number `block` where a ring begins anew after its last one.
  Value wrap(Value block);
  void writeCodes(const ComponentLayout &layout, Value to, Value place,
                  Value codes);
  void writeFloats(const ComponentLayout &layout, Value to, Value place,
                   Value values);
  void writePart(const ComponentLayout &layout, Value to, Value place,
                 Value part);
  /// A group's numbers in scratch memory: [column][position].
  Value gather(Value group, CacheStore &recent, Value recentPlane);
  /// Encodes such numbers; the components' elements in canonical order, but
  /// codes [column][position], one to an element.
  SmallVector<Value> encodeGroup(Value numbers);
  void writeGroupCodes(const ComponentLayout &layout, Value to, Value codes);
  void writeGroupFloats(const ComponentLayout &layout, Value to, Value values);

  Kernel &kernel;
  Emitter &e;
  lm::CacheType type;
  EncodingSpec spec;
  CacheSide side;
  CacheBlockLayout layout;
  Value bytes, capacity;
  /// The capacity of a ring; 0: none.
  int64_t ring = 0;
  /// What write() encodes to before it is put into place, made when needed.
  SmallVector<Value> encoded;
};

/// Both sides of a cache's layer.
struct CacheStores {
  CacheStore keys, values;
  /// Keys in f16, where `keys` are encoded in groups of positions.
  std::optional<CacheStore> recent;
  /// An error at `op`, which uses the cache, where there is no code for its
  /// type.
  static FailureOr<CacheStores> open(Kernel &kernel, Operation *op,
                                     lm::CacheType type, Value cache,
                                     Value layer);
};

} // namespace mlir::compress

#endif // COMPRESS_LIB_CODEGEN_CPU_CACHESTORE_H
