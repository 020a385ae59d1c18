//===- ChatTemplate.cpp - Conversations as text ---------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Runtime/ChatTemplate.h"

#include "Jinja/Interpreter.h"
#include "Jinja/Parser.h"

#include "compress/Runtime/Tokenizer.h"
#include "compress/Support/Error.h"

using namespace llvm;
using namespace mlir::compress;

ChatTemplate::ChatTemplate(std::unique_ptr<jinja::Block> block)
    : block(std::move(block)) {}
ChatTemplate::ChatTemplate(ChatTemplate &&other) = default;
ChatTemplate &ChatTemplate::operator=(ChatTemplate &&other) = default;
ChatTemplate::~ChatTemplate() = default;

Expected<ChatTemplate> ChatTemplate::parse(StringRef source) {
  Expected<jinja::Block> block = jinja::parse(source);
  if (!block)
    return block.takeError();
  return ChatTemplate(std::make_unique<jinja::Block>(std::move(*block)));
}

Expected<std::string>
ChatTemplate::render(const json::Object &variables) const {
  jinja::Value::Dictionary values;
  for (const auto &variable : variables)
    values.emplace_back(variable.first.str(),
                        jinja::Value::get(variable.second));
  return jinja::run(*block, values);
}

/// How templates spell a token; empty where the model has none.
static std::string getSpelling(const Tokenizer &tokenizer,
                               std::optional<int32_t> id) {
  return id ? tokenizer.getSpelling(*id).str() : "";
}

Expected<std::string>
mlir::compress::renderChat(const Tokenizer &tokenizer,
                           ArrayRef<ChatMessage> messages) {
  const TokenizerRules &rules = tokenizer.getRules();
  if (rules.chatTemplate.empty())
    return makeError("the model has no chat template; give the prompt as it "
                     "stands, without --chat");
  Expected<ChatTemplate> parsed = ChatTemplate::parse(rules.chatTemplate);
  if (!parsed)
    return parsed.takeError();
  json::Array list;
  for (const ChatMessage &message : messages)
    list.push_back(json::Object{{"role", message.role},
                                {"content", json::fixUTF8(message.content)}});
  return parsed->render(
      json::Object{{"messages", std::move(list)},
                   {"add_generation_prompt", true},
                   {"bos_token", getSpelling(tokenizer, rules.bos)},
                   {"eos_token", getSpelling(tokenizer, rules.eos)}});
}

Expected<std::vector<int32_t>>
mlir::compress::encodeChat(const Tokenizer &tokenizer,
                           ArrayRef<ChatMessage> messages) {
  Expected<std::string> text = renderChat(tokenizer, messages);
  if (!text)
    return text.takeError();
  EncodeOptions options;
  options.parseSpecial = true;
  options.addBos = false;
  Expected<std::vector<int32_t>> ids = tokenizer.encode(*text, options);
  if (!ids)
    return ids;
  // Templates differ in whether they print the beginning-of-text token.
  const TokenizerRules &rules = tokenizer.getRules();
  if (rules.addBos && (ids->empty() || ids->front() != *rules.bos))
    ids->insert(ids->begin(), *rules.bos);
  return ids;
}
