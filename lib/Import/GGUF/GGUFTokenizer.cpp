//===- GGUFTokenizer.cpp - The tokenizer of a GGUF file -------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GGUFTokenizer.h"

#include "compress/Support/Error.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/JSON.h"

using namespace llvm;
using namespace mlir::compress;

namespace {
/// Reads the keys; what the format leaves open is filled in as llama.cpp does,
/// which wrote the files.
class Reader {
public:
  explicit Reader(const GGUFFile &file) : file(file) {}

  Expected<TokenizerModel> run(StringRef kind);

private:
  Error fail(StringRef key, const Twine &message) const {
    return makeFileError(file.getPath(), "metadata \"" + key + "\" " + message);
  }

  Error readTokens();
  Error readTypes();
  Error readByteLevel();
  Error readSentencePiece();
  Error readIds();
  void findEndOfTurn();
  Expected<std::optional<int32_t>> readId(StringRef key) const;
  Expected<bool> readBool(StringRef key, bool otherwise) const;

  const GGUFFile &file;
  TokenizerModel model;
};
} // namespace

/// Values of `tokenizer.ggml.pre` whose models take a piece that is a token as
/// it is and begin every text with their beginning-of-text token.
static constexpr StringLiteral wholePieceKinds[] = {"llama3", "llama-v3",
                                                    "llama-bpe"};

/// What ends a turn in the chat formats of these model families.
static constexpr StringLiteral endOfTurnTokens[] = {"<|eot_id|>", "<|im_end|>",
                                                    "<|end|>", "<end_of_turn>"};

Expected<TokenizerModel> Reader::run(StringRef kind) {
  if (Error error = readTokens())
    return error;
  if (Error error = readTypes())
    return error;
  if (kind == "gpt2") {
    if (Error error = readByteLevel())
      return error;
  } else if (kind == "llama") {
    if (Error error = readSentencePiece())
      return error;
  } else {
    return fail("tokenizer.ggml.model",
                "is \"" + kind +
                    "\", which is not supported; supported are gpt2 and llama");
  }
  if (Error error = readIds())
    return error;
  if (const GGUFValue *value = file.find("tokenizer.chat_template"))
    if (std::optional<StringRef> text = value->getString())
      model.chatTemplate = text->str();
  if (Error error = model.verify())
    return makeFileError(file.getPath(),
                         "its tokenizer: " + toString(std::move(error)));
  return std::move(model);
}

Error Reader::readTokens() {
  StringRef key = "tokenizer.ggml.tokens";
  const GGUFValue *value = file.find(key);
  std::optional<std::vector<StringRef>> tokens =
      value ? value->getStrings() : std::nullopt;
  if (!tokens)
    return fail(key, "is not a list of strings");
  for (auto [id, token] : enumerate(*tokens)) {
    if (!json::isUTF8(token))
      return fail(key, "has a token that is not UTF-8, number " + Twine(id));
    model.tokens.push_back(token.str());
  }
  return Error::success();
}

Error Reader::readTypes() {
  StringRef key = "tokenizer.ggml.token_type";
  model.types.assign(model.tokens.size(), TokenType::Normal);
  const GGUFValue *value = file.find(key);
  if (!value)
    return Error::success();
  std::optional<std::vector<int64_t>> types = value->getIntegers();
  if (!types || types->size() != model.tokens.size())
    return fail(key, "does not have an integer for each token");
  for (auto [id, type] : enumerate(*types)) {
    if (type < int64_t(TokenType::Normal) || type > int64_t(TokenType::Byte))
      return fail(key, "has the unknown type " + Twine(type) + " for token " +
                           Twine(id));
    model.types[id] = static_cast<TokenType>(type);
  }
  return Error::success();
}

Error Reader::readByteLevel() {
  model.spelling = TokenizerModel::Spelling::ByteLevel;
  model.merging = TokenizerModel::Merging::ByRank;
  StringRef key = "tokenizer.ggml.merges";
  const GGUFValue *value = file.find(key);
  std::optional<std::vector<StringRef>> merges =
      value ? value->getStrings() : std::nullopt;
  if (!merges)
    return fail(key, "is not a list of strings");
  if (Error error = model.setMerges(*merges))
    return fail(key, toString(std::move(error)));

  key = "tokenizer.ggml.pre";
  const GGUFValue *pre = file.find(key);
  std::optional<StringRef> name = pre ? pre->getString() : StringRef();
  if (!name)
    return fail(key, "is not a string");
  Expected<std::vector<SplitStep>> steps = getNamedPreTokenizer(*name);
  if (!steps)
    return fail(key, toString(steps.takeError()));
  model.preTokenizer = std::move(*steps);
  model.ignoreMerges = is_contained(wholePieceKinds, *name);
  Expected<bool> addSpace = readBool("tokenizer.ggml.add_space_prefix", false);
  if (!addSpace)
    return addSpace.takeError();
  if (*addSpace)
    model.prefixSpace = TokenizerModel::PrefixSpace::Always;
  Expected<bool> addBos =
      readBool("tokenizer.ggml.add_bos_token", model.ignoreMerges);
  if (!addBos)
    return addBos.takeError();
  model.addBos = *addBos;
  return Error::success();
}

Error Reader::readSentencePiece() {
  model.spelling = TokenizerModel::Spelling::Metaspace;
  model.merging = TokenizerModel::Merging::ByScore;
  StringRef key = "tokenizer.ggml.scores";
  const GGUFValue *value = file.find(key);
  std::optional<std::vector<double>> scores =
      value ? value->getNumbers() : std::nullopt;
  if (!scores || scores->size() != model.tokens.size())
    return fail(key, "does not have a number for each token");
  model.scores.assign(scores->begin(), scores->end());
  model.byteFallback = is_contained(model.types, TokenType::Byte);
  model.bos = 1;
  model.eos = 2;
  model.unknown = 0;
  Expected<bool> addSpace = readBool("tokenizer.ggml.add_space_prefix", true);
  if (!addSpace)
    return addSpace.takeError();
  if (*addSpace)
    model.prefixSpace = TokenizerModel::PrefixSpace::Always;
  Expected<bool> addBos = readBool("tokenizer.ggml.add_bos_token", true);
  if (!addBos)
    return addBos.takeError();
  model.addBos = *addBos;
  return Error::success();
}

Error Reader::readIds() {
  for (auto [key, id] :
       {std::pair("tokenizer.ggml.bos_token_id", &model.bos),
        std::pair("tokenizer.ggml.eos_token_id", &model.eos),
        std::pair("tokenizer.ggml.unknown_token_id", &model.unknown),
        std::pair("tokenizer.ggml.padding_token_id", &model.padding),
        std::pair("tokenizer.ggml.eot_token_id", &model.eot)}) {
    Expected<std::optional<int32_t>> value = readId(key);
    if (!value)
      return value.takeError();
    if (*value)
      *id = *value;
  }
  Expected<bool> addEos = readBool("tokenizer.ggml.add_eos_token", false);
  if (!addEos)
    return addEos.takeError();
  model.addEos = *addEos;
  if (!model.eot)
    findEndOfTurn();
  return Error::success();
}

/// Files rarely say what ends a turn; the spelling does.
void Reader::findEndOfTurn() {
  for (auto [id, token] : enumerate(model.tokens))
    if (model.types[id] == TokenType::Control &&
        is_contained(endOfTurnTokens, token)) {
      if (model.eos != int32_t(id))
        model.eot = id;
      return;
    }
}

Expected<std::optional<int32_t>> Reader::readId(StringRef key) const {
  const GGUFValue *value = file.find(key);
  if (!value)
    return std::nullopt;
  std::optional<int64_t> id = value->getInteger();
  if (!id || *id < 0 || uint64_t(*id) >= model.tokens.size())
    return fail(key, "is not the number of a token");
  return static_cast<int32_t>(*id);
}

Expected<bool> Reader::readBool(StringRef key, bool otherwise) const {
  const GGUFValue *value = file.find(key);
  if (!value)
    return otherwise;
  if (std::optional<bool> truth = value->getBool())
    return *truth;
  return fail(key, "is not true or false");
}

Expected<std::optional<TokenizerModel>>
mlir::compress::readGGUFTokenizer(const GGUFFile &file) {
  const GGUFValue *value = file.find("tokenizer.ggml.model");
  if (!value)
    return std::nullopt;
  std::optional<StringRef> kind = value->getString();
  if (!kind)
    return makeFileError(file.getPath(),
                         "metadata \"tokenizer.ggml.model\" is not a string");
  Expected<TokenizerModel> model = Reader(file).run(*kind);
  if (!model)
    return model.takeError();
  return std::move(*model);
}
