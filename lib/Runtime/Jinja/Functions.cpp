//===- Functions.cpp - Functions that templates can call ------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"

#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <ctime>

using namespace llvm;
using namespace mlir::compress;
using namespace mlir::compress::jinja;

/// Items of `range`, as in Jinja's sandbox.
static constexpr int64_t kLongestRange = 100'000;

Error jinja::verifyNesting(const Value &value) {
  if (value.getNesting() <= kDeepestNesting)
    return Error::success();
  return makeError("values are nested too deeply, or a namespace is put into "
                   "another value");
}

static Expected<Value> makeRange(const CallArguments &arguments) {
  int64_t bounds[3] = {0, 0, 1};
  size_t count = arguments.positional.size();
  if (count < 1 || count > 3)
    return makeError("'range' takes one to three numbers");
  for (auto [i, argument] : enumerate(arguments.positional)) {
    if (!argument.is(Value::Kind::Integer))
      return makeError("'range' takes numbers, got " + argument.describe());
    bounds[count == 1 ? 1 : i] = argument.getInteger();
  }
  auto [begin, end, step] = bounds;
  if (step == 0)
    return makeError("'range' has a step of zero");
  Value::List items;
  for (int64_t i = begin; step > 0 ? i < end : i > end;) {
    items.push_back(Value::get(i));
    if (static_cast<int64_t>(items.size()) > kLongestRange)
      return makeError("'range' has more than " + Twine(kLongestRange) +
                       " items");
    if (AddOverflow(i, step, i))
      break;
  }
  return Value::get(std::move(items));
}

static Expected<Value> formatNow(const CallArguments &arguments) {
  if (arguments.positional.size() != 1 ||
      !arguments.positional[0].is(Value::Kind::String))
    return makeError("'strftime_now' takes a format");
  std::time_t now = std::time(nullptr);
  std::tm local = {};
  localtime_r(&now, &local);
  std::string format = arguments.positional[0].getString().str();
  char buffer[256];
  size_t length = std::strftime(buffer, sizeof(buffer), format.c_str(), &local);
  return Value::get(std::string(buffer, length));
}

Expected<Value> jinja::callFunction(StringRef name,
                                    const CallArguments &arguments) {
  if (name == "raise_exception") {
    const Value *message = arguments.find(0, "message");
    return makeError(message ? message->str() : "the template raises an error");
  }
  if (name == "range")
    return makeRange(arguments);
  if (name == "namespace" || name == "dict") {
    if (!arguments.positional.empty())
      return makeError("'" + name + "' takes named values only");
    Value::Dictionary fields(arguments.named.begin(), arguments.named.end());
    if (Error error = verifyNesting(Value::get(fields)))
      return error;
    return name == "dict" ? Value::get(std::move(fields))
                          : Value::getNamespace(std::move(fields));
  }
  if (name == "strftime_now")
    return formatNow(arguments);
  return makeError("unknown function '" + name + "'");
}
