//===- Passes.h - Passes that make kernels ----------------------*- C++ -*-===//
//-*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CODEGEN_PASSES_H
#define COMPRESS_CODEGEN_PASSES_H

#include "mlir/Pass/Pass.h"

namespace mlir::compress {

#define GEN_PASS_DECL
#include "compress/Codegen/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "compress/Codegen/Passes.h.inc"

} // namespace mlir::compress

#endif // COMPRESS_CODEGEN_PASSES_H
