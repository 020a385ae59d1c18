//===- ParserImpl.h - The parser of template programs -----------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_RUNTIME_JINJA_PARSERIMPL_H
#define COMPRESS_LIB_RUNTIME_JINJA_PARSERIMPL_H

#include "Lexer.h"
#include "Syntax.h"

namespace mlir::compress::jinja {

/// A recursive descent parser. Functions that return an ExpressionPtr return
/// null after an error, which `message` holds then; the first one counts.
class Parser {
public:
  explicit Parser(std::vector<Token> tokens) : tokens(std::move(tokens)) {}

  llvm::Expected<Block> run();

private:
  // Tokens.
  const Token &peek(size_t ahead = 0) const {
    return tokens[std::min(at + ahead, tokens.size() - 1)];
  }
  bool isOperator(llvm::StringRef text) const {
    return peek().kind == Token::Kind::Operator && peek().text == text;
  }
  bool isName(llvm::StringRef text) const {
    return peek().kind == Token::Kind::Name && peek().text == text;
  }
  bool takeOperator(llvm::StringRef text);
  bool takeName(llvm::StringRef text);
  bool expectOperator(llvm::StringRef text);
  bool expectName(llvm::StringRef text);
  bool expectIdentifier(std::string &name);
  bool expectBlockEnd();
  bool fail(const llvm::Twine &message);
  std::string describeToken() const;

  // Statements.
  bool parseBlock(Block &block, llvm::ArrayRef<llvm::StringRef> ends);
  bool parseStatement(Block &block);
  bool parseIf(Statement &statement);
  bool parseFor(Statement &statement);
  bool parseSet(Statement &statement);
  bool parseMacro(Statement &statement);
  bool parseLoopControl(Statement &statement);

  // Expressions, from the loosest binding to the tightest.
  using Rule = ExpressionPtr (Parser::*)();
  ExpressionPtr parseTuple();
  ExpressionPtr parseExpression();
  ExpressionPtr parseOr();
  ExpressionPtr parseAnd();
  ExpressionPtr parseNot();
  ExpressionPtr parseComparison();
  ExpressionPtr parseSum();
  ExpressionPtr parseConcatenation();
  ExpressionPtr parseProduct();
  ExpressionPtr parsePower();
  ExpressionPtr parseSigned() { return parseUnary(/*withFilters=*/true); }
  ExpressionPtr parseUnary(bool withFilters);
  ExpressionPtr parsePrimary();
  ExpressionPtr parseLiteralName();
  ExpressionPtr parseSequence(llvm::StringRef closer);
  ExpressionPtr parseDictionary();
  ExpressionPtr parsePostfix(ExpressionPtr operand);
  ExpressionPtr parseSubscript(ExpressionPtr operand);
  ExpressionPtr parseFilters(ExpressionPtr operand);
  ExpressionPtr parseTest(ExpressionPtr operand);
  bool parseArguments(Arguments &arguments);
  ExpressionPtr parseBinary(Rule operand,
                            llvm::ArrayRef<llvm::StringRef> operators);

  ExpressionPtr make(Expression::Kind kind, llvm::StringRef name = "") {
    auto result = std::make_unique<Expression>();
    result->kind = kind;
    result->line = peek().line;
    result->name = name.str();
    return result;
  }
  ExpressionPtr makeBinary(llvm::StringRef name, ExpressionPtr left,
                           ExpressionPtr right);
  ExpressionPtr limitHeight(ExpressionPtr expression);

  std::vector<Token> tokens;
  size_t at = 0;
  int depth = 0;
  int loops = 0;
  bool failed = false;
  std::string message;
  int messageLine = 0;
};

/// Keeps recursion, which a file from anywhere decides, within the stack.
class DepthGuard {
public:
  explicit DepthGuard(int &depth) : depth(depth) { ++depth; }
  ~DepthGuard() { --depth; }
  bool isTooDeep() const { return depth > 200; }

private:
  int &depth;
};

} // namespace mlir::compress::jinja

#endif // COMPRESS_LIB_RUNTIME_JINJA_PARSERIMPL_H
