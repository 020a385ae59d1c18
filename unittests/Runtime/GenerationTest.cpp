//===- GenerationTest.cpp - Tests of decode loops -------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ToyProgram.h"

#include "compress/Runtime/Benchmark.h"
#include "compress/Runtime/Generation.h"

#include <numeric>

using namespace llvm;
using namespace mlir::compress;

using Ids = std::vector<int32_t>;

namespace {

class GenerationTest : public testing::Test {
protected:
  Expected<GenerationResult> run(ArrayRef<Ids> prompts,
                                 const GenerationOptions &options,
                                 int64_t threads = 1, int64_t context = 0) {
    std::unique_ptr<Session> session =
        makeToySession(*program, threads, prompts.size(), context);
    streamed.assign(prompts.size(), "");
    return generate(
        *session, program->getTokenizer(), prompts, options,
        [&](size_t sequence, StringRef text) { streamed[sequence] += text; });
  }

  std::unique_ptr<Program> program = makeToyProgram();
  std::vector<std::string> streamed;
};

TEST_F(GenerationTest, ContinuesGreedily) {
  GenerationOptions options;
  options.maxTokens = 40;
  options.ignoreEndOfText = true;
  options.keepFirstLogits = true;
  Ids prompt = {0, 5, 9};
  GenerationResult result = cantFail(run({prompt}, options));
  const GeneratedSequence &sequence = result.sequences[0];
  EXPECT_EQ(sequence.prompt, prompt);
  EXPECT_EQ(sequence.tokens, continueToy(prompt, 40));
  EXPECT_EQ(sequence.firstLogits, getToyLogits(prompt));
  EXPECT_EQ(sequence.reason, StopReason::Length);
  EXPECT_EQ(sequence.text, streamed[0]);
  EXPECT_EQ(result.promptTokens, 3);
  EXPECT_EQ(result.decodedTokens, 39);
}

TEST_F(GenerationTest, BatchesEqualSingleRunsAtAnyThreadCount) {
  GenerationOptions options;
  options.maxTokens = 24;
  options.ignoreEndOfText = true;
  Ids longPrompt(550);
  std::iota(longPrompt.begin(), longPrompt.end(), 0);
  for (int32_t &id : longPrompt)
    id = id * 11 % kToyVocabulary;
  std::vector<Ids> prompts = {{4}, longPrompt, {7, 8, 9, 10, 11}};
  for (int64_t threads : {1, 2, 3}) {
    GenerationResult result = cantFail(run(prompts, options, threads));
    for (size_t i = 0; i < prompts.size(); ++i)
      EXPECT_EQ(result.sequences[i].tokens, continueToy(prompts[i], 24))
          << i << " " << threads;
  }
  options.sampler.temperature = 1;
  options.sampler.seed = 3;
  Ids one = cantFail(run(prompts, options, 1)).sequences[1].tokens;
  EXPECT_EQ(cantFail(run(prompts, options, 3)).sequences[1].tokens, one);
}

/// A prompt whose greedy continuation has `token` at a place from `least` to
/// 30.
static std::pair<Ids, size_t> findPrompt(int32_t token, size_t least) {
  for (int32_t first = 3; first < 29; ++first)
    for (int32_t second = 3; second < 29; ++second) {
      Ids prompt = {first, second};
      Ids next = continueToy(prompt, 30);
      size_t place = std::find(next.begin(), next.end(), token) - next.begin();
      if (place >= least && place < next.size())
        return {prompt, place};
    }
  ADD_FAILURE() << "no such prompt";
  return {};
}

TEST_F(GenerationTest, StopsAtTheEndOfText) {
  auto [prompt, place] = findPrompt(/*token=*/1, /*least=*/3);
  GenerationOptions options;
  options.maxTokens = 30;
  GenerationResult result = cantFail(run({prompt}, options));
  EXPECT_EQ(result.sequences[0].reason, StopReason::EndOfText);
  EXPECT_EQ(result.sequences[0].tokens, continueToy(prompt, place));
  options.ignoreEndOfText = true;
  EXPECT_EQ(cantFail(run({prompt}, options)).sequences[0].tokens.size(), 30u);
}

TEST_F(GenerationTest, FinishedSequencesLeaveTheBatch) {
  auto [prompt, place] = findPrompt(/*token=*/1, /*least=*/3);
  Ids other = {20, 21, 22};
  GenerationOptions options;
  options.maxTokens = 30;
  options.ignoreEndOfText = false;
  Ids expected = continueToy(other, 30);
  expected.erase(std::find(expected.begin(), expected.end(), 1),
                 expected.end());
  GenerationResult result = cantFail(run({prompt, other}, options));
  EXPECT_EQ(result.sequences[0].tokens.size(), place);
  EXPECT_EQ(result.sequences[1].tokens, expected);
}

TEST_F(GenerationTest, StopsBeforeAStopString) {
  auto [prompt, place] = findPrompt(/*token=*/5, /*least=*/4);
  GenerationOptions options;
  options.maxTokens = 30;
  options.ignoreEndOfText = true;
  std::string whole = cantFail(run({prompt}, options)).sequences[0].text;
  // Two characters from the middle.
  std::string stop = whole.substr(4, 2);
  options.stopStrings = {"no such text", stop};
  GenerationResult result = cantFail(run({prompt}, options));
  EXPECT_EQ(result.sequences[0].text, whole.substr(0, whole.find(stop)));
  EXPECT_EQ(result.sequences[0].text, streamed[0]);
  EXPECT_EQ(result.sequences[0].reason, StopReason::StopString);
  EXPECT_LT(result.sequences[0].tokens.size(), 30u);
}

TEST_F(GenerationTest, NoTokensAreAllowed) {
  GenerationOptions options;
  options.maxTokens = 0;
  options.keepFirstLogits = true;
  GenerationResult result = cantFail(run({{3}}, options));
  EXPECT_TRUE(result.sequences[0].tokens.empty());
  EXPECT_EQ(result.sequences[0].firstLogits, getToyLogits({3}));
}

TEST_F(GenerationTest, TheContextHoldsAllButTheLastToken) {
  GenerationOptions options;
  options.ignoreEndOfText = true;
  options.maxTokens = 14;
  EXPECT_EQ(cantFail(run({{3, 4, 5}}, options, 1, 16)).sequences[0].tokens,
            continueToy({3, 4, 5}, 14));
  options.maxTokens = 15;
  EXPECT_CONTAINS(getMessage(run({{3, 4, 5}}, options, 1, 16)),
                  "prompt 0 has 3 tokens; with 15 more the context of 16");
}

TEST_F(GenerationTest, BadRequestsAreErrors) {
  GenerationOptions options;
  EXPECT_CONTAINS(getMessage(run({Ids()}, options)),
                  "prompt 0 has no tokens; give at least one");
  options.maxTokens = -1;
  EXPECT_CONTAINS(getMessage(run({{3}}, options)), "cannot generate -1");
  options.maxTokens = 1;
  options.sampler.topP = 2;
  EXPECT_CONTAINS(getMessage(run({{3}}, options)), "top-p");
  options.sampler.topP = 1;
  options.stopStrings = {"x"};
  std::unique_ptr<Session> session = makeToySession(*program);
  auto ignore = [](size_t, StringRef) {};
  Ids prompt = {3};
  EXPECT_CONTAINS(
      getMessage(generate(*session, nullptr, prompt, options, ignore)),
      "stop strings need a tokenizer");
  options.stopStrings.clear();
  EXPECT_CONTAINS(getMessage(generate(*session, nullptr, {prompt, prompt},
                                      options, ignore)),
                  "2 prompts, but the cache holds 1");
}

TEST(StopFilterTest, HoldsBackWhatMayBecomeAStop) {
  StopFilter filter({"END", "ND!"});
  EXPECT_EQ(filter.push("abE"), "ab");
  EXPECT_EQ(filter.push("N"), "");
  EXPECT_EQ(filter.push("X"), "ENX");
  EXPECT_EQ(filter.push("yEN"), "y");
  EXPECT_FALSE(filter.isStopped());
  EXPECT_EQ(filter.push("Dz"), "");
  EXPECT_TRUE(filter.isStopped());
  EXPECT_EQ(filter.push("more"), "");
  EXPECT_EQ(filter.finish(), "");
  StopFilter open({"END"});
  EXPECT_EQ(open.push("xE"), "x");
  EXPECT_EQ(open.finish(), "E");
}

TEST(BenchmarkTest, MeasuresWhatIsAsked) {
  std::unique_ptr<Program> program = makeToyProgram();
  BenchmarkOptions options;
  options.prompt = 20;
  options.generate = 7;
  options.depth = 5;
  options.sequences = 2;
  options.repetitions = 3;
  EXPECT_EQ(options.getContextLength(), 25);
  std::unique_ptr<Session> session =
      makeToySession(*program, 2, 2, options.getContextLength());
  BenchmarkResult result = cantFail(runBenchmark(*session, options));
  EXPECT_EQ(result.prefill.samples.size(), 3u);
  EXPECT_EQ(result.decode.samples.size(), 3u);
  EXPECT_GT(result.prefill.getMin(), 0);
  EXPECT_GT(result.decode.getMin(), 0);
  EXPECT_GT(result.bandwidth.getMedian(), 1e8);
  // 260 bytes of parameters for two sequences, and 8 bytes of cache for each
  // of the 5 + (1 + ... + 7) / 7 positions.
  EXPECT_DOUBLE_EQ(result.bytesPerToken, 130 + 8 * 9);
  EXPECT_GT(result.getBandwidthShare(), 0);
  options.generate = 0;
  EXPECT_TRUE(cantFail(runBenchmark(*session, options)).decode.samples.empty());
  options.sequences = 3;
  EXPECT_CONTAINS(getMessage(runBenchmark(*session, options)),
                  "has 2 sequences, the benchmark is for 3");
  options.sequences = 1;
  options.depth = -1;
  EXPECT_CONTAINS(getMessage(runBenchmark(*session, options)),
                  "counts must not be negative");
}

TEST(BenchmarkTest, MeasurementsAreSummedUp) {
  Measurement measurement{{5, 1, 3, 2, 4}};
  EXPECT_EQ(measurement.getMedian(), 3);
  EXPECT_EQ(measurement.getMin(), 1);
  EXPECT_EQ(measurement.getMax(), 5);
  EXPECT_DOUBLE_EQ(measurement.getSpread(), 1.0 / 3);
  EXPECT_EQ((Measurement{{1, 2}}).getMedian(), 1.5);
  EXPECT_EQ(Measurement().getMedian(), 0);
}

} // namespace
