//===- EmulatedKernel.h - Runs a GPU's kernel on the CPU --------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_INTEGRATION_EMULATEDKERNEL_H
#define COMPRESS_UNITTESTS_INTEGRATION_EMULATEDKERNEL_H

#include "CompiledModule.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/ExecutionEngine/ExecutionEngine.h"

namespace mlir::compress::test {

/// The one kernel of a module for GPUs, executed one lane after the other on
/// the machine that the tests run on: what compress-lower-groups-to-gpu emits,
/// without the way from there to PTX.
class EmulatedKernel {
public:
  /// The module as it was given to `source`, with weights as they are stored.
  static llvm::Expected<std::unique_ptr<EmulatedKernel>>
  create(CompiledModule &source);

  /// One f32 tensor of two dimensions in, one out.
  llvm::Expected<std::vector<float>> run(ArrayRef<int64_t> shape,
                                         ArrayRef<float> input,
                                         ArrayRef<int64_t> resultShape);

private:
  /// An argument of the kernel: the function's argument of this number, or a
  /// parameter.
  struct Argument {
    MemRefType type;
    int64_t number = -1;
    AlignedBuffer parameter;
  };

  llvm::Error readLaunch(CompiledModule &source);
  llvm::Error lowerForHost();

  OwningOpRef<ModuleOp> module;
  std::vector<Argument> arguments;
  int64_t blocks = 0, threads = 0;
  std::unique_ptr<ExecutionEngine> engine;
};

} // namespace mlir::compress::test

#endif // COMPRESS_UNITTESTS_INTEGRATION_EMULATEDKERNEL_H
