//===- InitAllPasses.h - Registers the project's passes ---------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_INITALLPASSES_H
#define COMPRESS_INITALLPASSES_H

#include "compress/Codegen/Passes.h"
#include "compress/Frontend/Passes.h"
#include "compress/Pipelines/CPUPipeline.h"
#include "compress/Pipelines/FrontendPipeline.h"
#include "compress/Pipelines/NVPTXPipeline.h"
#include "compress/Transforms/Passes.h"

namespace mlir::compress {

/// Registers every pass and pipeline of the project by its flag.
inline void registerAllPasses() {
  registerTransformsPasses();
  registerCodegenPasses();
  registerFrontendPasses();
  registerPipelines();
  registerNVPTXPipelines();
  registerFrontendPipelines();
}

} // namespace mlir::compress

#endif // COMPRESS_INITALLPASSES_H
