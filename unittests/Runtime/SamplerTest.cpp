//===- SamplerTest.cpp - Tests of sampling --------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ToyProgram.h"

#include "compress/Runtime/Sampler.h"

#include <cmath>
#include <limits>
#include <set>

using namespace llvm;
using namespace mlir::compress;

/// Draws many tokens and returns how often each came.
static std::vector<double> draw(const SamplerOptions &options,
                                ArrayRef<float> logits, int count = 20000) {
  Sampler sampler(options);
  std::vector<double> shares(logits.size());
  for (int i = 0; i < count; ++i)
    shares[cantFail(sampler.sample(logits))] += 1.0 / count;
  return shares;
}

namespace {

TEST(SamplerTest, GreedyTakesTheLowestOfEquals) {
  Sampler sampler((SamplerOptions()));
  EXPECT_EQ(cantFail(sampler.sample({1, 3, 2, 3})), 1);
  EXPECT_EQ(cantFail(sampler.sample({-INFINITY, -5})), 1);
}

TEST(SamplerTest, SharesFollowTheSoftmax) {
  SamplerOptions options;
  options.temperature = 2;
  std::vector<float> logits = {0, 2, -1, 4};
  double total = 0;
  for (float logit : logits)
    total += std::exp(logit / 2);
  std::vector<double> shares = draw(options, logits);
  // Four standard deviations of a share over 20000 draws are at most 0.0142.
  for (size_t i = 0; i < logits.size(); ++i)
    EXPECT_NEAR(shares[i], std::exp(logits[i] / 2) / total, 0.0142);
}

TEST(SamplerTest, FiltersLeaveTheBest) {
  // Probabilities 0.5, 0.25, 0.125, 0.125.
  std::vector<float> logits = {std::log(0.125f), std::log(0.5f),
                               std::log(0.25f), std::log(0.125f)};
  auto getKept = [&](int64_t topK, double topP, double minP) {
    SamplerOptions options;
    options.temperature = 1;
    options.topK = topK;
    options.topP = topP;
    options.minP = minP;
    std::set<size_t> kept;
    std::vector<double> shares = draw(options, logits, 2000);
    for (size_t i = 0; i < shares.size(); ++i)
      if (shares[i] > 0)
        kept.insert(i);
    return kept;
  };
  using Kept = std::set<size_t>;
  EXPECT_EQ(getKept(0, 1, 0), Kept({0, 1, 2, 3}));
  EXPECT_EQ(getKept(1, 1, 0), Kept({1}));
  EXPECT_EQ(getKept(3, 1, 0), Kept({0, 1, 2})); // 0 before 3: lower id.
  EXPECT_EQ(getKept(99, 1, 0), Kept({0, 1, 2, 3}));
  EXPECT_EQ(getKept(0, 0.4, 0), Kept({1}));
  EXPECT_EQ(getKept(0, 0.7, 0), Kept({1, 2}));
  EXPECT_EQ(getKept(0, 0.8, 0), Kept({0, 1, 2}));
  EXPECT_EQ(getKept(0, 1, 0.4), Kept({1, 2}));
  EXPECT_EQ(getKept(0, 1, 1), Kept({1}));
  // Top-p counts of what top-k left: 0.5 of 0.75.
  EXPECT_EQ(getKept(2, 0.66, 0), Kept({1}));
}

TEST(SamplerTest, DrawsDependOnSeedAndSequence) {
  std::vector<float> logits(100, 0.0f);
  auto drawIds = [&](uint64_t seed, uint64_t sequence) {
    SamplerOptions options;
    options.temperature = 1;
    options.seed = seed;
    Sampler sampler(options, sequence);
    std::vector<int32_t> ids;
    for (int i = 0; i < 20; ++i)
      ids.push_back(cantFail(sampler.sample(logits)));
    return ids;
  };
  EXPECT_EQ(drawIds(1, 0), drawIds(1, 0));
  EXPECT_NE(drawIds(1, 0), drawIds(2, 0));
  EXPECT_NE(drawIds(1, 0), drawIds(1, 1));
  EXPECT_NE(drawIds(0, 1), drawIds(1, 0));
}

TEST(SamplerTest, BrokenLogitsAreErrors) {
  Sampler sampler((SamplerOptions()));
  EXPECT_CONTAINS(getMessage(sampler.sample({1, NAN})),
                  "the model's logits are not numbers");
  EXPECT_CONTAINS(getMessage(sampler.sample({1, INFINITY})),
                  "the model's largest logit is infinite");
  EXPECT_CONTAINS(getMessage(sampler.sample({-INFINITY})), "infinite");
  EXPECT_CONTAINS(getMessage(sampler.sample({})), "not numbers");
}

TEST(SamplerTest, OptionsHaveRanges) {
  auto getMessageFor = [](double temperature, int64_t topK, double topP,
                          double minP) {
    SamplerOptions options;
    options.temperature = temperature;
    options.topK = topK;
    options.topP = topP;
    options.minP = minP;
    return getMessage(options.verify());
  };
  EXPECT_CONTAINS(getMessageFor(-1, 0, 1, 0),
                  "temperature -1.00 is not a number from 0 on");
  EXPECT_CONTAINS(getMessageFor(NAN, 0, 1, 0), "temperature");
  EXPECT_CONTAINS(getMessageFor(1, -1, 1, 0), "top-k -1 is less than 0");
  EXPECT_CONTAINS(getMessageFor(1, 0, 0, 0),
                  "top-p 0.00 is not above 0 and at most 1");
  EXPECT_CONTAINS(getMessageFor(1, 0, 1.1, 0), "top-p");
  EXPECT_CONTAINS(getMessageFor(1, 0, 1, -0.1),
                  "min-p -0.10 is not between 0 and 1");
  EXPECT_CONTAINS(getMessageFor(1, 0, 1, 1.1), "min-p");
  EXPECT_FALSE(!!SamplerOptions().verify());
}

} // namespace
