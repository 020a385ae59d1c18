//===- GroupKernel.cpp - A group while it becomes code --------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Codegen/Common/GroupKernel.h"

#include "compress/Codegen/Common/Contraction.h"
#include "compress/Dialect/LM/IR/LM.h"

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

Value GroupKernel::sourceIndex(Value value, Value index) {
  auto gather = value.getDefiningOp<lm::GatherExpertsOp>();
  if (!gather)
    return index;
  int64_t columns = gather.getExperts().getType().getDimSize(1);
  Value expert =
      e.load(buffer(gather.getExperts()),
             {e.divIndex(index, columns), e.remIndex(index, columns)});
  return arith::IndexCastOp::create(e, e.getIndexType(), expert);
}

EncodedOperand GroupKernel::operand(Value value) {
  value = getSource(value);
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
