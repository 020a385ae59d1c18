//===- CPUPipeline.cpp - From model IR to the LLVM dialect for CPUs -------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Pipelines/CPUPipeline.h"

#include "compress/Codegen/Passes.h"
#include "compress/Transforms/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

void compress::buildKernelPipeline(OpPassManager &pm) {
  pm.addPass(createVerifyEncodings());
  pm.addPass(createFormGroups());
  pm.addPass(createResultsToDestinations());
  pm.addPass(createVerifyEncodings());
  pm.addPass(createSplitComponents());
  pm.addPass(createBindParameters());
  // Sizes in terms of the arguments', not of other results'.
  pm.addPass(createCanonicalizerPass());
  pm.addPass(memref::createResolveShapedTypeResultDimsPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createBufferize());
  pm.addPass(createDropReturnedArguments());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createOutlineGroups());
}

void compress::buildCPULoweringPipeline(OpPassManager &pm,
                                        const CPUPipelineOptions &options) {
  pm.addPass(createSelectStrategies({options.target}));
  pm.addPass(createVerifyStrategies({options.target}));
  if (!options.allowSlower)
    pm.addPass(createVerifySparsity(
        {options.target, options.clock, options.bandwidth}));
  if (options.printStrategy)
    pm.addPass(createPrintStrategy(
        {options.target, options.clock, options.bandwidth}));
  pm.addPass(createLowerGroups({options.target}));
  pm.addPass(createPlanWorkspace());
  pm.addPass(createLowerReshapes());
  pm.addPass(createLowerEntryPoints());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createExpandMath());
  pm.addPass(createConvertVectorToSCFPass());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createSCFToControlFlowPass());
  ConvertVectorToLLVMPassOptions vectors;
  pm.addPass(createConvertVectorToLLVMPass(vectors));
  pm.addPass(createConvertMathToLLVMPass());
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createFinalizeMemRefToLLVMConversionPass());
  pm.addPass(createConvertFuncToLLVMPass());
  pm.addPass(createConvertControlFlowToLLVMPass());
  pm.addPass(createConvertIndexToLLVMPass());
  pm.addPass(createUBToLLVMConversionPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void compress::buildCPUPipeline(OpPassManager &pm,
                                const CPUPipelineOptions &options) {
  buildKernelPipeline(pm);
  buildCPULoweringPipeline(pm, options);
}

void compress::registerPipelines() {
  PassPipelineRegistration<>("compress-kernel-pipeline",
                             "Model IR with layouts to kernels on memrefs",
                             buildKernelPipeline);
  PassPipelineRegistration<CPUPipelineOptions>(
      "compress-cpu-pipeline",
      "Model IR with layouts to the LLVM dialect for a CPU", buildCPUPipeline);
}
