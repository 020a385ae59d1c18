//===- SessionTest.cpp - Tests of sessions and of calls -------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ToyProgram.h"

#include <numeric>

using namespace llvm;
using namespace mlir::compress;

/// A sequence of tokens that differ.
static std::vector<int32_t> makeTokens(int64_t count, int32_t start) {
  std::vector<int32_t> tokens(count);
  for (int64_t i = 0; i < count; ++i)
    tokens[i] = (start + i * 7 + i / 5) % kToyVocabulary;
  return tokens;
}

namespace {

class SessionTest : public testing::TestWithParam<int64_t> {
protected:
  std::unique_ptr<Program> program = makeToyProgram();
};

TEST_P(SessionTest, ManySequencesGiveWhatEachGivesAlone) {
  std::unique_ptr<Session> session = makeToySession(*program, GetParam(), 3);
  // 600 + 3 + 150 tokens: two steps, one of them with all three sequences.
  std::vector<int32_t> texts[] = {makeTokens(600, 1), makeTokens(3, 2),
                                  makeTokens(150, 3)};
  std::vector<Extension> extensions = {
      {0, texts[0], 590}, {1, texts[1], 0}, {2, texts[2], 150}};
  std::vector<std::pair<size_t, int64_t>> seen;
  Error error = session->extend(
      extensions,
      [&](size_t extension, int64_t token, ArrayRef<float> logits) -> Error {
        seen.emplace_back(extension, token);
        EXPECT_EQ(
            logits.vec(),
            getToyLogits(ArrayRef(texts[extension]).take_front(token + 1)));
        return Error::success();
      });
  ASSERT_FALSE(!!error);
  std::vector<std::pair<size_t, int64_t>> expected;
  for (int64_t token = 590; token < 600; ++token)
    expected.emplace_back(0, token);
  for (int64_t token = 0; token < 3; ++token)
    expected.emplace_back(1, token);
  EXPECT_EQ(seen, expected);
  EXPECT_EQ(session->getLength(0), 600);
  EXPECT_EQ(session->getLength(1), 3);
  EXPECT_EQ(session->getLength(2), 150);
}

TEST_P(SessionTest, GoesOnAfterWhatIsKept) {
  std::unique_ptr<Session> session = makeToySession(*program, GetParam());
  std::vector<int32_t> text = makeTokens(40, 4);
  auto ignore = [](size_t, int64_t, ArrayRef<float>) {
    return Error::success();
  };
  cantFail(session->extend(Extension{0, text, 40}, ignore));
  cantFail(session->truncate(0, 25));
  EXPECT_EQ(session->getLength(0), 25);
  std::vector<int32_t> more = makeTokens(5, 9);
  std::vector<int32_t> whole(text.begin(), text.begin() + 25);
  whole.insert(whole.end(), more.begin(), more.end());
  int rows = 0;
  cantFail(
      session->extend(Extension{0, more, 4},
                      [&](size_t, int64_t, ArrayRef<float> logits) -> Error {
                        ++rows;
                        EXPECT_EQ(logits.vec(), getToyLogits(whole));
                        return Error::success();
                      }));
  EXPECT_EQ(rows, 1);
}

/// Tokens that a step may not hold together, sequences that share one, and
/// truncation to where the ring has all of the last group, and where not.
TEST_P(SessionTest, KeysInGroups) {
  std::unique_ptr<Program> grouped = makeToyProgram(/*hasKeyGroups=*/true);
  std::unique_ptr<Session> session = makeToySession(*grouped, GetParam(), 3);
  std::vector<int32_t> histories[3];
  unsigned seed = 0;
  auto append = [&](std::array<int64_t, 3> counts) {
    std::vector<int32_t> texts[3];
    std::vector<Extension> extensions;
    for (auto [sequence, count] : enumerate(counts)) {
      texts[sequence] = makeTokens(count, ++seed);
      extensions.push_back(
          {static_cast<int64_t>(sequence), texts[sequence], 0});
    }
    cantFail(session->extend(
        extensions,
        [&](size_t extension, int64_t token, ArrayRef<float> logits) -> Error {
          histories[extension].push_back(texts[extension][token]);
          EXPECT_EQ(logits.vec(), getToyLogits(histories[extension]));
          return Error::success();
        }));
  };
  auto truncate = [&](int64_t sequence, int64_t length) {
    cantFail(session->truncate(sequence, length));
    EXPECT_EQ(session->getLength(sequence), length);
    histories[sequence].resize(length);
  };
  append({200, 3, 63});
  append({1, 1, 1});
  truncate(0, 198); // in the same group
  append({20, 12, 1});
  truncate(0, 165); // one that is complete, but still there
  truncate(2, 65);
  append({1, 1, 70});
  truncate(0, 35); // one that is not there any more
  append({5, 0, 0});
  truncate(0, 33);
  append({90, 0, 1});
  truncate(0, 64); // between two groups
  truncate(1, 0);
  truncate(2, 7);
  append({1, 100, 100});
  EXPECT_EQ(session->getLength(0), 65);
  // More than there is changes nothing.
  cantFail(session->truncate(0, 100));
  EXPECT_EQ(session->getLength(0), 65);
}

INSTANTIATE_TEST_SUITE_P(Threads, SessionTest, testing::Values(1, 2, 5));

TEST(SessionErrorTest, BadRequestsChangeNothing) {
  std::unique_ptr<Program> program = makeToyProgram();
  std::unique_ptr<Session> session = makeToySession(*program, 1, 2, 20);
  auto extend = [&](int64_t sequence, std::vector<int32_t> tokens) {
    return session->extend(
        Extension{sequence, tokens, 0},
        [](size_t, int64_t, ArrayRef<float>) { return Error::success(); });
  };
  EXPECT_CONTAINS(getMessage(extend(2, {1})),
                  "sequence 2 does not exist; the cache holds 2");
  EXPECT_CONTAINS(getMessage(extend(-1, {1})), "sequence -1 does not exist");
  EXPECT_CONTAINS(getMessage(extend(0, {1, 32})), "token 32 is not in");
  EXPECT_CONTAINS(getMessage(extend(0, {-1})), "token -1 is not in");
  EXPECT_CONTAINS(getMessage(extend(1, makeTokens(21, 0))),
                  "sequence 1 would have 21 tokens, but the context holds 20");
  EXPECT_EQ(session->getLength(0), 0);
  EXPECT_EQ(session->getLength(1), 0);
  EXPECT_FALSE(!!extend(1, makeTokens(20, 0)));
  EXPECT_CONTAINS(getMessage(extend(1, {1})), "21 tokens");
}

TEST(SessionErrorTest, TheContextIsTheModels) {
  std::unique_ptr<Program> program = makeToyProgram();
  SessionOptions options;
  options.contextLength = kToyContext + 1;
  EXPECT_CONTAINS(getMessage(Session::create(*program, options)),
                  "context of 601");
  options.contextLength = 0;
  options.sequences = 0;
  EXPECT_CONTAINS(getMessage(Session::create(*program, options)),
                  "at least one sequence");
}

/// The message for the toy program with a changed manifest.
static std::string getMessageAfter(function_ref<void(Manifest &)> change) {
  std::unique_ptr<Program> toy = makeToyProgram();
  ProgramParts parts;
  parts.manifest = getToyManifest();
  change(parts.manifest);
  parts.code.assign(
      parts.manifest.functions.size(),
      {toy->getFunctions()[0].code, toy->getFunctions()[0].workspace});
  parts.parameters.resize(2);
  std::unique_ptr<Program> program =
      cantFail(Program::create(std::move(parts)));
  return getMessage(Session::create(*program, {}));
}

TEST(SessionErrorTest, ProgramsThatAreNoModelsAreRefused) {
  EXPECT_CONTAINS(getMessageAfter([](Manifest &m) { m.functions.pop_back(); }),
                  "no function 'step'; it has add");
  EXPECT_CONTAINS(getMessageAfter([](Manifest &m) { m.cache.reset(); }),
                  "does not describe the cache");
  EXPECT_CONTAINS(
      getMessageAfter([](Manifest &m) { m.functions[1].arguments.pop_back(); }),
      "does not have the form");
  EXPECT_CONTAINS(getMessageAfter([](Manifest &m) {
                    m.functions[1].results[0].element = ElementType::F16;
                  }),
                  "does not have the form");
}

TEST(ProgramTest, PartsMustFit) {
  std::unique_ptr<Program> toy = makeToyProgram();
  auto create = [&](function_ref<void(ProgramParts &)> change) {
    ProgramParts parts;
    parts.manifest = getToyManifest();
    for (const ProgramFunction &function : toy->getFunctions())
      parts.code.emplace_back(function.code, function.workspace);
    for (const void *parameter : toy->getParameters())
      parts.parameters.push_back({parameter, 4, 1});
    change(parts);
    return getMessage(Program::create(std::move(parts)));
  };
  EXPECT_CONTAINS(create([](ProgramParts &p) { p.code.pop_back(); }),
                  "2 functions declared, 1 given");
  EXPECT_CONTAINS(create([](ProgramParts &p) { p.code[1].second = nullptr; }),
                  "'step' has no code");
  EXPECT_CONTAINS(create([](ProgramParts &p) { p.parameters.pop_back(); }),
                  "2 parameters declared, 1 given");
  EXPECT_CONTAINS(create([](ProgramParts &p) {
                    p.parameters[1].data =
                        static_cast<const char *>(p.parameters[1].data) + 4;
                  }),
                  "'table' is not aligned to 64 bytes");
  EXPECT_CONTAINS(create([](ProgramParts &p) { p.manifest.abi = 99; }),
                  "version 99 of the ABI, this runtime has 3");
}

TEST(ProgramTest, CountsBytesPerToken) {
  std::unique_ptr<Program> toy = makeToyProgram();
  EXPECT_EQ(toy->getParameterBytes(), 4 + 256);
  EXPECT_EQ(toy->getParameterBytesPerToken(), 4 + 256);
  ProgramParts parts;
  parts.manifest = getToyManifest();
  parts.manifest.parameters[1].isGathered = true;
  for (const ProgramFunction &function : toy->getFunctions())
    parts.code.emplace_back(function.code, function.workspace);
  parts.parameters = {{toy->getParameters()[0], 4, 1},
                      {toy->getParameters()[1], 256, 64}};
  std::unique_ptr<Program> gathered =
      cantFail(Program::create(std::move(parts)));
  EXPECT_EQ(gathered->getParameterBytesPerToken(), 4 + 4);
  EXPECT_CONTAINS(getMessage(gathered->requireTokenizer()), "--tokenizer");
}

TEST(CacheTest, CapacityIsAMultipleOf16) {
  CacheInfo info{3, 2, 8, "f16", 256, 512};
  Cache cache = cantFail(Cache::create(info, 2, 17));
  EXPECT_EQ(cache.getCapacity(), 32);
  EXPECT_EQ(Cache::getBytesPerToken(info), 3 * 2 * (16 + 32));
  CompressCache view = cache.getView();
  EXPECT_EQ(view.sequences, 2);
  EXPECT_EQ(view.capacity, 32);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(view.keys) % 64, 0u);
  info.layers = int64_t(1) << 40;
  EXPECT_CONTAINS(getMessage(Cache::create(info, 1 << 20, 1 << 20)),
                  "tokens is too large");
}

TEST(CacheTest, GroupsOfKeys) {
  // 32 keys in 1280 bytes, 16 values in 640, recent keys in f16.
  CacheInfo info{3, 2, 64, "int4", 1280, 640, 32, 128, 2048};
  Cache cache = cantFail(Cache::create(info, 2, 33));
  EXPECT_EQ(cache.getCapacity(), 64);
  EXPECT_EQ(Cache::getBytesPerToken(info), 3 * 2 * (40 + 40));
  EXPECT_NE(cache.getView().recent, nullptr);
  info.keyGroup = 1;
  info.recentPositions = 0;
  Cache plain = cantFail(Cache::create(info, 2, 33));
  EXPECT_EQ(plain.getView().recent, nullptr);
}

} // namespace
