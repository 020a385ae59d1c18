//===- Tokenizer.cpp - Text to token ids and back -------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Runtime/Tokenizer.h"

#include "BytePairMerger.h"
#include "Normalizer.h"
#include "PreTokenizer.h"
#include "TokenizerTables.h"
#include "Utf8.h"
#include "WordPiece.h"

#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"

#include <algorithm>

using namespace llvm;
using namespace mlir::compress;

namespace {

/// The state of one call of encode.
struct Encoding {
  std::vector<int32_t> ids;
  BytePairMerger merger;
  /// Words repeat: what each became.
  StringMap<SmallVector<int32_t, 4>> words;
};

} // namespace

struct Tokenizer::Impl {
  explicit Impl(TokenizerTables tables)
      : tables(std::move(tables)), rules(this->tables.rules) {}

  TokenizerTables tables;
  const TokenizerRules &rules;
  std::optional<PreTokenizer> preTokenizer;
  /// With Spelling::Words.
  std::optional<WordPiece> wordPiece;

  Error verifyAlphabet() const;

  std::optional<BytePairMerger::Merge>
  lookUp(StringRef piece, const Symbol &left, const Symbol &right) const;
  std::optional<int32_t> findSpecial(StringRef text, size_t &at,
                                     bool trusted) const;
  Error encodeText(StringRef text, bool isFirst, Encoding &encoding) const;
  Error encodeValid(StringRef text, Encoding &encoding) const;
  Error encodePiece(StringRef piece, Encoding &encoding) const;
  Error encodeCached(StringRef piece, Encoding &encoding) const;
  Error emitUnmerged(StringRef text, Encoding &encoding) const;
};

//===----------------------------------------------------------------------===//
// Creation
//===----------------------------------------------------------------------===//

/// With byte fallback, and at byte level unless there is an unknown token,
/// every byte needs a token.
Error Tokenizer::Impl::verifyAlphabet() const {
  bool byteLevel = rules.spelling == TokenizerRules::Spelling::ByteLevel;
  if (byteLevel ? rules.unknown.has_value() : !rules.byteFallback)
    return Error::success();
  for (auto [byte, id] : enumerate(tables.byteIds))
    if (id < 0)
      return createStringError("tokenizer: byte 0x" +
                               utohexstr(byte, false, 2) +
                               " has no token, though text is to be encoded "
                               "byte by byte; the vocabulary is incomplete or "
                               "its token types are wrong");
  return Error::success();
}

Tokenizer::Tokenizer(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
Tokenizer::~Tokenizer() = default;

Expected<std::unique_ptr<Tokenizer>>
Tokenizer::create(std::unique_ptr<Impl> impl) {
  Expected<PreTokenizer> preTokenizer =
      PreTokenizer::create(impl->rules.preTokenizer);
  if (!preTokenizer)
    return preTokenizer.takeError();
  impl->preTokenizer.emplace(std::move(*preTokenizer));
  if (impl->rules.spelling == TokenizerRules::Spelling::Words)
    impl->wordPiece.emplace(impl->tables);
  if (Error error = impl->verifyAlphabet())
    return error;
  return std::unique_ptr<Tokenizer>(new Tokenizer(std::move(impl)));
}

Expected<std::unique_ptr<Tokenizer>>
Tokenizer::create(const TokenizerModel &model) {
  if (Error error = model.verify())
    return error;
  Expected<TokenizerTables> tables = TokenizerTables::build(model);
  if (!tables)
    return tables.takeError();
  return create(std::make_unique<Impl>(std::move(*tables)));
}

Expected<std::unique_ptr<Tokenizer>> Tokenizer::open(StringRef path) {
  Expected<TokenizerTables> tables = TokenizerTables::open(path);
  if (!tables)
    return tables.takeError();
  Expected<std::unique_ptr<Tokenizer>> tokenizer =
      create(std::make_unique<Impl>(std::move(*tables)));
  if (!tokenizer)
    return makeFileError(path, toString(tokenizer.takeError()));
  return tokenizer;
}

Error Tokenizer::write(StringRef path) const {
  return impl->tables.write(path);
}

Expected<TokenizerModel> Tokenizer::getModel() const {
  TokenizerModel model = impl->tables.getModel();
  if (Error error = model.verify())
    return error;
  return model;
}

//===----------------------------------------------------------------------===//
// Encoding
//===----------------------------------------------------------------------===//

std::optional<BytePairMerger::Merge>
Tokenizer::Impl::lookUp(StringRef piece, const Symbol &left,
                        const Symbol &right) const {
  if (rules.merging == TokenizerRules::Merging::ByRank) {
    if (left.id < 0 || right.id < 0)
      return std::nullopt;
    return tables.findMerge(left.id, right.id);
  }
  std::optional<int32_t> id =
      tables.findPiece(piece.substr(left.begin, left.length + right.length));
  if (!id)
    return std::nullopt;
  return BytePairMerger::Merge{tables.scoreRanks[*id], *id};
}

/// Emits text that is no token.
Error Tokenizer::Impl::emitUnmerged(StringRef text, Encoding &encoding) const {
  bool byBytes = rules.byteFallback ||
                 rules.spelling == TokenizerRules::Spelling::ByteLevel;
  for (char c : text) {
    uint8_t byte = c;
    if (byBytes && tables.byteIds[byte] >= 0) {
      encoding.ids.push_back(tables.byteIds[byte]);
      continue;
    }
    if (!rules.unknown)
      return createStringError(
          "tokenizer: byte 0x" + utohexstr(byte, false, 2) +
          " of the text has no token, and the vocabulary has neither byte "
          "tokens nor an unknown token");
    // One unknown token per character, not per byte.
    bool continues = (byte & 0xC0) == 0x80 && &c != text.begin();
    bool fused = rules.fuseUnknown && !encoding.ids.empty() &&
                 encoding.ids.back() == *rules.unknown;
    if (!continues && !fused)
      encoding.ids.push_back(*rules.unknown);
  }
  return Error::success();
}

Error Tokenizer::Impl::encodePiece(StringRef piece, Encoding &encoding) const {
  if (wordPiece) {
    wordPiece->encode(piece, encoding.ids);
    return Error::success();
  }
  if (rules.ignoreMerges) {
    if (std::optional<int32_t> whole = tables.findPiece(piece)) {
      encoding.ids.push_back(*whole);
      return Error::success();
    }
  }
  bool byteLevel = rules.spelling == TokenizerRules::Spelling::ByteLevel;
  BytePairMerger &merger = encoding.merger;
  merger.clear();
  for (size_t at = 0, length; at < piece.size(); at += length) {
    if (byteLevel) {
      length = 1;
      merger.append(tables.byteIds[static_cast<uint8_t>(piece[at])], at, 1);
      continue;
    }
    length = std::max<size_t>(getCharacterLength(piece.substr(at)), 1);
    merger.append(tables.findPiece(piece.substr(at, length)).value_or(-1), at,
                  length);
  }
  merger.run([&](const Symbol &left, const Symbol &right) {
    return lookUp(piece, left, right);
  });
  Error error = Error::success();
  merger.forEach([&](const Symbol &symbol) {
    if (symbol.id >= 0)
      encoding.ids.push_back(symbol.id);
    else if (!error)
      error = emitUnmerged(piece.substr(symbol.begin, symbol.length), encoding);
  });
  return error;
}

/// Encodes a piece, or repeats what it became before.
Error Tokenizer::Impl::encodeCached(StringRef piece, Encoding &encoding) const {
  constexpr size_t longestCached = 64;
  // What unknown characters become depends on the token before the piece.
  if (piece.size() > longestCached || rules.fuseUnknown)
    return encodePiece(piece, encoding);
  auto [entry, isNew] = encoding.words.try_emplace(piece);
  if (!isNew) {
    append_range(encoding.ids, entry->second);
    return Error::success();
  }
  size_t before = encoding.ids.size();
  if (Error error = encodePiece(piece, encoding))
    return error;
  entry->second.append(encoding.ids.begin() + before, encoding.ids.end());
  return Error::success();
}

Error Tokenizer::Impl::encodeValid(StringRef text, Encoding &encoding) const {
  if (!tables.canCutAtSpaces) {
    SmallVector<StringRef, 0> pieces;
    if (Error error = preTokenizer->split(text, pieces))
      return error;
    for (StringRef piece : pieces)
      if (Error error = encodeCached(piece, encoding))
        return error;
    return Error::success();
  }
  while (!text.empty()) {
    size_t end = 0;
    while (text.substr(end).starts_with(kMetaspace))
      end += kMetaspace.size();
    end = std::min(text.find(kMetaspace, end), text.size());
    if (Error error = encodeCached(text.take_front(end), encoding))
      return error;
    text = text.drop_front(end);
  }
  return Error::success();
}

/// Encodes text without special tokens; `isFirst`: it starts the input.
Error Tokenizer::Impl::encodeText(StringRef text, bool isFirst,
                                  Encoding &encoding) const {
  if (text.empty())
    return Error::success();
  std::string spelled;
  if (wordPiece) {
    spelled = normalize(text, rules.normalizer);
    return encodeValid(spelled, encoding);
  }
  using PrefixSpace = TokenizerRules::PrefixSpace;
  bool prefixed = rules.prefixSpace == PrefixSpace::Always ||
                  (rules.prefixSpace == PrefixSpace::First && isFirst);
  bool hasSpace = text.starts_with(" ") ||
                  (rules.spelling == TokenizerRules::Spelling::Metaspace &&
                   text.starts_with(kMetaspace));
  if (prefixed && !(rules.prefixUnlessSpace && hasSpace)) {
    spelled = " " + text.str();
    text = spelled;
  }
  if (rules.spelling == TokenizerRules::Spelling::Metaspace) {
    spelled = replaceAll(text, " ", kMetaspace);
    text = spelled;
  }
  while (!text.empty()) {
    size_t valid = getValidPrefix(text);
    if (Error error = encodeValid(text.take_front(valid), encoding))
      return error;
    text = text.drop_front(valid);
    size_t broken = 0;
    while (broken < text.size() && !getCharacterLength(text.substr(broken)))
      ++broken;
    if (broken > 0)
      if (Error error = encodePiece(text.take_front(broken), encoding))
        return error;
    text = text.drop_front(broken);
  }
  return Error::success();
}

/// The first special token at or after `at`, which moves there; of several
/// at one place the longest.
std::optional<int32_t> Tokenizer::Impl::findSpecial(StringRef text, size_t &at,
                                                    bool trusted) const {
  for (; at < text.size(); ++at) {
    uint8_t first = text[at];
    uint32_t begin = tables.specialBegins[first];
    for (int32_t id : tables.specials.slice(
             begin, tables.specialBegins[first + 1] - begin)) {
      bool fits =
          trusted || tables.types[id] == uint8_t(TokenType::UserDefined);
      if (fits && text.substr(at).starts_with(tables.texts[id]))
        return id;
    }
  }
  return std::nullopt;
}

Expected<std::vector<int32_t>> Tokenizer::encode(StringRef text,
                                                 EncodeOptions options) const {
  const TokenizerRules &rules = impl->rules;
  // Symbols and the heap count in 32 bits.
  if (text.size() > (1u << 30))
    return createStringError("tokenizer: a text of " + Twine(text.size()) +
                             " bytes is too long; split it");
  Encoding encoding;
  if (options.addBos && rules.addBos)
    encoding.ids.push_back(*rules.bos);
  size_t done = 0, at = 0;
  while (std::optional<int32_t> special =
             impl->findSpecial(text, at, options.parseSpecial)) {
    StringRef before = text.slice(done, at);
    if (is_contained(rules.stripLeft, *special))
      before = before.rtrim();
    if (Error error = impl->encodeText(before, done == 0, encoding))
      return error;
    encoding.ids.push_back(*special);
    at += impl->tables.texts[*special].size();
    if (is_contained(rules.stripRight, *special))
      at = text.size() - text.substr(at).ltrim().size();
    done = at;
  }
  if (Error error = impl->encodeText(text.substr(done), done == 0, encoding))
    return error;
  if (options.addBos && rules.addEos)
    encoding.ids.push_back(*rules.eos);
  return std::move(encoding.ids);
}

//===----------------------------------------------------------------------===//
// Decoding
//===----------------------------------------------------------------------===//

std::string Tokenizer::decode(ArrayRef<int32_t> ids,
                              DecodeOptions options) const {
  std::string text;
  for (int32_t id : ids)
    if (options.special || !isControl(id))
      text += getText(id);
  if (options.stripPrefix &&
      (impl->rules.prefixSpace != TokenizerRules::PrefixSpace::Never ||
       impl->wordPiece) &&
      StringRef(text).starts_with(" "))
    text.erase(0, 1);
  return text;
}

StringRef Tokenizer::getText(int32_t id) const {
  return id >= 0 && id < size() ? impl->tables.texts[id] : "";
}

StringRef Tokenizer::getSpelling(int32_t id) const {
  return id >= 0 && id < size() ? impl->tables.spellings[id] : "";
}

std::optional<int32_t> Tokenizer::find(StringRef spelling) const {
  return impl->tables.findSpelling(spelling);
}

bool Tokenizer::isControl(int32_t id) const {
  if (id < 0 || id >= size())
    return false;
  auto type = static_cast<TokenType>(impl->tables.types[id]);
  return type == TokenType::Control || type == TokenType::Unknown ||
         type == TokenType::Unused;
}

bool Tokenizer::isEndOfGeneration(int32_t id) const {
  const TokenizerRules &rules = impl->rules;
  return rules.eos == id || rules.eot == id ||
         is_contained(rules.stopTokens, id);
}

const TokenizerRules &Tokenizer::getRules() const { return impl->rules; }

int64_t Tokenizer::size() const { return impl->tables.size(); }

std::string StreamDecoder::push(int32_t id) {
  DecodeOptions now = options;
  now.stripPrefix = options.stripPrefix && atStart;
  std::string text = tokenizer.decode(id, now);
  atStart &= text.empty() && tokenizer.isControl(id);
  pending += text;
  size_t whole = pending.size() - getIncompleteSuffix(pending);
  std::string complete = pending.substr(0, whole);
  pending.erase(0, whole);
  return complete;
}

std::string StreamDecoder::finish() { return std::exchange(pending, ""); }
