//===- FrontendPipeline.h - Modules of other front ends ---------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_PIPELINES_FRONTENDPIPELINE_H
#define COMPRESS_PIPELINES_FRONTENDPIPELINE_H

#include "mlir/Pass/PassManager.h"

namespace mlir::compress {

/// linalg on tensors, as torch-mlir and others make it, to model IR whose
/// weights are parameters: `compress-frontend-pipeline`. Model IR stays what it
/// is.
void buildFrontendPipeline(OpPassManager &pm);

void registerFrontendPipelines();

} // namespace mlir::compress

#endif // COMPRESS_PIPELINES_FRONTENDPIPELINE_H
