//===- VocabularyFile.cpp - Reads vocab.txt -------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HuggingFaceFolder.h"
#include "TokenizerJSON.h"

#include "compress/Support/Error.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"

using namespace llvm;
using namespace mlir::compress;

/// Adds a token per line. A last line may go without its end.
static Error readTokens(StringRef text, StringRef path, TokenizerModel &model) {
  StringMap<int32_t> seen;
  while (!text.empty()) {
    auto [line, rest] = text.split('\n');
    line.consume_back("\r");
    int32_t id = model.tokens.size();
    if (line.empty() || !json::isUTF8(line))
      return makeFileError(path, "line " + Twine(id + 1) +
                                     " is no token; a vocabulary has one per "
                                     "line, in UTF-8");
    if (!seen.try_emplace(line, id).second)
      return makeFileError(path, "has the token \"" + line + "\" twice");
    model.tokens.push_back(line.str());
    text = rest;
  }
  model.types.assign(model.tokens.size(), TokenType::Normal);
  return Error::success();
}

Expected<TokenizerModel>
mlir::compress::parseVocabularyFile(StringRef text, const json::Object &config,
                                    StringRef path) {
  TokenizerModel model;
  model.spelling = TokenizerModel::Spelling::Words;
  model.merging = TokenizerModel::Merging::LongestMatch;
  if (Error error = readTokens(text, path, model))
    return error;
  Normalizer &normalizer = model.normalizer;
  normalizer.cleanText = true;
  normalizer.separateIdeographs =
      config.getBoolean("tokenize_chinese_chars").value_or(true);
  normalizer.lowercase = config.getBoolean("do_lower_case").value_or(true);
  normalizer.stripAccents =
      config.getBoolean("strip_accents").value_or(normalizer.lowercase);
  model.preTokenizer = SplitStep::getBert();
  model.addBos = model.addEos = true;
  for (auto [key, usual, id, type] :
       {std::tuple("cls_token", "[CLS]", &model.bos, TokenType::Control),
        std::tuple("sep_token", "[SEP]", &model.eos, TokenType::Control),
        std::tuple("unk_token", "[UNK]", &model.unknown, TokenType::Unknown),
        std::tuple("pad_token", "[PAD]", &model.padding, TokenType::Control)}) {
    StringRef spelling = getTokenText(config, key).value_or(usual);
    auto token = find(model.tokens, spelling);
    if (token == model.tokens.end())
      return makeFileError(path, "lacks the token \"" + spelling + "\" (" +
                                     key + ")");
    *id = token - model.tokens.begin();
    model.types[**id] = type;
  }
  auto mask =
      find(model.tokens, getTokenText(config, "mask_token").value_or("[MASK]"));
  if (mask != model.tokens.end())
    model.types[mask - model.tokens.begin()] = TokenType::Control;
  return std::move(model);
}
