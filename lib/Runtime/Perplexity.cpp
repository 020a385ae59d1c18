//===- Perplexity.cpp - How well a model predicts a text ------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Runtime/Perplexity.h"

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

static Error verify(const Session &session, ArrayRef<int32_t> tokens,
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
  return Error::success();
}

namespace {
/// Running sums over the scored tokens.
struct Score {
  double sum = 0, sumOfSquares = 0;
  int64_t tokens = 0, chunks = 0;

  PerplexityResult getResult() const {
    PerplexityResult result;
    result.tokens = tokens;
    result.chunks = chunks;
    result.mean = sum / tokens;
    result.perplexity = std::exp(result.mean);
    double variance = sumOfSquares / tokens - result.mean * result.mean;
    result.standardError =
        tokens > 1 ? std::sqrt(std::max(variance, 0.0) / (tokens - 1)) : 0;
    return result;
  }
};
} // namespace

Expected<PerplexityResult> mlir::compress::computePerplexity(
    Session &session, ArrayRef<int32_t> tokens,
    const PerplexityOptions &options,
    function_ref<void(const PerplexityResult &)> onChunk) {
  if (Error error = verify(session, tokens, options))
    return error;
  int64_t chunks = options.chunks > 0
                       ? options.chunks
                       : static_cast<int64_t>(tokens.size()) / options.context;
  Score score;
  for (int64_t i = 0; i < chunks; ++i) {
    std::vector<int32_t> chunk =
        tokens.slice(i * options.context, options.context).vec();
    if (options.beginningOfText)
      chunk.front() = *options.beginningOfText;
    if (Error error = session.truncate(0, 0))
      return error;
    // The last token predicts nothing that is in the chunk.
    Extension extension{0, ArrayRef(chunk).drop_back(), options.context / 2};
    auto addToken = [&](size_t, int64_t token,
                        ArrayRef<float> logits) -> Error {
      double loss = getNegativeLogLikelihood(logits, chunk[token + 1]);
      if (!std::isfinite(loss))
        return makeError("chunk " + Twine(i) + ", token " + Twine(token) +
                         ": the model's logits are not finite numbers; its "
                         "weights or its compression are broken");
      score.sum += loss;
      score.sumOfSquares += loss * loss;
      ++score.tokens;
      return Error::success();
    };
    if (Error error = session.extend(extension, addToken))
      return error;
    ++score.chunks;
    onChunk(score.getResult());
  }
  return score.getResult();
}
