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

/// What the kernels of one call of a function cost together.
struct CallCost {
  double seconds = 0;
  /// What most of the time is spent on.
  Resource limit = Resource::Issue;
  /// Bytes of parameters, those that several kernels read counted for each.
  int64_t bytes = 0;
  /// See KernelCost.
  bool isLeast = false, isShare = false;
};

/// Estimates one call of `function`, which calls kernels of its module
/// (outlined, with strategies), by one thread; parameters are read from
/// `level`.
FailureOr<CallCost> estimateCall(func::FuncOp function, const CPUTarget &target,
                                 const MachineModel &machine,
                                 const KernelSizes &sizes, Resource level);

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
