//===- Value.cpp - Values of template programs ----------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Value.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace llvm;
using namespace mlir::compress::jinja;

Value Value::get(bool value) {
  Value result(Kind::Boolean);
  result.integer = value;
  return result;
}

Value Value::get(int64_t value) {
  Value result(Kind::Integer);
  result.integer = value;
  return result;
}

Value Value::get(double value) {
  Value result(Kind::Float);
  result.real = value;
  return result;
}

Value Value::get(std::string value) {
  Value result(Kind::String);
  result.text = std::move(value);
  return result;
}

Value Value::get(List value) {
  Value result(Kind::List);
  for (const Value &item : value)
    result.nesting = std::max(result.nesting, item.nesting + 1);
  result.list = std::make_shared<const List>(std::move(value));
  return result;
}

Value Value::get(Dictionary value) {
  Value result(Kind::Dictionary);
  for (const auto &field : value)
    result.nesting = std::max(result.nesting, field.second.nesting + 1);
  result.dictionary = std::make_shared<Dictionary>(std::move(value));
  return result;
}

Value Value::getNamespace(Dictionary fields) {
  Value result = get(std::move(fields));
  result.kind = Kind::Namespace;
  result.nesting = kDeepestNesting;
  return result;
}

Value Value::get(const MacroStatement *macro) {
  Value result(Kind::Macro);
  result.macro = macro;
  return result;
}

Value Value::get(const json::Value &value) {
  switch (value.kind()) {
  case json::Value::Null:
    return getNone();
  case json::Value::Boolean:
    return get(*value.getAsBoolean());
  case json::Value::Number:
    if (std::optional<int64_t> integer = value.getAsInteger())
      return get(*integer);
    return get(*value.getAsNumber());
  case json::Value::String:
    return get(value.getAsString()->str());
  case json::Value::Array: {
    List items;
    for (const json::Value &item : *value.getAsArray())
      items.push_back(get(item));
    return get(std::move(items));
  }
  case json::Value::Object: {
    Dictionary fields;
    for (const auto &field : *value.getAsObject())
      fields.emplace_back(field.first.str(), get(field.second));
    llvm::sort(fields,
               [](const auto &a, const auto &b) { return a.first < b.first; });
    return get(std::move(fields));
  }
  }
  llvm_unreachable("all kinds are covered");
}

const Value *Value::find(StringRef key) const {
  if (!isMapping())
    return nullptr;
  auto it = find_if(*dictionary,
                    [&](const auto &field) { return field.first == key; });
  return it == dictionary->end() ? nullptr : &it->second;
}

void Value::setField(StringRef key, Value value) const {
  auto it = find_if(*dictionary,
                    [&](const auto &field) { return field.first == key; });
  if (it == dictionary->end())
    dictionary->emplace_back(key.str(), std::move(value));
  else
    it->second = std::move(value);
}

bool Value::isTrue() const {
  switch (kind) {
  case Kind::Undefined:
  case Kind::None:
    return false;
  case Kind::Boolean:
  case Kind::Integer:
    return integer != 0;
  case Kind::Float:
    return real != 0;
  case Kind::String:
    return !text.empty();
  case Kind::List:
    return !list->empty();
  case Kind::Dictionary:
    return !dictionary->empty();
  case Kind::Namespace:
  case Kind::Macro:
    return true;
  }
  llvm_unreachable("all kinds are covered");
}

static bool haveSameFields(const Value &a, const Value &b) {
  if (a.getDictionary().size() != b.getDictionary().size())
    return false;
  return all_of(a.getDictionary(), [&](const auto &field) {
    const Value *other = b.find(field.first);
    return other && *other == field.second;
  });
}

bool Value::operator==(const Value &other) const {
  if (isNumber() && other.isNumber()) {
    if (kind == Kind::Float || other.kind == Kind::Float)
      return getFloat() == other.getFloat();
    return integer == other.integer;
  }
  if (kind != other.kind)
    return false;
  switch (kind) {
  case Kind::String:
    return text == other.text;
  case Kind::List:
    return *list == *other.list;
  case Kind::Dictionary:
    return haveSameFields(*this, other);
  case Kind::Namespace:
    return dictionary == other.dictionary;
  case Kind::Macro:
    return macro == other.macro;
  default:
    return true;
  }
}

/// The shortest decimal form that reads back the same, as Python prints it.
static std::string printFloat(double value) {
  if (std::isnan(value))
    return "nan";
  if (std::isinf(value))
    return value < 0 ? "-inf" : "inf";
  std::string text;
  for (int digits = 1; digits <= 17; ++digits) {
    text.clear();
    raw_string_ostream(text) << format("%.*g", digits, value);
    if (std::strtod(text.c_str(), nullptr) == value)
      break;
  }
  if (std::fabs(value) < 1e16 && text.find('e') != std::string::npos &&
      std::fabs(value) >= 1) {
    text.clear();
    raw_string_ostream(text) << format("%.0f", value);
  }
  if (text.find_first_of(".e") == std::string::npos)
    text += ".0";
  return text;
}

std::string Value::str() const {
  switch (kind) {
  case Kind::Undefined:
    return "";
  case Kind::String:
    return text;
  default:
    return repr();
  }
}

/// Python's repr of a string: single quotes unless it has those only.
static std::string quote(StringRef text) {
  char mark = text.contains('\'') && !text.contains('"') ? '"' : '\'';
  std::string result(1, mark);
  for (char c : text) {
    if (c == mark || c == '\\')
      result += {'\\', c};
    else if (c == '\n')
      result += "\\n";
    else if (c == '\t')
      result += "\\t";
    else if (c == '\r')
      result += "\\r";
    else
      result += c;
  }
  return result + mark;
}

std::string Value::repr() const {
  switch (kind) {
  case Kind::Undefined:
    return "Undefined";
  case Kind::None:
    return "None";
  case Kind::Boolean:
    return integer ? "True" : "False";
  case Kind::Integer:
    return std::to_string(integer);
  case Kind::Float:
    return printFloat(real);
  case Kind::String:
    return quote(text);
  case Kind::List: {
    std::string result = "[";
    for (auto [index, item] : enumerate(*list))
      result += (index ? ", " : "") + item.repr();
    return result + "]";
  }
  case Kind::Dictionary: {
    std::string result = "{";
    for (auto [index, field] : enumerate(*dictionary))
      result +=
          (index ? ", " : "") + quote(field.first) + ": " + field.second.repr();
    return result + "}";
  }
  case Kind::Namespace:
    return "<Namespace>";
  case Kind::Macro:
    return "<Macro>";
  }
  llvm_unreachable("all kinds are covered");
}

StringRef Value::describe() const {
  switch (kind) {
  case Kind::Undefined:
    return "an undefined value";
  case Kind::None:
    return "none";
  case Kind::Boolean:
    return "a boolean";
  case Kind::Integer:
  case Kind::Float:
    return "a number";
  case Kind::String:
    return "a string";
  case Kind::List:
    return "a list";
  case Kind::Dictionary:
    return "a dictionary";
  case Kind::Namespace:
    return "a namespace";
  case Kind::Macro:
    return "a macro";
  }
  llvm_unreachable("all kinds are covered");
}
