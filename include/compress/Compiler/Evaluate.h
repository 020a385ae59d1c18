//===- Evaluate.h - What a model computes by definition ---------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A prepared model is a program of its own: the reference evaluator runs the
// same IR on the same encoded parameters as generated code does. What the two
// differ in is the compiler's doing, and not the scheme's.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_COMPILER_EVALUATE_H
#define COMPRESS_COMPILER_EVALUATE_H

#include "compress/Compiler/Compiler.h"
#include "compress/Reference/Evaluator.h"
#include "compress/Support/Npy.h"

namespace mlir::compress {

/// The parameters of `model` for an Evaluator: what layOut() makes of each, in
/// canonical order. `model` must outlive the result.
ParameterSource getParameterSource(const PreparedModel &model);

struct EvaluatedCall {
  FunctionSignature signature;
  std::vector<NpyArray> results;
};

/// Calls a function of a prepared model on arrays. Errors are those of
/// verifyArguments() (compress/Runtime/Call.h), of the parameters and of the
/// evaluator; or name the functions that there are.
llvm::Expected<EvaluatedCall>
evaluateWithArrays(const PreparedModel &model, llvm::StringRef function,
                   llvm::ArrayRef<NpyArray> arguments,
                   const EvaluatorOptions &evaluatorOptions = {});

/// The same for the model that lies at `path` (see prepareModel), which errors
/// name.
llvm::Expected<EvaluatedCall>
evaluateModel(llvm::StringRef path, const CompileOptions &options,
              llvm::StringRef function, llvm::ArrayRef<NpyArray> arguments,
              const EvaluatorOptions &evaluatorOptions = {});

} // namespace mlir::compress

#endif // COMPRESS_COMPILER_EVALUATE_H
