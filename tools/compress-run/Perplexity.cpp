//===- Perplexity.cpp - compress-run perplexity ---------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"

#include "compress/Runtime/Perplexity.h"
#include "compress/Support/Error.h"
#include "compress/Support/MappedFile.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace mlir::compress;

namespace {

class PerplexityCommand : public Command {
public:
  PerplexityCommand()
      : Command("perplexity", "Score how well a model predicts a text") {}
  Error run() override;

private:
  Expected<PerplexityResult> score(const Program &program) const;

  CommonOptions common{command};
  cl::opt<std::string> file{"file", cl::desc("Text, UTF-8"), cl::Required,
                            cl::value_desc("F"), cl::sub(command)};
  cl::opt<int64_t> context{"context", cl::desc("Tokens per chunk (512)"),
                           cl::init(512), cl::value_desc("N"),
                           cl::sub(command)};
  cl::opt<int64_t> chunks{"chunks",
                          cl::desc("Chunks to score (as many as there are)"),
                          cl::init(0), cl::value_desc("N"), cl::sub(command)};
};

} // namespace

Expected<PerplexityResult>
PerplexityCommand::score(const Program &program) const {
  Expected<const Tokenizer *> tokenizer = program.requireTokenizer();
  if (!tokenizer)
    return tokenizer.takeError();
  Expected<MappedFile> text = MappedFile::open(file);
  if (!text)
    return text.takeError();
  Expected<std::vector<int32_t>> tokens = (*tokenizer)->encode(text->getText());
  if (!tokens)
    return makeFileError(file, toString(tokens.takeError()));
  SessionOptions sessionOptions;
  sessionOptions.threads = common.threads;
  sessionOptions.contextLength = context;
  Expected<std::unique_ptr<Session>> session =
      Session::create(program, sessionOptions);
  if (!session)
    return session.takeError();
  PerplexityOptions options;
  options.context = context;
  options.chunks = chunks;
  const TokenizerRules &rules = (*tokenizer)->getRules();
  if (rules.addBos)
    options.beginningOfText = rules.bos;
  Expected<PerplexityResult> result = computePerplexity(
      **session, *tokens, options, [&](const PerplexityResult &sofar) {
        if (!common.json)
          errs() << formatv("chunk {0}: perplexity {1:f4}\n", sofar.chunks,
                            sofar.perplexity);
      });
  if (!result)
    return makeFileError(file, toString(result.takeError()));
  return result;
}

Error PerplexityCommand::run() {
  Expected<std::unique_ptr<Program>> program = openProgram(common);
  if (!program)
    return program.takeError();
  Expected<PerplexityResult> result = score(**program);
  if (!result)
    return result.takeError();
  if (common.json)
    printJSON(json::Object{{"perplexity", result->perplexity},
                           {"tokens", result->tokens},
                           {"chunks", result->chunks},
                           {"context", context.getValue()},
                           {"mean_negative_log_likelihood", result->mean},
                           {"standard_error", result->standardError}});
  else
    outs() << formatv("perplexity {0:f4} over {1} tokens\n", result->perplexity,
                      result->tokens);
  return Error::success();
}

std::unique_ptr<Command> mlir::compress::makePerplexityCommand() {
  return std::make_unique<PerplexityCommand>();
}
