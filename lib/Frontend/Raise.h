//===- Raise.h - Ops of the lm dialect from their parts ---------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_FRONTEND_RAISE_H
#define COMPRESS_LIB_FRONTEND_RAISE_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::compress {

/// Replaces what lm.layer_norm and lm.rms_norm compute, in however many steps,
/// by these ops; the number of them. What they replace is left to be erased.
unsigned raiseNorms(func::FuncOp func);

} // namespace mlir::compress

#endif // COMPRESS_LIB_FRONTEND_RAISE_H
