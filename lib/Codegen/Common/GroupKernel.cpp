//===- GroupKernel.cpp - A group while it becomes code --------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Codegen/Common/GroupKernel.h"

using namespace mlir;
using namespace mlir::compress;

Value GroupKernel::buffer(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value))
    return group.getInputs()[argument.getArgNumber()];
  // A small tensor that the program itself holds.
  auto constant = value.getDefiningOp<arith::ConstantOp>();
  assert(constant && "values inside a group are arguments or constants");
  auto data = cast<DenseElementsAttr>(constant.getValue());
  auto type = MemRefType::get(data.getType().getShape(), data.getElementType());
  return getConstantBuffer(e, symbolTable, type, data);
}

EncodedOperand GroupKernel::operand(Value value) {
  SmallVector<Value> buffers;
  if (auto assemble = value.getDefiningOp<AssembleOp>())
    for (Value component : assemble.getComponents())
      buffers.push_back(buffer(component));
  else
    buffers.push_back(buffer(value));
  return EncodedOperand(e, cast<RankedTensorType>(value.getType()), buffers,
                        reader, symbolTable);
}

int64_t GroupKernel::getResultNumber(Value value) {
  for (auto [i, yielded] : llvm::enumerate(group.getYielded()))
    if (yielded == value)
      return i;
  return -1;
}
