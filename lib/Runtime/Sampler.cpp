//===- Sampler.cpp - Picks the next token ---------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Runtime/Sampler.h"

#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <algorithm>
#include <cmath>

using namespace llvm;
using namespace mlir::compress;

Error SamplerOptions::verify() const {
  if (!(temperature >= 0) || std::isinf(temperature))
    return makeError(
        formatv("temperature {0} is not a number from 0 on", temperature));
  if (topK < 0)
    return makeError(formatv("top-k {0} is less than 0", topK));
  if (!(topP > 0 && topP <= 1))
    return makeError(formatv("top-p {0} is not above 0 and at most 1", topP));
  if (!(minP >= 0 && minP <= 1))
    return makeError(formatv("min-p {0} is not between 0 and 1", minP));
  return Error::success();
}

int32_t mlir::compress::getLargest(ArrayRef<float> logits) {
  size_t best = 0;
  for (size_t i = 1; i < logits.size(); ++i)
    if (logits[i] > logits[best])
      best = i;
  return best;
}

/// The finalizer of SplitMix64 (Steele, Lea and Flood, "Fast splittable
/// pseudorandom number generators", 2014).
static uint64_t mix(uint64_t value) {
  value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9ull;
  value = (value ^ value >> 27) * 0x94D049BB133111EBull;
  return value ^ value >> 31;
}

double Sampler::drawUniform() {
  constexpr uint64_t golden = 0x9E3779B97F4A7C15ull;
  uint64_t stream = mix(mix(options.seed + golden) + (sequence + 1) * golden);
  uint64_t bits = mix(stream + ++draws * golden);
  return std::ldexp(static_cast<double>(bits >> 11), -53);
}

/// Fills `candidates` with what top-k, top-p and min-p leave. Probabilities are
/// relative to the best one's, which is always kept.
void Sampler::keepCandidates(ArrayRef<float> logits, float largest) {
  candidates.clear();
  for (auto [id, logit] : enumerate(logits)) {
    double scaled =
        (static_cast<double>(logit) - largest) / options.temperature;
    candidates.push_back({static_cast<int32_t>(id), std::exp(scaled)});
  }
  auto isBetter = [](const Candidate &a, const Candidate &b) {
    return a.probability != b.probability ? a.probability > b.probability
                                          : a.id < b.id;
  };
  size_t kept = candidates.size();
  if (options.topK > 0 && static_cast<uint64_t>(options.topK) < kept) {
    kept = options.topK;
    std::partial_sort(candidates.begin(), candidates.begin() + kept,
                      candidates.end(), isBetter);
    candidates.resize(kept);
  }
  double total = 0, sum = 0;
  for (const Candidate &candidate : candidates)
    total += candidate.probability;
  // The best has probability 1 here, so min-p is an absolute bound.
  erase_if(candidates, [&](const Candidate &candidate) {
    return candidate.probability < options.minP;
  });
  if (options.topP == 1)
    return;
  llvm::sort(candidates, isBetter);
  size_t count = 0;
  while (count < candidates.size() && sum < options.topP * total)
    sum += candidates[count++].probability;
  candidates.resize(count);
}

Expected<int32_t> Sampler::sample(ArrayRef<float> logits) {
  if (logits.empty() ||
      any_of(logits, [](float logit) { return std::isnan(logit); }))
    return makeError("the model's logits are not numbers; its weights or its "
                     "compression are broken");
  int32_t best = getLargest(logits);
  if (std::isinf(logits[best]))
    return makeError("the model's largest logit is infinite; its weights or "
                     "its compression are broken");
  if (options.temperature == 0)
    return best;
  keepCandidates(logits, logits[best]);
  double total = 0;
  for (const Candidate &candidate : candidates)
    total += candidate.probability;
  double target = drawUniform() * total;
  for (const Candidate &candidate : candidates) {
    target -= candidate.probability;
    if (target < 0)
      return candidate.id;
  }
  // Rounding can leave a remainder of the last candidate's share.
  return candidates.back().id;
}
