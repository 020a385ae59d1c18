//===- JSONFields.cpp - A JSON object accounted for -----------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "JSONFields.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using namespace mlir::compress;

JSONFields::JSONFields(const json::Value &value, StringRef path,
                       std::string where)
    : object(value.getAsObject()), path(path.str()), where(std::move(where)) {
  if (!object)
    addError("must be an object");
}

bool JSONFields::has(StringRef name) const {
  return object && object->get(name);
}

std::vector<StringRef> JSONFields::getKeys() {
  std::vector<StringRef> keys;
  if (object)
    for (const auto &[key, value] : *object)
      keys.push_back(key);
  sort(keys);
  for (StringRef key : keys)
    asked.insert(key);
  return keys;
}

const json::Value *JSONFields::get(StringRef name) {
  asked.insert(name);
  return object ? object->get(name) : nullptr;
}

std::string JSONFields::getString(StringRef name) {
  std::string text = getOptionalString(name);
  if (text.empty())
    addError("lacks \"" + name + "\"");
  return text;
}

std::string JSONFields::getOptionalString(StringRef name) {
  const json::Value *value = get(name);
  if (!value)
    return "";
  if (std::optional<StringRef> text = value->getAsString())
    return text->str();
  addError("\"" + name + "\" must be a string");
  return "";
}

std::vector<std::string> JSONFields::getStrings(StringRef name) {
  std::vector<std::string> result;
  const json::Value *value = get(name);
  if (!value)
    return result;
  const json::Array *list = value->getAsArray();
  for (const json::Value &entry : list ? *list : json::Array{nullptr})
    if (std::optional<StringRef> text = entry.getAsString())
      result.push_back(text->str());
    else
      addError("\"" + name + "\" must be a list of strings");
  return result;
}

void JSONFields::addError(const Twine &message) {
  if (error.empty())
    error = message.str();
}

Error JSONFields::fail(const Twine &message) const {
  return makeFileError(path, where + ": " + message);
}

Error JSONFields::finish() {
  if (error.empty()) {
    StringSet<> known = asked;
    for (StringRef key : getKeys())
      if (!known.contains(key))
        addError("has the unknown field \"" + key + "\"");
  }
  return error.empty() ? Error::success() : fail(error);
}
