//===- Syntax.h - The syntax tree of template programs ----------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_RUNTIME_JINJA_SYNTAX_H
#define COMPRESS_LIB_RUNTIME_JINJA_SYNTAX_H

#include "Value.h"

#include "llvm/ADT/SmallVector.h"

namespace mlir::compress::jinja {

struct Expression;
using ExpressionPtr = std::unique_ptr<Expression>;

/// The arguments of a call, a filter or a test.
struct Arguments {
  std::vector<ExpressionPtr> positional;
  std::vector<std::pair<std::string, ExpressionPtr>> named;
};

struct Expression {
  enum class Kind {
    /// value
    Literal,
    /// name
    Name,
    /// operands
    List,
    /// operands: key, value, key, value, ...
    Dictionary,
    /// operands[0].name
    Attribute,
    /// operands[0][operands[1]]
    Subscript,
    /// operands[0][operands[1]:operands[2]:operands[3]], null where left out
    Slice,
    /// operands[0](arguments)
    Call,
    /// operands[0] | name(arguments)
    Filter,
    /// operands[0] is name(arguments), negated if `negated`
    Test,
    /// name operands[0]: `-`, `+`, `not`
    Unary,
    /// operands[0] name operands[1]
    Binary,
    /// operands[0] if operands[1] else operands[2], which may be null
    Conditional
  };

  Kind kind;
  int line;
  std::string name;
  Value value;
  std::vector<ExpressionPtr> operands;
  Arguments arguments;
  bool negated = false;
  /// Of the tree below, as far as chains of operators make it.
  int height = 0;
};

struct Statement;

/// Statements in a row.
struct Block {
  std::vector<std::unique_ptr<Statement>> statements;
};

struct MacroStatement {
  std::string name;
  /// Parameters and their default values, or null.
  std::vector<std::pair<std::string, ExpressionPtr>> parameters;
  Block body;
};

struct Statement {
  enum class Kind {
    /// text
    Text,
    /// {{ expression }}
    Print,
    /// Branches: condition (null: else) and block.
    If,
    /// for targets in expression if condition: body; else: otherwise
    For,
    /// set targets[0] (.field) = expression; without one: = body
    Set,
    Macro,
    Break,
    Continue
  };

  Kind kind;
  int line;
  std::string text;
  ExpressionPtr expression, condition;
  std::vector<std::string> targets;
  std::string field;
  std::vector<std::pair<ExpressionPtr, Block>> branches;
  Block body, otherwise;
  MacroStatement macro;
};

} // namespace mlir::compress::jinja

#endif // COMPRESS_LIB_RUNTIME_JINJA_SYNTAX_H
