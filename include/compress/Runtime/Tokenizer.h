//===- Tokenizer.h - Text to token ids and back -----------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tokenizer is data (TokenizerModel), which importers fill from a GGUF file
// or a tokenizer.json and which a bundle stores, and one interpreter of that
// data (Tokenizer). Byte pair encodings differ in how text is spelled, split
// and merged; WordPiece takes the longest tokens instead of merging. Each
// difference is a field of its rules.
//
// The interpreter works on tables for look-ups that follow from the data. A
// bundle holds them as they are used, so that a program starts without
// building them (docs/bundle-format.md).
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_RUNTIME_TOKENIZER_H
#define COMPRESS_RUNTIME_TOKENIZER_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mlir::compress {

/// What a token is for. The numbers are those of GGUF's
/// `tokenizer.ggml.token_type`.
enum class TokenType : uint8_t {
  Normal = 1,
  Unknown = 2,
  /// Steers the model (`<s>`, `<|im_end|>`); found in text only where the
  /// caller trusts the text (EncodeOptions::parseSpecial), printed only if
  /// asked for. Hugging Face: added token with `special: true`.
  Control = 3,
  /// Found in any text before it is split. Hugging Face: added token with
  /// `special: false`.
  UserDefined = 4,
  Unused = 5,
  /// `<0xHH>`: one byte, for text that has no token of its own.
  Byte = 6
};

/// One step of splitting text into the pieces within which tokens are merged.
/// Steps run one after the other, each over the pieces of the one before.
struct SplitStep {
  /// What becomes of a match (Hugging Face's `SplitDelimiterBehavior`).
  enum class Behavior : uint8_t {
    /// The match is a piece, and so is the text between two matches.
    Isolated,
    Removed,
    MergedWithPrevious,
    MergedWithNext,
    /// Neighbouring matches are one piece.
    Contiguous
  };

  /// A PCRE2 pattern over UTF-8 with Unicode classes.
  std::string pattern;
  Behavior behavior = Behavior::Isolated;
  /// The text between matches plays the role of the matches.
  bool invert = false;

  bool operator==(const SplitStep &other) const {
    return pattern == other.pattern && behavior == other.behavior &&
           invert == other.invert;
  }

  /// A literal delimiter instead of a pattern.
  static SplitStep getLiteral(llvm::StringRef text, Behavior behavior);
  /// Hugging Face's `ByteLevel` with `use_regex`: contractions, words, numbers,
  /// the rest, each with at most one leading space (GPT-2).
  static SplitStep getGPT2();
  /// Hugging Face's `Digits`: each digit alone, or each run of digits.
  static SplitStep getDigits(bool individual);
  /// Hugging Face's `Punctuation`, `WhitespaceSplit` and `Whitespace`.
  static SplitStep getPunctuation(Behavior behavior);
  static SplitStep getWhitespaceSplit();
  static SplitStep getWhitespace();
  /// Hugging Face's `BertPreTokenizer`, which is two steps: words, in which
  /// each punctuation character stands alone.
  static std::vector<SplitStep> getBert();
};

/// The steps that a GGUF file names in `tokenizer.ggml.pre` (`gpt-2`,
/// `smollm`, `llama-bpe`, ...); "" and `default` are GPT-2's. The error lists
/// the known names.
llvm::Expected<std::vector<SplitStep>>
getNamedPreTokenizer(llvm::StringRef name);

/// What becomes of text before it is split, in this order (Hugging Face's
/// `BertNormalizer`).
struct Normalizer {
  /// Controls are left out, and white space becomes spaces.
  bool cleanText = false;
  /// Chinese characters get spaces around them.
  bool separateIdeographs = false;
  /// Characters are decomposed, and marks of class Mn left out.
  bool stripAccents = false;
  bool lowercase = false;

  /// Whether it changes anything.
  explicit operator bool() const {
    return cleanText || separateIdeographs || stripAccents || lowercase;
  }
};

/// What a tokenizer does, without its vocabulary.
struct TokenizerRules {
  /// How text is written in the vocabulary.
  enum class Spelling : uint8_t {
    /// Every byte is one of 256 printable characters (GPT-2's table: a space is
    /// U+0120). Special and user-defined tokens are spelled plainly.
    ByteLevel,
    /// UTF-8 in which a space is U+2581 (SentencePiece, Metaspace).
    Metaspace,
    /// UTF-8 without spaces: a token begins a word, or with `continuingPrefix`
    /// before it goes on with one (WordPiece).
    Words
  };
  /// Which of the possible merges comes first.
  enum class Merging : uint8_t {
    /// The pair that stands first in `merges` (GPT-2, tokenizer.json).
    ByRank,
    /// The pair whose token has the highest score (SentencePiece).
    ByScore,
    /// No merges: the longest token comes first, from left to right
    /// (WordPiece). Goes with Spelling::Words and with no other.
    LongestMatch
  };
  /// Where a space is put before text that follows a special token or starts
  /// the input.
  enum class PrefixSpace : uint8_t { Never, First, Always };

  Spelling spelling = Spelling::ByteLevel;
  Merging merging = Merging::ByRank;

  /// A piece that is a token is taken whole, whatever the merges say (Llama 3).
  bool ignoreMerges = false;

  /// With Spelling::Words: what tokens begin with that do not start a word, and
  /// how many characters a word may have before it is unknown.
  std::string continuingPrefix = "##";
  int64_t maxWordCharacters = 100;

  /// Of text between special tokens; with Spelling::Words only.
  Normalizer normalizer;
  /// Run over the text itself, or with Spelling::Metaspace over its spelling.
  std::vector<SplitStep> preTokenizer;
  PrefixSpace prefixSpace = PrefixSpace::Never;
  /// No prefix where the text starts with a space already (byte-level
  /// `add_prefix_space`, `Metaspace`; not the normalizer `Prepend`, nor GGUF).
  bool prefixUnlessSpace = false;
  /// Metaspace: characters without a token become `<0xHH>` tokens.
  bool byteFallback = false;
  /// Metaspace without byte fallback: neighbouring unknown characters are one
  /// unknown token.
  bool fuseUnknown = false;

  std::optional<int32_t> bos, eos, unknown, padding;
  /// End of a turn in a chat, where it differs from `eos`.
  std::optional<int32_t> eot;
  /// Further tokens that end generation.
  std::vector<int32_t> stopTokens;
  bool addBos = false;
  bool addEos = false;
  /// Special or user-defined tokens that swallow the whitespace before (after)
  /// them; sorted.
  std::vector<int32_t> stripLeft, stripRight;
  /// Jinja source; empty where the model has none.
  std::string chatTemplate;

  /// Checks that what the fields ask for is there, for a vocabulary of `size`
  /// tokens.
  llvm::Error verify(int64_t size) const;

  /// As members of a JSON object (docs/bundle-format.md).
  llvm::json::Object toJSON() const;
  /// The error names the field. The result is not verified.
  static llvm::Expected<TokenizerRules>
  fromJSON(const llvm::json::Value &value);
};

/// The data of a tokenizer. Importers fill it; `verify` says what is missing.
struct TokenizerModel : TokenizerRules {
  /// One per id, in the file's spelling (UTF-8; see Spelling).
  std::vector<std::string> tokens;
  /// One per id.
  std::vector<TokenType> types;
  /// One per id with Merging::ByScore, else empty.
  std::vector<float> scores;
  /// Pairs of ids, the first one is merged first; empty with ByScore. The
  /// token that a pair becomes is spelled by the two spellings together.
  std::vector<std::pair<int32_t, int32_t>> merges;

  /// Sets `merges` from pairs of spellings, or from "a b" strings (split at the
  /// first space after the first character). Needs `tokens`. The error names
  /// the merge whose part or product is not a token.
  llvm::Error
  setMerges(llvm::ArrayRef<std::pair<llvm::StringRef, llvm::StringRef>> pairs);
  llvm::Error setMerges(llvm::ArrayRef<llvm::StringRef> lines);

  /// Checks sizes, ids and that what the fields ask for is there.
  llvm::Error verify() const;

  /// The form that people can read and write (docs/bundle-format.md).
  llvm::json::Value toJSON() const;
  /// The error names the field. The result is verified.
  static llvm::Expected<TokenizerModel>
  fromJSON(const llvm::json::Value &value);
};

struct EncodeOptions {
  /// Puts the beginning-of-text token first (and the end-of-text token last)
  /// where the model asks for it.
  bool addBos = true;
  /// Control tokens spelled in the text become those tokens. For text that a
  /// template made, not for a user's.
  bool parseSpecial = false;
};

struct DecodeOptions {
  /// Prints control tokens too.
  bool special = false;
  /// The ids start a text: the space that `prefixSpace` put there goes again.
  bool stripPrefix = false;
};

/// Encodes and decodes. Immutable after creation, so threads may share one.
class Tokenizer {
public:
  /// Verifies the model and compiles its patterns.
  static llvm::Expected<std::unique_ptr<Tokenizer>>
  create(const TokenizerModel &model);
  /// Maps the tables that `write` wrote. All that look-ups rely on is checked
  /// here; whether the tables agree with each other is left to the hashes of
  /// the bundle. The error names the file and the table.
  static llvm::Expected<std::unique_ptr<Tokenizer>> open(llvm::StringRef path);
  ~Tokenizer();

  /// Writes all of it as a file that `open` takes.
  llvm::Error write(llvm::StringRef path) const;
  /// What `create` makes the same tokenizer of. Verified: the error says what
  /// is wrong with tables that were read.
  llvm::Expected<TokenizerModel> getModel() const;

  /// Any bytes can be encoded; bytes that are not UTF-8 are kept as bytes where
  /// the vocabulary can say them. Takes n log n time for n bytes. Errors: text
  /// that the vocabulary can't say and that has no unknown token; a pattern
  /// that exceeds PCRE2's limits on this text.
  llvm::Expected<std::vector<int32_t>> encode(llvm::StringRef text,
                                              EncodeOptions options = {}) const;

  /// The text of ids, as bytes; not always whole UTF-8 (see StreamDecoder).
  /// Ids that are not in the vocabulary give nothing.
  std::string decode(llvm::ArrayRef<int32_t> ids,
                     DecodeOptions options = {}) const;

  /// The bytes that a token stands for; empty for ids out of range.
  llvm::StringRef getText(int32_t id) const;
  /// A token in the model's spelling; empty for ids out of range.
  llvm::StringRef getSpelling(int32_t id) const;
  /// The id of a token in the model's spelling.
  std::optional<int32_t> find(llvm::StringRef spelling) const;
  /// Whether `decode` leaves the token out unless asked.
  bool isControl(int32_t id) const;
  /// Whether a model that produces this token has finished: eos, eot and the
  /// further stop tokens.
  bool isEndOfGeneration(int32_t id) const;

  const TokenizerRules &getRules() const;
  int64_t size() const;

private:
  struct Impl;
  explicit Tokenizer(std::unique_ptr<Impl> impl);
  static llvm::Expected<std::unique_ptr<Tokenizer>>
  create(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl;
};

/// Decodes one token at a time into whole UTF-8 characters.
class StreamDecoder {
public:
  explicit StreamDecoder(const Tokenizer &tokenizer, DecodeOptions options = {})
      : tokenizer(tokenizer), options(options) {}

  /// The text that is complete with this token; a character whose last bytes
  /// have not come yet is held back.
  std::string push(int32_t id);
  /// What was held back, at the end of the stream.
  std::string finish();

private:
  const Tokenizer &tokenizer;
  DecodeOptions options;
  std::string pending;
  bool atStart = true;
};

/// Number of bytes at the end of `text` that begin a UTF-8 character but do not
/// complete it (0 to 3).
size_t getIncompleteSuffix(llvm::StringRef text);

/// The bytes of a byte-level spelling, or nothing where it has a character that
/// is not in GPT-2's table; and the spelling of bytes.
std::optional<std::string> decodeByteLevel(llvm::StringRef spelling);
std::string encodeByteLevel(llvm::StringRef bytes);

} // namespace mlir::compress

#endif // COMPRESS_RUNTIME_TOKENIZER_H
