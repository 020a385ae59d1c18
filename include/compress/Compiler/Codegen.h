//===- Codegen.h - From modules to machine code -----------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_COMPILER_CODEGEN_H
#define COMPRESS_COMPILER_CODEGEN_H

#include "compress/Codegen/CPU/StrategyReport.h"
#include "compress/Runtime/Manifest.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

namespace mlir::compress {

/// One entry of CompressContext::parameters.
struct ParameterEntry {
  /// The symbol of the `ml_program.global` that it is a part of.
  std::string symbol;
  /// Name of the stored component, laid out as the global's type says; empty
  /// for a plain tensor.
  std::string component;
};

/// A program's code for one target.
struct CompiledCode {
  CPUTarget target;
  /// A relocatable object file.
  llvm::SmallVector<char, 0> object;
  /// The table of parameters, in order.
  std::vector<ParameterEntry> parameters;
  /// The public functions.
  std::vector<FunctionSignature> functions;
};

/// What compilation may do beside what the module asks for.
struct CodegenOptions {
  /// Take structured weights that are neither smaller nor faster than dense
  /// ones; otherwise they are an error.
  bool allowSlower = false;
  /// What is known of the machine, for predictions.
  MachineOptions machine;
};

/// Compiles all public functions of `module`: model IR whose parameters have
/// their layouts (compress-assign-layouts). The module is not changed. Errors
/// carry the diagnostics that passes reported.
llvm::Expected<CompiledCode>
compileToObject(ModuleOp module, const CPUTarget &target,
                const CodegenOptions &options = {});

/// The same, down to LLVM IR or assembly as text, for people and tests.
enum class CodeForm { LLVMIR, Assembly };
llvm::Expected<std::string> compileToText(ModuleOp module,
                                          const CPUTarget &target,
                                          CodeForm form,
                                          const CodegenOptions &options = {});

/// What compileToObject would choose for each kernel, and the time that it
/// predicts, as text (see reportStrategies).
llvm::Expected<std::string>
describeStrategies(ModuleOp module, const CPUTarget &target,
                   const MachineOptions &machine = {});

/// The time that is predicted for one call of `function` by one thread, with
/// these sizes and parameters that lie in `level`. The error has what passes
/// reported.
llvm::Expected<CallCost> predictCall(ModuleOp module, StringRef function,
                                     const CPUTarget &target,
                                     const MachineModel &machine,
                                     const KernelSizes &sizes, Resource level);

/// Links an object file to a shared object at `path`, with lld in this process.
/// lld sets every `cl::opt` that LLVM's parser knows back to its default:
/// programs that parse a command line call keepParsedOptions() before.
llvm::Error linkSharedObject(llvm::ArrayRef<char> object, llvm::StringRef path);

/// Takes the options from LLVM's command line parser, which has done its work;
/// they keep their values, whatever is linked later.
void keepParsedOptions();

/// The signatures of the public functions of a module of model IR.
llvm::Expected<std::vector<FunctionSignature>> getSignatures(ModuleOp module);

/// What the passes of compileToObject are made of; for contexts of one's own.
void registerCodegenDialects(DialectRegistry &registry);

} // namespace mlir::compress

#endif // COMPRESS_COMPILER_CODEGEN_H
