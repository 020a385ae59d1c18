//===- HuggingFaceFolder.cpp - Files of a Hugging Face folder -------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HuggingFaceFolder.h"

#include "compress/Support/Error.h"
#include "compress/Support/JSON.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace mlir::compress;

std::string mlir::compress::getMemberPath(StringRef folder, StringRef name) {
  SmallString<128> path(folder);
  sys::path::append(path, name);
  return std::string(path);
}

Expected<json::Object> mlir::compress::readMember(StringRef folder,
                                                  StringRef name) {
  std::string path = getMemberPath(folder, name);
  if (!sys::fs::exists(path))
    return json::Object();
  Expected<json::Value> value = readJSON(path);
  if (!value)
    return value.takeError();
  json::Object *object = value->getAsObject();
  if (!object)
    return makeFileError(path, "is not a JSON object");
  return std::move(*object);
}

std::optional<StringRef>
mlir::compress::getTokenText(const json::Object &config, StringRef key) {
  if (std::optional<StringRef> text = config.getString(key))
    return text;
  if (const json::Object *object = config.getObject(key))
    return object->getString("content");
  return std::nullopt;
}
