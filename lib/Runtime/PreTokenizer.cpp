//===- PreTokenizer.cpp - Splits text into pieces -------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PreTokenizer.h"

#include "llvm/ADT/StringExtras.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

using namespace llvm;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Known steps
//===----------------------------------------------------------------------===//

/// GPT-2 (openai/gpt-2, encoder.py). The last alternative catches whitespace
/// that a word follows and that is no plain space.
static constexpr const char *kGPT2 =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

/// The patterns of the tiktoken family; `digits` is how many digits one piece
/// may have.
static std::string getTiktoken(StringRef digits) {
  return (R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|)" + digits +
          R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)")
      .str();
}

/// The later family (o200k, Tekken), which also cuts where case changes from
/// lower to upper.
static std::string getCaseSplitting(StringRef suffix, StringRef digits) {
  constexpr StringLiteral upper = R"([\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}])";
  constexpr StringLiteral lower = R"([\p{Ll}\p{Lm}\p{Lo}\p{M}])";
  constexpr StringLiteral lead = R"([^\r\n\p{L}\p{N}]?)";
  return (lead + upper + "*" + lower + "+" + suffix + "|" + lead + upper + "+" +
          lower + "*" + suffix + "|" + digits +
          R"(| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)")
      .str();
}

SplitStep SplitStep::getLiteral(StringRef text, Behavior behavior) {
  std::string quoted;
  for (char c : text) {
    // A backslash before any ASCII character that is no letter or digit stands
    // for that character; other bytes belong to UTF-8 sequences.
    if (static_cast<uint8_t>(c) < 0x80 && !isAlnum(c))
      quoted += '\\';
    quoted += c;
  }
  return {std::move(quoted), behavior, false};
}

SplitStep SplitStep::getGPT2() { return {kGPT2, Behavior::Isolated, false}; }

SplitStep SplitStep::getDigits(bool individual) {
  return {R"(\p{N})", individual ? Behavior::Isolated : Behavior::Contiguous,
          false};
}

SplitStep SplitStep::getPunctuation(Behavior behavior) {
  // Unicode punctuation, and the ASCII symbols that are not in class P.
  return {R"([\p{P}$+<=>^`|~])", behavior, false};
}

SplitStep SplitStep::getWhitespaceSplit() {
  return {R"(\s)", Behavior::Removed, false};
}

SplitStep SplitStep::getWhitespace() {
  return {R"(\w+|[^\w\s]+)", Behavior::Removed, true};
}

std::vector<SplitStep> SplitStep::getBert() {
  return {getWhitespaceSplit(), getPunctuation(Behavior::Isolated)};
}

Expected<std::vector<SplitStep>>
mlir::compress::getNamedPreTokenizer(StringRef name) {
  using Behavior = SplitStep::Behavior;
  auto makeOne = [](std::string pattern) {
    return std::vector<SplitStep>{
        {std::move(pattern), Behavior::Isolated, false}};
  };
  if (is_contained({"", "default", "gpt-2", "phi-2", "olmo", "mpt"}, name))
    return std::vector<SplitStep>{SplitStep::getGPT2()};
  if (is_contained({"smollm", "starcoder", "refact", "command-r"}, name))
    return std::vector<SplitStep>{SplitStep::getDigits(/*individual=*/true),
                                  SplitStep::getGPT2()};
  if (is_contained({"llama-bpe", "llama3", "llama-v3", "falcon3"}, name))
    return makeOne(getTiktoken(R"(\p{N}{1,3})"));
  if (is_contained({"qwen2", "stablelm2", "deepseek-r1-qwen"}, name))
    return makeOne(getTiktoken(R"(\p{N})"));
  if (name == "tekken")
    return makeOne(getCaseSplitting("", R"(\p{N})"));
  if (name == "gpt-4o")
    return makeOne(
        getCaseSplitting("(?i:'s|'t|'re|'ve|'m|'ll|'d)?", R"(\p{N}{1,3})"));
  return createStringError(
      "unknown pre-tokenizer '" + name +
      "'; known are gpt-2, phi-2, olmo, mpt, smollm, starcoder, refact, "
      "command-r, llama-bpe, falcon3, qwen2, stablelm2, deepseek-r1-qwen, "
      "tekken, gpt-4o; its patterns can also be read from a tokenizer.json");
}

//===----------------------------------------------------------------------===//
// PreTokenizer
//===----------------------------------------------------------------------===//

static std::string getMessage(int code) {
  PCRE2_UCHAR message[256];
  pcre2_get_error_message(code, message, sizeof(message));
  return reinterpret_cast<const char *>(message);
}

void PreTokenizer::CodeDeleter::operator()(pcre2_real_code_8 *code) const {
  pcre2_code_free(code);
}

Expected<PreTokenizer> PreTokenizer::create(ArrayRef<SplitStep> steps) {
  PreTokenizer result;
  for (auto [index, step] : enumerate(steps)) {
    int code = 0;
    PCRE2_SIZE offset = 0;
    std::unique_ptr<pcre2_real_code_8, CodeDeleter> compiled(pcre2_compile(
        reinterpret_cast<PCRE2_SPTR>(step.pattern.data()), step.pattern.size(),
        PCRE2_UTF | PCRE2_UCP, &code, &offset, nullptr));
    if (!compiled)
      return createStringError("tokenizer: pre-tokenizer step " + Twine(index) +
                               ": pattern '" + step.pattern + "', byte " +
                               Twine(offset) + ": " + getMessage(code));
    // Only a matter of speed: without the JIT the interpreter runs.
    (void)pcre2_jit_compile(compiled.get(), PCRE2_JIT_COMPLETE);
    result.steps.push_back({std::move(compiled), step});
  }
  return result;
}

namespace {
/// A piece of a text that is being split, and whether the pattern matched it.
struct Span {
  StringRef text;
  bool isMatch;
};
} // namespace

/// Appends matches and the text between them, in order.
static Error findMatches(const pcre2_code *code, StringRef pattern,
                         StringRef text, SmallVectorImpl<Span> &spans) {
  std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> data(
      pcre2_match_data_create_from_pattern(code, nullptr),
      pcre2_match_data_free);
  auto subject = reinterpret_cast<PCRE2_SPTR>(text.data());
  size_t at = 0;
  while (at < text.size()) {
    uint32_t options = PCRE2_NO_UTF_CHECK | PCRE2_NOTEMPTY;
    int count = pcre2_match(code, subject, text.size(), at, options, data.get(),
                            nullptr);
    if (count == PCRE2_ERROR_JIT_STACKLIMIT)
      count = pcre2_match(code, subject, text.size(), at,
                          options | PCRE2_NO_JIT, data.get(), nullptr);
    if (count == PCRE2_ERROR_NOMATCH)
      break;
    if (count < 0)
      return createStringError("tokenizer: pattern '" + pattern +
                               "' fails at byte " + Twine(at) + " of " +
                               Twine(text.size()) + ": " + getMessage(count));
    const PCRE2_SIZE *bounds = pcre2_get_ovector_pointer(data.get());
    if (bounds[0] > at)
      spans.push_back({text.slice(at, bounds[0]), false});
    spans.push_back({text.slice(bounds[0], bounds[1]), true});
    at = bounds[1];
  }
  if (at < text.size())
    spans.push_back({text.substr(at), false});
  return Error::success();
}

/// `left` and `right` lie side by side in one text.
static StringRef join(StringRef left, StringRef right) {
  return StringRef(left.data(), left.size() + right.size());
}

/// Joins a delimiter with the piece before it.
static void mergeWithPrevious(ArrayRef<Span> spans,
                              SmallVectorImpl<StringRef> &pieces) {
  bool open = false;
  for (const Span &span : spans) {
    if (span.isMatch && open)
      pieces.back() = join(pieces.back(), span.text);
    else
      pieces.push_back(span.text);
    open = !span.isMatch;
  }
}

/// Joins a delimiter with the piece after it.
static void mergeWithNext(ArrayRef<Span> spans,
                          SmallVectorImpl<StringRef> &pieces) {
  bool open = false;
  for (const Span &span : spans) {
    if (!span.isMatch && open)
      pieces.back() = join(pieces.back(), span.text);
    else
      pieces.push_back(span.text);
    open = span.isMatch;
  }
}

static void mergeNeighbours(ArrayRef<Span> spans,
                            SmallVectorImpl<StringRef> &pieces) {
  for (size_t i = 0; i < spans.size(); ++i) {
    if (i > 0 && spans[i].isMatch && spans[i - 1].isMatch)
      pieces.back() = join(pieces.back(), spans[i].text);
    else
      pieces.push_back(spans[i].text);
  }
}

Error PreTokenizer::runStep(const Step &step, StringRef text,
                            SmallVectorImpl<StringRef> &pieces) const {
  SmallVector<Span, 64> spans;
  if (Error error =
          findMatches(step.code.get(), step.source.pattern, text, spans))
    return error;
  if (step.source.invert)
    for (Span &span : spans)
      span.isMatch = !span.isMatch;
  switch (step.source.behavior) {
  case SplitStep::Behavior::Isolated:
    for (const Span &span : spans)
      pieces.push_back(span.text);
    break;
  case SplitStep::Behavior::Removed:
    for (const Span &span : spans)
      if (!span.isMatch)
        pieces.push_back(span.text);
    break;
  case SplitStep::Behavior::MergedWithPrevious:
    mergeWithPrevious(spans, pieces);
    break;
  case SplitStep::Behavior::MergedWithNext:
    mergeWithNext(spans, pieces);
    break;
  case SplitStep::Behavior::Contiguous:
    mergeNeighbours(spans, pieces);
    break;
  }
  return Error::success();
}

Error PreTokenizer::split(StringRef text,
                          SmallVectorImpl<StringRef> &pieces) const {
  if (text.empty())
    return Error::success();
  SmallVector<StringRef, 0> current{text}, next;
  for (const Step &step : steps) {
    next.clear();
    for (StringRef piece : current)
      if (Error error = runStep(step, piece, next))
        return error;
    std::swap(current, next);
  }
  pieces.append(current.begin(), current.end());
  return Error::success();
}
