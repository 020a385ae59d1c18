//===- Expression.h - Formulas in architecture files ------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_IMPORT_EXPRESSION_H
#define COMPRESS_IMPORT_EXPRESSION_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <optional>
#include <string>
#include <variant>

namespace mlir::compress {

/// What a hyper-parameter or a formula is: a truth value, a number (integers
/// up to 2^53 are exact) or a word.
using ScalarValue = std::variant<bool, double, std::string>;

/// For messages: `true`, `64`, `'silu'`.
std::string str(const ScalarValue &value);

/// The value of a name in a formula, or nothing where the name is not known.
using NameLookup =
    llvm::function_ref<std::optional<ScalarValue>(llvm::StringRef)>;

/// Evaluates a formula over hyper-parameters, e.g. `1 / sqrt(head_dim)` or
/// `not tied and kind == 'llama3'`.
///
///   or      = and {"or" and}
///   and     = not {"and" not}
///   not     = "not" not | compare
///   compare = sum [("==" | "!=" | "<" | "<=" | ">" | ">=") sum]
///   sum     = term {("+" | "-") term}
///   term    = unary {("*" | "/" | "%") unary}
///   unary   = "-" unary | number | 'word' | true | false | name
///           | function(or, ...) | (or)
///
/// Functions: sqrt, floor, min, max, and select(condition, x, y), which is x
/// where the condition is true and otherwise y. Both sides of `and`, `or` and
/// select are evaluated. Errors quote the formula: syntax, unknown names, wrong
/// kinds, division by zero.
llvm::Expected<ScalarValue> evaluate(llvm::StringRef formula,
                                     NameLookup lookup);

} // namespace mlir::compress

#endif // COMPRESS_IMPORT_EXPRESSION_H
