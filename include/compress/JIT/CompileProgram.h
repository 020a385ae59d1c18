//===- CompileProgram.h - From a model to a program in memory ---*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_JIT_COMPILEPROGRAM_H
#define COMPRESS_JIT_COMPILEPROGRAM_H

#include "compress/Compiler/Compiler.h"
#include "compress/Runtime/Program.h"

namespace mlir::compress {

/// A model that is compiled for this machine, and what it was made in.
struct CompiledModel {
  std::unique_ptr<MLIRContext> context;
  std::unique_ptr<PreparedModel> model;
  CompiledCode code;
};

/// Reads a model (see prepareModel) and generates code for `target`. Errors
/// name the file.
llvm::Expected<CompiledModel> compileModel(llvm::StringRef path,
                                           const CompileOptions &options,
                                           const CPUTarget &target);

/// Compiles a model (see prepareModel) for this machine and loads it into this
/// process, without a bundle. `report`, if given, gets the parameters' ledger.
llvm::Expected<std::unique_ptr<Program>>
compileProgram(llvm::StringRef path, const CompileOptions &options,
               Ledger *report = nullptr);

/// Lays the parameters of a prepared model out in memory and joins them with
/// code for this machine.
llvm::Expected<std::unique_ptr<Program>>
loadProgram(PreparedModel &model, const CompiledCode &code,
            const CompileOptions &options);

} // namespace mlir::compress

#endif // COMPRESS_JIT_COMPILEPROGRAM_H
