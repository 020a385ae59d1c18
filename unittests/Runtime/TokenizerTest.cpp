//===- TokenizerTest.cpp - Tests of encoding and decoding -----------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ToyProgram.h"

#include "compress/Runtime/Tokenizer.h"
#include "compress/Support/JSON.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"

#include <chrono>

using namespace llvm;
using namespace mlir::compress;

static std::unique_ptr<Tokenizer> loadTokenizer(StringRef name) {
  std::string path =
      (COMPRESS_TEST_INPUTS "/" + name + "-tokenizer.json").str();
  json::Value value = cantFail(readJSON(path));
  return cantFail(Tokenizer::create(cantFail(TokenizerModel::fromJSON(value))));
}

static std::vector<int32_t> encode(const Tokenizer &tokenizer, StringRef text,
                                   bool parseSpecial = false) {
  EncodeOptions options;
  options.addBos = false;
  options.parseSpecial = parseSpecial;
  return cantFail(tokenizer.encode(text, options));
}

namespace {

/// Vocabularies trained on a few sentences by Hugging Face's `tokenizers`
/// 0.21.1 (byte-level, llama3-split, metaspace) and Google's `sentencepiece`
/// (sentencepiece), which also made the goldens.
class TokenizerGoldenTest : public testing::TestWithParam<const char *> {
protected:
  std::unique_ptr<Tokenizer> tokenizer = loadTokenizer(GetParam());
};

TEST_P(TokenizerGoldenTest, EncodesAsTheReference) {
  json::Value goldens = cantFail(readJSON(
      (COMPRESS_TEST_INPUTS "/" + StringRef(GetParam()) + "-golden.json")
          .str()));
  ASSERT_GT(goldens.getAsArray()->size(), 40u);
  for (const json::Value &golden : *goldens.getAsArray()) {
    const json::Object &object = *golden.getAsObject();
    std::vector<int32_t> expected;
    json::Path::Root root;
    ASSERT_TRUE(fromJSON(*object.get("ids"), expected, root));
    StringRef text = *object.getString("text");
    EXPECT_EQ(encode(*tokenizer, text, *object.getBoolean("parse_special")),
              expected)
        << text.str();
  }
}

TEST_P(TokenizerGoldenTest, DecodingGivesTheTextAgain) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte)
    all += static_cast<char>(byte);
  std::string words[] = {"",
                         "a",
                         "  two  spaces ",
                         "\n\n\t",
                         "Größe 你好 😀",
                         "broken \xFF\xC3 utf-8 \xE2\x96",
                         "\x80",
                         "\xF0\x9F",
                         std::string(5000, 'x'),
                         std::string(3000, ' '),
                         all};
  for (const std::string &text : words) {
    DecodeOptions options;
    options.stripPrefix = true;
    options.special = true;
    EXPECT_EQ(tokenizer->decode(encode(*tokenizer, text), options), text);
  }
}

TEST_P(TokenizerGoldenTest, FilesGiveTheSameTokenizer) {
  SmallString<128> path;
  ASSERT_FALSE(sys::fs::createTemporaryFile("tokenizer", "safetensors", path));
  FileRemover remover(path);
  ASSERT_FALSE(!!tokenizer->write(path));
  std::unique_ptr<Tokenizer> mapped = cantFail(Tokenizer::open(path));
  EXPECT_EQ(cantFail(mapped->getModel()).toJSON(),
            cantFail(tokenizer->getModel()).toJSON());
  for (bool parseSpecial : {false, true})
    for (StringRef text : {"The thing, then this.", "<|end|> 12345 </s>",
                           "Größe 你好 😀", "\xFF\xC3 broken"})
      EXPECT_EQ(encode(*mapped, text, parseSpecial),
                encode(*tokenizer, text, parseSpecial));
  for (int32_t id = 0; id < tokenizer->size(); ++id) {
    EXPECT_EQ(mapped->getText(id), tokenizer->getText(id));
    EXPECT_EQ(mapped->find(mapped->getSpelling(id)),
              tokenizer->find(tokenizer->getSpelling(id)));
  }
}

TEST_P(TokenizerGoldenTest, StreamsWholeCharacters) {
  std::string text = "né 你好 😀!";
  DecodeOptions options;
  options.stripPrefix = true;
  StreamDecoder decoder(*tokenizer, options);
  std::string result;
  for (int32_t id : encode(*tokenizer, text)) {
    std::string piece = decoder.push(id);
    EXPECT_TRUE(json::isUTF8(piece));
    result += piece;
  }
  EXPECT_EQ(decoder.finish(), "");
  EXPECT_EQ(result, text);
}

INSTANTIATE_TEST_SUITE_P(All, TokenizerGoldenTest,
                         testing::Values("byte-level", "llama3-split",
                                         "metaspace", "sentencepiece"));

TEST(TokenizerTest, TrustsControlTokensOnlyIfAsked) {
  std::unique_ptr<Tokenizer> tokenizer = loadTokenizer("byte-level");
  int32_t end = *tokenizer->find("<|end|>");
  EXPECT_EQ(encode(*tokenizer, "<|end|>", true), std::vector<int32_t>{end});
  std::vector<int32_t> plain = encode(*tokenizer, "<|end|>", false);
  EXPECT_GT(plain.size(), 1u);
  EXPECT_EQ(tokenizer->decode(plain), "<|end|>");
  EXPECT_EQ(tokenizer->decode(end), "");
  EXPECT_TRUE(tokenizer->isEndOfGeneration(end));
  EXPECT_FALSE(tokenizer->isEndOfGeneration(plain.front()));
}

TEST(TokenizerTest, AddsTheBeginningOfTextIfTheModelSaysSo) {
  std::unique_ptr<Tokenizer> tokenizer = loadTokenizer("sentencepiece");
  std::vector<int32_t> ids = cantFail(tokenizer->encode("the"));
  EXPECT_EQ(ids.front(), *tokenizer->getRules().bos);
  ids.erase(ids.begin());
  EXPECT_EQ(ids, encode(*tokenizer, "the"));
  EXPECT_EQ(cantFail(tokenizer->encode("")).size(), 1u);
}

TEST(TokenizerTest, LongTextsTakeNearlyLinearTime) {
  // A merger that scans all symbols per merge takes minutes for this.
  std::unique_ptr<Tokenizer> tokenizer = loadTokenizer("metaspace");
  std::string word;
  for (int i = 0; i < 100000; ++i)
    word += "thenthis"[(i * 7 + i / 3) % 8];
  auto start = std::chrono::steady_clock::now();
  std::vector<int32_t> ids = encode(*tokenizer, word);
  std::chrono::duration<double> seconds =
      std::chrono::steady_clock::now() - start;
  EXPECT_LT(seconds.count(), 10);
  EXPECT_LT(ids.size(), word.size());
}

TEST(TokenizerTest, IgnoresIdsOutOfRange) {
  std::unique_ptr<Tokenizer> tokenizer = loadTokenizer("metaspace");
  EXPECT_EQ(tokenizer->decode({-1, 1 << 30}), "");
  EXPECT_EQ(tokenizer->getText(-1), "");
  EXPECT_FALSE(tokenizer->isEndOfGeneration(1 << 30));
}

TEST(TokenizerTest, TextWithoutTokensIsAnError) {
  TokenizerModel model = getToyTokenizerModel();
  model.unknown.reset();
  std::unique_ptr<Tokenizer> tokenizer =
      cantFail(Tokenizer::create(std::move(model)));
  EXPECT_CONTAINS(getMessage(tokenizer->encode("abC")),
                  "byte 0x43 of the text has no token");
}

TEST(TokenizerTest, FusesUnknownCharactersIfAsked) {
  TokenizerModel model = getToyTokenizerModel();
  std::unique_ptr<Tokenizer> single = cantFail(Tokenizer::create(model));
  EXPECT_EQ(encode(*single, "aXÜb"), (std::vector<int32_t>{3, 2, 2, 4}));
  model.fuseUnknown = true;
  std::unique_ptr<Tokenizer> fused =
      cantFail(Tokenizer::create(std::move(model)));
  EXPECT_EQ(encode(*fused, "aXÜb"), (std::vector<int32_t>{3, 2, 4}));
}

TEST(TokenizerTest, ReadsThePrefixRules) {
  TokenizerModel model = getToyTokenizerModel();
  auto encodeWith = [&](TokenizerModel::PrefixSpace prefix, bool unless,
                        StringRef text) {
    model.prefixSpace = prefix;
    model.prefixUnlessSpace = unless;
    return encode(*cantFail(Tokenizer::create(model)), text, true);
  };
  using PrefixSpace = TokenizerModel::PrefixSpace;
  using Ids = std::vector<int32_t>;
  EXPECT_EQ(encodeWith(PrefixSpace::Never, false, "a</s>b"), Ids({3, 1, 4}));
  EXPECT_EQ(encodeWith(PrefixSpace::First, false, "a</s>b"),
            Ids({29, 3, 1, 4}));
  EXPECT_EQ(encodeWith(PrefixSpace::Always, false, "a</s>b"),
            Ids({29, 3, 1, 29, 4}));
  EXPECT_EQ(encodeWith(PrefixSpace::Always, false, " a"), Ids({29, 29, 3}));
  EXPECT_EQ(encodeWith(PrefixSpace::Always, true, " a"), Ids({29, 3}));
  EXPECT_EQ(encodeWith(PrefixSpace::First, false, "</s>b"), Ids({1, 4}));
}

TEST(TokenizerTest, NamedPreTokenizersAreKnownOrRefused) {
  for (StringRef name : {"gpt-2", "smollm", "llama-bpe", "qwen2", "tekken",
                         "gpt-4o", "default", ""}) {
    TokenizerModel model = getToyTokenizerModel();
    model.preTokenizer = cantFail(getNamedPreTokenizer(name));
    EXPECT_FALSE(model.preTokenizer.empty());
    EXPECT_TRUE(!!Tokenizer::create(std::move(model))) << name.str();
  }
  EXPECT_CONTAINS(getMessage(getNamedPreTokenizer("nonesuch")),
                  "known are gpt-2, phi-2, olmo");
}

TEST(TokenizerTest, SplitBehaviors) {
  // Each letter is a token; "ab", "b-" and "--" are merges that show which
  // letters share a piece.
  TokenizerModel model = getToyTokenizerModel();
  model.merging = TokenizerModel::Merging::ByRank;
  model.scores.clear();
  for (StringRef token : {"-", "b-", "-a", "--"}) {
    model.tokens.push_back(token.str());
    model.types.push_back(TokenType::Normal);
  }
  std::pair<StringRef, StringRef> merges[] = {
      {"b", "-"}, {"-", "a"}, {"-", "-"}};
  cantFail(model.setMerges(ArrayRef(merges)));
  auto split = [&](SplitStep step) {
    model.preTokenizer = {std::move(step)};
    std::unique_ptr<Tokenizer> tokenizer = cantFail(Tokenizer::create(model));
    std::string result;
    for (int32_t id : encode(*tokenizer, "b--a"))
      result += tokenizer->getText(id).str() + "|";
    return result;
  };
  using Behavior = SplitStep::Behavior;
  EXPECT_EQ(split({"-", Behavior::Isolated, false}), "b|-|-|a|");
  EXPECT_EQ(split({"-", Behavior::Removed, false}), "b|a|");
  EXPECT_EQ(split({"-", Behavior::Removed, true}), "-|-|");
  EXPECT_EQ(split({"-", Behavior::MergedWithPrevious, false}), "b-|-|a|");
  EXPECT_EQ(split({"-", Behavior::MergedWithNext, false}), "b|-|-a|");
  EXPECT_EQ(split({"-", Behavior::Contiguous, false}), "b|--|a|");
  EXPECT_EQ(split(SplitStep::getLiteral("-", Behavior::Isolated)), "b|-|-|a|");
}

TEST(TokenizerTest, BadPatternsNameTheirPlace) {
  TokenizerModel model = getToyTokenizerModel();
  model.preTokenizer = {{"a(b", SplitStep::Behavior::Isolated, false}};
  EXPECT_CONTAINS(getMessage(Tokenizer::create(std::move(model))),
                  "tokenizer: pre-tokenizer step 0: pattern 'a(b'");
}

TEST(TokenizerTest, PatternsThatTakeForeverFail) {
  TokenizerModel model = getToyTokenizerModel();
  model.preTokenizer = {{"(a+)+$", SplitStep::Behavior::Isolated, false}};
  std::unique_ptr<Tokenizer> tokenizer =
      cantFail(Tokenizer::create(std::move(model)));
  EXPECT_CONTAINS(getMessage(tokenizer->encode(std::string(50, 'a') + "b")),
                  "pattern '(a+)+$' fails at byte 0 of 51");
}

TEST(TokenizerTest, TextsHaveAGreatestLength) {
  std::unique_ptr<Tokenizer> tokenizer = loadTokenizer("metaspace");
  // Refused before a byte is looked at.
  StringRef text("", (size_t(1) << 30) + 1);
  EXPECT_CONTAINS(getMessage(tokenizer->encode(text)),
                  "a text of 1073741825 bytes is too long; split it");
}

TEST(TokenizerTest, IncompleteCharacters) {
  EXPECT_EQ(getIncompleteSuffix(""), 0u);
  EXPECT_EQ(getIncompleteSuffix("a"), 0u);
  EXPECT_EQ(getIncompleteSuffix("a\xC3"), 1u);
  EXPECT_EQ(getIncompleteSuffix("a\xC3\xA9"), 0u);
  EXPECT_EQ(getIncompleteSuffix("\xF0\x9F\x98"), 3u);
  EXPECT_EQ(getIncompleteSuffix("\xF0\x9F\x98\x80"), 0u);
  // Never completed: a continuation alone, an overlong form, a surrogate.
  EXPECT_EQ(getIncompleteSuffix("\x80\x80"), 0u);
  EXPECT_EQ(getIncompleteSuffix("\xE0\x80"), 0u);
  EXPECT_EQ(getIncompleteSuffix("\xED\xA0"), 0u);
  EXPECT_EQ(getIncompleteSuffix("\xFF"), 0u);
}

TEST(TokenizerTest, ByteLevelSpellingIsABijection) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte)
    all += static_cast<char>(byte);
  EXPECT_EQ(*decodeByteLevel(encodeByteLevel(all)), all);
  EXPECT_EQ(encodeByteLevel(" \n!"), "\u0120\u010A!");
  EXPECT_FALSE(decodeByteLevel("a b"));
  EXPECT_FALSE(decodeByteLevel("\u4F60"));
}

} // namespace
