//===- KernelCost.h - How long a kernel takes -------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CODEGEN_CPU_KERNELCOST_H
#define COMPRESS_CODEGEN_CPU_KERNELCOST_H

#include "compress/Codegen/CPU/MachineModel.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::compress {

/// What one call of a kernel by one thread costs, by the code that is emitted
/// for it.
struct KernelCost {
  /// Cycles of the core, if all data were in its first cache.
  double cycles = 0;
  /// What most of these cycles are spent on.
  Resource limit = Resource::Issue;
  /// Bytes of the buffers of known size (parameters) that the kernel reads,
  /// each once.
  int64_t bytes = 0;
  /// Whether the number of iterations of some loop is known only when the
  /// program runs; such a loop counts once.
  bool isLeast = false;
  /// Whether it is not known how many blocks of block compressed rows are
  /// stored; then a share of them counts that was asked for.
  bool isShare = false;

  /// Seconds where parameters are read from `level`, and what limits them:
  /// max(computation, bytes / bandwidth).
  struct Time {
    double seconds;
    Resource limit;
  };
  Time getTime(const MachineModel &machine, Resource level) const;
};

/// The sizes that an estimate is for.
struct KernelSizes {
  /// Takes the place of each size that the kernel learns when it is called: the
  /// number of rows.
  int64_t rows = 1;
  /// Takes the place of integers that the kernel loads and whose value bounds a
  /// loop: the positions that attention goes back.
  int64_t context = 512;
  /// The share of all blocks that block compressed rows store, where sizes do
  /// not tell it.
  double storedShare = 1;
};

/// The numbers of rows that estimates are told for and compared at: one
/// sequence, sequences that decode together, and a prompt.
inline constexpr int64_t kRowClasses[] = {1, 16, 512};

/// Estimates a kernel (a function with one `compress.group` that has a
/// strategy). Emits the group's code in a module of its own, with the sizes
/// filled in, folds it, and adds up what the loops do: operations by what they
/// run on, the latency that values carry from one iteration to the next, and
/// the bytes of parameters. What the register allocator spills, and misses of
/// caches other than those of parameters, are not seen. Fails, with a
/// diagnostic, where no code can be emitted.
FailureOr<KernelCost> estimateKernel(func::FuncOp kernel,
                                     const CPUTarget &target,
                                     const MachineModel &machine,
                                     const KernelSizes &sizes);

/// Estimates for each of kRowClasses, in their order.
using RowClassCosts = std::array<KernelCost, std::size(kRowClasses)>;
FailureOr<RowClassCosts> estimateRowClasses(func::FuncOp kernel,
                                            const CPUTarget &target,
                                            const MachineModel &machine);

} // namespace mlir::compress

#endif // COMPRESS_CODEGEN_CPU_KERNELCOST_H
