//===- BytePairMerger.h - Merges symbols into tokens ------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_RUNTIME_BYTEPAIRMERGER_H
#define COMPRESS_LIB_RUNTIME_BYTEPAIRMERGER_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace mlir::compress {

/// A run of text that is a token, or a character that is none (id -1).
struct Symbol {
  int32_t id;
  uint32_t begin, length;
  /// Neighbours in the list; -1 at its ends.
  int32_t previous, next;
};

/// Byte pair encoding of one piece: of all neighbours that may be merged, those
/// of the lowest rank, and among them the leftmost, are merged until none is
/// left. n log n with a heap. Keeps its buffers between calls.
class BytePairMerger {
public:
  struct Merge {
    uint32_t rank;
    int32_t id;
  };
  /// What two neighbours become.
  using Lookup = llvm::function_ref<std::optional<Merge>(const Symbol &left,
                                                         const Symbol &right)>;

  /// Starts a piece.
  void clear() { symbols.clear(); }
  /// Adds a symbol at the end.
  void append(int32_t id, uint32_t begin, uint32_t length);
  /// Merges all that can be merged.
  void run(Lookup lookup);
  /// The symbols that are left, in order.
  void forEach(llvm::function_ref<void(const Symbol &)> visit) const;

private:
  struct Candidate {
    uint32_t rank;
    int32_t left, right;
    /// Length of both together; tells whether the candidate still holds.
    uint32_t length;
    int32_t id;
  };

  void push(int32_t left, int32_t right, Lookup lookup);

  std::vector<Symbol> symbols;
  std::vector<Candidate> heap;
};

} // namespace mlir::compress

#endif // COMPRESS_LIB_RUNTIME_BYTEPAIRMERGER_H
