//===- CompressOps.cpp - Meaning of the compress dialect ------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"

#include "compress/Dialect/Compress/IR/Compress.h"

using namespace mlir;
using namespace mlir::compress;

/// The result's type with the sizes of `from` where it leaves them open.
static RankedTensorType getStaticType(Value result, const HostTensor &from) {
  auto type = cast<RankedTensorType>(result.getType());
  return RankedTensorType::get(from.getShape(), type.getElementType(),
                               type.getEncoding());
}

/// compress.encode and compress.decode.
static llvm::Error evaluateConversion(Operation *op, Interpreter &interpreter) {
  const HostTensor &source = interpreter.getTensor(op->getOperand(0));
  Value result = op->getResult(0);
  llvm::Expected<HostTensor> converted =
      source.encode(getStaticType(result, source));
  if (!converted)
    return atOp(op, converted.takeError());
  return interpreter.set(result, std::move(*converted));
}

static llvm::Error refuseLayout(Operation *op, EncodingAttrInterface encoding) {
  if (!encoding.isLaidOut())
    return llvm::Error::success();
  return makeOpError(op, "parts in a layout are not evaluated; the canonical "
                         "encoding has the same values");
}

static llvm::Error evaluateAssemble(Operation *op, Interpreter &interpreter) {
  auto assemble = cast<AssembleOp>(op);
  RankedTensorType type = assemble.getResult().getType();
  if (llvm::Error error = refuseLayout(op, getEncoding(type)))
    return error;
  SmallVector<ComponentData> parts;
  for (Value part : assemble.getComponents())
    parts.push_back(interpreter.getTensor(part).getBytes().vec());
  // Dynamic sizes follow from the codes, whose leading dimensions are the
  // tensor's.
  SmallVector<int64_t> shape(type.getShape());
  ArrayRef<int64_t> codes =
      interpreter.getTensor(assemble.getComponents().front()).getShape();
  for (auto [size, known] : llvm::zip(shape, codes))
    if (ShapedType::isDynamic(size))
      size = known;
  llvm::Expected<HostTensor> result = HostTensor::get(
      RankedTensorType::get(shape, type.getElementType(), type.getEncoding()),
      std::move(parts));
  if (!result)
    return atOp(op, result.takeError());
  return interpreter.set(assemble.getResult(), std::move(*result));
}

static llvm::Error evaluateComponents(Operation *op, Interpreter &interpreter) {
  auto components = cast<ComponentsOp>(op);
  const HostTensor source = interpreter.getTensor(components.getSource());
  if (llvm::Error error = refuseLayout(op, getEncoding(source.getType())))
    return error;
  SmallVector<Component> parts = compress::getComponents(source.getType());
  for (auto [part, data, result] : llvm::zip_equal(
           parts, source.getComponents(), components.getComponents())) {
    SmallVector<int64_t> shape(part.type.getShape());
    Type element = part.type.getElementType();
    // A count that depends on the data follows from the bytes.
    int64_t known = getElementBytes(element);
    for (int64_t size : shape)
      known *= ShapedType::isDynamic(size) ? 1 : size;
    for (int64_t &size : shape)
      if (ShapedType::isDynamic(size))
        size = known ? static_cast<int64_t>(data.size()) / known : 0;
    llvm::Expected<HostTensor> value =
        HostTensor::get(RankedTensorType::get(shape, element), {data});
    if (!value)
      return atOp(op, value.takeError());
    if (llvm::Error error = interpreter.set(result, std::move(*value)))
      return error;
  }
  return llvm::Error::success();
}

static llvm::Error evaluateGroup(Operation *op, Interpreter &interpreter) {
  auto group = cast<GroupOp>(op);
  SmallVector<RuntimeValue> inputs;
  for (Value input : group.getInputs())
    inputs.push_back(interpreter.get(input));
  llvm::Expected<SmallVector<RuntimeValue>> results =
      interpreter.runBlock(group.getBlock(), inputs);
  if (!results)
    return results.takeError();
  for (auto [result, value] : llvm::zip_equal(group.getResults(), *results))
    if (llvm::Error error = interpreter.set(result, value))
      return error;
  return llvm::Error::success();
}

static llvm::Error evaluateObserve(Operation *op, Interpreter &interpreter) {
  return interpreter.set(op->getResult(0), interpreter.get(op->getOperand(0)));
}

void compress::registerCompressOps(OpRegistry &registry) {
  registry.ops["compress.encode"] = evaluateConversion;
  registry.ops["compress.decode"] = evaluateConversion;
  registry.ops["compress.assemble"] = evaluateAssemble;
  registry.ops["compress.components"] = evaluateComponents;
  registry.ops["compress.group"] = evaluateGroup;
  registry.ops["quantized.observe"] = evaluateObserve;
}
