//===- Lexer.h - Cuts a template into tokens --------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_RUNTIME_JINJA_LEXER_H
#define COMPRESS_LIB_RUNTIME_JINJA_LEXER_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace mlir::compress::jinja {

struct Token {
  enum class Kind {
    /// Text outside of tags, with whitespace control applied.
    Text,
    /// `{%` and `%}`.
    BlockBegin,
    BlockEnd,
    /// `{{` and `}}`.
    PrintBegin,
    PrintEnd,
    Name,
    /// Unescaped.
    String,
    Integer,
    Float,
    Operator,
    End
  };

  Kind kind;
  std::string text;
  int line;
};

/// An error in a template, or while it runs.
llvm::Error makeTemplateError(int line, const llvm::Twine &message);

/// Cuts a template into tokens; the last one is End. Whitespace is treated as
/// Jinja does with trim_blocks and lstrip_blocks: a tag or a comment takes the
/// line break after it and the blanks before it on its line.
llvm::Expected<std::vector<Token>> tokenize(llvm::StringRef source);

} // namespace mlir::compress::jinja

#endif // COMPRESS_LIB_RUNTIME_JINJA_LEXER_H
