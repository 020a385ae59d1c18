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

WordPiece::WordPiece(const TokenizerModel &model) : model(model) {
  for (auto [id, token] : enumerate(model.tokens)) {
    StringRef text = token;
    bool continues = text.consume_front(model.continuingPrefix);
    (continues ? continuations : starts).try_emplace(text, id);
    // Also a token that has the prefix can start a word that does.
    if (continues)
      starts.try_emplace(token, id);
    longest = std::max(longest, token.size());
  }
}

std::optional<std::pair<int32_t, size_t>>
WordPiece::findLongest(StringRef text, bool continues) const {
  const StringMap<int32_t> &tokens = continues ? continuations : starts;
  for (size_t end = std::min(text.size(), longest); end > 0; --end) {
    if (end < text.size() && !isFirstByte(text[end]))
      continue;
    auto found = tokens.find(text.take_front(end));
    if (found != tokens.end())
      return std::pair(found->second, end);
  }
  return std::nullopt;
}

void WordPiece::encode(StringRef word, std::vector<int32_t> &ids) const {
  size_t before = ids.size();
  bool isTooLong = count_if(word, isFirstByte) > model.maxWordCharacters;
  for (StringRef rest = word; !rest.empty();) {
    std::optional<std::pair<int32_t, size_t>> token;
    if (!isTooLong)
      token = findLongest(rest, rest.size() < word.size());
    if (!token) {
      ids.resize(before);
      ids.push_back(*model.unknown);
      return;
    }
    ids.push_back(token->first);
    rest = rest.drop_front(token->second);
  }
}
