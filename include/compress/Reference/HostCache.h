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

/// The simplest object that behaves as an `!lm.cache`: a map that grows. What
/// is stored is rounded to the cache's number format at once and read back as
/// f32.
class HostCache {
public:
  explicit HostCache(lm::CacheType type) : type(type) {}

  lm::CacheType getType() const { return type; }

  /// Stores one token's keys and values, `heads * head_dim` numbers each, at
  /// (layer, sequence, position), replacing what was there. An encoding is
  /// applied to the token's `heads x head_dim` numbers; `arithmetic` says by
  /// which steps its codes become numbers again. An error where an index is
  /// negative or the layer does not exist, or as the codec's `encode`.
  llvm::Error append(int64_t layer, int64_t sequence, int64_t position,
                     ArrayRef<float> keys, ArrayRef<float> values,
                     Arithmetic arithmetic = Arithmetic::Double);

  /// One token's keys or values; an error where nothing was stored.
  llvm::Expected<ArrayRef<float>> getKeys(int64_t layer, int64_t sequence,
                                          int64_t position) const;
  llvm::Expected<ArrayRef<float>> getValues(int64_t layer, int64_t sequence,
                                            int64_t position) const;

private:
  struct Entry {
    std::vector<float> keys, values;
  };
  llvm::Error checkLayer(int64_t layer) const;
  llvm::Expected<const Entry *> find(int64_t layer, int64_t sequence,
                                     int64_t position) const;
  llvm::Expected<std::vector<float>> round(ArrayRef<float> numbers,
                                           Arithmetic arithmetic) const;

  lm::CacheType type;
  std::map<std::array<int64_t, 3>, Entry> entries;
};

} // namespace mlir::compress

#endif // COMPRESS_REFERENCE_HOSTCACHE_H
