//===- Kernel.cpp - A group while it becomes code -------------------------===//
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
    : e(group.getLoc(), builder), group(group), target(target),
      module(group->getParentOfType<ModuleOp>()), thread(thread),
      threads(threads), lanes(group.getStrategy()->getLanes()),
      scratch(scratch) {}

Value Kernel::buffer(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value))
    return group.getInputs()[argument.getArgNumber()];
  // A small tensor that the program itself holds.
  auto constant = value.getDefiningOp<arith::ConstantOp>();
  assert(constant && "values inside a group are arguments or constants");
  auto data = cast<DenseElementsAttr>(constant.getValue());
  auto type = MemRefType::get(data.getType().getShape(), data.getElementType());
  return getConstantBuffer(e, module, type, data);
}

EncodedOperand Kernel::operand(Value value) {
  SmallVector<Value> buffers;
  if (auto assemble = value.getDefiningOp<AssembleOp>())
    for (Value component : assemble.getComponents())
      buffers.push_back(buffer(component));
  else
    buffers.push_back(buffer(value));
  return EncodedOperand(e, cast<RankedTensorType>(value.getType()), buffers,
                        target, module);
}

int64_t Kernel::getResultNumber(Value value) {
  for (auto [i, yielded] : llvm::enumerate(group.getYielded()))
    if (yielded == value)
      return i;
  return -1;
}

Value Kernel::allocateScratch(ArrayRef<int64_t> shape, Type element) {
  auto type = MemRefType::get(shape, element);
  int64_t bytes = type.getNumElements() *
                  llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  Value view = memref::ViewOp::create(e, type, scratch, e.index(scratchBytes),
                                      ValueRange());
  scratchBytes += llvm::alignTo(bytes, 64);
  return view;
}
