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
  /// `bytes` is the layer's memory, `capacity` its positions per sequence.
  CacheStore(Kernel &kernel, lm::CacheType type, CacheSide side, Value bytes,
             Value capacity);

  const EncodingSpec &getSpec() const { return spec; }
  /// Columns whose codes are in one byte, of keys.
  int64_t getColumnsPerByte() const;

  /// Where the positions of a head of a sequence begin.
  Value getPlane(Value sequence, Value head);
  /// kCacheBlock positions from number kCacheBlock * `block` on, as a tensor of
  /// kCacheBlock x head_dim. Vectors are read along positions of keys, and
  /// along columns of values.
  EncodedOperand getBlock(Value plane, Value block);
  /// Asks for part number `part` of `parts` equal ones of a number of blocks,
  /// which need not exist.
  void prefetch(Value plane, Value firstBlock, int64_t blocks, Value part,
                int64_t parts);
  /// Encodes and writes one position; `source` are its head_dim numbers.
  void write(Value plane, Value position, const RowEncoder::Row &source);

private:
  /// The memory of component number `i` of a block.
  Value getComponent(Value begin, unsigned i);
  void writeCodes(const ComponentLayout &layout, Value to, Value place,
                  Value codes);
  void writeFloats(const ComponentLayout &layout, Value to, Value place,
                   Value values);
  void writePart(const ComponentLayout &layout, Value to, Value place,
                 Value part);

  Kernel &kernel;
  Emitter &e;
  lm::CacheType type;
  EncodingSpec spec;
  CacheSide side;
  CacheBlockLayout layout;
  Value bytes, capacity;
  /// What write() encodes to before it is put into place, made when needed.
  SmallVector<Value> encoded;
};

/// Both sides of a cache's layer.
struct CacheStores {
  CacheStore keys, values;
  /// An error at `op`, which uses the cache, where there is no code for its
  /// type.
  static FailureOr<CacheStores> open(Kernel &kernel, Operation *op,
                                     lm::CacheType type, Value cache,
                                     Value layer);
};

} // namespace mlir::compress

#endif // COMPRESS_LIB_CODEGEN_CPU_CACHESTORE_H
