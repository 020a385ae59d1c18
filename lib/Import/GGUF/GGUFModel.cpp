//===- GGUFModel.cpp - A GGUF file as a model -----------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GGUFTokenizer.h"

#include "compress/Import/ModelFiles.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace mlir::compress;

namespace {
class GGUFModel : public ModelFiles {
public:
  explicit GGUFModel(GGUFFile file)
      : ModelFiles(SourceKind::GGUF, file.getPath()), file(std::move(file)) {}

  Error load();
  std::string getMetadataPath() const override { return getPath().str(); }
  std::string getName() const override;
  std::optional<json::Value> find(StringRef key) const override;
  std::vector<std::string> getKeys() const override;
  Expected<std::optional<TokenizerModel>> readTokenizer() const override {
    return readGGUFTokenizer(file);
  }

private:
  GGUFFile file;
};
} // namespace

Error GGUFModel::load() {
  const GGUFValue *name = file.find("general.architecture");
  std::optional<StringRef> word = name ? name->getString() : std::nullopt;
  if (!word)
    return makeFileError(getPath(), "does not say its architecture (metadata "
                                    "\"general.architecture\"): it is not a "
                                    "language model");
  architecture = word->str();

  const GGUFValue *parts = file.find("split.count");
  if (parts && parts->getInteger().value_or(0) > 1)
    return makeFileError(getPath(), "is one part of a model in " +
                                        Twine(*parts->getInteger()) +
                                        "; join them first (llama-gguf-split "
                                        "--merge)");
  for (const GGUFTensor &tensor : file.getTensors())
    addTensor({getPath().str(), tensor.name.str(), tensor.shape,
               tensor.type->name.str(), findStorageFormat(tensor.type->name),
               tensor.data});
  return Error::success();
}

std::string GGUFModel::getName() const {
  const GGUFValue *name = file.find("general.name");
  if (std::optional<StringRef> word = name ? name->getString() : std::nullopt)
    return word->str();
  return sys::path::stem(getPath()).str();
}

/// A metadata value as JSON; nothing for numbers that JSON can't hold.
static std::optional<json::Value> toJSON(const GGUFValue &value) {
  if (std::optional<int64_t> integer = value.getInteger())
    return *integer;
  if (std::optional<double> number = value.getNumber())
    return *number;
  if (std::optional<bool> truth = value.getBool())
    return *truth;
  if (std::optional<StringRef> text = value.getString())
    return json::isUTF8(*text) ? text->str() : json::fixUTF8(*text);
  json::Array array;
  for (uint64_t i = 0; i != value.size(); ++i)
    array.push_back(toJSON(value.getElement(i)).value_or(nullptr));
  return array;
}

std::optional<json::Value> GGUFModel::find(StringRef key) const {
  const GGUFValue *value = file.find(key);
  return value ? toJSON(*value) : std::nullopt;
}

std::vector<std::string> GGUFModel::getKeys() const {
  std::vector<std::string> keys;
  for (StringRef key : file.getKeys())
    if (key.starts_with(architecture + "."))
      keys.push_back(key.str());
  return keys;
}

Expected<std::unique_ptr<ModelFiles>>
mlir::compress::openGGUFModel(StringRef path) {
  Expected<GGUFFile> file = GGUFFile::open(path);
  if (!file)
    return file.takeError();
  auto model = std::make_unique<GGUFModel>(std::move(*file));
  if (Error error = model->load())
    return error;
  return model;
}
