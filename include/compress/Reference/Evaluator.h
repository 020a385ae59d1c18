//===- Evaluator.h - What programs mean -------------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A slow interpreter of programs on tensors: the definition that generated code
// is held against. It follows the ops' descriptions. Unless told otherwise, it
// sums in double precision and rounds each result once.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_REFERENCE_EVALUATOR_H
#define COMPRESS_REFERENCE_EVALUATOR_H

#include "compress/Reference/HostTensor.h"

#include "mlir/IR/BuiltinOps.h"

#include <functional>

namespace mlir::linalg {
class LinalgOp;
} // namespace mlir::linalg

namespace mlir::compress {

/// The value of a parameter: an `ml_program.global` whose value is not written
/// in the module. `type` is the global's. The result has the same shape; where
/// its encoding is another one, it is decoded and encoded anew.
using ParameterSource = std::function<llvm::Expected<HostTensor>(
    llvm::StringRef symbol, RankedTensorType type)>;

/// How floats are added up.
enum class Arithmetic {
  /// In double precision; each result is rounded once.
  Double,
  /// In f32, step by step in the order of docs/numerics.md: the results of a
  /// model's ops are those of generated code for a CPU, bit for bit.
  Generated
};

struct EvaluatorOptions {
  Arithmetic arithmetic = Arithmetic::Double;
  /// Attach to each contraction's result the sum of the magnitudes of its terms
  /// (HostTensor::getMagnitudes), from which tolerances follow.
  bool recordMagnitudes = false;
  /// Keep the values of globals, decoded, from their first use on: four bytes
  /// per weight, for programs that are called many times.
  bool keepParameters = false;
  /// Hears of each tensor that an op of the called function itself, not of a
  /// region in it, results in, in order.
  std::function<void(Value, const HostTensor &)> onResult = {};
};

/// Evaluates functions of a module. The module must not change meanwhile.
class Evaluator {
public:
  /// `source` may be empty if the module has no parameters.
  explicit Evaluator(ModuleOp module, ParameterSource source = {},
                     EvaluatorOptions options = {});
  ~Evaluator();

  /// Calls a `func.func`. Arguments have the parameters' element types,
  /// encodings and static sizes; caches are changed in place. Errors begin with
  /// the location and the name of the op that could not be evaluated.
  llvm::Expected<SmallVector<RuntimeValue>>
  call(llvm::StringRef function, ArrayRef<RuntimeValue> arguments);

  /// With `recordMagnitudes`, those of the contraction `op` when it was last
  /// evaluated, also where its result went on into other ops; null if it was
  /// not.
  const HostTensor *getMagnitudes(Operation *op) const;

private:
  class Implementation;
  std::unique_ptr<Implementation> implementation;
};

/// The sums of magnitudes behind the result of a contraction: per element of
/// its destination, |destination| + sum |lhs * rhs|, as an f64 tensor.
/// `operands` are the op's operands; encoded ones are decoded. An error where
/// the op is not a sum of products.
llvm::Expected<HostTensor>
getContractionMagnitudes(linalg::LinalgOp op, ArrayRef<HostTensor> operands);

} // namespace mlir::compress

#endif // COMPRESS_REFERENCE_EVALUATOR_H
