//===- TokenizerModel.cpp - The data of a tokenizer -----------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TokenizerRules.h"
#include "Utf8.h"

#include "compress/Runtime/Tokenizer.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"

#include <cmath>

using namespace llvm;
using namespace mlir::compress;

static constexpr StringLiteral kFormat = "compress-tokenizer";

//===----------------------------------------------------------------------===//
// Byte-level spelling
//===----------------------------------------------------------------------===//

/// GPT-2's rule (openai/gpt-2, encoder.py, bytes_to_unicode): printable Latin-1
/// characters stand for themselves, the other 68 bytes for U+0100 and on.
static bool isSpelledPlainly(unsigned byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) ||
         byte >= 0xAE;
}

namespace {
struct ByteLevelTable {
  uint16_t character[256];
  int16_t byte[0x144];

  ByteLevelTable() {
    std::fill(std::begin(byte), std::end(byte), -1);
    uint16_t next = 0x100;
    for (unsigned b = 0; b < 256; ++b) {
      character[b] = isSpelledPlainly(b) ? b : next++;
      byte[character[b]] = b;
    }
  }
};
} // namespace

static const ByteLevelTable &getByteLevelTable() {
  static const ByteLevelTable table;
  return table;
}

std::optional<std::string> mlir::compress::decodeByteLevel(StringRef spelling) {
  const ByteLevelTable &table = getByteLevelTable();
  std::string bytes;
  bytes.reserve(spelling.size());
  for (size_t i = 0; i < spelling.size(); ++i) {
    unsigned character = static_cast<uint8_t>(spelling[i]);
    if (character >= 0x80) {
      // All of the table lies below U+0800, where a character has two bytes.
      if (getCharacterLength(spelling.substr(i)) != 2)
        return std::nullopt;
      character = (character & 0x1F) << 6 |
                  (static_cast<uint8_t>(spelling[++i]) & 0x3F);
    }
    if (character >= std::size(table.byte) || table.byte[character] < 0)
      return std::nullopt;
    bytes += static_cast<char>(table.byte[character]);
  }
  return bytes;
}

std::string mlir::compress::encodeByteLevel(StringRef bytes) {
  std::string spelling;
  for (char byte : bytes) {
    unsigned character =
        getByteLevelTable().character[static_cast<uint8_t>(byte)];
    if (character < 0x80) {
      spelling += static_cast<char>(character);
      continue;
    }
    spelling += static_cast<char>(0xC0 | character >> 6);
    spelling += static_cast<char>(0x80 | (character & 0x3F));
  }
  return spelling;
}

//===----------------------------------------------------------------------===//
// Merges
//===----------------------------------------------------------------------===//

Error TokenizerModel::setMerges(
    ArrayRef<std::pair<StringRef, StringRef>> pairs) {
  StringMap<int32_t> ids(tokens.size());
  for (auto [id, token] : enumerate(tokens))
    ids.try_emplace(token, id);
  merges.clear();
  merges.reserve(pairs.size());
  for (auto [index, pair] : enumerate(pairs)) {
    auto left = ids.find(pair.first), right = ids.find(pair.second);
    bool known = left != ids.end() && right != ids.end() &&
                 ids.contains((pair.first + pair.second).str());
    if (!known)
      return createStringError(
          "tokenizer: merge " + Twine(index) + " of '" + pair.first +
          "' and '" + pair.second +
          "': a part or the product is not in the vocabulary; merges and "
          "tokens belong to different tokenizers");
    merges.emplace_back(left->second, right->second);
  }
  return Error::success();
}

Error TokenizerModel::setMerges(ArrayRef<StringRef> lines) {
  std::vector<std::pair<StringRef, StringRef>> pairs;
  pairs.reserve(lines.size());
  for (auto [index, line] : enumerate(lines)) {
    size_t space = line.find(' ', 1);
    if (space == StringRef::npos)
      return createStringError("tokenizer: merge " + Twine(index) + ", '" +
                               line +
                               "', is not two tokens with a space "
                               "between them");
    pairs.emplace_back(line.take_front(space), line.drop_front(space + 1));
  }
  return setMerges(pairs);
}

//===----------------------------------------------------------------------===//
// Verification
//===----------------------------------------------------------------------===//

Error TokenizerModel::verify() const {
  if (tokens.empty())
    return createStringError("tokenizer: the vocabulary is empty");
  if (types.size() != tokens.size())
    return createStringError("tokenizer: " + Twine(tokens.size()) +
                             " tokens, but " + Twine(types.size()) +
                             " token types");
  for (auto [id, token] : enumerate(tokens))
    if (!json::isUTF8(token))
      return createStringError("tokenizer: the spelling of token " + Twine(id) +
                               " is not UTF-8");
  size_t expected = merging == Merging::ByScore ? tokens.size() : 0;
  if (scores.size() != expected)
    return createStringError(
        "tokenizer: merging by " + Twine(expected ? "score" : "rank") +
        " needs " + Twine(expected) + " scores, got " + Twine(scores.size()));
  if (any_of(scores, [](float score) { return std::isnan(score); }))
    return createStringError("tokenizer: a score is not a number");
  if (merging != Merging::ByRank && !merges.empty())
    return createStringError(
        "tokenizer: merging by " +
        Twine(merging == Merging::ByScore ? "score" : "longest match") +
        " has no merges");
  for (auto [left, right] : merges)
    for (int32_t id : {left, right})
      if (Error error = verifyId("a part of a merge", id, tokens.size()))
        return error;
  return TokenizerRules::verify(tokens.size());
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

/// Fields that list the ids of one token type; the others are normal.
static constexpr std::pair<TokenType, const char *> kTypeFields[] = {
    {TokenType::Unknown, "unknown"},
    {TokenType::Control, "control"},
    {TokenType::UserDefined, "user_defined"},
    {TokenType::Unused, "unused"},
    {TokenType::Byte, "byte"}};

static json::Object getTypesAsJSON(ArrayRef<TokenType> types) {
  json::Object result;
  for (auto [type, field] : kTypeFields) {
    json::Array ids;
    for (auto [id, other] : enumerate(types))
      if (other == type)
        ids.push_back(static_cast<int64_t>(id));
    if (!ids.empty())
      result[field] = std::move(ids);
  }
  return result;
}

static Error readTypes(const json::Value &value, json::Path path,
                       TokenizerModel &model) {
  const json::Object *object = value.getAsObject();
  if (!object)
    return createStringError("tokenizer: field 'types' is missing");
  model.types.assign(model.tokens.size(), TokenType::Normal);
  for (auto [type, field] : kTypeFields) {
    std::vector<int32_t> ids;
    const json::Value *list = object->get(field);
    if (list && !fromJSON(*list, ids, path.field(field)))
      return createStringError("tokenizer: field 'types." + Twine(field) +
                               "' is not a list of ids");
    for (int32_t id : ids) {
      if (Error error =
              verifyId("types." + std::string(field), id, model.tokens.size()))
        return error;
      model.types[id] = type;
    }
  }
  return Error::success();
}

json::Value TokenizerModel::toJSON() const {
  json::Array flatMerges;
  flatMerges.reserve(merges.size() * 2);
  for (auto [left, right] : merges) {
    flatMerges.push_back(left);
    flatMerges.push_back(right);
  }
  json::Object result = TokenizerRules::toJSON();
  result["format"] = kFormat;
  result["version"] = 1;
  result["types"] = getTypesAsJSON(types);
  result["tokens"] = json::Array(tokens);
  result["scores"] = json::Array(scores);
  result["merges"] = std::move(flatMerges);
  return result;
}

/// Reads the vocabulary, without types.
static bool readLists(json::ObjectMapper &mapper, json::Path path,
                      TokenizerModel &model) {
  std::vector<int32_t> flat;
  std::vector<double> scores;
  if (!mapper.map("tokens", model.tokens) || !mapper.map("merges", flat) ||
      !mapper.map("scores", scores))
    return false;
  model.scores.assign(scores.begin(), scores.end());
  if (flat.size() % 2 != 0) {
    path.field("merges").report("expected pairs");
    return false;
  }
  for (size_t i = 0; i < flat.size(); i += 2)
    model.merges.emplace_back(flat[i], flat[i + 1]);
  return true;
}

Expected<TokenizerModel> TokenizerModel::fromJSON(const json::Value &value) {
  TokenizerModel model;
  json::Path::Root root("tokenizer");
  json::Path path(root);
  json::ObjectMapper mapper(value, path);
  std::string format;
  int64_t version = 0;
  if (!mapper || !mapper.map("format", format) ||
      !mapper.map("version", version))
    return root.getError();
  if (format != kFormat || version != 1)
    return createStringError("tokenizer: expected format '" + kFormat +
                             "', version 1; got '" + format + "', version " +
                             Twine(version));
  Expected<TokenizerRules> rules = TokenizerRules::fromJSON(value);
  if (!rules)
    return rules.takeError();
  static_cast<TokenizerRules &>(model) = std::move(*rules);
  if (!readLists(mapper, path, model))
    return root.getError();
  const json::Value *types = value.getAsObject()->get("types");
  if (Error error = readTypes(types ? *types : json::Value(nullptr),
                              path.field("types"), model))
    return error;
  if (Error error = model.verify())
    return error;
  return model;
}
