//===- JSON.cpp - JSON from files that nobody vouches for -----------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Support/JSON.h"

#include "compress/Support/Error.h"
#include "compress/Support/MappedFile.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

using namespace llvm;
using namespace mlir::compress;

/// Deeper than any file of ours or of the formats that we read.
static constexpr size_t maxDepth = 100;

/// The string literal that starts at `text[position]` (its opening quote),
/// without quotes and with escapes as written; `position` moves behind it.
static StringRef scanString(StringRef text, size_t &position) {
  size_t begin = ++position;
  while (position < text.size() && text[position] != '"')
    position += text[position] == '\\' ? 2 : 1;
  size_t end = std::min(position, text.size());
  position = end + 1;
  return text.slice(begin, end);
}

/// Calls `onKey` for each key of an object, as written, and `onOpen` and
/// `onClose` for brackets and braces, until one of them fails. Of text that is
/// no JSON anything may be taken for a key.
template <typename OnKey, typename OnOpen, typename OnClose>
static Error scan(StringRef text, OnKey onKey, OnOpen onOpen, OnClose onClose) {
  for (size_t i = 0; i < text.size();) {
    char c = text[i];
    if (c == '"') {
      StringRef string = scanString(text, i);
      size_t next = text.find_first_not_of(" \t\r\n", i);
      if (next != StringRef::npos && text[next] == ':')
        if (Error error = onKey(string))
          return error;
      continue;
    }
    ++i;
    if (c == '{' || c == '[') {
      if (Error error = onOpen())
        return error;
    } else if (c == '}' || c == ']') {
      onClose();
    }
  }
  return Error::success();
}

/// How many keys the text has; an error where it is nested too deep. The parser
/// that runs next says what is wrong with text that is no JSON.
static Expected<size_t> countKeys(StringRef text, StringRef path) {
  size_t keys = 0, depth = 0;
  Error error = scan(
      text,
      [&](StringRef) {
        ++keys;
        return Error::success();
      },
      [&]() -> Error {
        if (depth++ == maxDepth)
          return makeFileError(path, "is nested more than " + Twine(maxDepth) +
                                         " levels deep");
        return Error::success();
      },
      [&] { depth -= depth > 0; });
  if (error)
    return std::move(error);
  return keys;
}

/// How many members all objects have together.
static size_t countMembers(const json::Value &value) {
  size_t count = 0;
  if (const json::Array *array = value.getAsArray()) {
    for (const json::Value &element : *array)
      count += countMembers(element);
  } else if (const json::Object *object = value.getAsObject()) {
    count = object->size();
    for (const auto &member : *object)
      count += countMembers(member.second);
  }
  return count;
}

/// Names a key that an object has twice; there is one.
static Error findRepeatedKey(StringRef text, StringRef path) {
  SmallVector<DenseSet<StringRef>> keys;
  auto onKey = [&](StringRef key) -> Error {
    if (keys.back().insert(key).second)
      return Error::success();
    return makeFileError(path,
                         "the key \"" + key + "\" occurs twice in one object");
  };
  auto onOpen = [&] {
    keys.emplace_back();
    return Error::success();
  };
  if (Error error = scan(text, onKey, onOpen, [&] { keys.pop_back(); }))
    return error;
  return makeFileError(path, "a key occurs twice in one object, once with "
                             "characters written as \\u");
}

/// Where the value ends that begins at or after `position`: at the comma or the
/// bracket after it.
static size_t findEndOfValue(StringRef text, size_t position) {
  for (size_t depth = 0; position < text.size();) {
    char c = text[position];
    if (c == '"') {
      scanString(text, position);
      continue;
    }
    bool closes = c == '}' || c == ']';
    if (depth == 0 && (closes || c == ','))
      return position;
    depth += c == '{' || c == '[';
    depth -= closes;
    ++position;
  }
  return text.size();
}

std::string mlir::compress::blankMembers(StringRef text,
                                         ArrayRef<StringRef> names) {
  std::string result = text.str();
  size_t position = text.find('{');
  for (position += position != StringRef::npos; position < text.size();) {
    if (text[position] != '"') {
      ++position;
      continue;
    }
    StringRef key = scanString(text, position);
    size_t begin = text.find_first_not_of(" \t\r\n:", position);
    size_t end = findEndOfValue(text, position);
    position = end + 1;
    StringRef null = "null";
    if (!is_contained(names, key) || begin == StringRef::npos ||
        begin + null.size() > end)
      continue;
    result.replace(begin, null.size(), null);
    // Places in messages stay what they are.
    std::replace_if(
        result.begin() + begin + null.size(), result.begin() + end,
        [](char c) { return c != '\n'; }, ' ');
  }
  return result;
}

Expected<json::Value> mlir::compress::parseJSON(StringRef text,
                                                StringRef path) {
  Expected<size_t> keys = countKeys(text, path);
  if (!keys)
    return keys.takeError();
  Expected<json::Value> value = json::parse(text);
  if (!value)
    return makeFileError(path, "is not JSON: " + toString(value.takeError()));
  // An object keeps the last of members with one key.
  if (countMembers(*value) != *keys)
    return findRepeatedKey(text, path);
  return value;
}

Expected<json::Value> mlir::compress::readJSON(StringRef path) {
  Expected<MappedFile> file = MappedFile::open(path);
  if (!file)
    return file.takeError();
  return parseJSON(file->getText(), path);
}
