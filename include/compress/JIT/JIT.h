//===- JIT.h - Programs compiled in this process ----------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_JIT_JIT_H
#define COMPRESS_JIT_JIT_H

#include "compress/Compiler/Codegen.h"
#include "compress/Runtime/Program.h"

namespace mlir::compress {

/// Loads compiled code into this process. `parts` brings the parameters, in the
/// order of `code.parameters`, and what else the program needs (manifest,
/// tokenizer, owners of the parameters' memory); its functions are filled in.
llvm::Expected<std::unique_ptr<Program>> loadCode(const CompiledCode &code,
                                                  ProgramParts parts);

} // namespace mlir::compress

#endif // COMPRESS_JIT_JIT_H
