//===- ArchitectureTest.cpp - Architecture files and what they find -------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../Support/TestFiles.h"
#include "GGUFWriter.h"

#include "compress/Import/Architecture.h"
#include "llvm/ADT/bit.h"

#include <cstring>

using namespace mlir::compress;
using namespace mlir::compress::test;

namespace {

/// The smallest architecture that is complete.
constexpr llvm::StringLiteral minimal = R"({
  "name": "small",
  "serves": {"gguf": ["small"], "huggingface": ["small"]},
  "hyperparameters": {
    "layers": {"type": "integer", "gguf": "llama.block_count"}
  },
  "parameters": {},
  "cache": {"layers": "layers", "heads": "1", "head_dim": "1"},
  "prologue": [], "layer": [], "epilogue": []
})";

std::string replaced(llvm::StringRef text, llvm::StringRef from,
                     llvm::StringRef to) {
  auto [before, after] = text.split(from);
  EXPECT_NE(before.size(), text.size()) << from.str();
  return (before + to + after).str();
}

TEST(ArchitectureTest, BuiltInsParse) {
  ASSERT_FALSE(getBuiltinArchitectures().empty());
  for (const auto &[name, text] : getBuiltinArchitectures())
    EXPECT_OK(Architecture::parse(text, name));
}

TEST(ArchitectureTest, MinimalParses) {
  ASSERT_VALUE(architecture, Architecture::parse(minimal, "f"));
  EXPECT_EQ(architecture.name, "small");
  EXPECT_EQ(architecture.cacheHeads, "1");
}

struct Change {
  const char *name, *from, *to, *message;
};

class ArchitectureDamageTest : public testing::TestWithParam<Change> {};

TEST_P(ArchitectureDamageTest, IsAnError) {
  Change change = GetParam();
  std::string text = replaced(minimal, change.from, change.to);
  EXPECT_ERROR(Architecture::parse(text, "file.json"), change.message);
  EXPECT_ERROR(Architecture::parse(text, "file.json"), "file.json: ");
}

constexpr Change changes[] = {
    {"NotJSON", "{", "", "is not JSON"},
    {"NoName", "\"name\": \"small\",", "", "lacks \"name\""},
    {"UnknownField", "\"name\"", "\"nmae\": 1, \"name\"",
     "the unknown field \"nmae\""},
    {"UnknownKind", "\"serves\": {", "\"serves\": {\"onnx\": [],",
     "\"serves\": has the unknown field \"onnx\""},
    {"ServesNoList", "\"gguf\": [\"small\"]", "\"gguf\": \"small\"",
     "\"serves\": \"gguf\" must be a list"},
    {"ServesWithoutKey", "\"gguf\": [\"small\"]",
     "\"gguf\": [{\"architecture\": \"small\"}]", "lacks \"with_key\""},
    {"ServesNumber", "\"gguf\": [\"small\"]", "\"gguf\": [1]",
     "\"serves\": must be an object"},
    {"IgnoredNoList", "\"parameters\": {}",
     "\"parameters\": {}, \"ignored_tensors\": {\"gguf\": \"x\"}",
     "must be a list of strings"},
    {"StackedList", "\"parameters\": {}",
     "\"parameters\": {\"w\": {\"shape\": [1], \"gguf\": {\"tensor\": \"w\", "
     "\"stacked\": []}}}",
     "\"stacked\" must be a number or a formula"},
    {"UnknownType", "\"integer\"", "\"real\"",
     "\"type\" must be integer, number, boolean or string"},
    {"UnknownHyperparameterField", "\"type\": \"integer\",",
     "\"type\": \"integer\", \"unit\": 1,",
     "hyper-parameter \"layers\": has the unknown field \"unit\""},
    {"MinimumText", "\"type\": \"integer\",",
     "\"type\": \"integer\", \"minimum\": \"1\",", "\"minimum\""},
    {"PerLayerText", "\"type\": \"integer\",",
     "\"type\": \"integer\", \"per_layer\": 1,",
     "\"per_layer\" must be true or false"},
    {"UnknownPartOfATensor", "\"parameters\": {}",
     "\"parameters\": {\"w\": {\"shape\": [1], \"gguf\": {\"tensor\": \"w\", "
     "\"last_row\": 3}}}",
     "\"gguf\" of parameter \"w\": has the unknown field \"last_row\""},
    {"FirstRowList", "\"parameters\": {}",
     "\"parameters\": {\"w\": {\"shape\": [1], \"gguf\": {\"tensor\": \"w\", "
     "\"first_row\": []}}}",
     "\"first_row\" must be a number or a formula"},
    {"TransposedText", "\"parameters\": {}",
     "\"parameters\": {\"w\": {\"shape\": [1], \"gguf\": {\"tensor\": \"w\", "
     "\"transposed\": \"yes\"}}}",
     "\"transposed\" must be true or false"},
    {"OffsetText", "\"parameters\": {}",
     "\"parameters\": {\"w\": {\"shape\": [1], \"gguf\": {\"tensor\": \"w\", "
     "\"offset\": \"one\"}}}",
     "\"offset\" must be a number"},
    {"BadSource", "\"llama.block_count\"", "{\"key\": 1}",
     "\"gguf\" must be a key"},
    {"BadConstant", "\"llama.block_count\"", "{\"value\": []}",
     "\"gguf\" must be a key"},
    {"BadDefault", "\"type\": \"integer\",",
     "\"type\": \"integer\", \"default\": [],",
     "\"default\" must be a value or a formula"},
    {"NoShape", "\"parameters\": {}", "\"parameters\": {\"w\": {}}",
     "parameter \"w\": lacks \"shape\""},
    {"ShapeNoList", "\"parameters\": {}",
     "\"parameters\": {\"w\": {\"shape\": 1}}", "list of formulas"},
    {"UnknownParameterField", "\"parameters\": {}",
     "\"parameters\": {\"w\": {\"shape\": [1], \"dtype\": 1}}",
     "unknown field \"dtype\""},
    {"TieWithoutTarget", "\"parameters\": {}",
     "\"parameters\": {\"w\": {\"shape\": [1], \"tied\": {\"when\": \"x\"}}}",
     "lacks \"to\""},
    {"CacheField", "\"heads\": \"1\",", "", "lacks \"heads\""},
    {"NoCache",
     "\"cache\": {\"layers\": \"layers\", \"heads\": \"1\", "
     "\"head_dim\": \"1\"},",
     "", "lacks \"cache\""},
    {"CacheNoObject",
     "{\"layers\": \"layers\", \"heads\": \"1\", \"head_dim\": \"1\"}", "1",
     "\"cache\": must be an object"},
    {"NameNoString", "\"name\": \"small\"", "\"name\": 1",
     "\"name\" must be a string"},
    {"NoSteps", "\"prologue\": [],", "", "\"prologue\" must be a list"},
    {"StepWithoutOp", "\"prologue\": []", "\"prologue\": [{}]",
     "step 1 of \"prologue\": lacks \"op\""},
    {"StepWithObject", "\"prologue\": []",
     "\"prologue\": [{\"op\": \"x\", \"y\": {}}]", "\"y\" must be a word"},
    {"BadGlob", "\"parameters\": {}",
     "\"parameters\": {}, \"ignored_keys\": {\"gguf\": [\"[\"]}",
     "is not a pattern"},
    {"ConstraintsNoObject", "\"parameters\": {}",
     "\"parameters\": {}, \"constraints\": []",
     "\"constraints\": must be an object"},
    {"ConstraintWithoutMessage", "\"parameters\": {}",
     "\"parameters\": {}, \"constraints\": {\"c\": {\"require\": \"true\"}}",
     "constraint \"c\": lacks \"message\""},
    {"StepNamedTwice", "\"prologue\": []",
     "\"prologue\": [{\"op\": \"x\", \"name\": \"n\"}, {\"op\": \"y\", "
     "\"name\": \"n\"}]",
     "step 2 of \"prologue\": another step has the name \"n\", too"}};

INSTANTIATE_TEST_SUITE_P(All, ArchitectureDamageTest,
                         testing::ValuesIn(changes),
                         [](const auto &info) { return info.param.name; });

//===----------------------------------------------------------------------===//
// Extending
//===----------------------------------------------------------------------===//

/// A base with something to change in each section.
constexpr llvm::StringLiteral base = R"({
  "name": "base", "summary": "a base",
  "serves": {"gguf": ["base"]},
  "hyperparameters": {
    "layers": {"type": "integer", "gguf": "a", "huggingface": "b"},
    "extra": {"type": "number", "gguf": {"value": 1}}
  },
  "constraints": {"c": {"require": "true", "message": "m"}},
  "ignored_keys": {"gguf": ["x"]},
  "parameters": {"w": {"shape": ["1", "2"], "gguf": "w"}},
  "cache": {"layers": "layers", "heads": "1", "head_dim": "1"},
  "prologue": [{"op": "p"}],
  "layer": [
    {"op": "one", "name": "one", "input": "x", "when": "true"},
    {"op": "two", "name": "two"},
    {"op": "three"}
  ],
  "epilogue": [{"op": "e"}]
})";

/// Parses `{"name": "own", "extends": EXTENDS, FIELDS}`.
llvm::Expected<Architecture> extend(llvm::StringRef fields,
                                    llvm::StringRef extends = "\"base\"") {
  static constexpr std::pair<llvm::StringLiteral, llvm::StringLiteral> bases[] =
      {{"base.json", base},
       {"middle.json", R"({"name": "middle", "extends": "base",
                           "cache": {"heads": "2"}})"},
       {"ring.json", R"({"extends": "gnir"})"},
       {"gnir.json", R"({"extends": "ring"})"},
       {"list.json", "[]"}};
  return Architecture::parse(("{\"name\": \"own\", \"extends\": " + extends +
                              (fields.empty() ? "" : ", ") + fields + "}")
                                 .str(),
                             "own.json", bases);
}

/// The ops of a section's steps.
std::string getOps(const std::vector<ArchitectureStep> &steps) {
  std::string result;
  for (const ArchitectureStep &step : steps)
    result += (result.empty() ? "" : " ") + step.op;
  return result;
}

TEST(ExtendTest, TakesTheBaseButItsName) {
  ASSERT_VALUE(own, extend(""));
  EXPECT_EQ(own.name, "own");
  EXPECT_EQ(own.summary, "");
  EXPECT_TRUE(own.serves.empty());
  EXPECT_EQ(own.hyperparameters.size(), 2u);
  EXPECT_EQ(getOps(own.layer), "one two three");
}

TEST(ExtendTest, ThroughAnotherBase) {
  ASSERT_VALUE(own, extend("\"cache\": {\"layers\": \"7\"}", "\"middle\""));
  EXPECT_EQ(own.cacheLayers, "7");
  EXPECT_EQ(own.cacheHeads, "2");
  EXPECT_EQ(own.cacheHeadDim, "1");
}

TEST(ExtendTest, MergesMembersAndReplacesFields) {
  ASSERT_VALUE(own, extend(R"(
    "hyperparameters": {
      "layers": {"gguf": {"value": 3}, "huggingface": null, "minimum": 2},
      "extra": null,
      "more": {"type": "boolean"}
    },
    "constraints": {"d": {"require": "false", "message": "n"}},
    "ignored_keys": {"gguf": ["y"], "huggingface": ["z"]},
    "parameters": {"w": {"shape": ["3"]}})"));
  EXPECT_EQ(own.hyperparameters.size(), 2u);
  const Hyperparameter &layers = own.hyperparameters.at("layers");
  EXPECT_EQ(layers.type, Hyperparameter::Type::Integer);
  EXPECT_EQ(layers.minimum, 2);
  EXPECT_EQ(layers.sources.size(), 1u);
  EXPECT_EQ(layers.sources.at(SourceKind::GGUF).front().kind,
            HyperparameterSource::Kind::Constant);
  EXPECT_EQ(own.constraints.size(), 2u);
  EXPECT_EQ(own.ignoredKeys[SourceKind::GGUF].size(), 2u);
  EXPECT_EQ(own.ignoredKeys[SourceKind::HuggingFace].size(), 1u);
  const ParameterDescription &w = own.parameters.at("w");
  EXPECT_EQ(w.shape, (std::vector<std::string>{"3"}));
  EXPECT_EQ(w.sources.at(SourceKind::GGUF).front().tensor, "w");
}

TEST(ExtendTest, EditsSteps) {
  ASSERT_VALUE(own, extend(R"(
    "prologue": [{"op": "q"}],
    "layer": [
      {"before": "two", "steps": [{"op": "a", "name": "a"}, {"op": "b"}]},
      {"after": "a", "steps": [{"op": "c"}]},
      {"replace": "two", "steps": [{"op": "d"}, {"op": "e"}]},
      {"change": "one", "fields": {"op": "changed", "when": null, "new": 1}}
    ],
    "epilogue": [])"));
  EXPECT_EQ(getOps(own.prologue), "q");
  EXPECT_EQ(getOps(own.layer), "changed a c b d e three");
  EXPECT_EQ(own.layer[0].fields,
            (std::map<std::string, std::string>{{"input", "x"}, {"new", "1"}}));
  EXPECT_TRUE(own.epilogue.empty());
  ASSERT_VALUE(less, extend("\"layer\": [{\"remove\": \"one\"}]"));
  EXPECT_EQ(getOps(less.layer), "two three");
}

TEST(ExtendTest, WrongEditsAreErrors) {
  const std::pair<const char *, const char *> cases[] = {
      {R"("layer": [{"remove": "four"}])",
       "\"layer\": \"remove\": base has no step with the name \"four\""},
      {R"("layer": [{"remove": "one"}, {"after": "one", "steps": []}])",
       "has no step with the name \"one\""},
      {R"("layer": [{"remove": "one"}, {"op": "x"}])",
       "has steps beside edits"},
      {R"("layer": [{"remove": "one", "after": "two"}])",
       "one edit has both \"after\" and \"remove\""},
      {R"("layer": [{"remove": "one", "steps": []}])",
       "an edit of \"layer\": has the unknown field \"steps\""},
      {R"("layer": [{"after": "one"}])",
       "\"after\": \"one\" must have a list \"steps\""},
      {R"("layer": [{"change": "one"}])",
       "the change of \"one\" must have an object \"fields\""},
      {R"("layer": [{"change": "one", "fields": {"bias": null}}])",
       "\"layer.one\": removes \"bias\", which base does not have"},
      {R"("layer": [{"after": "one", "steps": [{"op": "x", "name": "two"}]}])",
       "another step has the name \"two\""},
      {R"("hyperparameters": {"depth": null})",
       "\"hyperparameters\": removes \"depth\", which base does not have"},
      {R"("hyperparameters": {"layers": {"default": null}})",
       "\"hyperparameters.layers\": removes \"default\""},
      {R"("ignored_keys": {"gguf": "x"})", "must be a list of strings"},
      {R"("layer": {})", "\"layer\" must be a list of steps"},
      {R"("parameters": [])", "\"parameters\": must be an object"}};
  for (const auto &[fields, message] : cases) {
    EXPECT_ERROR(extend(fields), message);
    EXPECT_ERROR(extend(fields), "own.json: ");
  }
}

TEST(ExtendTest, WrongBasesAreErrors) {
  EXPECT_ERROR(extend("", "1"), "must be the name of a built-in architecture");
  EXPECT_ERROR(extend("", "\"bass\""),
               "own.json: \"extends\": there is no built-in architecture "
               "\"bass\"; there are base, middle, ring, gnir, list");
  EXPECT_ERROR(extend("", "\"ring\""),
               "\"extends\": ring.json, gnir.json extend each other in a "
               "circle");
  EXPECT_ERROR(extend("", "\"list\""), "list.json: must be an object");
  EXPECT_ERROR(Architecture::parse(
                   R"({"name": "own", "extends": "list",
                       "layer": [{"remove": "x"}]})",
                   "own.json",
                   {{llvm::StringLiteral("list.json"),
                     llvm::StringLiteral("{\"layer\": 1}")}}),
               "\"layer\": has edits, but list no list of steps");
}

//===----------------------------------------------------------------------===//
// Hyper-parameters and parameters
//===----------------------------------------------------------------------===//

/// Resolves the tiny llama; the message of the first error.
std::string resolve(const GGUFWriter &writer, llvm::StringRef userFile = "") {
  TestFolder folder;
  auto files = ModelFiles::open(folder.write("tiny.gguf", writer.write()));
  if (!files)
    return getMessage(std::move(files));
  auto architecture = userFile.empty()
                          ? Architecture::findFor(**files)
                          : Architecture::parse(userFile, "user.json");
  if (!architecture)
    return getMessage(std::move(architecture));
  auto values = Hyperparameters::resolve(*architecture, **files);
  if (!values)
    return getMessage(std::move(values));
  return getMessage(ModelParameters::resolve(*architecture, **files, *values));
}

TEST(HyperparametersTest, FindsAndDerives) {
  TestFolder folder;
  ASSERT_VALUE(
      files, ModelFiles::open(folder.write("t.gguf", makeTinyLlama().write())));
  ASSERT_VALUE(architecture, Architecture::findFor(*files));
  ASSERT_VALUE(values, Hyperparameters::resolve(architecture, *files));
  auto integer = [&](llvm::StringRef formula) {
    auto value = values.evaluateInteger(formula);
    return value ? *value : (llvm::consumeError(value.takeError()), -1);
  };
  EXPECT_EQ(integer("layers"), 2);
  EXPECT_EQ(integer("head_dim"), 8);
  EXPECT_EQ(integer("vocabulary"), 6);
  EXPECT_EQ(integer("heads * head_dim"), 32);
  EXPECT_EQ(integer("context_length"), 64);
  ASSERT_VALUE(tied, values.evaluateBoolean("tied"));
  EXPECT_TRUE(tied);
  ASSERT_VALUE(scaling, values.evaluateString("rotary_scaling"));
  EXPECT_EQ(scaling, "none");
  EXPECT_ERROR(values.evaluateInteger("heads / 3"), "not an integer");
  EXPECT_ERROR(values.evaluateNumber("tied"), "not a number");
  EXPECT_ERROR(values.evaluateBoolean("heads"), "not true or false");
  EXPECT_ERROR(values.evaluateString("heads"), "not a word");
}

TEST(ModelParametersTest, FindsThroughTies) {
  TestFolder folder;
  ASSERT_VALUE(
      files, ModelFiles::open(folder.write("t.gguf", makeTinyLlama().write())));
  ASSERT_VALUE(architecture, Architecture::findFor(*files));
  ASSERT_VALUE(values, Hyperparameters::resolve(architecture, *files));
  ASSERT_VALUE(parameters,
               ModelParameters::resolve(architecture, *files, values));
  EXPECT_EQ(parameters.getAll().size(), 20u);
  const ModelParameter *head = parameters.find("output", std::nullopt);
  ASSERT_TRUE(head);
  EXPECT_EQ(head, parameters.find("token_embd", std::nullopt));
  EXPECT_EQ(parameters.find("ffn_up", 1)->symbol, "blk.1.ffn_up");
  EXPECT_EQ(parameters.find("ffn_up", 2), nullptr);
  EXPECT_EQ(parameters.find("attn_q_bias", 0), nullptr);
}

/// What a user's file extends may be the model's own family: keys have the
/// model's prefix.
TEST(HyperparametersTest, KeysBeginWithTheModelsArchitecture) {
  GGUFWriter writer = makeTinyLlama();
  constexpr llvm::StringLiteral extended =
      R"({"name": "mine", "extends": "llama"})";
  EXPECT_EQ(resolve(writer, extended), "");
  writer.add("llama.vocab_size", uint32_t(6));
  EXPECT_EQ(resolve(writer, extended), "");
  writer.add("llama.llama.vocab_size", uint32_t(6));
  EXPECT_NE(
      resolve(writer, extended).find("the key \"llama.llama.vocab_size\""),
      std::string::npos);
  writer.add("general.architecture", "other");
  EXPECT_NE(resolve(writer, extended).find("lacks \"other.context_length\""),
            std::string::npos);
}

struct ModelDamage {
  const char *name;
  void (*apply)(GGUFWriter &);
  const char *message;
};

class ModelDamageTest : public testing::TestWithParam<ModelDamage> {};

TEST_P(ModelDamageTest, IsAnError) {
  GGUFWriter writer = makeTinyLlama();
  GetParam().apply(writer);
  std::string message = resolve(writer);
  EXPECT_NE(message.find(GetParam().message), std::string::npos) << message;
  EXPECT_NE(message.find("tiny.gguf: "), std::string::npos) << message;
}

constexpr ModelDamage modelDamages[] = {
    {"NoArchitecture", [](GGUFWriter &w) { w.remove("general.architecture"); },
     "does not say its architecture"},
    {"UnknownArchitecture",
     [](GGUFWriter &w) { w.add("general.architecture", "mamba"); },
     "\"mamba\" is not known; known are gemma2, gemma3, gpt2, llama, "},
    {"Split", [](GGUFWriter &w) { w.add("split.count", uint32_t(3)); },
     "one part of a model in 3"},
    {"NoLayers", [](GGUFWriter &w) { w.remove("llama.block_count"); },
     "lacks \"llama.block_count\", which gives layers of the architecture "
     "llama"},
    {"ZeroLayers",
     [](GGUFWriter &w) { w.add("llama.block_count", uint32_t(0)); },
     "must be an integer from 1"},
    {"FractionalWidth",
     [](GGUFWriter &w) { w.add("llama.embedding_length", 31.5f); },
     "width (\"llama.embedding_length\") is 31.5"},
    {"ListOfHeads",
     [](GGUFWriter &w) {
       w.add("llama.attention.head_count_kv", std::vector<int32_t>{2, 2});
     },
     "is a list or an object"},
    {"IndivisibleWidth",
     [](GGUFWriter &w) { w.add("llama.attention.head_count", uint32_t(5)); },
     "head_dim (width / heads) is 6.4"},
    {"EpsilonText",
     [](GGUFWriter &w) {
       w.add("llama.attention.layer_norm_rms_epsilon", "1e-5");
     },
     "it must be a number"},
    {"IndivisibleHeads",
     [](GGUFWriter &w) { w.add("llama.attention.head_count_kv", uint32_t(3)); },
     "not a multiple of the key-value heads"},
    {"UnknownScaling",
     [](GGUFWriter &w) { w.add("llama.rope.scaling.type", "yarn"); },
     "must be one of default, none, linear, llama3"},
    {"FactorWithoutScaling",
     [](GGUFWriter &w) { w.add("llama.rope.scaling.factor", 2.0f); },
     "without the kind of scaling"},
    {"UnknownKey", [](GGUFWriter &w) { w.add("llama.swin_norm", true); },
     "the key \"llama.swin_norm\" is not known to the architecture llama; "
     "describe it in an architecture file"},
    {"MissingTensor",
     [](GGUFWriter &w) { w.removeTensor("blk.1.ffn_up.weight"); },
     "lacks the tensor \"blk.1.ffn_up.weight\" that the architecture llama "
     "needs; the file is incomplete"},
    {"UnusedTensor",
     [](GGUFWriter &w) { w.addTensor("blk.0.extra.weight", {1}, 0, 4); },
     "tensor \"blk.0.extra.weight\": is not used by the architecture llama"},
    {"WrongShape",
     [](GGUFWriter &w) {
       w.findTensor("blk.0.attn_k.weight").shape = {32, 16};
     },
     "has the shape [32, 16], but the model's sizes ask for [16, 32]"},
    {"UnsupportedType",
     [](GGUFWriter &w) {
       // I8: one byte for each of 16 x 32 values.
       w.findTensor("blk.0.attn_k.weight").type = 24;
     },
     "has the type I8, which is not supported; supported are F32"}};

INSTANTIATE_TEST_SUITE_P(All, ModelDamageTest, testing::ValuesIn(modelDamages),
                         [](const auto &info) { return info.param.name; });

TEST(ModelDamageTest, UndamagedIsNoError) {
  EXPECT_EQ(resolve(makeTinyLlama()), "");
}

TEST(HyperparametersTest, DependingOnItselfIsAnError) {
  std::string text = replaced(minimal, "\"gguf\": \"llama.block_count\"",
                              "\"default\": \"layers\"");
  EXPECT_NE(resolve(makeTinyLlama(), text).find("depends on itself"),
            std::string::npos);
}

TEST(HyperparametersTest, BadDefaultIsAnError) {
  std::string text = replaced(minimal, "\"gguf\": \"llama.block_count\"",
                              "\"default\": \"1 +\"");
  std::string message = resolve(makeTinyLlama(), text);
  EXPECT_NE(message.find("layers: the formula \"1 +\""), std::string::npos)
      << message;
}

TEST(ModelParametersTest, TensorForTwoParametersIsAnError) {
  std::string text = replaced(
      minimal, "\"parameters\": {}",
      "\"parameters\": {\"v\": {\"shape\": [32], \"gguf\": "
      "\"output_norm.weight\"}, \"w\": {\"shape\": [32], \"gguf\": "
      "\"output_norm.weight\"}}, \"ignored_keys\": {\"gguf\": [\"*\"]}");
  EXPECT_NE(resolve(makeTinyLlama(), text)
                .find("serves two parameters; one of them is \"w\""),
            std::string::npos);
}

TEST(ModelParametersTest, TieToNothingIsAnError) {
  std::string text = replaced(
      minimal, "\"parameters\": {}",
      "\"parameters\": {\"w\": {\"shape\": [1], \"tied\": {\"to\": \"v\", "
      "\"when\": \"true\"}}}, \"ignored_keys\": {\"gguf\": [\"*\"]}");
  EXPECT_NE(resolve(makeTinyLlama(), text).find("is tied to \"v\""),
            std::string::npos);
}

TEST(ModelParametersTest, NameForAnotherKindOfFileIsAnError) {
  std::string text = replaced(
      minimal, "\"parameters\": {}",
      "\"parameters\": {\"w\": {\"shape\": [1], \"huggingface\": \"w\"}}, "
      "\"ignored_keys\": {\"gguf\": [\"*\"]}");
  EXPECT_NE(resolve(makeTinyLlama(), text).find("has no \"gguf\" name"),
            std::string::npos);
}

//===----------------------------------------------------------------------===//
// Values per layer
//===----------------------------------------------------------------------===//

/// The minimal architecture with a hyper-parameter `kind` that each of the two
/// layers of the tiny llama has of its own.
std::string withKinds(llvm::StringRef fields) {
  std::string text =
      replaced(minimal, "\"hyperparameters\": {",
               "\"ignored_keys\": {\"gguf\": [\"*\"]}, \"ignored_tensors\": "
               "{\"gguf\": [\"*\"]}, \"hyperparameters\": {");
  return replaced(text, "\"hyperparameters\": {",
                  ("\"hyperparameters\": {\"kind\": {\"type\": \"integer\", "
                   "\"per_layer\": true, " +
                   fields + "},")
                      .str());
}

TEST(HyperparametersTest, LayersHaveValuesOfTheirOwn) {
  for (auto [fields, first, second] :
       {std::tuple("\"default\": \"select(layer % 2 == 0, 5, layers)\"", 5, 2),
        std::tuple("\"gguf\": \"kinds\"", 7, 9),
        std::tuple("\"gguf\": \"llama.embedding_length\"", 32, 32)}) {
    GGUFWriter writer = makeTinyLlama();
    writer.add("kinds", std::vector<int32_t>{7, 9});
    TestFolder folder;
    ASSERT_VALUE(files,
                 ModelFiles::open(folder.write("t.gguf", writer.write())));
    ASSERT_VALUE(architecture, Architecture::parse(withKinds(fields), "f"));
    ASSERT_VALUE(values, Hyperparameters::resolve(architecture, *files));
    ASSERT_VALUE(one, values.evaluateInteger("kind + 0", 0));
    ASSERT_VALUE(two, values.evaluateInteger("kind * layer", 1));
    EXPECT_EQ(one, first);
    EXPECT_EQ(two, second);
    EXPECT_ERROR(values.evaluateInteger("kind"), "the unknown name kind");
    EXPECT_ERROR(values.evaluateInteger("layer"), "the unknown name layer");
  }
}

TEST(HyperparametersTest, WrongValuesOfLayersAreErrors) {
  GGUFWriter writer = makeTinyLlama();
  writer.add("kinds", std::vector<int32_t>{7, 9, 1});
  std::string message = resolve(writer, withKinds("\"gguf\": \"kinds\""));
  EXPECT_NE(message.find("\"kinds\" has 3 values for 2 layers"),
            std::string::npos)
      << message;
  writer.add("kinds", std::vector<int32_t>{7, 0});
  message = resolve(writer, withKinds("\"gguf\": \"kinds\""));
  EXPECT_NE(message.find("kind (\"kinds\") is 0"), std::string::npos)
      << message;
  // A constraint holds in every layer.
  writer.add("kinds", std::vector<int32_t>{7, 9});
  std::string text = withKinds("\"gguf\": \"kinds\"");
  text = replaced(text, "\"parameters\"",
                  "\"constraints\": {\"c\": {\"require\": \"kind < 8\", "
                  "\"message\": \"too large\"}}, \"parameters\"");
  message = resolve(writer, text);
  EXPECT_NE(message.find("too large (kind < 8)"), std::string::npos) << message;
  // Nor may a file ask for memory without end.
  writer.add("llama.block_count", uint32_t(1) << 30);
  message = resolve(writer, withKinds("\"default\": 1"));
  EXPECT_NE(message.find("more than the 65536 that are supported"),
            std::string::npos)
      << message;
  text = replaced(withKinds("\"default\": 1"), "\"layers\": {\"type\"",
                  "\"depth\": {\"type\"");
  message = resolve(makeTinyLlama(), text);
  EXPECT_NE(message.find("\"kind\" is per layer, but there is no \"layers\""),
            std::string::npos)
      << message;
}

//===----------------------------------------------------------------------===//
// Parts of tensors
//===----------------------------------------------------------------------===//

/// The message of resolving parameters `v` and `w` of the tiny llama.
std::string resolveParts(llvm::StringRef v, llvm::StringRef w) {
  std::string text = replaced(
      minimal, "\"parameters\": {}",
      ("\"ignored_keys\": {\"gguf\": [\"*\"]}, \"parameters\": {\"v\": " + v +
       ", \"w\": " + w + "}")
          .str());
  return resolve(makeTinyLlama(), text);
}

TEST(ModelParametersTest, PartsOfATensor) {
  // token_embd has 6 rows of 32.
  auto part = [](llvm::StringRef rows, llvm::StringRef first) {
    return ("{\"shape\": [" + rows +
            ", 32], \"gguf\": [\"none\", {\"tensor\": \"token_embd.weight\", "
            "\"first_row\": " +
            first + "}]}")
        .str();
  };
  auto expect = [&](llvm::StringRef v, llvm::StringRef w,
                    llvm::StringRef message) {
    std::string got = resolveParts(v, w);
    EXPECT_NE(got.find(message.str()), std::string::npos) << got;
  };
  // What is complained about are the other tensors.
  expect(part("2", "0"), part("4", "\"2 * 1\""), "is not used by");
  expect(
      part("2", "0"), part("3", "2"),
      "token_embd.weight\": has the shape [6, 32], of which the architecture "
      "small uses 5 rows");
  expect(part("2", "0"), part("4", "1"), "serves two parameters");
  expect(part("2", "0"), part("4", "3"),
         "has no rows 3 to 7; its shape is [6, 32]");
  expect(part("2", "0"),
         "{\"shape\": [6, 32], \"gguf\": \"token_embd.weight\"}",
         "serves two parameters");
}

TEST(ModelFilesTest, Views) {
  GGUFWriter writer = makeTinyLlama();
  TestFolder folder;
  ASSERT_VALUE(files, ModelFiles::open(folder.write("t.gguf", writer.write())));
  auto spelled = [&](llvm::StringRef text) -> const StoredTensor * {
    TensorView view = parseTensorView(text);
    EXPECT_EQ(str(view), text.str());
    auto tensor = files->findView(view);
    if (!tensor) {
      ADD_FAILURE() << llvm::toString(tensor.takeError());
      return nullptr;
    }
    return *tensor;
  };
  auto decode = [&](llvm::StringRef text) {
    auto values = spelled(text)->decode();
    return values
               ? *values
               : (llvm::consumeError(values.takeError()), std::vector<float>());
  };
  // A vector of F32.
  std::vector<float> norm = decode("output_norm.weight");
  std::vector<float> shifted = decode("output_norm.weight{offset = 1.5}");
  std::vector<float> cut =
      decode("output_norm.weight{rows = 3:5, offset = -1}");
  ASSERT_EQ(norm.size(), 32u);
  ASSERT_EQ(cut.size(), 2u);
  EXPECT_EQ(shifted[7], norm[7] + 1.5f);
  EXPECT_EQ(cut[1], norm[4] - 1);
  EXPECT_EQ(spelled("output_norm.weight{offset = 1.5}"),
            spelled("output_norm.weight{offset = 1.5}"));
  EXPECT_EQ(spelled("none{rows = 1:2}"), nullptr);
  // Rows of blocks keep their encoding.
  const StoredTensor *matrix = spelled("blk.0.attn_q.weight");
  const StoredTensor *rows = spelled("blk.0.attn_q.weight{rows = 2:5}");
  EXPECT_EQ(rows->format, matrix->format);
  EXPECT_EQ(rows->shape, (llvm::SmallVector<int64_t>{3, 32}));
  auto all = decode("blk.0.attn_q.weight"),
       some = decode("blk.0.attn_q.weight{rows = 2:5}");
  ASSERT_EQ(some.size(), 96u);
  for (size_t i = 0; i < some.size(); ++i)
    EXPECT_EQ(llvm::bit_cast<uint32_t>(some[i]),
              llvm::bit_cast<uint32_t>(all[64 + i]));
  // Text that is no list is part of the name.
  for (const char *name : {"a{rows = 1}", "a{b}", "a{offset = x}", "a}"})
    EXPECT_EQ(parseTensorView(name).tensor, name);
  EXPECT_ERROR(
      files->findView(parseTensorView("output_norm.weight{transposed}")),
      "can't be transposed: it is no matrix of plain numbers");
  EXPECT_ERROR(
      files->findView(parseTensorView("blk.0.attn_q.weight{offset = 1}")),
      "is no vector, so that nothing can be added to it");
}

/// The tiny llama with three experts per layer, each in tensors of its own or
/// in stacks.
GGUFWriter makeExperts(bool stacked) {
  GGUFWriter writer = makeTinyLlama();
  writer.add("llama.expert_count", uint32_t(3));
  writer.add("llama.expert_used_count", uint32_t(2));
  for (std::string layer : {"blk.0.ffn_", "blk.1.ffn_"}) {
    writer.addTensor(layer + "gate_inp.weight", {3, 32}, 0, 4 * 3 * 32);
    for (std::string name : {"gate", "up", "down"}) {
      writer.removeTensor(layer + name + ".weight");
      if (stacked)
        writer.addTensor(layer + name + "_exps.weight", {3, 32, 32}, 0,
                         4 * 3 * 32 * 32);
      else
        for (const char *expert : {".0.weight", ".1.weight", ".2.weight"})
          writer.addTensor(layer + name + expert, {32, 32}, 0, 4 * 32 * 32);
    }
  }
  return writer;
}

/// The keys tell that a llama is a Mixtral.
TEST(ModelParametersTest, Experts) {
  EXPECT_EQ(resolve(makeExperts(true)), "");
  EXPECT_EQ(resolve(makeExperts(false)), "");
  GGUFWriter writer = makeExperts(false);
  writer.add("llama.expert_used_count", uint32_t(4));
  EXPECT_NE(resolve(writer).find("more experts than there are"),
            std::string::npos);
  writer = makeExperts(false);
  writer.removeTensor("blk.1.ffn_up.2.weight");
  EXPECT_NE(resolve(writer).find("lacks the tensor \"blk.1.ffn_up.2.weight\", "
                                 "one of 3 that belong together"),
            std::string::npos);
  writer = makeExperts(false);
  writer.findTensor("blk.1.ffn_up.2.weight").shape = {64, 16};
  EXPECT_NE(resolve(writer).find("has another shape or type than "
                                 "\"blk.1.ffn_up.0.weight\""),
            std::string::npos);
  EXPECT_NE(resolveParts("{\"shape\": [1, 32], \"gguf\": {\"tensor\": "
                         "\"output_norm.weight\", \"stacked\": 1}}",
                         "{\"shape\": [32], \"gguf\": "
                         "\"output_norm.weight\"}")
                .find("serves two parameters"),
            std::string::npos);
}

TEST(ModelFilesTest, Stacks) {
  GGUFWriter writer = makeTinyLlama();
  std::vector<float> values = {0, 1, 2, 3, 4, 5};
  for (int i = 0; i < 2; ++i)
    std::memcpy(
        writer.addTensor("t." + std::to_string(i), {3}, 0, 12).data.data(),
        values.data() + 3 * i, 12);
  TestFolder folder;
  ASSERT_VALUE(files, ModelFiles::open(folder.write("t.gguf", writer.write())));
  for (const char *spelling : {"t.{index}{stacked = 2}", "t.1{stacked = 1}"}) {
    TensorView view = parseTensorView(spelling);
    EXPECT_EQ(str(view), spelling);
    ASSERT_VALUE(tensor, files->findView(view));
    EXPECT_EQ(tensor->name, spelling);
    EXPECT_EQ(tensor->shape, (llvm::SmallVector<int64_t>{*view.stacked, 3}));
    ASSERT_VALUE(decoded, tensor->decode());
    EXPECT_EQ(decoded, std::vector<float>(values.end() - 3 * *view.stacked,
                                          values.end()));
  }
  EXPECT_ERROR(
      files->findView(parseTensorView("t.{index}{stacked = 2, offset = 1}")),
      "stacks are of one tensor or more, each as it is");
}

TEST(ModelFilesTest, TransposedViews) {
  GGUFWriter writer = makeTinyLlama();
  std::vector<float> values = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  GGUFWriter::Tensor &tensor = writer.addTensor("t", {3, 4}, 0, 48);
  std::memcpy(tensor.data.data(), values.data(), 48);
  TestFolder folder;
  ASSERT_VALUE(files, ModelFiles::open(folder.write("t.gguf", writer.write())));
  ASSERT_VALUE(whole, files->findView(parseTensorView("t{transposed}")));
  EXPECT_EQ(whole->shape, (llvm::SmallVector<int64_t>{4, 3}));
  ASSERT_VALUE(decoded, whole->decode());
  EXPECT_EQ(decoded,
            (std::vector<float>{0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11}));
  ASSERT_VALUE(rows,
               files->findView(parseTensorView("t{transposed, rows = 1:3}")));
  ASSERT_VALUE(some, rows->decode());
  EXPECT_EQ(some, (std::vector<float>{1, 5, 9, 2, 6, 10}));
}

} // namespace
