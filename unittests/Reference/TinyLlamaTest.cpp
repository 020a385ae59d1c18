//===- TinyLlamaTest.cpp - Whole models against an independent golden -----===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The goldens are what scripts/make-tiny-llama.py computes in NumPy, in double
// precision, from the weights that it wrote.
//
//===----------------------------------------------------------------------===//

#include "compress/Import/ModelImport.h"
#include "compress/Reference/Evaluator.h"
#include "compress/Reference/HostCache.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

#include "gtest/gtest.h"

#include <cmath>
#include <numeric>

using namespace mlir;
using namespace mlir::compress;

namespace {

struct Model {
  const char *file, *golden;
};

class TinyLlamaTest : public testing::TestWithParam<Model> {
protected:
  void SetUp() override {
    std::string folder = COMPRESS_TEST_INPUTS "/tiny-llama/";
    ImportOptions options;
    options.cache = CacheFormat(NumberType::getF32());
    auto imported = importModel(folder + GetParam().file, options, &context);
    ASSERT_TRUE(bool(imported)) << llvm::toString(imported.takeError());
    model = std::move(*imported);
    auto text = llvm::MemoryBuffer::getFile(folder + "golden.json");
    ASSERT_TRUE(bool(text));
    auto parsed = llvm::json::parse((*text)->getBuffer());
    ASSERT_TRUE(bool(parsed));
    golden = *parsed->getAsObject()->getObject(GetParam().golden);
    evaluator = std::make_unique<Evaluator>(
        *model.module,
        [&](StringRef symbol,
            RankedTensorType type) -> llvm::Expected<HostTensor> {
          const ImportedParameter *parameter = model.findParameter(symbol);
          if (!type.getEncoding()) {
            auto values = parameter->decode();
            if (!values)
              return values.takeError();
            return HostTensor::getF32(&context, type.getShape(), *values);
          }
          auto components = parameter->load();
          if (!components)
            return components.takeError();
          return HostTensor::get(type, std::move(*components));
        });
    auto step = model.module->lookupSymbol<func::FuncOp>("step");
    ASSERT_TRUE(step);
    cacheType = cast<lm::CacheType>(step.getArgumentTypes().back());
  }

  HostTensor ids(ArrayRef<int32_t> values) {
    return HostTensor::getI32(&context, static_cast<int64_t>(values.size()),
                              values);
  }
  std::shared_ptr<HostCache> makeCache() {
    return std::make_shared<HostCache>(cacheType);
  }

  /// Logits of the wanted rows, one after the other.
  std::vector<double> step(ArrayRef<int32_t> tokens, ArrayRef<int32_t> sequence,
                           ArrayRef<int32_t> position, ArrayRef<int32_t> wanted,
                           const std::shared_ptr<HostCache> &cache) {
    auto logits = evaluator->call("step", {ids(tokens), ids(sequence),
                                           ids(position), ids(wanted), cache});
    if (!logits) {
      ADD_FAILURE() << llvm::toString(logits.takeError());
      return std::vector<double>(wanted.size() * model.vocabulary);
    }
    return std::get<HostTensor>(logits->front()).getDoubles();
  }

  static std::vector<int32_t> integers(const llvm::json::Object &object,
                                       StringRef key) {
    std::vector<int32_t> values;
    for (const llvm::json::Value &value : *object.getArray(key))
      values.push_back(static_cast<int32_t>(*value.getAsInteger()));
    return values;
  }
  static int32_t argmax(ArrayRef<double> values) {
    return static_cast<int32_t>(llvm::max_element(values) - values.begin());
  }
  static std::vector<int32_t> count(int32_t begin, int32_t end) {
    std::vector<int32_t> values(end - begin);
    std::iota(values.begin(), values.end(), begin);
    return values;
  }
  const llvm::json::Array &prompts() { return *golden.getArray("prompts"); }

  MLIRContext context;
  ImportedModel model;
  llvm::json::Object golden;
  std::unique_ptr<Evaluator> evaluator;
  lm::CacheType cacheType;
};

/// What rounding the steps of a model of this size to f32 may change.
void expectLogits(ArrayRef<double> logits, const llvm::json::Object &prompt) {
  const llvm::json::Array &expected = *prompt.getArray("first_logits");
  ASSERT_EQ(logits.size(), expected.size());
  double largest = 0;
  for (double logit : logits)
    largest = std::max(largest, std::fabs(logit));
  for (auto [logit, wanted] : llvm::zip_equal(logits, expected))
    EXPECT_NEAR(logit, *wanted.getAsNumber(), 1e-5 * largest);
}

TEST_P(TinyLlamaTest, GreedyTokens) {
  for (const llvm::json::Value &value : prompts()) {
    const llvm::json::Object &prompt = *value.getAsObject();
    std::vector<int32_t> tokens = integers(prompt, "tokens"), greedy;
    auto size = static_cast<int32_t>(tokens.size());
    auto cache = makeCache();
    std::vector<double> logits = step(tokens, std::vector<int32_t>(size),
                                      count(0, size), {size - 1}, cache);
    expectLogits(logits, prompt);
    for (int32_t position = size; position < size + 12; ++position) {
      greedy.push_back(argmax(logits));
      logits = step({greedy.back()}, {0}, {position}, {0}, cache);
    }
    EXPECT_EQ(greedy, integers(prompt, "greedy"));
  }
}

/// All prompts as one ragged batch, their tokens interleaved by position.
TEST_P(TinyLlamaTest, RaggedBatch) {
  std::vector<int32_t> tokens, sequence, position;
  std::vector<int32_t> wanted(prompts().size());
  for (int32_t p = 0, added = 1; added; ++p) {
    added = 0;
    for (auto [s, prompt] : llvm::enumerate(prompts())) {
      std::vector<int32_t> all = integers(*prompt.getAsObject(), "tokens");
      if (p >= static_cast<int32_t>(all.size()))
        continue;
      wanted[s] = static_cast<int32_t>(tokens.size());
      tokens.push_back(all[p]);
      sequence.push_back(static_cast<int32_t>(s));
      position.push_back(p);
      ++added;
    }
  }
  std::vector<double> logits =
      step(tokens, sequence, position, wanted, makeCache());
  for (auto [s, prompt] : llvm::enumerate(prompts()))
    expectLogits(
        ArrayRef<double>(logits).slice(s * model.vocabulary, model.vocabulary),
        *prompt.getAsObject());
}

TEST_P(TinyLlamaTest, Score) {
  const llvm::json::Object &score = *golden.getObject("score");
  std::vector<int32_t> tokens = integers(score, "tokens");
  auto length = static_cast<int64_t>(tokens.size()) - 1;
  auto results = evaluator->call(
      "score", {HostTensor::getI32(&context, {1, length},
                                   ArrayRef<int32_t>(tokens).drop_back())});
  ASSERT_TRUE(bool(results)) << llvm::toString(results.takeError());
  std::vector<double> logits = std::get<HostTensor>((*results)[0]).getDoubles();
  double total = 0;
  for (int64_t t = 0; t < length; ++t) {
    ArrayRef<double> row =
        ArrayRef<double>(logits).slice(t * model.vocabulary, model.vocabulary);
    double largest = *llvm::max_element(row), sum = 0;
    for (double logit : row)
      sum += std::exp(logit - largest);
    total += largest + std::log(sum) - row[tokens[t + 1]];
  }
  EXPECT_NEAR(total / length, *score.getNumber("mean_negative_log_likelihood"),
              1e-4);
}

INSTANTIATE_TEST_SUITE_P(
    Models, TinyLlamaTest,
    testing::Values(Model{"tiny.gguf", "tiny"}, Model{"huggingface", "tiny"},
                    Model{"tiny-quantized.gguf", "tiny-quantized"}),
    [](const testing::TestParamInfo<Model> &info) {
      std::string name = info.param.file;
      llvm::erase_if(name, [](char c) { return !isalnum(c); });
      return name;
    });

} // namespace
