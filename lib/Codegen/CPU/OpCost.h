//===- OpCost.h - What an operation costs -----------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_CODEGEN_CPU_OPCOST_H
#define COMPRESS_LIB_CODEGEN_CPU_OPCOST_H

#include "compress/Codegen/CPU/MachineModel.h"

namespace mlir::compress {

/// Operations of a core that one op of a kernel becomes, by what they run on,
/// and the cycles until its result can be used.
struct OpCost {
  std::array<double, kNumResources> uses{};
  double latency = 0;

  void add(Resource resource, double count) {
    uses[static_cast<unsigned>(resource)] += count;
  }
};

/// The cost of an op without regions. Addresses, constants and what only
/// changes a value's type cost nothing.
OpCost getOpCost(Operation *op, const MachineModel &machine);

/// The buffer that a load or gather reads; null for other ops.
Value getLoadedBuffer(Operation *op);

} // namespace mlir::compress

#endif // COMPRESS_LIB_CODEGEN_CPU_OPCOST_H
