//===- CacheFormat.cpp - What a key-value cache is to hold ----------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Import/CacheFormat.h"

#include "compress/Support/Error.h"

#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using namespace mlir::compress;

std::string mlir::compress::str(const CacheFormat &format) {
  if (format.keys == format.values)
    return str(format.keys);
  return "keys=" + str(format.keys) + ",values=" + str(format.values);
}

namespace {
/// A short name for encodings of keys and of values.
struct NamedFormat {
  StringLiteral name, keys, values;
};
} // namespace

// Channels of keys differ by much more than tokens do, so that few bits suit
// them only where a scale is a channel's own (Liu et al. 2024, KIVI). 8 bits
// suffice for either, and need no group of tokens to be complete.
static constexpr NamedFormat kNamed[] = {
    {"int8", "affine<i8, block = [1, 32], scale = f16>",
     "affine<i8, block = [1, 32], scale = f16>"},
    {"int4", "affine<ui4, block = [32, 1], scale = f16, min = f16>",
     "affine<ui4, block = [1, 32], scale = f16, min = f16>"},
    {"int2", "affine<ui2, block = [32, 1], scale = f16, min = f16>",
     "affine<ui2, block = [1, 32], scale = f16, min = f16>"},
};

/// What is not `keys=...,values=...`.
static Expected<CacheFormat> parseOne(StringRef text) {
  constexpr StringLiteral kKnown =
      "f32, f16, bf16, int8, int4, int2, or an encoding such as "
      "'#quantized.affine<i8, block = [1, 64], scale = f16>', or two of these "
      "as 'keys=...,values=...'";
  auto number = NumberType::parse(text);
  if (number && number->isFloat() && number->getBits() >= 16)
    return CacheFormat(Part(*number));
  for (const NamedFormat &named : kNamed)
    if (text == named.name)
      return CacheFormat(Part(cantFail(parseEncoding(named.keys))),
                         Part(cantFail(parseEncoding(named.values))));
  StringRef spelled = text;
  if (!spelled.consume_front("#quantized."))
    return makeError("unknown format '" + text + "'; there are " + kKnown);
  Expected<EncodingSpec> spec = parseEncoding(spelled);
  if (!spec)
    return makeError("'" + text + "': " + toString(spec.takeError()) +
                     "; there are " + kKnown);
  return CacheFormat(Part(std::move(*spec)));
}

/// Where the text of keys ends: at the comma that no bracket surrounds.
static size_t findComma(StringRef text) {
  int depth = 0;
  for (auto [i, c] : enumerate(text)) {
    if (c == '<' || c == '[')
      ++depth;
    else if (c == '>' || c == ']')
      --depth;
    else if (c == ',' && depth == 0)
      return i;
  }
  return StringRef::npos;
}

Expected<CacheFormat> mlir::compress::parseCacheFormat(StringRef text) {
  StringRef keysText = text;
  if (!keysText.consume_front("keys="))
    return parseOne(text);
  size_t comma = findComma(keysText);
  StringRef valuesText =
      comma == StringRef::npos ? "" : keysText.drop_front(comma + 1).ltrim();
  if (!valuesText.consume_front("values="))
    return makeError("'" + text +
                     "' says how keys are stored, but not values; write "
                     "'keys=...,values=...'");
  Expected<CacheFormat> keys = parseOne(keysText.take_front(comma));
  if (!keys)
    return keys.takeError();
  Expected<CacheFormat> values = parseOne(valuesText);
  if (!values)
    return values.takeError();
  return CacheFormat(keys->keys, values->values);
}
