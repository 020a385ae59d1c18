//===- TokenizerTables.h - Look-ups of a tokenizer --------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a tokenizer looks up, as arrays: built from a TokenizerModel, or mapped
// from the file of a bundle. Both are used in the same way, so that a bundle's
// tokenizer needs neither parsing nor memory of its own.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_RUNTIME_TOKENIZERTABLES_H
#define COMPRESS_LIB_RUNTIME_TOKENIZERTABLES_H

#include "BytePairMerger.h"

#include "compress/Runtime/Tokenizer.h"
#include "compress/Support/Safetensors.h"

namespace mlir::compress {

/// One string per id: their bytes, and where each begins; one more at the end.
struct StringTable {
  llvm::ArrayRef<uint8_t> bytes;
  llvm::ArrayRef<uint32_t> begins;

  llvm::StringRef operator[](size_t index) const {
    return llvm::StringRef(reinterpret_cast<const char *>(bytes.data()) +
                               begins[index],
                           begins[index + 1] - begins[index]);
  }
  size_t size() const { return begins.size() - 1; }
};

/// A merge of two neighbours, in the order of ranks.
struct MergeEntry {
  int32_t left, right, product;
};

/// Tables for open addressing hold an index, or -1. The place of a key is the
/// upper half of (XXH3(key) mod 2^32) * slots; the next slots follow.
/// XXH3: github.com/Cyan4973/xxHash, with 64 bits and without a seed.
using SlotTable = llvm::ArrayRef<int32_t>;

class TokenizerTables {
public:
  /// Of a verified model. Errors: a merge without a product; more than 2^31
  /// bytes of spellings.
  static llvm::Expected<TokenizerTables> build(const TokenizerModel &model);
  /// Maps a file, and checks what the members below say of sizes and ids.
  static llvm::Expected<TokenizerTables> open(llvm::StringRef path);
  llvm::Error write(llvm::StringRef path) const;

  TokenizerModel getModel() const;

  size_t size() const { return types.size(); }
  /// The first id of a spelling; of any token.
  std::optional<int32_t> findSpelling(llvm::StringRef spelling) const;
  /// The first normal or user-defined token of a text: of bytes with
  /// Spelling::ByteLevel, else of a spelling.
  std::optional<int32_t> findPiece(llvm::StringRef piece) const;
  std::optional<BytePairMerger::Merge> findMerge(int32_t left,
                                                 int32_t right) const;

  TokenizerRules rules;
  /// No token has a space (U+2581) after another character, so that no merge
  /// goes across such a place, and text can be cut there.
  bool canCutAtSpaces = false;
  StringTable spellings;
  /// The bytes that tokens stand for.
  StringTable texts;
  /// TokenType.
  llvm::ArrayRef<uint8_t> types;
  /// Merging::ByScore, else empty: scores, and the place of an id's score among
  /// all, equal ones equal.
  llvm::ArrayRef<float> scores;
  llvm::ArrayRef<uint32_t> scoreRanks;
  llvm::ArrayRef<MergeEntry> merges;
  /// 256 ids of single bytes, or -1: byte-level characters or `<0xHH>`.
  llvm::ArrayRef<int32_t> byteIds;
  /// Ids of tokens that are found in text before it is split: by first byte,
  /// longest first. Those of byte b lie at specialBegins[b] and after; 257.
  llvm::ArrayRef<int32_t> specials;
  llvm::ArrayRef<uint32_t> specialBegins;

private:
  struct Storage;
  struct Checker;

  /// Calls `visit(name, array)` for every table, in the file's order, up to the
  /// first error.
  template <typename Tables, typename Visitor>
  static llvm::Error forEach(Tables &tables, Visitor visit);

  SlotTable spellingSlots, pieceSlots, mergeSlots;
  /// What the arrays lie in: Storage or a SafetensorsFile.
  std::shared_ptr<const void> owner;
};

} // namespace mlir::compress

#endif // COMPRESS_LIB_RUNTIME_TOKENIZERTABLES_H
