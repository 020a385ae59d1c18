//===- Operators.cpp - What operators of templates compute ----------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"

#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace llvm;
using namespace mlir::compress;
using namespace mlir::compress::jinja;

static Error makeTypeError(StringRef name, const Value &left,
                           const Value &right) {
  for (const Value *value : {&left, &right})
    if (value->is(Value::Kind::Undefined))
      return makeError("'" + value->getName() + "' is undefined");
  return makeError("'" + name + "' is not defined for " + left.describe() +
                   " and " + right.describe());
}

/// Python's floor division and remainder round towards minus infinity.
static Expected<Value> divideIntegers(StringRef name, int64_t left,
                                      int64_t right) {
  if (right == 0)
    return makeError("division by zero");
  if (right == -1) // The quotient of the lowest integer overflows.
    return Value::get(name == "%" ? int64_t(0)
                                  : static_cast<int64_t>(-uint64_t(left)));
  int64_t quotient = left / right, remainder = left % right;
  if (remainder != 0 && (remainder < 0) != (right < 0)) {
    --quotient;
    remainder += right;
  }
  return Value::get(name == "%" ? remainder : quotient);
}

static Expected<Value> computeIntegers(StringRef name, int64_t left,
                                       int64_t right) {
  int64_t result = 0;
  bool overflow = false;
  if (name == "+")
    overflow = AddOverflow(left, right, result);
  else if (name == "-")
    overflow = SubOverflow(left, right, result);
  else if (name == "*")
    overflow = MulOverflow(left, right, result);
  else if (name == "**" && right >= 0 && right < 64)
    for (result = 1; right > 0 && !overflow; --right)
      overflow = MulOverflow(result, left, result);
  else if (name == "**")
    return Value::get(std::pow(double(left), double(right)));
  else
    return divideIntegers(name, left, right);
  if (overflow)
    return makeError("the result of '" + name + "' is too large");
  return Value::get(result);
}

static Expected<Value> computeFloats(StringRef name, double left,
                                     double right) {
  if (name == "+")
    return Value::get(left + right);
  if (name == "-")
    return Value::get(left - right);
  if (name == "*")
    return Value::get(left * right);
  if (name == "**")
    return Value::get(std::pow(left, right));
  if (right == 0)
    return makeError("division by zero");
  if (name == "/")
    return Value::get(left / right);
  double quotient = std::floor(left / right);
  return Value::get(name == "//" ? quotient : left - quotient * right);
}

static Expected<Value> compare(StringRef name, const Value &left,
                               const Value &right) {
  int order;
  if (left.isNumber() && right.isNumber())
    order = left.getFloat() < right.getFloat()   ? -1
            : left.getFloat() > right.getFloat() ? 1
                                                 : 0;
  else if (left.is(Value::Kind::String) && right.is(Value::Kind::String))
    order = left.getString().compare(right.getString());
  else
    return makeTypeError(name, left, right);
  bool result = name == "<"    ? order < 0
                : name == "<=" ? order <= 0
                : name == ">"  ? order > 0
                               : order >= 0;
  return Value::get(result);
}

static Expected<Value> contains(const Value &item, const Value &container) {
  switch (container.getKind()) {
  case Value::Kind::Undefined:
    return Value::get(false);
  case Value::Kind::String:
    if (!item.is(Value::Kind::String))
      return makeTypeError("in", item, container);
    return Value::get(container.getString().contains(item.getString()));
  case Value::Kind::List:
    return Value::get(is_contained(container.getList(), item));
  case Value::Kind::Dictionary:
    return Value::get(item.is(Value::Kind::String) &&
                      container.find(item.getString()) != nullptr);
  default:
    return makeTypeError("in", item, container);
  }
}

/// `'ab' * 3`, `[0] * 3`.
static Expected<Value> repeat(const Value &value, int64_t count) {
  count = std::max<int64_t>(count, 0);
  if (value.is(Value::Kind::String)) {
    if (value.getString().size() > kMostBytes / std::max<int64_t>(count, 1))
      return makeError("a string becomes too long");
    std::string text;
    for (int64_t i = 0; i < count; ++i)
      text += value.getString();
    return Value::get(std::move(text));
  }
  constexpr size_t mostItems = 100000;
  if (value.getList().size() > mostItems / std::max<int64_t>(count, 1))
    return makeError("a list becomes too long");
  Value::List items;
  for (int64_t i = 0; i < count; ++i)
    append_range(items, value.getList());
  return Value::get(std::move(items));
}

static Expected<Value> concatenate(const std::string &left,
                                   const std::string &right) {
  if (left.size() + right.size() > kMostBytes)
    return makeError("a string becomes too long");
  return Value::get(left + right);
}

Expected<Value> jinja::applyOperator(StringRef name, const Value &left,
                                     const Value &right) {
  if (name == "==" || name == "!=")
    return Value::get((left == right) == (name == "=="));
  if (name == "in")
    return contains(left, right);
  if (name == "not in") {
    Expected<Value> result = contains(left, right);
    return result ? Expected<Value>(Value::get(!result->isTrue()))
                  : result.takeError();
  }
  if (name == "~")
    return concatenate(left.str(), right.str());
  if (name.starts_with("<") || name.starts_with(">"))
    return compare(name, left, right);
  if (left.isNumber() && right.isNumber()) {
    bool floats = left.is(Value::Kind::Float) || right.is(Value::Kind::Float) ||
                  name == "/";
    return floats
               ? computeFloats(name, left.getFloat(), right.getFloat())
               : computeIntegers(name, left.getInteger(), right.getInteger());
  }
  bool strings = left.is(Value::Kind::String) && right.is(Value::Kind::String);
  if (name == "+" && strings)
    return concatenate(left.getString().str(), right.getString().str());
  if (name == "+" && left.is(Value::Kind::List) &&
      right.is(Value::Kind::List)) {
    if (left.getList().size() + right.getList().size() > 100000)
      return makeError("a list becomes too long");
    Value::List items = left.getList();
    append_range(items, right.getList());
    return Value::get(std::move(items));
  }
  bool repeats = name == "*" && right.is(Value::Kind::Integer) &&
                 (left.is(Value::Kind::String) || left.is(Value::Kind::List));
  if (repeats)
    return repeat(left, right.getInteger());
  return makeTypeError(name, left, right);
}

Expected<Value> jinja::getAttribute(const Value &object, StringRef name) {
  if (object.is(Value::Kind::Undefined))
    return makeError("'" + object.getName() +
                     "' is undefined, so it has no field '" + name + "'");
  if (const Value *field = object.find(name))
    return *field;
  return Value(name);
}

Expected<Value::List> jinja::getItems(const Value &value) {
  Value::List items;
  switch (value.getKind()) {
  case Value::Kind::Undefined:
    return items;
  case Value::Kind::List:
    return value.getList();
  case Value::Kind::Dictionary:
    for (const auto &field : value.getDictionary())
      items.push_back(Value::get(field.first));
    return items;
  case Value::Kind::String: {
    StringRef text = value.getString();
    while (!text.empty()) {
      size_t length = 1;
      while (length < text.size() && (text[length] & 0xC0) == 0x80)
        ++length;
      items.push_back(Value::get(text.take_front(length).str()));
      text = text.drop_front(length);
    }
    return items;
  }
  default:
    return makeError(value.describe() + " cannot be looped over");
  }
}

/// Python's rules for the bounds of a slice of `count` items.
static int64_t clampBound(int64_t bound, int64_t count, bool forward) {
  if (bound < 0)
    bound += count;
  return std::clamp<int64_t>(bound, forward ? 0 : -1,
                             forward ? count : count - 1);
}

Expected<Value> jinja::getSlice(const Value &object,
                                ArrayRef<std::optional<int64_t>> bounds) {
  Expected<Value::List> items = getItems(object);
  if (!items)
    return items.takeError();
  int64_t count = items->size(), stride = bounds[2].value_or(1);
  if (stride == 0)
    return makeError("a slice's step is zero");
  // Larger steps reach beyond the end as well.
  stride = std::clamp<int64_t>(stride, -count - 1, count + 1);
  bool forward = stride > 0;
  int64_t begin = bounds[0] ? clampBound(*bounds[0], count, forward)
                            : (forward ? 0 : count - 1);
  int64_t end = bounds[1] ? clampBound(*bounds[1], count, forward)
                          : (forward ? count : -1);
  Value::List kept;
  for (int64_t i = begin; forward ? i < end : i > end; i += stride)
    kept.push_back((*items)[i]);
  if (!object.is(Value::Kind::String))
    return Value::get(std::move(kept));
  std::string text;
  for (const Value &character : kept)
    text += character.getString();
  return Value::get(std::move(text));
}
