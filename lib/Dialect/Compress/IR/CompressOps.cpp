//===- CompressOps.cpp - Ops of the compress dialect ----------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Dialect/Compress/IR/Compress.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::compress;

#define GET_OP_CLASSES
#include "compress/Dialect/Compress/IR/CompressOps.cpp.inc"

/// Checks `encode_c1`/`encode_c2` and their mirror images.
static LogicalResult verifyConversion(Operation *op, Type plain, Type encoded) {
  auto plainType = cast<RankedTensorType>(plain);
  auto encodedType = cast<RankedTensorType>(encoded);
  if (!getEncoding(encodedType) || plainType.getEncoding())
    return op->emitOpError("goes between a plain and an encoded tensor, got ")
           << plainType << " and " << encodedType;
  if (plainType.getShape() != encodedType.getShape() ||
      plainType.getElementType() != encodedType.getElementType())
    return op->emitOpError("keeps shape and element type, got ")
           << plainType << " and " << encodedType;
  return success();
}

/// Whether a part of the encoding is data that no rounding can choose.
static bool needsData(const EncodingSpec &spec) {
  if (spec.kind == EncodingSpec::Kind::Codebook && spec.table.empty())
    return true;
  for (const Part *part :
       {&spec.scale, &spec.zero, &spec.min, &spec.values, &spec.outliers})
    if (part->isEncoding() && needsData(part->getEncoding()))
      return true;
  return false;
}

LogicalResult EncodeOp::verify() {
  if (failed(verifyConversion(*this, getSource().getType(),
                              getResult().getType()))) // encode_c1, encode_c2
    return failure();
  EncodingAttrInterface encoding = getEncoding(getResult().getType());
  if (needsData(encoding.getSpec())) // encode_c3
    return emitOpError("can't choose the table that ") << encoding << " stores";
  return success();
}

LogicalResult DecodeOp::verify() { // decode_c1, decode_c2
  return verifyConversion(*this, getResult().getType(), getSource().getType());
}

/// The sizes of `value` are those of the op's only result.
static LogicalResult reifyLike(OpBuilder &b, Location loc, Value value,
                               ReifiedRankedShapedTypeDims &shapes) {
  shapes.push_back(tensor::getMixedSizes(b, loc, value));
  return success();
}

LogicalResult EncodeOp::reifyResultShapes(OpBuilder &b,
                                          ReifiedRankedShapedTypeDims &shapes) {
  return reifyLike(b, getLoc(), getSource(), shapes);
}

LogicalResult DecodeOp::reifyResultShapes(OpBuilder &b,
                                          ReifiedRankedShapedTypeDims &shapes) {
  return reifyLike(b, getLoc(), getSource(), shapes);
}

/// Checks that `parts` are the stored parts of `whole`. A count that only the
/// data knows may be given or left open.
static LogicalResult verifyParts(Operation *op, TypeRange parts, Type whole) {
  auto type = cast<RankedTensorType>(whole);
  if (!getEncoding(type))
    return op->emitOpError("expected an encoded tensor, got ") << type;
  SmallVector<Component> expected = compress::getComponents(type);
  if (expected.size() != parts.size())
    return op->emitOpError("expected ")
           << expected.size() << " components, got " << parts.size();
  for (auto [component, part] : llvm::zip(expected, parts))
    if (failed(verifyCompatibleShape(component.type, part)) ||
        component.type.getElementType() !=
            cast<RankedTensorType>(part).getElementType())
      return op->emitOpError("component '")
             << component.name << "' has type " << component.type << ", got "
             << part;
  return success();
}

LogicalResult AssembleOp::verify() { // assemble_c1, assemble_c2
  return verifyParts(*this, getComponents().getTypes(), getResult().getType());
}

LogicalResult ComponentsOp::verify() { // components_c1, components_c2
  return verifyParts(*this, getResultTypes(), getSource().getType());
}

LogicalResult ComponentsOp::fold(FoldAdaptor,
                                 SmallVectorImpl<OpFoldResult> &results) {
  auto assemble = getSource().getDefiningOp<AssembleOp>();
  if (!assemble ||
      !llvm::equal(assemble.getComponents().getTypes(), getResultTypes()))
    return failure();
  llvm::append_range(results, assemble.getComponents());
  return success();
}

//===----------------------------------------------------------------------===//
// GroupOp
//===----------------------------------------------------------------------===//

OperandRange GroupOp::getYielded() {
  return cast<YieldOp>(getBlock().getTerminator()).getValues();
}

/// Whether an operand can stand for a value of type `meaning` in the region.
static bool standsFor(Type operand, Type meaning) {
  if (operand == meaning)
    return true;
  auto memref = dyn_cast<MemRefType>(operand);
  auto tensor = dyn_cast<RankedTensorType>(meaning);
  return memref && tensor && !tensor.getEncoding() &&
         memref.getElementType() == tensor.getElementType() &&
         succeeded(verifyCompatibleShape(memref.getShape(), tensor.getShape()));
}

LogicalResult GroupOp::verify() {
  Block &block = getBlock();
  if (block.getNumArguments() != getInputs().size()) // group_c1
    return emitOpError("expected one region argument per input, got ")
           << block.getNumArguments() << " for " << getInputs().size();
  for (auto [input, argument] : llvm::zip(getInputs(), block.getArguments()))
    if (!standsFor(input.getType(), argument.getType())) // group_c1
      return emitOpError("input ")
             << input.getType() << " can't stand for " << argument.getType();
  if (getYielded().size() != getInits().size()) // group_c2
    return emitOpError("yields ") << getYielded().size() << " values for "
                                  << getInits().size() << " destinations";
  for (auto [init, value] : llvm::zip(getInits(), getYielded()))
    if (!standsFor(init.getType(), value.getType())) // group_c2
      return emitOpError("destination ")
             << init.getType() << " can't take " << value.getType();
  SmallVector<Type> expected;
  for (Value init : getInits())
    if (isa<RankedTensorType>(init.getType()))
      expected.push_back(init.getType());
  if (!llvm::equal(expected, getResultTypes())) // group_c3
    return emitOpError("has one result per destination that is a tensor");
  return success();
}

void GroupOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  for (OpOperand &input : getInputsMutable()) {
    if (isa<RankedTensorType>(input.get().getType()) ||
        input.get().getType().isIntOrIndexOrFloat())
      continue;
    effects.emplace_back(MemoryEffects::Read::get(), &input);
    // A handle, such as a cache: what the region does to it is not told apart.
    if (!isa<MemRefType>(input.get().getType()))
      effects.emplace_back(MemoryEffects::Write::get(), &input);
  }
  for (OpOperand &init : getInitsMutable())
    if (isa<MemRefType>(init.get().getType()))
      effects.emplace_back(MemoryEffects::Write::get(), &init);
}
