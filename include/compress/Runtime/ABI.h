//===- ABI.h - Between generated code and the runtime ------------*- C -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything that compiled code and its host agree on. Plain C, no headers but
// stdint.h; the code generator builds the same structures (lib/Codegen).
//
// A compiled function is called by all threads of a team at once with the same
// arguments (single program, multiple data): each does its share of every
// kernel, and waits for the others at the barriers between kernels. Which
// thread computes a value never changes how it is computed.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_RUNTIME_ABI_H
#define COMPRESS_RUNTIME_ABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Goes up with every incompatible change; a bundle's manifest carries it.
#define COMPRESS_ABI_VERSION 3

/// A tensor argument: dense, row-major; sizes beyond the rank are ignored.
/// `data` is aligned to 64 bytes. Also a cache: `data` is a CompressCache.
typedef struct CompressTensor {
  void *data;
  int64_t sizes[6];
} CompressTensor;

/// The key-value cache of a model, contiguous form. Both sides are
///   [layer][sequence][head][capacity / P]
/// blocks of P positions, 16 or for keys that are encoded in groups of G
/// positions, G; the manifest gives G and the size of blocks in bytes. What is
/// in them is the generated code's own matter. Plain numbers lie as
///   keys:   [head_dim][16]
///   values: [16][head_dim, filled up to a multiple of 16]
/// so that scores are computed sixteen positions at a time without a reduction
/// across lanes; encoded ones as getCacheLayouts() says
/// (compress/Encoding/Layout.h). `capacity` is a multiple of 16 and of G.
///
/// Keys in groups have f16 numbers beside them, for positions whose group is
/// not complete: `recent` is
///   [layer][sequence][head][R / 16]
/// blocks of 16 positions, [head_dim][16], with R of the manifest; position p
/// lies at p modulo R. So one call appends to a sequence of n tokens no more
/// than R - n % G. Without groups, `recent` is null.
typedef struct CompressCache {
  void *keys;
  void *values;
  int64_t sequences;
  int64_t capacity;
  void *recent;
} CompressCache;

typedef struct CompressContext {
  /// One pointer per stored component, in the manifest's order, aligned to 64.
  const void *const *parameters;
  /// As many bytes as the function's `.workspace` returned, aligned to 64.
  char *workspace;
  /// Waits until every thread of the team has called it.
  void (*barrier)(struct CompressContext *context, int64_t thread);
  /// For the host; generated code leaves it alone.
  void *host;
} CompressContext;

/// `<function>`: arguments in the signature's order, then one tensor per
/// result, which the function fills. Symbol: compress_<function>.
typedef void (*CompressFunction)(CompressContext *context,
                                 const CompressTensor *arguments,
                                 int64_t thread, int64_t threads);

/// `<function>.workspace`: bytes of workspace for these sizes and number of
/// threads; only `sizes` are read. Symbol: compress_<function>_workspace.
typedef int64_t (*CompressWorkspace)(const CompressTensor *arguments,
                                     int64_t threads);

#ifdef __cplusplus
}
#endif

#endif // COMPRESS_RUNTIME_ABI_H
