//===- ControlFlowOps.cpp - Constants, globals, calls, loops --------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"

#include "compress/Dialect/Compress/IR/Compress.h"
#include "compress/Support/Error.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MLProgram/IR/MLProgram.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/DialectResourceBlobManager.h"

#include <cstring>

using namespace mlir;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

/// The elements of an attribute as a plain tensor.
static llvm::Expected<HostTensor>
getElements(Operation *op, ElementsAttr elements, RankedTensorType type) {
  RankedTensorType plain = withEncoding(type, Attribute());
  if (llvm::Error error = HostTensor::verifyType(plain))
    return atOp(op, std::move(error));
  HostTensor result(plain);
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    MutableArrayRef<uint8_t> bytes = result.getMutableBytes();
    if (!blob || blob->getData().size() != bytes.size())
      return makeOpError(op, "the resource does not have the " +
                                 llvm::Twine(bytes.size()) +
                                 " bytes of its type");
    std::memcpy(bytes.data(), blob->getData().data(), bytes.size());
    return result;
  }
  auto dense = dyn_cast<DenseElementsAttr>(elements);
  if (!dense)
    return makeOpError(op, "only dense values are evaluated");
  Type element = type.getElementType();
  if (dense.getType() != type && dense.getType() != plain)
    return makeOpError(op, "the value's type is not that of its elements");
  if (isa<FloatType>(element)) {
    bool losesInfo;
    for (auto [position, value] :
         llvm::enumerate(dense.getValues<llvm::APFloat>())) {
      llvm::APFloat number = value;
      number.convert(llvm::APFloat::IEEEdouble(),
                     llvm::APFloat::rmNearestTiesToEven, &losesInfo);
      result.set(position, Scalar::getFloat(element, number.convertToDouble()));
    }
    return result;
  }
  for (auto [position, value] : llvm::enumerate(dense.getValues<llvm::APInt>()))
    result.set(position, Scalar::getInteger(element, value.getSExtValue()));
  return result;
}

/// A written-out value of `type`. One of an encoded type gives the logical
/// values, which the codec encodes.
static llvm::Expected<RuntimeValue> getConstant(Operation *op, Attribute value,
                                                Type type) {
  if (auto tensor = dyn_cast<RankedTensorType>(type)) {
    auto elements = dyn_cast<ElementsAttr>(value);
    if (!elements)
      return makeOpError(op, "only dense values are evaluated");
    llvm::Expected<HostTensor> plain = getElements(op, elements, tensor);
    if (!plain)
      return plain.takeError();
    llvm::Expected<HostTensor> result = plain->encode(tensor);
    if (!result)
      return atOp(op, result.takeError());
    return *result;
  }
  if (auto number = dyn_cast<FloatAttr>(value)) {
    bool losesInfo;
    llvm::APFloat wide = number.getValue();
    wide.convert(llvm::APFloat::IEEEdouble(),
                 llvm::APFloat::rmNearestTiesToEven, &losesInfo);
    return Scalar::getFloat(type, wide.convertToDouble());
  }
  auto integer = dyn_cast<IntegerAttr>(value);
  if (!integer || !type.isIntOrIndex() || integer.getValue().getBitWidth() > 64)
    return makeOpError(op, "only numbers of at most 64 bits are evaluated");
  return Scalar::getInteger(type, integer.getValue().getSExtValue());
}

static llvm::Error evaluateConstant(Operation *op, Interpreter &interpreter) {
  auto constant = cast<arith::ConstantOp>(op);
  llvm::Expected<RuntimeValue> value =
      getConstant(op, constant.getValue(), constant.getType());
  if (!value)
    return value.takeError();
  return interpreter.set(constant, std::move(*value));
}

//===----------------------------------------------------------------------===//
// Globals
//===----------------------------------------------------------------------===//

static llvm::Expected<HostTensor> askSource(const ParameterSource &source,
                                            ml_program::GlobalOp global,
                                            RankedTensorType type) {
  if (!source)
    return makeOpError(global, "the value of @" + global.getSymName() +
                                   " lies elsewhere and no source of "
                                   "parameters was given");
  llvm::Expected<HostTensor> value = source(global.getSymName(), type);
  if (!value)
    return atOp(global, value.takeError());
  if (value->getShape() != type.getShape() ||
      value->getType().getElementType() != type.getElementType())
    return makeOpError(global, "the source gave @" + global.getSymName() +
                                   " another shape or element type");
  llvm::Expected<HostTensor> result = value->encode(type);
  if (!result)
    return atOp(global, result.takeError());
  return result;
}

llvm::Expected<HostTensor> Interpreter::loadGlobal(Operation *user,
                                                   StringRef symbol) {
  if (auto it = parameters.find(symbol); it != parameters.end())
    return it->second;
  auto global = symbols.lookupSymbolIn<ml_program::GlobalOp>(
      module, StringAttr::get(module.getContext(), symbol));
  auto type = global ? dyn_cast<RankedTensorType>(global.getType())
                     : RankedTensorType();
  if (!type)
    return makeOpError(user, "@" + symbol + " is no global of a tensor type");
  llvm::Expected<HostTensor> result = [&]() -> llvm::Expected<HostTensor> {
    std::optional<Attribute> written = global.getValue();
    if (!written || isa<ParameterAttr>(*written))
      return askSource(source, global, type);
    llvm::Expected<RuntimeValue> value = getConstant(global, *written, type);
    if (!value)
      return value.takeError();
    return std::get<HostTensor>(*value);
  }();
  if (result && options.keepParameters)
    parameters[symbol] = *result;
  return result;
}

static llvm::Error evaluateLoad(Operation *op, Interpreter &interpreter) {
  auto load = cast<ml_program::GlobalLoadConstOp>(op);
  llvm::Expected<HostTensor> value = interpreter.loadGlobal(
      op, load.getGlobal().getLeafReference().getValue());
  if (!value)
    return value.takeError();
  return interpreter.set(load.getResult(), std::move(*value));
}

//===----------------------------------------------------------------------===//
// Calls, branches and loops
//===----------------------------------------------------------------------===//

static llvm::Error setResults(Operation *op, ArrayRef<RuntimeValue> values,
                              Interpreter &interpreter) {
  for (auto [result, value] : llvm::zip_equal(op->getResults(), values))
    if (llvm::Error error = interpreter.set(result, value))
      return error;
  return llvm::Error::success();
}

static SmallVector<RuntimeValue> getValues(OperandRange operands,
                                           Interpreter &interpreter) {
  return llvm::map_to_vector(
      operands, [&](Value value) { return interpreter.get(value); });
}

static llvm::Error evaluateCall(Operation *op, Interpreter &interpreter) {
  auto call = cast<func::CallOp>(op);
  llvm::Expected<SmallVector<RuntimeValue>> results = interpreter.call(
      call.getCallee(), getValues(call.getOperands(), interpreter));
  if (!results)
    return results.takeError();
  return setResults(op, *results, interpreter);
}

static llvm::Error evaluateIf(Operation *op, Interpreter &interpreter) {
  auto branch = cast<scf::IfOp>(op);
  bool condition = interpreter.getIndex(branch.getCondition());
  Region &region = condition ? branch.getThenRegion() : branch.getElseRegion();
  if (region.empty())
    return llvm::Error::success();
  llvm::Expected<SmallVector<RuntimeValue>> results =
      interpreter.runBlock(region.front(), {});
  if (!results)
    return results.takeError();
  return setResults(op, *results, interpreter);
}

static llvm::Error evaluateFor(Operation *op, Interpreter &interpreter) {
  auto loop = cast<scf::ForOp>(op);
  const Scalar lower = interpreter.getScalar(loop.getLowerBound());
  const Scalar upper = interpreter.getScalar(loop.getUpperBound());
  int64_t step = interpreter.getIndex(loop.getStep());
  if (step <= 0)
    return makeOpError(op,
                       "the step must be positive, got " + llvm::Twine(step));
  SmallVector<RuntimeValue> carried =
      getValues(loop.getInitArgs(), interpreter);
  for (int64_t i = lower.integer; i < upper.integer; i += step) {
    SmallVector<RuntimeValue> arguments = {Scalar::getInteger(lower.type, i)};
    llvm::append_range(arguments, carried);
    llvm::Expected<SmallVector<RuntimeValue>> next =
        interpreter.runBlock(*loop.getBody(), arguments);
    if (!next)
      return next.takeError();
    carried = std::move(*next);
  }
  return setResults(op, carried, interpreter);
}

static llvm::Error evaluateAssert(Operation *op, Interpreter &interpreter) {
  auto check = cast<cf::AssertOp>(op);
  if (interpreter.getIndex(check.getArg()) != 0)
    return llvm::Error::success();
  return makeOpError(op, "does not hold: " + check.getMsg());
}

//===----------------------------------------------------------------------===//
// Index arithmetic
//===----------------------------------------------------------------------===//

/// The results of an affine map of operands: dimensions, then symbols.
static SmallVector<int64_t> apply(AffineMap map, ValueRange operands,
                                  Interpreter &interpreter) {
  SmallVector<int64_t> values = llvm::map_to_vector(
      operands, [&](Value value) { return interpreter.getIndex(value); });
  SmallVector<AffineExpr> all;
  MLIRContext *context = map.getContext();
  for (int64_t value : values)
    all.push_back(getAffineConstantExpr(value, context));
  ArrayRef<AffineExpr> constants(all);
  AffineMap folded =
      map.replaceDimsAndSymbols(constants.take_front(map.getNumDims()),
                                constants.drop_front(map.getNumDims()), 0, 0);
  return llvm::map_to_vector(folded.getResults(), [](AffineExpr expr) {
    return cast<AffineConstantExpr>(expr).getValue();
  });
}

template <typename Op, typename Choose>
static llvm::Error evaluateAffine(Operation *op, Interpreter &interpreter,
                                  Choose choose) {
  SmallVector<int64_t> values =
      apply(cast<Op>(op).getMap(), op->getOperands(), interpreter);
  return interpreter.set(
      op->getResult(0),
      Scalar::getInteger(op->getResult(0).getType(), *choose(values)));
}

void compress::registerControlFlowOps(OpRegistry &registry) {
  registry.ops["arith.constant"] = evaluateConstant;
  registry.ops["ml_program.global_load_const"] = evaluateLoad;
  registry.ops["cf.assert"] = evaluateAssert;
  registry.ops["func.call"] = evaluateCall;
  registry.ops["scf.if"] = evaluateIf;
  registry.ops["scf.for"] = evaluateFor;
  registry.ops["affine.apply"] = [](Operation *op, Interpreter &interpreter) {
    return evaluateAffine<affine::AffineApplyOp>(
        op, interpreter, [](ArrayRef<int64_t> v) { return v.begin(); });
  };
  registry.ops["affine.min"] = [](Operation *op, Interpreter &interpreter) {
    return evaluateAffine<affine::AffineMinOp>(
        op, interpreter,
        [](ArrayRef<int64_t> v) { return llvm::min_element(v); });
  };
  registry.ops["affine.max"] = [](Operation *op, Interpreter &interpreter) {
    return evaluateAffine<affine::AffineMaxOp>(
        op, interpreter,
        [](ArrayRef<int64_t> v) { return llvm::max_element(v); });
  };
}
