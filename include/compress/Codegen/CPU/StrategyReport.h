//===- StrategyReport.h - What was chosen for a program ---------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CODEGEN_CPU_STRATEGYREPORT_H
#define COMPRESS_CODEGEN_CPU_STRATEGYREPORT_H

#include "compress/Codegen/CPU/KernelCost.h"

#include "mlir/IR/BuiltinOps.h"

namespace mlir::compress {

/// Writes a table of the kernels of `module` (outlined, with strategies) and of
/// its functions: what each computes, its strategy, and for 1, 16 and 512 rows
/// the predicted time of one thread, what limits it, and the bytes of
/// parameters per row. Parameters are read from the nearest cache that holds
/// all that a call of the program reads. Fails, with a diagnostic, where a
/// kernel has no strategy or no code.
LogicalResult reportStrategies(ModuleOp module, const CPUTarget &target,
                               const MachineModel &machine,
                               llvm::raw_ostream &os);

} // namespace mlir::compress

#endif // COMPRESS_CODEGEN_CPU_STRATEGYREPORT_H
