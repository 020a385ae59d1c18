//===- Interpreter.cpp - Runs template programs ---------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"

#include "Lexer.h"

#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"

using namespace llvm;
using namespace mlir::compress;
using namespace mlir::compress::jinja;

/// Expressions and statements that one run may evaluate.
static constexpr int64_t kMostSteps = 1'000'000;
/// Depth of evaluation: expressions, blocks and macros together.
static constexpr int kDeepest = 500;

namespace {

class Interpreter {
public:
  explicit Interpreter(const Value::Dictionary &variables) {
    scopes.emplace_back();
    for (const auto &variable : variables)
      scopes.back()[variable.first] = variable.second;
  }

  Error execute(const Block &block);
  std::string takeOutput() { return std::move(output); }

private:
  using Scope = StringMap<Value>;
  /// How a block ended.
  enum class Flow { Next, Break, Continue };

  Error executeStatement(const Statement &statement);
  Error executePrint(const Statement &statement);
  Error executeIf(const Statement &statement);
  Error executeFor(const Statement &statement);
  Expected<Value::List> getLoopItems(const Statement &statement);
  Error bindTargets(const Statement &statement, const Value &item);
  Error executeSet(const Statement &statement);
  Expected<std::string> capture(const Block &block);

  Expected<Value> evaluate(const Expression &expression);
  Expected<Value> evaluateKind(const Expression &expression);
  Expected<Value> evaluateList(const Expression &expression);
  Expected<Value> evaluateDictionary(const Expression &expression);
  Expected<Value> evaluateSubscript(const Expression &expression);
  Expected<Value> evaluateSlice(const Expression &expression);
  Expected<Value> evaluateCall(const Expression &expression);
  Expected<Value> evaluateFilter(const Expression &expression);
  Expected<Value> evaluateTest(const Expression &expression);
  Expected<Value> evaluateUnary(const Expression &expression);
  Expected<Value> evaluateBinary(const Expression &expression);
  Expected<Value> evaluateConditional(const Expression &expression);
  Expected<CallArguments> evaluateArguments(const Arguments &arguments);
  Expected<Value> callMacro(const MacroStatement &macro,
                            const CallArguments &arguments);

  const Value *find(StringRef name) const;
  Error countStep(int line);
  template <typename T> Expected<T> atLine(int line, Expected<T> result) const;

  std::vector<Scope> scopes;
  std::string output;
  Flow flow = Flow::Next;
  int64_t steps = 0;
  int depth = 0;
};

/// An error that names its line already.
class LocatedError : public ErrorInfo<LocatedError> {
public:
  static char ID;
  explicit LocatedError(std::string message) : message(std::move(message)) {}
  void log(raw_ostream &stream) const override { stream << message; }
  std::error_code convertToErrorCode() const override {
    return inconvertibleErrorCode();
  }

private:
  std::string message;
};
char LocatedError::ID = 0;

} // namespace

static Error locate(int line, Error error) {
  if (!error || error.isA<LocatedError>())
    return error;
  return make_error<LocatedError>(
      toString(makeTemplateError(line, toString(std::move(error)))));
}

template <typename T>
Expected<T> Interpreter::atLine(int line, Expected<T> result) const {
  if (result)
    return result;
  return locate(line, result.takeError());
}

Error Interpreter::countStep(int line) {
  if (++steps > kMostSteps)
    return locate(line, makeError("the template runs for too long"));
  if (depth > kDeepest)
    return locate(line, makeError("the template recurses too deeply"));
  return Error::success();
}

const Value *Interpreter::find(StringRef name) const {
  for (const Scope &scope : reverse(scopes)) {
    auto it = scope.find(name);
    if (it != scope.end())
      return &it->second;
  }
  return nullptr;
}

//===----------------------------------------------------------------------===//
// Statements
//===----------------------------------------------------------------------===//

Error Interpreter::execute(const Block &block) {
  ++depth;
  for (const auto &statement : block.statements) {
    Error error = countStep(statement->line);
    if (!error)
      error = locate(statement->line, executeStatement(*statement));
    if (error)
      return error;
    if (flow != Flow::Next)
      break;
  }
  --depth;
  return Error::success();
}

Error Interpreter::executeStatement(const Statement &statement) {
  switch (statement.kind) {
  case Statement::Kind::Text:
    output += statement.text;
    return Error::success();
  case Statement::Kind::Print:
    return executePrint(statement);
  case Statement::Kind::If:
    return executeIf(statement);
  case Statement::Kind::For:
    return executeFor(statement);
  case Statement::Kind::Set:
    return executeSet(statement);
  case Statement::Kind::Macro:
    scopes.back()[statement.macro.name] = Value::get(&statement.macro);
    return Error::success();
  case Statement::Kind::Break:
    flow = Flow::Break;
    return Error::success();
  case Statement::Kind::Continue:
    flow = Flow::Continue;
    return Error::success();
  }
  llvm_unreachable("all kinds are covered");
}

Error Interpreter::executePrint(const Statement &statement) {
  Expected<Value> value = evaluate(*statement.expression);
  if (!value)
    return value.takeError();
  output += value->str();
  if (output.size() > kMostBytes)
    return makeError("the template prints too much");
  return Error::success();
}

Error Interpreter::executeIf(const Statement &statement) {
  for (const auto &[condition, body] : statement.branches) {
    if (condition) {
      Expected<Value> value = evaluate(*condition);
      if (!value)
        return value.takeError();
      if (!value->isTrue())
        continue;
    }
    return execute(body);
  }
  return Error::success();
}

Error Interpreter::bindTargets(const Statement &statement, const Value &item) {
  if (statement.targets.size() == 1) {
    scopes.back()[statement.targets[0]] = item;
    return Error::success();
  }
  Expected<Value::List> parts = getItems(item);
  if (!parts)
    return parts.takeError();
  if (parts->size() != statement.targets.size())
    return makeError(Twine(statement.targets.size()) + " names for " +
                     Twine(parts->size()) + " values");
  for (auto [name, part] : zip_equal(statement.targets, *parts))
    scopes.back()[name] = part;
  return Error::success();
}

/// The items that pass the loop's own condition.
Expected<Value::List> Interpreter::getLoopItems(const Statement &statement) {
  Expected<Value> sequence = evaluate(*statement.expression);
  if (!sequence)
    return sequence.takeError();
  Expected<Value::List> items = getItems(*sequence);
  if (!items || !statement.condition)
    return items;
  Value::List kept;
  scopes.emplace_back();
  for (const Value &item : *items) {
    if (Error error = bindTargets(statement, item))
      return error;
    Expected<Value> passes = evaluate(*statement.condition);
    if (!passes)
      return passes.takeError();
    if (passes->isTrue())
      kept.push_back(item);
  }
  scopes.pop_back();
  return kept;
}

/// What `loop` is in iteration `index`.
static Value makeLoop(const Value::List &items, size_t index) {
  int64_t at = index, count = items.size();
  Value::Dictionary fields = {
      {"index", Value::get(at + 1)},
      {"index0", Value::get(at)},
      {"revindex", Value::get(count - at)},
      {"revindex0", Value::get(count - at - 1)},
      {"first", Value::get(at == 0)},
      {"last", Value::get(at + 1 == count)},
      {"length", Value::get(count)},
      {"previtem", at > 0 ? items[index - 1] : Value("loop.previtem")},
      {"nextitem", at + 1 < count ? items[index + 1] : Value("loop.nextitem")}};
  return Value::get(std::move(fields));
}

Error Interpreter::executeFor(const Statement &statement) {
  Expected<Value::List> items = getLoopItems(statement);
  if (!items)
    return items.takeError();
  if (items->empty())
    return execute(statement.otherwise);
  for (size_t index = 0; index < items->size(); ++index) {
    if (Error error = countStep(statement.line))
      return error;
    scopes.emplace_back();
    scopes.back()["loop"] = makeLoop(*items, index);
    if (Error error = bindTargets(statement, (*items)[index]))
      return error;
    if (Error error = execute(statement.body))
      return error;
    scopes.pop_back();
    if (std::exchange(flow, Flow::Next) == Flow::Break)
      break;
  }
  return Error::success();
}

/// What a block prints.
Expected<std::string> Interpreter::capture(const Block &block) {
  std::string outer = std::exchange(output, "");
  if (Error error = execute(block))
    return error;
  return std::exchange(output, std::move(outer));
}

Error Interpreter::executeSet(const Statement &statement) {
  Expected<Value> value = Value();
  if (statement.expression) {
    value = evaluate(*statement.expression);
  } else {
    Expected<std::string> text = capture(statement.body);
    if (!text)
      return text.takeError();
    value = Value::get(std::move(*text));
  }
  if (!value)
    return value.takeError();
  if (statement.field.empty())
    return bindTargets(statement, *value);
  const Value *object = find(statement.targets[0]);
  if (!object || !object->is(Value::Kind::Namespace))
    return makeError("'" + statement.targets[0] +
                     "' is no namespace, so its fields cannot be set");
  if (Error error = verifyNesting(Value::get(Value::List{*value})))
    return error;
  object->setField(statement.field, std::move(*value));
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

Expected<Value> Interpreter::evaluate(const Expression &expression) {
  ++depth;
  if (Error error = countStep(expression.line))
    return error;
  Expected<Value> result = atLine(expression.line, evaluateKind(expression));
  --depth;
  if (result)
    if (Error error = verifyNesting(*result))
      return locate(expression.line, std::move(error));
  return result;
}

Expected<Value> Interpreter::evaluateKind(const Expression &expression) {
  switch (expression.kind) {
  case Expression::Kind::Literal:
    return expression.value;
  case Expression::Kind::Name: {
    const Value *value = find(expression.name);
    return value ? *value : Value(expression.name);
  }
  case Expression::Kind::List:
    return evaluateList(expression);
  case Expression::Kind::Dictionary:
    return evaluateDictionary(expression);
  case Expression::Kind::Attribute: {
    Expected<Value> object = evaluate(*expression.operands[0]);
    if (!object)
      return object;
    return getAttribute(*object, expression.name);
  }
  case Expression::Kind::Subscript:
    return evaluateSubscript(expression);
  case Expression::Kind::Slice:
    return evaluateSlice(expression);
  case Expression::Kind::Call:
    return evaluateCall(expression);
  case Expression::Kind::Filter:
    return evaluateFilter(expression);
  case Expression::Kind::Test:
    return evaluateTest(expression);
  case Expression::Kind::Unary:
    return evaluateUnary(expression);
  case Expression::Kind::Binary:
    return evaluateBinary(expression);
  case Expression::Kind::Conditional:
    return evaluateConditional(expression);
  }
  llvm_unreachable("all kinds are covered");
}

Expected<Value> Interpreter::evaluateList(const Expression &expression) {
  Value::List items;
  for (const ExpressionPtr &operand : expression.operands) {
    Expected<Value> item = evaluate(*operand);
    if (!item)
      return item;
    items.push_back(std::move(*item));
  }
  return Value::get(std::move(items));
}

Expected<Value> Interpreter::evaluateDictionary(const Expression &expression) {
  Value::Dictionary fields;
  for (size_t i = 0; i < expression.operands.size(); i += 2) {
    Expected<Value> key = evaluate(*expression.operands[i]);
    if (!key)
      return key;
    if (!key->is(Value::Kind::String))
      return makeError("a dictionary's key is " + key->describe() +
                       "; only strings are supported");
    Expected<Value> value = evaluate(*expression.operands[i + 1]);
    if (!value)
      return value;
    fields.emplace_back(key->getString().str(), std::move(*value));
  }
  return Value::get(std::move(fields));
}

Expected<Value> Interpreter::evaluateSubscript(const Expression &expression) {
  Expected<Value> object = evaluate(*expression.operands[0]);
  if (!object)
    return object;
  Expected<Value> index = evaluate(*expression.operands[1]);
  if (!index)
    return index;
  if (index->is(Value::Kind::String))
    return getAttribute(*object, index->getString());
  bool indexes =
      index->is(Value::Kind::Integer) &&
      (object->is(Value::Kind::List) || object->is(Value::Kind::String));
  if (!indexes)
    return makeError(object->describe() + " cannot be indexed by " +
                     index->describe());
  Expected<Value::List> items = getItems(*object);
  if (!items)
    return items.takeError();
  int64_t count = items->size(), place = index->getInteger();
  if (place < 0)
    place += count;
  if (place < 0 || place >= count)
    return Value("index " + std::to_string(index->getInteger()));
  return (*items)[place];
}

Expected<Value> Interpreter::evaluateSlice(const Expression &expression) {
  Expected<Value> object = evaluate(*expression.operands[0]);
  if (!object)
    return object;
  std::optional<int64_t> bounds[3];
  for (int i = 0; i < 3; ++i) {
    if (!expression.operands[i + 1])
      continue;
    Expected<Value> bound = evaluate(*expression.operands[i + 1]);
    if (!bound)
      return bound;
    if (bound->is(Value::Kind::None))
      continue;
    if (!bound->is(Value::Kind::Integer))
      return makeError("a slice's bound is " + bound->describe());
    bounds[i] = bound->getInteger();
  }
  return getSlice(*object, bounds);
}

Expected<CallArguments>
Interpreter::evaluateArguments(const Arguments &arguments) {
  CallArguments result;
  for (const ExpressionPtr &argument : arguments.positional) {
    Expected<Value> value = evaluate(*argument);
    if (!value)
      return value.takeError();
    result.positional.push_back(std::move(*value));
  }
  for (const auto &[name, argument] : arguments.named) {
    Expected<Value> value = evaluate(*argument);
    if (!value)
      return value.takeError();
    result.named.emplace_back(name, std::move(*value));
  }
  return result;
}

Expected<Value> Interpreter::evaluateCall(const Expression &expression) {
  const Expression &callee = *expression.operands[0];
  Expected<CallArguments> arguments = evaluateArguments(expression.arguments);
  if (!arguments)
    return arguments.takeError();
  if (callee.kind == Expression::Kind::Attribute) {
    Expected<Value> object = evaluate(*callee.operands[0]);
    if (!object)
      return object;
    return callMethod(callee.name, *object, *arguments);
  }
  if (callee.kind != Expression::Kind::Name)
    return makeError("only functions, methods and macros can be called");
  const Value *value = find(callee.name);
  if (!value)
    return callFunction(callee.name, *arguments);
  if (!value->is(Value::Kind::Macro))
    return makeError("'" + callee.name + "' is " + value->describe() +
                     " and cannot be called");
  return callMacro(*value->getMacro(), *arguments);
}

Expected<Value> Interpreter::callMacro(const MacroStatement &macro,
                                       const CallArguments &arguments) {
  if (arguments.positional.size() > macro.parameters.size())
    return makeError("macro '" + macro.name + "' takes at most " +
                     Twine(macro.parameters.size()) + " arguments");
  for (const auto &argument : arguments.named)
    if (none_of(macro.parameters, [&](const auto &parameter) {
          return parameter.first == argument.first;
        }))
      return makeError("macro '" + macro.name + "' has no parameter '" +
                       argument.first + "'");
  Scope scope;
  for (size_t i = 0; i < macro.parameters.size(); ++i) {
    const auto &[name, initial] = macro.parameters[i];
    const Value *given = arguments.find(i, name);
    Expected<Value> value = given     ? Expected<Value>(*given)
                            : initial ? evaluate(*initial)
                                      : Expected<Value>(Value(name));
    if (!value)
      return value;
    scope[name] = std::move(*value);
  }
  // A macro sees the template's variables, not its caller's.
  std::vector<Scope> callers;
  std::swap(callers, scopes);
  scopes.push_back(std::move(callers.front()));
  scopes.push_back(std::move(scope));
  Expected<std::string> text = capture(macro.body);
  if (!text)
    return text.takeError();
  callers.front() = std::move(scopes.front());
  std::swap(callers, scopes);
  return Value::get(std::move(*text));
}

Expected<Value> Interpreter::evaluateFilter(const Expression &expression) {
  Expected<Value> input = evaluate(*expression.operands[0]);
  if (!input)
    return input;
  Expected<CallArguments> arguments = evaluateArguments(expression.arguments);
  if (!arguments)
    return arguments.takeError();
  return applyFilter(expression.name, *input, *arguments);
}

Expected<Value> Interpreter::evaluateTest(const Expression &expression) {
  Expected<Value> input = evaluate(*expression.operands[0]);
  if (!input)
    return input;
  Expected<CallArguments> arguments = evaluateArguments(expression.arguments);
  if (!arguments)
    return arguments.takeError();
  Expected<bool> holds = applyTest(expression.name, *input, *arguments);
  if (!holds)
    return holds.takeError();
  return Value::get(*holds != expression.negated);
}

Expected<Value> Interpreter::evaluateUnary(const Expression &expression) {
  Expected<Value> operand = evaluate(*expression.operands[0]);
  if (!operand)
    return operand;
  if (expression.name == "not")
    return Value::get(!operand->isTrue());
  if (!operand->isNumber())
    return makeError("'" + expression.name + "' is not defined for " +
                     operand->describe());
  return applyOperator(expression.name, Value::get(int64_t(0)), *operand);
}

Expected<Value> Interpreter::evaluateBinary(const Expression &expression) {
  Expected<Value> left = evaluate(*expression.operands[0]);
  if (!left)
    return left;
  // As in Python, the operand that decides is the value.
  if (expression.name == "and" || expression.name == "or")
    return left->isTrue() == (expression.name == "or")
               ? std::move(left)
               : evaluate(*expression.operands[1]);
  Expected<Value> right = evaluate(*expression.operands[1]);
  if (!right)
    return right;
  return applyOperator(expression.name, *left, *right);
}

Expected<Value> Interpreter::evaluateConditional(const Expression &expression) {
  Expected<Value> condition = evaluate(*expression.operands[1]);
  if (!condition)
    return condition;
  if (condition->isTrue())
    return evaluate(*expression.operands[0]);
  if (expression.operands[2])
    return evaluate(*expression.operands[2]);
  return Value("the missing else");
}

Expected<std::string> jinja::run(const Block &block,
                                 const Value::Dictionary &variables) {
  Interpreter interpreter(variables);
  if (Error error = interpreter.execute(block))
    return error;
  return interpreter.takeOutput();
}
