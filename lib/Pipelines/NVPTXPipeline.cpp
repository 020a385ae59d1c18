//===- NVPTXPipeline.cpp - From model IR to NVVM --------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Pipelines/NVPTXPipeline.h"

#include "compress/Codegen/Passes.h"
#include "compress/Pipelines/CPUPipeline.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

void compress::buildNVPTXLoweringPipeline(OpPassManager &pm,
                                          const NVPTXPipelineOptions &options) {
  pm.addPass(createLowerGroupsToGPU({options.chip, options.features}));
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  OpPassManager &kernels = pm.nest<gpu::GPUModuleOp>();
  kernels.addPass(memref::createExpandStridedMetadataPass());
  kernels.addPass(createLowerAffinePass());
  kernels.addPass(createSCFToControlFlowPass());
  // Before convert-gpu-to-nvvm, which makes of a fused multiply-add a call of a
  // library.
  kernels.addPass(createConvertMathToLLVMPass());
  kernels.addPass(createConvertGpuOpsToNVVMOps());
  kernels.addPass(createReconcileUnrealizedCastsPass());
  kernels.addPass(createCanonicalizerPass());
  kernels.addPass(createCSEPass());
}

void compress::buildNVPTXPipeline(OpPassManager &pm,
                                  const NVPTXPipelineOptions &options) {
  buildKernelPipeline(pm);
  buildNVPTXLoweringPipeline(pm, options);
}

void compress::registerNVPTXPipelines() {
  PassPipelineRegistration<NVPTXPipelineOptions>(
      "compress-nvptx-pipeline",
      "Model IR with layouts to kernels in the NVVM dialect",
      buildNVPTXPipeline);
}
