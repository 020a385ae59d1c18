//===- HostCache.h - A key-value cache on the host --------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_REFERENCE_HOSTCACHE_H
#define COMPRESS_REFERENCE_HOSTCACHE_H

#include "compress/Dialect/LM/IR/LM.h"
#include "compress/Reference/Evaluator.h"

#include <map>

namespace mlir::compress {

/// The simplest object that behaves as an `!lm.cache`: maps that grow. What is
/// stored is rounded to the cache's formats and read back as f32. Keys that are
/// encoded in groups of positions are kept as f16, too.
class HostCache {
public:
  explicit HostCache(lm::CacheType type) : type(type) {}

  lm::CacheType getType() const { return type; }

  /// Stores one token's keys and values, `heads * head_dim` numbers each, at
  /// (layer, sequence, position), replacing what was there. An encoding without
  /// groups is applied to the token's numbers; `arithmetic` says by which steps
  /// codes become numbers again. An error where an index is negative or the
  /// layer does not exist, or as the codec's `encode`.
  llvm::Error append(int64_t layer, int64_t sequence, int64_t position,
                     ArrayRef<float> keys, ArrayRef<float> values,
                     Arithmetic arithmetic = Arithmetic::Double);

  /// Encodes the group of keys whose last position this is, if it is the last
  /// of one. An error where not all of them were stored.
  llvm::Error encodeKeys(int64_t layer, int64_t sequence, int64_t position,
                         Arithmetic arithmetic = Arithmetic::Double);

  /// One token's keys, as a query at position `query` sees them, or its values;
  /// an error where nothing was stored, or keys were not encoded since.
  llvm::Expected<ArrayRef<float>> getKeys(int64_t layer, int64_t sequence,
                                          int64_t position,
                                          int64_t query) const;
  llvm::Expected<ArrayRef<float>> getValues(int64_t layer, int64_t sequence,
                                            int64_t position) const;

private:
  /// Layer, sequence, and position or group.
  using Place = std::array<int64_t, 3>;
  struct Entry {
    std::vector<float> keys, values;
  };
  llvm::Error checkLayer(int64_t layer) const;
  llvm::Expected<const Entry *> find(int64_t layer, int64_t sequence,
                                     int64_t position) const;
  /// Numbers of `shape` rounded to what one side has.
  llvm::Expected<std::vector<float>> round(ArrayRef<float> numbers,
                                           ArrayRef<int64_t> shape,
                                           CacheSide side,
                                           Arithmetic arithmetic) const;
  /// One token's keys as they are appended.
  llvm::Expected<std::vector<float>> roundKeys(ArrayRef<float> keys,
                                               Arithmetic arithmetic) const;
  /// The keys of a group: one row of heads * head_dim numbers per position.
  llvm::Expected<std::vector<float>> encodeGroup(const Place &place,
                                                 Arithmetic arithmetic) const;

  lm::CacheType type;
  std::map<Place, Entry> entries;
  std::map<Place, std::vector<float>> groups;
};

} // namespace mlir::compress

#endif // COMPRESS_REFERENCE_HOSTCACHE_H
