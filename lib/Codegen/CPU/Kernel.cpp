//===- Kernel.cpp - A group while it becomes a CPU's code -----------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel.h"

using namespace mlir;
using namespace mlir::compress;

Kernel::Kernel(OpBuilder &builder, GroupOp group, CPUEmitter &target,
               Value thread, Value threads, Value scratch)
    : GroupKernel(builder, group, target, group->getParentOfType<ModuleOp>()),
      target(target), thread(thread), threads(threads),
      lanes(group.getStrategy()->getLanes()), scratch(scratch) {}

Value Kernel::allocateScratch(ArrayRef<int64_t> shape, Type element) {
  auto type = MemRefType::get(shape, element);
  int64_t bytes = type.getNumElements() *
                  llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  Value view = memref::ViewOp::create(e, type, scratch, e.index(scratchBytes),
                                      ValueRange());
  scratchBytes += llvm::alignTo(bytes, 64);
  return view;
}
