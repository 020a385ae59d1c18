//===- EvaluatorTest.h - Evaluates programs given as text -------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef UNITTESTS_REFERENCE_EVALUATORTEST_H
#define UNITTESTS_REFERENCE_EVALUATORTEST_H

#include "compress/Reference/Evaluator.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

#include "gtest/gtest.h"

namespace mlir::compress {

/// Parses modules and evaluates their functions; the function is called `f`.
class EvaluatorTest : public testing::Test {
protected:
  EvaluatorTest();

  /// Parses a module; text that does not parse fails the test.
  void load(StringRef text);

  llvm::Expected<SmallVector<RuntimeValue>>
  call(ArrayRef<RuntimeValue> arguments = {});

  /// The elements of the only result; a scalar is one element. An error fails
  /// the test.
  std::vector<double> floats(ArrayRef<RuntimeValue> arguments = {});
  std::vector<int64_t> integers(ArrayRef<RuntimeValue> arguments = {});
  /// The only result.
  HostTensor tensor(ArrayRef<RuntimeValue> arguments = {});

  /// Whether the evaluation fails and its message has this part.
  void expectError(StringRef part, ArrayRef<RuntimeValue> arguments = {});

  HostTensor f32(ArrayRef<int64_t> shape, ArrayRef<float> values) {
    return HostTensor::getF32(&context, shape, values);
  }
  HostTensor i32(ArrayRef<int64_t> shape, ArrayRef<int32_t> values) {
    return HostTensor::getI32(&context, shape, values);
  }
  Type type(StringRef text);
  RankedTensorType tensorType(StringRef text) {
    return cast<RankedTensorType>(type(text));
  }
  Scalar integer(StringRef typeText, int64_t value) {
    return Scalar::getInteger(type(typeText), value);
  }
  Scalar number(StringRef typeText, double value) {
    return Scalar::getFloat(type(typeText), value);
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  ParameterSource source;
  EvaluatorOptions options;
};

} // namespace mlir::compress

#endif // UNITTESTS_REFERENCE_EVALUATORTEST_H
