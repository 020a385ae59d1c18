//===- MachineModel.h - How fast a CPU is -----------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// CPUTarget says what a processor can do, MachineModel how fast it does it: as
// much as an estimate of a kernel's time needs. Numbers per cycle are for one
// core and full vector registers.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CODEGEN_CPU_MACHINEMODEL_H
#define COMPRESS_CODEGEN_CPU_MACHINEMODEL_H

#include "compress/Codegen/CPU/CPUTarget.h"

#include <array>

namespace mlir::compress {

/// What a kernel can run out of.
enum class Resource {
  /// Ports that any vector operation takes.
  Vector,
  /// Those of them that add and multiply floats, multiply integers (alone or
  /// as dot products), and convert.
  Multiply,
  Shift,
  /// Comparisons that make a mask.
  Compare,
  /// Permutations, broadcasts from registers, changes of width.
  Shuffle,
  Divide,
  Load,
  Store,
  /// Operations of any kind that enter the core.
  Issue,
  /// Results that wait for each other.
  Latency,
  /// Bytes from where a kernel's parameters lie.
  L1,
  L2,
  L3,
  Memory
};
constexpr unsigned kNumResources = static_cast<unsigned>(Resource::Memory) + 1;

/// The word of reports: `vector`, `multiply`, ..., `memory`.
llvm::StringRef str(Resource resource);

/// What is known better than the family's numbers; 0 leaves those.
struct MachineOptions {
  /// GHz.
  double clock = 0;
  /// GB/s (10^9) that one thread reads from memory.
  double bandwidth = 0;
};

/// A core and the caches that it sees.
struct MachineModel {
  /// Whose numbers these are: `x86 with AVX2`, `Zen 3`, ...
  std::string family;
  /// GHz.
  double clock = 0;
  /// Bits that a vector port takes at once; operations on longer vectors count
  /// several times.
  int64_t datapathBits = 0;
  /// Operations per cycle, by resource; for Divide its reciprocal makes sense:
  /// cycles of a division on a full register. Zero for what is not counted in
  /// operations.
  std::array<double, kNumResources> perCycle{};
  /// Bytes of the caches that one core reads. The last level is shared.
  int64_t l1 = 0, l2 = 0, l3 = 0;
  /// GB/s that one thread reads, by level (L1 to Memory).
  double getBandwidth(Resource level) const;
  /// The nearest level that holds so many bytes.
  Resource getLevel(int64_t bytes) const;

  /// Loads that a gather does per value; more than one where it is slower than
  /// the loads.
  double gatherLoads = 1;
  /// Operations that are under way at most: how far the core looks ahead.
  int64_t window = 0;
  /// Cycles until a result can be used.
  int64_t multiplyLatency = 4, dotLatency = 5, shuffleLatency = 3,
          divideLatency = 18, loadLatency = 6;
  /// Cycles that a loop costs whose end comes as a surprise.
  int64_t mispredict = 16;

  /// The model for a target: the processor's own where it is known by name, or
  /// that of the least processor with such features.
  static MachineModel get(const CPUTarget &target,
                          const MachineOptions &options = {});

private:
  /// Bytes per cycle from L2 and L3, GB/s from memory.
  double l2Bytes = 0, l3Bytes = 0, memory = 0;
  friend struct MachineFamily;
};

} // namespace mlir::compress

#endif // COMPRESS_CODEGEN_CPU_MACHINEMODEL_H
