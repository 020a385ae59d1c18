//===- Embedder.cpp - Vectors of texts ------------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Runtime/Embedder.h"

#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>

using namespace llvm;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Pooling
//===----------------------------------------------------------------------===//

std::vector<float> mlir::compress::pool(ArrayRef<float> hiddenStates,
                                        int64_t width,
                                        const PoolingInfo &pooling) {
  int64_t tokens = hiddenStates.size() / width;
  ArrayRef<float> first = hiddenStates.take_front(width);
  std::vector<double> values(first.begin(), first.end());
  switch (pooling.mode) {
  case PoolingInfo::Mode::FirstToken:
    break;
  case PoolingInfo::Mode::LastToken:
    llvm::copy(hiddenStates.take_back(width), values.begin());
    break;
  case PoolingInfo::Mode::Mean:
    for (int64_t i = width, e = tokens * width; i < e; ++i)
      values[i % width] += hiddenStates[i];
    for (double &value : values)
      value /= tokens;
    break;
  case PoolingInfo::Mode::Max:
    for (int64_t i = width, e = tokens * width; i < e; ++i)
      values[i % width] = std::max<double>(values[i % width], hiddenStates[i]);
    break;
  }
  double squares = 0;
  for (double value : values)
    squares += value * value;
  if (pooling.normalize && squares > 0)
    for (double &value : values)
      value /= std::sqrt(squares);
  return std::vector<float>(values.begin(), values.end());
}

//===----------------------------------------------------------------------===//
// Creation
//===----------------------------------------------------------------------===//

/// Checks that `encode` has the form that Embedder.h asks for; returns its
/// width.
static Expected<int64_t> verifyEncode(const FunctionSignature &signature) {
  bool ok = signature.arguments.size() == 1 && signature.results.size() == 1;
  if (ok) {
    const ValueSignature &tokens = signature.arguments[0];
    const ValueSignature &states = signature.results[0];
    ok = !tokens.isCache && tokens.element == ElementType::I32 &&
         tokens.shape.size() == 2 && !states.isCache &&
         states.element == ElementType::F32 && states.shape.size() == 3 &&
         states.shape[2].isStatic() && states.shape[2].size > 0 &&
         none_of(tokens.shape, [](const Dimension &d) { return d.isStatic(); });
    if (ok)
      return states.shape[2].size;
  }
  return makeError("function 'encode' does not have the form (tokens: BxTxi32) "
                   "-> BxTxWxf32; this program can only be used with 'call'");
}

Error Embedder::initialize() {
  const Manifest &manifest = getProgram().getManifest();
  if (!manifest.find("encode"))
    return makeError("the model is no encoder: it has no function 'encode'" +
                     Twine(manifest.find("step")
                               ? "; it is a decoder, for 'generate'"
                               : ""));
  Expected<const ProgramFunction *> found = getProgram().find("encode");
  if (!found)
    return found.takeError();
  function = *found;
  Expected<int64_t> size = verifyEncode(function->signature);
  if (!size)
    return size.takeError();
  width = *size;
  vocabulary = manifest.model.vocabulary;
  if (!manifest.model.pooling)
    return makeError("the manifest does not describe how 'encode' is pooled "
                     "(model.pooling)");
  pooling = *manifest.model.pooling;
  if (pooling.maxTokens == 0)
    pooling.maxTokens = manifest.model.contextLength;
  if (pooling.maxTokens > manifest.model.contextLength)
    return makeError("the manifest allows texts of " +
                     Twine(pooling.maxTokens) +
                     " tokens, but the model's context holds " +
                     Twine(manifest.model.contextLength));
  return Error::success();
}

Expected<std::unique_ptr<Embedder>> Embedder::create(const Program &program,
                                                     int64_t threads) {
  std::unique_ptr<Embedder> embedder(new Embedder(program, threads));
  if (Error error = embedder->initialize())
    return error;
  return embedder;
}

//===----------------------------------------------------------------------===//
// Embedding
//===----------------------------------------------------------------------===//

Expected<Embedding> Embedder::embed(StringRef text) {
  Expected<const Tokenizer *> tokenizer = getProgram().requireTokenizer();
  if (!tokenizer)
    return tokenizer.takeError();
  EncodeOptions options;
  options.addBos = false;
  Expected<std::vector<int32_t>> tokens = (*tokenizer)->encode(text, options);
  if (!tokens)
    return tokens.takeError();
  const TokenizerRules &rules = (*tokenizer)->getRules();
  int64_t added = int64_t(rules.addBos) + int64_t(rules.addEos);
  Embedding result;
  result.textTokens = static_cast<int64_t>(tokens->size()) + added;
  result.usedTokens = std::min(result.textTokens, pooling.maxTokens);
  if (result.usedTokens < added)
    return makeError("texts of " + Twine(pooling.maxTokens) +
                     " tokens have no room for those that the tokenizer adds");
  tokens->resize(result.usedTokens - added);
  if (rules.addBos)
    tokens->insert(tokens->begin(), *rules.bos);
  if (rules.addEos)
    tokens->push_back(*rules.eos);
  Expected<std::vector<float>> values = embed(*tokens);
  if (!values)
    return values.takeError();
  result.values = std::move(*values);
  return result;
}

Expected<std::vector<float>> Embedder::embed(ArrayRef<int32_t> tokens) {
  int64_t count = tokens.size();
  if (count == 0)
    return makeError("a text without tokens has no embedding");
  if (count > pooling.maxTokens)
    return makeError("a text of " + Twine(count) +
                     " tokens is given, but the model takes " +
                     Twine(pooling.maxTokens));
  for (int32_t token : tokens)
    if (token < 0 || token >= vocabulary)
      return makeError("token " + Twine(token) +
                       " is not in the model's vocabulary of " +
                       Twine(vocabulary));
  if (Error error = input.grow(count * sizeof(int32_t), "a text's tokens"))
    return error;
  if (Error error =
          output.grow(count * width * sizeof(float), "a text's hidden states"))
    return error;
  llvm::copy(tokens, input.get<int32_t>());
  CompressTensor tensors[] = {{input.get<void>(), {1, count}},
                              {output.get<void>(), {1, count, width}}};
  if (Error error = executor.call(*function, tensors))
    return error;
  ArrayRef<float> states(output.get<float>(), count * width);
  if (!all_of(states, [](float x) { return std::isfinite(x); }))
    return makeError("the model's hidden states are not finite numbers; its "
                     "weights or its compression are broken");
  return pool(states, width, pooling);
}
