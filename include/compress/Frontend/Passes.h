//===- Passes.h - Modules of other front ends -------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// linalg on tensors, as torch-mlir and the lowering of StableHLO make it, to
// model IR: constants become parameters, convolutions and transposed products
// become plain products, chains of elementwise ops become one.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_FRONTEND_PASSES_H
#define COMPRESS_FRONTEND_PASSES_H

#include "mlir/Dialect/MLProgram/IR/MLProgram.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::compress {

#define GEN_PASS_DECL
#include "compress/Frontend/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "compress/Frontend/Passes.h.inc"

} // namespace mlir::compress

#endif // COMPRESS_FRONTEND_PASSES_H
