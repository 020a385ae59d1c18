//===- Generate.cpp - compress-run generate -------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"

#include "compress/Runtime/ChatTemplate.h"
#include "compress/Runtime/Generation.h"
#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace mlir::compress;

namespace {

class GenerateCommand : public Command {
public:
  GenerateCommand() : Command("generate", "Continue prompts") {}
  Error run() override;

private:
  Expected<std::vector<std::vector<int32_t>>>
  readPrompts(const Program &program) const;
  Expected<std::vector<int32_t>> encodePrompt(const Tokenizer &tokenizer,
                                              StringRef prompt) const;
  Error makeOptions(const Program &program, size_t longest);
  void printText(const GenerationResult &result) const;
  void printReport(const GenerationResult &result) const;

  CommonOptions common{command};
  cl::list<std::string> prompts{"p", cl::desc("Prompt; several make a batch"),
                                cl::value_desc("TEXT"), cl::sub(command)};
  cl::list<std::string> tokens{
      "tokens", cl::desc("Prompt as token ids; several make a batch"),
      cl::value_desc("1,2,3"), cl::sub(command)};
  cl::opt<int64_t> count{
      "n", cl::desc("Tokens to generate (128, or as the context allows)"),
      cl::init(128), cl::value_desc("N"), cl::sub(command)};
  cl::opt<double> temperature{
      "temperature", cl::desc("Divides logits; 0 takes the best token (0)"),
      cl::init(0), cl::sub(command)};
  cl::opt<int64_t> topK{"top-k",
                        cl::desc("Keep the K best tokens; 0 keeps all (0)"),
                        cl::init(0), cl::value_desc("K"), cl::sub(command)};
  cl::opt<double> topP{
      "top-p", cl::desc("Keep the best tokens of this total probability (1)"),
      cl::init(1), cl::sub(command)};
  cl::opt<double> minP{
      "min-p",
      cl::desc("Keep tokens at least this times as probable as the best (0)"),
      cl::init(0), cl::sub(command)};
  cl::opt<uint64_t> seed{"seed", cl::desc("Seed of the draws (0)"), cl::init(0),
                         cl::sub(command)};
  cl::list<std::string> stop{"stop",
                             cl::desc("Ends generation; may be repeated"),
                             cl::value_desc("TEXT"), cl::sub(command)};
  cl::opt<bool> chat{
      "chat",
      cl::desc("Prompts are a user's messages, for the model to answer"),
      cl::sub(command)};
  cl::opt<std::string> systemText{
      "system", cl::desc("With --chat: what the model is told first"),
      cl::value_desc("TEXT"), cl::sub(command)};
  cl::opt<bool> ignoreEos{"ignore-eos",
                          cl::desc("Go on after tokens that end a text"),
                          cl::sub(command)};
  cl::opt<bool> logits{
      "logits", cl::desc("With --json: the logits that follow the prompt"),
      cl::sub(command)};

  GenerationOptions options;
};

} // namespace

Expected<std::vector<int32_t>>
GenerateCommand::encodePrompt(const Tokenizer &tokenizer,
                              StringRef prompt) const {
  if (!chat)
    return tokenizer.encode(prompt);
  std::vector<ChatMessage> messages;
  if (systemText.getNumOccurrences())
    messages.push_back({"system", systemText});
  messages.push_back({"user", prompt.str()});
  return encodeChat(tokenizer, messages);
}

Expected<std::vector<std::vector<int32_t>>>
GenerateCommand::readPrompts(const Program &program) const {
  std::vector<std::vector<int32_t>> result;
  if (prompts.empty() == tokens.empty())
    return makeError("give prompts either as text (-p) or as token ids "
                     "(--tokens)");
  if (chat && !tokens.empty())
    return makeError("--chat needs prompts as text (-p)");
  if (systemText.getNumOccurrences() && !chat)
    return makeError("--system needs --chat");
  for (StringRef list : tokens) {
    Expected<std::vector<int32_t>> ids = parseTokens(list);
    if (!ids)
      return ids.takeError();
    result.push_back(std::move(*ids));
  }
  for (StringRef prompt : prompts) {
    Expected<const Tokenizer *> tokenizer = program.requireTokenizer();
    if (!tokenizer)
      return tokenizer.takeError();
    Expected<std::vector<int32_t>> ids = encodePrompt(**tokenizer, prompt);
    if (!ids)
      return ids.takeError();
    result.push_back(std::move(*ids));
  }
  return result;
}

Error GenerateCommand::makeOptions(const Program &program, size_t longest) {
  options.maxTokens = count;
  int64_t context = program.getManifest().model.contextLength;
  int64_t room = context - static_cast<int64_t>(longest) + 1;
  if (!count.getNumOccurrences() && room > 0)
    options.maxTokens = std::min<int64_t>(options.maxTokens, room);
  options.sampler.temperature = temperature;
  options.sampler.topK = topK;
  options.sampler.topP = topP;
  options.sampler.minP = minP;
  options.sampler.seed = seed;
  options.stopStrings.assign(stop.begin(), stop.end());
  options.ignoreEndOfText = ignoreEos;
  options.keepFirstLogits = logits;
  if (logits && !common.json)
    return makeError("--logits needs --json");
  return Error::success();
}

static double getRate(int64_t tokens, double seconds) {
  return seconds > 0 ? tokens / seconds : 0;
}

static json::Object getSequenceAsJSON(const GeneratedSequence &sequence,
                                      bool withLogits) {
  json::Object object{{"prompt_tokens", json::Array(sequence.prompt)},
                      {"tokens", json::Array(sequence.tokens)},
                      {"text", json::fixUTF8(sequence.text)},
                      {"stop_reason", str(sequence.reason)}};
  if (withLogits)
    object["first_logits"] = json::Array(sequence.firstLogits);
  return object;
}

void GenerateCommand::printReport(const GenerationResult &result) const {
  json::Object object =
      getSequenceAsJSON(result.sequences.front(), options.keepFirstLogits);
  if (result.sequences.size() > 1) {
    json::Array sequences;
    for (const GeneratedSequence &sequence : result.sequences)
      sequences.push_back(getSequenceAsJSON(sequence, options.keepFirstLogits));
    object["sequences"] = std::move(sequences);
  }
  object["timings"] =
      json::Object{{"threads", common.threads.getValue()},
                   {"prompt_tokens", result.promptTokens},
                   {"prompt_seconds", result.promptSeconds},
                   {"prompt_tokens_per_second",
                    getRate(result.promptTokens, result.promptSeconds)},
                   {"decode_tokens", result.decodedTokens},
                   {"decode_seconds", result.decodeSeconds},
                   {"decode_tokens_per_second",
                    getRate(result.decodedTokens, result.decodeSeconds)}};
  printJSON(std::move(object));
}

/// A single sequence was printed as it was generated.
void GenerateCommand::printText(const GenerationResult &result) const {
  if (result.sequences.size() > 1)
    for (auto [index, sequence] : enumerate(result.sequences))
      outs() << "[" << index << "] " << sequence.text << "\n";
  else
    outs() << "\n";
  outs().flush();
  errs() << formatv("prompt: {0} tokens, {1:f1} tokens/s; generated: {2} "
                    "tokens, {3:f1} tokens/s\n",
                    result.promptTokens,
                    getRate(result.promptTokens, result.promptSeconds),
                    result.decodedTokens,
                    getRate(result.decodedTokens, result.decodeSeconds));
}

Error GenerateCommand::run() {
  Expected<std::unique_ptr<Program>> program = openProgram(common);
  if (!program)
    return program.takeError();
  Expected<std::vector<std::vector<int32_t>>> ids = readPrompts(**program);
  if (!ids)
    return ids.takeError();
  size_t longest = 0;
  for (const std::vector<int32_t> &prompt : *ids)
    longest = std::max(longest, prompt.size());
  if (Error error = makeOptions(**program, longest))
    return error;
  SessionOptions sessionOptions;
  sessionOptions.threads = common.threads;
  sessionOptions.sequences = ids->size();
  sessionOptions.contextLength =
      longest + std::max<int64_t>(options.maxTokens, 1) - 1;
  Expected<std::unique_ptr<Session>> session =
      Session::create(**program, sessionOptions);
  if (!session)
    return session.takeError();
  bool streams = !common.json && ids->size() == 1;
  Expected<GenerationResult> result =
      generate(**session, (*program)->getTokenizer(), *ids, options,
               [&](size_t, StringRef text) {
                 if (streams) {
                   outs() << text;
                   outs().flush();
                 }
               });
  if (!result)
    return result.takeError();
  if (common.json)
    printReport(*result);
  else
    printText(*result);
  return Error::success();
}

std::unique_ptr<Command> mlir::compress::makeGenerateCommand() {
  return std::make_unique<GenerateCommand>();
}
