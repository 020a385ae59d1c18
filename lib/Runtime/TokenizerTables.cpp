//===- TokenizerTables.cpp - Look-ups of a tokenizer ----------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TokenizerTables.h"

#include "TokenizerRules.h"
#include "Utf8.h"

#include "compress/Support/Error.h"
#include "compress/Support/JSON.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/xxhash.h"

#include <algorithm>
#include <numeric>

using namespace llvm;
using namespace mlir::compress;

static constexpr StringLiteral kFormat = "compress-tokenizer-tables";
static constexpr StringLiteral kVersion = "1";
static constexpr size_t kBytes = 256;

//===----------------------------------------------------------------------===//
// Slots
//===----------------------------------------------------------------------===//

static size_t getSlot(ArrayRef<uint8_t> key, size_t slots) {
  return (xxh3_64bits(key) & 0xFFFFFFFF) * slots >> 32;
}

static ArrayRef<uint8_t> getKey(StringRef text) {
  return ArrayRef(text.bytes_begin(), text.size());
}

/// The key of a merge: both ids, little-endian.
static ArrayRef<uint8_t> getKey(const int32_t (&pair)[2]) {
  return ArrayRef(reinterpret_cast<const uint8_t *>(pair), sizeof(pair));
}

/// The index at which `isKey` holds, from the key's place on. Ends where
/// damaged slots have no free one.
template <typename IsKey>
static std::optional<int32_t> findIn(SlotTable slots, ArrayRef<uint8_t> key,
                                     IsKey isKey) {
  if (slots.empty())
    return std::nullopt;
  size_t slot = getSlot(key, slots.size());
  for (size_t i = 0; i < slots.size(); ++i) {
    int32_t index = slots[slot];
    if (index < 0)
      return std::nullopt;
    if (isKey(index))
      return index;
    if (++slot == slots.size())
      slot = 0;
  }
  return std::nullopt;
}

std::optional<int32_t> TokenizerTables::findSpelling(StringRef spelling) const {
  return findIn(spellingSlots, getKey(spelling),
                [&](int32_t id) { return spellings[id] == spelling; });
}

std::optional<int32_t> TokenizerTables::findPiece(StringRef piece) const {
  const StringTable &table =
      rules.spelling == TokenizerRules::Spelling::ByteLevel ? texts : spellings;
  return findIn(pieceSlots, getKey(piece),
                [&](int32_t id) { return table[id] == piece; });
}

std::optional<BytePairMerger::Merge>
TokenizerTables::findMerge(int32_t left, int32_t right) const {
  int32_t pair[2] = {left, right};
  std::optional<int32_t> rank =
      findIn(mergeSlots, getKey(pair), [&](int32_t index) {
        return merges[index].left == left && merges[index].right == right;
      });
  if (!rank)
    return std::nullopt;
  return BytePairMerger::Merge{static_cast<uint32_t>(*rank),
                               merges[*rank].product};
}

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

namespace {
/// Strings one after the other.
struct StringStorage {
  std::vector<uint8_t> bytes;
  std::vector<uint32_t> begins{0};

  void append(StringRef text) {
    llvm::append_range(bytes, getKey(text));
    begins.push_back(bytes.size());
  }
  StringTable getTable() const { return {bytes, begins}; }
};

/// A table in which at least a third of the slots stays free.
struct SlotStorage {
  std::vector<int32_t> slots;

  explicit SlotStorage(size_t keys = 0) : slots(keys + keys / 2 + 1, -1) {}

  /// Enters an index whose key was not found.
  void insert(ArrayRef<uint8_t> key, int32_t index) {
    size_t slot = getSlot(key, slots.size());
    while (slots[slot] >= 0)
      slot = slot + 1 == slots.size() ? 0 : slot + 1;
    slots[slot] = index;
  }
};
} // namespace

struct TokenizerTables::Storage {
  StringStorage spellings, texts;
  std::vector<uint8_t> types;
  std::vector<float> scores;
  std::vector<uint32_t> scoreRanks;
  std::vector<MergeEntry> merges;
  std::vector<int32_t> byteIds = std::vector<int32_t>(kBytes, -1);
  std::vector<int32_t> specials;
  std::vector<uint32_t> specialBegins;
  SlotStorage spellingSlots, pieceSlots, mergeSlots;

  void addStrings(const TokenizerModel &model);
  void addTokens(TokenizerTables &tables);
  void addSpecials(const StringTable &texts);
  Error addMerges(const TokenizerModel &model, TokenizerTables &tables);
  void addScores(const TokenizerModel &model);
};

/// The byte of a `<0xHH>` token.
static std::optional<uint8_t> parseByteToken(StringRef spelling) {
  unsigned value = 0;
  if (spelling.size() != 6 || !spelling.consume_front("<0x") ||
      !spelling.consume_back(">") || spelling.getAsInteger(16, value))
    return std::nullopt;
  return static_cast<uint8_t>(value);
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

void TokenizerTables::Storage::addStrings(const TokenizerModel &model) {
  for (auto [id, spelling] : enumerate(model.tokens)) {
    spellings.append(spelling);
    texts.append(getTokenText(model, id));
    types.push_back(static_cast<uint8_t>(model.types[id]));
  }
}

/// Whether a space follows another character somewhere in a spelling.
static bool hasInnerSpace(StringRef spelling) {
  StringRef rest = spelling;
  while (rest.consume_front(kMetaspace))
    ;
  return rest.contains(kMetaspace);
}

void TokenizerTables::Storage::addTokens(TokenizerTables &tables) {
  const TokenizerRules &rules = tables.rules;
  bool byteLevel = rules.spelling == TokenizerRules::Spelling::ByteLevel;
  bool canCut = rules.spelling == TokenizerRules::Spelling::Metaspace &&
                rules.preTokenizer.empty();
  spellingSlots = pieceSlots = SlotStorage(types.size());
  tables.spellingSlots = spellingSlots.slots;
  tables.pieceSlots = pieceSlots.slots;
  for (int32_t id = 0, size = types.size(); id < size; ++id) {
    TokenType type = static_cast<TokenType>(types[id]);
    StringRef spelling = tables.spellings[id], text = tables.texts[id];
    if (!tables.findSpelling(spelling))
      spellingSlots.insert(getKey(spelling), id);
    if (type == TokenType::Normal || type == TokenType::UserDefined) {
      StringRef piece = byteLevel ? text : spelling;
      if (!tables.findPiece(piece))
        pieceSlots.insert(getKey(piece), id);
      canCut &= !hasInnerSpace(spelling);
    }
    bool isByte = type == (byteLevel ? TokenType::Normal : TokenType::Byte) &&
                  text.size() == 1;
    if (isByte && byteIds[static_cast<uint8_t>(text[0])] < 0)
      byteIds[static_cast<uint8_t>(text[0])] = id;
    bool isSpecial = type == TokenType::Control ||
                     type == TokenType::UserDefined ||
                     type == TokenType::Unknown;
    if (isSpecial && !text.empty())
      specials.push_back(id);
  }
  tables.canCutAtSpaces = canCut;
  addSpecials(tables.texts);
}

void TokenizerTables::Storage::addSpecials(const StringTable &texts) {
  auto getFirst = [&](int32_t id) {
    return static_cast<uint8_t>(texts[id].front());
  };
  llvm::sort(specials, [&](int32_t a, int32_t b) {
    // Longest first.
    return std::tuple(getFirst(a), texts[b].size(), a) <
           std::tuple(getFirst(b), texts[a].size(), b);
  });
  specialBegins.assign(kBytes + 1, 0);
  for (int32_t id : specials)
    ++specialBegins[getFirst(id) + 1];
  std::partial_sum(specialBegins.begin(), specialBegins.end(),
                   specialBegins.begin());
}

Error TokenizerTables::Storage::addMerges(const TokenizerModel &model,
                                          TokenizerTables &tables) {
  mergeSlots = SlotStorage(model.merges.size());
  tables.mergeSlots = mergeSlots.slots;
  merges.reserve(model.merges.size());
  SmallString<64> spelling;
  for (auto [rank, pair] : enumerate(model.merges)) {
    auto [left, right] = pair;
    spelling = StringRef(model.tokens[left]);
    spelling += model.tokens[right];
    std::optional<int32_t> product = tables.findSpelling(spelling);
    if (!product)
      return createStringError("tokenizer: merge " + Twine(rank) + " of '" +
                               model.tokens[left] + "' and '" +
                               model.tokens[right] +
                               "' makes no token of the vocabulary");
    merges.push_back({left, right, *product});
    tables.merges = merges;
    int32_t key[2] = {left, right};
    if (!tables.findMerge(left, right))
      mergeSlots.insert(getKey(key), rank);
  }
  return Error::success();
}

void TokenizerTables::Storage::addScores(const TokenizerModel &model) {
  scores = model.scores;
  std::vector<int32_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  llvm::sort(order, [&](int32_t a, int32_t b) {
    return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
  });
  scoreRanks.resize(order.size());
  for (size_t i = 0; i < order.size(); ++i) {
    bool same = i > 0 && scores[order[i]] == scores[order[i - 1]];
    scoreRanks[order[i]] = same ? scoreRanks[order[i - 1]] : i;
  }
}

Expected<TokenizerTables> TokenizerTables::build(const TokenizerModel &model) {
  // A text has at most one byte more than its spelling.
  size_t bytes = model.tokens.size();
  for (const std::string &token : model.tokens)
    bytes += token.size();
  if (bytes > INT32_MAX)
    return createStringError("tokenizer: spellings of " + Twine(bytes) +
                             " bytes are too long for one vocabulary");
  auto storage = std::make_shared<Storage>();
  TokenizerTables tables;
  tables.rules = model;
  storage->addStrings(model);
  tables.spellings = storage->spellings.getTable();
  tables.texts = storage->texts.getTable();
  storage->addTokens(tables);
  if (Error error = storage->addMerges(model, tables))
    return error;
  storage->addScores(model);
  tables.types = storage->types;
  tables.scores = storage->scores;
  tables.scoreRanks = storage->scoreRanks;
  tables.merges = storage->merges;
  tables.byteIds = storage->byteIds;
  tables.specials = storage->specials;
  tables.specialBegins = storage->specialBegins;
  tables.owner = std::move(storage);
  return tables;
}

TokenizerModel TokenizerTables::getModel() const {
  TokenizerModel model;
  static_cast<TokenizerRules &>(model) = rules;
  for (size_t id = 0; id < size(); ++id) {
    model.tokens.push_back(spellings[id].str());
    model.types.push_back(static_cast<TokenType>(types[id]));
  }
  model.scores = scores.vec();
  for (const MergeEntry &merge : merges)
    model.merges.emplace_back(merge.left, merge.right);
  return model;
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

template <typename Tables, typename Visitor>
Error TokenizerTables::forEach(Tables &tables, Visitor visit) {
  // Slots and offsets, which every program checks, lie together.
  Error error = visit("spelling.begins", tables.spellings.begins);
  auto then = [&](StringRef name, auto &array) {
    if (!error)
      error = visit(name, array);
  };
  then("spelling.slots", tables.spellingSlots);
  then("text.begins", tables.texts.begins);
  then("types", tables.types);
  then("piece.slots", tables.pieceSlots);
  then("merges", tables.merges);
  then("merge.slots", tables.mergeSlots);
  then("score.ranks", tables.scoreRanks);
  then("byte_ids", tables.byteIds);
  then("specials", tables.specials);
  then("special.begins", tables.specialBegins);
  then("spelling.bytes", tables.spellings.bytes);
  then("text.bytes", tables.texts.bytes);
  then("scores", tables.scores);
  return error;
}

/// How an element of a table is stored, and how many numbers it has.
template <typename T> static std::pair<ElementType, int64_t> getElement();
template <> std::pair<ElementType, int64_t> getElement<uint8_t>() {
  return {ElementType::U8, 1};
}
template <> std::pair<ElementType, int64_t> getElement<int32_t>() {
  return {ElementType::I32, 1};
}
template <> std::pair<ElementType, int64_t> getElement<uint32_t>() {
  return {ElementType::U32, 1};
}
template <> std::pair<ElementType, int64_t> getElement<float>() {
  return {ElementType::F32, 1};
}
template <> std::pair<ElementType, int64_t> getElement<MergeEntry>() {
  return {ElementType::I32, 3};
}

Error TokenizerTables::write(StringRef path) const {
  std::vector<SafetensorsWriter::Declaration> declarations;
  std::vector<ArrayRef<uint8_t>> data;
  cantFail(forEach(*this, [&](StringRef name, const auto &array) {
    using T = typename std::decay_t<decltype(array)>::value_type;
    auto [type, inner] = getElement<T>();
    SmallVector<int64_t> shape{static_cast<int64_t>(array.size())};
    if (inner > 1)
      shape.push_back(inner);
    declarations.push_back({name.str(), type, shape});
    data.push_back(ArrayRef(reinterpret_cast<const uint8_t *>(array.data()),
                            array.size() * sizeof(T)));
    return Error::success();
  }));
  SafetensorsWriter::Metadata metadata{
      {"format", kFormat.str()},
      {"version", kVersion.str()},
      {"rules", formatv("{0}", json::Value(rules.toJSON()))},
      {"can_cut_at_spaces", canCutAtSpaces ? "true" : "false"}};
  Expected<SafetensorsWriter> writer =
      SafetensorsWriter::create(path, declarations, metadata);
  if (!writer)
    return writer.takeError();
  for (ArrayRef<uint8_t> bytes : data)
    if (Error error = writer->append(bytes))
      return error;
  return writer->commit();
}

/// What must hold for look-ups to stay within the tables.
struct TokenizerTables::Checker {
  const TokenizerTables &tables;
  StringRef path;

  Error fail(const Twine &message) const {
    return makeFileError(path, message + "; the tokenizer is damaged, copy or "
                                         "compile the bundle again");
  }

  /// Every element is from `least` on and below `end`.
  template <typename T>
  Error checkRange(StringRef name, ArrayRef<T> values, int64_t least,
                   int64_t end) const {
    // Without a way out, so that it is done with vectors.
    bool isOutside = false;
    T first = static_cast<T>(least), last = static_cast<T>(end - 1);
    for (T value : values)
      isOutside |= (value < first) | (value > last);
    if (isOutside)
      return fail(name + " has a number that is not from " + Twine(least) +
                  " to " + Twine(end - 1));
    return Error::success();
  }

  /// Ascending from 0 to `end`.
  Error checkBegins(StringRef name, ArrayRef<uint32_t> begins, size_t count,
                    size_t end) const {
    bool descends = false;
    for (size_t i = 1; i < begins.size(); ++i)
      descends |= begins[i] < begins[i - 1];
    if (begins.size() != count + 1 || descends || begins.front() != 0 ||
        begins.back() != end)
      return fail(name + " are not " + Twine(count + 1) +
                  " ascending numbers from 0 to " + Twine(end));
    return Error::success();
  }

  Error checkStrings() const;
  Error checkSizes() const;
  Error run() const;
};

Error TokenizerTables::Checker::checkStrings() const {
  size_t size = tables.size();
  if (Error error = checkBegins("spelling.begins", tables.spellings.begins,
                                size, tables.spellings.bytes.size()))
    return error;
  if (Error error = checkBegins("text.begins", tables.texts.begins, size,
                                tables.texts.bytes.size()))
    return error;
  if (Error error =
          checkRange("specials", tables.specials, 0, tables.types.size()))
    return error;
  for (int32_t id : tables.specials)
    if (tables.texts[id].empty())
      return fail("token " + Twine(id) + " of specials has no text");
  return checkBegins("special.begins", tables.specialBegins, kBytes,
                     tables.specials.size());
}

Error TokenizerTables::Checker::checkSizes() const {
  size_t size = tables.size();
  bool byScore = tables.rules.merging == TokenizerRules::Merging::ByScore;
  if (size == 0)
    return fail("the vocabulary is empty");
  std::tuple<StringRef, size_t, size_t> sizes[] = {
      {"scores", tables.scores.size(), byScore ? size : 0},
      {"score.ranks", tables.scoreRanks.size(), byScore ? size : 0},
      {"byte_ids", tables.byteIds.size(), kBytes}};
  for (auto [name, have, expected] : sizes)
    if (have != expected)
      return fail(name + " has " + Twine(have) + " elements, expected " +
                  Twine(expected));
  return Error::success();
}

Error TokenizerTables::Checker::run() const {
  int64_t size = tables.size();
  if (Error error = checkSizes())
    return error;
  if (Error error = checkStrings())
    return error;
  if (Error error =
          checkRange("types", tables.types, int64_t(TokenType::Normal),
                     int64_t(TokenType::Byte) + 1))
    return error;
  std::tuple<StringRef, SlotTable, int64_t> indices[] = {
      {"spelling.slots", tables.spellingSlots, size},
      {"piece.slots", tables.pieceSlots, size},
      {"byte_ids", tables.byteIds, size},
      {"merge.slots", tables.mergeSlots, tables.merges.size()}};
  for (auto [name, values, end] : indices)
    if (Error error = checkRange(name, values, -1, end))
      return error;
  ArrayRef<int32_t> ids(reinterpret_cast<const int32_t *>(tables.merges.data()),
                        tables.merges.size() * 3);
  if (Error error = checkRange("merges", ids, 0, size))
    return error;
  if (Error error = tables.rules.verify(size))
    return makeFileError(path, toString(std::move(error)));
  return Error::success();
}

/// Points `array` at the table of a file.
template <typename T>
static Error readTable(const SafetensorsFile &file, StringRef name,
                       ArrayRef<T> &array) {
  auto [type, inner] = getElement<T>();
  const SafetensorsTensor *tensor = file.find(name);
  size_t rank = inner > 1 ? 2 : 1;
  if (!tensor || tensor->type != type || tensor->shape.size() != rank ||
      (inner > 1 && tensor->shape.back() != inner))
    return makeFileError(file.getPath(),
                         "has no table '" + name +
                             "' of the form that a tokenizer needs; compile "
                             "the model again");
  if (reinterpret_cast<uintptr_t>(tensor->data.data()) % alignof(T) != 0)
    return makeFileError(file.getPath(), "table '" + name +
                                             "' is not aligned; compile the "
                                             "model again");
  array = ArrayRef(reinterpret_cast<const T *>(tensor->data.data()),
                   tensor->shape.front());
  return Error::success();
}

Expected<TokenizerTables> TokenizerTables::open(StringRef path) {
  Expected<SafetensorsFile> opened = SafetensorsFile::open(path);
  if (!opened)
    return opened.takeError();
  auto file = std::make_shared<SafetensorsFile>(std::move(*opened));
  const StringMap<std::string> &metadata = file->getMetadata();
  std::string format = metadata.lookup("format");
  std::string version = metadata.lookup("version");
  if (format != kFormat || version != kVersion)
    return makeFileError(path, "expected format '" + kFormat + "', version " +
                                   kVersion + "; got '" + format +
                                   "', version '" + version +
                                   "'; compile the model again");
  TokenizerTables tables;
  tables.canCutAtSpaces = metadata.lookup("can_cut_at_spaces") == "true";
  Expected<json::Value> value = parseJSON(metadata.lookup("rules"), path);
  if (!value)
    return value.takeError();
  Expected<TokenizerRules> rules = TokenizerRules::fromJSON(*value);
  if (!rules)
    return makeFileError(path, toString(rules.takeError()));
  tables.rules = std::move(*rules);
  if (Error error = forEach(tables, [&](StringRef name, auto &array) {
        return readTable(*file, name, array);
      }))
    return error;
  if (Error error = Checker{tables, path}.run())
    return error;
  tables.owner = std::move(file);
  return tables;
}
