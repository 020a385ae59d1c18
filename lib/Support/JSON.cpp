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

/// Checks nesting and repeated keys. Text that is no JSON passes: the parser
/// that runs next says what is wrong with it.
static Error checkStructure(StringRef text, StringRef path) {
  SmallVector<DenseSet<StringRef>> keys;
  for (size_t i = 0; i < text.size();) {
    char c = text[i];
    if (c == '"') {
      StringRef string = scanString(text, i);
      size_t next = text.find_first_not_of(" \t\r\n", i);
      bool isKey = next != StringRef::npos && text[next] == ':';
      if (isKey && !keys.empty() && !keys.back().insert(string).second)
        return makeFileError(path, "the key \"" + string +
                                       "\" occurs twice in one object");
      continue;
    }
    ++i;
    if (c == '{' || c == '[') {
      if (keys.size() == maxDepth)
        return makeFileError(path, "is nested more than " + Twine(maxDepth) +
                                       " levels deep");
      keys.emplace_back();
    } else if ((c == '}' || c == ']') && !keys.empty()) {
      keys.pop_back();
    }
  }
  return Error::success();
}

Expected<json::Value> mlir::compress::parseJSON(StringRef text,
                                                StringRef path) {
  if (Error error = checkStructure(text, path))
    return error;
  Expected<json::Value> value = json::parse(text);
  if (!value)
    return makeFileError(path, "is not JSON: " + toString(value.takeError()));
  return value;
}

Expected<json::Value> mlir::compress::readJSON(StringRef path) {
  Expected<MappedFile> file = MappedFile::open(path);
  if (!file)
    return file.takeError();
  return parseJSON(file->getText(), path);
}
