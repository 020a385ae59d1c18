//===- ExpressionParser.cpp - Parses the expressions of templates ---------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ParserImpl.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using namespace mlir::compress::jinja;

ExpressionPtr Parser::makeBinary(StringRef name, ExpressionPtr left,
                                 ExpressionPtr right) {
  if (!left || !right)
    return nullptr;
  ExpressionPtr result = make(Expression::Kind::Binary, name);
  result->line = left->line;
  result->operands.push_back(std::move(left));
  result->operands.push_back(std::move(right));
  return limitHeight(std::move(result));
}

/// Long chains of operators are deep trees, though no recursion parses them.
ExpressionPtr Parser::limitHeight(ExpressionPtr expression) {
  if (!expression)
    return nullptr;
  for (const ExpressionPtr &operand : expression->operands)
    if (operand)
      expression->height = std::max(expression->height, operand->height + 1);
  if (expression->height <= 250)
    return expression;
  fail("the expression has too many operators");
  return nullptr;
}

/// An expression, or a tuple without parentheses.
ExpressionPtr Parser::parseTuple() {
  ExpressionPtr first = parseExpression();
  if (!first || !isOperator(","))
    return first;
  ExpressionPtr list = make(Expression::Kind::List);
  list->operands.push_back(std::move(first));
  while (takeOperator(",")) {
    if (peek().kind == Token::Kind::BlockEnd ||
        peek().kind == Token::Kind::PrintEnd)
      break;
    list->operands.push_back(parseExpression());
    if (!list->operands.back())
      return nullptr;
  }
  return list;
}

ExpressionPtr Parser::parseExpression() {
  DepthGuard guard(depth);
  if (guard.isTooDeep()) {
    fail("the expression is nested too deeply");
    return nullptr;
  }
  ExpressionPtr result = parseOr();
  while (result && takeName("if")) {
    ExpressionPtr conditional = make(Expression::Kind::Conditional);
    conditional->operands.push_back(std::move(result));
    conditional->operands.push_back(parseOr());
    if (!conditional->operands.back())
      return nullptr;
    conditional->operands.push_back(nullptr);
    if (takeName("else")) {
      conditional->operands.back() = parseExpression();
      if (!conditional->operands.back())
        return nullptr;
    }
    result = limitHeight(std::move(conditional));
  }
  return result;
}

ExpressionPtr Parser::parseOr() {
  ExpressionPtr left = parseAnd();
  while (left && takeName("or"))
    left = makeBinary("or", std::move(left), parseAnd());
  return left;
}

ExpressionPtr Parser::parseAnd() {
  ExpressionPtr left = parseNot();
  while (left && takeName("and"))
    left = makeBinary("and", std::move(left), parseNot());
  return left;
}

ExpressionPtr Parser::parseNot() {
  DepthGuard guard(depth);
  if (guard.isTooDeep()) {
    fail("the expression is nested too deeply");
    return nullptr;
  }
  if (!takeName("not"))
    return parseComparison();
  ExpressionPtr result = make(Expression::Kind::Unary, "not");
  result->operands.push_back(parseNot());
  return result->operands.back() ? std::move(result) : nullptr;
}

/// `a < b < c` is not needed by any template; it is refused rather than read
/// another way than Python does.
ExpressionPtr Parser::parseComparison() {
  ExpressionPtr left = parseSum();
  bool compared = false;
  while (left) {
    std::string name;
    for (StringRef text : {"==", "!=", "<=", ">=", "<", ">"})
      if (isOperator(text))
        name = text.str();
    if (isName("in"))
      name = "in";
    else if (isName("not") && peek(1).kind == Token::Kind::Name &&
             peek(1).text == "in")
      name = "not in";
    if (name.empty())
      return left;
    if (compared) {
      fail("chained comparisons are not supported; join them with 'and'");
      return nullptr;
    }
    compared = true;
    at += name == "not in" ? 2 : 1;
    left = makeBinary(name, std::move(left), parseSum());
  }
  return left;
}

ExpressionPtr Parser::parseBinary(Rule operand, ArrayRef<StringRef> operators) {
  ExpressionPtr left = (this->*operand)();
  while (left) {
    auto it =
        find_if(operators, [&](StringRef text) { return takeOperator(text); });
    if (it == operators.end())
      return left;
    left = makeBinary(*it, std::move(left), (this->*operand)());
  }
  return left;
}

ExpressionPtr Parser::parseSum() {
  return parseBinary(&Parser::parseConcatenation, {"+", "-"});
}

ExpressionPtr Parser::parseConcatenation() {
  return parseBinary(&Parser::parseProduct, {"~"});
}

ExpressionPtr Parser::parseProduct() {
  return parseBinary(&Parser::parsePower, {"*", "//", "/", "%"});
}

ExpressionPtr Parser::parsePower() {
  return parseBinary(&Parser::parseSigned, {"**"});
}

ExpressionPtr Parser::parseUnary(bool withFilters) {
  DepthGuard guard(depth);
  if (guard.isTooDeep()) {
    fail("the expression is nested too deeply");
    return nullptr;
  }
  ExpressionPtr result;
  if (isOperator("-") || isOperator("+")) {
    result = make(Expression::Kind::Unary, peek().text);
    ++at;
    result->operands.push_back(parseUnary(/*withFilters=*/false));
    if (!result->operands.back())
      return nullptr;
  } else {
    result = parsePostfix(parsePrimary());
  }
  return withFilters ? parseFilters(std::move(result)) : std::move(result);
}

ExpressionPtr Parser::parseLiteralName() {
  std::string name = tokens[at].text;
  ExpressionPtr result = make(Expression::Kind::Literal);
  ++at;
  if (name == "true" || name == "True")
    result->value = Value::get(true);
  else if (name == "false" || name == "False")
    result->value = Value::get(false);
  else if (name == "none" || name == "None")
    result->value = Value::getNone();
  else {
    result->kind = Expression::Kind::Name;
    result->name = std::move(name);
  }
  return result;
}

ExpressionPtr Parser::parsePrimary() {
  const Token &token = peek();
  ExpressionPtr literal = make(Expression::Kind::Literal);
  switch (token.kind) {
  case Token::Kind::Name:
    return parseLiteralName();
  case Token::Kind::String: {
    std::string text;
    // Strings side by side are one.
    while (peek().kind == Token::Kind::String)
      text += tokens[at++].text;
    literal->value = Value::get(std::move(text));
    return literal;
  }
  case Token::Kind::Integer: {
    int64_t value = 0;
    if (StringRef(token.text).getAsInteger(10, value)) {
      fail("the number " + token.text + " is too large");
      return nullptr;
    }
    literal->value = Value::get(value);
    ++at;
    return literal;
  }
  case Token::Kind::Float:
    literal->value = Value::get(std::strtod(token.text.c_str(), nullptr));
    ++at;
    return literal;
  default:
    break;
  }
  if (takeOperator("("))
    return parseSequence(")");
  if (takeOperator("["))
    return parseSequence("]");
  if (takeOperator("{"))
    return parseDictionary();
  fail("expected an expression, found " + describeToken());
  return nullptr;
}

/// After `(` or `[`. One expression in parentheses without a comma is itself.
ExpressionPtr Parser::parseSequence(StringRef closer) {
  ExpressionPtr list = make(Expression::Kind::List);
  bool isTuple = closer == "]" || isOperator(closer);
  while (!takeOperator(closer)) {
    list->operands.push_back(parseExpression());
    if (!list->operands.back())
      return nullptr;
    if (takeOperator(","))
      isTuple = true;
    else if (!isOperator(closer)) {
      expectOperator(closer);
      return nullptr;
    }
  }
  return isTuple ? std::move(list) : std::move(list->operands.front());
}

ExpressionPtr Parser::parseDictionary() {
  ExpressionPtr result = make(Expression::Kind::Dictionary);
  while (!takeOperator("}")) {
    result->operands.push_back(parseExpression());
    if (!result->operands.back() || !expectOperator(":"))
      return nullptr;
    result->operands.push_back(parseExpression());
    if (!result->operands.back())
      return nullptr;
    if (!isOperator("}") && !expectOperator(","))
      return nullptr;
  }
  return result;
}

ExpressionPtr Parser::parsePostfix(ExpressionPtr operand) {
  while (operand) {
    if (takeOperator(".")) {
      ExpressionPtr attribute = make(Expression::Kind::Attribute);
      attribute->operands.push_back(std::move(operand));
      // `a.0` is a[0].
      if (peek().kind == Token::Kind::Integer) {
        attribute->kind = Expression::Kind::Subscript;
        attribute->operands.push_back(parsePrimary());
      } else if (!expectIdentifier(attribute->name)) {
        return nullptr;
      }
      operand = limitHeight(std::move(attribute));
    } else if (takeOperator("[")) {
      operand = limitHeight(parseSubscript(std::move(operand)));
    } else if (takeOperator("(")) {
      ExpressionPtr call = make(Expression::Kind::Call);
      call->operands.push_back(std::move(operand));
      if (!parseArguments(call->arguments))
        return nullptr;
      operand = limitHeight(std::move(call));
    } else {
      break;
    }
  }
  return operand;
}

/// After `[`: an index, or up to three bounds with colons between them.
ExpressionPtr Parser::parseSubscript(ExpressionPtr operand) {
  ExpressionPtr result = make(Expression::Kind::Subscript);
  result->operands.push_back(std::move(operand));
  result->operands.push_back(nullptr);
  while (!takeOperator("]")) {
    if (takeOperator(":")) {
      result->kind = Expression::Kind::Slice;
      result->operands.push_back(nullptr);
      if (result->operands.size() > 4) {
        fail("a slice has at most three bounds");
        return nullptr;
      }
      continue;
    }
    if (result->operands.back()) {
      expectOperator("]");
      return nullptr;
    }
    result->operands.back() = parseExpression();
    if (!result->operands.back())
      return nullptr;
  }
  if (result->kind == Expression::Kind::Slice)
    result->operands.resize(4);
  else if (!result->operands.back()) {
    fail("expected an index before ']'");
    return nullptr;
  }
  return result;
}

/// After `(`.
bool Parser::parseArguments(Arguments &arguments) {
  while (!takeOperator(")")) {
    bool isNamed = peek().kind == Token::Kind::Name &&
                   peek(1).kind == Token::Kind::Operator && peek(1).text == "=";
    std::string name;
    if (isNamed) {
      name = peek().text;
      at += 2;
    }
    ExpressionPtr value = parseExpression();
    if (!value)
      return false;
    if (isNamed)
      arguments.named.emplace_back(std::move(name), std::move(value));
    else
      arguments.positional.push_back(std::move(value));
    if (!isOperator(")") && !expectOperator(","))
      return false;
  }
  return true;
}

ExpressionPtr Parser::parseFilters(ExpressionPtr operand) {
  while (operand) {
    if (takeOperator("|")) {
      ExpressionPtr filter = make(Expression::Kind::Filter);
      filter->operands.push_back(std::move(operand));
      if (!expectIdentifier(filter->name) ||
          (takeOperator("(") && !parseArguments(filter->arguments)))
        return nullptr;
      operand = limitHeight(std::move(filter));
    } else if (takeName("is")) {
      operand = limitHeight(parseTest(std::move(operand)));
    } else {
      break;
    }
  }
  return operand;
}

/// After `is`. A test's only argument needs no parentheses.
ExpressionPtr Parser::parseTest(ExpressionPtr operand) {
  ExpressionPtr test = make(Expression::Kind::Test);
  test->operands.push_back(std::move(operand));
  test->negated = takeName("not");
  if (!expectIdentifier(test->name))
    return nullptr;
  if (takeOperator("("))
    return parseArguments(test->arguments) ? std::move(test) : nullptr;
  Token::Kind kind = peek().kind;
  bool hasArgument = kind == Token::Kind::String ||
                     kind == Token::Kind::Integer || kind == Token::Kind::Float;
  if (hasArgument) {
    test->arguments.positional.push_back(parsePostfix(parsePrimary()));
    if (!test->arguments.positional.back())
      return nullptr;
  }
  return test;
}
