//===- Interpreter.h - Runs template programs -------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_RUNTIME_JINJA_INTERPRETER_H
#define COMPRESS_LIB_RUNTIME_JINJA_INTERPRETER_H

#include "Syntax.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <optional>

namespace mlir::compress::jinja {

/// Runs a template. Work and output are bounded: a template comes with a model
/// from anywhere.
llvm::Expected<std::string> run(const Block &block,
                                const Value::Dictionary &variables);

/// What a filter, test, method or function is called with.
struct CallArguments {
  std::vector<Value> positional;
  std::vector<std::pair<std::string, Value>> named;

  /// The argument at this place or of this name, or null.
  const Value *find(size_t place, llvm::StringRef name) const;
};

/// `input | name(arguments)`. The error does not name the line.
llvm::Expected<Value> applyFilter(llvm::StringRef name, const Value &input,
                                  const CallArguments &arguments);

/// `input is name(arguments)`.
llvm::Expected<bool> applyTest(llvm::StringRef name, const Value &input,
                               const CallArguments &arguments);

/// `object.name(arguments)`.
llvm::Expected<Value> callMethod(llvm::StringRef name, const Value &object,
                                 const CallArguments &arguments);

/// `left name right`, for all operators but `and` and `or`.
llvm::Expected<Value> applyOperator(llvm::StringRef name, const Value &left,
                                    const Value &right);

/// `object.name` or `object[name]`; undefined where there is none.
llvm::Expected<Value> getAttribute(const Value &object, llvm::StringRef name);

/// `object[begin:end:step]`, each bound perhaps left out.
llvm::Expected<Value> getSlice(const Value &object,
                               llvm::ArrayRef<std::optional<int64_t>> bounds);

/// `name(arguments)`, of the functions that every template has.
llvm::Expected<Value> callFunction(llvm::StringRef name,
                                   const CallArguments &arguments);

/// An error where a value nests deeper than kDeepestNesting.
llvm::Error verifyNesting(const Value &value);

/// The items that a loop over `value` visits: of lists, the keys of
/// dictionaries, the characters of strings; nothing for undefined.
llvm::Expected<Value::List> getItems(const Value &value);

/// JSON as Python's json.dumps(ensure_ascii=False) prints it; a negative
/// `indent` keeps it on one line.
std::string dumpJSON(const Value &value, int64_t indent, int64_t column = 0);

/// Strings that a template makes stay below this many bytes.
inline constexpr size_t kMostBytes = size_t(64) << 20;

} // namespace mlir::compress::jinja

#endif // COMPRESS_LIB_RUNTIME_JINJA_INTERPRETER_H
