//===- PTX.h - From modules of kernels to PTX -------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CODEGEN_NVPTX_PTX_H
#define COMPRESS_CODEGEN_NVPTX_PTX_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

namespace mlir::compress {

/// The PTX text of the module's kernels, for the target that its `gpu.module`
/// names: what `compress-nvptx-pipeline` leaves. Errors: there is not one
/// `gpu.module` with one `#nvvm.target`, LLVM does not know the chip or a
/// feature, something is not in the NVVM dialect, or code is called that is not
/// in the module.
llvm::Expected<std::string> emitPTX(ModuleOp module);

/// What emitPTX needs of the module's context.
void registerPTXDialects(DialectRegistry &registry);

} // namespace mlir::compress

#endif // COMPRESS_CODEGEN_NVPTX_PTX_H
