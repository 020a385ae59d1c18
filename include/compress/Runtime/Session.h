//===- Session.h - Sequences in a model's cache -----------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_RUNTIME_SESSION_H
#define COMPRESS_RUNTIME_SESSION_H

#include "compress/Runtime/Executor.h"

namespace mlir::compress {

/// The key-value cache of a model, contiguous form (ABI.h has the layout).
class Cache {
public:
  /// Room for `sequences` of `capacity` tokens each; the capacity is rounded up
  /// to a multiple of 16 and of the keys' group. The error says how large the
  /// cache would be.
  static llvm::Expected<Cache> create(const CacheInfo &info, int64_t sequences,
                                      int64_t capacity);

  /// What a function takes as its cache argument. Moving the cache does not
  /// invalidate the memory that it points to.
  CompressCache getView() const;
  int64_t getSequences() const { return sequences; }
  int64_t getCapacity() const { return capacity; }
  /// Bytes that one token of one sequence takes, keys and values of all layers.
  static int64_t getBytesPerToken(const CacheInfo &info);

private:
  /// Positions per block of ABI.h.
  static constexpr int64_t kBlock = 16;
  AlignedBuffer keys, values, recent;
  int64_t sequences = 0, capacity = 0;
};

struct SessionOptions {
  int64_t threads = 1;
  /// How many sequences the cache holds.
  int64_t sequences = 1;
  /// Tokens per sequence; 0: the model's context length.
  int64_t contextLength = 0;
};

/// Tokens to append to a sequence.
struct Extension {
  int64_t sequence = 0;
  llvm::ArrayRef<int32_t> tokens;
  /// Logits are wanted for the tokens from this one on.
  int64_t firstWanted = 0;
};

/// A model at work: its cache, the tokens that each sequence holds, and the
/// calls of `@step` that append to them. Any number of sequences of unequal
/// length goes through one call.
class Session {
public:
  /// Most tokens of one call of `@step`; longer extensions take several.
  static constexpr int64_t kTokensPerStep = 512;

  /// `program` must outlive the session and have a function
  /// `step(tokens, sequence, position, wanted, cache) -> logits`.
  static llvm::Expected<std::unique_ptr<Session>>
  create(const Program &program, const SessionOptions &options);

  /// Receives the logits that follow token `token` of extension `extension`, in
  /// order. The row is valid during the call. An error ends the extension.
  using Visitor = llvm::function_ref<llvm::Error(
      size_t extension, int64_t token, llvm::ArrayRef<float> logits)>;

  /// Appends to several sequences, in as few steps as possible. Errors, before
  /// anything is appended: a token that is not in the vocabulary, a sequence
  /// that the cache does not have, or more tokens than the context holds.
  llvm::Error extend(llvm::ArrayRef<Extension> extensions, Visitor visitor);

  /// Tokens that a sequence holds.
  int64_t getLength(int64_t sequence) const { return lengths[sequence]; }
  /// Forgets all but the first `length` tokens of a sequence. What follows is
  /// the same as if the others had never been there. Where keys are encoded in
  /// groups of positions, and those of the last, incomplete group are not there
  /// in f16 any more, these tokens, fewer than a group, are computed once more;
  /// the error is that of their step.
  llvm::Error truncate(int64_t sequence, int64_t length);

  int64_t getContextLength() const { return contextLength; }
  int64_t getSequences() const { return cache.getSequences(); }
  int64_t getVocabulary() const { return vocabulary; }
  Executor &getExecutor() { return executor; }
  const Program &getProgram() const { return executor.getProgram(); }

private:
  struct Token {
    size_t extension;
    int64_t index;
  };

  Session(const Program &program, const SessionOptions &options)
      : executor(program, options.threads) {}
  llvm::Error initialize(const SessionOptions &options);
  llvm::Error verify(llvm::ArrayRef<Extension> extensions) const;
  llvm::Error step(llvm::ArrayRef<Extension> extensions,
                   llvm::ArrayRef<Token> tokens, Visitor visitor);
  /// The length that a sequence can reach in one step.
  int64_t getStepEnd(int64_t sequence) const;

  Executor executor;
  const ProgramFunction *function = nullptr;
  Cache cache;
  int64_t contextLength = 0, vocabulary = 0;
  /// Of the cache; see CacheInfo.
  int64_t keyGroup = 1, recentPositions = 0;
  std::vector<int64_t> lengths;
  /// Where keys have groups: each sequence's tokens, and the first of its
  /// positions whose keys, and those of all behind, are there in f16.
  std::vector<std::vector<int32_t>> histories;
  std::vector<int64_t> recentBegins;
  /// tokens, sequence, position, wanted.
  AlignedBuffer inputs[4];
  AlignedBuffer logits;
};

} // namespace mlir::compress

#endif // COMPRESS_RUNTIME_SESSION_H
