//===- Compare.cpp - Compares two programs op by op -----------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Compiler/Compare.h"

#include "compress/Compiler/Evaluate.h"
#include "compress/Dialect/Compress/IR/Compress.h"
#include "compress/Support/Error.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MLProgram/IR/MLProgram.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Path.h"

#include <cmath>

using namespace llvm;
using namespace mlir;
using namespace mlir::compress;

/// Of language models, which get it here, and of encoders.
static constexpr StringLiteral kFunctions[] = {"score", "encode"};

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

/// The plain tensor of floats that an op computes, or null.
static Value getComparedResult(Operation &op) {
  if (op.getNumResults() == 0 || op.hasTrait<OpTrait::ConstantLike>() ||
      isa<tensor::EmptyOp, linalg::FillOp, ml_program::GlobalLoadConstOp>(op) ||
      isa_and_present<CompressDialect>(op.getDialect()))
    return nullptr;
  auto type = dyn_cast<RankedTensorType>(op.getResult(0).getType());
  if (!type || type.getEncoding() || !isa<FloatType>(type.getElementType()))
    return nullptr;
  return op.getResult(0);
}

/// Adds the parameters that a value is, encoded, decoded or taken apart.
static void addParameters(Value value, std::vector<std::string> &parameters) {
  Operation *op = value.getDefiningOp();
  if (auto load = dyn_cast_or_null<ml_program::GlobalLoadConstOp>(op))
    parameters.push_back(load.getGlobal().getLeafReference().str());
  else if (op && isa_and_present<CompressDialect>(op->getDialect()))
    for (Value operand : op->getOperands())
      addParameters(operand, parameters);
}

namespace {
/// One of the two models, ready to be evaluated.
class Side {
public:
  static Expected<std::unique_ptr<Side>> create(const ModelForm &form,
                                                MLIRContext &context);

  ArrayRef<Value> getValues() const { return values; }
  StringRef getPath() const { return path; }

  /// Evaluates, and passes on each of the values with its place.
  Error
  evaluate(ArrayRef<int32_t> tokens,
           llvm::function_ref<void(size_t, const HostTensor &)> visit) const;

private:
  std::string path, function;
  std::unique_ptr<PreparedModel> model;
  std::vector<Value> values;
};
} // namespace

/// The function whose ops are compared, or null.
static func::FuncOp findFunction(ModuleOp module) {
  for (StringRef name : kFunctions)
    if (auto function = module.lookupSymbol<func::FuncOp>(name))
      return function;
  return nullptr;
}

/// Imported decoders have `@score` only where that is asked for.
static Expected<std::unique_ptr<PreparedModel>> prepare(const ModelForm &form,
                                                        MLIRContext &context) {
  Expected<std::unique_ptr<PreparedModel>> model =
      prepareModel(form.path, form.options, &context);
  if (!model || findFunction(*(*model)->module))
    return model;
  if (is_contained({".mlir", ".mlirbc"}, sys::path::extension(form.path)))
    return makeFileError(form.path, "has neither @score nor @encode, whose ops "
                                    "are compared");
  CompileOptions options = form.options;
  options.score = true;
  return prepareModel(form.path, options, &context);
}

Expected<std::unique_ptr<Side>> Side::create(const ModelForm &form,
                                             MLIRContext &context) {
  Expected<std::unique_ptr<PreparedModel>> model = prepare(form, context);
  if (!model)
    return model.takeError();
  auto side = std::make_unique<Side>();
  side->path = form.path;
  side->model = std::move(*model);
  func::FuncOp function = findFunction(*side->model->module);
  side->function = function.getSymName().str();
  for (Operation &op : function.getBody().front())
    if (Value value = getComparedResult(op))
      side->values.push_back(value);
  return side;
}

Error Side::evaluate(
    ArrayRef<int32_t> tokens,
    llvm::function_ref<void(size_t, const HostTensor &)> visit) const {
  NpyArray array{
      ElementType::I32, {1, static_cast<int64_t>(tokens.size())}, {}};
  auto bytes = reinterpret_cast<const uint8_t *>(tokens.data());
  array.data.assign(bytes, bytes + tokens.size() * sizeof(int32_t));
  llvm::DenseMap<Value, size_t> places;
  for (auto [place, value] : enumerate(values))
    places[value] = place;
  EvaluatorOptions options;
  options.onResult = [&](Value value, const HostTensor &tensor) {
    if (auto found = places.find(value); found != places.end())
      visit(found->second, tensor);
  };
  Expected<EvaluatedCall> call =
      evaluateWithArrays(*model, function, array, options);
  if (!call)
    return makeFileError(path, toString(call.takeError()));
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Comparison
//===----------------------------------------------------------------------===//

static std::string describe(Value value) {
  std::string text = value.getDefiningOp()->getName().getStringRef().str();
  raw_string_ostream(text) << " of " << value.getType();
  return text;
}

/// The ops of both, in pairs.
static Expected<std::vector<OpDifference>> pairUp(const Side &side,
                                                  const Side &reference) {
  ArrayRef<Value> values = side.getValues(), others = reference.getValues();
  std::vector<OpDifference> result;
  std::vector<std::string> last;
  for (size_t i = 0, end = std::max(values.size(), others.size()); i < end;
       ++i) {
    std::string own = i < values.size() ? describe(values[i]) : "no more ops";
    std::string other = i < others.size() ? describe(others[i]) : "no more ops";
    if (own != other)
      return makeFileError(side.getPath(),
                           "op " + Twine(i) + " is " + own + ", but " +
                               reference.getPath() + " has " + other +
                               "; only forms of one model can be compared");
    Operation *op = values[i].getDefiningOp();
    OpDifference difference;
    difference.op = op->getName().getStringRef().str();
    for (Value operand : op->getOperands())
      addParameters(operand, difference.parameters);
    difference.usesParameters = !difference.parameters.empty();
    if (difference.usesParameters)
      last = difference.parameters;
    difference.parameters = last;
    result.push_back(std::move(difference));
  }
  return result;
}

/// ||x - y|| / ||y||.
static double getRelativeError(ArrayRef<double> x, ArrayRef<double> y) {
  double difference = 0, squares = 0;
  for (auto [a, b] : zip_equal(x, y)) {
    difference += (a - b) * (a - b);
    squares += b * b;
  }
  return difference == 0 ? 0 : std::sqrt(difference / squares);
}

Expected<std::vector<OpDifference>>
compress::compareModels(const ModelForm &model, const ModelForm &reference,
                        ArrayRef<int32_t> tokens) {
  DialectRegistry registry;
  registerCodegenDialects(registry);
  MLIRContext context(registry);
  Expected<std::unique_ptr<Side>> other = Side::create(reference, context);
  if (!other)
    return other.takeError();
  Expected<std::unique_ptr<Side>> own = Side::create(model, context);
  if (!own)
    return own.takeError();
  Expected<std::vector<OpDifference>> result = pairUp(**own, **other);
  if (!result)
    return result.takeError();
  std::vector<HostTensor> expected((*other)->getValues().size());
  if (Error error = (*other)->evaluate(
          tokens, [&](size_t place, const HostTensor &tensor) {
            expected[place] = tensor;
          }))
    return std::move(error);
  if (Error error =
          (*own)->evaluate(tokens, [&](size_t place, const HostTensor &tensor) {
            OpDifference &difference = (*result)[place];
            difference.shape.assign(tensor.getShape().begin(),
                                    tensor.getShape().end());
            difference.relativeError = getRelativeError(
                tensor.getDoubles(), expected[place].getDoubles());
            expected[place] = HostTensor();
          }))
    return std::move(error);
  return result;
}

std::optional<size_t>
compress::findDivergence(ArrayRef<OpDifference> differences, double threshold) {
  for (auto [index, difference] : enumerate(differences))
    if (!(difference.relativeError <= threshold))
      return index;
  return std::nullopt;
}
