//===- Perplexity.cpp - How well a model predicts a text ------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TextChunks.h"

#include "compress/Support/Error.h"

#include <algorithm>
#include <cmath>

using namespace llvm;
using namespace mlir::compress;

double mlir::compress::getNegativeLogLikelihood(ArrayRef<float> logits,
                                                int32_t target) {
  double largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (float logit : logits)
    sum += std::exp(logit - largest);
  return std::log(sum) + largest - logits[target];
}

Expected<int64_t>
mlir::compress::countChunks(const Session &session, ArrayRef<int32_t> tokens,
                            const PerplexityOptions &options) {
  if (options.context < 4)
    return makeError("a context of " + Twine(options.context) +
                     " tokens is too short to score its second half; use at "
                     "least 4");
  if (options.context > session.getContextLength())
    return makeError("chunks of " + Twine(options.context) +
                     " tokens do not fit in the context of " +
                     Twine(session.getContextLength()));
  if (options.chunks < 0)
    return makeError("cannot score " + Twine(options.chunks) + " chunks");
  int64_t needed = std::max<int64_t>(options.chunks, 1) * options.context;
  if (static_cast<int64_t>(tokens.size()) < needed)
    return makeError("the text has " + Twine(tokens.size()) + " tokens, but " +
                     Twine(std::max<int64_t>(options.chunks, 1)) +
                     " chunks of " + Twine(options.context) + " need " +
                     Twine(needed) +
                     "; use fewer chunks, a shorter context or a longer text");
  return options.chunks > 0
             ? options.chunks
             : static_cast<int64_t>(tokens.size()) / options.context;
}

std::vector<int32_t> mlir::compress::getChunk(ArrayRef<int32_t> tokens,
                                              const PerplexityOptions &options,
                                              int64_t chunk) {
  std::vector<int32_t> result =
      tokens.slice(chunk * options.context, options.context).vec();
  if (options.beginningOfText)
    result.front() = *options.beginningOfText;
  return result;
}

double mlir::compress::getStandardError(double sum, double sumOfSquares,
                                        int64_t count) {
  if (count < 2)
    return 0;
  double mean = sum / count;
  double variance = std::max(sumOfSquares / count - mean * mean, 0.0);
  return std::sqrt(variance / (count - 1));
}

Error LossSum::add(ArrayRef<float> logits, int32_t next, int64_t chunk,
                   int64_t token) {
  double loss = getNegativeLogLikelihood(logits, next);
  if (!std::isfinite(loss))
    return makeError("chunk " + Twine(chunk) + ", token " + Twine(token) +
                     ": the model's logits are not finite numbers; its "
                     "weights or its compression are broken");
  sum += loss;
  sumOfSquares += loss * loss;
  ++tokens;
  return Error::success();
}

PerplexityResult LossSum::getResult() const {
  PerplexityResult result;
  result.tokens = tokens;
  result.chunks = chunks;
  result.mean = sum / tokens;
  result.perplexity = std::exp(result.mean);
  result.standardError = getStandardError(sum, sumOfSquares, tokens);
  return result;
}

Expected<PerplexityResult> mlir::compress::computePerplexity(
    Session &session, ArrayRef<int32_t> tokens,
    const PerplexityOptions &options,
    function_ref<void(const PerplexityResult &)> onChunk) {
  Expected<int64_t> chunks = countChunks(session, tokens, options);
  if (!chunks)
    return chunks.takeError();
  LossSum loss;
  for (int64_t i = 0; i < *chunks; ++i) {
    std::vector<int32_t> chunk = getChunk(tokens, options, i);
    if (Error error = session.truncate(0, 0))
      return error;
    Extension extension{0, ArrayRef(chunk).drop_back(), options.context / 2};
    auto addToken = [&](size_t, int64_t token, ArrayRef<float> logits) {
      return loss.add(logits, chunk[token + 1], i, token);
    };
    if (Error error = session.extend(extension, addToken))
      return error;
    ++loss.chunks;
    onChunk(loss.getResult());
  }
  return loss.getResult();
}
