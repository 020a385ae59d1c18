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
#include "Utf8.h"
#include "WordPiece.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"

#include <algorithm>
#include <numeric>

using namespace llvm;
using namespace mlir::compress;

namespace {

/// A special token that may be found in text.
struct Special {
  std::string text;
  int32_t id;
  bool trustedOnly;
};

/// The state of one call of encode.
struct Encoding {
  std::vector<int32_t> ids;
  BytePairMerger merger;
  /// Words repeat: what each became.
  StringMap<SmallVector<int32_t, 4>> words;
};

} // namespace

struct Tokenizer::Impl {
  TokenizerModel model;
  std::optional<PreTokenizer> preTokenizer;
  /// With Spelling::Words.
  std::optional<WordPiece> wordPiece;
  /// What each id stands for, as bytes.
  std::vector<std::string> texts;
  /// The two maps view the strings of `model` and `texts`.
  DenseMap<StringRef, int32_t> idBySpelling;
  /// Normal and user-defined tokens by their text: bytes with
  /// Spelling::ByteLevel, else the spelling.
  DenseMap<StringRef, int32_t> idByPiece;
  /// (left << 32 | right) to what they become; Merging::ByRank.
  DenseMap<uint64_t, BytePairMerger::Merge> merges;
  /// Merging::ByScore: place of an id's score among all, equal ones equal.
  std::vector<uint32_t> rankOfScore;
  /// Ids of single bytes, or -1: byte-level characters or `<0xHH>`.
  int32_t byteIds[256];
  /// By first byte, longest first.
  std::vector<Special> specials[256];
  std::vector<bool> endsGeneration;
  /// No token has a space (U+2581) after another character, so that no merge
  /// goes across such a place, and text can be cut there.
  bool canCutAtSpaces = false;

  void addTokens();
  Error addMerges();
  void addScores();
  Error verifyAlphabet() const;

  std::optional<BytePairMerger::Merge>
  lookUp(StringRef piece, const Symbol &left, const Symbol &right) const;
  const Special *findSpecial(StringRef text, size_t &at, bool trusted) const;
  Error encodeText(StringRef text, bool isFirst, Encoding &encoding) const;
  Error encodeValid(StringRef text, Encoding &encoding) const;
  Error encodePiece(StringRef piece, Encoding &encoding) const;
  Error encodeCached(StringRef piece, Encoding &encoding) const;
  Error emitUnmerged(StringRef text, Encoding &encoding) const;
};

//===----------------------------------------------------------------------===//
// Creation
//===----------------------------------------------------------------------===//

/// The byte of a `<0xHH>` token.
static std::optional<uint8_t> parseByteToken(StringRef spelling) {
  unsigned value = 0;
  if (spelling.size() != 6 || !spelling.consume_front("<0x") ||
      !spelling.consume_back(">") || spelling.getAsInteger(16, value))
    return std::nullopt;
  return static_cast<uint8_t>(value);
}

static std::string replaceAll(StringRef text, StringRef from, StringRef to) {
  std::string result;
  result.reserve(text.size());
  size_t at = 0;
  for (size_t hit; (hit = text.find(from, at)) != StringRef::npos;
       at = hit + from.size())
    result += text.slice(at, hit).str() + to.str();
  result += text.substr(at);
  return result;
}

/// The bytes that a token stands for.
static std::string getTokenText(const TokenizerModel &model, size_t id) {
  StringRef spelling = model.tokens[id];
  TokenType type = model.types[id];
  if (type == TokenType::Byte)
    if (std::optional<uint8_t> byte = parseByteToken(spelling))
      return std::string(1, static_cast<char>(*byte));
  if (type != TokenType::Normal)
    return spelling.str();
  if (model.spelling == TokenizerModel::Spelling::Metaspace)
    return replaceAll(spelling, kMetaspace, " ");
  if (model.spelling == TokenizerModel::Spelling::Words)
    return spelling.consume_front(model.continuingPrefix)
               ? spelling.str()
               : " " + spelling.str();
  return decodeByteLevel(spelling).value_or(spelling.str());
}

/// Whether a space follows another character somewhere in a spelling.
static bool hasInnerSpace(StringRef spelling) {
  StringRef rest = spelling;
  while (rest.consume_front(kMetaspace))
    ;
  return rest.contains(kMetaspace);
}

void Tokenizer::Impl::addTokens() {
  bool byteLevel = model.spelling == TokenizerModel::Spelling::ByteLevel;
  std::fill(std::begin(byteIds), std::end(byteIds), -1);
  canCutAtSpaces = model.spelling == TokenizerModel::Spelling::Metaspace &&
                   model.preTokenizer.empty();
  texts.reserve(model.tokens.size());
  idBySpelling.reserve(model.tokens.size());
  idByPiece.reserve(model.tokens.size());
  for (auto [index, spelling] : enumerate(model.tokens)) {
    int32_t id = index;
    TokenType type = model.types[id];
    texts.push_back(getTokenText(model, id));
    idBySpelling.try_emplace(spelling, id);
    if (type == TokenType::Normal || type == TokenType::UserDefined) {
      idByPiece.try_emplace(
          byteLevel ? StringRef(texts[id]) : StringRef(spelling), id);
      canCutAtSpaces &= !hasInnerSpace(spelling);
    }
    bool isByte = type == (byteLevel ? TokenType::Normal : TokenType::Byte) &&
                  texts[id].size() == 1;
    if (isByte && byteIds[static_cast<uint8_t>(texts[id][0])] < 0)
      byteIds[static_cast<uint8_t>(texts[id][0])] = id;
    bool isSpecial = type == TokenType::Control ||
                     type == TokenType::UserDefined ||
                     type == TokenType::Unknown;
    if (isSpecial && !texts[id].empty())
      specials[static_cast<uint8_t>(texts[id][0])].push_back(
          {texts[id], id, type != TokenType::UserDefined});
  }
  for (std::vector<Special> &list : specials)
    llvm::sort(list, [](const Special &a, const Special &b) {
      return a.text.size() != b.text.size() ? a.text.size() > b.text.size()
                                            : a.id < b.id;
    });
  endsGeneration.assign(model.tokens.size(), false);
  for (std::optional<int32_t> id : {model.eos, model.eot})
    if (id)
      endsGeneration[*id] = true;
  for (int32_t id : model.stopTokens)
    endsGeneration[id] = true;
}

Error Tokenizer::Impl::addMerges() {
  merges.reserve(model.merges.size());
  SmallString<64> spelling;
  for (auto [rank, pair] : enumerate(model.merges)) {
    auto [left, right] = pair;
    spelling = StringRef(model.tokens[left]);
    spelling += model.tokens[right];
    auto product = idBySpelling.find(spelling);
    if (product == idBySpelling.end())
      return createStringError("tokenizer: merge " + Twine(rank) + " of '" +
                               model.tokens[left] + "' and '" +
                               model.tokens[right] +
                               "' makes no token of the vocabulary");
    uint64_t key = static_cast<uint64_t>(left) << 32 | right;
    merges.try_emplace(key, BytePairMerger::Merge{static_cast<uint32_t>(rank),
                                                  product->second});
  }
  return Error::success();
}

void Tokenizer::Impl::addScores() {
  std::vector<int32_t> order(model.scores.size());
  std::iota(order.begin(), order.end(), 0);
  llvm::sort(order, [&](int32_t a, int32_t b) {
    return model.scores[a] != model.scores[b]
               ? model.scores[a] > model.scores[b]
               : a < b;
  });
  rankOfScore.resize(order.size());
  for (size_t i = 0; i < order.size(); ++i) {
    bool same = i > 0 && model.scores[order[i]] == model.scores[order[i - 1]];
    rankOfScore[order[i]] = same ? rankOfScore[order[i - 1]] : i;
  }
}

/// With byte fallback, and at byte level unless there is an unknown token,
/// every byte needs a token.
Error Tokenizer::Impl::verifyAlphabet() const {
  bool byteLevel = model.spelling == TokenizerModel::Spelling::ByteLevel;
  if (byteLevel ? model.unknown.has_value() : !model.byteFallback)
    return Error::success();
  for (unsigned byte = 0; byte < 256; ++byte)
    if (byteIds[byte] < 0)
      return createStringError("tokenizer: byte 0x" +
                               utohexstr(byte, false, 2) +
                               " has no token, though text is to be encoded "
                               "byte by byte; the vocabulary is incomplete or "
                               "its token types are wrong");
  return Error::success();
}

Tokenizer::Tokenizer(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
Tokenizer::~Tokenizer() = default;

Expected<std::unique_ptr<Tokenizer>> Tokenizer::create(TokenizerModel model) {
  if (Error error = model.verify())
    return error;
  auto impl = std::make_unique<Impl>();
  impl->model = std::move(model);
  Expected<PreTokenizer> preTokenizer =
      PreTokenizer::create(impl->model.preTokenizer);
  if (!preTokenizer)
    return preTokenizer.takeError();
  impl->preTokenizer.emplace(std::move(*preTokenizer));
  impl->addTokens();
  if (impl->model.spelling == TokenizerModel::Spelling::Words)
    impl->wordPiece.emplace(impl->model);
  impl->addScores();
  if (Error error = impl->addMerges())
    return error;
  if (Error error = impl->verifyAlphabet())
    return error;
  return std::unique_ptr<Tokenizer>(new Tokenizer(std::move(impl)));
}

//===----------------------------------------------------------------------===//
// Encoding
//===----------------------------------------------------------------------===//

std::optional<BytePairMerger::Merge>
Tokenizer::Impl::lookUp(StringRef piece, const Symbol &left,
                        const Symbol &right) const {
  if (model.merging == TokenizerModel::Merging::ByRank) {
    if (left.id < 0 || right.id < 0)
      return std::nullopt;
    auto found = merges.find(static_cast<uint64_t>(left.id) << 32 | right.id);
    if (found == merges.end())
      return std::nullopt;
    return found->second;
  }
  auto found =
      idByPiece.find(piece.substr(left.begin, left.length + right.length));
  if (found == idByPiece.end())
    return std::nullopt;
  return BytePairMerger::Merge{rankOfScore[found->second], found->second};
}

/// Emits text that is no token.
Error Tokenizer::Impl::emitUnmerged(StringRef text, Encoding &encoding) const {
  bool byBytes = model.byteFallback ||
                 model.spelling == TokenizerModel::Spelling::ByteLevel;
  for (char c : text) {
    uint8_t byte = c;
    if (byBytes && byteIds[byte] >= 0) {
      encoding.ids.push_back(byteIds[byte]);
      continue;
    }
    if (!model.unknown)
      return createStringError(
          "tokenizer: byte 0x" + utohexstr(byte, false, 2) +
          " of the text has no token, and the vocabulary has neither byte "
          "tokens nor an unknown token");
    // One unknown token per character, not per byte.
    bool continues = (byte & 0xC0) == 0x80 && &c != text.begin();
    bool fused = model.fuseUnknown && !encoding.ids.empty() &&
                 encoding.ids.back() == *model.unknown;
    if (!continues && !fused)
      encoding.ids.push_back(*model.unknown);
  }
  return Error::success();
}

Error Tokenizer::Impl::encodePiece(StringRef piece, Encoding &encoding) const {
  if (wordPiece) {
    wordPiece->encode(piece, encoding.ids);
    return Error::success();
  }
  if (model.ignoreMerges) {
    auto whole = idByPiece.find(piece);
    if (whole != idByPiece.end()) {
      encoding.ids.push_back(whole->second);
      return Error::success();
    }
  }
  bool byteLevel = model.spelling == TokenizerModel::Spelling::ByteLevel;
  BytePairMerger &merger = encoding.merger;
  merger.clear();
  for (size_t at = 0, length; at < piece.size(); at += length) {
    if (byteLevel) {
      length = 1;
      merger.append(byteIds[static_cast<uint8_t>(piece[at])], at, 1);
      continue;
    }
    length = std::max<size_t>(getCharacterLength(piece.substr(at)), 1);
    auto found = idByPiece.find(piece.substr(at, length));
    merger.append(found == idByPiece.end() ? -1 : found->second, at, length);
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
  if (piece.size() > longestCached || model.fuseUnknown)
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
  if (!canCutAtSpaces) {
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
    spelled = normalize(text, model.normalizer);
    return encodeValid(spelled, encoding);
  }
  using PrefixSpace = TokenizerModel::PrefixSpace;
  bool prefixed = model.prefixSpace == PrefixSpace::Always ||
                  (model.prefixSpace == PrefixSpace::First && isFirst);
  bool hasSpace = text.starts_with(" ") ||
                  (model.spelling == TokenizerModel::Spelling::Metaspace &&
                   text.starts_with(kMetaspace));
  if (prefixed && !(model.prefixUnlessSpace && hasSpace)) {
    spelled = " " + text.str();
    text = spelled;
  }
  if (model.spelling == TokenizerModel::Spelling::Metaspace) {
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
const Special *Tokenizer::Impl::findSpecial(StringRef text, size_t &at,
                                            bool trusted) const {
  for (; at < text.size(); ++at)
    for (const Special &special : specials[static_cast<uint8_t>(text[at])])
      if ((trusted || !special.trustedOnly) &&
          text.substr(at).starts_with(special.text))
        return &special;
  return nullptr;
}

Expected<std::vector<int32_t>> Tokenizer::encode(StringRef text,
                                                 EncodeOptions options) const {
  const TokenizerModel &model = impl->model;
  // Symbols and the heap count in 32 bits.
  if (text.size() > (1u << 30))
    return createStringError("tokenizer: a text of " + Twine(text.size()) +
                             " bytes is too long; split it");
  Encoding encoding;
  if (options.addBos && model.addBos)
    encoding.ids.push_back(*model.bos);
  size_t done = 0, at = 0;
  while (const Special *special =
             impl->findSpecial(text, at, options.parseSpecial)) {
    StringRef before = text.slice(done, at);
    if (is_contained(model.stripLeft, special->id))
      before = before.rtrim();
    if (Error error = impl->encodeText(before, done == 0, encoding))
      return error;
    encoding.ids.push_back(special->id);
    at += special->text.size();
    if (is_contained(model.stripRight, special->id))
      at = text.size() - text.substr(at).ltrim().size();
    done = at;
  }
  if (Error error = impl->encodeText(text.substr(done), done == 0, encoding))
    return error;
  if (options.addBos && model.addEos)
    encoding.ids.push_back(*model.eos);
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
      (impl->model.prefixSpace != TokenizerModel::PrefixSpace::Never ||
       impl->wordPiece) &&
      StringRef(text).starts_with(" "))
    text.erase(0, 1);
  return text;
}

StringRef Tokenizer::getText(int32_t id) const {
  if (id < 0 || id >= size())
    return "";
  return impl->texts[id];
}

std::optional<int32_t> Tokenizer::find(StringRef spelling) const {
  auto found = impl->idBySpelling.find(spelling);
  if (found == impl->idBySpelling.end())
    return std::nullopt;
  return found->second;
}

bool Tokenizer::isControl(int32_t id) const {
  if (id < 0 || id >= size())
    return false;
  TokenType type = impl->model.types[id];
  return type == TokenType::Control || type == TokenType::Unknown ||
         type == TokenType::Unused;
}

bool Tokenizer::isEndOfGeneration(int32_t id) const {
  return id >= 0 && id < size() && impl->endsGeneration[id];
}

const TokenizerModel &Tokenizer::getModel() const { return impl->model; }

int64_t Tokenizer::size() const { return impl->model.tokens.size(); }

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
