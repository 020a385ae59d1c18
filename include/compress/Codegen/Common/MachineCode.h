//===- MachineCode.h - From LLVM IR to machine code -------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CODEGEN_COMMON_MACHINECODE_H
#define COMPRESS_CODEGEN_COMMON_MACHINECODE_H

#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"

namespace mlir::compress {

/// Runs LLVM's passes of level 3 for the machine.
void optimize(llvm::Module &module, llvm::TargetMachine &machine);

/// Writes the module as an object file or as assembly. An error where the
/// machine has no such form.
llvm::Error emitCode(llvm::Module &module, llvm::TargetMachine &machine,
                     llvm::CodeGenFileType type,
                     llvm::raw_pwrite_stream &stream);

} // namespace mlir::compress

#endif // COMPRESS_CODEGEN_COMMON_MACHINECODE_H
