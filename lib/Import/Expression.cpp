//===- Expression.cpp - Formulas in architecture files --------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Import/Expression.h"

#include "compress/Support/Error.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace llvm;
using namespace mlir::compress;

std::string mlir::compress::str(const ScalarValue &value) {
  if (const bool *truth = std::get_if<bool>(&value))
    return *truth ? "true" : "false";
  if (const std::string *word = std::get_if<std::string>(&value))
    return "'" + *word + "'";
  std::string text;
  raw_string_ostream(text) << format("%.17g", std::get<double>(value));
  return text;
}

namespace {
/// Recursive descent over the formula; every function evaluates what it reads.
class Evaluator {
public:
  Evaluator(StringRef formula, NameLookup lookup)
      : formula(formula), rest(formula), lookup(lookup) {}

  Expected<ScalarValue> run() {
    // Depth of recursion is bounded by the length.
    if (formula.size() > maxLength)
      return fail("is too long");
    Expected<ScalarValue> value = parseOr();
    if (value && !rest.ltrim().empty())
      return fail("has something left over: \"" + rest.ltrim() + "\"");
    return value;
  }

private:
  using Number = double (*)(double, double);
  static constexpr size_t maxLength = 2000;

  Error fail(const Twine &message) {
    return makeError("the formula \"" + formula + "\" " + message);
  }

  bool consume(StringRef token) {
    rest = rest.ltrim();
    return rest.consume_front(token);
  }

  /// Consumes `word` where it stands alone.
  bool consumeWord(StringRef word) {
    StringRef text = rest.ltrim();
    if (!text.consume_front(word) ||
        (!text.empty() && (isAlnum(text[0]) || text[0] == '_')))
      return false;
    rest = text;
    return true;
  }

  Expected<double> getNumber(Expected<ScalarValue> value) {
    if (!value)
      return value.takeError();
    if (const double *number = std::get_if<double>(&*value))
      return *number;
    return fail("needs a number where it has " + str(*value));
  }

  Expected<bool> getTruth(Expected<ScalarValue> value) {
    if (!value)
      return value.takeError();
    if (const bool *truth = std::get_if<bool>(&*value))
      return *truth;
    return fail("needs true or false where it has " + str(*value));
  }

  Expected<ScalarValue> parseOr() {
    Expected<ScalarValue> left = parseAnd();
    while (left && consumeWord("or")) {
      Expected<bool> a = getTruth(std::move(left)), b = getTruth(parseAnd());
      left = combineTruth(a, b, [](bool x, bool y) { return x || y; });
    }
    return left;
  }

  Expected<ScalarValue> parseAnd() {
    Expected<ScalarValue> left = parseNot();
    while (left && consumeWord("and")) {
      Expected<bool> a = getTruth(std::move(left)), b = getTruth(parseNot());
      left = combineTruth(a, b, [](bool x, bool y) { return x && y; });
    }
    return left;
  }

  Expected<ScalarValue> combineTruth(Expected<bool> &a, Expected<bool> &b,
                                     bool (*function)(bool, bool)) {
    if (!a || !b)
      return joinErrors(a.takeError(), b.takeError());
    return ScalarValue(function(*a, *b));
  }

  Expected<ScalarValue> parseNot() {
    if (!consumeWord("not"))
      return parseCompare();
    Expected<bool> value = getTruth(parseNot());
    if (!value)
      return value.takeError();
    return ScalarValue(!*value);
  }

  Expected<ScalarValue> parseCompare() {
    Expected<ScalarValue> left = parseSum();
    if (!left)
      return left;
    for (StringRef token : {"==", "!=", "<=", ">=", "<", ">"}) {
      if (!consume(token))
        continue;
      Expected<ScalarValue> right = parseSum();
      if (!right)
        return right;
      return compare(token, *left, *right);
    }
    return left;
  }

  Expected<ScalarValue> compare(StringRef token, const ScalarValue &left,
                                const ScalarValue &right) {
    if (left.index() != right.index())
      return fail("compares " + str(left) + " with " + str(right));
    if (token == "==" || token == "!=")
      return ScalarValue((left == right) == (token == "=="));
    Expected<double> a = getNumber(left), b = getNumber(right);
    if (!a || !b)
      return joinErrors(a.takeError(), b.takeError());
    if (token[0] == '<')
      return ScalarValue(token == "<" ? *a < *b : *a <= *b);
    return ScalarValue(token == ">" ? *a > *b : *a >= *b);
  }

  Expected<ScalarValue> parseSum() {
    Expected<ScalarValue> left = parseTerm();
    while (left) {
      Number function = nullptr;
      if (consume("+"))
        function = [](double a, double b) { return a + b; };
      else if (consume("-"))
        function = [](double a, double b) { return a - b; };
      else
        break;
      left = combine(std::move(left), parseTerm(), function);
    }
    return left;
  }

  Expected<ScalarValue> parseTerm() {
    Expected<ScalarValue> left = parseUnary();
    while (left) {
      Number function = nullptr;
      if (consume("*"))
        function = [](double a, double b) { return a * b; };
      else if (consume("/"))
        function = [](double a, double b) { return a / b; };
      else if (consume("%"))
        function = [](double a, double b) { return std::fmod(a, b); };
      else
        break;
      left = combine(std::move(left), parseUnary(), function);
    }
    return left;
  }

  Expected<ScalarValue> combine(Expected<ScalarValue> left,
                                Expected<ScalarValue> right, Number function) {
    Expected<double> a = getNumber(std::move(left));
    Expected<double> b = getNumber(std::move(right));
    if (!a || !b)
      return joinErrors(a.takeError(), b.takeError());
    double result = function(*a, *b);
    if (!std::isfinite(result))
      return fail("divides by zero or overflows");
    return ScalarValue(result);
  }

  Expected<ScalarValue> parseUnary() {
    if (consume("-")) {
      Expected<double> value = getNumber(parseUnary());
      if (!value)
        return value.takeError();
      return ScalarValue(-*value);
    }
    if (consume("(")) {
      Expected<ScalarValue> value = parseOr();
      if (value && !consume(")"))
        return fail("lacks a closing parenthesis");
      return value;
    }
    if (consume("'")) {
      auto [word, after] = rest.split('\'');
      if (word.size() == rest.size())
        return fail("lacks a closing quote");
      rest = after;
      return ScalarValue(word.str());
    }
    return parseNumberOrName();
  }

  Expected<ScalarValue> parseNumberOrName() {
    rest = rest.ltrim();
    if (!rest.empty() && (isDigit(rest[0]) || rest[0] == '.')) {
      size_t size = rest.find_first_not_of("0123456789.");
      // An exponent's sign would otherwise be taken for an operator.
      if (size != StringRef::npos && (rest[size] == 'e' || rest[size] == 'E')) {
        size_t digits = size + 1;
        if (digits < rest.size() &&
            (rest[digits] == '-' || rest[digits] == '+'))
          ++digits;
        size = rest.find_first_not_of("0123456789", digits);
      }
      StringRef text = rest.take_front(size);
      double number;
      if (text.getAsDouble(number))
        return fail("has the malformed number " + text);
      rest = rest.drop_front(text.size());
      return ScalarValue(number);
    }
    StringRef name =
        rest.take_while([](char c) { return isAlnum(c) || c == '_'; });
    if (name.empty())
      return fail(rest.empty() ? Twine("ends too early")
                               : "can't be understood at \"" + rest + "\"");
    rest = rest.drop_front(name.size());
    if (consume("("))
      return parseCall(name);
    if (name == "true" || name == "false")
      return ScalarValue(name == "true");
    if (std::optional<ScalarValue> value = lookup(name))
      return *value;
    return fail("uses the unknown name " + name);
  }

  Expected<ScalarValue> parseCall(StringRef name) {
    SmallVector<ScalarValue> given;
    do {
      Expected<ScalarValue> argument = parseOr();
      if (!argument)
        return argument.takeError();
      given.push_back(std::move(*argument));
    } while (consume(","));
    if (!consume(")"))
      return fail("lacks a closing parenthesis");
    if (name == "select" && given.size() == 3) {
      Expected<bool> condition = getTruth(given[0]);
      if (!condition)
        return condition.takeError();
      return given[*condition ? 1 : 2];
    }
    SmallVector<double> arguments;
    for (const ScalarValue &value : given) {
      Expected<double> argument = getNumber(value);
      if (!argument)
        return argument.takeError();
      arguments.push_back(*argument);
    }
    if (name == "sqrt" && arguments.size() == 1) {
      if (arguments[0] < 0)
        return fail("takes the square root of a negative number");
      return ScalarValue(std::sqrt(arguments[0]));
    }
    if (name == "floor" && arguments.size() == 1)
      return ScalarValue(std::floor(arguments[0]));
    if (name == "min" && arguments.size() == 2)
      return ScalarValue(std::min(arguments[0], arguments[1]));
    if (name == "max" && arguments.size() == 2)
      return ScalarValue(std::max(arguments[0], arguments[1]));
    return fail("calls " + name + " with " + Twine(arguments.size()) +
                " arguments; known are sqrt(x), floor(x), min(x, y), "
                "max(x, y), select(condition, x, y)");
  }

  StringRef formula, rest;
  NameLookup lookup;
};
} // namespace

Expected<ScalarValue> mlir::compress::evaluate(StringRef formula,
                                               NameLookup lookup) {
  return Evaluator(formula, lookup).run();
}
