//===- CPUPipeline.h - Pipelines for CPUs -----------------------*- C++ -*-===//
//-*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_PIPELINES_CPUPIPELINE_H
#define COMPRESS_PIPELINES_CPUPIPELINE_H

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace mlir::compress {

struct CPUPipelineOptions : PassPipelineOptions<CPUPipelineOptions> {
  PassOptions::Option<std::string> target{
      *this, "target",
      llvm::cl::desc("Processor and features: native, x86-64-v3, "
                     "x86-64-v4+avx512vnni, ..."),
      llvm::cl::init("native")};
  PassOptions::Option<bool> printStrategy{
      *this, "print-strategy",
      llvm::cl::desc("Print each kernel's strategy and predicted time"),
      llvm::cl::init(false)};
  PassOptions::Option<double> clock{
      *this, "clock",
      llvm::cl::desc("GHz of the processor; 0: typical of its family"),
      llvm::cl::init(0)};
  PassOptions::Option<double> bandwidth{
      *this, "bandwidth",
      llvm::cl::desc("GB/s that one thread reads from memory; 0: typical of "
                     "the processor's family"),
      llvm::cl::init(0)};
  PassOptions::Option<bool> allowSlower{
      *this, "allow-slower",
      llvm::cl::desc("Take structured weights that are neither smaller nor "
                     "faster than dense ones"),
      llvm::cl::init(false)};
};

/// Model IR whose weights have their layouts (compress-assign-layouts) to
/// kernels on memrefs, one call per group: form groups, split components,
/// bufferize, outline. Independent of the target.
void buildKernelPipeline(OpPassManager &pm);

/// Kernels on memrefs to the LLVM dialect: select, verify and lower
/// strategies, plan the workspace, lower entry points.
void buildCPULoweringPipeline(OpPassManager &pm,
                              const CPUPipelineOptions &options);

/// Both, as `compress-cpu-pipeline`.
void buildCPUPipeline(OpPassManager &pm, const CPUPipelineOptions &options);

void registerPipelines();

} // namespace mlir::compress

#endif // COMPRESS_PIPELINES_CPUPIPELINE_H
