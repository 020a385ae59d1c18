//===- PerplexityTest.cpp - Tests of perplexity ---------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ToyProgram.h"

#include "compress/Runtime/Perplexity.h"

#include <cmath>

using namespace llvm;
using namespace mlir::compress;

/// The definition, in long double.
static long double scoreToken(ArrayRef<int32_t> history, int32_t next) {
  std::vector<float> logits = getToyLogits(history);
  long double sum = 0;
  for (float logit : logits)
    sum += std::exp(static_cast<long double>(logit));
  return std::log(sum) - logits[next];
}

static std::vector<int32_t> makeText(int64_t count) {
  std::vector<int32_t> text(count);
  for (int64_t i = 0; i < count; ++i)
    text[i] = (i * i * 3 + i) % kToyVocabulary;
  return text;
}

namespace {

class PerplexityTest : public testing::Test {
protected:
  Expected<PerplexityResult> run(ArrayRef<int32_t> tokens, int64_t context,
                                 int64_t chunks,
                                 std::optional<int32_t> first = {}) {
    std::unique_ptr<Session> session = makeToySession(*program, 2);
    PerplexityOptions options;
    options.context = context;
    options.chunks = chunks;
    options.beginningOfText = first;
    progress.clear();
    return computePerplexity(*session, tokens, options,
                             [&](const PerplexityResult &sofar) {
                               progress.push_back(sofar.chunks);
                             });
  }

  std::unique_ptr<Program> program = makeToyProgram();
  std::vector<int64_t> progress;
};

TEST_F(PerplexityTest, ScoresTheSecondHalfOfEachChunk) {
  std::vector<int32_t> text = makeText(40);
  for (std::optional<int32_t> first : {std::optional<int32_t>(), {0}}) {
    long double sum = 0;
    int64_t count = 0;
    for (int64_t chunk = 0; chunk < 3; ++chunk) {
      std::vector<int32_t> tokens(text.begin() + chunk * 11,
                                  text.begin() + (chunk + 1) * 11);
      if (first)
        tokens[0] = *first;
      // Tokens 5 to 9 predict tokens 6 to 10.
      for (int64_t i = 5; i <= 9; ++i, ++count)
        sum += scoreToken(ArrayRef(tokens).take_front(i + 1), tokens[i + 1]);
    }
    PerplexityResult result = cantFail(run(text, 11, 0, first));
    EXPECT_EQ(result.tokens, count);
    EXPECT_EQ(result.chunks, 3);
    EXPECT_NEAR(result.mean, static_cast<double>(sum / count), 1e-12);
    EXPECT_NEAR(result.perplexity, std::exp(static_cast<double>(sum / count)),
                1e-10);
    EXPECT_EQ(progress, (std::vector<int64_t>{1, 2, 3}));
    EXPECT_EQ(cantFail(run(text, 11, 2, first)).tokens, 10);
  }
}

TEST_F(PerplexityTest, ChunksLongerThanAStep) {
  std::vector<int32_t> text = makeText(600);
  PerplexityResult result = cantFail(run(text, 600, 1));
  long double sum = 0;
  for (int64_t i = 300; i <= 598; ++i)
    sum += scoreToken(ArrayRef(text).take_front(i + 1), text[i + 1]);
  EXPECT_EQ(result.tokens, 299);
  EXPECT_NEAR(result.mean, static_cast<double>(sum / 299), 1e-12);
}

TEST_F(PerplexityTest, BadRequestsAreErrors) {
  std::vector<int32_t> text = makeText(30);
  EXPECT_CONTAINS(getMessage(run(text, 3, 1)),
                  "too short to score its second half");
  EXPECT_CONTAINS(getMessage(run(text, 601, 1)),
                  "tokens do not fit in the context of 600");
  EXPECT_CONTAINS(getMessage(run(text, 10, -1)), "cannot score -1 chunks");
  EXPECT_CONTAINS(getMessage(run(text, 10, 4)),
                  "30 tokens, but 4 chunks of 10 need 40");
  EXPECT_CONTAINS(getMessage(run(text, 31, 0)),
                  "use fewer chunks, a shorter context");
}

TEST_F(PerplexityTest, BrokenLogitsAreErrors) {
  alignas(64) static float table[64] = {NAN};
  ProgramParts parts;
  parts.manifest = getToyManifest();
  for (const ProgramFunction &function : program->getFunctions())
    parts.code.emplace_back(function.code, function.workspace);
  parts.parameters = {{program->getParameters()[0], 4, 1}, {table, 256, 64}};
  program = cantFail(Program::create(std::move(parts)));
  EXPECT_CONTAINS(getMessage(run(makeText(200), 100, 0)),
                  "the model's logits are not finite numbers");
}

TEST(NegativeLogLikelihoodTest, IsStable) {
  EXPECT_NEAR(getNegativeLogLikelihood({1000, 1000}, 0), std::log(2.0), 1e-12);
  EXPECT_NEAR(getNegativeLogLikelihood({0, -1000}, 1), 1000, 1e-9);
  EXPECT_NEAR(getNegativeLogLikelihood({-INFINITY, 3}, 1), 0, 1e-12);
}

} // namespace
