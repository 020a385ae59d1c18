//===- Evaluation.h - Compares and scores programs --------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How good a program is besides its perplexity: how far its predictions are
// from those of another one, which is usually less compressed; how often it
// prefers the right one of several answers; and, for encoders, how far its
// embeddings are from another one's (docs/evaluation.md).
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_RUNTIME_EVALUATION_H
#define COMPRESS_RUNTIME_EVALUATION_H

#include "compress/Runtime/Embedder.h"
#include "compress/Runtime/Perplexity.h"

namespace mlir::compress {

//===----------------------------------------------------------------------===//
// Divergence
//===----------------------------------------------------------------------===//

/// The Kullback-Leibler divergence of what `logits` predict from what
/// `reference` predicts, in nats: the sum over tokens of
///   p (log p - log q),  p = softmax(reference),  q = softmax(logits),
/// in double precision. Both have the same, positive number of elements. At
/// least 0; not finite where logits are NaN or infinite, or where a token is
/// impossible for `logits` alone.
double getDivergence(llvm::ArrayRef<float> reference,
                     llvm::ArrayRef<float> logits);

/// Sorted numbers' q-quantile, 0 <= q <= 1, linear between neighbours (type 7
/// of Hyndman and Fan, "Sample quantiles in statistical packages", 1996). There
/// is at least one number.
double getQuantile(llvm::ArrayRef<double> sorted, double q);

struct DivergenceResult {
  /// Of the divergence, in nats, over the scored tokens.
  double mean = 0, standardError = 0, median = 0, percentile99 = 0, maximum = 0;
  /// Share of tokens for which both predict the same token (of equal logits the
  /// first is taken), and its standard error.
  double sameTop = 0, sameTopError = 0;
  /// How well each predicts the text.
  PerplexityResult own, reference;
};

/// Runs both programs over the same chunks of a text, of which
/// computePerplexity scores the same tokens. Memory beyond the sessions':
/// `logitBytes` of the reference's logits, at least those of one token, and 8
/// bytes per scored token. Errors, besides computePerplexity's: vocabularies of
/// different sizes; a token that is possible for one program only.
llvm::Expected<DivergenceResult> computeDivergence(
    Session &session, Session &reference, llvm::ArrayRef<int32_t> tokens,
    const PerplexityOptions &options, llvm::function_ref<void()> onChunk,
    int64_t logitBytes = int64_t(64) << 20);

//===----------------------------------------------------------------------===//
// Multiple choice
//===----------------------------------------------------------------------===//

/// A text and what may follow it.
struct MultipleChoiceQuestion {
  /// What messages call it: `FILE:LINE`.
  std::string place;
  std::string context;
  std::vector<std::string> choices;
  /// Of the right one.
  int64_t answer = 0;
};

/// Reads a file with one JSON object per line: `context` (a string), `choices`
/// (at least two strings, none empty) and `answer` (an index). Other members
/// are passed over, and so are empty lines. The error names the line.
llvm::Expected<std::vector<MultipleChoiceQuestion>>
readQuestions(llvm::StringRef path);

/// A question as tokens.
struct EncodedQuestion {
  struct Choice {
    /// Context and choice.
    std::vector<int32_t> tokens;
    /// The first token that is scored, at least 1.
    int64_t begin = 0;
    /// Length of the choice's text.
    int64_t bytes = 0;
  };
  std::string place;
  std::vector<Choice> choices;
  int64_t answer = 0;
};

/// Encodes context and choice as one text, since tokens may reach across the
/// place where they meet. Scored are the tokens from the first one on that is
/// not the context's alone. Errors: a choice that adds no token; a context
/// without tokens, after which nothing can be predicted; more tokens than
/// `contextLength` holds.
llvm::Expected<EncodedQuestion>
encodeQuestion(const Tokenizer &tokenizer,
               const MultipleChoiceQuestion &question, int64_t contextLength);

struct MultipleChoiceResult {
  int64_t questions = 0;
  /// Share of questions whose answer has the highest log-likelihood, and the
  /// highest one per byte of the choice's text, of all choices. Of equal ones
  /// the first counts.
  double accuracy = 0, accuracyPerByte = 0;
  double standardError = 0, standardErrorPerByte = 0;
};

/// Scores each choice by the sum of the log-likelihoods of its tokens. A
/// context is read once for all its choices.
llvm::Expected<MultipleChoiceResult>
answerQuestions(Session &session, llvm::ArrayRef<EncodedQuestion> questions,
                llvm::function_ref<void()> onQuestion);

//===----------------------------------------------------------------------===//
// Embeddings
//===----------------------------------------------------------------------===//

struct EmbeddingDifference {
  int64_t texts = 0;
  /// Cosines of the angles between the embeddings of a text.
  double meanCosine = 0, leastCosine = 0;
  /// |own - reference| / |reference| of a text's embeddings.
  double meanError = 0, maximumError = 0;
};

/// Embeds each text with both. Errors: embeddings of different widths; one that
/// is zero, and has no direction; no texts.
llvm::Expected<EmbeddingDifference>
compareEmbeddings(Embedder &embedder, Embedder &reference,
                  llvm::ArrayRef<llvm::StringRef> texts,
                  llvm::function_ref<void()> onText);

} // namespace mlir::compress

#endif // COMPRESS_RUNTIME_EVALUATION_H
