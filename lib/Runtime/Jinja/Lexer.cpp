//===- Lexer.cpp - Cuts a template into tokens ----------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Lexer.h"

#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"

using namespace llvm;
using namespace mlir::compress;
using namespace mlir::compress::jinja;

Error jinja::makeTemplateError(int line, const Twine &message) {
  return makeError("chat template, line " + Twine(line) + ": " + message);
}

namespace {

class Lexer {
public:
  explicit Lexer(StringRef source) : source(source) {}
  Expected<std::vector<Token>> run();

private:
  Error lexComment(size_t open);
  Error lexTag(size_t open);
  Error lexToken();
  Error lexString();
  void lexNumber();
  Error addEscape(std::string &text);
  void add(Token::Kind kind, StringRef text) {
    tokens.push_back({kind, text.str(), line});
  }
  /// Adds text outside of tags, up to `end`, and steps over it.
  void addText(size_t end, bool trimEnd, bool trimBlanks);
  void skipTo(size_t end) {
    line += source.slice(at, end).count('\n');
    at = end;
  }
  char peek(size_t ahead = 0) const {
    return at + ahead < source.size() ? source[at + ahead] : '\0';
  }

  StringRef source;
  size_t at = 0;
  int line = 1;
  /// The last tag's `-%}`: blanks and line breaks after it go.
  bool trimNext = false;
  /// The last tag takes the line break after it.
  bool dropBreak = false;
  std::vector<Token> tokens;
};

} // namespace

void Lexer::addText(size_t end, bool trimEnd, bool trimBlanks) {
  StringRef text = source.slice(at, end);
  bool startsLine = at == 0;
  if (trimNext) {
    text = text.ltrim();
  } else if (dropBreak && text.consume_front("\n")) {
    startsLine = true;
  }
  if (trimEnd) {
    text = text.rtrim();
  } else if (trimBlanks) {
    StringRef stripped = text.rtrim(" \t");
    if (stripped.ends_with("\n") || (stripped.empty() && startsLine))
      text = stripped;
  }
  if (!text.empty())
    add(Token::Kind::Text, text);
  skipTo(end);
  trimNext = dropBreak = false;
}

Error Lexer::lexComment(size_t open) {
  size_t close = source.find("#}", open + 2);
  if (close == StringRef::npos)
    return makeTemplateError(line, "comment '{#' has no '#}'");
  bool keepBlanks = source[open + 2] == '+';
  addText(open, source[open + 2] == '-', !keepBlanks);
  skipTo(close + 2);
  trimNext = source[close - 1] == '-' && close > open + 2;
  dropBreak = true;
  return Error::success();
}

Error Lexer::lexTag(size_t open) {
  bool isBlock = source[open + 1] == '%';
  char mark = open + 2 < source.size() ? source[open + 2] : '\0';
  addText(open, mark == '-', isBlock && mark != '+');
  int opened = line;
  skipTo(open + 2 + (mark == '-' || mark == '+'));
  add(isBlock ? Token::Kind::BlockBegin : Token::Kind::PrintBegin, "");
  char closer = isBlock ? '%' : '}';
  int depth = 0;
  for (;;) {
    while (isSpace(peek()))
      skipTo(at + 1);
    if (at >= source.size())
      return makeTemplateError(opened, Twine("tag '{") + (isBlock ? "%" : "{") +
                                           "' has no end");
    bool signedEnd = (peek() == '-' || (peek() == '+' && isBlock)) &&
                     peek(1) == closer && peek(2) == '}';
    // `}}` also ends two dictionaries.
    bool ends = signedEnd || (peek() == closer && peek(1) == '}');
    if (ends && depth == 0) {
      add(isBlock ? Token::Kind::BlockEnd : Token::Kind::PrintEnd, "");
      trimNext = peek() == '-';
      dropBreak = isBlock && peek() != '+';
      skipTo(at + 2 + signedEnd);
      return Error::success();
    }
    depth += peek() == '{';
    depth -= peek() == '}';
    if (Error error = lexToken())
      return error;
  }
}

Error Lexer::addEscape(std::string &text) {
  char c = peek(1);
  StringRef plain = "\\'\"";
  StringRef from = "nrtbf0", to("\n\r\t\b\f\0", 6);
  if (plain.contains(c)) {
    text += c;
  } else if (size_t place = from.find(c); c && place != StringRef::npos) {
    text += to[place];
  } else if (c == 'u' || c == 'x') {
    size_t digits = c == 'u' ? 4 : 2;
    unsigned code = 0;
    StringRef hex = source.substr(at + 2, digits);
    if (hex.size() != digits || hex.getAsInteger(16, code))
      return makeTemplateError(line, "bad escape in a string");
    char buffer[4], *end = buffer;
    if (!ConvertCodePointToUTF8(code, end))
      return makeTemplateError(line, "bad character in a string");
    text.append(buffer, end);
    at += digits;
  } else {
    // Python keeps the backslash of an unknown escape.
    text += {'\\', c};
  }
  at += 2;
  return Error::success();
}

Error Lexer::lexString() {
  char mark = peek();
  int opened = line;
  std::string text;
  for (++at; peek() != mark;) {
    if (at >= source.size())
      return makeTemplateError(opened, "a string has no end");
    if (peek() == '\\' && at + 1 < source.size()) {
      if (Error error = addEscape(text))
        return error;
      continue;
    }
    line += peek() == '\n';
    text += source[at++];
  }
  ++at;
  tokens.push_back({Token::Kind::String, std::move(text), opened});
  return Error::success();
}

void Lexer::lexNumber() {
  size_t end = at;
  auto takeDigits = [&] {
    while (end < source.size() && (isDigit(source[end]) || source[end] == '_'))
      ++end;
  };
  takeDigits();
  bool isFloat =
      end + 1 < source.size() && source[end] == '.' && isDigit(source[end + 1]);
  if (isFloat) {
    ++end;
    takeDigits();
  }
  size_t exponent = end + 1;
  if (exponent < source.size() &&
      (source[exponent] == '-' || source[exponent] == '+'))
    ++exponent;
  if (end < source.size() && toLower(source[end]) == 'e' &&
      exponent < source.size() && isDigit(source[exponent])) {
    isFloat = true;
    end = exponent;
    takeDigits();
  }
  std::string digits = source.slice(at, end).str();
  llvm::erase(digits, '_');
  add(isFloat ? Token::Kind::Float : Token::Kind::Integer, digits);
  at = end;
}

Error Lexer::lexToken() {
  char c = peek();
  if (c == '\'' || c == '"')
    return lexString();
  if (isDigit(c)) {
    lexNumber();
    return Error::success();
  }
  if (isAlpha(c) || c == '_') {
    size_t end = at;
    while (end < source.size() && (isAlnum(source[end]) || source[end] == '_'))
      ++end;
    add(Token::Kind::Name, source.slice(at, end));
    at = end;
    return Error::success();
  }
  for (StringRef two : {"==", "!=", "<=", ">=", "//", "**"})
    if (source.substr(at).starts_with(two)) {
      add(Token::Kind::Operator, two);
      at += 2;
      return Error::success();
    }
  if (!StringRef("+-*/%~<>=()[]{}.,:|").contains(c))
    return makeTemplateError(line, "unexpected character '" + Twine(c) + "'");
  add(Token::Kind::Operator, source.substr(at, 1));
  ++at;
  return Error::success();
}

Expected<std::vector<Token>> Lexer::run() {
  while (at < source.size()) {
    size_t open = source.find('{', at);
    while (open != StringRef::npos && open + 1 < source.size() &&
           !StringRef("{%#").contains(source[open + 1]))
      open = source.find('{', open + 1);
    if (open == StringRef::npos || open + 1 >= source.size()) {
      addText(source.size(), false, false);
      break;
    }
    Error error = source[open + 1] == '#' ? lexComment(open) : lexTag(open);
    if (error)
      return error;
  }
  add(Token::Kind::End, "");
  return std::move(tokens);
}

Expected<std::vector<Token>> jinja::tokenize(StringRef source) {
  // As Jinja does: one kind of line break, and none at the very end.
  std::string text;
  for (size_t i = 0; i < source.size(); ++i) {
    if (source[i] != '\r')
      text += source[i];
    else if (i + 1 == source.size() || source[i + 1] != '\n')
      text += '\n';
  }
  StringRef trimmed = text;
  trimmed.consume_back("\n");
  return Lexer(trimmed).run();
}
