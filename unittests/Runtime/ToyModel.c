//===- ToyModel.c - A model small enough to check by hand -----------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What generated code looks like from the runtime's side: the same functions
// for the tests' own program and for a bundle. See ToyProgram.h for what it
// computes.
//
//===----------------------------------------------------------------------===//

#include "compress/Runtime/ABI.h"

enum { kVocabulary = 32, kTable = 64, kGroup = 16, kRecent = 64 };

static int64_t min64(int64_t a, int64_t b) { return a < b ? a : b; }

int64_t compress_step_workspace(const CompressTensor *arguments,
                                int64_t threads) {
  (void)threads;
  return arguments[3].sizes[0] * (int64_t)sizeof(int64_t);
}

/// Where the token at a position of a sequence lies, as a query at another one
/// sees it: with recent "keys" there, the complete groups before the query's
/// own are copies.
static float *locate(const CompressCache *cache, int64_t sequence,
                     int64_t position, int64_t query) {
  if (cache->recent && position / kGroup == query / kGroup)
    return (float *)cache->recent + sequence * kRecent + position % kRecent;
  return (float *)cache->values + sequence * cache->capacity + position;
}

void compress_step(CompressContext *context, const CompressTensor *arguments,
                   int64_t thread, int64_t threads) {
  const int32_t *tokens = arguments[0].data, *sequence = arguments[1].data;
  const int32_t *position = arguments[2].data, *wanted = arguments[3].data;
  const CompressCache *cache = arguments[4].data;
  float *logits = arguments[5].data;
  const float *table = context->parameters[1];
  int64_t *states = (int64_t *)context->workspace;
  int64_t count = arguments[0].sizes[0], rows = arguments[3].sizes[0];

  // Every thread appends some of the tokens ...
  for (int64_t i = thread; i < count; i += threads)
    *locate(cache, sequence[i], position[i], position[i]) = (float)tokens[i];
  context->barrier(context, thread);
  // ... and some of the groups that are complete now ...
  if (cache->recent)
    for (int64_t i = thread; i < count; i += threads)
      for (int64_t p = position[i] - kGroup + 1;
           position[i] % kGroup == kGroup - 1 && p <= position[i]; ++p)
        *locate(cache, sequence[i], p, p + kGroup) =
            *locate(cache, sequence[i], p, p);
  context->barrier(context, thread);
  // ... then sums up some of the rows ...
  for (int64_t row = thread; row < rows; row += threads) {
    int64_t from = wanted[row],
            state = *(const int32_t *)context->parameters[0];
    for (int64_t i = 0; i <= position[from]; ++i)
      state = (state * 31 +
               (int64_t)*locate(cache, sequence[from], i, position[from]) + 7) %
              1000003;
    states[row] = state;
  }
  context->barrier(context, thread);
  // ... then fills a part of every row.
  int64_t share = (kVocabulary + threads - 1) / threads;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t v = thread * share;
         v < min64((thread + 1) * share, kVocabulary); ++v)
      logits[row * kVocabulary + v] = table[(states[row] + v * 13) % kTable];
}

int64_t compress_add_workspace(const CompressTensor *arguments,
                               int64_t threads) {
  (void)arguments;
  (void)threads;
  return 0;
}

/// add(a: Nxf32, b: Nxf32) -> Nxf32.
void compress_add(CompressContext *context, const CompressTensor *arguments,
                  int64_t thread, int64_t threads) {
  (void)context;
  const float *a = arguments[0].data, *b = arguments[1].data;
  float *sum = arguments[2].data;
  for (int64_t i = thread; i < arguments[2].sizes[0]; i += threads)
    sum[i] = a[i] + b[i];
}
