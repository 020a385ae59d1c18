//===- Session.cpp - Sequences in a model's cache -------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Runtime/Session.h"

#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Cache
//===----------------------------------------------------------------------===//

int64_t Cache::getBytesPerToken(const CacheInfo &info) {
  int64_t planes = info.layers * info.heads;
  return planes * info.keyBlockBytes / info.getKeyPositions() +
         planes * info.valueBlockBytes / kBlock;
}

Expected<Cache> Cache::create(const CacheInfo &info, int64_t sequences,
                              int64_t capacity) {
  struct Side {
    AlignedBuffer *buffer;
    int64_t blocks, blockBytes;
  };
  Cache cache;
  cache.sequences = sequences;
  cache.capacity = alignTo(capacity, info.getKeyPositions());
  for (const Side &side :
       {Side{&cache.keys, cache.capacity / info.getKeyPositions(),
             info.keyBlockBytes},
        Side{&cache.values, cache.capacity / kBlock, info.valueBlockBytes},
        Side{&cache.recent, info.recentPositions / kBlock,
             info.recentBlockBytes}}) {
    if (side.blocks == 0)
      continue;
    std::optional<int64_t> bytes =
        countBytes(ElementType::U8, {info.layers, info.heads, sequences,
                                     side.blocks, side.blockBytes});
    if (!bytes)
      return makeError("a cache of " + Twine(sequences) + " sequences with " +
                       Twine(capacity) + " tokens is too large");
    Expected<AlignedBuffer> memory =
        AlignedBuffer::create(*bytes, "the key-value cache");
    if (!memory)
      return memory.takeError();
    *side.buffer = std::move(*memory);
  }
  return cache;
}

CompressCache Cache::getView() const {
  return {keys.get<void>(), values.get<void>(), sequences, capacity,
          recent.get<void>()};
}

//===----------------------------------------------------------------------===//
// Creation
//===----------------------------------------------------------------------===//

/// Checks that `step` has the form that Session.h asks for; returns the size of
/// the vocabulary.
static Expected<int64_t> verifyStep(const FunctionSignature &signature) {
  auto isVector = [](const ValueSignature &value) {
    return !value.isCache && value.element == ElementType::I32 &&
           value.shape.size() == 1 && !value.shape[0].isStatic();
  };
  bool ok = signature.arguments.size() == 5 && signature.results.size() == 1 &&
            all_of(ArrayRef(signature.arguments).take_front(4), isVector) &&
            signature.arguments[4].isCache;
  if (ok) {
    const ValueSignature &logits = signature.results[0];
    ok = !logits.isCache && logits.element == ElementType::F32 &&
         logits.shape.size() == 2 && logits.shape[1].isStatic() &&
         logits.shape[1].size > 0;
    if (ok)
      return logits.shape[1].size;
  }
  return makeError("function 'step' does not have the form (tokens, sequence, "
                   "position, wanted: ?xi32, cache) -> ?xVxf32; this program "
                   "can only be used with 'call'");
}

Error Session::initialize(const SessionOptions &options) {
  const Manifest &manifest = getProgram().getManifest();
  if (!manifest.find("step") && manifest.find("encode"))
    return makeError("the model is an encoder, which predicts no tokens; "
                     "'embed' gives the embeddings of texts");
  Expected<const ProgramFunction *> found = getProgram().find("step");
  if (!found)
    return found.takeError();
  function = *found;
  Expected<int64_t> size = verifyStep(function->signature);
  if (!size)
    return size.takeError();
  vocabulary = *size;
  if (!manifest.cache)
    return makeError("the manifest does not describe the cache of 'step'");
  contextLength = manifest.model.contextLength;
  if (options.contextLength > contextLength)
    return makeError("a context of " + Twine(options.contextLength) +
                     " tokens is asked for, but the model's holds " +
                     Twine(contextLength) +
                     "; shorten the prompt or generate fewer tokens");
  if (options.contextLength > 0)
    contextLength = options.contextLength;
  Expected<Cache> made =
      Cache::create(*manifest.cache, options.sequences, contextLength);
  if (!made)
    return made.takeError();
  cache = std::move(*made);
  lengths.assign(options.sequences, 0);
  keyGroup = manifest.cache->keyGroup;
  recentPositions = manifest.cache->recentPositions;
  recentBegins.assign(options.sequences, 0);
  histories.resize(options.sequences);
  for (AlignedBuffer &input : inputs)
    if (Error error =
            input.grow(kTokensPerStep * sizeof(int32_t), "a step's inputs"))
      return error;
  return Error::success();
}

Expected<std::unique_ptr<Session>>
Session::create(const Program &program, const SessionOptions &options) {
  if (options.sequences < 1)
    return makeError("a session needs at least one sequence");
  std::unique_ptr<Session> session(new Session(program, options));
  if (Error error = session->initialize(options))
    return error;
  return session;
}

//===----------------------------------------------------------------------===//
// Extension
//===----------------------------------------------------------------------===//

Error Session::verify(ArrayRef<Extension> extensions) const {
  std::vector<int64_t> after = lengths;
  for (const Extension &extension : extensions) {
    if (extension.sequence < 0 || extension.sequence >= getSequences())
      return makeError("sequence " + Twine(extension.sequence) +
                       " does not exist; the cache holds " +
                       Twine(getSequences()));
    for (int32_t token : extension.tokens)
      if (token < 0 || token >= vocabulary)
        return makeError("token " + Twine(token) +
                         " is not in the model's vocabulary of " +
                         Twine(vocabulary));
    int64_t &length = after[extension.sequence];
    length += extension.tokens.size();
    if (length > contextLength)
      return makeError("sequence " + Twine(extension.sequence) +
                       " would have " + Twine(length) +
                       " tokens, but the context holds " +
                       Twine(contextLength) +
                       "; shorten the prompt or generate fewer tokens");
  }
  return Error::success();
}

int64_t Session::getStepEnd(int64_t sequence) const {
  int64_t length = lengths[sequence];
  if (keyGroup == 1)
    return length + kTokensPerStep;
  return length - length % keyGroup + recentPositions;
}

Error Session::extend(ArrayRef<Extension> extensions, Visitor visitor) {
  if (Error error = verify(extensions))
    return error;
  SmallVector<Token, 0> batch;
  // Lengths after the batch.
  std::vector<int64_t> after = lengths;
  auto flush = [&]() -> Error {
    Error error = step(extensions, batch, visitor);
    batch.clear();
    return error;
  };
  for (auto [index, extension] : enumerate(extensions)) {
    int64_t &length = after[extension.sequence];
    for (int64_t i = 0, e = extension.tokens.size(); i < e; ++i) {
      if (static_cast<int64_t>(batch.size()) == kTokensPerStep ||
          length == getStepEnd(extension.sequence))
        if (Error error = flush())
          return error;
      batch.push_back({index, i});
      ++length;
    }
  }
  return batch.empty() ? Error::success() : flush();
}

Error Session::step(ArrayRef<Extension> extensions, ArrayRef<Token> tokens,
                    Visitor visitor) {
  int32_t *data[4];
  for (int i = 0; i < 4; ++i)
    data[i] = inputs[i].get<int32_t>();
  int64_t rows = 0;
  for (auto [row, token] : enumerate(tokens)) {
    const Extension &extension = extensions[token.extension];
    data[0][row] = extension.tokens[token.index];
    data[1][row] = extension.sequence;
    data[2][row] = lengths[extension.sequence]++;
    if (keyGroup > 1)
      histories[extension.sequence].push_back(data[0][row]);
    if (token.index >= extension.firstWanted)
      data[3][rows++] = row;
  }
  if (Error error =
          logits.grow(std::max<int64_t>(rows, 1) * vocabulary * sizeof(float),
                      "the logits of a step"))
    return error;
  CompressCache view = cache.getView();
  int64_t count = tokens.size();
  CompressTensor tensors[6] = {
      {data[0], {count}}, {data[1], {count}},
      {data[2], {count}}, {data[3], {rows}},
      {&view, {}},        {logits.get<void>(), {rows, vocabulary}}};
  if (Error error = executor.call(*function, tensors))
    return error;
  for (auto [begin, length] : zip_equal(recentBegins, lengths))
    begin = std::max(begin, length - recentPositions);
  for (int64_t row = 0; row < rows; ++row) {
    const Token &token = tokens[data[3][row]];
    ArrayRef<float> values(logits.get<float>() + row * vocabulary, vocabulary);
    if (Error error = visitor(token.extension, token.index, values))
      return error;
  }
  return Error::success();
}

Error Session::truncate(int64_t sequence, int64_t length) {
  if (length >= lengths[sequence])
    return Error::success();
  lengths[sequence] = length;
  if (keyGroup == 1)
    return Error::success();
  std::vector<int32_t> &history = histories[sequence];
  history.resize(length);
  int64_t begin = length - length % keyGroup;
  int64_t &recentBegin = recentBegins[sequence];
  if (begin >= recentBegin)
    return Error::success();
  // Keys of these tokens are encoded with others that are forgotten.
  std::vector<int32_t> again(history.begin() + begin, history.end());
  lengths[sequence] = recentBegin = begin;
  history.resize(begin);
  return extend(Extension{sequence, again, length - begin},
                [](size_t, int64_t, ArrayRef<float>) -> Error {
                  llvm_unreachable("no logits are wanted");
                });
}
