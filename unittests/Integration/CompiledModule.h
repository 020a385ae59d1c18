//===- CompiledModule.h - Compiles modules ----------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_INTEGRATION_COMPILEDMODULE_H
#define COMPRESS_UNITTESTS_INTEGRATION_COMPILEDMODULE_H

#include "compress/Compiler/Codegen.h"
#include "compress/Reference/Evaluator.h"
#include "compress/Reference/HostTensor.h"
#include "compress/Runtime/AlignedBuffer.h"
#include "compress/Runtime/Executor.h"
#include "compress/Runtime/Program.h"

#include "mlir/IR/MLIRContext.h"

#include <map>

namespace mlir::compress::test {

/// A module given as text: what it computes as generated code and by the
/// reference evaluator.
class CompiledModule {
public:
  /// Assigns layouts and compiles for `target`. `registry` may know dialects
  /// beyond those of the project.
  static llvm::Expected<std::unique_ptr<CompiledModule>>
  create(StringRef text, StringRef target = "native",
         const DialectRegistry &registry = DialectRegistry());

  /// The type of a global as the text has it.
  RankedTensorType getParameterType(StringRef symbol);
  /// Gives every global its value, of the type that the text has. May be
  /// called again.
  llvm::Error bind(std::map<std::string, HostTensor> parameters);

  /// One f32 tensor in, one out.
  llvm::Expected<std::vector<float>>
  run(StringRef function, ArrayRef<int64_t> shape, ArrayRef<float> input,
      ArrayRef<int64_t> resultShape, int64_t threads = 1);
  /// The same by the reference; with the sums of the terms' magnitudes where
  /// the arithmetic is double and the function ends in a contraction.
  struct Reference {
    std::vector<float> values;
    std::vector<double> magnitudes;
  };
  llvm::Expected<Reference>
  evaluate(StringRef function, ArrayRef<int64_t> shape, ArrayRef<float> input,
           Arithmetic arithmetic = Arithmetic::Double);

  ModuleOp getModule() { return *module; }
  /// As it was given, without layouts.
  ModuleOp getOriginal() { return *original; }
  /// The bytes of a component of a parameter, or of a plain one, as the
  /// original module's type says.
  llvm::Expected<AlignedBuffer> getParameter(StringRef symbol,
                                             StringRef component);

private:
  CompiledModule();
  llvm::Error compile(StringRef target);

  MLIRContext context;
  OwningOpRef<ModuleOp> module, original;
  std::optional<CompiledCode> code;
  std::map<std::string, HostTensor> values;
  std::unique_ptr<Program> program;
};

} // namespace mlir::compress::test

#endif // COMPRESS_UNITTESTS_INTEGRATION_COMPILEDMODULE_H
