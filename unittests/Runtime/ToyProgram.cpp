//===- ToyProgram.cpp - Programs for tests --------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ToyProgram.h"

#include <algorithm>

using namespace llvm;
using namespace mlir::compress;

extern "C" {
int64_t compress_step_workspace(const CompressTensor *, int64_t);
void compress_step(CompressContext *, const CompressTensor *, int64_t, int64_t);
int64_t compress_add_workspace(const CompressTensor *, int64_t);
void compress_add(CompressContext *, const CompressTensor *, int64_t, int64_t);
}

alignas(64) static const int32_t toySeed[16] = {kToySeed};

namespace {
struct Table {
  alignas(64) float values[64];
  Table() {
    // 37 is a unit modulo 64, so all numbers differ.
    for (int i = 0; i < 64; ++i)
      values[i] = ((i * 37 + 11) % 64) / 8.0f - 4.0f;
  }
};
} // namespace

ArrayRef<float> mlir::compress::getToyTable() {
  static const Table table;
  return table.values;
}

std::vector<float> mlir::compress::getToyLogits(ArrayRef<int32_t> history) {
  int64_t state = kToySeed;
  for (int32_t token : history)
    state = (state * 31 + token + 7) % 1000003;
  std::vector<float> logits;
  for (int64_t v = 0; v < kToyVocabulary; ++v)
    logits.push_back(getToyTable()[(state + 13 * v) % 64]);
  return logits;
}

std::vector<int32_t> mlir::compress::continueToy(std::vector<int32_t> history,
                                                 int64_t count) {
  std::vector<int32_t> result;
  for (int64_t i = 0; i < count; ++i) {
    std::vector<float> logits = getToyLogits(history);
    int32_t best =
        std::max_element(logits.begin(), logits.end()) - logits.begin();
    history.push_back(best);
    result.push_back(best);
  }
  return result;
}

Manifest mlir::compress::getToyManifest() {
  auto makeVector = [](StringRef name, StringRef symbol, ElementType element) {
    ValueSignature value;
    value.name = name.str();
    value.element = element;
    value.shape = {{-1, symbol.str()}};
    return value;
  };
  Manifest manifest;
  manifest.abi = COMPRESS_ABI_VERSION;
  manifest.generator = "tests";
  manifest.model = {"toy", "toy", kToyVocabulary, kToyContext, 1};
  manifest.cache = CacheInfo{1, 1, 1, "f32", 64, 64};
  FunctionSignature add;
  add.name = "add";
  add.arguments = {makeVector("a", "n", ElementType::F32),
                   makeVector("b", "n", ElementType::F32)};
  add.results = {makeVector("sum", "n", ElementType::F32)};
  FunctionSignature step;
  step.name = "step";
  step.arguments = {makeVector("tokens", "t", ElementType::I32),
                    makeVector("sequence", "t", ElementType::I32),
                    makeVector("position", "t", ElementType::I32),
                    makeVector("wanted", "w", ElementType::I32)};
  step.arguments.emplace_back();
  step.arguments.back().name = "cache";
  step.arguments.back().isCache = true;
  step.results = {makeVector("logits", "w", ElementType::F32)};
  step.results[0].shape.push_back({kToyVocabulary, ""});
  manifest.functions = {add, step};
  manifest.parameters = {{"parameters-0.safetensors", "seed", false},
                         {"parameters-0.safetensors", "table", false}};
  return manifest;
}

TokenizerModel mlir::compress::getToyTokenizerModel() {
  TokenizerModel model;
  model.spelling = TokenizerModel::Spelling::Metaspace;
  model.merging = TokenizerModel::Merging::ByScore;
  model.tokens = {"<s>", "</s>", "<unk>"};
  model.types = {TokenType::Control, TokenType::Control, TokenType::Unknown};
  for (char c = 'a'; c <= 'z'; ++c)
    model.tokens.emplace_back(1, c);
  model.tokens.push_back("\xE2\x96\x81");
  model.types.resize(30, TokenType::Normal);
  for (StringRef byte : {"<0xC3>", "<0xA9>"}) {
    model.tokens.push_back(byte.str());
    model.types.push_back(TokenType::Byte);
  }
  model.scores.assign(model.tokens.size(), 0);
  model.bos = 0;
  model.eos = 1;
  model.unknown = 2;
  model.addBos = true;
  return model;
}

std::unique_ptr<Program> mlir::compress::makeToyProgram(bool hasKeyGroups) {
  ProgramParts parts;
  parts.manifest = getToyManifest();
  if (hasKeyGroups) {
    parts.manifest.cache->keyGroup = 16;
    parts.manifest.cache->recentPositions = 64;
    parts.manifest.cache->recentBlockBytes = 64;
  }
  parts.code = {{compress_add, compress_add_workspace},
                {compress_step, compress_step_workspace}};
  parts.parameters = {{toySeed, 4, 1},
                      {getToyTable().data(),
                       static_cast<int64_t>(getToyTable().size() * 4), 64}};
  parts.tokenizer = cantFail(Tokenizer::create(getToyTokenizerModel()));
  return cantFail(Program::create(std::move(parts)));
}

std::unique_ptr<Session> mlir::compress::makeToySession(const Program &program,
                                                        int64_t threads,
                                                        int64_t sequences,
                                                        int64_t context) {
  SessionOptions options;
  options.threads = threads;
  options.sequences = sequences;
  options.contextLength = context;
  return cantFail(Session::create(program, options));
}

testing::AssertionResult mlir::compress::contains(StringRef text,
                                                  StringRef part) {
  if (text.contains(part))
    return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << "no '" << part.str() << "' in '" << text.str() << "'";
}
