//===- Embed.cpp - compress-run embed -------------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"

#include "compress/Runtime/Embedder.h"
#include "compress/Support/Error.h"
#include "compress/Support/MappedFile.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/WithColor.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace mlir::compress;

namespace {

/// A text, and what messages call it.
struct NamedText {
  std::string name;
  StringRef text;
};

class EmbedCommand : public Command {
public:
  EmbedCommand()
      : Command("embed", "Print the embeddings of texts, one per line: numbers "
                         "with spaces between them") {}
  Error run() override;

private:
  Expected<std::vector<NamedText>> readTexts();
  Expected<Embedding> embed(Embedder &embedder, const NamedText &text) const;

  CommonOptions common{command};
  cl::list<std::string> texts{"text", cl::desc("A text; may be repeated"),
                              cl::value_desc("TEXT"), cl::sub(command)};
  cl::opt<std::string> file{"file", cl::desc("Texts, UTF-8, one per line"),
                            cl::value_desc("F"), cl::sub(command)};
  std::optional<MappedFile> mapped;
};

} // namespace

Expected<std::vector<NamedText>> EmbedCommand::readTexts() {
  if (texts.empty() == file.empty())
    return makeError("give texts either one by one (--text) or as the lines of "
                     "a file (--file)");
  std::vector<NamedText> result;
  for (const std::string &text : texts)
    result.push_back({formatv("--text {0}", result.size() + 1), text});
  if (file.empty())
    return result;
  Expected<MappedFile> opened = MappedFile::open(file);
  if (!opened)
    return opened.takeError();
  mapped = std::move(*opened);
  for (StringRef line : splitLines(mapped->getText()))
    result.push_back({formatv("{0}:{1}", file, result.size() + 1), line});
  if (result.empty())
    return makeFileError(file, "is empty; it should have a text per line");
  return result;
}

/// Says on stderr where a text was cut.
Expected<Embedding> EmbedCommand::embed(Embedder &embedder,
                                        const NamedText &text) const {
  Expected<Embedding> embedding = embedder.embed(text.text);
  if (!embedding)
    return makeError(text.name + ": " + toString(embedding.takeError()));
  if (embedding->isTruncated())
    WithColor::warning(errs(), "compress-run")
        << text.name << ": the text has " << embedding->textTokens
        << " tokens, the model takes " << embedding->usedTokens
        << "; the rest is left out\n";
  return embedding;
}

static void printLine(ArrayRef<float> values) {
  // Nine digits tell every f32 from its neighbours.
  interleave(
      values, outs(), [](float value) { outs() << format("%.9g", value); },
      " ");
  outs() << "\n";
}

static json::Object getAsJSON(const Embedding &embedding) {
  json::Array values;
  values.reserve(embedding.values.size());
  for (float value : embedding.values)
    values.push_back(value);
  return json::Object{{"text_tokens", embedding.textTokens},
                      {"tokens", embedding.usedTokens},
                      {"truncated", embedding.isTruncated()},
                      {"embedding", std::move(values)}};
}

Error EmbedCommand::run() {
  Expected<std::vector<NamedText>> named = readTexts();
  if (!named)
    return named.takeError();
  Expected<std::unique_ptr<Program>> program = openProgram(common);
  if (!program)
    return program.takeError();
  Expected<std::unique_ptr<Embedder>> embedder =
      Embedder::create(**program, common.threads);
  if (!embedder)
    return makeFileError(common.input, toString(embedder.takeError()));
  json::Array all;
  for (const NamedText &text : *named) {
    Expected<Embedding> embedding = embed(**embedder, text);
    if (!embedding)
      return embedding.takeError();
    if (common.json)
      all.push_back(getAsJSON(*embedding));
    else
      printLine(embedding->values);
  }
  if (!common.json)
    return Error::success();
  const PoolingInfo &pooling = (*embedder)->getPooling();
  json::Object object{{"width", (*embedder)->getWidth()},
                      {"pooling", str(pooling.mode)},
                      {"normalized", pooling.normalize},
                      {"max_tokens", pooling.maxTokens},
                      {"embeddings", std::move(all)}};
  // In one line: a number per line would be a long page.
  outs() << formatv("{0}", json::Value(std::move(object))) << "\n";
  return Error::success();
}

std::unique_ptr<Command> mlir::compress::makeEmbedCommand() {
  return std::make_unique<EmbedCommand>();
}
