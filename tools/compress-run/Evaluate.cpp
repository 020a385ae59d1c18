//===- Evaluate.cpp - compress-run evaluate -------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"

#include "compress/Runtime/Evaluation.h"
#include "compress/Support/Error.h"
#include "compress/Support/MappedFile.h"
#include "compress/Support/ModelPath.h"
#include "compress/Support/Progress.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace mlir::compress;

namespace {

class EvaluateCommand : public Command {
public:
  EvaluateCommand()
      : Command("evaluate", "Measure the quality of a model: perplexity, "
                            "distance to another model, multiple choice") {}
  Error run() override;

private:
  Error verifyRequest() const;
  Expected<std::unique_ptr<Program>> openOther();
  Expected<std::unique_ptr<Session>> createSession(const Program &program,
                                                   int64_t length) const;
  Expected<std::vector<int32_t>> encodeText(const Program &program,
                                            StringRef text) const;
  Error scoreText(const Program &program, const Program *other);
  Error scoreAlone(const Program &program, ArrayRef<int32_t> tokens,
                   const PerplexityOptions &options);
  Error scoreAgainst(const Program &program, const Program &other,
                     ArrayRef<int32_t> tokens,
                     const PerplexityOptions &options);
  Error scoreChoices(const Program &program);
  Error scoreEmbeddings(const Program &program, const Program &other);
  void report(StringRef key, json::Object object, const Twine &text);

  CommonOptions common{command};
  cl::opt<std::string> file{
      "file", cl::desc("Text, UTF-8; for an encoder a text per line"),
      cl::value_desc("F"), cl::sub(command)};
  cl::opt<int64_t> context{"context", cl::desc("Tokens per chunk (512)"),
                           cl::init(512), cl::value_desc("N"),
                           cl::sub(command)};
  cl::opt<int64_t> chunks{"chunks",
                          cl::desc("Chunks to score (as many as there are)"),
                          cl::init(0), cl::value_desc("N"), cl::sub(command)};
  cl::opt<std::string> against{
      "against",
      cl::desc("Bundle or model to compare with, such as the original"),
      cl::value_desc("OTHER"), cl::sub(command)};
  cl::opt<std::string> againstScheme{
      "against-scheme",
      cl::desc("Encodings that a model to compare with is compiled with "
               "(source)"),
      cl::value_desc("S"), cl::sub(command)};
  cl::opt<std::string> choices{
      "multiple-choice",
      cl::desc("Questions: a JSON object with context, choices and answer per "
               "line"),
      cl::value_desc("F.jsonl"), cl::sub(command)};

  /// Options for the other program, which nobody can choose on a command line.
  cl::SubCommand none;
  CommonOptions otherOptions{none};
  json::Object results;
};

} // namespace

/// Adds a result to what --json prints, or prints it.
void EvaluateCommand::report(StringRef key, json::Object object,
                             const Twine &text) {
  if (common.json)
    results[key] = std::move(object);
  else
    outs() << text << "\n";
}

static json::Object getAsJSON(const PerplexityResult &result, int64_t context) {
  return json::Object{{"perplexity", result.perplexity},
                      {"tokens", result.tokens},
                      {"chunks", result.chunks},
                      {"context", context},
                      {"mean_negative_log_likelihood", result.mean},
                      {"standard_error", result.standardError}};
}

Error EvaluateCommand::verifyRequest() const {
  if (file.empty() && choices.empty())
    return makeError("give something to evaluate the model on: a text (--file) "
                     "or questions (--multiple-choice)");
  if (!against.empty() && file.empty())
    return makeError("--against compares what two models make of a text; give "
                     "one (--file)");
  if (againstScheme.getNumOccurrences() && against.empty())
    return makeError("--against-scheme needs --against");
  return Error::success();
}

Expected<std::unique_ptr<Program>> EvaluateCommand::openOther() {
  if (againstScheme.getNumOccurrences() && !isModelPath(against))
    return makeFileError(against,
                         "is no model to compile, which --against-scheme is "
                         "for");
  otherOptions.input = against;
  otherOptions.threads = common.threads;
  otherOptions.verify = common.verify;
  otherOptions.verbose = common.verbose;
  otherOptions.noJITCache = common.noJITCache;
  otherOptions.scheme = againstScheme;
  return openProgram(otherOptions);
}

Expected<std::unique_ptr<Session>>
EvaluateCommand::createSession(const Program &program, int64_t length) const {
  SessionOptions options;
  options.threads = common.threads;
  options.contextLength = length;
  return Session::create(program, options);
}

Expected<std::vector<int32_t>>
EvaluateCommand::encodeText(const Program &program, StringRef text) const {
  Expected<const Tokenizer *> tokenizer = program.requireTokenizer();
  if (!tokenizer)
    return tokenizer.takeError();
  Expected<std::vector<int32_t>> tokens = (*tokenizer)->encode(text);
  if (!tokens)
    return makeFileError(file, toString(tokens.takeError()));
  return tokens;
}

Error EvaluateCommand::scoreAlone(const Program &program,
                                  ArrayRef<int32_t> tokens,
                                  const PerplexityOptions &options) {
  Expected<std::unique_ptr<Session>> session = createSession(program, context);
  if (!session)
    return session.takeError();
  int64_t total = chunks > 0 ? chunks : tokens.size() / context;
  Progress progress("perplexity", total);
  Expected<PerplexityResult> result =
      computePerplexity(**session, tokens, options,
                        [&](const PerplexityResult &) { progress.advance(1); });
  if (!result)
    return makeFileError(file, toString(result.takeError()));
  report("perplexity", getAsJSON(*result, context),
         formatv("perplexity {0:f4} over {1} tokens", result->perplexity,
                 result->tokens)
             .str());
  return Error::success();
}

Error EvaluateCommand::scoreAgainst(const Program &program,
                                    const Program &other,
                                    ArrayRef<int32_t> tokens,
                                    const PerplexityOptions &options) {
  Expected<std::unique_ptr<Session>> session = createSession(program, context);
  if (!session)
    return session.takeError();
  Expected<std::unique_ptr<Session>> reference = createSession(other, context);
  if (!reference)
    return makeFileError(against, toString(reference.takeError()));
  int64_t total = chunks > 0 ? chunks : tokens.size() / context;
  Progress progress("comparing", total);
  Expected<DivergenceResult> result = computeDivergence(
      **session, **reference, tokens, options, [&] { progress.advance(1); });
  if (!result)
    return makeFileError(file, toString(result.takeError()));
  report("perplexity", getAsJSON(result->own, context),
         formatv("perplexity {0:f4} over {1} tokens", result->own.perplexity,
                 result->own.tokens)
             .str());
  json::Object object{
      {"model", against.getValue()},
      {"perplexity", getAsJSON(result->reference, context)},
      {"perplexity_ratio",
       result->own.perplexity / result->reference.perplexity},
      {"kl_divergence", json::Object{{"mean", result->mean},
                                     {"standard_error", result->standardError},
                                     {"median", result->median},
                                     {"percentile_99", result->percentile99},
                                     {"maximum", result->maximum}}},
      {"same_top_token",
       json::Object{{"share", result->sameTop},
                    {"standard_error", result->sameTopError}}}};
  std::string text = formatv(
      "against {0}, whose perplexity is {1:f4}: {2:f4} times as much\n"
      "KL divergence: mean {3:e3} +- {4:e1}, median {5:e3}, 99 % {6:e3}, "
      "maximum {7:e3} nats\n"
      "same first choice of the next token: {8:f2} % +- {9:f2} %",
      against, result->reference.perplexity,
      result->own.perplexity / result->reference.perplexity, result->mean,
      result->standardError, result->median, result->percentile99,
      result->maximum, result->sameTop * 100, result->sameTopError * 100);
  report("against", std::move(object), text);
  return Error::success();
}

Error EvaluateCommand::scoreText(const Program &program, const Program *other) {
  Expected<MappedFile> text = MappedFile::open(file);
  if (!text)
    return text.takeError();
  if (context < 1)
    return makeError("--context=" + Twine(context) +
                     ": expected a positive number of tokens");
  Expected<std::vector<int32_t>> tokens = encodeText(program, text->getText());
  if (!tokens)
    return tokens.takeError();
  PerplexityOptions options;
  options.context = context;
  options.chunks = chunks;
  const TokenizerRules &rules = program.getTokenizer()->getRules();
  if (rules.addBos)
    options.beginningOfText = rules.bos;
  if (!other)
    return scoreAlone(program, *tokens, options);
  // Without a tokenizer of its own it is given the tokens of the first.
  if (other->getTokenizer()) {
    Expected<std::vector<int32_t>> others = encodeText(*other, text->getText());
    if (!others)
      return others.takeError();
    if (*others != *tokens)
      return makeFileError(against, "makes other tokens of the text than " +
                                        common.input +
                                        "; both should be made from the same "
                                        "model");
  }
  return scoreAgainst(program, *other, *tokens, options);
}

Error EvaluateCommand::scoreChoices(const Program &program) {
  Expected<std::vector<MultipleChoiceQuestion>> questions =
      readQuestions(choices);
  if (!questions)
    return questions.takeError();
  Expected<const Tokenizer *> tokenizer = program.requireTokenizer();
  if (!tokenizer)
    return tokenizer.takeError();
  std::vector<EncodedQuestion> encoded;
  size_t longest = 1;
  for (const MultipleChoiceQuestion &question : *questions) {
    Expected<EncodedQuestion> tokens = encodeQuestion(
        **tokenizer, question, program.getManifest().model.contextLength);
    if (!tokens)
      return tokens.takeError();
    for (const EncodedQuestion::Choice &choice : tokens->choices)
      longest = std::max(longest, choice.tokens.size() - 1);
    encoded.push_back(std::move(*tokens));
  }
  Expected<std::unique_ptr<Session>> session = createSession(program, longest);
  if (!session)
    return session.takeError();
  Progress progress("multiple choice", encoded.size());
  Expected<MultipleChoiceResult> result =
      answerQuestions(**session, encoded, [&] { progress.advance(1); });
  if (!result)
    return result.takeError();
  report(
      "multiple_choice",
      json::Object{{"questions", result->questions},
                   {"accuracy", result->accuracy},
                   {"standard_error", result->standardError},
                   {"accuracy_per_byte", result->accuracyPerByte},
                   {"standard_error_per_byte", result->standardErrorPerByte}},
      formatv("multiple choice: {0:f2} % +- {1:f2} % right by likelihood, "
              "{2:f2} % +- {3:f2} % by likelihood per byte, {4} questions",
              result->accuracy * 100, result->standardError * 100,
              result->accuracyPerByte * 100, result->standardErrorPerByte * 100,
              result->questions)
          .str());
  return Error::success();
}

Error EvaluateCommand::scoreEmbeddings(const Program &program,
                                       const Program &other) {
  Expected<MappedFile> text = MappedFile::open(file);
  if (!text)
    return text.takeError();
  std::vector<StringRef> texts = splitLines(text->getText());
  Expected<std::unique_ptr<Embedder>> embedder =
      Embedder::create(program, common.threads);
  if (!embedder)
    return makeFileError(common.input, toString(embedder.takeError()));
  Expected<std::unique_ptr<Embedder>> reference =
      Embedder::create(other, common.threads);
  if (!reference)
    return makeFileError(against, toString(reference.takeError()));
  Progress progress("comparing", texts.size());
  Expected<EmbeddingDifference> result = compareEmbeddings(
      **embedder, **reference, texts, [&] { progress.advance(1); });
  if (!result)
    return makeFileError(file, toString(result.takeError()));
  report(
      "embeddings",
      json::Object{
          {"model", against.getValue()},
          {"texts", result->texts},
          {"cosine", json::Object{{"mean", result->meanCosine},
                                  {"minimum", result->leastCosine}}},
          {"relative_error", json::Object{{"mean", result->meanError},
                                          {"maximum", result->maximumError}}}},
      formatv("embeddings of {0} texts against {1}: cosine mean {2:f6}, "
              "least {3:f6}; relative error mean {4:e3}, largest {5:e3}",
              result->texts, against, result->meanCosine, result->leastCosine,
              result->meanError, result->maximumError)
          .str());
  return Error::success();
}

Error EvaluateCommand::run() {
  if (Error error = verifyRequest())
    return error;
  Expected<std::unique_ptr<Program>> program = openProgram(common);
  if (!program)
    return program.takeError();
  std::unique_ptr<Program> other;
  if (!against.empty()) {
    Expected<std::unique_ptr<Program>> opened = openOther();
    if (!opened)
      return opened.takeError();
    other = std::move(*opened);
  }
  const Manifest &manifest = (*program)->getManifest();
  bool isEncoder = manifest.find("encode") && !manifest.find("step");
  if (isEncoder && (!other || !choices.empty()))
    return makeFileError(common.input,
                         "is an encoder, whose embeddings can be compared with "
                         "another one's only: give --file and --against");
  if (!file.empty())
    if (Error error = isEncoder ? scoreEmbeddings(**program, *other)
                                : scoreText(**program, other.get()))
      return error;
  if (!choices.empty())
    if (Error error = scoreChoices(**program))
      return error;
  if (common.json)
    printJSON(std::move(results));
  return Error::success();
}

std::unique_ptr<Command> mlir::compress::makeEvaluateCommand() {
  return std::make_unique<EvaluateCommand>();
}
