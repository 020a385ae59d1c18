//===- GraphBuilder.h - Functions from steps --------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_MODELIR_GRAPHBUILDER_H
#define COMPRESS_LIB_IMPORT_MODELIR_GRAPHBUILDER_H

#include "compress/Dialect/LM/IR/LM.h"
#include "compress/Import/ModelImport.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringSet.h"

namespace mlir::compress {

/// The model that is being imported.
struct GraphModel {
  const Architecture &architecture;
  const Hyperparameters &values;
  const ModelParameters &parameters;
  ModuleOp module;
  lm::CacheType cache;
  int64_t vocabulary, contextLength;
  /// Columns of what an encoder gives per token.
  int64_t width;
  /// Parameters that the functions use, those whose values went into constants
  /// included.
  llvm::SetVector<const ModelParameter *> used;
  /// Those that have globals, in the module's order.
  llvm::SetVector<const ModelParameter *> globals;
};

/// Builds one function. Activations are rows: one per token.
class GraphBuilder {
public:
  explicit GraphBuilder(GraphModel &model);

  llvm::Error buildStep();
  llvm::Error buildScore();
  llvm::Error buildEncode();

  //===--------------------------------------------------------------------===//
  // For steps
  //===--------------------------------------------------------------------===//

  GraphModel &model;
  ImplicitLocOpBuilder b;

  /// What the function was given. `sequence`, `wanted` and `cache` exist in
  /// @step only; `batch` and `length` (sizes) in the others.
  Value tokens, positions, sequence, wanted, cache, batch, length;
  bool isCached() const { return cache != nullptr; }
  /// The layer that is being built.
  std::optional<int64_t> layer;
  /// Values by their names in the architecture file.
  llvm::StringMap<Value> scope;

  /// The number of rows of an activation.
  Value getRows(Value activation) const { return rows.lookup(activation); }
  /// Notes that `activation` has `count` rows, and returns it.
  Value setRows(Value activation, Value count);
  /// An uninitialized activation.
  Value makeEmpty(Value count, int64_t columns);
  /// The value of a parameter.
  llvm::Expected<Value> load(const ModelParameter &parameter);

private:
  llvm::Error addFunction(StringRef name, ArrayRef<Type> inputs,
                          ArrayRef<StringRef> inputNames, Type result);
  llvm::Error buildBody();
  llvm::Error buildSteps(StringRef section, ArrayRef<ArchitectureStep> steps);
  llvm::Error buildOnBatch(StringRef name, StringRef output, int64_t columns);
  llvm::Expected<Value> getOutput(StringRef name, int64_t columns);
  llvm::Error addGlobal(const ModelParameter &parameter);
  Value makeIds(llvm::function_ref<Value(OpBuilder &, Location)> body);

  llvm::DenseMap<Value, Value> rows;
  llvm::DenseMap<const ModelParameter *, Value> loads;
};

/// The fields of a step; errors say which step it is.
class StepFields {
public:
  StepFields(GraphBuilder &graph, const ArchitectureStep &step,
             StringRef section, size_t index);

  /// The value or parameter that a field names.
  llvm::Expected<Value> getValue(StringRef field);
  /// Null where the field is absent or names a parameter that this model does
  /// not have.
  llvm::Expected<Value> getOptionalValue(StringRef field);
  /// An activation: a value with rows.
  llvm::Expected<Value> getActivation(StringRef field);
  /// The parameter that a field names, or null as above.
  llvm::Expected<const ModelParameter *> getParameter(StringRef field);

  bool has(StringRef field) const;
  llvm::Expected<int64_t> getInteger(StringRef field);
  llvm::Expected<double> getNumber(StringRef field);
  llvm::Expected<bool> getBoolean(StringRef field);
  llvm::Expected<std::string> getString(StringRef field);

  /// Binds the name that a field gives to what the step computes.
  llvm::Error setResult(Value value, StringRef field = "result");
  llvm::Error fail(const llvm::Twine &message) const;
  /// An error where a field was not asked for.
  llvm::Error finish() const;

private:
  llvm::Expected<StringRef> getText(StringRef field);
  bool isKnownParameter(StringRef name) const;

  GraphBuilder &graph;
  const ArchitectureStep &step;
  std::string where;
  llvm::StringSet<> asked;
};

/// Builds what one kind of step computes.
using StepHandler = llvm::Error (*)(GraphBuilder &, StepFields &);

/// The handler of an op, or null.
StepHandler findStepHandler(StringRef op);
/// The names of all ops, for messages.
std::string getStepNames();

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_MODELIR_GRAPHBUILDER_H
