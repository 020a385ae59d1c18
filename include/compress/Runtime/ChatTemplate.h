//===- ChatTemplate.h - Conversations as text -------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Chat templates are Jinja programs that a model's authors wrote. This is an
// interpreter of the part of Jinja that they use:
//   statements   for (with else and `if`, also over pairs), if/elif/else, set
//                (also of namespace fields and as a block), macro, break,
//                continue, generation (printed as it stands)
//   expressions  literals, lists, dictionaries, attributes, subscripts and
//                slices, calls, + - * / // % **, ~, comparisons, in, not in,
//                and/or/not, x if c else y, filters, `is` tests
//   functions    raise_exception, range, namespace, dict, strftime_now
//   whitespace   {%- -%} {{- -}} {#- -#}, with trim_blocks and lstrip_blocks
//                on, as Hugging Face's apply_chat_template runs templates
// What is not in it is an error that names the line.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_RUNTIME_CHATTEMPLATE_H
#define COMPRESS_RUNTIME_CHATTEMPLATE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

#include <memory>
#include <string>

namespace mlir::compress {

class Tokenizer;

namespace jinja {
struct Block;
} // namespace jinja

/// A compiled template. Immutable.
class ChatTemplate {
public:
  /// Parses a template. The error names the line and what is wrong there.
  static llvm::Expected<ChatTemplate> parse(llvm::StringRef source);
  ChatTemplate(ChatTemplate &&other);
  ChatTemplate &operator=(ChatTemplate &&other);
  ~ChatTemplate();

  /// Runs the template with these variables, usually `messages` (objects with
  /// `role` and `content`), `add_generation_prompt`, `bos_token` and
  /// `eos_token`. The error names the line, or is the template's own
  /// (raise_exception).
  llvm::Expected<std::string> render(const llvm::json::Object &variables) const;

private:
  explicit ChatTemplate(std::unique_ptr<jinja::Block> block);
  std::unique_ptr<jinja::Block> block;
};

struct ChatMessage {
  /// `system`, `user` or `assistant`.
  std::string role;
  std::string content;
};

/// The text of a conversation in the form that the tokenizer's model was
/// trained on, ready for the assistant's answer; encode it with parseSpecial
/// and see encodeChat. The error says where a tokenizer has no template.
llvm::Expected<std::string> renderChat(const Tokenizer &tokenizer,
                                       llvm::ArrayRef<ChatMessage> messages);

/// The tokens of a conversation: renderChat, encoded, with one
/// beginning-of-text token where the model asks for it.
llvm::Expected<std::vector<int32_t>>
encodeChat(const Tokenizer &tokenizer, llvm::ArrayRef<ChatMessage> messages);

} // namespace mlir::compress

#endif // COMPRESS_RUNTIME_CHATTEMPLATE_H
