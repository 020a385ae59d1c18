//===- Interpreter.h - State of an evaluation -------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LIB_REFERENCE_INTERPRETER_H
#define LIB_REFERENCE_INTERPRETER_H

#include "compress/Reference/Evaluator.h"

#include "mlir/IR/SymbolTable.h"

#include "llvm/ADT/StringMap.h"

namespace mlir::compress {

class Interpreter;

/// An error at an op: `<location>: '<name>': <message>`.
llvm::Error makeOpError(Operation *op, const llvm::Twine &message);
/// The same error, told to have occurred at `op`.
llvm::Error atOp(Operation *op, llvm::Error error);

/// Evaluates an op: reads its operands from the interpreter, sets its results.
using OpFunction = llvm::Error (*)(Operation *op, Interpreter &interpreter);

/// Evaluates an op on numbers. `result.type` is set; the caller rounds the
/// result to it.
using ScalarFunction = llvm::Error (*)(Operation *op, ArrayRef<Scalar> operands,
                                       Scalar &result);

/// Which function evaluates which op.
struct OpRegistry {
  llvm::StringMap<OpFunction> ops;
  /// Ops on numbers, which also apply element by element to tensors.
  llvm::StringMap<ScalarFunction> scalars;

  static const OpRegistry &get(Arithmetic arithmetic);
};

/// One per group of dialects; each adds its ops.
void registerArithOps(OpRegistry &registry);
void registerMathOps(OpRegistry &registry);
void registerControlFlowOps(OpRegistry &registry);
void registerTensorOps(OpRegistry &registry);
void registerLinalgOps(OpRegistry &registry);
void registerCompressOps(OpRegistry &registry);
void registerLMOps(OpRegistry &registry);
void registerExpertOps(OpRegistry &registry);
/// Replaces ops on floats by those of Arithmetic::Generated.
void registerGeneratedMath(OpRegistry &registry);
void registerGeneratedLMOps(OpRegistry &registry);
void registerGeneratedExpertOps(OpRegistry &registry);

/// Evaluates any structured op of linalg.
llvm::Error evaluateLinalgOp(Operation *op, Interpreter &interpreter);

/// Calls `function` on numbers and rounds its result.
llvm::Error evaluateScalar(ScalarFunction function, Operation *op,
                           ArrayRef<Scalar> operands, Scalar &result);

class Interpreter {
public:
  Interpreter(ModuleOp module, ParameterSource source, EvaluatorOptions options)
      : module(module), source(std::move(source)), options(options) {}

  llvm::Expected<SmallVector<RuntimeValue>>
  call(llvm::StringRef function, ArrayRef<RuntimeValue> arguments);

  /// Runs a block and returns the operands of its terminator.
  llvm::Expected<SmallVector<RuntimeValue>>
  runBlock(Block &block, ArrayRef<RuntimeValue> arguments);

  /// The value of a global.
  llvm::Expected<HostTensor> loadGlobal(Operation *user, StringRef symbol);

  /// Values of the function that is being evaluated. The type of a value says
  /// which of the three kinds it is.
  const RuntimeValue &get(Value value) const { return values().at(value); }
  const HostTensor &getTensor(Value value) const;
  const Scalar &getScalar(Value value) const;
  HostCache &getCache(Value value) const;
  int64_t getIndex(Value value) const { return getScalar(value).integer; }
  /// Sizes, offsets and strides of which some are operands.
  SmallVector<int64_t> getIndices(ArrayRef<OpFoldResult> mixed) const;
  /// A tensor without its encoding.
  llvm::Expected<HostTensor> getPlain(Value value) const;

  /// Checks that `value` has the type of `result` where that is known, and sets
  /// it.
  llvm::Error set(Value result, RuntimeValue value);

  /// The point of the structured op whose body is being run.
  void setPoint(ArrayRef<int64_t> at) { point.assign(at.begin(), at.end()); }
  ArrayRef<int64_t> getPoint() const { return point; }

  const EvaluatorOptions &getOptions() const { return options; }
  const OpRegistry &getRegistry() const {
    return OpRegistry::get(options.arithmetic);
  }

  /// What contractions added up, by op.
  llvm::DenseMap<Operation *, HostTensor> magnitudes;

private:
  using Values = llvm::DenseMap<Value, RuntimeValue>;
  const Values &values() const { return frames.back(); }

  llvm::Error evaluate(Operation *op);
  llvm::Error evaluateElementwise(ScalarFunction function, Operation *op);
  /// The values of a block that no op after a given one uses.
  using LastUses = llvm::DenseMap<Operation *, SmallVector<Value, 2>>;
  const LastUses &getLastUses(Block &block);

  ModuleOp module;
  SymbolTableCollection symbols;
  ParameterSource source;
  EvaluatorOptions options;
  std::vector<Values> frames;
  SmallVector<int64_t> point;
  llvm::DenseMap<Block *, LastUses> lastUses;
  llvm::StringMap<HostTensor> parameters;
};

} // namespace mlir::compress

#endif // LIB_REFERENCE_INTERPRETER_H
