//===- Generation.h - Decode loops ------------------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_RUNTIME_GENERATION_H
#define COMPRESS_RUNTIME_GENERATION_H

#include "compress/Runtime/Sampler.h"
#include "compress/Runtime/Session.h"

namespace mlir::compress {

struct GenerationOptions {
  /// Tokens to generate per sequence.
  int64_t maxTokens = 128;
  SamplerOptions sampler;
  /// Generation ends where one of these has been generated; it and what follows
  /// is not part of the text.
  std::vector<std::string> stopStrings;
  /// Goes on after tokens that end a text.
  bool ignoreEndOfText = false;
  /// Keeps the logits that follow the prompt.
  bool keepFirstLogits = false;
};

enum class StopReason { Length, EndOfText, StopString };

/// `length`, `end_of_text`, `stop_string`.
llvm::StringRef str(StopReason reason);

struct GeneratedSequence {
  std::vector<int32_t> prompt;
  /// Without the token that ended the text, if one did.
  std::vector<int32_t> tokens;
  /// Of `tokens`, without control tokens; empty without a tokenizer.
  std::string text;
  StopReason reason = StopReason::Length;
  /// One per token of the vocabulary, if asked for.
  std::vector<float> firstLogits;
};

struct GenerationResult {
  std::vector<GeneratedSequence> sequences;
  /// Tokens of all prompts and the time until each had its first logits.
  int64_t promptTokens = 0;
  double promptSeconds = 0;
  /// Tokens of all sequences that were computed after the prompts, and the
  /// time that took.
  int64_t decodedTokens = 0;
  double decodeSeconds = 0;
};

/// Receives text as it is generated, whole characters only.
using TextCallback =
    llvm::function_ref<void(size_t sequence, llvm::StringRef text)>;

/// Continues prompts, one per sequence of `session`, which must be empty.
/// `tokenizer` may be null where no stop strings are given. Errors: an empty
/// prompt, a prompt and `maxTokens` that exceed the context, options out of
/// range, logits that are not numbers.
llvm::Expected<GenerationResult>
generate(Session &session, const Tokenizer *tokenizer,
         llvm::ArrayRef<std::vector<int32_t>> prompts,
         const GenerationOptions &options, TextCallback onText);

/// Finds stop strings in a stream of text.
class StopFilter {
public:
  explicit StopFilter(std::vector<std::string> stopStrings)
      : stopStrings(std::move(stopStrings)) {}

  /// The text that can be shown with this piece; what may become a stop string
  /// is held back. Empty after a stop.
  std::string push(llvm::StringRef text);
  /// What is still held back, at the end of the stream.
  std::string finish();
  bool isStopped() const { return stopped; }

private:
  std::vector<std::string> stopStrings;
  std::string pending;
  bool stopped = false;
};

} // namespace mlir::compress

#endif // COMPRESS_RUNTIME_GENERATION_H
