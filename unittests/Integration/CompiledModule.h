//===- CompiledModule.h - Compiles modules ----------------------*- C++ -*-===//
//-*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_INTEGRATION_COMPILEDMODULE_H
#define COMPRESS_UNITTESTS_INTEGRATION_COMPILEDMODULE_H

#include "compress/Reference/Evaluator.h"
#include "compress/Reference/HostTensor.h"
#include "compress/Runtime/Executor.h"
#include "compress/Runtime/Program.h"

#include "mlir/IR/MLIRContext.h"

#include <map>

namespace mlir::compress::test {

/// A module given as text, with values for its parameters: what it computes as
/// generated code and by the reference evaluator.
class CompiledModule {
public:
  /// `parameters` gives each global's values; they are encoded as its type
  /// says. Assigns layouts and compiles for `target`.
  static llvm::Expected<std::unique_ptr<CompiledModule>>
  create(StringRef text,
         const std::map<std::string, std::vector<float>> &parameters,
         StringRef target = "native");

  /// One f32 tensor in, one out.
  llvm::Expected<std::vector<float>>
  run(StringRef function, ArrayRef<int64_t> shape, ArrayRef<float> input,
      ArrayRef<int64_t> resultShape, int64_t threads = 1);
  /// The same by the reference, with the sums of the terms' magnitudes where
  /// the function ends in a contraction.
  struct Reference {
    std::vector<float> values;
    std::vector<double> magnitudes;
  };
  llvm::Expected<Reference>
  evaluate(StringRef function, ArrayRef<int64_t> shape, ArrayRef<float> input);

  ModuleOp getModule() { return *module; }

private:
  CompiledModule();
  llvm::Error
  encodeParameters(const std::map<std::string, std::vector<float>> &parameters);
  llvm::Error compile(StringRef target);

  MLIRContext context;
  OwningOpRef<ModuleOp> module, original;
  std::map<std::string, HostTensor> values;
  std::unique_ptr<Program> program;
};

/// The context that such modules are parsed in.
void registerTestDialects(DialectRegistry &registry);

} // namespace mlir::compress::test

#endif // COMPRESS_UNITTESTS_INTEGRATION_COMPILEDMODULE_H
