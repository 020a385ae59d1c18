//===- Embedder.h - Vectors of texts ----------------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_RUNTIME_EMBEDDER_H
#define COMPRESS_RUNTIME_EMBEDDER_H

#include "compress/Runtime/AlignedBuffer.h"
#include "compress/Runtime/Executor.h"

namespace mlir::compress {

/// The embedding of a text.
struct Embedding {
  std::vector<float> values;
  /// Tokens of the text, and how many of them the model was given; both with
  /// those that the tokenizer adds.
  int64_t textTokens = 0, usedTokens = 0;

  bool isTruncated() const { return usedTokens < textTokens; }
};

/// One vector out of those of a text's tokens (tokens x width, row-major, at
/// least one token), in double precision. A vector of zeros keeps its length.
std::vector<float> pool(llvm::ArrayRef<float> hiddenStates, int64_t width,
                        const PoolingInfo &pooling);

/// An encoder at work: a program with a function
/// `encode(tokens: BxTxi32) -> hidden_states: BxTxWxf32`.
class Embedder {
public:
  /// `program` must outlive the embedder. The error says what a program without
  /// such a function is for.
  static llvm::Expected<std::unique_ptr<Embedder>>
  create(const Program &program, int64_t threads);

  /// The embedding of a text, one call of `@encode`. Texts of more tokens than
  /// getMaxTokens() lose those at their end, but not the token that the
  /// tokenizer puts there.
  llvm::Expected<Embedding> embed(llvm::StringRef text);
  /// The embedding of tokens as they are. Errors: none, too many, or one that
  /// is not in the vocabulary.
  llvm::Expected<std::vector<float>> embed(llvm::ArrayRef<int32_t> tokens);

  int64_t getWidth() const { return width; }
  int64_t getMaxTokens() const { return pooling.maxTokens; }
  const PoolingInfo &getPooling() const { return pooling; }
  const Program &getProgram() const { return executor.getProgram(); }

private:
  Embedder(const Program &program, int64_t threads)
      : executor(program, threads) {}
  llvm::Error initialize();

  Executor executor;
  const ProgramFunction *function = nullptr;
  PoolingInfo pooling;
  int64_t width = 0, vocabulary = 0;
  AlignedBuffer input, output;
};

} // namespace mlir::compress

#endif // COMPRESS_RUNTIME_EMBEDDER_H
