//===- SafetensorsFile.cpp - Reads archives of named tensors --------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SafetensorsFormat.h"

#include "compress/Support/Error.h"
#include "compress/Support/JSON.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"

using namespace llvm;
using namespace mlir::compress;

namespace {
struct TypeName {
  StringLiteral name;
  ElementType type;
};
} // namespace

static constexpr TypeName typeNames[] = {{"F32", ElementType::F32},
                                         {"F16", ElementType::F16},
                                         {"BF16", ElementType::BF16},
                                         {"U8", ElementType::U8},
                                         {"I8", ElementType::I8},
                                         {"I32", ElementType::I32},
                                         {"I64", ElementType::I64},
                                         {"BOOL", ElementType::Bool},
                                         {"F8_E4M3", ElementType::F8E4M3FN},
                                         {"F8_E5M2", ElementType::F8E5M2},
                                         {"F8_E8M0", ElementType::F8E8M0FNU},
                                         {"I16", ElementType::I16},
                                         {"U16", ElementType::U16},
                                         {"U32", ElementType::U32},
                                         {"U64", ElementType::U64},
                                         {"F64", ElementType::F64}};

StringRef mlir::compress::getSafetensorsName(ElementType type) {
  return find_if(typeNames,
                 [&](const TypeName &entry) { return entry.type == type; })
      ->name;
}

bool mlir::compress::isSafetensorsPadding(StringRef name) {
  return name.starts_with(safetensorsPadding);
}

Expected<SafetensorsFile> SafetensorsFile::open(StringRef path) {
  Expected<MappedFile> mapped = MappedFile::open(path);
  if (!mapped)
    return mapped.takeError();
  SafetensorsFile file(std::move(*mapped));
  if (Error error = file.parse())
    return error;
  return file;
}

const SafetensorsTensor *SafetensorsFile::find(StringRef name) const {
  auto it = indices.find(name);
  return it == indices.end() ? nullptr : &tensors[it->second];
}

Error SafetensorsFile::fail(StringRef tensor, const Twine &message) const {
  return makeFileError(getPath(), "tensor \"" + tensor + "\": " + message);
}

Error SafetensorsFile::parse() {
  ArrayRef<uint8_t> bytes = file.getBytes();
  if (bytes.size() < sizeof(uint64_t))
    return makeFileError(getPath(), "is too short for a safetensors file; "
                                    "fetch or copy it again");
  uint64_t length = support::endian::read64le(bytes.data());
  bytes = bytes.drop_front(sizeof(uint64_t));
  if (length > bytes.size())
    return makeFileError(getPath(), "its header should have " + Twine(length) +
                                        " bytes, but only " +
                                        Twine(bytes.size()) +
                                        " follow: the file is cut or is not a "
                                        "safetensors file");
  StringRef text(reinterpret_cast<const char *>(bytes.data()), length);
  ArrayRef<uint8_t> data = bytes.drop_front(length);

  Expected<json::Value> header = parseJSON(text, getPath());
  if (!header)
    return header.takeError();
  const json::Object *object = header->getAsObject();
  if (!object)
    return makeFileError(getPath(), "its header is not a JSON object");
  for (const auto &[key, value] : *object) {
    if (StringRef(key) == "__metadata__") {
      const json::Object *strings = value.getAsObject();
      if (!strings)
        return makeFileError(getPath(), "\"__metadata__\" is not an object");
      for (const auto &[name, entry] : *strings)
        if (std::optional<StringRef> string = entry.getAsString())
          metadata[StringRef(name)] = string->str();
        else
          return makeFileError(getPath(), "\"__metadata__\" has an entry \"" +
                                              StringRef(name) +
                                              "\" that is not a string");
      continue;
    }
    if (Error error = parseTensor(key, value, data))
      return error;
  }
  return checkCoverage(data);
}

/// A list of non-negative integers, or nothing.
static std::optional<SmallVector<int64_t>> getSizes(const json::Array *array) {
  if (!array)
    return std::nullopt;
  SmallVector<int64_t> sizes;
  for (const json::Value &value : *array) {
    std::optional<int64_t> size = value.getAsInteger();
    if (!size || *size < 0)
      return std::nullopt;
    sizes.push_back(*size);
  }
  return sizes;
}

Error SafetensorsFile::parseTensor(StringRef name, const json::Value &value,
                                   ArrayRef<uint8_t> data) {
  const json::Object *object = value.getAsObject();
  if (!object)
    return fail(name, "its entry is not an object");
  std::optional<StringRef> typeName = object->getString("dtype");
  if (!typeName)
    return fail(name, "has no \"dtype\"");
  const TypeName *type = find_if(typeNames, [&](const TypeName &entry) {
    return entry.name == *typeName;
  });
  if (type == std::end(typeNames)) {
    std::string known;
    for (const TypeName &entry : typeNames)
      known += (known.empty() ? "" : ", ") + entry.name.str();
    return fail(name, "its dtype \"" + *typeName +
                          "\" is not supported; supported are " + known);
  }

  auto shape = getSizes(object->getArray("shape"));
  if (!shape)
    return fail(name, "its \"shape\" is not a list of sizes");
  auto offsets = getSizes(object->getArray("data_offsets"));
  if (!offsets || offsets->size() != 2)
    return fail(name, "its \"data_offsets\" are not two offsets");
  uint64_t begin = (*offsets)[0], end = (*offsets)[1];
  if (begin > end || end > data.size())
    return fail(name, "its bytes [" + Twine(begin) + ", " + Twine(end) +
                          ") are not within the file's " + Twine(data.size()) +
                          " bytes of data: the file is cut or damaged");
  std::optional<int64_t> expected = countBytes(type->type, *shape);
  if (!expected || uint64_t(*expected) != end - begin)
    return fail(name, "has " + Twine(end - begin) +
                          " bytes, which do not fit " + type->name +
                          " of shape " + strShape(*shape));
  tensors.push_back({name.str(), type->type, std::move(*shape),
                     data.slice(begin, end - begin)});
  return Error::success();
}

/// Sorts the tensors by position, checks that they fill the data, and takes
/// the padding out.
Error SafetensorsFile::checkCoverage(ArrayRef<uint8_t> data) {
  sort(tensors, [](const SafetensorsTensor &a, const SafetensorsTensor &b) {
    return std::make_tuple(a.data.begin(), a.data.size(), StringRef(a.name)) <
           std::make_tuple(b.data.begin(), b.data.size(), StringRef(b.name));
  });
  const uint8_t *position = data.begin();
  for (const SafetensorsTensor &tensor : tensors) {
    if (tensor.data.begin() < position)
      return fail(tensor.name, "overlaps the tensor before it");
    if (tensor.data.begin() > position)
      return fail(tensor.name,
                  "does not start where the tensor before it ends");
    position = tensor.data.end();
  }
  if (position != data.end())
    return makeFileError(getPath(), Twine(data.end() - position) +
                                        " bytes after the last tensor belong "
                                        "to none: the file is damaged");
  erase_if(tensors, [](const SafetensorsTensor &tensor) {
    return isSafetensorsPadding(tensor.name);
  });
  for (auto [index, tensor] : enumerate(tensors))
    indices[tensor.name] = index;
  return Error::success();
}
