//===- HuggingFaceTokenizer.cpp - A folder's tokenizer --------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HuggingFaceFolder.h"
#include "TokenizerJSON.h"

#include "compress/Import/ModelFiles.h"
#include "compress/Support/JSON.h"
#include "compress/Support/MappedFile.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace mlir::compress;

static constexpr StringLiteral kTokenizerConfig = "tokenizer_config.json";
static constexpr StringLiteral kModelConfig = "config.json";
static constexpr StringLiteral kGenerationConfig = "generation_config.json";
static constexpr StringLiteral kChatTemplate = "chat_template.jinja";

/// The numbers at `key`: one, or a list of them.
static std::vector<int32_t> getIds(const json::Object &object, StringRef key,
                                   const TokenizerModel &model) {
  std::vector<int32_t> ids;
  auto add = [&](const json::Value &value) {
    std::optional<int64_t> id = value.getAsInteger();
    if (id && *id >= 0 && uint64_t(*id) < model.tokens.size())
      ids.push_back(static_cast<int32_t>(*id));
  };
  if (const json::Value *value = object.get(key)) {
    if (const json::Array *list = value->getAsArray())
      for (const json::Value &entry : *list)
        add(entry);
    else
      add(*value);
  }
  return ids;
}

/// Sets the special tokens: by spelling from tokenizer_config.json, else by
/// number from config.json.
static Error setSpecialTokens(StringRef folder, const json::Object &config,
                              const json::Object &modelConfig,
                              TokenizerModel &model) {
  for (auto [name, id] :
       {std::pair("bos_token", &model.bos), std::pair("eos_token", &model.eos),
        std::pair("unk_token", &model.unknown),
        std::pair("pad_token", &model.padding)}) {
    if (std::optional<StringRef> text = getTokenText(config, name)) {
      auto token = find(model.tokens, *text);
      if (token == model.tokens.end())
        return makeFileError(getMemberPath(folder, kTokenizerConfig),
                             StringRef(name) + " \"" + *text +
                                 "\" is not in the vocabulary");
      *id = token - model.tokens.begin();
    } else if (!*id) {
      std::vector<int32_t> ids =
          getIds(modelConfig, (StringRef(name) + "_id").str(), model);
      if (!ids.empty())
        *id = ids.front();
    }
  }
  return Error::success();
}

/// Everything that ends generation besides `eos`.
static Error setStopTokens(StringRef folder, const json::Object &modelConfig,
                           TokenizerModel &model) {
  Expected<json::Object> generation = readMember(folder, kGenerationConfig);
  if (!generation)
    return generation.takeError();
  for (const json::Object *object :
       {static_cast<const json::Object *>(&*generation), &modelConfig})
    for (int32_t id : getIds(*object, "eos_token_id", model))
      if (model.eos != id && !is_contained(model.stopTokens, id))
        model.stopTokens.push_back(id);
  return Error::success();
}

static Error setChatTemplate(StringRef folder, const json::Object &config,
                             TokenizerModel &model) {
  std::string path = getMemberPath(folder, kChatTemplate);
  if (sys::fs::exists(path)) {
    Expected<MappedFile> file = MappedFile::open(path);
    if (!file)
      return file.takeError();
    model.chatTemplate = file->getText().str();
    return Error::success();
  }
  if (std::optional<StringRef> text = config.getString("chat_template"))
    model.chatTemplate = text->str();
  // Several templates have names; "default" is the one for a plain chat.
  if (const json::Array *list = config.getArray("chat_template"))
    for (const json::Value &entry : *list)
      if (const json::Object *named = entry.getAsObject())
        if (named->getString("name") == StringRef("default"))
          model.chatTemplate = named->getString("template").value_or("").str();
  return Error::success();
}

/// Reads the file itself: vocab.txt, or else a tokenizer.json.
static Expected<TokenizerModel> parseTokenizerFile(StringRef path,
                                                   const json::Object &config) {
  if (sys::path::extension(path) == ".txt") {
    Expected<MappedFile> file = MappedFile::open(path);
    if (!file)
      return file.takeError();
    return parseVocabularyFile(file->getText(), config, path);
  }
  Expected<json::Value> tokenizer = readJSON(path);
  if (!tokenizer)
    return tokenizer.takeError();
  return parseTokenizerJSON(*tokenizer, path);
}

Expected<TokenizerModel> mlir::compress::readTokenizerFile(StringRef path) {
  StringRef folder = sys::path::parent_path(path);
  Expected<json::Object> config = readMember(folder, kTokenizerConfig);
  if (!config)
    return config.takeError();
  Expected<TokenizerModel> model = parseTokenizerFile(path, *config);
  if (!model)
    return model.takeError();
  Expected<json::Object> modelConfig = readMember(folder, kModelConfig);
  if (!modelConfig)
    return modelConfig.takeError();
  if (Error error = setSpecialTokens(folder, *config, *modelConfig, *model))
    return error;
  if (Error error = setStopTokens(folder, *modelConfig, *model))
    return error;
  if (Error error = setChatTemplate(folder, *config, *model))
    return error;
  if (Error error = model->verify())
    return makeFileError(path, toString(std::move(error)));
  return model;
}

std::vector<std::string> mlir::compress::getTokenizerFiles(StringRef path) {
  StringRef folder = sys::path::parent_path(path);
  return {path.str(), getMemberPath(folder, kTokenizerConfig),
          getMemberPath(folder, kModelConfig),
          getMemberPath(folder, kGenerationConfig),
          getMemberPath(folder, kChatTemplate)};
}
