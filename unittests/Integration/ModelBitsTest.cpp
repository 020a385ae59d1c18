//===- ModelBitsTest.cpp - Whole models bit for bit -----------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Generated code takes the steps of docs/numerics.md, and so does the reference
// evaluator in the arithmetic of generated code: their logits are the same
// bits, with encoded activations too, where the smallest difference would grow.
//
//===----------------------------------------------------------------------===//

#include "compress/Compiler/Codegen.h"
#include "compress/Compiler/Evaluate.h"
#include "compress/JIT/CompileProgram.h"
#include "compress/Reference/HostCache.h"
#include "compress/Runtime/Session.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include "gtest/gtest.h"

#include <random>

using namespace mlir;
using namespace mlir::compress;

namespace {

struct Case {
  const char *file, *scheme, *cache;
  int threads = 2;
};

void PrintTo(const Case &c, std::ostream *os) {
  *os << c.file << ", " << c.scheme << ", cache " << c.cache;
}

/// One row of logits per token.
using Logits = std::vector<std::vector<float>>;

class ModelBitsTest : public testing::TestWithParam<Case> {
protected:
  static constexpr int64_t kSequences = 3;

  void SetUp() override {
    path = std::string(COMPRESS_TEST_INPUTS "/") + GetParam().file;
    options.scheme = GetParam().scheme;
    options.cache = GetParam().cache;
    DialectRegistry registry;
    registerCodegenDialects(registry);
    context.appendDialectRegistry(registry);
    auto prepared = prepareModel(path, options, &context);
    ASSERT_TRUE(bool(prepared)) << llvm::toString(prepared.takeError());
    model = std::move(*prepared);
    EvaluatorOptions arithmetic;
    arithmetic.arithmetic = Arithmetic::Generated;
    evaluator = std::make_unique<Evaluator>(
        *model->module, getParameterSource(*model), arithmetic);
    auto step = model->module->lookupSymbol<func::FuncOp>("step");
    cache = std::make_shared<HostCache>(
        cast<lm::CacheType>(step.getArgumentTypes().back()));
    auto compiled = compileProgram(path, options);
    ASSERT_TRUE(bool(compiled)) << llvm::toString(compiled.takeError());
    program = std::move(*compiled);
    SessionOptions sessionOptions;
    sessionOptions.threads = GetParam().threads;
    sessionOptions.sequences = kSequences;
    auto made = Session::create(*program, sessionOptions);
    ASSERT_TRUE(bool(made)) << llvm::toString(made.takeError());
    session = std::move(*made);
  }

  /// Appends tokens to every sequence, in one step of generated code.
  Logits generate(ArrayRef<std::vector<int32_t>> tokens) {
    SmallVector<Extension> extensions;
    for (auto [sequence, own] : llvm::enumerate(tokens))
      extensions.push_back({static_cast<int64_t>(sequence), own, 0});
    Logits rows;
    llvm::Error error = session->extend(
        extensions,
        [&](size_t, int64_t, ArrayRef<float> logits) -> llvm::Error {
          rows.push_back(logits.vec());
          return llvm::Error::success();
        });
    EXPECT_FALSE(bool(error)) << llvm::toString(std::move(error));
    return rows;
  }

  /// The same by the reference, sequence after sequence.
  Logits evaluate(ArrayRef<std::vector<int32_t>> tokens) {
    SmallVector<int32_t> ids, sequence, position, wanted;
    for (auto [s, own] : llvm::enumerate(tokens))
      for (int32_t token : own) {
        wanted.push_back(static_cast<int32_t>(ids.size()));
        ids.push_back(token);
        sequence.push_back(static_cast<int32_t>(s));
        position.push_back(lengths[s]++);
      }
    auto tensor = [&](ArrayRef<int32_t> values) {
      return HostTensor::getI32(&context, static_cast<int64_t>(values.size()),
                                values);
    };
    auto results =
        evaluator->call("step", {tensor(ids), tensor(sequence),
                                 tensor(position), tensor(wanted), cache});
    if (!results) {
      ADD_FAILURE() << llvm::toString(results.takeError());
      return {};
    }
    const auto &logits = std::get<HostTensor>(results->front());
    Logits rows;
    int64_t columns = logits.getShape().back();
    for (int64_t row = 0; row < logits.getShape().front(); ++row)
      rows.push_back(logits.getFloats().slice(row * columns, columns).vec());
    return rows;
  }

  std::string path;
  CompileOptions options;
  MLIRContext context;
  std::unique_ptr<PreparedModel> model;
  std::unique_ptr<Evaluator> evaluator;
  std::shared_ptr<HostCache> cache;
  std::unique_ptr<Program> program;
  std::unique_ptr<Session> session;
  int32_t lengths[kSequences] = {};
};

TEST_P(ModelBitsTest, StepsOfRaggedBatches) {
  std::mt19937 random(7);
  // Prompts over several steps of the online softmax, then tokens one by one.
  for (std::array<size_t, kSequences> counts :
       {std::array<size_t, kSequences>{84, 17, 1}, {1, 1, 1}, {1, 70, 2}}) {
    std::vector<std::vector<int32_t>> tokens;
    for (size_t count : counts) {
      tokens.emplace_back(count);
      for (int32_t &token : tokens.back())
        token = static_cast<int32_t>(random() % session->getVocabulary());
    }
    EXPECT_EQ(generate(tokens), evaluate(tokens));
  }
}

/// However tokens come in, and whatever was there and forgotten, logits are the
/// same.
TEST_P(ModelBitsTest, ChunksAndTruncation) {
  std::mt19937 random(8);
  int64_t count = session->getContextLength();
  std::vector<int32_t> text(count);
  for (int32_t &token : text)
    token = static_cast<int32_t>(random() % session->getVocabulary());
  auto append = [&](int64_t sequence, int64_t size) {
    int64_t begin = session->getLength(sequence);
    std::vector<std::vector<int32_t>> tokens(kSequences);
    tokens[sequence].assign(text.begin() + begin, text.begin() + begin + size);
    return generate(tokens);
  };
  Logits expected = append(0, count);
  auto check = [&](int64_t sequence, int64_t size) {
    int64_t begin = session->getLength(sequence);
    Logits rows = append(sequence, size);
    EXPECT_TRUE(llvm::equal(rows, ArrayRef(expected).slice(begin, size)))
        << size << " tokens from " << begin << " on";
  };
  for (int64_t size : {1, 14, 1, 1, 17, 30, 13})
    check(1, size);
  check(1, count - session->getLength(1));
  // To the last group, to a boundary, into groups long past, and to nothing.
  for (int64_t length : {count - 3, count - 16, int64_t(37), int64_t(5),
                         int64_t(33), int64_t(32), int64_t(0)}) {
    llvm::cantFail(session->truncate(1, length));
    EXPECT_EQ(session->getLength(1), length);
    check(1, 1);
    llvm::cantFail(session->truncate(1, length));
    check(1, std::min<int64_t>(50, count - length));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Models, ModelBitsTest,
    testing::Values(
        Case{"tiny-llama/tiny.gguf", "f32", "f32"},
        Case{"tiny-llama/tiny.gguf", "f16", "f16"},
        Case{"tiny-llama/tiny.gguf", "nf4", "f16"},
        Case{"tiny-llama/tiny.gguf", "w8a8", "f16"},
        Case{"tiny-llama/tiny.gguf", "w4a8", "f32"},
        Case{"tiny-llama/tiny.gguf", "w4a8-sym", "f16"},
        Case{"tiny-llama/tiny-quantized.gguf", "source", "f16"},
        Case{"tiny-llama/tiny-quantized.gguf", "source-a8", "f16"},
        Case{"tiny-llama/tiny.gguf", "f32", "bf16"},
        Case{"tiny-llama/tiny.gguf", "w8a8", "int8"},
        Case{"tiny-llama/tiny.gguf", "w4a8", "int4"},
        // Planes of 2 and 1 bits, blocks that no vector is a part of and that
        // leave a rest.
        Case{"tiny-llama/tiny.gguf", "f32",
             "#quantized.affine<i3, block = [1, 6], scale = bf16>"},
        Case{"tiny-llama/tiny.gguf", "f32",
             "#quantized.affine<ui5, block = [1, -1], scale = f32, zero = "
             "ui8>"},
        Case{"tiny-llama/tiny.gguf", "f32",
             "#quantized.affine<i7, block = [1, 16], scale = f16, zero = i8>"},
        Case{"tiny-llama/tiny.gguf", "f32",
             "#quantized.affine<i2, block = [1, 4], scale = f32, min = f16>"},
        Case{"tiny-llama/tiny.gguf", "f32",
             "#quantized.float<f8E4M3FN, block = [1, -1], scale = f32>"},
        Case{"tiny-llama/tiny.gguf", "f32", "#quantized.float<f8E5M2>"},
        // Keys in groups of positions, with all kinds of codes and scales.
        Case{"tiny-llama/tiny.gguf", "f32", "int4"},
        Case{"tiny-llama/tiny-quantized.gguf", "source-a8", "int2", 1},
        Case{"tiny-llama/tiny.gguf", "f32",
             "keys=#quantized.affine<i8, block = [16, 1], scale = "
             "f16>,values=f16"},
        Case{"tiny-llama/tiny.gguf", "f32",
             "keys=#quantized.affine<i3, block = [16, 4], scale = f32, min = "
             "bf16>,values=int4"},
        Case{"tiny-llama/tiny.gguf", "w8a8",
             "keys=#quantized.affine<ui5, block = [48, -1], scale = bf16, zero "
             "= ui8>,values=f32"},
        Case{"tiny-llama/tiny.gguf", "f32",
             "keys=#quantized.affine<ui1, block = [64, 1], scale = f32, min = "
             "f32>,values=bf16"},
        Case{"tiny-llama/tiny-quantized.gguf", "f32",
             "keys=#quantized.float<f8E4M3FN, block = [32, 2], scale = "
             "f32>,values=int8"},
        Case{"tiny-llama/tiny.gguf", "f32",
             "keys=#quantized.float<f16, block = [16, 8], scale = "
             "f32>,values=int8"},
        Case{"tiny-llama/tiny.gguf", "f32", "keys=f32,values=int4"},
        Case{"tiny-models/gemma3", "w4a8",
             "keys=#quantized.affine<ui2, block = [16, 1], scale = f16, min = "
             "f16>,values=int4"},
        Case{"tiny-models/gemma2", "f32",
             "keys=#quantized.affine<ui4, block = [64, 1], scale = f16, min = "
             "f16>,values=int2",
             1},
        Case{"tiny-models/qwen3", "f32",
             "keys=#quantized.affine<i4, block = [16, 2], scale = "
             "f16>,values=int4"},
        Case{"tiny-models/mixtral", "w8a8", "int4"},
        // Windows, soft caps, and the other families' steps.
        Case{"tiny-models/gemma3", "f32", "f32"},
        Case{"tiny-models/gemma3", "w4a8", "f16", 1},
        Case{"tiny-models/gemma3", "w8a8", "int8"},
        Case{"tiny-models/gemma3", "f32", "int4"},
        Case{"tiny-models/gemma3", "f32",
             "#quantized.affine<i3, block = [1, 6], scale = bf16>", 1},
        Case{"tiny-models/gemma3", "f32", "#quantized.float<f8E5M2>"},
        Case{"tiny-models/gemma2", "f32", "bf16"},
        Case{"tiny-models/gemma2", "w8a8", "f16", 1},
        Case{"tiny-models/qwen2", "w4a8", "f16"},
        Case{"tiny-models/qwen3", "w4a8-sym", "int8"},
        Case{"tiny-models/phi3", "source", "f16"},
        Case{"tiny-models/phi3", "w4a8", "f32"},
        // Experts, routed by logits.
        Case{"tiny-models/mixtral", "source", "f16"},
        Case{"tiny-models/mixtral", "f32", "f32", 1},
        Case{"tiny-models/mixtral", "w8a8", "f16"},
        Case{"tiny-models/mixtral", "w4a8", "int8"},
        Case{"tiny-models/qwen2moe", "f16", "f16"},
        Case{"tiny-models/qwen2moe", "w8a8", "f32", 1},
        Case{"tiny-models/qwen2moe", "w4a8", "f16"},
        Case{"tiny-models/gpt2", "source", "f32"},
        Case{"tiny-models/gpt2", "w4a8", "f16"}),
    [](const testing::TestParamInfo<Case> &info) {
      std::string name = std::string(info.param.file) + info.param.scheme +
                         "Cache" + info.param.cache;
      llvm::erase_if(name, [](char c) { return !isalnum(c); });
      return name;
    });

} // namespace
