//===- TokenSequences.cpp - A text as sequences of one length -------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Runtime/TokenSequences.h"

#include "compress/Runtime/Tokenizer.h"
#include "compress/Support/Error.h"
#include "compress/Support/Hash.h"
#include "compress/Support/MappedFile.h"

#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using namespace mlir::compress;

Expected<TokenSequences>
mlir::compress::readTokenSequences(const Tokenizer &tokenizer, StringRef path,
                                   int64_t context, int64_t count) {
  if (context < 1 || count < 0)
    return makeError("--context and --sequences are positive numbers");
  Expected<MappedFile> text = MappedFile::open(path);
  if (!text)
    return text.takeError();
  Expected<std::vector<int32_t>> tokens = tokenizer.encode(text->getText());
  if (!tokens)
    return makeFileError(path, toString(tokens.takeError()));
  int64_t available = tokens->size() / context;
  if (available == 0)
    return makeFileError(path, "has " + Twine(tokens->size()) +
                                   " tokens, and a sequence needs " +
                                   Twine(context) +
                                   "; give a longer text or a shorter "
                                   "--context");
  if (count > available)
    return makeFileError(path, "has tokens for " + Twine(available) +
                                   " sequences of " + Twine(context) +
                                   ", not for " + Twine(count) +
                                   "; give a longer text or fewer --sequences");
  TokenSequences result;
  result.context = context;
  result.count = count ? count : std::min(kDefaultSequences, available);
  result.hash = sha256(arrayRefFromStringRef(text->getText()));
  result.tokens = std::move(*tokens);
  result.tokens.resize(result.count * context);
  const TokenizerRules &rules = tokenizer.getRules();
  if (rules.addBos)
    for (int64_t i = 0; i < result.count; ++i)
      result.tokens[i * context] = *rules.bos;
  return result;
}
