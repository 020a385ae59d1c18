//===- NVPTXPipeline.h - Pipelines for NVIDIA's GPUs ------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_PIPELINES_NVPTXPIPELINE_H
#define COMPRESS_PIPELINES_NVPTXPIPELINE_H

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace mlir::compress {

struct NVPTXPipelineOptions : PassPipelineOptions<NVPTXPipelineOptions> {
  PassOptions::Option<std::string> chip{
      *this, "chip", llvm::cl::desc("The GPU: sm_80, sm_90, ..."),
      llvm::cl::init("sm_80")};
  PassOptions::Option<std::string> features{
      *this, "features",
      llvm::cl::desc("Features beyond the chip's own: +ptx80, ..."),
      llvm::cl::init("")};
};

/// Kernels on memrefs (buildKernelPipeline) to a `gpu.module` in the NVVM
/// dialect, ready for emitPTX. What launches them stays as it is.
void buildNVPTXLoweringPipeline(OpPassManager &pm,
                                const NVPTXPipelineOptions &options);

/// From model IR whose weights have their layouts, as
/// `compress-nvptx-pipeline`.
void buildNVPTXPipeline(OpPassManager &pm, const NVPTXPipelineOptions &options);

void registerNVPTXPipelines();

} // namespace mlir::compress

#endif // COMPRESS_PIPELINES_NVPTXPIPELINE_H
