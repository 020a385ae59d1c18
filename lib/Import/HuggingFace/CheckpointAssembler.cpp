//===- CheckpointAssembler.cpp - Tensors of quantized checkpoints ---------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CheckpointAssembler.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"

using namespace llvm;
using namespace mlir::compress;

/// The storage format whose bytes are arrays of this element, or null.
static const StorageFormat *findFormat(ElementType type) {
  switch (type) {
  case ElementType::F32:
    return findStorageFormat("F32");
  case ElementType::F16:
    return findStorageFormat("F16");
  case ElementType::BF16:
    return findStorageFormat("BF16");
  default:
    return nullptr;
  }
}

namespace {
class Assembler {
public:
  Assembler(ArrayRef<SafetensorsFile> files, const QuantizationConfig &config)
      : files(files), config(config) {}

  /// Finds the quantized modules.
  Error run();
  /// What an array becomes: a tensor, or nothing where it is a part of another.
  std::optional<StoredTensor> take(const SafetensorsFile &file,
                                   const SafetensorsTensor &array);

private:
  Error assemble(const SafetensorsFile &file, const SafetensorsTensor &codes,
                 StringRef module);
  const SafetensorsTensor *find(const Twine &name) const {
    return arrays.lookup(name.str());
  }

  ArrayRef<SafetensorsFile> files;
  const QuantizationConfig &config;
  StringMap<const SafetensorsTensor *> arrays;
  /// Arrays that are parts, and quantized tensors by the name of their codes.
  StringSet<> parts;
  StringMap<StoredTensor> weights;
};
} // namespace

/// Makes the tensor of a module.
Error Assembler::assemble(const SafetensorsFile &file,
                          const SafetensorsTensor &codes, StringRef module) {
  Expected<const CheckpointScheme *> scheme = config.find(module);
  if (!scheme)
    return scheme.takeError();
  StoredTensor tensor;
  tensor.file = file.getPath().str();
  tensor.name = module.str() + ".weight";
  tensor.typeName = (*scheme)->format->name.str();
  SmallVector<std::unique_ptr<CheckpointArray>> found;
  Expected<CheckpointWeight> weight = CheckpointWeight::create(
      **scheme, [&](StringRef suffix) -> const CheckpointArray * {
        const SafetensorsTensor *array = find(module + "." + suffix);
        if (!array)
          return nullptr;
        parts.insert(array->name);
        found.push_back(std::make_unique<CheckpointArray>(
            CheckpointArray{array->type, array->shape, array->data}));
        return found.back().get();
      });
  if (!weight)
    return tensor.fail(toString(weight.takeError()));
  if (!parts.contains(codes.name))
    return tensor.fail("is stored as " + codes.name + ", but " + config.path +
                       " says that it is " + tensor.typeName);
  tensor.shape.assign(weight->getShape().begin(), weight->getShape().end());
  tensor.weights.push_back(
      std::make_shared<const CheckpointWeight>(std::move(*weight)));
  weights[codes.name] = std::move(tensor);
  return Error::success();
}

Error Assembler::run() {
  for (const SafetensorsFile &file : files)
    for (const SafetensorsTensor &array : file.getTensors())
      arrays[array.name] = &array;
  for (const SafetensorsFile &file : files)
    for (const SafetensorsTensor &array : file.getTensors()) {
      std::pair<StringRef, StringRef> name = StringRef(array.name).rsplit('.');
      // Plain weights have the name of some formats' codes; scales tell.
      bool isCodes =
          any_of(getCheckpointFormats(), [&](const CheckpointFormat &format) {
            return name.second == format.codes.suffix &&
                   find(name.first + "." + format.scales);
          });
      if (!isCodes)
        continue;
      if (Error error = assemble(file, array, name.first))
        return error;
    }
  return Error::success();
}

std::optional<StoredTensor> Assembler::take(const SafetensorsFile &file,
                                            const SafetensorsTensor &array) {
  if (auto it = weights.find(array.name); it != weights.end())
    return std::move(it->second);
  if (parts.contains(array.name))
    return std::nullopt;
  StoredTensor tensor;
  tensor.file = file.getPath().str();
  tensor.name = array.name;
  tensor.shape = array.shape;
  tensor.typeName = StringRef(str(array.type)).upper();
  tensor.format = findFormat(array.type);
  tensor.data = array.data;
  return tensor;
}

Expected<std::vector<StoredTensor>> mlir::compress::assembleTensors(
    ArrayRef<SafetensorsFile> files,
    const std::optional<QuantizationConfig> &config) {
  static const QuantizationConfig none;
  Assembler assembler(files, config ? *config : none);
  if (config)
    if (Error error = assembler.run())
      return error;
  std::vector<StoredTensor> tensors;
  for (const SafetensorsFile &file : files)
    for (const SafetensorsTensor &array : file.getTensors())
      if (std::optional<StoredTensor> tensor = assembler.take(file, array))
        tensors.push_back(std::move(*tensor));
  return tensors;
}
