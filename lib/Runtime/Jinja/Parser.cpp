//===- Parser.cpp - Parses the statements of template programs ------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Parser.h"

#include "ParserImpl.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using namespace mlir::compress::jinja;

//===----------------------------------------------------------------------===//
// Tokens
//===----------------------------------------------------------------------===//

bool Parser::fail(const Twine &text) {
  if (!failed) {
    failed = true;
    message = text.str();
    messageLine = peek().line;
  }
  return false;
}

std::string Parser::describeToken() const {
  switch (peek().kind) {
  case Token::Kind::End:
    return "the end of the template";
  case Token::Kind::BlockEnd:
    return "'%}'";
  case Token::Kind::PrintEnd:
    return "'}}'";
  default:
    return "'" + peek().text + "'";
  }
}

bool Parser::takeOperator(StringRef text) {
  if (!isOperator(text))
    return false;
  ++at;
  return true;
}

bool Parser::takeName(StringRef text) {
  if (!isName(text))
    return false;
  ++at;
  return true;
}

bool Parser::expectOperator(StringRef text) {
  return takeOperator(text) ||
         fail("expected '" + text + "', found " + describeToken());
}

bool Parser::expectName(StringRef text) {
  return takeName(text) ||
         fail("expected '" + text + "', found " + describeToken());
}

bool Parser::expectIdentifier(std::string &name) {
  if (peek().kind != Token::Kind::Name)
    return fail("expected a name, found " + describeToken());
  name = tokens[at++].text;
  return true;
}

bool Parser::expectBlockEnd() {
  if (peek().kind != Token::Kind::BlockEnd)
    return fail("expected '%}', found " + describeToken());
  ++at;
  return true;
}

//===----------------------------------------------------------------------===//
// Statements
//===----------------------------------------------------------------------===//

/// Parses up to a tag whose name is one of `ends`, and stops after that name.
/// With no `ends`, up to the end of the template.
bool Parser::parseBlock(Block &block, ArrayRef<StringRef> ends) {
  DepthGuard guard(depth);
  if (guard.isTooDeep())
    return fail("blocks are nested too deeply");
  for (;;) {
    const Token &token = peek();
    if (token.kind == Token::Kind::End)
      return ends.empty() || fail("expected '{% " + ends.back() +
                                  " %}' before the end of the template");
    auto statement = std::make_unique<Statement>();
    statement->line = token.line;
    if (token.kind == Token::Kind::Text) {
      statement->kind = Statement::Kind::Text;
      statement->text = token.text;
      ++at;
    } else if (token.kind == Token::Kind::PrintBegin) {
      ++at;
      statement->kind = Statement::Kind::Print;
      statement->expression = parseTuple();
      if (!statement->expression)
        return false;
      if (peek().kind != Token::Kind::PrintEnd)
        return fail("expected '}}', found " + describeToken());
      ++at;
    } else {
      ++at;
      if (is_contained(ends, StringRef(peek().text))) {
        ++at;
        return true;
      }
      if (!parseStatement(block))
        return false;
      continue;
    }
    block.statements.push_back(std::move(statement));
  }
}

bool Parser::parseStatement(Block &block) {
  auto statement = std::make_unique<Statement>();
  statement->line = peek().line;
  bool ok;
  if (takeName("if")) {
    ok = parseIf(*statement);
  } else if (takeName("for")) {
    ok = parseFor(*statement);
  } else if (takeName("set")) {
    ok = parseSet(*statement);
  } else if (takeName("macro")) {
    ok = parseMacro(*statement);
  } else if (isName("break") || isName("continue")) {
    ok = parseLoopControl(*statement);
  } else if (takeName("generation")) {
    // Marks what the assistant says, for training; prints its body.
    return expectBlockEnd() && parseBlock(block, {"endgeneration"}) &&
           expectBlockEnd();
  } else {
    return fail("unknown statement " + describeToken() +
                "; if, for, set, macro, break, continue and generation are "
                "known");
  }
  if (ok)
    block.statements.push_back(std::move(statement));
  return ok;
}

bool Parser::parseIf(Statement &statement) {
  statement.kind = Statement::Kind::If;
  for (bool isElse = false;;) {
    auto &[condition, body] = statement.branches.emplace_back();
    if (!isElse) {
      condition = parseTuple();
      if (!condition)
        return false;
    }
    if (!expectBlockEnd())
      return false;
    bool ok = isElse ? parseBlock(body, {"endif"})
                     : parseBlock(body, {"elif", "else", "endif"});
    if (!ok)
      return false;
    StringRef end = tokens[at - 1].text;
    if (end == "endif")
      return expectBlockEnd();
    isElse = end == "else";
  }
}

bool Parser::parseFor(Statement &statement) {
  statement.kind = Statement::Kind::For;
  bool parenthesized = takeOperator("(");
  do {
    if (!expectIdentifier(statement.targets.emplace_back()))
      return false;
  } while (takeOperator(","));
  if (parenthesized && !expectOperator(")"))
    return false;
  if (!expectName("in"))
    return false;
  // No conditional expression here: `if` filters.
  statement.expression = parseOr();
  if (!statement.expression)
    return false;
  if (takeName("if")) {
    statement.condition = parseExpression();
    if (!statement.condition)
      return false;
  }
  if (isName("recursive"))
    return fail("recursive loops are not supported");
  ++loops;
  bool ok = expectBlockEnd() && parseBlock(statement.body, {"else", "endfor"});
  --loops;
  if (ok && tokens[at - 1].text == "else")
    ok = expectBlockEnd() && parseBlock(statement.otherwise, {"endfor"});
  return ok && expectBlockEnd();
}

bool Parser::parseSet(Statement &statement) {
  statement.kind = Statement::Kind::Set;
  do {
    if (!expectIdentifier(statement.targets.emplace_back()))
      return false;
  } while (takeOperator(","));
  if (statement.targets.size() == 1 && takeOperator(".") &&
      !expectIdentifier(statement.field))
    return false;
  if (!takeOperator("="))
    return expectBlockEnd() && parseBlock(statement.body, {"endset"}) &&
           expectBlockEnd();
  statement.expression = parseTuple();
  return statement.expression && expectBlockEnd();
}

bool Parser::parseMacro(Statement &statement) {
  statement.kind = Statement::Kind::Macro;
  MacroStatement &macro = statement.macro;
  if (!expectIdentifier(macro.name) || !expectOperator("("))
    return false;
  while (!takeOperator(")")) {
    auto &[name, initial] = macro.parameters.emplace_back();
    if (!expectIdentifier(name))
      return false;
    if (takeOperator("=")) {
      initial = parseExpression();
      if (!initial)
        return false;
    }
    if (!isOperator(")") && !expectOperator(","))
      return false;
  }
  // A macro may stand in a loop, but its body is none of it.
  int outer = std::exchange(loops, 0);
  bool ok = expectBlockEnd() && parseBlock(macro.body, {"endmacro"});
  loops = outer;
  // The name may be repeated.
  if (ok && isName(macro.name))
    ++at;
  return ok && expectBlockEnd();
}

bool Parser::parseLoopControl(Statement &statement) {
  if (loops == 0)
    return fail(describeToken() + " outside of a loop");
  statement.kind =
      isName("break") ? Statement::Kind::Break : Statement::Kind::Continue;
  ++at;
  return expectBlockEnd();
}

Expected<Block> Parser::run() {
  Block block;
  if (!parseBlock(block, {}))
    return makeTemplateError(messageLine, message);
  return std::move(block);
}

Expected<Block> mlir::compress::jinja::parse(StringRef source) {
  Expected<std::vector<Token>> tokens = tokenize(source);
  if (!tokens)
    return tokens.takeError();
  return Parser(std::move(*tokens)).run();
}
