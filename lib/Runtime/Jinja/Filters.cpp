//===- Filters.cpp - Filters, tests and methods of templates --------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"

#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace mlir::compress;
using namespace mlir::compress::jinja;

/// Python's str.isspace, as far as ASCII goes.
static constexpr StringLiteral kBlanks = " \t\n\r\v\f";

const Value *CallArguments::find(size_t place, StringRef name) const {
  if (place < positional.size())
    return &positional[place];
  for (const auto &argument : named)
    if (argument.first == name)
      return &argument.second;
  return nullptr;
}

/// The string argument at a place; the error says what needs it.
static Expected<std::string> getText(StringRef what, const Value *value) {
  if (value && value->is(Value::Kind::String))
    return value->getString().str();
  return makeError("'" + what + "' needs a string, got " +
                   (value ? value->describe() : StringRef("nothing")));
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

static std::string dumpString(StringRef text) {
  std::string result;
  raw_string_ostream stream(result);
  json::OStream(stream).value(json::fixUTF8(text));
  return result;
}

std::string jinja::dumpJSON(const Value &value, int64_t indent,
                            int64_t column) {
  bool pretty = indent >= 0;
  std::string inner =
      pretty ? "\n" + std::string(column + std::max<int64_t>(indent, 0), ' ')
             : "";
  std::string outer = pretty ? "\n" + std::string(column, ' ') : "";
  std::string separator = pretty ? "," + inner : ", ";
  std::string result;
  switch (value.getKind()) {
  case Value::Kind::String:
    return dumpString(value.getString());
  case Value::Kind::Boolean:
    return value.isTrue() ? "true" : "false";
  case Value::Kind::Undefined:
  case Value::Kind::None:
  case Value::Kind::Macro:
    return "null";
  case Value::Kind::List:
    for (const Value &item : value.getList())
      result += (result.empty() ? inner : separator) +
                dumpJSON(item, indent, column + indent);
    return result.empty() ? "[]" : "[" + result + outer + "]";
  case Value::Kind::Dictionary:
  case Value::Kind::Namespace:
    for (const auto &field : value.getDictionary())
      result += (result.empty() ? inner : separator) + dumpString(field.first) +
                ": " + dumpJSON(field.second, indent, column + indent);
    return result.empty() ? "{}" : "{" + result + outer + "}";
  default:
    return value.repr();
  }
}

//===----------------------------------------------------------------------===//
// Strings
//===----------------------------------------------------------------------===//

static std::string capitalize(StringRef text) {
  std::string result = text.lower();
  if (!result.empty())
    result[0] = toUpper(result[0]);
  return result;
}

static std::string makeTitle(StringRef text) {
  std::string result = text.lower();
  for (size_t i = 0; i < result.size(); ++i)
    if (i == 0 || !isAlpha(result[i - 1]))
      result[i] = toUpper(result[i]);
  return result;
}

/// `count` is how many at most; negative: all.
static Expected<Value> replaceText(StringRef text, StringRef from, StringRef to,
                                   int64_t count) {
  std::string result;
  if (from.empty())
    return makeError("'replace' needs a text to be replaced");
  size_t at = 0;
  for (size_t hit; count != 0 && (hit = text.find(from, at)) != StringRef::npos;
       at = hit + from.size(), --count) {
    result += text.slice(at, hit);
    result += to;
    if (result.size() > kMostBytes)
      return makeError("a string becomes too long");
  }
  result += text.substr(at);
  return Value::get(std::move(result));
}

static Expected<Value> replaceArguments(const Value &input,
                                        const CallArguments &arguments) {
  Expected<std::string> from = getText("replace", arguments.find(0, "old"));
  if (!from)
    return from.takeError();
  Expected<std::string> to = getText("replace", arguments.find(1, "new"));
  if (!to)
    return to.takeError();
  const Value *count = arguments.find(2, "count");
  return replaceText(input.str(), *from, *to, count ? count->getInteger() : -1);
}

/// str.strip and its kin: `left`, `right` say which ends.
static Expected<Value> strip(StringRef text, const CallArguments &arguments,
                             bool left, bool right) {
  std::string blanks = kBlanks.str();
  const Value *given = arguments.find(0, "chars");
  if (given && !given->is(Value::Kind::None)) {
    Expected<std::string> characters = getText("strip", given);
    if (!characters)
      return characters.takeError();
    blanks = *characters;
  }
  if (left)
    text = text.ltrim(blanks);
  if (right)
    text = text.rtrim(blanks);
  return Value::get(text.str());
}

static Expected<Value> split(StringRef text, const CallArguments &arguments) {
  const Value *separator = arguments.find(0, "sep");
  const Value *most = arguments.find(1, "maxsplit");
  int64_t count = most ? most->getInteger() : -1;
  Value::List parts;
  if (!separator || separator->is(Value::Kind::None)) {
    for (text = text.ltrim(kBlanks); !text.empty();
         text = text.ltrim(kBlanks)) {
      size_t end = count == 0 ? StringRef::npos : text.find_first_of(kBlanks);
      parts.push_back(Value::get(text.take_front(end).str()));
      text = text.drop_front(std::min(end, text.size()));
      --count;
    }
    return Value::get(std::move(parts));
  }
  Expected<std::string> mark = getText("split", separator);
  if (!mark)
    return mark.takeError();
  if (mark->empty())
    return makeError("'split' needs a separator that is not empty");
  for (size_t hit; count != 0 && (hit = text.find(*mark)) != StringRef::npos;
       --count) {
    parts.push_back(Value::get(text.take_front(hit).str()));
    text = text.drop_front(hit + mark->size());
  }
  parts.push_back(Value::get(text.str()));
  return Value::get(std::move(parts));
}

/// startswith and endswith take one string or several.
static Expected<Value> matchEnd(StringRef name, StringRef text,
                                const CallArguments &arguments) {
  const Value *wanted = arguments.find(0, "prefix");
  Value::List choices;
  if (wanted && wanted->is(Value::Kind::List))
    choices = wanted->getList();
  else
    choices.push_back(wanted ? *wanted : Value());
  bool result = false;
  for (const Value &choice : choices) {
    Expected<std::string> affix = getText(name, &choice);
    if (!affix)
      return affix.takeError();
    result |= name == "startswith" ? text.starts_with(*affix)
                                   : text.ends_with(*affix);
  }
  return Value::get(result);
}

static Expected<Value> joinItems(const Value &input, StringRef separator) {
  Expected<Value::List> items = getItems(input);
  if (!items)
    return items.takeError();
  std::string result;
  for (auto [index, item] : enumerate(*items)) {
    result += (index ? separator.str() : "") + item.str();
    if (result.size() > kMostBytes)
      return makeError("a string becomes too long");
  }
  return Value::get(std::move(result));
}

//===----------------------------------------------------------------------===//
// Methods
//===----------------------------------------------------------------------===//

static Value getPairs(const Value &object) {
  Value::List items;
  for (const auto &field : object.getDictionary())
    items.push_back(
        Value::get(Value::List{Value::get(field.first), field.second}));
  return Value::get(std::move(items));
}

static Expected<Value> callStringMethod(StringRef name, const Value &object,
                                        const CallArguments &arguments) {
  StringRef text = object.getString();
  if (name == "strip" || name == "lstrip" || name == "rstrip")
    return strip(text, arguments, name != "rstrip", name != "lstrip");
  if (name == "split")
    return split(text, arguments);
  if (name == "startswith" || name == "endswith")
    return matchEnd(name, text, arguments);
  if (name == "upper")
    return Value::get(text.upper());
  if (name == "lower")
    return Value::get(text.lower());
  if (name == "title")
    return Value::get(makeTitle(text));
  if (name == "capitalize")
    return Value::get(capitalize(text));
  if (name == "replace")
    return replaceArguments(object, arguments);
  if (name == "join")
    return joinItems(
        arguments.positional.empty() ? Value() : arguments.positional[0], text);
  if (name == "find" || name == "count") {
    Expected<std::string> wanted = getText(name, arguments.find(0, "sub"));
    if (!wanted)
      return wanted.takeError();
    if (name == "count")
      return Value::get(static_cast<int64_t>(text.count(*wanted)));
    size_t hit = text.find(*wanted);
    return Value::get(hit == StringRef::npos ? int64_t(-1)
                                             : static_cast<int64_t>(hit));
  }
  return makeError("strings have no method '" + name + "'");
}

Expected<Value> jinja::callMethod(StringRef name, const Value &object,
                                  const CallArguments &arguments) {
  if (object.is(Value::Kind::Undefined))
    return makeError("'" + object.getName() +
                     "' is undefined, so it has no method '" + name + "'");
  if (object.is(Value::Kind::String))
    return callStringMethod(name, object, arguments);
  if (!object.is(Value::Kind::Dictionary))
    return makeError(object.describe() + " has no method '" + name + "'");
  if (name == "items")
    return getPairs(object);
  if (name == "get") {
    Expected<std::string> key = getText("get", arguments.find(0, "key"));
    if (!key)
      return key.takeError();
    if (const Value *field = object.find(*key))
      return *field;
    const Value *other = arguments.find(1, "default");
    return other ? *other : Value::getNone();
  }
  if (name != "keys" && name != "values")
    return makeError("dictionaries have no method '" + name + "'");
  Value::List items;
  for (const auto &field : object.getDictionary())
    items.push_back(name == "keys" ? Value::get(field.first) : field.second);
  return Value::get(std::move(items));
}

//===----------------------------------------------------------------------===//
// Tests
//===----------------------------------------------------------------------===//

Expected<bool> jinja::applyTest(StringRef name, const Value &input,
                                const CallArguments &arguments) {
  using Kind = Value::Kind;
  static const StringMap<bool (*)(const Value &)> tests = {
      {"defined", [](const Value &v) { return !v.is(Kind::Undefined); }},
      {"undefined", [](const Value &v) { return v.is(Kind::Undefined); }},
      {"none", [](const Value &v) { return v.is(Kind::None); }},
      {"boolean", [](const Value &v) { return v.is(Kind::Boolean); }},
      {"string", [](const Value &v) { return v.is(Kind::String); }},
      {"number", [](const Value &v) { return v.isNumber(); }},
      {"integer", [](const Value &v) { return v.is(Kind::Integer); }},
      {"float", [](const Value &v) { return v.is(Kind::Float); }},
      {"mapping", [](const Value &v) { return v.isMapping(); }},
      {"iterable",
       [](const Value &v) {
         return v.is(Kind::List) || v.is(Kind::Dictionary) ||
                v.is(Kind::String) || v.is(Kind::Undefined);
       }},
      {"sequence",
       [](const Value &v) {
         return v.is(Kind::List) || v.is(Kind::Dictionary) ||
                v.is(Kind::String) || v.is(Kind::Undefined);
       }},
      {"callable", [](const Value &v) { return v.is(Kind::Macro); }},
      {"true",
       [](const Value &v) { return v.is(Kind::Boolean) && v.isTrue(); }},
      {"false",
       [](const Value &v) { return v.is(Kind::Boolean) && !v.isTrue(); }},
      {"odd",
       [](const Value &v) { return v.isNumber() && v.getInteger() % 2 != 0; }},
      {"even",
       [](const Value &v) { return v.isNumber() && v.getInteger() % 2 == 0; }},
  };
  if (auto test = tests.find(name); test != tests.end())
    return test->second(input);
  static const StringMap<StringRef> operators = {
      {"equalto", "=="}, {"eq", "=="},     {"ne", "!="},        {"lt", "<"},
      {"le", "<="},      {"gt", ">"},      {"ge", ">="},        {"in", "in"},
      {"lessthan", "<"}, {"sameas", "=="}, {"greaterthan", ">"}};
  auto found = operators.find(name);
  if (found == operators.end())
    return makeError("unknown test '" + name + "'");
  if (arguments.positional.size() != 1)
    return makeError("test '" + name + "' takes one argument");
  Expected<Value> result =
      applyOperator(found->second, input, arguments.positional[0]);
  if (!result)
    return result.takeError();
  return result->isTrue();
}

//===----------------------------------------------------------------------===//
// Filters
//===----------------------------------------------------------------------===//

static Expected<Value> getLength(const Value &input) {
  if (input.isMapping())
    return Value::get(static_cast<int64_t>(input.getDictionary().size()));
  Expected<Value::List> items = getItems(input);
  if (!items)
    return items.takeError();
  return Value::get(static_cast<int64_t>(items->size()));
}

/// select, reject, selectattr, rejectattr: keeps the items that a test holds
/// (does not hold) for, or that are true where none is named.
static Expected<Value> select(StringRef name, const Value &input,
                              const CallArguments &arguments) {
  Expected<Value::List> items = getItems(input);
  if (!items)
    return items.takeError();
  bool ofField = name.ends_with("attr"), keeps = name.starts_with("select");
  size_t place = 0;
  std::string field, test;
  if (ofField) {
    Expected<std::string> given = getText(name, arguments.find(place++, ""));
    if (!given)
      return given.takeError();
    field = *given;
  }
  if (place < arguments.positional.size()) {
    Expected<std::string> given = getText(name, arguments.find(place++, ""));
    if (!given)
      return given.takeError();
    test = *given;
  }
  CallArguments rest;
  for (; place < arguments.positional.size(); ++place)
    rest.positional.push_back(arguments.positional[place]);
  Value::List kept;
  for (const Value &item : *items) {
    Expected<Value> subject =
        ofField ? getAttribute(item, field) : Expected<Value>(item);
    if (!subject)
      return subject.takeError();
    Expected<bool> holds = test.empty() ? Expected<bool>(subject->isTrue())
                                        : applyTest(test, *subject, rest);
    if (!holds)
      return holds.takeError();
    if (*holds == keeps)
      kept.push_back(item);
  }
  return Value::get(std::move(kept));
}

/// map(attribute='name') or map('filter', arguments...).
static Expected<Value> mapItems(const Value &input,
                                const CallArguments &arguments) {
  Expected<Value::List> items = getItems(input);
  if (!items)
    return items.takeError();
  const Value *field = arguments.find(size_t(-1), "attribute");
  Expected<std::string> name =
      getText("map", field ? field : arguments.find(0, "filter"));
  if (!name)
    return name.takeError();
  CallArguments rest;
  if (!arguments.positional.empty())
    rest.positional.assign(arguments.positional.begin() + 1,
                           arguments.positional.end());
  for (Value &item : *items) {
    Expected<Value> result =
        field ? getAttribute(item, *name) : applyFilter(*name, item, rest);
    if (!result)
      return result.takeError();
    item = std::move(*result);
  }
  return Value::get(std::move(*items));
}

/// Filters of lists, and of what can be looped over.
static Expected<Value> applyListFilter(StringRef name, const Value &input,
                                       const CallArguments &arguments) {
  Expected<Value::List> items = getItems(input);
  if (!items)
    return items.takeError();
  if (name == "first")
    return items->empty() ? Value("first") : items->front();
  if (name == "last")
    return items->empty() ? Value("last") : items->back();
  if (name == "unique") {
    Value::List kept;
    for (const Value &item : *items)
      if (!is_contained(kept, item))
        kept.push_back(item);
    return Value::get(std::move(kept));
  }
  if (name == "reverse")
    std::reverse(items->begin(), items->end());
  if (name == "reverse" && input.is(Value::Kind::String))
    return joinItems(Value::get(std::move(*items)), "");
  return Value::get(std::move(*items));
}

static Expected<Value> convert(StringRef name, const Value &input,
                               const CallArguments &arguments) {
  const Value *other = arguments.find(0, "default");
  if (input.isNumber())
    return name == "float"
               ? Value::get(input.getFloat())
               : Value::get(input.is(Value::Kind::Float)
                                ? static_cast<int64_t>(input.getFloat())
                                : input.getInteger());
  int64_t integer = 0;
  double real = 0;
  StringRef text =
      input.is(Value::Kind::String) ? input.getString().trim() : "";
  if (name == "int" && !text.getAsInteger(10, integer))
    return Value::get(integer);
  if (!text.empty() && !text.getAsDouble(real))
    return name == "float" ? Value::get(real)
                           : Value::get(static_cast<int64_t>(real));
  if (other)
    return *other;
  return name == "float" ? Value::get(0.0) : Value::get(int64_t(0));
}

static Expected<Value> dumpWithIndent(const Value &input,
                                      const CallArguments &arguments) {
  const Value *indent = arguments.find(0, "indent");
  bool given = indent && indent->is(Value::Kind::Integer);
  if (given && (indent->getInteger() < 0 || indent->getInteger() > 64))
    return makeError("'tojson' needs an indent from 0 to 64");
  return Value::get(dumpJSON(input, given ? indent->getInteger() : -1));
}

/// `default(value, boolean)`: with `boolean`, also replaces what is false.
static Value applyDefault(const Value &input, const CallArguments &arguments) {
  const Value *other = arguments.find(0, "default_value");
  const Value *falseToo = arguments.find(1, "boolean");
  bool replaces = input.is(Value::Kind::Undefined) ||
                  (falseToo && falseToo->isTrue() && !input.isTrue());
  return !replaces ? input : other ? *other : Value::get(std::string());
}

Expected<Value> jinja::applyFilter(StringRef name, const Value &input,
                                   const CallArguments &arguments) {
  if (name == "default" || name == "d")
    return applyDefault(input, arguments);
  if (name == "trim")
    return strip(input.str(), arguments, true, true);
  if (name == "tojson")
    return dumpWithIndent(input, arguments);
  if (name == "length" || name == "count")
    return getLength(input);
  if (name == "upper")
    return Value::get(StringRef(input.str()).upper());
  if (name == "lower")
    return Value::get(StringRef(input.str()).lower());
  if (name == "capitalize")
    return Value::get(capitalize(input.str()));
  if (name == "title")
    return Value::get(makeTitle(input.str()));
  if (name == "string" || name == "safe")
    return Value::get(input.str());
  if (name == "replace")
    return replaceArguments(input, arguments);
  if (name == "int" || name == "float")
    return convert(name, input, arguments);
  if (name == "join") {
    const Value *separator = arguments.find(0, "d");
    return joinItems(input, separator ? separator->str() : "");
  }
  if (is_contained({"select", "reject", "selectattr", "rejectattr"}, name))
    return select(name, input, arguments);
  if (name == "map")
    return mapItems(input, arguments);
  if (is_contained({"list", "first", "last", "reverse", "unique"}, name))
    return applyListFilter(name, input, arguments);
  if (name == "items") {
    if (input.is(Value::Kind::Undefined))
      return Value::get(Value::List());
    if (!input.isMapping())
      return makeError("'items' needs a dictionary, got " + input.describe());
    return getPairs(input);
  }
  return makeError("unknown filter '" + name + "'");
}
