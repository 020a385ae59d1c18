//===- TokenizerModelTest.cpp - Tests of tokenizer data -------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ToyProgram.h"

#include "compress/Runtime/Tokenizer.h"
#include "compress/Support/JSON.h"

using namespace llvm;
using namespace mlir::compress;

namespace {

TEST(TokenizerModelTest, JSONKeepsEverything) {
  TokenizerModel model = getToyTokenizerModel();
  model.preTokenizer = {{"x+", SplitStep::Behavior::MergedWithNext, true}};
  model.prefixSpace = TokenizerModel::PrefixSpace::First;
  model.prefixUnlessSpace = model.byteFallback = model.fuseUnknown = true;
  model.eot = 3;
  model.stopTokens = {4, 5};
  model.stripLeft = {6};
  model.stripRight = {7};
  model.chatTemplate = "{{ 'ü' }}";
  model.scores[5] = -0.1f;
  TokenizerModel copy = cantFail(TokenizerModel::fromJSON(model.toJSON()));
  EXPECT_EQ(copy.toJSON(), model.toJSON());
  EXPECT_EQ(copy.tokens, model.tokens);
  EXPECT_EQ(copy.types, model.types);
  EXPECT_EQ(copy.scores, model.scores);
  EXPECT_EQ(copy.preTokenizer, model.preTokenizer);
  EXPECT_EQ(copy.eot, model.eot);
  EXPECT_EQ(copy.chatTemplate, model.chatTemplate);
}

/// The message for a JSON form with one field changed.
static std::string getMessageWith(StringRef field, json::Value value) {
  json::Value whole = getToyTokenizerModel().toJSON();
  (*whole.getAsObject())[field] = std::move(value);
  return getMessage(TokenizerModel::fromJSON(whole));
}

TEST(TokenizerModelTest, BadJSONNamesTheField) {
  EXPECT_CONTAINS(getMessageWith("format", "other"),
                  "tokenizer: expected format 'compress-tokenizer', version 1; "
                  "got 'other'");
  EXPECT_CONTAINS(getMessageWith("version", 2), "version 2");
  EXPECT_CONTAINS(getMessageWith("spelling", "latin"), "spelling");
  EXPECT_CONTAINS(getMessageWith("merging", 1), "merging");
  EXPECT_CONTAINS(getMessageWith("prefix_space", "maybe"), "prefix_space");
  EXPECT_CONTAINS(getMessageWith("tokens", json::Array{1}), "tokens[0]");
  EXPECT_CONTAINS(getMessageWith("merges", json::Array{1}), "merges");
  EXPECT_CONTAINS(getMessageWith("types", json::Array{}), "types");
  EXPECT_CONTAINS(
      getMessageWith("types", json::Object{{"control", json::Array{99}}}),
      "types.control is 99");
  EXPECT_CONTAINS(getMessageWith("pre_tokenizer", nullptr), "pre_tokenizer");
  EXPECT_CONTAINS(getMessageWith("pre_tokenizer", json::Array{json::Object{
                                                      {"pattern", "x"},
                                                      {"behavior", "dropped"},
                                                      {"invert", false}}}),
                  "behavior");
  EXPECT_CONTAINS(getMessageWith("bos", 32),
                  "bos is 32, but the vocabulary has 32 tokens");
  EXPECT_CONTAINS(getMessageWith("stop_tokens", json::Array{-1}),
                  "stop token is -1");
  EXPECT_CONTAINS(getMessage(TokenizerModel::fromJSON(nullptr)), "object");
  auto getMessageWithout = [](StringRef field) {
    json::Value whole = getToyTokenizerModel().toJSON();
    whole.getAsObject()->erase(field);
    return getMessage(TokenizerModel::fromJSON(whole));
  };
  EXPECT_CONTAINS(getMessageWithout("types"), "field 'types' is missing");
  EXPECT_CONTAINS(getMessageWithout("pre_tokenizer"),
                  "field 'pre_tokenizer' is missing");
}

/// The message for the toy model after a change.
static std::string
getMessageAfter(function_ref<void(TokenizerModel &)> change) {
  TokenizerModel model = getToyTokenizerModel();
  change(model);
  return getMessage(Tokenizer::create(std::move(model)));
}

TEST(TokenizerModelTest, InconsistentModelsAreRefused) {
  using Model = TokenizerModel;
  EXPECT_CONTAINS(getMessageAfter([](Model &m) { m.tokens.clear(); }),
                  "tokenizer: the vocabulary is empty");
  EXPECT_CONTAINS(getMessageAfter([](Model &m) { m.types.pop_back(); }),
                  "31 token types");
  EXPECT_CONTAINS(getMessageAfter([](Model &m) { m.scores.pop_back(); }),
                  "tokenizer: merging by score needs 32 scores, got 31");
  EXPECT_CONTAINS(getMessageAfter([](Model &m) { m.scores[3] = NAN; }),
                  "a score is not a number");
  EXPECT_CONTAINS(getMessageAfter([](Model &m) { m.tokens[9] = "\xFF"; }),
                  "token 9 is not UTF-8");
  EXPECT_CONTAINS(getMessageAfter([](Model &m) { m.bos.reset(); }),
                  "but the model names none");
  EXPECT_CONTAINS(getMessageAfter([](Model &m) {
                    m.addEos = true;
                    m.eos.reset();
                  }),
                  "an end-of-text token is to be added");
  EXPECT_CONTAINS(getMessageAfter([](Model &m) { m.merges = {{3, 4}}; }),
                  "merging by score has no merges");
  EXPECT_CONTAINS(getMessageAfter([](Model &m) {
                    m.merging = Model::Merging::ByRank;
                    m.scores.clear();
                    m.merges = {{3, 4}};
                  }),
                  "makes no token of the vocabulary");
  EXPECT_CONTAINS(getMessageAfter([](Model &m) { m.byteFallback = true; }),
                  "byte 0x00 has no token, though text is to be encoded");
  EXPECT_CONTAINS(getMessageAfter([](Model &m) { m.merges = {{3, 99}}; }),
                  "no merges");
}

TEST(TokenizerModelTest, WordsGoWithTheLongestMatch) {
  using Model = TokenizerModel;
  auto makeWords = [](Model &m) {
    m.spelling = Model::Spelling::Words;
    m.merging = Model::Merging::LongestMatch;
    m.scores.clear();
  };
  EXPECT_CONTAINS(
      getMessageAfter([](Model &m) { m.spelling = Model::Spelling::Words; }),
      "go with each other only");
  EXPECT_CONTAINS(getMessageAfter([](Model &m) {
                    m.merging = Model::Merging::LongestMatch;
                    m.scores.clear();
                  }),
                  "go with each other only");
  EXPECT_CONTAINS(
      getMessageAfter([](Model &m) { m.normalizer.lowercase = true; }),
      "text is normalized only where tokens are words");
  EXPECT_CONTAINS(getMessageAfter([&](Model &m) {
                    makeWords(m);
                    m.unknown.reset();
                  }),
                  "need an unknown token");
  EXPECT_CONTAINS(getMessageAfter([&](Model &m) {
                    makeWords(m);
                    m.maxWordCharacters = 0;
                  }),
                  "words of at most 0 characters");
  EXPECT_CONTAINS(getMessageAfter([&](Model &m) {
                    makeWords(m);
                    m.merges = {{3, 4}};
                  }),
                  "merging by longest match has no merges");
}

TEST(TokenizerModelTest, RulesForWordsSurviveJSON) {
  TokenizerModel model = getToyTokenizerModel();
  model.spelling = TokenizerModel::Spelling::Words;
  model.merging = TokenizerModel::Merging::LongestMatch;
  model.scores.clear();
  model.continuingPrefix = "@@";
  model.maxWordCharacters = 7;
  model.normalizer.stripAccents = true;
  json::Value value = model.toJSON();
  TokenizerModel again = cantFail(TokenizerModel::fromJSON(value));
  EXPECT_EQ(again.continuingPrefix, "@@");
  EXPECT_EQ(again.maxWordCharacters, 7);
  EXPECT_TRUE(again.normalizer.stripAccents);
  EXPECT_FALSE(again.normalizer.lowercase);
  EXPECT_EQ(again.merging, TokenizerModel::Merging::LongestMatch);
  value.getAsObject()->erase("normalizer");
  EXPECT_CONTAINS(getMessage(TokenizerModel::fromJSON(value)), "normalizer");
}

TEST(TokenizerModelTest, MergesAreReadInBothForms) {
  TokenizerModel model = getToyTokenizerModel();
  model.tokens.push_back("ab");
  model.tokens.push_back(" c");
  model.tokens.push_back(" ");
  StringRef lines[] = {"a b", "  c"};
  ASSERT_FALSE(!!model.setMerges(ArrayRef(lines)));
  EXPECT_EQ(model.merges,
            (std::vector<std::pair<int32_t, int32_t>>{{3, 4}, {34, 5}}));
  StringRef alone[] = {"ab"};
  EXPECT_CONTAINS(getMessage(model.setMerges(ArrayRef(alone))),
                  "is not two tokens with a space");
  std::pair<StringRef, StringRef> unknown[] = {{"b", "a"}};
  EXPECT_CONTAINS(getMessage(model.setMerges(ArrayRef(unknown))),
                  "merge 0 of 'b' and 'a'");
}

} // namespace
