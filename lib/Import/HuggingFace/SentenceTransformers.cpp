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

/// The mode that one of the fields `pooling_mode_...` switches on.
static std::optional<PoolingInfo::Mode> findMode(StringRef field) {
  using Mode = PoolingInfo::Mode;
  return StringSwitch<std::optional<Mode>>(field)
      .Case("mean_tokens", Mode::Mean)
      .Case("max_tokens", Mode::Max)
      .Case("cls_token", Mode::FirstToken)
      .Case("lasttoken", Mode::LastToken)
      .Default(std::nullopt);
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
    StringRef name = key;
    if (!name.consume_front("pooling_mode_") ||
        !field.getAsBoolean().value_or(false))
      continue;
    std::optional<PoolingInfo::Mode> mode = findMode(name);
    if (!mode)
      return makeFileError(path, "its pooling \"" + StringRef(key) +
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
  Expected<json::Object> config =
      readMember(folder, "sentence_bert_config.json");
  if (!config)
    return config.takeError();
  pooling.maxTokens = config->getInteger("max_seq_length").value_or(0);
  if (pooling.maxTokens < 0)
    return makeFileError(getMemberPath(folder, "sentence_bert_config.json"),
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
