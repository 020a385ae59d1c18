//===- EncoderTest.cpp - Encoders and their pooling -----------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../Support/TestFiles.h"
#include "ChangedArchitecture.h"

#include "compress/Dialect/LM/IR/LM.h"
#include "compress/Import/ModelImport.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MLProgram/IR/MLProgram.h"

using namespace mlir;
using namespace mlir::compress;
using namespace mlir::compress::test;

namespace {

/// The small BERT of test/Inputs, whose files each test may change.
class EncoderTest : public testing::Test {
protected:
  void SetUp() override {
    for (llvm::StringRef name : {"config.json", "model.safetensors"})
      copy(name);
  }
  void copy(llvm::StringRef name) {
    std::string from = (COMPRESS_TINY_BERT "/" + name).str();
    ASSERT_FALSE(llvm::sys::fs::copy_file(from, folder.getPath(name))) << from;
  }
  void writePooling(llvm::StringRef text) {
    ASSERT_FALSE(llvm::sys::fs::create_directory(folder.getPath("1_Pooling")));
    folder.write("1_Pooling/config.json", text);
  }
  void writeModules(llvm::StringRef last = "") {
    folder.write("modules.json",
                 (R"([{"type": "sentence_transformers.models.Transformer",
                       "path": ""},
                      {"type": "sentence_transformers.models.Pooling",
                       "path": "1_Pooling"})" +
                  last + "]")
                     .str());
  }
  llvm::Expected<ImportedModel> import(ImportOptions options = {}) {
    return importModel(folder.getPath(), options, &context);
  }
  /// Imports with a changed architecture file.
  std::string importChanged(StringRef from, StringRef to) {
    return getMessage(
        import(changeArchitecture(folder, "bert.json", from, to)));
  }

  TestFolder folder;
  MLIRContext context;
};

TEST_F(EncoderTest, MakesEncode) {
  ASSERT_VALUE(model, import());
  EXPECT_TRUE(model.isEncoder());
  EXPECT_EQ(model.vocabulary, 61);
  EXPECT_EQ(model.contextLength, 128);
  EXPECT_EQ(model.layers, 2);
  EXPECT_EQ(model.width, 24);
  EXPECT_FALSE(model.cache);
  // Five of embeddings, sixteen per layer.
  EXPECT_EQ(model.parameters.size(), 5u + 2 * 16);
  auto functions = model.module->getOps<func::FuncOp>();
  ASSERT_EQ(std::distance(functions.begin(), functions.end()), 1);
  auto encode = model.module->lookupSymbol<func::FuncOp>("encode");
  ASSERT_TRUE(encode);
  std::string type;
  llvm::raw_string_ostream(type) << encode.getFunctionType();
  EXPECT_EQ(type, "(tensor<?x?xi32>) -> tensor<?x?x24xf32>");
  int attentions = 0;
  encode.walk([&](lm::AttentionOp op) {
    EXPECT_TRUE(op.getBidirectional());
    ++attentions;
  });
  EXPECT_EQ(attentions, 2);
}

TEST_F(EncoderTest, PoolingHasDefaults) {
  ASSERT_VALUE(model, import());
  ASSERT_TRUE(model.pooling);
  EXPECT_EQ(model.pooling->mode, PoolingInfo::Mode::Mean);
  EXPECT_FALSE(model.pooling->normalize);
  EXPECT_EQ(model.pooling->maxTokens, 128);
  EXPECT_FALSE(model.tokenizer);
}

TEST_F(EncoderTest, ReadsSentenceTransformers) {
  writePooling(R"({"word_embedding_dimension": 24,
                   "pooling_mode_cls_token": true,
                   "pooling_mode_mean_tokens": false})");
  writeModules(R"(, {"type": "Normalize", "path": "2_Normalize"})");
  folder.write("sentence_bert_config.json", R"({"max_seq_length": 32})");
  folder.write("config_sentence_transformers.json",
               R"({"prompts": {}, "default_prompt_name": null})");
  ASSERT_VALUE(model, import());
  ASSERT_TRUE(model.pooling);
  EXPECT_EQ(model.pooling->mode, PoolingInfo::Mode::FirstToken);
  EXPECT_TRUE(model.pooling->normalize);
  EXPECT_EQ(model.pooling->maxTokens, 32);
}

TEST_F(EncoderTest, ReadsNewerPoolingFiles) {
  writePooling(R"({"pooling_mode": "max", "include_prompt": true})");
  writeModules();
  ASSERT_VALUE(model, import());
  EXPECT_EQ(model.pooling->mode, PoolingInfo::Mode::Max);
}

TEST_F(EncoderTest, TextsMayBeInLowerCaseBeforeTheTokenizer) {
  copy("vocab.txt");
  folder.write("tokenizer_config.json", R"({"do_lower_case": false})");
  ASSERT_VALUE(cased, import());
  ASSERT_TRUE(cased.tokenizer);
  EXPECT_FALSE(cased.tokenizer->normalizer.lowercase);
  folder.write("sentence_bert_config.json", R"({"do_lower_case": true})");
  ASSERT_VALUE(uncased, import());
  EXPECT_TRUE(uncased.tokenizer->normalizer.lowercase);
  EXPECT_FALSE(uncased.tokenizer->normalizer.stripAccents);
  folder.write("tokenizer.json", R"({
      "pre_tokenizer": {"type": "ByteLevel"},
      "model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}})");
  EXPECT_ERROR(import(), "asks for texts in lower case (do_lower_case), which "
                         "is supported for WordPiece tokenizers only");
}

TEST_F(EncoderTest, OtherPoolingsAreErrors) {
  folder.write("modules.json", "{}");
  EXPECT_ERROR(import(), "modules.json: is not a list of modules");
  folder.write("modules.json", R"([{"type": "a.Pooling"}])");
  EXPECT_ERROR(import(), "a module without \"type\" or \"path\"");
  folder.write("modules.json", R"([{"type": "a.Dense", "path": "2_Dense"}])");
  EXPECT_ERROR(import(),
               "its module \"Dense\" at \"2_Dense\" is not supported; "
               "Transformer (in the folder itself), Pooling and "
               "Normalize are");
  folder.write("modules.json", R"([{"type": "a.Pooling", "path": "../x"}])");
  EXPECT_ERROR(import(), "leads out of the folder");
  writeModules();
  EXPECT_ERROR(import(), "config.json: ");
  for (auto [text, message] :
       {std::pair("[]", "is not a JSON object"),
        std::pair("{}", "does not say which pooling it is"),
        std::pair(R"({"pooling_mode_weightedmean_tokens": true})",
                  "is not supported; mean_tokens, max_tokens, cls_token and "
                  "lasttoken are"),
        std::pair(R"({"pooling_mode": "median"})",
                  "its pooling \"median\" is not supported"),
        std::pair(R"({"pooling_mode_mean_tokens": true,
                      "pooling_mode_max_tokens": true})",
                  "several poolings side by side")}) {
    writePooling(text);
    EXPECT_ERROR(import(), message);
    ASSERT_FALSE(
        llvm::sys::fs::remove_directories(folder.getPath("1_Pooling")));
  }
  writePooling(R"({"pooling_mode_lasttoken": true})");
  folder.write("sentence_bert_config.json", R"({"max_seq_length": -1})");
  EXPECT_ERROR(import(), "\"max_seq_length\" is negative");
  folder.write("sentence_bert_config.json", R"({"max_seq_length": 129})");
  EXPECT_ERROR(import(), "up to 129 tokens (max_seq_length), but the model has "
                         "positions for 128");
  folder.write("sentence_bert_config.json", R"({"max_seq_length": 12})");
  folder.write("config_sentence_transformers.json",
               R"({"default_prompt_name": "query"})");
  EXPECT_ERROR(import(), "puts the prompt \"query\" before every text");
}

TEST_F(EncoderTest, ArchitectureErrors) {
  const std::tuple<const char *, const char *, const char *> cases[] = {
      {"\"kind\": \"encoder\"", "\"kind\": \"coder\"",
       "\"kind\" must be decoder or encoder"},
      {"\"kind\": \"encoder\",", "", "lacks \"cache\""},
      {"\"prologue\"", "\"cache\": {}, \"prologue\"",
       "\"cache\" is for decoders"},
      {"\"result\": \"hidden_states\"", "\"result\": \"states\"",
       "does not leave \"hidden_states\" with 24 columns, as \"width\" says"},
      {"\"causal\": false", "\"causal\": false, \"window\": 4",
       "\"window\" is for causal attention"},
      {"\"causal\": false", "\"causal\": \"heads\"", "not true or false"},
      {"\"head_dim\": \"head_dim\"", "\"head_dim\": 7",
       "do not have whole heads of 7 columns"}};
  for (const auto &[from, to, message] : cases) {
    std::string got = importChanged(from, to);
    EXPECT_NE(got.find(message), std::string::npos)
        << to << ": expected \"" << message << "\", got \"" << got << "\"";
  }
}

} // namespace
