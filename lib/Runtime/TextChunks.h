//===- TextChunks.h - What of a text is scored ------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How a text is cut into the chunks of which perplexity and divergence are
// computed, and what is summed over their tokens.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_RUNTIME_TEXTCHUNKS_H
#define COMPRESS_LIB_RUNTIME_TEXTCHUNKS_H

#include "compress/Runtime/Perplexity.h"

namespace mlir::compress {

/// How many chunks are scored. The error says why `options` don't fit the text
/// or the session.
llvm::Expected<int64_t> countChunks(const Session &session,
                                    llvm::ArrayRef<int32_t> tokens,
                                    const PerplexityOptions &options);

/// The tokens of a chunk. Those from half of them on, without the last one,
/// which predicts nothing that is in the chunk, are scored by the next token.
std::vector<int32_t> getChunk(llvm::ArrayRef<int32_t> tokens,
                              const PerplexityOptions &options, int64_t chunk);

/// Negative log-likelihoods of tokens.
struct LossSum {
  double sum = 0, sumOfSquares = 0;
  int64_t tokens = 0, chunks = 0;

  /// Adds what `logits` say of the token that follows token `token` of chunk
  /// `chunk`. An error where that is not a finite number.
  llvm::Error add(llvm::ArrayRef<float> logits, int32_t next, int64_t chunk,
                  int64_t token);
  PerplexityResult getResult() const;
};

/// The standard error of the mean of `count` numbers.
double getStandardError(double sum, double sumOfSquares, int64_t count);

} // namespace mlir::compress

#endif // COMPRESS_LIB_RUNTIME_TEXTCHUNKS_H
