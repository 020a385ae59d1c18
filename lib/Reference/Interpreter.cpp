//===- Interpreter.cpp - State of an evaluation ---------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"

#include "compress/Reference/HostCache.h"
#include "compress/Support/Error.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::compress;

llvm::Error compress::makeOpError(Operation *op, const llvm::Twine &message) {
  std::string text;
  llvm::raw_string_ostream(text)
      << op->getLoc() << ": '" << op->getName() << "': " << message;
  return makeError(text);
}

llvm::Error compress::atOp(Operation *op, llvm::Error error) {
  return error ? makeOpError(op, llvm::toString(std::move(error)))
               : llvm::Error::success();
}

static OpRegistry makeRegistry(Arithmetic arithmetic) {
  OpRegistry result;
  registerArithOps(result);
  registerMathOps(result);
  registerControlFlowOps(result);
  registerTensorOps(result);
  registerLinalgOps(result);
  registerCompressOps(result);
  registerLMOps(result);
  registerExpertOps(result);
  if (arithmetic == Arithmetic::Generated) {
    registerGeneratedMath(result);
    registerGeneratedLMOps(result);
    registerGeneratedExpertOps(result);
  }
  return result;
}

const OpRegistry &OpRegistry::get(Arithmetic arithmetic) {
  static const OpRegistry exact = makeRegistry(Arithmetic::Double);
  static const OpRegistry generated = makeRegistry(Arithmetic::Generated);
  return arithmetic == Arithmetic::Double ? exact : generated;
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

const HostTensor &Interpreter::getTensor(Value value) const {
  return std::get<HostTensor>(get(value));
}

const Scalar &Interpreter::getScalar(Value value) const {
  return std::get<Scalar>(get(value));
}

HostCache &Interpreter::getCache(Value value) const {
  return *std::get<std::shared_ptr<HostCache>>(get(value));
}

SmallVector<int64_t>
Interpreter::getIndices(ArrayRef<OpFoldResult> mixed) const {
  return llvm::map_to_vector(mixed, [&](OpFoldResult size) {
    if (auto value = dyn_cast<Value>(size))
      return getIndex(value);
    return cast<IntegerAttr>(cast<Attribute>(size)).getInt();
  });
}

llvm::Expected<HostTensor> Interpreter::getPlain(Value value) const {
  return getTensor(value).decode();
}

/// Whether a value of the program's type `type` may be `value`.
static bool hasType(const RuntimeValue &value, Type type) {
  if (const auto *scalar = std::get_if<Scalar>(&value))
    return scalar->type == type;
  if (const auto *cache = std::get_if<std::shared_ptr<HostCache>>(&value))
    return *cache && (*cache)->getType() == type;
  const auto &tensor = std::get<HostTensor>(value);
  auto expected = dyn_cast<RankedTensorType>(type);
  return expected && tensor.getType() &&
         expected.getElementType() == tensor.getType().getElementType() &&
         expected.getEncoding() == tensor.getType().getEncoding() &&
         succeeded(verifyCompatibleShape(expected, tensor.getType()));
}

static std::string describe(const RuntimeValue &value) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  if (const auto *scalar = std::get_if<Scalar>(&value))
    stream << scalar->type;
  else if (const auto *cache = std::get_if<std::shared_ptr<HostCache>>(&value))
    stream << (*cache)->getType();
  else
    stream << std::get<HostTensor>(value).getType();
  return text;
}

llvm::Error Interpreter::set(Value result, RuntimeValue value) {
  if (!hasType(value, result.getType())) {
    Operation *op = result.getDefiningOp();
    std::string expected;
    llvm::raw_string_ostream(expected) << result.getType();
    return makeOpError(op ? op : result.getParentBlock()->getParentOp(),
                       "a value of type " + expected + " can't be " +
                           describe(value));
  }
  frames.back()[result] = std::move(value);
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

llvm::Error compress::evaluateScalar(ScalarFunction function, Operation *op,
                                     ArrayRef<Scalar> operands,
                                     Scalar &result) {
  if (llvm::Error error = function(op, operands, result))
    return error;
  if (result.isFloat())
    result.number = roundToFloat(cast<FloatType>(result.type), result.number);
  else
    result.integer = wrapToInteger(result.type, result.integer);
  return llvm::Error::success();
}

/// Applies an op on numbers to numbers, or to tensors element by element.
llvm::Error Interpreter::evaluateElementwise(ScalarFunction function,
                                             Operation *op) {
  Value result = op->getResult(0);
  SmallVector<Scalar> operands(op->getNumOperands());
  Scalar value;
  value.type = getElementTypeOrSelf(result);
  if (!isa<ShapedType>(result.getType())) {
    for (auto [operand, from] : llvm::zip(operands, op->getOperands()))
      operand = getScalar(from);
    if (llvm::Error error = evaluateScalar(function, op, operands, value))
      return error;
    return set(result, value);
  }
  SmallVector<const HostTensor *> tensors(op->getNumOperands());
  std::optional<ArrayRef<int64_t>> shape;
  for (auto [index, from] : llvm::enumerate(op->getOperands())) {
    if (!isa<RankedTensorType>(from.getType())) {
      operands[index] = getScalar(from); // The condition of arith.select.
      continue;
    }
    tensors[index] = &getTensor(from);
    if (tensors[index]->isEncoded() ||
        (shape && *shape != tensors[index]->getShape()))
      return makeOpError(op, "operands are plain tensors of one shape");
    shape = tensors[index]->getShape();
  }
  HostTensor output(RankedTensorType::get(*shape, value.type));
  for (int64_t i = 0, end = output.getNumElements(); i != end; ++i) {
    for (auto [operand, tensor] : llvm::zip(operands, tensors))
      if (tensor)
        operand = tensor->get(i);
    if (llvm::Error error = evaluateScalar(function, op, operands, value))
      return error;
    output.set(i, value);
  }
  return set(result, std::move(output));
}

/// Whether values of `type` have a form in an evaluation.
static bool isKnownType(Type type) {
  if (isa<lm::CacheType>(type))
    return true;
  auto tensor = dyn_cast<RankedTensorType>(type);
  Type element = tensor ? tensor.getElementType() : type;
  return element.isIndex() ||
         (element.isIntOrFloat() && element.getIntOrFloatBitWidth() <= 64);
}

llvm::Error Interpreter::evaluate(Operation *op) {
  if (!llvm::all_of(op->getResultTypes(), isKnownType))
    return makeOpError(op, "results are numbers of at most 64 bits, ranked "
                           "tensors of them, or caches");
  const OpRegistry &registry = getRegistry();
  StringRef name = op->getName().getStringRef();
  if (OpFunction function = registry.ops.lookup(name))
    return function(op, *this);
  if (ScalarFunction function = registry.scalars.lookup(name))
    return evaluateElementwise(function, op);
  if (isa<linalg::LinalgOp>(op))
    return evaluateLinalgOp(op, *this);
  return makeOpError(op, "the reference evaluator does not know this op");
}

//===----------------------------------------------------------------------===//
// Blocks and functions
//===----------------------------------------------------------------------===//

const Interpreter::LastUses &Interpreter::getLastUses(Block &block) {
  auto [it, isNew] = lastUses.try_emplace(&block);
  if (!isNew)
    return it->second;
  auto add = [&, &uses = it->second](Value value) {
    Operation *last = nullptr;
    for (Operation *user : value.getUsers()) {
      Operation *ancestor = block.findAncestorOpInBlock(*user);
      if (!last || last->isBeforeInBlock(ancestor))
        last = ancestor;
    }
    if (last && !last->hasTrait<OpTrait::IsTerminator>())
      uses[last].push_back(value);
  };
  llvm::for_each(block.getArguments(), add);
  for (Operation &op : block)
    llvm::for_each(op.getResults(), add);
  return it->second;
}

llvm::Expected<SmallVector<RuntimeValue>>
Interpreter::runBlock(Block &block, ArrayRef<RuntimeValue> arguments) {
  for (auto [parameter, argument] :
       llvm::zip_equal(block.getArguments(), arguments))
    if (llvm::Error error = set(parameter, argument))
      return std::move(error);
  for (Operation &op : block.without_terminator()) {
    if (llvm::Error error = evaluate(&op))
      return std::move(error);
    if (options.onResult && isa<func::FuncOp>(op.getParentOp()))
      for (Value result : op.getResults())
        if (isa<RankedTensorType>(result.getType()))
          options.onResult(result, getTensor(result));
    // Weights are large: drop what nothing needs any more.
    const LastUses &uses = getLastUses(block);
    if (auto last = uses.find(&op); last != uses.end())
      for (Value value : last->second)
        frames.back().erase(value);
  }
  return llvm::map_to_vector(block.getTerminator()->getOperands(),
                             [&](Value value) { return get(value); });
}

llvm::Expected<SmallVector<RuntimeValue>>
Interpreter::call(llvm::StringRef name, ArrayRef<RuntimeValue> arguments) {
  auto function = module.lookupSymbol<func::FuncOp>(name);
  if (!function)
    return makeError("the module has no function @" + name);
  if (!llvm::hasSingleElement(function.getBody()))
    return makeOpError(function, "only a function with one block is evaluated");
  if (function.getNumArguments() != arguments.size())
    return makeOpError(function, "@" + name + " takes " +
                                     llvm::Twine(function.getNumArguments()) +
                                     " arguments, got " +
                                     llvm::Twine(arguments.size()));
  frames.emplace_back();
  llvm::Expected<SmallVector<RuntimeValue>> results =
      runBlock(function.getBody().front(), arguments);
  frames.pop_back();
  return results;
}

//===----------------------------------------------------------------------===//
// Evaluator
//===----------------------------------------------------------------------===//

class Evaluator::Implementation : public Interpreter {
  using Interpreter::Interpreter;
};

Evaluator::Evaluator(ModuleOp module, ParameterSource source,
                     EvaluatorOptions options)
    : implementation(std::make_unique<Implementation>(module, std::move(source),
                                                      options)) {}

Evaluator::~Evaluator() = default;

llvm::Expected<SmallVector<RuntimeValue>>
Evaluator::call(llvm::StringRef function, ArrayRef<RuntimeValue> arguments) {
  return implementation->call(function, arguments);
}

const HostTensor *Evaluator::getMagnitudes(Operation *op) const {
  auto it = implementation->magnitudes.find(op);
  return it == implementation->magnitudes.end() ? nullptr : &it->second;
}
