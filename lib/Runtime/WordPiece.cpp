//===- WordPiece.cpp - Longest pieces of words ----------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WordPiece.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using namespace mlir::compress;

/// Whether a character begins at this byte of UTF-8.
static bool isFirstByte(char byte) {
  return (static_cast<uint8_t>(byte) & 0xc0) != 0x80;
}

WordPiece::WordPiece(const TokenizerTables &tables)
    : tables(tables), rules(tables.rules) {
  ArrayRef<uint32_t> begins = tables.spellings.begins;
  for (size_t i = 1; i < begins.size(); ++i)
    longest = std::max<size_t>(longest, begins[i] - begins[i - 1]);
}

std::optional<std::pair<int32_t, size_t>>
WordPiece::findLongest(StringRef text, bool continues) const {
  // Tokens are looked up with their prefix. One that has it can also start a
  // word that does.
  size_t prefix = continues ? rules.continuingPrefix.size() : 0;
  std::string spelled;
  if (continues)
    spelled = rules.continuingPrefix;
  spelled += text.take_front(longest);
  for (size_t end = std::min(text.size(), longest); end > 0; --end) {
    if (end < text.size() && !isFirstByte(text[end]))
      continue;
    if (std::optional<int32_t> id =
            tables.findSpelling(StringRef(spelled).take_front(prefix + end)))
      return std::pair(*id, end);
  }
  return std::nullopt;
}

void WordPiece::encode(StringRef word, std::vector<int32_t> &ids) const {
  size_t before = ids.size();
  bool isTooLong = count_if(word, isFirstByte) > rules.maxWordCharacters;
  for (StringRef rest = word; !rest.empty();) {
    std::optional<std::pair<int32_t, size_t>> token;
    if (!isTooLong)
      token = findLongest(rest, rest.size() < word.size());
    if (!token) {
      ids.resize(before);
      ids.push_back(*rules.unknown);
      return;
    }
    ids.push_back(token->first);
    rest = rest.drop_front(token->second);
  }
}
