//===- FrontendPipeline.cpp - From linalg on tensors to model IR ----------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Pipelines/FrontendPipeline.h"

#include "compress/Frontend/Passes.h"
#include "compress/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

void compress::buildFrontendPipeline(OpPassManager &pm) {
  pm.addPass(createVerifyEncodings());
  pm.addPass(createOutlineParameters());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  // Before ops change: other passes ask for sizes in ways of their own.
  pm.addPass(createRelateSizes());
  pm.addPass(createCSEPass());
  OpPassManager &functions = pm.nest<func::FuncOp>();
  functions.addPass(createRaiseOps());
  functions.addPass(createLowerConvolutions());
  functions.addPass(createNormalizeProducts());
  functions.addPass(createFuseElementwise());
  pm.addPass(createReshapeParameters());
  pm.addPass(createRelateSizes());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createVerifyEncodings());
}

void compress::registerFrontendPipelines() {
  PassPipelineRegistration<>(
      "compress-frontend-pipeline",
      "linalg on tensors, as torch-mlir makes it, to model IR",
      buildFrontendPipeline);
}
