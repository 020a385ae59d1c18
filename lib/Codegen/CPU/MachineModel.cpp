//===- MachineModel.cpp - How fast a CPU is -------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sources: throughputs and latencies are those of LLVM 22's scheduling models
// (`llvm-mca --instruction-info` on the instructions that kernels use: vfmadd,
// vpaddd, vpsrld, vpcmpeqd, vpermps, vcvtph2ps, vpdpbusd, vdivps), rounded to
// what a resource can count. Sizes of caches, of the reorder buffer, and widths
// are the vendors' ("Intel 64 and IA-32 Architectures Optimization Reference
// Manual"; AMD's "Software Optimization Guide" of each family).
//
// Gathers are dearer than LLVM says where microcode keeps them from leaking
// data ("Downfall"): Skylake to Ice Lake. Four loads per value are what
// products that look up tables of 256 entries took on Cascade Lake.
//
// Bandwidths depend on the machine around the core more than on the core: those
// of L2 and L3 were measured with one thread that adds up what it reads, on
// cores of Cascade Lake and Zen 3; that of memory is what a server shared by
// others leaves to a thread. `bandwidth` and `clock` are options for that
// reason.
//
//===----------------------------------------------------------------------===//

#include "compress/Codegen/CPU/MachineModel.h"

using namespace mlir;
using namespace mlir::compress;

StringRef compress::str(Resource resource) {
  static constexpr StringLiteral kNames[] = {
      "vector", "multiply", "shift", "compare", "shuffle",
      "divide", "load",     "store", "issue",   "latency",
      "L1",     "L2",       "L3",    "memory"};
  static_assert(std::size(kNames) == kNumResources);
  return kNames[static_cast<unsigned>(resource)];
}

/// One row of the table below.
struct mlir::compress::MachineFamily {
  /// LLVM's names of processors, separated by spaces; empty: by features.
  const char *processors;
  const char *name;
  double clock;
  int64_t datapathBits;
  /// Per cycle; `divide` is cycles.
  double vector, multiply, shift, compare, shuffle, divide, load, gather, store,
      issue;
  int64_t window;
  /// KiB.
  int64_t l1, l2, l3;
  /// Bytes per cycle, and GB/s.
  double l2Bytes, l3Bytes, memory;

  MachineModel getModel() const;
};

// Ports with 512 bits: two of three take vectors; one of them shifts, the other
// shuffles and makes masks.
static const MachineFamily kFamilies[] = {
    // clang-format off
    // processors, name, GHz, bits, vector, multiply, shift, compare, shuffle, divide, load, gather, store, issue, window, L1, L2, L3, bytes
    {"znver1", "Zen", 3.0, 128, 4, 2, 1, 4, 2, 5, 2, 2, 1, 5, 192, 32, 512, 8192, 24, 12, 15},
    {"znver2", "Zen 2", 3.0, 256, 4, 2, 2, 4, 1, 5, 2, 2, 1, 5, 224, 32, 512, 16384, 32, 16, 20},
    {"znver3", "Zen 3", 3.2, 256, 4, 2, 2, 4, 1, 5, 2, 2, 1, 6, 256, 32, 512, 32768, 31, 23, 22},
    {"znver4 znver5", "Zen 4", 3.5, 256, 4, 2, 4, 4, 2, 5, 2, 2, 1, 6, 320, 32, 1024, 32768, 32, 24, 25},
    {"icelake-server icelake-client tigerlake rocketlake", "Ice Lake", 2.8, 512, 2, 2, 1, 1, 1, 16, 2, 4, 1, 5, 352, 48, 1280, 32768, 40, 8, 12},
    {"sapphirerapids emeraldrapids graniterapids graniterapids-d", "Golden Cove with AVX-512", 2.8, 512, 2, 2, 1, 1, 1, 16, 2, 1, 1, 6, 512, 48, 2048, 32768, 40, 8, 12},
    {"alderlake raptorlake meteorlake arrowlake arrowlake-s lunarlake", "Golden Cove", 3.5, 256, 3, 2, 2, 2, 2, 5, 3, 1, 2, 6, 512, 48, 1280, 16384, 36, 12, 20},
    {"", "x86 with AVX-512", 2.5, 512, 2, 2, 1, 1, 1, 16, 2, 4, 1, 4, 224, 32, 1024, 16384, 34, 8, 10},
    {"", "x86 with AVX2", 3.0, 256, 3, 2, 1, 2, 1, 8, 2, 4, 1, 4, 192, 32, 256, 8192, 28, 12, 12},
    {"", "x86 with SSE", 2.5, 128, 3, 1, 1, 2, 1, 6, 2, 1, 1, 4, 168, 32, 256, 4096, 16, 8, 8},
    // clang-format on
};

MachineModel MachineFamily::getModel() const {
  MachineModel model;
  model.family = name;
  model.clock = clock;
  model.datapathBits = datapathBits;
  for (auto [resource, count] : {std::pair(Resource::Vector, vector),
                                 {Resource::Multiply, multiply},
                                 {Resource::Shift, shift},
                                 {Resource::Compare, compare},
                                 {Resource::Shuffle, shuffle},
                                 {Resource::Divide, 1 / divide},
                                 {Resource::Load, load},
                                 {Resource::Store, store},
                                 {Resource::Issue, issue}})
    model.perCycle[static_cast<unsigned>(resource)] = count;
  model.gatherLoads = gather;
  model.window = window;
  model.l1 = l1 << 10;
  model.l2 = l2 << 10;
  model.l3 = l3 << 10;
  model.l2Bytes = l2Bytes;
  model.l3Bytes = l3Bytes;
  model.memory = memory;
  return model;
}

static const MachineFamily &findFamily(const CPUTarget &target) {
  SmallVector<StringRef> names;
  for (const MachineFamily &family : kFamilies) {
    names.clear();
    StringRef(family.processors).split(names, ' ');
    if (llvm::is_contained(names, target.cpu))
      return family;
  }
  StringRef name = target.getLanes() == 16  ? "x86 with AVX-512"
                   : target.getLanes() == 8 ? "x86 with AVX2"
                                            : "x86 with SSE";
  for (const MachineFamily &family : kFamilies)
    if (name == family.name)
      return family;
  llvm_unreachable("the table has a family for each length of vectors");
}

MachineModel MachineModel::get(const CPUTarget &target,
                               const MachineOptions &options) {
  MachineModel model = findFamily(target).getModel();
  if (options.clock > 0)
    model.clock = options.clock;
  if (options.bandwidth > 0)
    model.memory = options.bandwidth;
  return model;
}

double MachineModel::getBandwidth(Resource level) const {
  switch (level) {
  case Resource::L1:
    return perCycle[static_cast<unsigned>(Resource::Load)] *
           (static_cast<double>(datapathBits) / 8) * clock;
  case Resource::L2:
    return l2Bytes * clock;
  case Resource::L3:
    return l3Bytes * clock;
  default:
    return memory;
  }
}

Resource MachineModel::getLevel(int64_t bytes) const {
  if (bytes <= l1)
    return Resource::L1;
  if (bytes <= l2)
    return Resource::L2;
  return bytes <= l3 ? Resource::L3 : Resource::Memory;
}
