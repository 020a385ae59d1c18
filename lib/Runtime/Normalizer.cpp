//===- Normalizer.cpp - Changes text before it is split -------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Normalizer.h"

#include "Utf8.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using namespace mlir::compress;

namespace {

/// The entries of a table are sorted, and cover their characters alone.
struct CharacterRange {
  uint32_t first, last;
};

/// The lower case of first, first + step, ... last lies `difference` away.
struct CaseRun {
  uint32_t first, last, step;
  int32_t difference;
};

/// Each of the characters decomposes into these, of which 0 is none.
struct BaseCharacters {
  uint32_t first, last;
  uint32_t base = 0, second = 0, third = 0;
};

} // namespace

#include "UnicodeTables.inc"

/// The entry of a table that covers a character, or null.
template <typename Entry>
static const Entry *find(ArrayRef<Entry> table, uint32_t character) {
  const Entry *entry = partition_point(
      table, [&](const Entry &entry) { return entry.last < character; });
  return entry != table.end() && entry->first <= character ? entry : nullptr;
}

/// White space, but for the controls among it.
static bool isSpace(uint32_t character) {
  static constexpr CharacterRange spaces[] = {
      {0x20, 0x20},     {0xa0, 0xa0},     {0x1680, 0x1680}, {0x2000, 0x200a},
      {0x2028, 0x2029}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}};
  return find(ArrayRef(spaces), character);
}

/// The blocks of ideographs that BERT's tokenizer names, which leave out Korean
/// and Japanese scripts (google-research/bert, tokenization.py). Its last but
/// one block begins at U+2B820; the package tokenizers has U+2B920, which is
/// what models are used with.
static bool isIdeograph(uint32_t character) {
  static constexpr CharacterRange blocks[] = {
      {0x3400, 0x4dbf},   {0x4e00, 0x9fff},   {0xf900, 0xfaff},
      {0x20000, 0x2a6df}, {0x2a700, 0x2b73f}, {0x2b740, 0x2b81f},
      {0x2b920, 0x2ceaf}, {0x2f800, 0x2fa1f}};
  return find(ArrayRef(blocks), character);
}

namespace {

/// Applies rules to one character after the other; each hands on to the next.
class Rules {
public:
  Rules(const Normalizer &rules, std::string &result)
      : rules(rules), result(result) {}

  void clean(uint32_t character);

private:
  void separate(uint32_t character);
  void strip(uint32_t character);
  void lower(uint32_t character);
  void append(uint32_t character);

  const Normalizer &rules;
  std::string &result;
};

} // namespace

void Rules::clean(uint32_t character) {
  if (!rules.cleanText)
    return separate(character);
  bool isBreak = character == '\t' || character == '\n' || character == '\r';
  if (isBreak || isSpace(character))
    return separate(' ');
  constexpr uint32_t replacement = 0xfffd;
  if (character != replacement && !find(ArrayRef(kControls), character))
    separate(character);
}

void Rules::separate(uint32_t character) {
  if (!rules.separateIdeographs || !isIdeograph(character))
    return strip(character);
  strip(' ');
  strip(character);
  strip(' ');
}

void Rules::strip(uint32_t character) {
  if (!rules.stripAccents)
    return lower(character);
  if (find(ArrayRef(kNonspacingMarks), character))
    return;
  // The three letters of a Korean syllable (Unicode, 3.12).
  constexpr uint32_t syllables = 0xac00, count = 11172, vowels = 21, tails = 28;
  if (uint32_t index = character - syllables; index < count) {
    lower(0x1100 + index / (vowels * tails));
    lower(0x1161 + index / tails % vowels);
    if (index % tails)
      lower(0x11a7 + index % tails);
    return;
  }
  const BaseCharacters *entry = find(ArrayRef(kBases), character);
  if (!entry)
    return lower(character);
  for (uint32_t base : {entry->base, entry->second, entry->third})
    if (base)
      lower(base);
}

void Rules::lower(uint32_t character) {
  if (!rules.lowercase)
    return append(character);
  if (character == 0x130) {
    append('i');
    return append(0x307);
  }
  const CaseRun *run = find(ArrayRef(kLowerCases), character);
  if (run && (character - run->first) % run->step == 0)
    character += run->difference;
  append(character);
}

void Rules::append(uint32_t character) {
  auto trail = [&](unsigned shift) {
    result += static_cast<char>(0x80 | (character >> shift & 0x3f));
  };
  if (character < 0x80) {
    result += static_cast<char>(character);
  } else if (character < 0x800) {
    result += static_cast<char>(0xc0 | character >> 6);
    trail(0);
  } else if (character < 0x10000) {
    result += static_cast<char>(0xe0 | character >> 12);
    trail(6);
    trail(0);
  } else {
    result += static_cast<char>(0xf0 | character >> 18);
    trail(12);
    trail(6);
    trail(0);
  }
}

/// The character of a well-formed UTF-8 sequence.
static uint32_t decodeCharacter(StringRef bytes) {
  uint32_t character = static_cast<uint8_t>(bytes[0]);
  if (bytes.size() > 1)
    character &= 0xff >> (bytes.size() + 1);
  for (char byte : bytes.drop_front())
    character = character << 6 | (static_cast<uint8_t>(byte) & 0x3f);
  return character;
}

std::string mlir::compress::normalize(StringRef text,
                                      const Normalizer &normalizer) {
  std::string result;
  result.reserve(text.size());
  Rules rules(normalizer, result);
  for (size_t at = 0; at < text.size();) {
    size_t length = getCharacterLength(text.substr(at));
    rules.clean(length ? decodeCharacter(text.substr(at, length)) : 0xfffd);
    at += std::max<size_t>(length, 1);
  }
  return result;
}
