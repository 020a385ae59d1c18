//===- TokenizerRules.cpp - What a tokenizer does -------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TokenizerRules.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

using namespace llvm;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Verification
//===----------------------------------------------------------------------===//

Error mlir::compress::verifyId(StringRef field, int32_t id, size_t size) {
  if (id >= 0 && static_cast<size_t>(id) < size)
    return Error::success();
  return createStringError("tokenizer: " + field + " is " + Twine(id) +
                           ", but the vocabulary has " + Twine(size) +
                           " tokens");
}

static Error verifyIds(const TokenizerRules &rules, int64_t size) {
  std::pair<StringRef, std::optional<int32_t>> named[] = {
      {"bos", rules.bos},
      {"eos", rules.eos},
      {"unknown", rules.unknown},
      {"padding", rules.padding},
      {"eot", rules.eot}};
  for (auto [field, id] : named)
    if (id)
      if (Error error = verifyId(field, *id, size))
        return error;
  std::pair<StringRef, ArrayRef<int32_t>> lists[] = {
      {"a stop token", rules.stopTokens},
      {"a token that strips to its left", rules.stripLeft},
      {"a token that strips to its right", rules.stripRight}};
  for (auto [field, ids] : lists)
    for (int32_t id : ids)
      if (Error error = verifyId(field, id, size))
        return error;
  return Error::success();
}

/// What Spelling::Words calls for, and what only it has.
static Error verifyWords(const TokenizerRules &rules) {
  bool isWords = rules.spelling == TokenizerRules::Spelling::Words;
  if (isWords != (rules.merging == TokenizerRules::Merging::LongestMatch))
    return createStringError("tokenizer: tokens that are words, and taking the "
                             "longest one, go with each other only");
  if (!isWords)
    return rules.normalizer
               ? createStringError("tokenizer: text is normalized only where "
                                   "tokens are words")
               : Error::success();
  if (!rules.unknown)
    return createStringError("tokenizer: tokens that are words need an unknown "
                             "token for the others");
  if (rules.maxWordCharacters < 1)
    return createStringError("tokenizer: words of at most " +
                             Twine(rules.maxWordCharacters) +
                             " characters are none at all");
  return Error::success();
}

Error TokenizerRules::verify(int64_t size) const {
  if (Error error = verifyWords(*this))
    return error;
  if (addBos && !bos)
    return createStringError("tokenizer: a beginning-of-text token is to be "
                             "added, but the model names none");
  if (addEos && !eos)
    return createStringError("tokenizer: an end-of-text token is to be added, "
                             "but the model names none");
  return verifyIds(*this, size);
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

static ChoiceNames<TokenizerRules::PrefixSpace> getPrefixSpaceNames() {
  using PrefixSpace = TokenizerRules::PrefixSpace;
  static constexpr std::pair<StringRef, PrefixSpace> names[] = {
      {"never", PrefixSpace::Never},
      {"first", PrefixSpace::First},
      {"always", PrefixSpace::Always}};
  return names;
}

static ChoiceNames<TokenizerRules::Spelling> getSpellingNames() {
  using Spelling = TokenizerRules::Spelling;
  static constexpr std::pair<StringRef, Spelling> names[] = {
      {"byte-level", Spelling::ByteLevel},
      {"metaspace", Spelling::Metaspace},
      {"words", Spelling::Words}};
  return names;
}

static ChoiceNames<TokenizerRules::Merging> getMergingNames() {
  using Merging = TokenizerRules::Merging;
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

json::Object TokenizerRules::toJSON() const {
  json::Array steps;
  for (const SplitStep &step : preTokenizer)
    steps.push_back(json::Object{{"pattern", step.pattern},
                                 {"behavior", getName(step.behavior)},
                                 {"invert", step.invert}});
  json::Object result{
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
      {"chat_template", json::fixUTF8(chatTemplate)}};
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
                      json::Path path, TokenizerRules &rules) {
  if (rules.spelling != TokenizerRules::Spelling::Words)
    return true;
  const json::Value *flags = value.getAsObject()->get("normalizer");
  json::Value none(nullptr);
  json::ObjectMapper flagMapper(flags ? *flags : none,
                                path.field("normalizer"));
  return mapper.map("continuing_prefix", rules.continuingPrefix) &&
         mapper.map("max_word_characters", rules.maxWordCharacters) &&
         flagMapper && all_of(kNormalizer, [&](const auto &entry) {
           return flagMapper.map(entry.first, rules.normalizer.*entry.second);
         });
}

/// Reads the fields that say how text is spelled, split and merged.
static bool readRules(const json::Value &value, json::ObjectMapper &mapper,
                      json::Path path, TokenizerRules &rules) {
  std::string spelling, merging, prefix;
  return mapper.map("spelling", spelling) && mapper.map("merging", merging) &&
         mapper.map("prefix_space", prefix) &&
         mapper.map("ignore_merges", rules.ignoreMerges) &&
         mapper.map("prefix_unless_space", rules.prefixUnlessSpace) &&
         mapper.map("byte_fallback", rules.byteFallback) &&
         mapper.map("fuse_unknown", rules.fuseUnknown) &&
         choose(spelling, getSpellingNames(), path.field("spelling"),
                rules.spelling) &&
         choose(merging, getMergingNames(), path.field("merging"),
                rules.merging) &&
         choose(prefix, getPrefixSpaceNames(), path.field("prefix_space"),
                rules.prefixSpace) &&
         readWords(value, mapper, path, rules);
}

/// Reads what is added to texts, and the fields that hold ids.
static bool readIds(json::ObjectMapper &mapper, TokenizerRules &rules) {
  return mapper.map("add_bos", rules.addBos) &&
         mapper.map("add_eos", rules.addEos) &&
         mapper.map("stop_tokens", rules.stopTokens) &&
         mapper.map("strip_left", rules.stripLeft) &&
         mapper.map("strip_right", rules.stripRight) &&
         mapper.map("chat_template", rules.chatTemplate) &&
         mapper.map("bos", rules.bos) && mapper.map("eos", rules.eos) &&
         mapper.map("unknown", rules.unknown) &&
         mapper.map("padding", rules.padding) && mapper.map("eot", rules.eot);
}

Expected<TokenizerRules> TokenizerRules::fromJSON(const json::Value &value) {
  TokenizerRules rules;
  json::Path::Root root("tokenizer");
  json::Path path(root);
  json::ObjectMapper mapper(value, path);
  if (!mapper || !readRules(value, mapper, path, rules) ||
      !readIds(mapper, rules))
    return root.getError();
  const json::Value *steps = value.getAsObject()->get("pre_tokenizer");
  if (!steps)
    return createStringError("tokenizer: field 'pre_tokenizer' is missing");
  if (!readSteps(*steps, path.field("pre_tokenizer"), rules.preTokenizer))
    return root.getError();
  return rules;
}
