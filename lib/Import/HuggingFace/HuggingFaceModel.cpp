//===- HuggingFaceModel.cpp - A Hugging Face folder -----------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CheckpointAssembler.h"
#include "HuggingFaceFolder.h"
#include "SentenceTransformers.h"

#include "compress/Import/ModelFiles.h"
#include "compress/Support/JSON.h"
#include "compress/Support/Safetensors.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace mlir::compress;

namespace {
/// config.json with weights in model.safetensors, or in shards that
/// model.safetensors.index.json lists
/// (https://huggingface.co/docs/transformers/main_classes/model).
class HuggingFaceModel : public ModelFiles {
public:
  HuggingFaceModel(StringRef path, json::Value config)
      : ModelFiles(SourceKind::HuggingFace, path), config(std::move(config)) {}

  Error load();
  std::string getMetadataPath() const override {
    return getMember("config.json");
  }
  std::string getName() const override;
  std::optional<json::Value> find(StringRef key) const override;
  std::vector<std::string> getKeys() const override;
  Expected<std::optional<TokenizerModel>> readTokenizer() const override;
  Expected<PoolingInfo> readPooling() const override {
    return readSentenceTransformers(getPath());
  }

private:
  std::string getMember(StringRef name) const;
  Expected<std::vector<std::string>> getShards();
  Error loadShard(StringRef path);
  Error addTensors();
  Error checkIndex() const;

  json::Value config;
  std::vector<SafetensorsFile> shards;
  /// Where the index says each tensor lies; empty without one.
  StringMap<std::string> weightMap;
  /// Where each array of the shards lies.
  StringMap<std::string> arrayFiles;
};

/// Tells how the weights are stored; of what the model computes it says
/// nothing.
constexpr StringLiteral kQuantizationConfig = "quantization_config";
} // namespace

std::string HuggingFaceModel::getMember(StringRef name) const {
  return getMemberPath(getPath(), name);
}

std::string HuggingFaceModel::getName() const {
  SmallString<128> path(getPath());
  // "." and "folder/" have no file name of their own.
  (void)sys::fs::make_absolute(path);
  sys::path::remove_dots(path, /*remove_dot_dot=*/true);
  return sys::path::filename(path).str();
}

//===----------------------------------------------------------------------===//
// Configuration
//===----------------------------------------------------------------------===//

/// The value at `key`, in which dots lead into nested objects.
static const json::Value *findNested(const json::Object &object,
                                     StringRef key) {
  // A key may have a dot itself; a whole match comes first.
  if (const json::Value *value = object.get(key))
    return value;
  auto [outer, inner] = key.split('.');
  const json::Object *nested =
      inner.empty() ? nullptr : object.getObject(outer);
  return nested ? findNested(*nested, inner) : nullptr;
}

std::optional<json::Value> HuggingFaceModel::find(StringRef key) const {
  const json::Value *value = findNested(*config.getAsObject(), key);
  if (!value || value->kind() == json::Value::Null)
    return std::nullopt;
  return *value;
}

/// Adds the keys of all values below `object` that are no objects and not null.
static void addKeys(const json::Object &object, const Twine &prefix,
                    std::vector<std::string> &keys) {
  for (const auto &[key, value] : object) {
    std::string whole = (prefix + StringRef(key)).str();
    if (const json::Object *nested = value.getAsObject())
      addKeys(*nested, whole + ".", keys);
    else if (value.kind() != json::Value::Null)
      keys.push_back(std::move(whole));
  }
}

std::vector<std::string> HuggingFaceModel::getKeys() const {
  std::vector<std::string> keys;
  json::Object described = *config.getAsObject();
  described.erase(kQuantizationConfig);
  addKeys(described, "", keys);
  // JSON objects have no order.
  sort(keys);
  return keys;
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

Error HuggingFaceModel::load() {
  const json::Object *object = config.getAsObject();
  if (!object)
    return makeFileError(getMetadataPath(), "is not a JSON object");
  std::optional<StringRef> type = object->getString("model_type");
  if (!type)
    return makeFileError(getMetadataPath(), "does not say its \"model_type\"");
  architecture = type->str();

  Expected<std::vector<std::string>> paths = getShards();
  if (!paths)
    return paths.takeError();
  for (const std::string &path : *paths)
    if (Error error = loadShard(path))
      return error;
  if (Error error = checkIndex())
    return error;
  return addTensors();
}

/// The files that hold the weights; fills `weightMap` where there is an index.
Expected<std::vector<std::string>> HuggingFaceModel::getShards() {
  std::string single = getMember("model.safetensors");
  if (sys::fs::exists(single))
    return std::vector<std::string>{single};
  std::string indexPath = getMember("model.safetensors.index.json");
  if (!sys::fs::exists(indexPath))
    return makeFileError(getPath(),
                         "has neither model.safetensors nor "
                         "model.safetensors.index.json; store the weights as "
                         "safetensors (save_pretrained does)");
  Expected<json::Value> index = readJSON(indexPath);
  if (!index)
    return index.takeError();
  const json::Object *object = index->getAsObject();
  const json::Object *map = object ? object->getObject("weight_map") : nullptr;
  if (!map)
    return makeFileError(indexPath, "has no object \"weight_map\"");

  std::vector<std::string> paths;
  for (const auto &[name, value] : *map) {
    std::optional<StringRef> file = value.getAsString();
    // A shard lies beside its index; anything else is no file of this model.
    if (!file || file->empty() || sys::path::filename(*file) != *file ||
        *file == "." || *file == "..")
      return makeFileError(indexPath, "tensor \"" + StringRef(name) +
                                          "\" is not mapped to the name of a "
                                          "file in the same folder");
    weightMap[StringRef(name)] = file->str();
    paths.push_back(getMember(*file));
  }
  sort(paths);
  paths.erase(llvm::unique(paths), paths.end());
  return paths;
}

Error HuggingFaceModel::loadShard(StringRef path) {
  Expected<SafetensorsFile> shard = SafetensorsFile::open(path);
  if (!shard)
    return shard.takeError();
  for (const SafetensorsTensor &tensor : shard->getTensors())
    if (!arrayFiles.try_emplace(tensor.name, path).second)
      return makeFileError(path, "tensor \"" + tensor.name +
                                     "\" lies in another shard as well");
  shards.push_back(std::move(*shard));
  return Error::success();
}

Error HuggingFaceModel::checkIndex() const {
  for (const auto &entry : weightMap) {
    auto file = arrayFiles.find(entry.first());
    if (file == arrayFiles.end() ||
        sys::path::filename(file->second) != entry.second)
      return makeFileError(getMember("model.safetensors.index.json"),
                           "tensor \"" + entry.first() +
                               "\" is not in its shard " + entry.second +
                               "; fetch the model again");
  }
  return Error::success();
}

/// Puts the arrays of quantized weights together.
Error HuggingFaceModel::addTensors() {
  std::optional<QuantizationConfig> quantization;
  if (std::optional<json::Value> value = find(kQuantizationConfig)) {
    Expected<QuantizationConfig> parsed =
        QuantizationConfig::parse(*value, getMetadataPath());
    if (!parsed)
      return parsed.takeError();
    quantization = std::move(*parsed);
  }
  Expected<std::vector<StoredTensor>> tensors =
      assembleTensors(shards, quantization);
  if (!tensors)
    return tensors.takeError();
  for (StoredTensor &tensor : *tensors) {
    if (findTensor(tensor.name))
      return tensor.fail("is there as codes with scales, and whole as well");
    addTensor(std::move(tensor));
  }
  return Error::success();
}

Expected<std::optional<TokenizerModel>>
HuggingFaceModel::readTokenizer() const {
  for (StringRef name : {"tokenizer.json", "vocab.txt"})
    if (sys::fs::exists(getMember(name))) {
      Expected<TokenizerModel> model = readTokenizerFile(getMember(name));
      if (!model)
        return model.takeError();
      if (Error error = applySentenceTransformers(getPath(), *model))
        return error;
      return std::move(*model);
    }
  if (sys::fs::exists(getMember("tokenizer.model")))
    return makeFileError(getPath(),
                         "has tokenizer.model but no tokenizer.json; convert "
                         "it (AutoTokenizer's save_pretrained does)");
  return std::nullopt;
}

Expected<std::unique_ptr<ModelFiles>>
mlir::compress::openHuggingFaceModel(StringRef path) {
  SmallString<128> configPath(path);
  sys::path::append(configPath, "config.json");
  if (!sys::fs::exists(configPath))
    return makeFileError(path, "has no config.json; name a Hugging Face folder "
                               "or a GGUF file");
  Expected<json::Value> config = readJSON(configPath);
  if (!config)
    return config.takeError();
  auto model = std::make_unique<HuggingFaceModel>(path, std::move(*config));
  if (Error error = model->load())
    return error;
  return model;
}
