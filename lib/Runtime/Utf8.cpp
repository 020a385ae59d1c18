//===- Utf8.cpp - Walking over UTF-8 --------------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Utf8.h"

#include "compress/Runtime/Tokenizer.h"

using namespace llvm;
using namespace mlir::compress;

/// Whether `second` may follow `lead`: rules out overlong forms, surrogates and
/// values beyond U+10FFFF.
static bool isSecondByte(uint8_t lead, uint8_t second) {
  switch (lead) {
  case 0xE0:
    return second >= 0xA0 && second <= 0xBF;
  case 0xED:
    return second >= 0x80 && second <= 0x9F;
  case 0xF0:
    return second >= 0x90 && second <= 0xBF;
  case 0xF4:
    return second >= 0x80 && second <= 0x8F;
  default:
    return (second & 0xC0) == 0x80;
  }
}

size_t mlir::compress::getCharacterLength(StringRef text) {
  if (text.empty())
    return 0;
  uint8_t lead = text[0];
  size_t length = getAnnouncedLength(lead);
  if (length > text.size())
    return 0;
  if (length > 1 && !isSecondByte(lead, text[1]))
    return 0;
  for (size_t i = 2; i < length; ++i)
    if ((static_cast<uint8_t>(text[i]) & 0xC0) != 0x80)
      return 0;
  return length;
}

size_t mlir::compress::getValidPrefix(StringRef text) {
  size_t at = 0;
  while (at < text.size()) {
    size_t length = getCharacterLength(text.substr(at));
    if (length == 0)
      break;
    at += length;
  }
  return at;
}

size_t mlir::compress::getIncompleteSuffix(StringRef text) {
  for (size_t tail = 1; tail <= 3 && tail <= text.size(); ++tail) {
    uint8_t byte = text[text.size() - tail];
    if ((byte & 0xC0) == 0x80)
      continue;
    if (getAnnouncedLength(byte) <= tail)
      return 0;
    bool couldContinue =
        tail == 1 || isSecondByte(byte, text[text.size() - tail + 1]);
    return couldContinue ? tail : 0;
  }
  return 0;
}

std::string mlir::compress::replaceAll(StringRef text, StringRef from,
                                       StringRef to) {
  std::string result;
  result.reserve(text.size());
  size_t at = 0;
  for (size_t hit; (hit = text.find(from, at)) != StringRef::npos;
       at = hit + from.size())
    result += text.slice(at, hit).str() + to.str();
  result += text.substr(at);
  return result;
}
