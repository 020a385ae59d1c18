//===- Evaluation.cpp - Compares programs ---------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Runtime/Evaluation.h"

#include "TextChunks.h"

#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>

using namespace llvm;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Divergence
//===----------------------------------------------------------------------===//

/// log(sum of exp).
static double getLogSum(ArrayRef<float> logits) {
  double largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (float logit : logits)
    sum += std::exp(logit - largest);
  return std::log(sum) + largest;
}

double mlir::compress::getDivergence(ArrayRef<float> reference,
                                     ArrayRef<float> logits) {
  double referenceSum = getLogSum(reference), sum = getLogSum(logits);
  double divergence = 0;
  for (auto [p, q] : zip_equal(reference, logits)) {
    double logP = p - referenceSum;
    double probability = std::exp(logP);
    // What is impossible for the reference counts nothing, whatever q is.
    if (probability != 0)
      divergence += probability * (logP - (q - sum));
  }
  // Rounding may leave a small negative number; NaN stays.
  return divergence < 0 ? 0 : divergence;
}

double mlir::compress::getQuantile(ArrayRef<double> sorted, double q) {
  double place = q * (sorted.size() - 1);
  size_t below = static_cast<size_t>(place);
  size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

namespace {
/// Compares two sessions on one chunk after the other.
class Comparison {
public:
  /// Keeps at most `logitBytes` of logits, but those of one token.
  Comparison(Session &session, Session &reference, int64_t logitBytes)
      : session(session), reference(reference),
        rows(std::max<int64_t>(
            logitBytes / (session.getVocabulary() * int64_t(sizeof(float))),
            1)) {}

  /// The first `unscored` tokens are only read.
  Error add(ArrayRef<int32_t> chunk, int64_t unscored);
  DivergenceResult getResult();

private:
  Error addSlice(ArrayRef<int32_t> chunk, int64_t begin, int64_t end);
  Error addToken(ArrayRef<float> expected, ArrayRef<float> logits, int32_t next,
                 int64_t token);

  Session &session, &reference;
  int64_t rows;
  std::vector<float> expected;
  std::vector<double> divergences;
  int64_t same = 0;
  LossSum ownLoss, referenceLoss;
};
} // namespace

Error Comparison::addToken(ArrayRef<float> expected, ArrayRef<float> logits,
                           int32_t next, int64_t token) {
  int64_t chunk = ownLoss.chunks;
  if (Error error = ownLoss.add(logits, next, chunk, token))
    return error;
  if (Error error = referenceLoss.add(expected, next, chunk, token))
    return makeError("the other model: " + toString(std::move(error)));
  double divergence = getDivergence(expected, logits);
  if (!std::isfinite(divergence))
    return makeError("chunk " + Twine(chunk) + ", token " + Twine(token) +
                     ": the divergence is not finite: what one model takes for "
                     "possible has no probability with the other");
  divergences.push_back(divergence);
  auto getTop = [](ArrayRef<float> row) {
    return std::max_element(row.begin(), row.end()) - row.begin();
  };
  same += getTop(expected) == getTop(logits);
  return Error::success();
}

/// Runs both over tokens [begin, end), all of which are scored.
Error Comparison::addSlice(ArrayRef<int32_t> chunk, int64_t begin,
                           int64_t end) {
  int64_t vocabulary = session.getVocabulary();
  expected.clear();
  Extension extension{0, chunk.slice(begin, end - begin), 0};
  auto keep = [&](size_t, int64_t, ArrayRef<float> logits) {
    llvm::append_range(expected, logits);
    return Error::success();
  };
  if (Error error = reference.extend(extension, keep))
    return error;
  return session.extend(
      extension, [&](size_t, int64_t token, ArrayRef<float> logits) {
        ArrayRef<float> row =
            ArrayRef(expected).slice(token * vocabulary, vocabulary);
        int64_t place = begin + token;
        return addToken(row, logits, chunk[place + 1], place);
      });
}

Error Comparison::add(ArrayRef<int32_t> chunk, int64_t unscored) {
  Extension start{0, chunk.take_front(unscored), unscored};
  for (Session *each : {&reference, &session}) {
    if (Error error = each->truncate(0, 0))
      return error;
    if (Error error = each->extend(start, [](size_t, int64_t, ArrayRef<float>) {
          return Error::success();
        }))
      return error;
  }
  int64_t last = chunk.size() - 1;
  for (int64_t begin = unscored; begin < last; begin += rows)
    if (Error error = addSlice(chunk, begin, std::min(begin + rows, last)))
      return error;
  ++ownLoss.chunks;
  ++referenceLoss.chunks;
  return Error::success();
}

DivergenceResult Comparison::getResult() {
  DivergenceResult result;
  int64_t count = divergences.size();
  double sum = 0, sumOfSquares = 0;
  for (double divergence : divergences) {
    sum += divergence;
    sumOfSquares += divergence * divergence;
  }
  result.mean = sum / count;
  result.standardError = getStandardError(sum, sumOfSquares, count);
  llvm::sort(divergences);
  result.median = getQuantile(divergences, 0.5);
  result.percentile99 = getQuantile(divergences, 0.99);
  result.maximum = divergences.back();
  result.sameTop = static_cast<double>(same) / count;
  result.sameTopError = getStandardError(same, same, count);
  result.own = ownLoss.getResult();
  result.reference = referenceLoss.getResult();
  return result;
}

Expected<DivergenceResult> mlir::compress::computeDivergence(
    Session &session, Session &reference, ArrayRef<int32_t> tokens,
    const PerplexityOptions &options, function_ref<void()> onChunk,
    int64_t logitBytes) {
  if (session.getVocabulary() != reference.getVocabulary())
    return makeError("a model with " + Twine(session.getVocabulary()) +
                     " tokens can't be compared with one that has " +
                     Twine(reference.getVocabulary()) +
                     "; both should be made from the same model");
  for (const Session *each : {&reference, &session})
    if (Expected<int64_t> count = countChunks(*each, tokens, options); !count)
      return count.takeError();
  int64_t chunks = cantFail(countChunks(session, tokens, options));
  Comparison comparison(session, reference, logitBytes);
  for (int64_t i = 0; i < chunks; ++i) {
    if (Error error =
            comparison.add(getChunk(tokens, options, i), options.context / 2))
      return error;
    onChunk();
  }
  return comparison.getResult();
}

//===----------------------------------------------------------------------===//
// Embeddings
//===----------------------------------------------------------------------===//

Expected<EmbeddingDifference>
mlir::compress::compareEmbeddings(Embedder &embedder, Embedder &reference,
                                  ArrayRef<StringRef> texts,
                                  function_ref<void()> onText) {
  if (embedder.getWidth() != reference.getWidth())
    return makeError("embeddings of " + Twine(embedder.getWidth()) +
                     " numbers can't be compared with those of " +
                     Twine(reference.getWidth()) +
                     "; both should be made from the same model");
  if (texts.empty())
    return makeError("there are no texts to compare embeddings of");
  EmbeddingDifference result;
  result.leastCosine = 1;
  for (StringRef text : texts) {
    Expected<Embedding> own = embedder.embed(text);
    if (!own)
      return own.takeError();
    Expected<Embedding> expected = reference.embed(text);
    if (!expected)
      return expected.takeError();
    double product = 0, ownSquares = 0, squares = 0, difference = 0;
    for (auto [a, b] : zip_equal(own->values, expected->values)) {
      product += double(a) * b;
      ownSquares += double(a) * a;
      squares += double(b) * b;
      difference += (double(a) - b) * (double(a) - b);
    }
    if (ownSquares == 0 || squares == 0)
      return makeError("text " + Twine(result.texts + 1) +
                       " has an embedding of zeros, which has no direction");
    double cosine = product / std::sqrt(ownSquares * squares);
    double error = std::sqrt(difference / squares);
    result.meanCosine += cosine / texts.size();
    result.leastCosine = std::min(result.leastCosine, cosine);
    result.meanError += error / texts.size();
    result.maximumError = std::max(result.maximumError, error);
    ++result.texts;
    onText();
  }
  return result;
}
