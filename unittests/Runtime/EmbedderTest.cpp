//===- EmbedderTest.cpp - Vectors of texts --------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ToyProgram.h"

#include "compress/Runtime/Embedder.h"
#include "compress/Runtime/Evaluation.h"

#include <cmath>

using namespace llvm;
using namespace mlir::compress;

namespace {

constexpr int64_t kWidth = 2, kContext = 8, kVocabulary = 7;

/// Gives token t at position p the vector (t, p).
void encodeToy(CompressContext *, const CompressTensor *arguments,
               int64_t thread, int64_t) {
  if (thread != 0)
    return;
  const auto *tokens = static_cast<const int32_t *>(arguments[0].data);
  auto *states = static_cast<float *>(arguments[1].data);
  for (int64_t p = 0; p < arguments[0].sizes[1]; ++p) {
    states[kWidth * p] = tokens[p] == 6 ? NAN : tokens[p];
    states[kWidth * p + 1] = p;
  }
}

int64_t getNoWorkspace(const CompressTensor *, int64_t) { return 0; }

Manifest getManifest(PoolingInfo pooling = {}) {
  ValueSignature tokens, states;
  tokens.name = "tokens";
  tokens.element = ElementType::I32;
  tokens.shape = {{-1, "b"}, {-1, "t"}};
  states.shape = {{-1, "b"}, {-1, "t"}, {kWidth, ""}};
  Manifest manifest;
  manifest.abi = COMPRESS_ABI_VERSION;
  manifest.model = {"toy", "toy", kVocabulary, kContext, 1, pooling};
  manifest.functions = {{"encode", {tokens}, {states}}};
  return manifest;
}

/// [UNK] [CLS] [SEP] a b ##c, and one that breaks the model.
std::unique_ptr<Program> makeProgram(Manifest manifest) {
  TokenizerModel model;
  model.spelling = TokenizerModel::Spelling::Words;
  model.merging = TokenizerModel::Merging::LongestMatch;
  model.tokens = {"[UNK]", "[CLS]", "[SEP]", "a", "b", "##c", "nan"};
  model.types.assign(kVocabulary, TokenType::Normal);
  model.preTokenizer = SplitStep::getBert();
  model.unknown = 0;
  model.bos = 1;
  model.eos = 2;
  model.addBos = model.addEos = true;
  ProgramParts parts;
  parts.manifest = std::move(manifest);
  parts.code = {{encodeToy, getNoWorkspace}};
  parts.tokenizer = cantFail(Tokenizer::create(std::move(model)));
  return cantFail(Program::create(std::move(parts)));
}

using Floats = std::vector<float>;

TEST(PoolTest, Modes) {
  const float states[] = {3, -4, 1, 2, 5, -7};
  PoolingInfo pooling;
  EXPECT_EQ(pool(states, 2, pooling), (Floats{3, -3}));
  pooling.mode = PoolingInfo::Mode::Max;
  EXPECT_EQ(pool(states, 2, pooling), (Floats{5, 2}));
  pooling.mode = PoolingInfo::Mode::LastToken;
  EXPECT_EQ(pool(states, 2, pooling), (Floats{5, -7}));
  pooling.mode = PoolingInfo::Mode::FirstToken;
  EXPECT_EQ(pool(states, 2, pooling), (Floats{3, -4}));
  pooling.normalize = true;
  EXPECT_EQ(pool(states, 2, pooling), (Floats{0.6f, -0.8f}));
  const float zeros[] = {0, 0};
  EXPECT_EQ(pool(zeros, 2, pooling), (Floats{0, 0}));
}

TEST(PoolTest, WordsForModes) {
  for (StringRef word : {"mean", "max", "first-token", "last-token"}) {
    auto mode = parsePoolingMode(word);
    ASSERT_TRUE(mode) << word.str();
    EXPECT_EQ(str(*mode), word);
  }
  EXPECT_FALSE(parsePoolingMode("median"));
}

TEST(EmbedderTest, EmbedsTexts) {
  auto program = makeProgram(getManifest());
  for (int64_t threads : {1, 3}) {
    auto embedder = cantFail(Embedder::create(*program, threads));
    EXPECT_EQ(embedder->getWidth(), kWidth);
    EXPECT_EQ(embedder->getMaxTokens(), kContext);
    // [CLS] a b ##c [SEP]
    Embedding embedding = cantFail(embedder->embed("a bc"));
    EXPECT_EQ(embedding.values, (Floats{3, 2}));
    EXPECT_EQ(embedding.textTokens, 5);
    EXPECT_FALSE(embedding.isTruncated());
    // [CLS] [SEP]
    EXPECT_EQ(cantFail(embedder->embed("")).values, (Floats{1.5f, 0.5f}));
  }
}

TEST(EmbedderTest, CutsTextsBeforeTheirLastToken) {
  PoolingInfo pooling;
  pooling.mode = PoolingInfo::Mode::LastToken;
  pooling.maxTokens = 5;
  auto program = makeProgram(getManifest(pooling));
  auto embedder = cantFail(Embedder::create(*program, 1));
  Embedding embedding = cantFail(embedder->embed("a a a a a a"));
  EXPECT_EQ(embedding.textTokens, 8);
  EXPECT_EQ(embedding.usedTokens, 5);
  EXPECT_TRUE(embedding.isTruncated());
  EXPECT_EQ(embedding.values, (Floats{2, 4}));
  pooling.maxTokens = 1;
  auto narrow = makeProgram(getManifest(pooling));
  auto other = cantFail(Embedder::create(*narrow, 1));
  EXPECT_CONTAINS(getMessage(other->embed("a")), "have no room for those");
}

TEST(EmbedderTest, WrongTokensAreErrors) {
  auto program = makeProgram(getManifest());
  auto embedder = cantFail(Embedder::create(*program, 1));
  EXPECT_CONTAINS(getMessage(embedder->embed(ArrayRef<int32_t>())),
                  "a text without tokens has no embedding");
  std::vector<int32_t> many(kContext + 1, 3);
  EXPECT_CONTAINS(getMessage(embedder->embed(many)),
                  "a text of 9 tokens is given, but the model takes 8");
  for (int32_t token : {-1, 7}) {
    EXPECT_CONTAINS(getMessage(embedder->embed(ArrayRef(token))),
                    "is not in the model's vocabulary of 7");
  }
  EXPECT_CONTAINS(getMessage(embedder->embed("nan")),
                  "hidden states are not finite numbers");
}

TEST(EmbedderTest, OtherProgramsAreErrors) {
  auto decoder = makeToyProgram();
  EXPECT_CONTAINS(getMessage(Embedder::create(*decoder, 1)),
                  "the model is no encoder: it has no function 'encode'; it is "
                  "a decoder, for 'generate'");
  auto encoder = makeProgram(getManifest());
  EXPECT_CONTAINS(getMessage(Session::create(*encoder, {})),
                  "the model is an encoder, which predicts no tokens");
  Manifest manifest = getManifest();
  manifest.functions[0].results[0].shape[2].size = -1;
  EXPECT_CONTAINS(getMessage(Embedder::create(*makeProgram(manifest), 1)),
                  "function 'encode' does not have the form");
  manifest = getManifest();
  manifest.model.pooling.reset();
  EXPECT_CONTAINS(getMessage(Embedder::create(*makeProgram(manifest), 1)),
                  "does not describe how 'encode' is pooled");
  PoolingInfo pooling;
  pooling.maxTokens = kContext + 1;
  EXPECT_CONTAINS(
      getMessage(Embedder::create(*makeProgram(getManifest(pooling)), 1)),
      "allows texts of 9 tokens, but the model's context holds 8");
}

TEST(EmbedderTest, ManifestsKeepPooling) {
  PoolingInfo pooling;
  pooling.mode = PoolingInfo::Mode::Max;
  pooling.normalize = true;
  pooling.maxTokens = 6;
  json::Value value = getManifest(pooling).toJSON();
  Manifest again = cantFail(Manifest::fromJSON(value, "manifest.json"));
  ASSERT_TRUE(again.model.pooling);
  EXPECT_EQ(again.model.pooling->mode, PoolingInfo::Mode::Max);
  EXPECT_TRUE(again.model.pooling->normalize);
  EXPECT_EQ(again.model.pooling->maxTokens, 6);
  json::Object &model = *value.getAsObject()->getObject("model");
  (*model.getObject("pooling"))["mode"] = "median";
  EXPECT_CONTAINS(getMessage(Manifest::fromJSON(value, "manifest.json")),
                  "unknown pooling");
  model.erase("pooling");
  again = cantFail(Manifest::fromJSON(value, "manifest.json"));
  EXPECT_FALSE(again.model.pooling);
}

/// As encodeToy, but with the vector (t / 2, p + 1).
void encodeOther(CompressContext *context, const CompressTensor *arguments,
                 int64_t thread, int64_t threads) {
  encodeToy(context, arguments, thread, threads);
  if (thread != 0)
    return;
  auto *states = static_cast<float *>(arguments[1].data);
  for (int64_t p = 0; p < arguments[0].sizes[1]; ++p) {
    states[kWidth * p] /= 2;
    states[kWidth * p + 1] += 1;
  }
}

TEST(EmbedderTest, EmbeddingsAreCompared) {
  PoolingInfo last;
  last.mode = PoolingInfo::Mode::LastToken;
  std::unique_ptr<Program> program = makeProgram(getManifest(last));
  ProgramParts parts;
  parts.manifest = getManifest(last);
  parts.code = {{encodeOther, getNoWorkspace}};
  parts.tokenizer = cantFail(
      Tokenizer::create(cantFail(program->getTokenizer()->getModel())));
  std::unique_ptr<Program> other = cantFail(Program::create(std::move(parts)));
  std::unique_ptr<Embedder> embedder = cantFail(Embedder::create(*program, 1));
  std::unique_ptr<Embedder> reference = cantFail(Embedder::create(*other, 1));
  int64_t calls = 0;
  auto count = [&] { ++calls; };
  // The last token is [SEP], 2, at 1 and 3: (2, 1) and (1, 2), (2, 3) and
  // (1, 4).
  EmbeddingDifference difference =
      cantFail(compareEmbeddings(*embedder, *reference, {"", "a b"}, count));
  double cosines[] = {4 / 5.0, 14 / std::sqrt(13.0 * 17)};
  double errors[] = {std::sqrt(2 / 5.0), std::sqrt(2 / 17.0)};
  EXPECT_EQ(difference.texts, 2);
  EXPECT_EQ(calls, 2);
  EXPECT_NEAR(difference.meanCosine, (cosines[0] + cosines[1]) / 2, 1e-12);
  EXPECT_NEAR(difference.leastCosine, cosines[0], 1e-12);
  EXPECT_NEAR(difference.meanError, (errors[0] + errors[1]) / 2, 1e-12);
  EXPECT_NEAR(difference.maximumError, errors[0], 1e-12);
  EXPECT_CONTAINS(
      getMessage(compareEmbeddings(*embedder, *reference, {}, count)),
      "there are no texts to compare embeddings of");
}

TEST(EmbedderTest, ComparisonsThatMakeNoSense) {
  PoolingInfo first;
  first.mode = PoolingInfo::Mode::FirstToken;
  std::unique_ptr<Program> program = makeProgram(getManifest(first));
  Manifest manifest = getManifest(first);
  manifest.functions[0].results[0].shape[2].size = 3;
  std::unique_ptr<Program> wide = makeProgram(std::move(manifest));
  std::unique_ptr<Embedder> embedder = cantFail(Embedder::create(*program, 1));
  std::unique_ptr<Embedder> other = cantFail(Embedder::create(*wide, 1));
  auto none = [] {};
  EXPECT_CONTAINS(
      getMessage(compareEmbeddings(*embedder, *other, {"a"}, none)),
      "embeddings of 2 numbers can't be compared with those of 3; both should");
  // The first token would be 0 at 0.
  TokenizerModel model = cantFail(program->getTokenizer()->getModel());
  model.bos = 0;
  ProgramParts parts;
  parts.manifest = getManifest(first);
  parts.code = {{encodeToy, getNoWorkspace}};
  parts.tokenizer = cantFail(Tokenizer::create(model));
  program = cantFail(Program::create(std::move(parts)));
  embedder = cantFail(Embedder::create(*program, 1));
  EXPECT_CONTAINS(
      getMessage(compareEmbeddings(*embedder, *embedder, {"a"}, none)),
      "text 1 has an embedding of zeros, which has no direction");
}

} // namespace
