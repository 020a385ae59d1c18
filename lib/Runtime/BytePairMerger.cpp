//===- BytePairMerger.cpp - Merges symbols into tokens --------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BytePairMerger.h"

#include <algorithm>

using namespace llvm;
using namespace mlir::compress;

void BytePairMerger::append(int32_t id, uint32_t begin, uint32_t length) {
  int32_t index = symbols.size();
  if (index > 0)
    symbols.back().next = index;
  symbols.push_back({id, begin, length, index - 1, -1});
}

/// Order of the heap: its top is what merges first.
static bool isLater(uint32_t rankA, int32_t leftA, uint32_t rankB,
                    int32_t leftB) {
  return rankA != rankB ? rankA > rankB : leftA > leftB;
}

void BytePairMerger::push(int32_t left, int32_t right, Lookup lookup) {
  if (left < 0 || right < 0)
    return;
  std::optional<Merge> merge = lookup(symbols[left], symbols[right]);
  if (!merge)
    return;
  heap.push_back({merge->rank, left, right,
                  symbols[left].length + symbols[right].length, merge->id});
  std::push_heap(heap.begin(), heap.end(),
                 [](const Candidate &a, const Candidate &b) {
                   return isLater(a.rank, a.left, b.rank, b.left);
                 });
}

void BytePairMerger::run(Lookup lookup) {
  heap.clear();
  for (size_t i = 0; i + 1 < symbols.size(); ++i)
    push(i, i + 1, lookup);
  while (!heap.empty()) {
    std::pop_heap(heap.begin(), heap.end(),
                  [](const Candidate &a, const Candidate &b) {
                    return isLater(a.rank, a.left, b.rank, b.left);
                  });
    Candidate best = heap.back();
    heap.pop_back();
    Symbol &left = symbols[best.left];
    Symbol &right = symbols[best.right];
    // A symbol that was absorbed has length 0, one that grew is longer.
    if (left.length == 0 || right.length == 0 || left.next != best.right ||
        left.length + right.length != best.length)
      continue;
    left.id = best.id;
    left.length = best.length;
    left.next = right.next;
    right.length = 0;
    if (left.next >= 0)
      symbols[left.next].previous = best.left;
    push(left.previous, best.left, lookup);
    push(best.left, left.next, lookup);
  }
}

void BytePairMerger::forEach(function_ref<void(const Symbol &)> visit) const {
  for (int32_t i = symbols.empty() ? -1 : 0; i >= 0; i = symbols[i].next)
    visit(symbols[i]);
}
