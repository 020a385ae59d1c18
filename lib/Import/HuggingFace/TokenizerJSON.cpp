//===- TokenizerJSON.cpp - Reads tokenizer.json ---------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TokenizerJSON.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using namespace mlir::compress;

/// SentencePiece's way to write a space.
static constexpr StringLiteral metaspace = "\xe2\x96\x81";

namespace {
class TokenizerParser {
public:
  explicit TokenizerParser(StringRef path) : path(path.str()) {}

  Expected<TokenizerModel> run(const json::Value &value);

private:
  Error fail(const Twine &message) const {
    return makeFileError(path, message);
  }
  Error failUnsupported(StringRef where, StringRef type) const {
    return fail("its " + where + " \"" + type + "\" is not supported");
  }

  Error parseModel(const json::Object &object);
  Error parseWordPiece(const json::Object &object);
  Error parseUnknown(const json::Object &object);
  Error parseVocabulary(const json::Object &object);
  Error parseMerges(const json::Array &merges);
  Error parseAddedTokens(const json::Array &tokens);
  Error addToken(StringRef spelling, int64_t id, TokenType type);
  Error checkHoles() const;
  Error parseNormalizer(const json::Object &object);
  void parseBertNormalizer(const json::Object &object);
  Error parsePreTokenizer(const json::Object &object);
  Error parseByteLevel(const json::Object &object);
  Error parseMetaspace(const json::Object &object);
  Error parseSplit(const json::Object &object);
  Error parsePostProcessor(const json::Object &object);
  Error parseTemplate(const json::Object &object);
  Error parseBertProcessing(const json::Object &object);
  Expected<int32_t> findTemplateToken(const json::Object &object,
                                      StringRef name) const;
  /// Calls `parse` for the parts of a `Sequence`.
  Error parseSequence(const json::Object &object, StringRef key,
                      Error (TokenizerParser::*parse)(const json::Object &));

  std::string path;
  TokenizerModel model;
  bool byteLevel = false, hasMetaspace = false, isWordPiece = false;
};
} // namespace

static StringRef getType(const json::Object &object) {
  return object.getString("type").value_or("?");
}

Expected<TokenizerModel> TokenizerParser::run(const json::Value &value) {
  const json::Object *object = value.getAsObject();
  const json::Object *modelObject =
      object ? object->getObject("model") : nullptr;
  if (!modelObject)
    return fail("has no object \"model\"");
  if (const json::Object *normalizer = object->getObject("normalizer"))
    if (Error error = parseNormalizer(*normalizer))
      return error;
  if (const json::Object *preTokenizer = object->getObject("pre_tokenizer"))
    if (Error error = parsePreTokenizer(*preTokenizer))
      return error;
  isWordPiece = getType(*modelObject) == "WordPiece";
  if (!byteLevel && !hasMetaspace && !isWordPiece)
    return fail("spells its tokens neither byte-level nor with metaspaces; "
                "other spellings are not supported");
  if (isWordPiece && (byteLevel || hasMetaspace))
    return fail("is WordPiece, and has steps for byte pair encodings");
  if (model.normalizer && !isWordPiece)
    return failUnsupported("normalizer", "BertNormalizer without WordPiece");
  model.spelling = isWordPiece ? TokenizerModel::Spelling::Words
                   : byteLevel ? TokenizerModel::Spelling::ByteLevel
                               : TokenizerModel::Spelling::Metaspace;
  if (Error error = parseModel(*modelObject))
    return error;
  if (const json::Array *added = object->getArray("added_tokens"))
    if (Error error = parseAddedTokens(*added))
      return error;
  if (Error error = checkHoles())
    return error;
  // Merges name tokens, which all have their numbers by now.
  const json::Array *merges = modelObject->getArray("merges");
  if (!merges && !isWordPiece)
    return fail("its model has no list \"merges\"");
  if (merges)
    if (Error error = parseMerges(*merges))
      return error;
  if (const json::Object *processor = object->getObject("post_processor"))
    if (Error error = parsePostProcessor(*processor))
      return error;
  return std::move(model);
}

Error TokenizerParser::parseSequence(
    const json::Object &object, StringRef key,
    Error (TokenizerParser::*parse)(const json::Object &)) {
  const json::Array *parts = object.getArray(key);
  if (!parts)
    return fail("a Sequence has no list \"" + key + "\"");
  for (const json::Value &part : *parts) {
    const json::Object *partObject = part.getAsObject();
    if (!partObject)
      return fail("\"" + key + "\" has a part that is not an object");
    if (Error error = (this->*parse)(*partObject))
      return error;
  }
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Vocabulary
//===----------------------------------------------------------------------===//

Error TokenizerParser::parseWordPiece(const json::Object &object) {
  model.merging = TokenizerModel::Merging::LongestMatch;
  model.continuingPrefix =
      object.getString("continuing_subword_prefix").value_or("##").str();
  model.maxWordCharacters =
      object.getInteger("max_input_chars_per_word").value_or(100);
  return parseVocabulary(object);
}

Error TokenizerParser::parseModel(const json::Object &object) {
  StringRef type = getType(object);
  if (isWordPiece)
    return parseWordPiece(object);
  // Files of before the type was written down have merges.
  if (type != "BPE" && !(type == "?" && object.getArray("merges")))
    return failUnsupported("model", type);
  for (StringRef name : {"continuing_subword_prefix", "end_of_word_suffix"})
    if (!object.getString(name).value_or("").empty())
      return failUnsupported("model's field", name);
  if (object.getNumber("dropout").value_or(0) != 0)
    return failUnsupported("model's field", "dropout");
  model.merging = TokenizerModel::Merging::ByRank;
  model.byteFallback = object.getBoolean("byte_fallback").value_or(false);
  model.fuseUnknown = object.getBoolean("fuse_unk").value_or(false);
  model.ignoreMerges = object.getBoolean("ignore_merges").value_or(false);
  return parseVocabulary(object);
}

Error TokenizerParser::parseUnknown(const json::Object &object) {
  if (std::optional<StringRef> unknown = object.getString("unk_token")) {
    auto token = find(model.tokens, *unknown);
    if (token == model.tokens.end())
      return fail("its unk_token \"" + *unknown +
                  "\" is not in the vocabulary");
    model.unknown = token - model.tokens.begin();
    model.types[*model.unknown] = TokenType::Unknown;
  }
  return Error::success();
}

/// Whether a token stands for one byte: `<0xHH>`.
static bool isByteToken(StringRef token) {
  unsigned byte;
  return token.size() == 6 && token.consume_front("<0x") &&
         token.consume_back(">") && !token.getAsInteger(16, byte);
}

Error TokenizerParser::addToken(StringRef spelling, int64_t id,
                                TokenType type) {
  // Vocabularies have a few hundred thousand tokens; a number far beyond asks
  // for memory that the file can't be worth.
  constexpr int64_t maxId = 1 << 24;
  if (id < 0 || id >= maxId)
    return fail("token \"" + spelling + "\" has the impossible number " +
                Twine(id));
  if (uint64_t(id) >= model.tokens.size()) {
    model.tokens.resize(id + 1);
    model.types.resize(id + 1, TokenType::Unused);
  }
  if (!model.tokens[id].empty() && model.tokens[id] != spelling)
    return fail("the tokens \"" + model.tokens[id] + "\" and \"" + spelling +
                "\" have the same number " + Twine(id));
  model.tokens[id] = spelling.str();
  model.types[id] = type;
  return Error::success();
}

Error TokenizerParser::parseVocabulary(const json::Object &object) {
  const json::Object *vocabulary = object.getObject("vocab");
  if (!vocabulary)
    return fail("its model has no object \"vocab\"");
  for (const auto &[spelling, value] : *vocabulary) {
    std::optional<int64_t> id = value.getAsInteger();
    if (!id)
      return fail("token \"" + StringRef(spelling) + "\" has no number");
    bool isByte = model.byteFallback && isByteToken(spelling);
    if (Error error = addToken(spelling, *id,
                               isByte ? TokenType::Byte : TokenType::Normal))
      return error;
  }
  return parseUnknown(object);
}

Error TokenizerParser::parseAddedTokens(const json::Array &tokens) {
  for (const json::Value &value : tokens) {
    const json::Object *token = value.getAsObject();
    std::optional<StringRef> content =
        token ? token->getString("content") : std::nullopt;
    std::optional<int64_t> id = token ? token->getInteger("id") : std::nullopt;
    if (!content || content->empty() || !id)
      return fail("an added token has no \"content\" or \"id\"");
    if (token->getBoolean("single_word").value_or(false))
      return fail("the added token \"" + *content +
                  "\" is single_word, which is not supported");
    TokenType type = token->getBoolean("special").value_or(false)
                         ? TokenType::Control
                         : TokenType::UserDefined;
    if (model.unknown == *id)
      type = TokenType::Unknown;
    if (Error error = addToken(*content, *id, type))
      return error;
    if (token->getBoolean("lstrip").value_or(false))
      model.stripLeft.push_back(*id);
    if (token->getBoolean("rstrip").value_or(false))
      model.stripRight.push_back(*id);
  }
  sort(model.stripLeft);
  sort(model.stripRight);
  return Error::success();
}

Error TokenizerParser::checkHoles() const {
  for (auto [id, token] : enumerate(model.tokens))
    if (token.empty())
      return fail("no token has the number " + Twine(id) +
                  "; the vocabulary is incomplete");
  return Error::success();
}

Error TokenizerParser::parseMerges(const json::Array &merges) {
  // A merge is "a b", or since 2024 also ["a", "b"].
  std::vector<StringRef> lines;
  std::vector<std::pair<StringRef, StringRef>> pairs;
  for (auto [index, merge] : enumerate(merges)) {
    if (std::optional<StringRef> line = merge.getAsString()) {
      lines.push_back(*line);
      continue;
    }
    const json::Array *pair = merge.getAsArray();
    std::optional<StringRef> left, right;
    if (pair && pair->size() == 2) {
      left = (*pair)[0].getAsString();
      right = (*pair)[1].getAsString();
    }
    if (!left || !right)
      return fail("merge " + Twine(index) + " is not a pair of tokens");
    pairs.emplace_back(*left, *right);
  }
  if (!lines.empty() && !pairs.empty())
    return fail("mixes two ways to write merges");
  Error error = pairs.empty() ? model.setMerges(lines) : model.setMerges(pairs);
  if (error)
    return fail(toString(std::move(error)));
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Splitting text
//===----------------------------------------------------------------------===//

void TokenizerParser::parseBertNormalizer(const json::Object &object) {
  Normalizer &normalizer = model.normalizer;
  normalizer.cleanText = object.getBoolean("clean_text").value_or(true);
  normalizer.separateIdeographs =
      object.getBoolean("handle_chinese_chars").value_or(true);
  normalizer.lowercase = object.getBoolean("lowercase").value_or(true);
  // Null means: where case is dropped, so are accents.
  normalizer.stripAccents =
      object.getBoolean("strip_accents").value_or(normalizer.lowercase);
}

Error TokenizerParser::parseNormalizer(const json::Object &object) {
  StringRef type = getType(object);
  if (type == "BertNormalizer") {
    if (model.normalizer)
      return failUnsupported("normalizer", "two of BertNormalizer");
    parseBertNormalizer(object);
    return Error::success();
  }
  if (type == "Sequence")
    return parseSequence(object, "normalizers",
                         &TokenizerParser::parseNormalizer);
  if (type == "Prepend") {
    if (object.getString("prepend") != StringRef(metaspace))
      return failUnsupported("normalizer", "Prepend of another text");
    model.prefixSpace = TokenizerModel::PrefixSpace::Always;
    hasMetaspace = true;
    return Error::success();
  }
  if (type == "Replace") {
    const json::Object *pattern = object.getObject("pattern");
    if (!pattern || pattern->getString("String") != StringRef(" ") ||
        object.getString("content") != StringRef(metaspace))
      return failUnsupported("normalizer", "Replace of another text");
    hasMetaspace = true;
    return Error::success();
  }
  return failUnsupported("normalizer", type);
}

/// The behaviour of a splitting step, or nothing where the word is unknown.
static std::optional<SplitStep::Behavior> parseBehavior(StringRef word) {
  using Behavior = SplitStep::Behavior;
  static constexpr std::pair<StringLiteral, Behavior> words[] = {
      {"Isolated", Behavior::Isolated},
      {"Removed", Behavior::Removed},
      {"MergedWithPrevious", Behavior::MergedWithPrevious},
      {"MergedWithNext", Behavior::MergedWithNext},
      {"Contiguous", Behavior::Contiguous}};
  for (const auto &[name, behavior] : words)
    if (name == word)
      return behavior;
  return std::nullopt;
}

Error TokenizerParser::parsePreTokenizer(const json::Object &object) {
  StringRef type = getType(object);
  if (type == "Sequence")
    return parseSequence(object, "pretokenizers",
                         &TokenizerParser::parsePreTokenizer);
  if (byteLevel)
    return fail("its pre-tokenizer " + type +
                " stands after ByteLevel, which is not supported");
  if (type == "ByteLevel")
    return parseByteLevel(object);
  if (type == "Metaspace")
    return parseMetaspace(object);
  if (type == "Split")
    return parseSplit(object);
  if (type == "Digits") {
    model.preTokenizer.push_back(SplitStep::getDigits(
        object.getBoolean("individual_digits").value_or(false)));
    return Error::success();
  }
  if (type == "Punctuation") {
    auto behavior =
        parseBehavior(object.getString("behavior").value_or("Isolated"));
    if (!behavior)
      return fail("its Punctuation has an unknown \"behavior\"");
    model.preTokenizer.push_back(SplitStep::getPunctuation(*behavior));
    return Error::success();
  }
  if (type == "BertPreTokenizer") {
    append_range(model.preTokenizer, SplitStep::getBert());
    return Error::success();
  }
  if (type == "WhitespaceSplit" || type == "Whitespace") {
    model.preTokenizer.push_back(type == "Whitespace"
                                     ? SplitStep::getWhitespace()
                                     : SplitStep::getWhitespaceSplit());
    return Error::success();
  }
  return failUnsupported("pre-tokenizer", type);
}

Error TokenizerParser::parseByteLevel(const json::Object &object) {
  byteLevel = true;
  if (object.getBoolean("add_prefix_space").value_or(true)) {
    model.prefixSpace = TokenizerModel::PrefixSpace::Always;
    model.prefixUnlessSpace = true;
  }
  if (object.getBoolean("use_regex").value_or(true))
    model.preTokenizer.push_back(SplitStep::getGPT2());
  return Error::success();
}

Error TokenizerParser::parseMetaspace(const json::Object &object) {
  if (object.getString("replacement").value_or(metaspace) != metaspace)
    return failUnsupported("pre-tokenizer", "Metaspace of another character");
  hasMetaspace = true;
  using PrefixSpace = TokenizerModel::PrefixSpace;
  // The field add_prefix_space was followed by prepend_scheme.
  bool prepend = object.getBoolean("add_prefix_space").value_or(true);
  StringRef scheme =
      object.getString("prepend_scheme").value_or(prepend ? "always" : "never");
  if (scheme == "first")
    model.prefixSpace = PrefixSpace::First;
  else if (scheme == "always")
    model.prefixSpace = PrefixSpace::Always;
  else if (scheme != "never")
    return failUnsupported("Metaspace with prepend_scheme", scheme);
  model.prefixUnlessSpace = true;
  if (object.getBoolean("split").value_or(true))
    model.preTokenizer.push_back(
        SplitStep::getLiteral(metaspace, SplitStep::Behavior::MergedWithNext));
  return Error::success();
}

Error TokenizerParser::parseSplit(const json::Object &object) {
  auto behavior = parseBehavior(object.getString("behavior").value_or("?"));
  const json::Object *pattern = object.getObject("pattern");
  if (!behavior || !pattern)
    return fail("its Split lacks a known \"behavior\" or a \"pattern\"");
  SplitStep step;
  if (std::optional<StringRef> text = pattern->getString("String"))
    step = SplitStep::getLiteral(*text, *behavior);
  else if (std::optional<StringRef> regex = pattern->getString("Regex"))
    step.pattern = regex->str();
  else
    return fail("its Split has a \"pattern\" without \"Regex\" or \"String\"");
  step.behavior = *behavior;
  step.invert = object.getBoolean("invert").value_or(false);
  model.preTokenizer.push_back(std::move(step));
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Beginning and end of text
//===----------------------------------------------------------------------===//

Error TokenizerParser::parsePostProcessor(const json::Object &object) {
  StringRef type = getType(object);
  if (type == "Sequence")
    return parseSequence(object, "processors",
                         &TokenizerParser::parsePostProcessor);
  if (type == "TemplateProcessing")
    return parseTemplate(object);
  if (type == "BertProcessing")
    return parseBertProcessing(object);
  // It trims offsets only.
  if (type == "ByteLevel")
    return Error::success();
  return failUnsupported("post-processor", type);
}

Error TokenizerParser::parseBertProcessing(const json::Object &object) {
  for (auto [name, token, add] :
       {std::tuple("cls", &model.bos, &model.addBos),
        std::tuple("sep", &model.eos, &model.addEos)}) {
    const json::Array *pair = object.getArray(name);
    std::optional<int64_t> id;
    if (pair && pair->size() == 2)
      id = (*pair)[1].getAsInteger();
    if (!id || *id < 0 || uint64_t(*id) >= model.tokens.size())
      return fail("its BertProcessing has no token \"" + Twine(name) + "\"");
    *token = static_cast<int32_t>(*id);
    *add = true;
  }
  return Error::success();
}

Expected<int32_t> TokenizerParser::findTemplateToken(const json::Object &object,
                                                     StringRef name) const {
  const json::Object *tokens = object.getObject("special_tokens");
  const json::Object *token = tokens ? tokens->getObject(name) : nullptr;
  const json::Array *ids = token ? token->getArray("ids") : nullptr;
  std::optional<int64_t> id;
  if (ids && ids->size() == 1)
    id = ids->front().getAsInteger();
  if (!id || *id < 0 || uint64_t(*id) >= model.tokens.size())
    return fail("its template uses \"" + name + "\", which is not one token");
  return static_cast<int32_t>(*id);
}

Error TokenizerParser::parseTemplate(const json::Object &object) {
  const json::Array *parts = object.getArray("single");
  if (!parts)
    return fail("its template has no list \"single\"");
  bool sequenceSeen = false;
  for (const json::Value &part : *parts) {
    const json::Object *entry = part.getAsObject();
    if (entry && entry->getObject("Sequence")) {
      sequenceSeen = true;
      continue;
    }
    const json::Object *special =
        entry ? entry->getObject("SpecialToken") : nullptr;
    Expected<int32_t> id = findTemplateToken(
        object, special ? special->getString("id").value_or("?") : "?");
    if (!id)
      return id.takeError();
    bool &add = sequenceSeen ? model.addEos : model.addBos;
    if (add)
      return fail("its template puts several tokens before or after the text, "
                  "which is not supported");
    add = true;
    (sequenceSeen ? model.eos : model.bos) = *id;
  }
  return Error::success();
}

Expected<TokenizerModel>
mlir::compress::parseTokenizerJSON(const json::Value &value, StringRef path) {
  return TokenizerParser(path).run(value);
}
