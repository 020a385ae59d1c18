//===- Generation.cpp - Decode loops --------------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Runtime/Generation.h"

#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"

#include <chrono>

using namespace llvm;
using namespace mlir::compress;

StringRef mlir::compress::str(StopReason reason) {
  switch (reason) {
  case StopReason::Length:
    return "length";
  case StopReason::EndOfText:
    return "end_of_text";
  case StopReason::StopString:
    return "stop_string";
  }
  llvm_unreachable("all reasons are covered");
}

//===----------------------------------------------------------------------===//
// Stop strings
//===----------------------------------------------------------------------===//

/// Length of the longest end of `text` that `stop` starts with, but is not all
/// of it.
static size_t getPartialMatch(StringRef text, StringRef stop) {
  size_t length = std::min(text.size(), stop.size() - 1);
  while (length > 0 && !stop.starts_with(text.take_back(length)))
    --length;
  return length;
}

std::string StopFilter::push(StringRef text) {
  if (stopped)
    return "";
  pending += text;
  size_t end = StringRef::npos, held = 0;
  for (StringRef stop : stopStrings) {
    if (stop.empty())
      continue;
    end = std::min(end, StringRef(pending).find(stop));
    held = std::max(held, getPartialMatch(pending, stop));
  }
  stopped = end != StringRef::npos;
  std::string shown = pending.substr(0, stopped ? end : pending.size() - held);
  pending = stopped ? "" : pending.substr(shown.size());
  return shown;
}

std::string StopFilter::finish() { return std::exchange(pending, ""); }

//===----------------------------------------------------------------------===//
// The loop
//===----------------------------------------------------------------------===//

namespace {

/// A sequence that is being generated.
struct Stream {
  Stream(const Tokenizer *tokenizer, const GenerationOptions &options,
         size_t index)
      : sampler(options.sampler, index), filter(options.stopStrings) {
    if (tokenizer)
      decoder.emplace(*tokenizer);
  }

  Sampler sampler;
  StopFilter filter;
  std::optional<StreamDecoder> decoder;
  int32_t next = 0;
  bool isRunning = true;
};

class Generator {
public:
  Generator(Session &session, const Tokenizer *tokenizer,
            const GenerationOptions &options, TextCallback onText)
      : session(session), tokenizer(tokenizer), options(options),
        onText(onText) {}

  Expected<GenerationResult> run(ArrayRef<std::vector<int32_t>> prompts);

private:
  Error verify(ArrayRef<std::vector<int32_t>> prompts) const;
  Error prefill();
  Error decode();
  void accept(size_t index);
  void show(size_t index, std::string text);
  void stop(size_t index, StopReason reason);

  Session &session;
  const Tokenizer *tokenizer;
  const GenerationOptions &options;
  TextCallback onText;
  std::vector<Stream> streams;
  GenerationResult result;
};

} // namespace

Error Generator::verify(ArrayRef<std::vector<int32_t>> prompts) const {
  if (Error error = options.sampler.verify())
    return error;
  if (options.maxTokens < 0)
    return makeError("cannot generate " + Twine(options.maxTokens) + " tokens");
  if (!tokenizer && !options.stopStrings.empty())
    return makeError("stop strings need a tokenizer, and the program has "
                     "none");
  if (static_cast<int64_t>(prompts.size()) > session.getSequences())
    return makeError(Twine(prompts.size()) + " prompts, but the cache holds " +
                     Twine(session.getSequences()) + " sequences");
  for (auto [index, prompt] : enumerate(prompts)) {
    if (prompt.empty())
      return makeError("prompt " + Twine(index) +
                       " has no tokens; give at least one");
    // The last token generated need not be in the cache.
    int64_t length =
        prompt.size() + std::max<int64_t>(options.maxTokens, 1) - 1;
    if (length > session.getContextLength())
      return makeError("prompt " + Twine(index) + " has " +
                       Twine(prompt.size()) + " tokens; with " +
                       Twine(options.maxTokens) + " more the context of " +
                       Twine(session.getContextLength()) +
                       " tokens is exceeded; shorten the prompt or generate "
                       "fewer tokens");
  }
  return Error::success();
}

void Generator::show(size_t index, std::string text) {
  std::string shown = streams[index].filter.push(text);
  result.sequences[index].text += shown;
  if (!shown.empty())
    onText(index, shown);
}

void Generator::stop(size_t index, StopReason reason) {
  Stream &stream = streams[index];
  stream.isRunning = false;
  result.sequences[index].reason = reason;
  if (!stream.decoder)
    return;
  show(index, stream.decoder->finish());
  std::string rest = stream.filter.finish();
  result.sequences[index].text += rest;
  if (!rest.empty())
    onText(index, rest);
}

/// Takes the sampled token of a sequence.
void Generator::accept(size_t index) {
  Stream &stream = streams[index];
  GeneratedSequence &sequence = result.sequences[index];
  if (options.maxTokens == 0)
    return stop(index, StopReason::Length);
  if (tokenizer && !options.ignoreEndOfText &&
      tokenizer->isEndOfGeneration(stream.next))
    return stop(index, StopReason::EndOfText);
  sequence.tokens.push_back(stream.next);
  if (stream.decoder)
    show(index, stream.decoder->push(stream.next));
  if (stream.filter.isStopped())
    return stop(index, StopReason::StopString);
  if (static_cast<int64_t>(sequence.tokens.size()) == options.maxTokens)
    stop(index, StopReason::Length);
}

Error Generator::prefill() {
  SmallVector<Extension> extensions;
  for (auto [index, sequence] : enumerate(result.sequences)) {
    int64_t length = sequence.prompt.size();
    extensions.push_back(
        {static_cast<int64_t>(index), sequence.prompt, length - 1});
    result.promptTokens += length;
  }
  return session.extend(
      extensions, [&](size_t index, int64_t, ArrayRef<float> logits) -> Error {
        if (options.keepFirstLogits)
          result.sequences[index].firstLogits = logits.vec();
        return streams[index].sampler.sample(logits).moveInto(
            streams[index].next);
      });
}

Error Generator::decode() {
  for (;;) {
    SmallVector<Extension> extensions;
    for (size_t index = 0; index < streams.size(); ++index)
      if (streams[index].isRunning)
        extensions.push_back(
            {static_cast<int64_t>(index), streams[index].next, 0});
    if (extensions.empty())
      return Error::success();
    result.decodedTokens += extensions.size();
    Error error = session.extend(
        extensions, [&](size_t at, int64_t, ArrayRef<float> logits) -> Error {
          Stream &stream = streams[extensions[at].sequence];
          return stream.sampler.sample(logits).moveInto(stream.next);
        });
    if (error)
      return error;
    for (const Extension &extension : extensions)
      accept(extension.sequence);
  }
}

Expected<GenerationResult>
Generator::run(ArrayRef<std::vector<int32_t>> prompts) {
  if (Error error = verify(prompts))
    return error;
  for (auto [index, prompt] : enumerate(prompts)) {
    streams.emplace_back(tokenizer, options, index);
    result.sequences.emplace_back();
    result.sequences.back().prompt = prompt;
  }
  using Clock = std::chrono::steady_clock;
  using Seconds = std::chrono::duration<double>;
  Clock::time_point start = Clock::now();
  if (Error error = prefill())
    return error;
  Clock::time_point middle = Clock::now();
  for (size_t index = 0; index < streams.size(); ++index)
    accept(index);
  if (Error error = decode())
    return error;
  result.promptSeconds = Seconds(middle - start).count();
  result.decodeSeconds = Seconds(Clock::now() - middle).count();
  return std::move(result);
}

Expected<GenerationResult>
mlir::compress::generate(Session &session, const Tokenizer *tokenizer,
                         ArrayRef<std::vector<int32_t>> prompts,
                         const GenerationOptions &options,
                         TextCallback onText) {
  return Generator(session, tokenizer, options, onText).run(prompts);
}
