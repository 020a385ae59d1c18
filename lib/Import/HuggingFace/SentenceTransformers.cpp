//===- SentenceTransformers.cpp - How texts get embeddings ----------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SentenceTransformers.h"

#include "HuggingFaceFolder.h"

#include "compress/Support/Error.h"
#include "compress/Support/JSON.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FileSystem.h"

using namespace llvm;
using namespace mlir::compress;

static constexpr StringLiteral kModules = "modules.json";
static constexpr StringLiteral kPrompts = "config_sentence_transformers.json";

static constexpr StringLiteral kTransformer = "sentence_bert_config.json";

/// The mode that one of the fields `pooling_mode_...` switches on, or that
/// `pooling_mode` names.
static std::optional<PoolingInfo::Mode> findMode(StringRef word) {
  using Mode = PoolingInfo::Mode;
  return StringSwitch<std::optional<Mode>>(word)
      .Cases({"mean_tokens", "mean"}, Mode::Mean)
      .Cases({"max_tokens", "max"}, Mode::Max)
      .Cases({"cls_token", "cls"}, Mode::FirstToken)
      .Case("lasttoken", Mode::LastToken)
      .Default(std::nullopt);
}

/// The pooling that a field asks for; empty where it asks for none.
static StringRef getPooling(StringRef key, const json::Value &field) {
  if (key == "pooling_mode")
    return field.getAsString().value_or("?");
  bool isOn = field.getAsBoolean().value_or(false);
  return key.consume_front("pooling_mode_") && isOn ? key : StringRef();
}

/// Reads the configuration of a pooling module.
static Error readPoolingModule(StringRef folder, PoolingInfo &pooling) {
  std::string path = getMemberPath(folder, "config.json");
  Expected<json::Value> value = readJSON(path);
  if (!value)
    return value.takeError();
  const json::Object *object = value->getAsObject();
  if (!object)
    return makeFileError(path, "is not a JSON object");
  std::optional<PoolingInfo::Mode> found;
  for (const auto &[key, field] : *object) {
    StringRef name = getPooling(key, field);
    if (name.empty())
      continue;
    std::optional<PoolingInfo::Mode> mode = findMode(name);
    if (!mode)
      return makeFileError(path, "its pooling \"" + name +
                                     "\" is not supported; mean_tokens, "
                                     "max_tokens, cls_token and lasttoken are");
    if (found)
      return makeFileError(path, "asks for several poolings side by side, "
                                 "which is not supported");
    found = mode;
  }
  if (!found)
    return makeFileError(path, "does not say which pooling it is "
                               "(pooling_mode_mean_tokens, ...)");
  pooling.mode = *found;
  return Error::success();
}

/// Reads one entry of modules.json; their order is that of the steps.
static Error readModule(StringRef folder, const json::Value &value,
                        PoolingInfo &pooling) {
  std::string list = getMemberPath(folder, kModules);
  const json::Object *module = value.getAsObject();
  std::optional<StringRef> type, path;
  if (module) {
    type = module->getString("type");
    path = module->getString("path");
  }
  if (!type || !path)
    return makeFileError(list, "has a module without \"type\" or \"path\"");
  // `sentence_transformers.models.Pooling`; packages move.
  StringRef name = type->rsplit('.').second;
  if (name.empty())
    name = *type;
  if (name == "Transformer" && path->empty())
    return Error::success();
  if (name == "Normalize") {
    pooling.normalize = true;
    return Error::success();
  }
  if (name != "Pooling")
    return makeFileError(list, "its module \"" + name + "\" at \"" + *path +
                                   "\" is not supported; Transformer (in the "
                                   "folder itself), Pooling and Normalize are");
  if (path->contains("..") || path->starts_with("/"))
    return makeFileError(list,
                         "its path \"" + *path + "\" leads out of the folder");
  return readPoolingModule(getMemberPath(folder, *path), pooling);
}

Expected<PoolingInfo>
mlir::compress::readSentenceTransformers(StringRef folder) {
  PoolingInfo pooling;
  std::string list = getMemberPath(folder, kModules);
  if (sys::fs::exists(list)) {
    Expected<json::Value> modules = readJSON(list);
    if (!modules)
      return modules.takeError();
    const json::Array *array = modules->getAsArray();
    if (!array)
      return makeFileError(list, "is not a list of modules");
    for (const json::Value &module : *array)
      if (Error error = readModule(folder, module, pooling))
        return error;
  }
  Expected<json::Object> config = readMember(folder, kTransformer);
  if (!config)
    return config.takeError();
  pooling.maxTokens = config->getInteger("max_seq_length").value_or(0);
  if (pooling.maxTokens < 0)
    return makeFileError(getMemberPath(folder, kTransformer),
                         "its \"max_seq_length\" is negative");
  Expected<json::Object> prompts = readMember(folder, kPrompts);
  if (!prompts)
    return prompts.takeError();
  if (std::optional<StringRef> name = prompts->getString("default_prompt_name"))
    return makeFileError(getMemberPath(folder, kPrompts),
                         "puts the prompt \"" + *name +
                             "\" before every text, which is not supported; "
                             "set \"default_prompt_name\" to null and give "
                             "texts with their prompt");
  return pooling;
}

Error mlir::compress::applySentenceTransformers(StringRef folder,
                                                TokenizerModel &tokenizer) {
  Expected<json::Object> config = readMember(folder, kTransformer);
  if (!config)
    return config.takeError();
  if (!config->getBoolean("do_lower_case").value_or(false))
    return Error::success();
  if (tokenizer.spelling != TokenizerModel::Spelling::Words)
    return makeFileError(getMemberPath(folder, kTransformer),
                         "asks for texts in lower case (do_lower_case), which "
                         "is supported for WordPiece tokenizers only");
  tokenizer.normalizer.lowercase = true;
  return Error::success();
}
