//===- TokenizerModel.cpp - The data of a tokenizer -----------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Utf8.h"

#include "compress/Runtime/Tokenizer.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSwitch.h"

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

static Error verifyId(StringRef field, int32_t id, size_t size) {
  if (id >= 0 && static_cast<size_t>(id) < size)
    return Error::success();
  return createStringError("tokenizer: " + field + " is " + Twine(id) +
                           ", but the vocabulary has " + Twine(size) +
                           " tokens");
}

static Error verifyIds(const TokenizerModel &model) {
  size_t size = model.tokens.size();
  std::pair<StringRef, std::optional<int32_t>> named[] = {
      {"bos", model.bos},
      {"eos", model.eos},
      {"unknown", model.unknown},
      {"padding", model.padding},
      {"eot", model.eot}};
  for (auto [field, id] : named)
    if (id)
      if (Error error = verifyId(field, *id, size))
        return error;
  std::pair<StringRef, ArrayRef<int32_t>> lists[] = {
      {"a stop token", model.stopTokens},
      {"a token that strips to its left", model.stripLeft},
      {"a token that strips to its right", model.stripRight}};
  for (auto [field, ids] : lists)
    for (int32_t id : ids)
      if (Error error = verifyId(field, id, size))
        return error;
  for (auto [left, right] : model.merges)
    for (int32_t id : {left, right})
      if (Error error = verifyId("a part of a merge", id, size))
        return error;
  return Error::success();
}

/// What Spelling::Words calls for, and what only it has.
static Error verifyWords(const TokenizerModel &model) {
  bool isWords = model.spelling == TokenizerModel::Spelling::Words;
  if (isWords != (model.merging == TokenizerModel::Merging::LongestMatch))
    return createStringError("tokenizer: tokens that are words, and taking the "
                             "longest one, go with each other only");
  if (!isWords)
    return model.normalizer
               ? createStringError("tokenizer: text is normalized only where "
                                   "tokens are words")
               : Error::success();
  if (!model.unknown)
    return createStringError("tokenizer: tokens that are words need an unknown "
                             "token for the others");
  if (model.maxWordCharacters < 1)
    return createStringError("tokenizer: words of at most " +
                             Twine(model.maxWordCharacters) +
                             " characters are none at all");
  return Error::success();
}

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
  if (Error error = verifyWords(*this))
    return error;
  if (addBos && !bos)
    return createStringError("tokenizer: a beginning-of-text token is to be "
                             "added, but the model names none");
  if (addEos && !eos)
    return createStringError("tokenizer: an end-of-text token is to be added, "
                             "but the model names none");
  return verifyIds(*this);
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

static StringRef getName(SplitStep::Behavior behavior) {
  switch (behavior) {
  case SplitStep::Behavior::Isolated:
    return "isolated";
  case SplitStep::Behavior::Removed:
    return "removed";
  case SplitStep::Behavior::MergedWithPrevious:
    return "merged-with-previous";
  case SplitStep::Behavior::MergedWithNext:
    return "merged-with-next";
  case SplitStep::Behavior::Contiguous:
    return "contiguous";
  }
  llvm_unreachable("all behaviors are covered");
}

/// The words for the choices of a model, by which they are written and read.
template <typename T> using ChoiceNames = ArrayRef<std::pair<StringRef, T>>;

static ChoiceNames<TokenizerModel::PrefixSpace> getPrefixSpaceNames() {
  using PrefixSpace = TokenizerModel::PrefixSpace;
  static constexpr std::pair<StringRef, PrefixSpace> names[] = {
      {"never", PrefixSpace::Never},
      {"first", PrefixSpace::First},
      {"always", PrefixSpace::Always}};
  return names;
}

static ChoiceNames<TokenizerModel::Spelling> getSpellingNames() {
  using Spelling = TokenizerModel::Spelling;
  static constexpr std::pair<StringRef, Spelling> names[] = {
      {"byte-level", Spelling::ByteLevel},
      {"metaspace", Spelling::Metaspace},
      {"words", Spelling::Words}};
  return names;
}

static ChoiceNames<TokenizerModel::Merging> getMergingNames() {
  using Merging = TokenizerModel::Merging;
  static constexpr std::pair<StringRef, Merging> names[] = {
      {"rank", Merging::ByRank},
      {"score", Merging::ByScore},
      {"longest-match", Merging::LongestMatch}};
  return names;
}

template <typename T> static StringRef getName(ChoiceNames<T> names, T value) {
  return find_if(names,
                 [&](const auto &entry) { return entry.second == value; })
      ->first;
}

/// The flags of a normalizer, by which they are written and read.
static constexpr std::pair<StringLiteral, bool Normalizer::*> kNormalizer[] = {
    {"clean_text", &Normalizer::cleanText},
    {"separate_ideographs", &Normalizer::separateIdeographs},
    {"strip_accents", &Normalizer::stripAccents},
    {"lowercase", &Normalizer::lowercase}};

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

json::Value TokenizerModel::toJSON() const {
  json::Array steps;
  for (const SplitStep &step : preTokenizer)
    steps.push_back(json::Object{{"pattern", step.pattern},
                                 {"behavior", getName(step.behavior)},
                                 {"invert", step.invert}});
  json::Array flatMerges;
  flatMerges.reserve(merges.size() * 2);
  for (auto [left, right] : merges) {
    flatMerges.push_back(left);
    flatMerges.push_back(right);
  }
  json::Object result{
      {"format", kFormat},
      {"version", 1},
      {"spelling", getName(getSpellingNames(), spelling)},
      {"merging", getName(getMergingNames(), merging)},
      {"ignore_merges", ignoreMerges},
      {"pre_tokenizer", std::move(steps)},
      {"prefix_space", getName(getPrefixSpaceNames(), prefixSpace)},
      {"prefix_unless_space", prefixUnlessSpace},
      {"byte_fallback", byteFallback},
      {"fuse_unknown", fuseUnknown},
      {"add_bos", addBos},
      {"add_eos", addEos},
      {"stop_tokens", json::Array(stopTokens)},
      {"strip_left", json::Array(stripLeft)},
      {"strip_right", json::Array(stripRight)},
      {"chat_template", json::fixUTF8(chatTemplate)},
      {"types", getTypesAsJSON(types)},
      {"tokens", json::Array(tokens)},
      {"scores", json::Array(scores)},
      {"merges", std::move(flatMerges)}};
  std::pair<StringRef, std::optional<int32_t>> ids[] = {{"bos", bos},
                                                        {"eos", eos},
                                                        {"unknown", unknown},
                                                        {"padding", padding},
                                                        {"eot", eot}};
  for (auto [field, id] : ids)
    if (id)
      result[field] = *id;
  if (spelling != Spelling::Words)
    return result;
  json::Object flags;
  for (auto [name, flag] : kNormalizer)
    flags[name] = normalizer.*flag;
  result["normalizer"] = std::move(flags);
  result["continuing_prefix"] = continuingPrefix;
  result["max_word_characters"] = maxWordCharacters;
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

static bool readSteps(const json::Value &value, json::Path path,
                      std::vector<SplitStep> &steps) {
  const json::Array *array = value.getAsArray();
  if (!array) {
    path.report("expected array");
    return false;
  }
  for (auto [index, item] : enumerate(*array)) {
    json::Path at = path.index(index);
    SplitStep step;
    std::string behavior;
    json::ObjectMapper mapper(item, at);
    if (!mapper || !mapper.map("pattern", step.pattern) ||
        !mapper.map("behavior", behavior) || !mapper.map("invert", step.invert))
      return false;
    using Behavior = SplitStep::Behavior;
    auto known = StringSwitch<std::optional<Behavior>>(behavior)
                     .Case("isolated", Behavior::Isolated)
                     .Case("removed", Behavior::Removed)
                     .Case("merged-with-previous", Behavior::MergedWithPrevious)
                     .Case("merged-with-next", Behavior::MergedWithNext)
                     .Case("contiguous", Behavior::Contiguous)
                     .Default(std::nullopt);
    if (!known) {
      at.field("behavior").report("unknown behavior");
      return false;
    }
    step.behavior = *known;
    steps.push_back(std::move(step));
  }
  return true;
}

/// Sets `result` to the value that `text` names.
template <typename T>
static bool choose(StringRef text, ChoiceNames<T> values, json::Path path,
                   T &result) {
  for (const auto &[name, value] : values)
    if (name == text) {
      result = value;
      return true;
    }
  path.report("unknown value");
  return false;
}

/// Reads the fields that only tokens that are words have.
static bool readWords(const json::Value &value, json::ObjectMapper &mapper,
                      json::Path path, TokenizerModel &model) {
  if (model.spelling != TokenizerModel::Spelling::Words)
    return true;
  const json::Value *flags = value.getAsObject()->get("normalizer");
  json::Value none(nullptr);
  json::ObjectMapper flagMapper(flags ? *flags : none,
                                path.field("normalizer"));
  return mapper.map("continuing_prefix", model.continuingPrefix) &&
         mapper.map("max_word_characters", model.maxWordCharacters) &&
         flagMapper && all_of(kNormalizer, [&](const auto &entry) {
           return flagMapper.map(entry.first, model.normalizer.*entry.second);
         });
}

/// Reads the fields that say how text is spelled, split and merged.
static bool readRules(const json::Value &value, json::ObjectMapper &mapper,
                      json::Path path, TokenizerModel &model) {
  std::string spelling, merging, prefix;
  return mapper.map("spelling", spelling) && mapper.map("merging", merging) &&
         mapper.map("prefix_space", prefix) &&
         mapper.map("ignore_merges", model.ignoreMerges) &&
         mapper.map("prefix_unless_space", model.prefixUnlessSpace) &&
         mapper.map("byte_fallback", model.byteFallback) &&
         mapper.map("fuse_unknown", model.fuseUnknown) &&
         choose(spelling, getSpellingNames(), path.field("spelling"),
                model.spelling) &&
         choose(merging, getMergingNames(), path.field("merging"),
                model.merging) &&
         choose(prefix, getPrefixSpaceNames(), path.field("prefix_space"),
                model.prefixSpace) &&
         readWords(value, mapper, path, model);
}

/// Reads the vocabulary and the fields that hold ids.
static bool readLists(const json::Value &value, json::ObjectMapper &mapper,
                      json::Path path, TokenizerModel &model) {
  std::vector<int32_t> flat;
  bool ok = mapper.map("tokens", model.tokens) && mapper.map("merges", flat) &&
            mapper.map("add_bos", model.addBos) &&
            mapper.map("add_eos", model.addEos) &&
            mapper.map("stop_tokens", model.stopTokens) &&
            mapper.map("strip_left", model.stripLeft) &&
            mapper.map("strip_right", model.stripRight) &&
            mapper.map("chat_template", model.chatTemplate) &&
            mapper.map("bos", model.bos) && mapper.map("eos", model.eos) &&
            mapper.map("unknown", model.unknown) &&
            mapper.map("padding", model.padding) &&
            mapper.map("eot", model.eot);
  std::vector<double> scores;
  if (!ok || !mapper.map("scores", scores))
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
  if (!readRules(value, mapper, path, model) ||
      !readLists(value, mapper, path, model))
    return root.getError();
  const json::Object &object = *value.getAsObject();
  const json::Value *steps = object.get("pre_tokenizer");
  if (!steps)
    return createStringError("tokenizer: field 'pre_tokenizer' is missing");
  if (!readSteps(*steps, path.field("pre_tokenizer"), model.preTokenizer))
    return root.getError();
  const json::Value *types = object.get("types");
  if (Error error = readTypes(types ? *types : json::Value(nullptr),
                              path.field("types"), model))
    return error;
  if (Error error = model.verify())
    return error;
  return model;
}
