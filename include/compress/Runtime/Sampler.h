//===- Sampler.h - Picks the next token -------------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_RUNTIME_SAMPLER_H
#define COMPRESS_RUNTIME_SAMPLER_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <vector>

namespace mlir::compress {

struct SamplerOptions {
  /// Logits are divided by it; 0 takes the largest (greedy).
  double temperature = 0;
  /// Keeps the k most probable tokens; 0 keeps all.
  int64_t topK = 0;
  /// Keeps the most probable tokens whose probabilities sum to at least this; 1
  /// keeps all (Holtzman et al., arXiv 1904.09751).
  double topP = 1;
  /// Keeps tokens at least this times as probable as the best; 0 keeps all
  /// (Nguyen et al., arXiv 2407.01082).
  double minP = 0;
  uint64_t seed = 0;

  /// The error names the option and its range.
  llvm::Error verify() const;
};

/// Picks tokens: temperature, then top-k, top-p and min-p, in this order. Of
/// equally probable tokens the lower id comes first. Draw n of sequence s
/// depends on the seed, s and n alone: not on threads, nor on other sequences
/// of the batch.
class Sampler {
public:
  explicit Sampler(const SamplerOptions &options, uint64_t sequence = 0)
      : options(options), sequence(sequence) {}

  /// The next token of a sequence. An error where a logit is not a number, or
  /// all are minus infinity.
  llvm::Expected<int32_t> sample(llvm::ArrayRef<float> logits);

private:
  struct Candidate {
    int32_t id;
    double probability;
  };

  void keepCandidates(llvm::ArrayRef<float> logits, float largest);
  double drawUniform();

  SamplerOptions options;
  uint64_t sequence, draws = 0;
  std::vector<Candidate> candidates;
};

/// The index of the largest logit, the lowest of equals.
int32_t getLargest(llvm::ArrayRef<float> logits);

} // namespace mlir::compress

#endif // COMPRESS_RUNTIME_SAMPLER_H
