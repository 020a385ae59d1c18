//===- HuggingFaceTest.cpp - Hugging Face folders -------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../Support/TestFiles.h"

#include "compress/Import/ModelFiles.h"
#include "compress/Support/Safetensors.h"

using namespace mlir::compress;
using namespace mlir::compress::test;

namespace {

constexpr llvm::StringLiteral config = R"({
  "model_type": "llama", "hidden_size": 4, "head_dim": null,
  "rope_scaling": {"rope_type": "linear", "factor": 2.0}, "a.b": 3,
  "eos_token_id": [2, 4], "bos_token_id": 1})";

/// Writes a shard of 1-element tensors.
void writeShard(const TestFolder &folder, llvm::StringRef name,
                std::vector<std::string> tensors,
                ElementType type = ElementType::F32) {
  std::vector<SafetensorsWriter::Declaration> declarations;
  for (const std::string &tensor : tensors)
    declarations.push_back({tensor, type, {1}});
  ASSERT_VALUE(writer,
               SafetensorsWriter::create(folder.getPath(name), declarations));
  for (size_t i = 0; i != tensors.size(); ++i)
    ASSERT_OK(writer.append(std::vector<uint8_t>(getElementBytes(type), 0)));
  ASSERT_OK(writer.commit());
}

TEST(HuggingFaceTest, ReadsConfigAndWeights) {
  TestFolder folder;
  folder.write("config.json", config);
  writeShard(folder, "model.safetensors", {"w"}, ElementType::BF16);
  ASSERT_VALUE(files, ModelFiles::open(folder.getPath()));
  EXPECT_EQ(files->getKind(), SourceKind::HuggingFace);
  EXPECT_EQ(files->getArchitecture(), "llama");
  EXPECT_EQ(files->find("hidden_size")->getAsInteger(), 4);
  EXPECT_EQ(files->find("head_dim"), std::nullopt);
  EXPECT_EQ(files->find("rope_scaling.factor")->getAsNumber(), 2.0);
  EXPECT_EQ(files->find("a.b")->getAsInteger(), 3);
  EXPECT_EQ(files->getKeys(),
            (std::vector<std::string>{"a.b", "bos_token_id", "eos_token_id",
                                      "hidden_size", "model_type",
                                      "rope_scaling.factor",
                                      "rope_scaling.rope_type"}));
  const StoredTensor *tensor = files->findTensor("w");
  ASSERT_TRUE(tensor);
  EXPECT_EQ(tensor->typeName, "BF16");
  ASSERT_TRUE(tensor->format);
  ASSERT_VALUE(values, tensor->decode());
  EXPECT_EQ(values, std::vector<float>{0.0f});
  ASSERT_VALUE(tokenizer, files->readTokenizer());
  EXPECT_FALSE(tokenizer.has_value());
}

TEST(HuggingFaceTest, ReadsShards) {
  TestFolder folder;
  folder.write("config.json", config);
  writeShard(folder, "one.safetensors", {"a"});
  writeShard(folder, "two.safetensors", {"b", "c"});
  folder.write("model.safetensors.index.json",
               R"({"weight_map": {"a": "one.safetensors",
                   "b": "two.safetensors", "c": "two.safetensors"}})");
  ASSERT_VALUE(files, ModelFiles::open(folder.getPath()));
  EXPECT_EQ(files->getTensors().size(), 3u);
  EXPECT_EQ(files->findTensor("b")->file, folder.getPath("two.safetensors"));
}

TEST(HuggingFaceTest, DamagedFoldersAreErrors) {
  TestFolder folder;
  auto open = [&] { return ModelFiles::open(folder.getPath()); };
  EXPECT_ERROR(ModelFiles::open(folder.getPath("none")),
               "does not exist; name a GGUF file");
  EXPECT_ERROR(open(), "has no config.json");
  folder.write("config.json", "[]");
  EXPECT_ERROR(open(), "config.json: is not a JSON object");
  folder.write("config.json", "{}");
  EXPECT_ERROR(open(), "does not say its \"model_type\"");
  folder.write("config.json", config);
  EXPECT_ERROR(open(), "has neither model.safetensors nor");
  std::string index = "model.safetensors.index.json";
  folder.write(index, "{}");
  EXPECT_ERROR(open(), "has no object \"weight_map\"");
  for (llvm::StringRef name : {"1", "\"\"", "\"../x\"", "\"a/b\"", "\"..\""}) {
    folder.write(index, ("{\"weight_map\": {\"a\": " + name + "}}").str());
    EXPECT_ERROR(open(), "tensor \"a\" is not mapped to the name of a file");
  }
  folder.write(index, R"({"weight_map": {"a": "one.safetensors"}})");
  EXPECT_ERROR(open(), "one.safetensors: ");
  writeShard(folder, "one.safetensors", {"b"});
  EXPECT_ERROR(open(), "tensor \"a\" is not in its shard");
  writeShard(folder, "one.safetensors", {"a"});
  writeShard(folder, "two.safetensors", {"a", "b"});
  folder.write(index, R"({"weight_map": {"a": "one.safetensors",
                                         "b": "two.safetensors"}})");
  EXPECT_ERROR(open(), "lies in another shard as well");
}

TEST(HuggingFaceTest, OtherElementsHaveNoFormat) {
  TestFolder folder;
  folder.write("config.json", config);
  writeShard(folder, "model.safetensors", {"w"}, ElementType::I64);
  ASSERT_VALUE(files, ModelFiles::open(folder.getPath()));
  EXPECT_EQ(files->findTensor("w")->format, nullptr);
  EXPECT_ERROR(files->findTensor("w")->decode(),
               "has the type I64, which can't be read");
}

//===----------------------------------------------------------------------===//
// tokenizer.json
//===----------------------------------------------------------------------===//

/// A tokenizer with bytes that are printable and one merge.
constexpr llvm::StringLiteral byteLevel = R"({
  "added_tokens": [{"id": 3, "content": "<s>", "special": true},
                   {"id": 4, "content": "<tag>", "special": false,
                    "lstrip": true}],
  "normalizer": null,
  "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
    {"type": "Digits", "individual_digits": true},
    {"type": "Split", "pattern": {"Regex": "x+"}, "behavior": "Isolated",
     "invert": true},
    {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true}]},
  "post_processor": {"type": "Sequence", "processors": [
    {"type": "ByteLevel"},
    {"type": "TemplateProcessing",
     "single": [{"SpecialToken": {"id": "<s>"}}, {"Sequence": {"id": "A"}}],
     "special_tokens": {"<s>": {"ids": [3]}}}]},
  "model": {"type": "BPE", "ignore_merges": true,
            "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": [["a", "b"]]}})";

constexpr llvm::StringLiteral metaspace = R"({
  "added_tokens": [{"id": 0, "content": "<unk>", "special": true}],
  "normalizer": {"type": "Sequence", "normalizers": [
    {"type": "Prepend", "prepend": "▁"},
    {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
  "pre_tokenizer": null,
  "model": {"type": "BPE", "unk_token": "<unk>", "byte_fallback": true,
            "fuse_unk": true,
            "vocab": {"<unk>": 0, "<0x0A>": 1, "▁": 2, "a": 3, "▁a": 4},
            "merges": ["▁ a"]}})";

class TokenizerJSONTest : public testing::Test {
protected:
  void SetUp() override {
    folder.write("config.json", config);
    writeShard(folder, "model.safetensors", {"w"});
  }
  llvm::Expected<std::optional<TokenizerModel>> read(llvm::StringRef text) {
    folder.write("tokenizer.json", text);
    auto files = ModelFiles::open(folder.getPath());
    if (!files)
      return files.takeError();
    return (*files)->readTokenizer();
  }
  /// The message with `from` in the text changed to `to`.
  std::string damage(llvm::StringRef text, llvm::StringRef from,
                     llvm::StringRef to) {
    auto [before, after] = text.split(from);
    EXPECT_NE(before.size(), text.size()) << from.str();
    return getMessage(read((before + to + after).str()));
  }

  TestFolder folder;
};

TEST_F(TokenizerJSONTest, ByteLevel) {
  folder.write("tokenizer_config.json",
               R"({"eos_token": {"content": "<s>"},
                   "chat_template": [{"name": "tool", "template": "x"},
                                     {"name": "default", "template": "y"}]})");
  folder.write("generation_config.json", R"({"eos_token_id": [3, 4]})");
  ASSERT_VALUE(model, read(byteLevel));
  EXPECT_EQ(model->spelling, TokenizerModel::Spelling::ByteLevel);
  EXPECT_EQ(model->merging, TokenizerModel::Merging::ByRank);
  EXPECT_EQ(model->tokens,
            (std::vector<std::string>{"a", "b", "ab", "<s>", "<tag>"}));
  EXPECT_EQ(model->types[3], TokenType::Control);
  EXPECT_EQ(model->types[4], TokenType::UserDefined);
  EXPECT_EQ(model->merges, (std::vector<std::pair<int32_t, int32_t>>{{0, 1}}));
  EXPECT_EQ(model->preTokenizer.size(), 3u);
  EXPECT_TRUE(model->preTokenizer[1].invert);
  EXPECT_TRUE(model->ignoreMerges);
  EXPECT_TRUE(model->addBos);
  EXPECT_FALSE(model->addEos);
  EXPECT_EQ(model->bos, 3);
  EXPECT_EQ(model->eos, 3);
  EXPECT_EQ(model->stripLeft, std::vector<int32_t>{4});
  EXPECT_EQ(model->stopTokens, (std::vector<int32_t>{4, 2}));
  EXPECT_EQ(model->chatTemplate, "y");
  folder.write("chat_template.jinja", "z");
  ASSERT_VALUE(other, read(byteLevel));
  EXPECT_EQ(other->chatTemplate, "z");
}

TEST_F(TokenizerJSONTest, Metaspace) {
  ASSERT_VALUE(model, read(metaspace));
  EXPECT_EQ(model->spelling, TokenizerModel::Spelling::Metaspace);
  EXPECT_EQ(model->prefixSpace, TokenizerModel::PrefixSpace::Always);
  EXPECT_FALSE(model->prefixUnlessSpace);
  EXPECT_TRUE(model->byteFallback);
  EXPECT_TRUE(model->fuseUnknown);
  EXPECT_EQ(model->types[0], TokenType::Unknown);
  EXPECT_EQ(model->types[1], TokenType::Byte);
  EXPECT_EQ(model->unknown, 0);
  EXPECT_EQ(model->merges, (std::vector<std::pair<int32_t, int32_t>>{{2, 3}}));
}

TEST_F(TokenizerJSONTest, WhatIsNotSupportedIsAnError) {
  const std::tuple<llvm::StringRef, const char *, const char *, const char *>
      cases[] = {
          {byteLevel, "\"BPE\"", "\"Unigram\"", "model \"Unigram\""},
          {byteLevel, "\"ignore_merges\": true", "\"dropout\": 0.1",
           "its model's field \"dropout\""},
          {byteLevel, "\"ignore_merges\": true",
           "\"end_of_word_suffix\": \"</w>\"", "\"end_of_word_suffix\""},
          {byteLevel, "\"normalizer\": null",
           "\"normalizer\": {\"type\": \"NFC\"}", "normalizer \"NFC\""},
          {byteLevel, "\"type\": \"Digits\"", "\"type\": \"CharDelimiter\"",
           "pre-tokenizer \"CharDelimiter\""},
          {byteLevel, "\"Isolated\"", "\"Shuffled\"",
           "its Split lacks a known \"behavior\" or a \"pattern\""},
          {byteLevel, "\"Regex\"", "\"Glob\"",
           "its Split has a \"pattern\" without \"Regex\""},
          {byteLevel, "\"use_regex\": true}",
           "\"use_regex\": true}, {\"type\": \"Digits\"}",
           "stands after ByteLevel"},
          {byteLevel, "\"type\": \"ByteLevel\"", "\"type\": \"Digits\"",
           "neither byte-level nor"},
          {byteLevel, "\"type\": \"TemplateProcessing\"",
           "\"type\": \"RobertaProcessing\"", "\"RobertaProcessing\""},
          {byteLevel, "\"ids\": [3]", "\"ids\": [9]", "is not one token"},
          {byteLevel, "\"ids\": [3]", "\"ids\": [3, 3]", "is not one token"},
          {byteLevel, "\"single\": [",
           "\"single\": [{\"SpecialToken\": {\"id\": \"<s>\"}}, ",
           "several tokens"},
          {byteLevel, "\"id\": 3", "\"id\": 2", "have the same number 2"},
          {byteLevel, "\"id\": 4", "\"id\": 9", "no token has the number 4"},
          {byteLevel, "\"id\": 4", "\"id\": -1",
           "has the impossible number -1"},
          {byteLevel, "\"id\": 4", "\"id\": 99999999999", "impossible number"},
          {byteLevel, "\"lstrip\"", "\"single_word\"", "single_word"},
          {byteLevel, "\"content\": \"<tag>\"", "\"text\": \"<tag>\"",
           "an added token has no \"content\" or \"id\""},
          {byteLevel, "\"a\": 0", "\"a\": \"0\"", "has no number"},
          {byteLevel, "[\"a\", \"b\"]", "[\"a\"]", "is not a pair"},
          {byteLevel, "[\"a\", \"b\"]", "[\"a\", \"b\"], \"a b\"",
           "two ways to write merges"},
          {byteLevel, "[\"a\", \"b\"]", "[\"a\", \"z\"]", "tokenizer.json"},
          {byteLevel, "\"merges\"", "\"mergers\"",
           "its model has no list \"merges\""},
          {byteLevel, "\"vocab\"", "\"words\"",
           "its model has no object \"vocab\""},
          {byteLevel, "\"model\"", "\"modell\"", "has no object \"model\""},
          {metaspace, "\"content\": \"▁\"", "\"content\": \"_\"",
           "Replace of another text"},
          {metaspace, "\"prepend\": \"▁\"", "\"prepend\": \"_\"",
           "Prepend of another text"},
          {metaspace, "\"unk_token\": \"<unk>\"", "\"unk_token\": \"?\"",
           "is not in the vocabulary"},
          {metaspace, "\"pre_tokenizer\": null",
           "\"pre_tokenizer\": {\"type\": \"Metaspace\", "
           "\"prepend_scheme\": \"last\"}",
           "its Metaspace with prepend_scheme \"last\""},
          {metaspace, "\"pre_tokenizer\": null",
           "\"pre_tokenizer\": {\"type\": \"Metaspace\", \"replacement\": "
           "\"_\"}",
           "\"Metaspace of another character\""},
          {byteLevel, "\"pretokenizers\"", "\"parts\"",
           "a Sequence has no list \"pretokenizers\""},
          {byteLevel, "\"processors\": [", "\"processors\": [1, ",
           "\"processors\" has a part that is not an object"},
          {byteLevel, "\"type\": \"Digits\"",
           "\"type\": \"Punctuation\", \"behavior\": \"x\"",
           "its Punctuation has an unknown \"behavior\""},
          {byteLevel, "\"single\"", "\"singel\"",
           "its template has no list \"single\""}};
  for (const auto &[text, from, to, expected] : cases) {
    std::string message = damage(text, from, to);
    EXPECT_NE(message.find(expected), std::string::npos)
        << from << " -> " << to << ": " << message;
    EXPECT_NE(message.find("tokenizer.json: "), std::string::npos) << message;
  }
}

TEST_F(TokenizerJSONTest, SpecialTokensMustExist) {
  folder.write("tokenizer_config.json", R"({"bos_token": "<none>"})");
  EXPECT_ERROR(read(byteLevel),
               "bos_token \"<none>\" is not in the vocabulary");
}

TEST_F(TokenizerJSONTest, SentencePieceModelsAreNamed) {
  folder.write("tokenizer.model", "");
  ASSERT_VALUE(files, ModelFiles::open(folder.getPath()));
  EXPECT_ERROR(files->readTokenizer(), "tokenizer.model but no tokenizer.json");
}

} // namespace
