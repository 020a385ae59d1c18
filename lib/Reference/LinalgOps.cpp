//===- LinalgOps.cpp - Meaning of structured ops --------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"
#include "Linalg.h"

#include "mlir/Analysis/FlatLinearValueConstraints.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

/// Checks that one index, given by a flattened expression of the loops, stays
/// within a dimension, and adds its part to the access.
static llvm::Error addIndex(linalg::LinalgOp op, unsigned operand,
                            ArrayRef<int64_t> coefficients,
                            ArrayRef<int64_t> extents, int64_t size,
                            int64_t stride, Access &access) {
  int64_t constant = coefficients.back(), low = constant, high = constant;
  for (auto [loop, extent] : llvm::enumerate(extents)) {
    int64_t reach = coefficients[loop] * (extent - 1);
    (reach < 0 ? low : high) += reach;
    access.strides[loop] += coefficients[loop] * stride;
  }
  access.offset += constant * stride;
  // A loop over a whole dimension covers it.
  bool isLoop = constant == 0 &&
                llvm::count(coefficients, 0) ==
                    static_cast<int64_t>(coefficients.size()) - 1 &&
                llvm::is_contained(coefficients, 1);
  if (low < 0 || high >= size || (isLoop && high + 1 != size))
    return makeOpError(op, "operand #" + llvm::Twine(operand) + " of size " +
                               llvm::Twine(size) +
                               " does not fit indices from " +
                               llvm::Twine(low) + " to " + llvm::Twine(high));
  return llvm::Error::success();
}

llvm::Expected<LoopNest>
compress::getLoopNest(linalg::LinalgOp op, ArrayRef<ArrayRef<int64_t>> shapes) {
  SmallVector<int64_t> sizes;
  for (ArrayRef<int64_t> shape : shapes)
    llvm::append_range(sizes, shape);
  AffineMap shapesToLoops = op.getShapesToLoopsMap();
  LoopNest nest;
  llvm::append_range(nest.extents, shapesToLoops.compose(sizes));
  // Nothing is accessed, so nothing is out of bounds.
  bool isEmpty = nest.getNumPoints() == 0;
  for (auto [operand, shape] : llvm::enumerate(shapes)) {
    AffineMap map = op.getIndexingMapsArray()[operand];
    Access access;
    access.strides.assign(nest.extents.size(), 0);
    std::vector<SmallVector<int64_t, 8>> rows;
    if (failed(getFlattenedAffineExprs(map, &rows, nullptr)) ||
        (!rows.empty() && rows.front().size() != nest.extents.size() + 1))
      return makeOpError(op, "the indices of operand #" + llvm::Twine(operand) +
                                 " are not linear in the loops");
    SmallVector<int64_t> strides = getStrides(shape);
    for (auto [dim, row] : llvm::enumerate(rows))
      if (!isEmpty)
        if (llvm::Error error = addIndex(op, operand, row, nest.extents,
                                         shape[dim], strides[dim], access))
          return std::move(error);
    nest.accesses.push_back(std::move(access));
  }
  return nest;
}

//===----------------------------------------------------------------------===//
// Bodies
//===----------------------------------------------------------------------===//

namespace {

/// A body as a list of steps on numbered values, for bodies that consist of ops
/// on numbers: what an interpreter does per point would cost microseconds.
class Body {
public:
  /// Fails where the body has other ops.
  static std::optional<Body> get(linalg::LinalgOp op,
                                 const Interpreter &interpreter);

  /// Replaces the values of the body's arguments by what it yields.
  llvm::Error run(ArrayRef<int64_t> point, SmallVectorImpl<Scalar> &inOut);

private:
  struct Step {
    Operation *op;
    ScalarFunction function; // Null for linalg.index.
    SmallVector<unsigned, 3> operands;
    unsigned result;
    /// A running sum is not rounded at each step.
    bool isRunningSum;
  };

  unsigned addValue(Value value, Type type) {
    numbers[value] = values.size();
    values.emplace_back();
    values.back().type = type;
    return values.size() - 1;
  }
  std::optional<unsigned> find(Value value, const Interpreter &interpreter);
  bool addStep(Operation &op, const Interpreter &interpreter);

  llvm::DenseMap<Value, unsigned> numbers;
  SmallVector<Scalar> values;
  SmallVector<Step> steps;
  SmallVector<unsigned> results;
};

} // namespace

/// The number of a value; one from outside of the body is a constant here.
std::optional<unsigned> Body::find(Value value,
                                   const Interpreter &interpreter) {
  if (auto it = numbers.find(value); it != numbers.end())
    return it->second;
  if (!value.getType().isIntOrIndexOrFloat())
    return std::nullopt;
  unsigned number = addValue(value, value.getType());
  values[number] = interpreter.getScalar(value);
  return number;
}

/// Whether `op` adds to a destination of a reduction.
static bool isRunningSum(Operation &op) {
  auto linalgOp = cast<linalg::LinalgOp>(op.getParentOp());
  if (!isa<arith::AddFOp>(op) || linalgOp.getNumReductionLoops() == 0 ||
      !op.hasOneUse() ||
      !op.getUsers().begin()->hasTrait<OpTrait::IsTerminator>())
    return false;
  unsigned result = op.getUses().begin()->getOperandNumber();
  return llvm::is_contained(op.getOperands(),
                            linalgOp.getRegionOutputArgs()[result]);
}

bool Body::addStep(Operation &op, const Interpreter &interpreter) {
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    unsigned number = addValue(constant, constant.getType());
    if (auto value = dyn_cast<FloatAttr>(constant.getValue()))
      values[number] =
          Scalar::getFloat(constant.getType(), value.getValueAsDouble());
    else if (auto integer = dyn_cast<IntegerAttr>(constant.getValue()))
      values[number] = Scalar::getInteger(constant.getType(),
                                          integer.getValue().getSExtValue());
    else
      return false;
    return true;
  }
  bool keepsSums = interpreter.getOptions().arithmetic == Arithmetic::Double;
  Step step{&op, nullptr, {}, 0, keepsSums && isRunningSum(op)};
  if (!isa<linalg::IndexOp>(op)) {
    step.function =
        interpreter.getRegistry().scalars.lookup(op.getName().getStringRef());
    if (!step.function || isa<ShapedType>(op.getResult(0).getType()))
      return false;
    for (Value operand : op.getOperands()) {
      std::optional<unsigned> number = find(operand, interpreter);
      if (!number)
        return false;
      step.operands.push_back(*number);
    }
  }
  step.result = addValue(op.getResult(0), op.getResult(0).getType());
  steps.push_back(std::move(step));
  return true;
}

std::optional<Body> Body::get(linalg::LinalgOp op,
                              const Interpreter &interpreter) {
  Body body;
  Block &block = *op.getBlock();
  for (BlockArgument argument : block.getArguments())
    body.addValue(argument, argument.getType());
  for (Operation &step : block.without_terminator())
    if (!body.addStep(step, interpreter))
      return std::nullopt;
  for (Value value : block.getTerminator()->getOperands()) {
    std::optional<unsigned> number = body.find(value, interpreter);
    if (!number)
      return std::nullopt;
    body.results.push_back(*number);
  }
  return body;
}

llvm::Error Body::run(ArrayRef<int64_t> point, SmallVectorImpl<Scalar> &inOut) {
  llvm::copy(inOut, values.begin());
  SmallVector<Scalar, 4> operands;
  for (const Step &step : steps) {
    Scalar &result = values[step.result];
    if (!step.function) {
      result.integer = point[cast<linalg::IndexOp>(step.op).getDim()];
      continue;
    }
    operands.clear();
    for (unsigned operand : step.operands)
      operands.push_back(values[operand]);
    llvm::Error error =
        step.isRunningSum
            ? step.function(step.op, operands, result)
            : evaluateScalar(step.function, step.op, operands, result);
    if (error)
      return error;
  }
  inOut.clear();
  for (unsigned number : results)
    inOut.push_back(values[number]);
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

namespace {

/// The evaluation of one structured op.
class Evaluation {
public:
  Evaluation(linalg::LinalgOp op, Interpreter &interpreter)
      : op(op), interpreter(interpreter) {}

  llvm::Error run();

private:
  llvm::Error readOperands();
  llvm::Error runContraction(const SumOfProducts &what);
  llvm::Error runPoints();
  /// Replaces the values of the body's arguments by what it yields.
  llvm::Error runBlock(ArrayRef<int64_t> point,
                       SmallVectorImpl<Scalar> &values);
  llvm::Error setResult(unsigned index, const HostTensor &values);
  /// Steps to the next point, the last loop fastest.
  void advance(MutableArrayRef<int64_t> point) const;

  linalg::LinalgOp op;
  Interpreter &interpreter;
  /// Plain tensors, and scalar operands as tensors of rank 0.
  SmallVector<HostTensor> operands;
  LoopNest nest;
};

} // namespace

llvm::Error Evaluation::readOperands() {
  SmallVector<ArrayRef<int64_t>> shapes;
  for (OpOperand &operand : op->getOpOperands()) {
    if (const auto *scalar =
            std::get_if<Scalar>(&interpreter.get(operand.get()))) {
      operands.emplace_back(RankedTensorType::get({}, scalar->type));
      operands.back().set(0, *scalar);
      continue;
    }
    llvm::Expected<HostTensor> plain = interpreter.getPlain(operand.get());
    if (!plain)
      return atOp(op, plain.takeError());
    operands.push_back(std::move(*plain));
  }
  for (const HostTensor &operand : operands)
    shapes.push_back(operand.getShape());
  llvm::Expected<LoopNest> loops = getLoopNest(op, shapes);
  if (!loops)
    return loops.takeError();
  nest = std::move(*loops);
  return llvm::Error::success();
}

/// Rounds `values` to the type of result `index` and sets it.
llvm::Error Evaluation::setResult(unsigned index, const HostTensor &values) {
  Value result = op->getResult(index);
  Type element = cast<RankedTensorType>(result.getType()).getElementType();
  if (values.getType().getElementType() == element)
    return interpreter.set(result, values);
  HostTensor rounded(RankedTensorType::get(values.getShape(), element));
  for (int64_t i = 0; i < values.getNumElements(); ++i)
    rounded.set(i, values.get(i));
  if (values.getMagnitudes())
    rounded.setMagnitudes(*values.getMagnitudes());
  return interpreter.set(result, std::move(rounded));
}

llvm::Error Evaluation::runContraction(const SumOfProducts &what) {
  HostTensor sums;
  if (interpreter.getOptions().arithmetic == Arithmetic::Generated &&
      what.isFloat) {
    llvm::Expected<HostTensor> ordered = sumProductsInOrder(
        op, nest, interpreter.getTensor(op->getOperand(0)),
        interpreter.getTensor(op->getOperand(1)), operands[2]);
    if (!ordered)
      return atOp(op, ordered.takeError());
    sums = std::move(*ordered);
  } else {
    sums = sumProducts(what, nest, operands, /*magnitudes=*/false);
  }
  if (interpreter.getOptions().recordMagnitudes) {
    llvm::Expected<HostTensor> magnitudes =
        getContractionMagnitudes(op, operands);
    if (!magnitudes)
      return magnitudes.takeError();
    interpreter.magnitudes[op] = *magnitudes;
    sums.setMagnitudes(std::move(*magnitudes));
  }
  return setResult(0, sums);
}

void Evaluation::advance(MutableArrayRef<int64_t> point) const {
  for (int64_t loop = point.size() - 1; loop >= 0; --loop) {
    if (++point[loop] < nest.extents[loop])
      return;
    point[loop] = 0;
  }
}

llvm::Error Evaluation::runBlock(ArrayRef<int64_t> point,
                                 SmallVectorImpl<Scalar> &values) {
  SmallVector<RuntimeValue> arguments(values.begin(), values.end());
  interpreter.setPoint(point);
  llvm::Expected<SmallVector<RuntimeValue>> yielded =
      interpreter.runBlock(*op.getBlock(), arguments);
  if (!yielded)
    return yielded.takeError();
  values.clear();
  for (const RuntimeValue &value : *yielded)
    values.push_back(std::get<Scalar>(value));
  return llvm::Error::success();
}

llvm::Error Evaluation::runPoints() {
  std::optional<Body> body = Body::get(op, interpreter);
  int64_t numInputs = op.getNumDpsInputs();
  SmallVector<HostTensor> outputs;
  for (const HostTensor &init : ArrayRef(operands).drop_front(numInputs)) {
    // Reductions keep their float sums in double precision until the end.
    if (op.getNumReductionLoops() == 0 ||
        interpreter.getOptions().arithmetic != Arithmetic::Double ||
        !isa<FloatType>(init.getType().getElementType())) {
      outputs.push_back(init);
      continue;
    }
    outputs.emplace_back(RankedTensorType::get(
        init.getShape(), Float64Type::get(op.getContext())));
    for (int64_t i = 0; i < init.getNumElements(); ++i)
      outputs.back().set(i, init.get(i));
  }
  SmallVector<int64_t> point(nest.extents.size());
  for (int64_t n = nest.getNumPoints(); n > 0; --n, advance(point)) {
    SmallVector<Scalar> values;
    for (auto [index, access] : llvm::enumerate(nest.accesses)) {
      bool isInput = static_cast<int64_t>(index) < numInputs;
      const HostTensor &from =
          isInput ? operands[index] : outputs[index - numInputs];
      values.push_back(from.get(access.at(point)));
      values.back().type = op.getBlock()->getArgument(index).getType();
    }
    if (llvm::Error error =
            body ? body->run(point, values) : runBlock(point, values))
      return error;
    for (auto [index, output] : llvm::enumerate(outputs))
      output.set(nest.accesses[numInputs + index].at(point), values[index]);
  }
  for (auto [index, output] : llvm::enumerate(outputs))
    if (llvm::Error error = setResult(index, output))
      return error;
  return llvm::Error::success();
}

llvm::Error Evaluation::run() {
  if (llvm::Error error = readOperands())
    return error;
  if (std::optional<SumOfProducts> what = matchSumOfProducts(op))
    return runContraction(*what);
  return runPoints();
}

llvm::Error compress::evaluateLinalgOp(Operation *op,
                                       Interpreter &interpreter) {
  return Evaluation(cast<linalg::LinalgOp>(op), interpreter).run();
}

void compress::registerLinalgOps(OpRegistry &registry) {
  registry.ops["linalg.index"] = [](Operation *op, Interpreter &interpreter) {
    auto index = cast<linalg::IndexOp>(op);
    return interpreter.set(
        index, Scalar::getInteger(index.getType(),
                                  interpreter.getPoint()[index.getDim()]));
  };
}
