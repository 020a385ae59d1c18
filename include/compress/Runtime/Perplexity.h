//===- Perplexity.h - How well a model predicts a text ----------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_RUNTIME_PERPLEXITY_H
#define COMPRESS_RUNTIME_PERPLEXITY_H

#include "compress/Runtime/Session.h"

namespace mlir::compress {

struct PerplexityOptions {
  /// Tokens of a chunk; at least 4.
  int64_t context = 512;
  /// Chunks to score; 0: all that the text has.
  int64_t chunks = 0;
  /// Replaces the first token of each chunk.
  std::optional<int32_t> beginningOfText;
};

struct PerplexityResult {
  /// exp of the mean negative log-likelihood.
  double perplexity = 0;
  /// Mean negative log-likelihood, in nats, and its standard error.
  double mean = 0, standardError = 0;
  int64_t chunks = 0;
  /// Tokens scored.
  int64_t tokens = 0;
};

/// Perplexity over consecutive chunks of a tokenized text, each scored on its
/// second half: the tokens at context/2 up to the last but one predict the one
/// after them (the protocol of llama.cpp's llama-perplexity). Sums are in
/// double precision. `onChunk` receives what is known after each chunk. The
/// error says what to change where the text has too few tokens, and where
/// logits are not numbers.
llvm::Expected<PerplexityResult>
computePerplexity(Session &session, llvm::ArrayRef<int32_t> tokens,
                  const PerplexityOptions &options,
                  llvm::function_ref<void(const PerplexityResult &)> onChunk);

/// -log softmax(logits)[target], in double precision.
double getNegativeLogLikelihood(llvm::ArrayRef<float> logits, int32_t target);

} // namespace mlir::compress

#endif // COMPRESS_RUNTIME_PERPLEXITY_H
