//===- WordPieceTest.cpp - Tokenizers of encoders -------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../Support/TestFiles.h"

#include "compress/Import/ModelFiles.h"
#include "compress/Support/JSON.h"

using namespace mlir::compress;
using namespace mlir::compress::test;

namespace {

std::vector<int32_t> encode(const TokenizerModel &model, llvm::StringRef text) {
  auto tokenizer = llvm::cantFail(Tokenizer::create(model));
  return llvm::cantFail(tokenizer->encode(text));
}

/// Ids that the package tokenizers gives (make_wordpiece_goldens.py), with
/// several sets of rules.
TEST(WordPieceTest, EncodesAsTheReference) {
  ASSERT_VALUE(goldens,
               readJSON(COMPRESS_TEST_INPUTS "/wordpiece-goldens.json"));
  ASSERT_EQ(goldens.getAsArray()->size(), 5u);
  for (const llvm::json::Value &entry : *goldens.getAsArray()) {
    const llvm::json::Object &object = *entry.getAsObject();
    TestFolder folder;
    std::string text;
    llvm::raw_string_ostream(text) << *object.get("tokenizer");
    ASSERT_VALUE(model,
                 readTokenizerFile(folder.write("tokenizer.json", text)));
    EXPECT_EQ(model.spelling, TokenizerModel::Spelling::Words);
    ASSERT_GT(object.getArray("goldens")->size(), 50u);
    // A bundle's tokenizer is written and read again.
    ASSERT_VALUE(again, TokenizerModel::fromJSON(model.toJSON()));
    ASSERT_VALUE(tokenizer, Tokenizer::create(std::move(again)));
    for (const llvm::json::Value &golden : *object.getArray("goldens")) {
      std::vector<int32_t> expected;
      llvm::json::Path::Root root;
      ASSERT_TRUE(fromJSON(*golden.getAsObject()->get("ids"), expected, root));
      llvm::StringRef words = *golden.getAsObject()->getString("text");
      ASSERT_VALUE(ids, tokenizer->encode(words));
      EXPECT_EQ(ids, expected) << words.str() << "\n" << text.substr(0, 700);
    }
  }
}

constexpr llvm::StringLiteral wordPiece = R"({
  "added_tokens": [{"id": 0, "content": "[UNK]", "special": true}],
  "normalizer": {"type": "BertNormalizer", "clean_text": true,
                 "handle_chinese_chars": true, "strip_accents": null,
                 "lowercase": true},
  "pre_tokenizer": {"type": "BertPreTokenizer"},
  "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 2],
                     "cls": ["[CLS]", 1]},
  "model": {"type": "WordPiece", "unk_token": "[UNK]",
            "max_input_chars_per_word": 4,
            "vocab": {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "a": 3, "##b": 4,
                      "##bc": 5, "é": 6}}})";

TEST(WordPieceTest, TakesTheLongestTokens) {
  TestFolder folder;
  ASSERT_VALUE(model,
               readTokenizerFile(folder.write("tokenizer.json", wordPiece)));
  EXPECT_EQ(encode(model, ""), (std::vector<int32_t>{1, 2}));
  EXPECT_EQ(encode(model, "abc A"), (std::vector<int32_t>{1, 3, 5, 3, 2}));
  EXPECT_EQ(encode(model, "abbc"), (std::vector<int32_t>{1, 3, 4, 5, 2}));
  // One part is no token, and with it the word; five characters are too many.
  EXPECT_EQ(encode(model, "abx a"), (std::vector<int32_t>{1, 0, 3, 2}));
  EXPECT_EQ(encode(model, "abbbb"), (std::vector<int32_t>{1, 0, 2}));
  EXPECT_EQ(encode(model, "bc"), (std::vector<int32_t>{1, 0, 2}));
  // Bytes that are no UTF-8 are left out, as U+FFFD is.
  EXPECT_EQ(encode(model, "a\xFF\xC3 a"), (std::vector<int32_t>{1, 3, 3, 2}));
  // Accents go, and so the token with one is never found.
  EXPECT_EQ(encode(model, "\xC3\xA9"), (std::vector<int32_t>{1, 0, 2}));
  model.normalizer.stripAccents = false;
  EXPECT_EQ(encode(model, "\xC3\x89"), (std::vector<int32_t>{1, 6, 2}));
  // The text of special tokens is text, unless it is trusted.
  EXPECT_EQ(encode(model, "a[SEP]a").size(), 7u);
}

TEST(WordPieceTest, DecodesWords) {
  TestFolder folder;
  ASSERT_VALUE(model,
               readTokenizerFile(folder.write("tokenizer.json", wordPiece)));
  ASSERT_VALUE(tokenizer, Tokenizer::create(model));
  DecodeOptions options;
  options.stripPrefix = true;
  EXPECT_EQ(tokenizer->decode({3, 5, 3, 4}, options), "abc ab");
}

TEST(WordPieceTest, WhatIsNotSupportedIsAnError) {
  const std::tuple<const char *, const char *, const char *> cases[] = {
      {"\"WordPiece\"", "\"BPE\"", "neither byte-level nor"},
      {"\"BertPreTokenizer\"", "\"ByteLevel\"", "is WordPiece, and has steps"},
      {"\"vocab\"", "\"words\"", "has no object \"vocab\""},
      {"\"unk_token\": \"[UNK]\",", "", "need an unknown token"},
      {"\"max_input_chars_per_word\": 4", "\"max_input_chars_per_word\": 0",
       "are none at all"},
      {"[\"[SEP]\", 2]", "[\"[SEP]\", 99]",
       "its BertProcessing has no token \"sep\""},
      {"\"cls\": [\"[CLS]\", 1]", "\"none\": 1",
       "its BertProcessing has no token \"cls\""},
      {"\"normalizer\": {",
       "\"normalizer\": {\"type\": \"Sequence\", \"normalizers\": "
       "[{\"type\": \"BertNormalizer\"}, {\"type\": \"BertNormalizer\"}]}, "
       "\"x\": {",
       "two of BertNormalizer"}};
  TestFolder folder;
  for (const auto &[from, to, expected] : cases) {
    auto [before, after] = wordPiece.split(from);
    ASSERT_NE(before.size(), wordPiece.size()) << from;
    std::string text = (before + to + after).str();
    auto model = readTokenizerFile(folder.write("tokenizer.json", text));
    ASSERT_FALSE(bool(model)) << to;
    EXPECT_NE(getMessage(model.takeError()).find(expected), std::string::npos)
        << to;
  }
  // A normalizer of words in front of a byte pair encoding.
  EXPECT_ERROR(readTokenizerFile(folder.write("tokenizer.json", R"({
      "normalizer": {"type": "BertNormalizer"},
      "pre_tokenizer": {"type": "ByteLevel"},
      "model": {"type": "BPE", "vocab": {}, "merges": []}})")),
               "BertNormalizer without WordPiece");
}

TEST(WordPieceTest, ReadsVocabularyFiles) {
  TestFolder folder;
  std::string path = folder.getPath("vocab.txt");
  auto read = [&](llvm::StringRef text) {
    return readTokenizerFile(folder.write("vocab.txt", text));
  };
  ASSERT_VALUE(
      model, read("[PAD]\n[UNK]\r\n[CLS]\n[SEP]\n[MASK]\na\n##b\nA\n\xC3\xA9"));
  EXPECT_EQ(model.types[4], TokenType::Control);
  EXPECT_EQ(encode(model, "ab A \xC3\xA9"),
            (std::vector<int32_t>{2, 5, 6, 5, 1, 3}));
  folder.write("tokenizer_config.json",
               R"({"do_lower_case": false, "tokenize_chinese_chars": false,
                   "unk_token": {"content": "[PAD]"}})");
  ASSERT_VALUE(cased, read("[PAD]\n[CLS]\n[SEP]\na\nA\n"));
  EXPECT_EQ(encode(cased, "aA A"), (std::vector<int32_t>{1, 0, 4, 2}));
  EXPECT_FALSE(cased.normalizer.stripAccents);
  EXPECT_FALSE(cased.normalizer.separateIdeographs);
  EXPECT_ERROR(read("[PAD]\n\n[CLS]\n"),
               "line 2 is no token; a vocabulary has one per line, in UTF-8");
  EXPECT_ERROR(read("[PAD]\n\xFF\n"),
               "line 2 is no token; a vocabulary has one per line, in UTF-8");
  EXPECT_ERROR(read("a\nb\na\n"), "has the token \"a\" twice");
  EXPECT_ERROR(read("[PAD]\n[CLS]\n"),
               "vocab.txt: lacks the token \"[SEP]\" (sep_token)");
}

} // namespace
