//===- ModelFiles.cpp - A model as it lies on disk ------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Import/ModelFiles.h"

#include "compress/Support/ElementType.h"
#include "llvm/Support/FileSystem.h"

using namespace llvm;
using namespace mlir::compress;

Error StoredTensor::fail(const Twine &message) const {
  return makeFileError(file, "tensor \"" + name + "\": " + message);
}

StringRef mlir::compress::str(SourceKind kind) {
  switch (kind) {
  case SourceKind::GGUF:
    return "gguf";
  case SourceKind::HuggingFace:
    return "huggingface";
  }
  llvm_unreachable("covered switch");
}

ModelFiles::~ModelFiles() = default;

const StoredTensor *ModelFiles::findTensor(StringRef name) const {
  auto it = indices.find(name);
  return it == indices.end() ? nullptr : &tensors[it->second];
}

bool ModelFiles::addTensor(StoredTensor tensor) {
  if (!indices.try_emplace(tensor.name, tensors.size()).second)
    return false;
  tensors.push_back(std::move(tensor));
  return true;
}

Expected<std::unique_ptr<ModelFiles>> ModelFiles::open(StringRef path) {
  if (!sys::fs::exists(path))
    return makeFileError(path, "does not exist; name a GGUF file or a Hugging "
                               "Face folder");
  if (sys::fs::is_directory(path))
    return openHuggingFaceModel(path);
  return openGGUFModel(path);
}

Expected<SmallVector<ComponentData>> StoredTensor::unpack() const {
  if (!format)
    return fail("has the type " + typeName + ", which can't be read");
  Expected<SmallVector<ComponentData>> components =
      unpackBlocks(*format, shape, data);
  if (!components)
    return fail(toString(components.takeError()));
  return components;
}

Expected<std::vector<float>> StoredTensor::decode() const {
  Expected<SmallVector<ComponentData>> components = unpack();
  if (!components)
    return components.takeError();
  SmallVector<ArrayRef<uint8_t>> views(components->begin(), components->end());
  std::vector<float> values(*countElements(shape));
  if (Error error = compress::decode(format->getEncoding(shape.size()), shape,
                                     views, values))
    return fail(toString(std::move(error)));
  return values;
}
