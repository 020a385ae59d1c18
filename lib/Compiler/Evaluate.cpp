//===- Evaluate.cpp - What a model computes by definition -----------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Compiler/Evaluate.h"

#include "compress/Runtime/Call.h"
#include "compress/Support/Error.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace llvm;
using namespace mlir;
using namespace mlir::compress;

ParameterSource compress::getParameterSource(const PreparedModel &model) {
  StringMap<const ParameterPlan *> plans;
  for (const ParameterPlan &plan : model.parameters)
    plans[plan.symbol] = &plan;
  return [plans = std::move(plans)](
             StringRef symbol, RankedTensorType type) -> Expected<HostTensor> {
    auto found = plans.find(symbol);
    assert(found != plans.end() && "each global has a plan");
    ParameterPlan plan = *found->second;
    plan.layouts.clear();
    Expected<LaidOutParameter> parameter = layOut(plan);
    if (!parameter)
      return parameter.takeError();
    SmallVector<ComponentData> components(
        std::make_move_iterator(parameter->components.begin()),
        std::make_move_iterator(parameter->components.end()));
    return HostTensor::get(type, std::move(components));
  };
}

static Expected<FunctionSignature> findFunction(ModuleOp module,
                                                StringRef name) {
  Expected<std::vector<FunctionSignature>> signatures = getSignatures(module);
  if (!signatures)
    return signatures.takeError();
  std::string known;
  for (FunctionSignature &signature : *signatures) {
    if (signature.name == name)
      return std::move(signature);
    known += (known.empty() ? "" : ", ") + signature.name;
  }
  return makeError("the model has no function '" + name + "'; it has " +
                   (known.empty() ? "none" : known));
}

Expected<EvaluatedCall>
compress::evaluateWithArrays(const PreparedModel &model, StringRef function,
                             ArrayRef<NpyArray> arguments,
                             const EvaluatorOptions &evaluatorOptions) {
  Expected<FunctionSignature> signature = findFunction(*model.module, function);
  if (!signature)
    return signature.takeError();
  if (Error error = verifyArguments(*signature, arguments))
    return error;
  auto op = model.module.get().lookupSymbol<func::FuncOp>(function);
  SmallVector<RuntimeValue> values;
  for (auto [type, array] : zip_equal(op.getArgumentTypes(), arguments)) {
    auto tensorType = RankedTensorType::get(
        array.shape, cast<RankedTensorType>(type).getElementType());
    Expected<HostTensor> tensor = HostTensor::get(
        tensorType, {ComponentData(array.data.begin(), array.data.end())});
    if (!tensor)
      return tensor.takeError();
    values.push_back(std::move(*tensor));
  }
  Evaluator evaluator(*model.module, getParameterSource(model),
                      evaluatorOptions);
  Expected<SmallVector<RuntimeValue>> results =
      evaluator.call(function, values);
  if (!results)
    return results.takeError();
  EvaluatedCall call;
  for (auto [value, result] : zip_equal(signature->results, *results)) {
    const auto &tensor = std::get<HostTensor>(result);
    call.results.push_back({value.element,
                            SmallVector<int64_t>(tensor.getShape()),
                            tensor.getBytes().vec()});
  }
  call.signature = std::move(*signature);
  return call;
}

Expected<EvaluatedCall>
compress::evaluateModel(StringRef path, const CompileOptions &options,
                        StringRef function, ArrayRef<NpyArray> arguments,
                        const EvaluatorOptions &evaluatorOptions) {
  DialectRegistry registry;
  registerCodegenDialects(registry);
  MLIRContext context(registry);
  Expected<std::unique_ptr<PreparedModel>> model =
      prepareModel(path, options, &context);
  if (!model)
    return model.takeError();
  Expected<EvaluatedCall> call =
      evaluateWithArrays(**model, function, arguments, evaluatorOptions);
  if (!call)
    return makeFileError(path, toString(call.takeError()));
  return call;
}
