//===- ModelImportTest.cpp - Model files to model IR ----------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../Support/TestFiles.h"
#include "ChangedArchitecture.h"
#include "GGUFWriter.h"

#include "compress/Dialect/LM/IR/LM.h"
#include "compress/Import/EncodingAttributes.h"
#include "compress/Import/ModelImport.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MLProgram/IR/MLProgram.h"

using namespace mlir;
using namespace mlir::compress;
using namespace mlir::compress::test;

namespace {

class ModelImportTest : public testing::Test {
protected:
  llvm::Expected<ImportedModel> import(const GGUFWriter &writer,
                                       ImportOptions options = {}) {
    return importModel(folder.write("tiny.gguf", writer.write()), options,
                       &context);
  }
  /// Imports the tiny llama with a changed architecture file.
  std::string importChanged(StringRef from, StringRef to) {
    return getMessage(import(
        makeTinyLlama(), changeArchitecture(folder, "llama.json", from, to)));
  }
  template <typename OpTy> static int count(Operation *op) {
    int result = 0;
    op->walk([&](OpTy) { ++result; });
    return result;
  }

  TestFolder folder;
  MLIRContext context;
};

TEST_F(ModelImportTest, MakesStepAndScore) {
  ASSERT_VALUE(model, import(makeTinyLlama()));
  EXPECT_EQ(model.name, "tiny");
  EXPECT_EQ(model.architecture, "llama");
  EXPECT_EQ(model.vocabulary, 6);
  EXPECT_EQ(model.contextLength, 64);
  EXPECT_FALSE(model.isEncoder());
  EXPECT_FALSE(model.pooling);
  EXPECT_EQ(model.layers, 2);
  ASSERT_TRUE(model.cache);
  EXPECT_EQ(model.cache->layers, 2);
  EXPECT_EQ(model.cache->heads, 2);
  EXPECT_EQ(model.cache->headDim, 8);
  EXPECT_EQ(count<ml_program::GlobalOp>(*model.module), 20);

  auto step = model.module->lookupSymbol<func::FuncOp>("step");
  ASSERT_TRUE(step);
  std::string type;
  llvm::raw_string_ostream(type) << step.getFunctionType();
  EXPECT_EQ(type, "(tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, "
                  "tensor<?xi32>, !lm.cache<layers = 2, heads = 2, head_dim = "
                  "8, values = f16>) -> tensor<?x6xf32>");
  EXPECT_EQ(count<linalg::MatmulOp>(step), 2 * 7 + 1);
  EXPECT_EQ(count<lm::CachedAttentionOp>(step), 2);
  EXPECT_EQ(count<lm::KVAppendOp>(step), 2);
  EXPECT_EQ(count<lm::GatherRowsOp>(step), 2);
  EXPECT_EQ(count<lm::RotaryTableOp>(step), 1);
  // Tied embeddings are loaded once, for both uses.
  EXPECT_EQ(count<ml_program::GlobalLoadConstOp>(step), 20);
  step.walk([](lm::RopeOp op) { EXPECT_TRUE(op.getInterleaved()); });

  auto score = model.module->lookupSymbol<func::FuncOp>("score");
  ASSERT_TRUE(score);
  type.clear();
  llvm::raw_string_ostream(type) << score.getFunctionType();
  EXPECT_EQ(type, "(tensor<?x?xi32>) -> tensor<?x?x6xf32>");
  EXPECT_EQ(count<lm::AttentionOp>(score), 2);
  EXPECT_EQ(count<lm::KVAppendOp>(score), 0);
  EXPECT_EQ(count<lm::GatherRowsOp>(score), 1);
}

TEST_F(ModelImportTest, ObeysOptions) {
  ImportOptions options;
  options.score = false;
  options.cache = CacheFormat(NumberType::getF32());
  ASSERT_VALUE(model, import(makeTinyLlama(), options));
  EXPECT_FALSE(model.module->lookupSymbol("score"));
  auto step = model.module->lookupSymbol<func::FuncOp>("step");
  auto cache = cast<lm::CacheType>(step.getArgumentTypes().back());
  EXPECT_EQ(cast<TypeAttr>(cache.getValues()).getValue(),
            Float32Type::get(&context));
}

TEST_F(ModelImportTest, CachesOfEncodings) {
  ImportOptions options;
  ASSERT_VALUE(format, parseCacheFormat("int8"));
  options.cache = format;
  ASSERT_VALUE(model, import(makeTinyLlama(), options));
  auto step = model.module->lookupSymbol<func::FuncOp>("step");
  auto cache = cast<lm::CacheType>(step.getArgumentTypes().back());
  EXPECT_FALSE(cache.getKeys());
  for (CacheSide side : {CacheSide::Keys, CacheSide::Values})
    EXPECT_EQ(str(cache.getSpec(side)),
              "affine<i8, block = [1, 32], scale = f16>");
  // Blocks have two dimensions, positions and columns.
  ASSERT_VALUE(flat, parseCacheFormat(
                         "#quantized.affine<i8, block = [32], scale = f16>"));
  options.cache = flat;
  EXPECT_ERROR(import(makeTinyLlama(), options),
               "columns of values can't be stored as");
  EXPECT_ERROR(parseCacheFormat("i8"), "unknown format 'i8'; there are f32");
  EXPECT_ERROR(parseCacheFormat("#quantized.affine<i8"), "there are f32");
}

TEST_F(ModelImportTest, KeysInGroupsAreEncodedAfterTheyAreAppended) {
  ImportOptions options;
  ASSERT_VALUE(format, parseCacheFormat("int4"));
  options.cache = format;
  ASSERT_VALUE(model, import(makeTinyLlama(), options));
  auto step = model.module->lookupSymbol<func::FuncOp>("step");
  auto cache = cast<lm::CacheType>(step.getArgumentTypes().back());
  EXPECT_EQ(cache.getKeyGroup(), 32);
  int64_t encodings = 0;
  step.walk([&](lm::KVEncodeOp encode) {
    ++encodings;
    EXPECT_TRUE(isa<lm::KVAppendOp>(encode->getPrevNode()));
  });
  EXPECT_EQ(encodings, cache.getLayers());
}

TEST_F(ModelImportTest, NamesOfCacheFormats) {
  auto format = [](StringRef text) {
    auto parsed = parseCacheFormat(text);
    EXPECT_TRUE(bool(parsed)) << llvm::toString(parsed.takeError());
    return parsed ? str(*parsed) : "";
  };
  EXPECT_EQ(format("bf16"), "bf16");
  EXPECT_EQ(format("int8"), "affine<i8, block = [1, 32], scale = f16>");
  EXPECT_EQ(format("int4"),
            "keys=affine<ui4, block = [32, 1], scale = f16, min = f16>,"
            "values=affine<ui4, block = [1, 32], scale = f16, min = f16>");
  EXPECT_EQ(format("int2"),
            "keys=affine<ui2, block = [32, 1], scale = f16, min = f16>,"
            "values=affine<ui2, block = [1, 32], scale = f16, min = f16>");
  // Each side of two names is that of its name.
  EXPECT_EQ(format("keys=int4, values=f16"),
            "keys=affine<ui4, block = [32, 1], scale = f16, min = f16>,"
            "values=f16");
  EXPECT_EQ(format("keys=#quantized.float<f8E5M2, block = [16, 4], scale = "
                   "f32>,values=int8"),
            "keys=float<f8E5M2, block = [16, 4], scale = f32>,"
            "values=affine<i8, block = [1, 32], scale = f16>");
  EXPECT_EQ(format("keys=f32,values=f32"), "f32");
  EXPECT_ERROR(parseCacheFormat("keys=int4"), "but not values");
  EXPECT_ERROR(parseCacheFormat("keys=int4,f16"), "but not values");
  EXPECT_ERROR(parseCacheFormat("keys=int3,values=f16"),
               "unknown format 'int3'");
  EXPECT_ERROR(parseCacheFormat("keys=f16,values="), "unknown format ''");
}

TEST_F(ModelImportTest, MakesTheSameModuleTwice) {
  std::string first, second;
  for (std::string *text : {&first, &second}) {
    ASSERT_VALUE(model, import(makeTinyLlama()));
    llvm::raw_string_ostream os(*text);
    model.module->print(os);
  }
  EXPECT_EQ(first, second);
}

TEST_F(ModelImportTest, KeepsEncodings) {
  GGUFWriter writer = makeTinyLlama();
  GGUFWriter::Tensor &weight = writer.findTensor("blk.1.ffn_up.weight");
  weight.type = 2; // Q4_0: 32 rows of one block of 18 bytes.
  weight.data.assign(32 * 18, 0x11);
  GGUFWriter::Tensor &norm = writer.findTensor("blk.0.attn_norm.weight");
  norm.type = 1; // F16: 0x3c00 is 1.
  norm.data.clear();
  for (int i = 0; i != 32; ++i)
    norm.data.insert(norm.data.end(), {0x00, 0x3c});
  ASSERT_VALUE(model, import(writer));

  auto global =
      model.module->lookupSymbol<ml_program::GlobalOp>("blk.1.ffn_up");
  EncodingAttrInterface encoding = compress::getEncoding(global.getType());
  ASSERT_TRUE(encoding);
  EXPECT_EQ(str(encoding.getSpec()),
            "affine<i4, block = [1, 32], scale = f16>");
  auto value = cast<ParameterAttr>(*global.getValue());
  EXPECT_EQ(value.getArchive(), "tiny.gguf");
  EXPECT_EQ(value.getKey(), "blk.1.ffn_up.weight");
  EXPECT_FALSE(value.getStored());

  const ImportedParameter *source = model.findParameter("blk.1.ffn_up");
  ASSERT_TRUE(source);
  ASSERT_VALUE(components, source->load());
  ASSERT_EQ(components.size(), 2u);
  EXPECT_EQ(components[0].size(), 32u * 16);
  EXPECT_EQ(components[1].size(), 32u * 2);
  EXPECT_EQ(components[1][0], 0x11);

  // A vector's type is plain; the parameter says how it is stored.
  global = model.module->lookupSymbol<ml_program::GlobalOp>("blk.0.attn_norm");
  EXPECT_FALSE(cast<RankedTensorType>(global.getType()).getEncoding());
  EXPECT_TRUE(cast<ParameterAttr>(*global.getValue()).getStored());
  ASSERT_VALUE(values, model.findParameter("blk.0.attn_norm")->decode());
  EXPECT_EQ(values, std::vector<float>(32, 1.0f));
  EXPECT_TRUE(model.findParameter("blk.0.attn_norm")->getStoredEncoding());
  EXPECT_FALSE(model.findParameter("output_norm")->getStoredEncoding());
  EXPECT_EQ(model.findParameter("nothing"), nullptr);
}

TEST_F(ModelImportTest, UntiedHeadAndBiases) {
  GGUFWriter writer = makeTinyLlama();
  writer.addTensor("output.weight", {6, 32}, 0, 6 * 32 * 4);
  for (std::string layer : {"blk.0.", "blk.1."}) {
    writer.addTensor(layer + "attn_q.bias", {32}, 0, 32 * 4);
    writer.addTensor(layer + "attn_k.bias", {16}, 0, 16 * 4);
    writer.addTensor(layer + "attn_v.bias", {16}, 0, 16 * 4);
  }
  ASSERT_VALUE(model, import(writer));
  EXPECT_EQ(model.parameters.size(), 20u + 1 + 6);
  EXPECT_TRUE(model.module->lookupSymbol("output"));
  // Per layer one SwiGLU and three biases.
  auto step = model.module->lookupSymbol<func::FuncOp>("step");
  EXPECT_EQ(count<linalg::GenericOp>(step), 2 * 4);
}

TEST_F(ModelImportTest, RotaryFactorsBecomeAConstant) {
  GGUFWriter writer = makeTinyLlama();
  GGUFWriter::Tensor &factors =
      writer.addTensor("rope_freqs.weight", {4}, 0, 0);
  for (float factor : {1.0f, 2.0f, 4.0f, 8.0f})
    for (char byte : GGUFWriter::bytes(factor))
      factors.data.push_back(byte);
  ASSERT_VALUE(model, import(writer));
  EXPECT_FALSE(model.module->lookupSymbol("rope_freqs"));
  EXPECT_EQ(model.parameters.size(), 20u);
  auto step = model.module->lookupSymbol<func::FuncOp>("step");
  step.walk([](lm::RotaryTableOp op) {
    auto constant = op.getFrequencies().getDefiningOp<arith::ConstantOp>();
    auto values = cast<DenseElementsAttr>(constant.getValue());
    EXPECT_EQ(llvm::to_vector(values.getValues<float>()),
              (SmallVector<float>{1.0f, 0.05f, 0.0025f, 0.000125f}));
  });
}

TEST_F(ModelImportTest, ReadsTheTokenizer) {
  ASSERT_VALUE(model, import(makeTinyLlama()));
  ASSERT_TRUE(model.tokenizer);
  EXPECT_EQ(model.tokenizer->spelling, TokenizerModel::Spelling::Metaspace);
  EXPECT_EQ(model.tokenizer->merging, TokenizerModel::Merging::ByScore);
  EXPECT_EQ(model.tokenizer->prefixSpace, TokenizerModel::PrefixSpace::Always);
  EXPECT_TRUE(model.tokenizer->addBos);
  EXPECT_EQ(model.tokenizer->bos, 1);

  GGUFWriter writer = makeTinyLlama();
  writer.remove("tokenizer.ggml.model");
  ASSERT_VALUE(other, import(writer));
  EXPECT_FALSE(other.tokenizer);
}

TEST_F(ModelImportTest, ReadsAByteLevelTokenizer) {
  GGUFWriter writer = makeTinyLlama();
  writer.add("tokenizer.ggml.model", "gpt2");
  writer.add("tokenizer.ggml.pre", "llama-bpe");
  writer.add(
      "tokenizer.ggml.tokens",
      std::vector<std::string>{"a", "b", "ab", "<s>", "<|eot_id|>", "c"});
  writer.add("tokenizer.ggml.token_type",
             std::vector<int32_t>{1, 1, 1, 3, 3, 1});
  writer.add("tokenizer.ggml.merges", std::vector<std::string>{"a b"});
  writer.add("tokenizer.ggml.bos_token_id", uint32_t(3));
  writer.add("tokenizer.ggml.eos_token_id", uint32_t(5));
  writer.add("tokenizer.chat_template", "{{ x }}");
  ASSERT_VALUE(model, import(writer));
  const TokenizerModel &tokenizer = *model.tokenizer;
  EXPECT_EQ(tokenizer.spelling, TokenizerModel::Spelling::ByteLevel);
  EXPECT_EQ(tokenizer.merges,
            (std::vector<std::pair<int32_t, int32_t>>{{0, 1}}));
  EXPECT_TRUE(tokenizer.ignoreMerges);
  EXPECT_TRUE(tokenizer.addBos);
  EXPECT_EQ(tokenizer.bos, 3);
  EXPECT_EQ(tokenizer.eos, 5);
  EXPECT_EQ(tokenizer.eot, 4);
  EXPECT_EQ(tokenizer.prefixSpace, TokenizerModel::PrefixSpace::Never);
  EXPECT_EQ(tokenizer.chatTemplate, "{{ x }}");
  writer.add("tokenizer.ggml.add_bos_token", false);
  ASSERT_VALUE(other, import(writer));
  EXPECT_FALSE(other.tokenizer->addBos);
}

TEST_F(ModelImportTest, DamagedTokenizersAreErrors) {
  const std::pair<void (*)(GGUFWriter &), const char *> cases[] = {
      {[](GGUFWriter &w) { w.add("tokenizer.ggml.model", 1.0f); },
       "\"tokenizer.ggml.model\" is not a string"},
      {[](GGUFWriter &w) { w.add("tokenizer.ggml.model", "t5"); },
       "\"t5\", which is not supported; supported are gpt2 and llama"},
      {[](GGUFWriter &w) { w.remove("tokenizer.ggml.tokens"); },
       "\"tokenizer.ggml.tokens\" is not a list of strings"},
      {[](GGUFWriter &w) {
         w.add("tokenizer.ggml.tokens", std::vector<std::string>{"\xff"});
       },
       "not UTF-8, number 0"},
      {[](GGUFWriter &w) {
         w.add("tokenizer.ggml.token_type", std::vector<int32_t>{1});
       },
       "an integer for each token"},
      {[](GGUFWriter &w) {
         w.add("tokenizer.ggml.token_type",
               std::vector<int32_t>{2, 3, 3, 1, 1, 9});
       },
       "has the unknown type 9 for token 5"},
      {[](GGUFWriter &w) { w.remove("tokenizer.ggml.scores"); },
       "a number for each token"},
      {[](GGUFWriter &w) { w.add("tokenizer.ggml.bos_token_id", uint32_t(6)); },
       "\"tokenizer.ggml.bos_token_id\" is not the number of a token"},
      {[](GGUFWriter &w) {
         w.add("tokenizer.ggml.add_bos_token", uint32_t(1));
       },
       "\"tokenizer.ggml.add_bos_token\" is not true or false"},
      {[](GGUFWriter &w) { w.add("tokenizer.ggml.model", "gpt2"); },
       "\"tokenizer.ggml.merges\" is not a list of strings"},
      {[](GGUFWriter &w) {
         w.add("tokenizer.ggml.model", "gpt2");
         w.add("tokenizer.ggml.merges", std::vector<std::string>{"a z"});
       },
       "\"tokenizer.ggml.merges\""},
      {[](GGUFWriter &w) {
         w.add("tokenizer.ggml.model", "gpt2");
         w.add("tokenizer.ggml.merges", std::vector<std::string>{});
         w.add("tokenizer.ggml.pre", "no-such-kind");
       },
       "\"tokenizer.ggml.pre\""},
      {[](GGUFWriter &w) {
         w.add("tokenizer.ggml.model", "gpt2");
         w.add("tokenizer.ggml.merges", std::vector<std::string>{});
         w.add("tokenizer.ggml.add_bos_token", true);
       },
       "its tokenizer: "}};
  for (const auto &[apply, message] : cases) {
    GGUFWriter writer = makeTinyLlama();
    apply(writer);
    EXPECT_ERROR(import(writer), message);
    EXPECT_ERROR(import(writer), "tiny.gguf: ");
  }
}

/// Other families by data alone: steps that llama does not use.
TEST_F(ModelImportTest, OtherStepsAreData) {
  EXPECT_EQ(importChanged("{\"op\": \"wanted_rows\"",
                          "{\"op\": \"scale\", \"input\": \"x\", \"factor\": "
                          "\"sqrt(width)\", \"result\": \"x\"},"
                          "{\"op\": \"activation\", \"input\": \"x\", "
                          "\"function\": \"'gelu'\", \"result\": \"y\"},"
                          "{\"op\": \"multiply\", \"left\": \"x\", \"right\": "
                          "\"y\", \"result\": \"x\"},"
                          "{\"op\": \"layer_norm\", \"input\": \"x\", "
                          "\"weight\": \"output_norm\", \"epsilon\": 1, "
                          "\"result\": \"x\"},"
                          "{\"op\": \"soft_cap\", \"input\": \"x\", "
                          "\"limit\": 30, \"result\": \"x\"},"
                          "{\"op\": \"soft_cap\", \"input\": \"x\", "
                          "\"limit\": 0, \"result\": \"x\"},"
                          "{\"op\": \"nonsense\", \"when\": \"not tied\"},"
                          "{\"op\": \"wanted_rows\""),
            "");
}

/// A window is kept where sequences may be longer, and formulas know the layer.
TEST_F(ModelImportTest, WindowsOfLayers) {
  for (auto [window, first, second] :
       {std::tuple("select(layer == 1, 16, 0)", 0, 16),
        std::tuple("context_length", 0, 0),
        std::tuple("context_length - 1", 63, 63)}) {
    StringRef text;
    for (const auto &[name, contents] : getBuiltinArchitectures())
      if (name == "llama.json")
        text = contents;
    auto [before, after] = text.split("\"window\": \"window\"");
    ImportOptions options;
    options.architecturePath = folder.write(
        "user.json", (before + "\"window\": \"" + window +
                      "\", \"soft_cap\": \"select(layer == 0, 50, 0)\"" + after)
                         .str());
    ASSERT_VALUE(model, import(makeTinyLlama(), options));
    SmallVector<int64_t> windows;
    SmallVector<bool> caps;
    model.module->walk([&](Operation *op) {
      if (!isa<lm::CachedAttentionOp, lm::AttentionOp>(op))
        return;
      auto attribute = op->getAttrOfType<IntegerAttr>("window");
      windows.push_back(attribute ? attribute.getInt() : 0);
      caps.push_back(op->hasAttr("soft_cap"));
    });
    EXPECT_EQ(windows, (SmallVector<int64_t>{first, second, first, second}));
    EXPECT_EQ(caps, (SmallVector<bool>{true, false, true, false}));
  }
}

TEST_F(ModelImportTest, WrongStepsAreErrors) {
  const std::tuple<const char *, const char *, const char *> cases[] = {
      {"{\"op\": \"gather_rows\"", "{\"op\": \"gather\"",
       "step 1 (gather) of \"prologue\": this op is not known; known are "
       "activation, add,"},
      {"\"rows\": \"tokens\"", "\"row\": \"tokens\"", "lacks \"rows\""},
      {"\"rows\": \"tokens\"", "\"rows\": \"tokens\", \"axis\": 0",
       "the unknown field \"axis\""},
      {"\"rows\": \"tokens\"", "\"rows\": \"token_embd\"",
       "needs a table of two dimensions"},
      {"\"table\": \"token_embd\"", "\"table\": \"embd\"",
       "\"embd\", which is neither a value nor a parameter"},
      {"\"factors\": \"rope_freqs\"", "\"factors\": \"x\"",
       "\"x\", which is no parameter"},
      {"\"table\": \"token_embd\"", "\"table\": \"rope_freqs\"",
       "which this model does not have"},
      {"\"result\": \"angles\"", "\"result\": \"output\"",
       "the name of the parameter \"output\""},
      {"\"input\": \"x\", \"weight\": \"attn_norm\"",
       "\"input\": \"tokens\", \"weight\": \"attn_norm\"",
       "must name an activation"},
      {"\"weight\": \"attn_norm\"", "\"group\": 5, \"weight\": \"attn_norm\"",
       "\"group\" does not divide"},
      {"\"weight\": \"attn_norm\"", "\"group\": 8, \"weight\": \"attn_norm\"",
       "its weight does not have 8 elements"},
      {"\"input\": \"h\", \"weight\": \"attn_q\"",
       "\"input\": \"h\", \"weight\": \"attn_norm\"", "does not fit an input"},
      {"\"weight\": \"attn_q\", \"bias\": \"attn_q_bias\"",
       "\"weight\": \"attn_q\", \"bias\": \"attn_k\"",
       "its bias does not have 32 elements"},
      {"\"head_dim\": \"head_dim\", \"scale\"", "\"head_dim\": 4, \"scale\"",
       "do not fit the cache's heads"},
      {"\"window\": \"window\"", "\"window\": -1", "\"window\" is negative"},
      {"\"window\": \"window\"", "\"causal\": false",
       "a decoder's attention is causal"},
      {"{\"op\": \"rms_norm\", \"name\": \"attn_norm\", \"input\": \"x\", "
       "\"weight\": \"attn_norm\"",
       "{\"op\": \"layer_norm\", \"input\": \"x\", \"weight\": \"attn_k\"",
       "its weight and bias do not have 32 elements"},
      {"{\"op\": \"linear\", \"name\": \"ffn_gate\",",
       "{\"op\": \"dispatch\", \"experts\": \"h\",",
       "\"experts\" must name what a step \"route\" bound"},
      {"{\"op\": \"linear\", \"name\": \"ffn_gate\",",
       "{\"op\": \"route\", \"count\": 33, \"normalize\": true, "
       "\"experts\": \"e\",",
       "takes from 1 to 32 experts, not 33"},
      {"{\"op\": \"linear\", \"name\": \"ffn_gate\",",
       "{\"op\": \"route\", \"input\": \"h\", \"count\": 1, \"normalize\": "
       "true, \"experts\": \"e\", \"result\": \"w\"}, {\"op\": "
       "\"expert_linear\", \"experts\": \"e\",",
       "its weights are no matrices that fit an input of 32 columns"},
      {"\"left\": \"x\", \"right\": \"a\"", "\"left\": \"x\", \"right\": \"k\"",
       "\"left\" and \"right\" have different shapes"},
      {"\"function\": \"activation\"", "\"function\": \"'swish'\"",
       "the function \"swish\" is not known"},
      {"\"gate\": \"g\"", "\"gate\": \"k\"",
       "\"gate\" and \"input\" have different shapes"},
      {"\"result\": \"logits\"", "\"result\": \"scores\"",
       "does not leave \"logits\""},
      {"\"base\": \"rotary_base\"", "\"base\": \"0\"", "base of rotary"},
      {"\"epsilon\": \"epsilon\", \"result\": \"h\"}",
       "\"epsilon\": \"tied\", \"result\": \"h\"}", "not a number"},
      {"\"dimensions\": \"rotary_dimensions\"", "\"dimensions\": \"9\"",
       "even number"},
      {"\"op\": \"rotary_table\"",
       "\"op\": \"attention\", \"query\": \"x\", \"keys\": \"x\", \"values\": "
       "\"x\", \"head_dim\": 8, \"scale\": 1, \"result\": \"x\"}, {\"op\": "
       "\"rotary_table\"",
       "attention belongs into \"layer\""},
      {"\"epilogue\": [",
       "\"epilogue\": [{\"op\": \"rope\", \"input\": \"x\", "
       "\"table\": \"angles\", \"head_dim\": 5, "
       "\"interleaved\": \"true\", \"result\": \"x\"},",
       "does not fit this model: "},
      {"\"rope_freqs\": {", "\"tokens\": {",
       "\"tokens\" is both a value and a parameter"},
      {"\"weight\": \"output_norm\"", "\"weight\": \"output_norms\"",
       "neither a value nor a parameter"}};
  for (const auto &[from, to, message] : cases) {
    std::string got = importChanged(from, to);
    EXPECT_NE(got.find(message), std::string::npos)
        << to << ": expected \"" << message << "\", got \"" << got << "\"";
    EXPECT_NE(got.find("user.json: "), std::string::npos) << got;
  }
}

TEST_F(ModelImportTest, UnusedParameterIsAnError) {
  std::string got =
      importChanged("\"weight\": \"attn_v\"", "\"weight\": \"attn_k\"");
  EXPECT_NE(got.find("no step uses the parameter \"attn_v\""),
            std::string::npos)
      << got;
}

TEST_F(ModelImportTest, MissingUserFileIsAnError) {
  ImportOptions options;
  options.architecturePath = folder.getPath("none.json");
  EXPECT_ERROR(import(makeTinyLlama(), options), "none.json: ");
}

/// The attribute made from a spec says the same spec again.
TEST_F(ModelImportTest, EncodingAttributesRoundTrip) {
  // Loads the dialects.
  ASSERT_OK(import(makeTinyLlama()));
  for (const StorageFormat &format : getStorageFormats()) {
    EncodingSpec spec = format.getEncoding(2);
    ASSERT_VALUE(attribute, getEncodingAttr(&context, spec));
    EXPECT_EQ(str(cast<EncodingAttrInterface>(attribute).getSpec()), str(spec));
  }
  EncodingSpec sparse;
  sparse.kind = EncodingSpec::Kind::NM;
  EXPECT_ERROR(getEncodingAttr(&context, sparse), "no file format stores");
}

} // namespace
