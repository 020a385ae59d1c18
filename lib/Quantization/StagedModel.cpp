//===- StagedModel.cpp - A model that runs block by block -----------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Quantization/StagedModel.h"

#include "compress/JIT/JIT.h"
#include "compress/Support/Error.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MLProgram/IR/MLProgram.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"

#include <cstring>

using namespace llvm;
using namespace mlir;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// The chain
//===----------------------------------------------------------------------===//

Expected<std::unique_ptr<StagedModel>>
StagedModel::create(StringRef path, const CompileOptions &options) {
  CompileOptions staged = options;
  staged.stages = true;
  staged.simulate = true;
  if (staged.observe.empty())
    staged.observe = "score";
  Expected<CPUTarget> target = CPUTarget::parse("native");
  if (!target)
    return target.takeError();
  Expected<CompiledModel> compiled = compileModel(path, staged, *target);
  if (!compiled)
    return compiled.takeError();
  std::unique_ptr<StagedModel> model(new StagedModel(std::move(*compiled)));
  if (Error error = model->findStages())
    return makeFileError(path, toString(std::move(error)));
  return model;
}

const ParameterPlan &StagedModel::getPlan(StringRef symbol) const {
  auto found = indices.find(symbol);
  assert(found != indices.end() && "stages name the model's parameters");
  return compiled.model->parameters[found->second];
}

Error StagedModel::findStages() {
  for (auto [index, plan] : enumerate(compiled.model->parameters))
    indices[plan.symbol] = index;
  // compress-split-stages makes them in order.
  for (auto func : compiled.model->module->getOps<func::FuncOp>()) {
    if (!func.isPublic())
      continue;
    Stage &stage = stages.emplace_back();
    stage.function = func.getSymName().str();
    llvm::SetVector<size_t> read;
    func.walk([&](ml_program::GlobalLoadConstOp load) {
      read.insert(indices.lookup(load.getGlobal().getLeafReference()));
    });
    stage.parameters.assign(read.begin(), read.end());
    if (Error error = readSignature(stage))
      return error;
  }
  return Error::success();
}

/// The columns of rows of f32, or an error.
static Expected<int64_t> getColumns(const Stage &stage,
                                    const ValueSignature &value) {
  if (value.element == ElementType::F32 && value.shape.size() == 2 &&
      value.shape[1].isStatic())
    return value.shape[1].size;
  return makeError("function '" + stage.function + "': '" + value.name +
                   "' is no matrix of rows, which calibration needs");
}

Error StagedModel::readSignature(Stage &stage) {
  auto signature =
      find_if(compiled.code.functions, [&](const FunctionSignature &candidate) {
        return candidate.name == stage.function;
      });
  assert(signature != compiled.code.functions.end() && "was compiled");
  bool isFirst = stages.size() == 1;
  if (signature->arguments.size() != (isFirst ? 1 : 2) ||
      signature->arguments[0].element != ElementType::I32 ||
      signature->arguments[0].shape.size() != 2)
    return makeError("function '" + stage.function +
                     "' takes other arguments than tokens; calibration runs "
                     "functions of tokens, [batch, tokens]");
  if (!isFirst) {
    Expected<int64_t> columns = getColumns(stage, signature->arguments[1]);
    if (!columns)
      return columns.takeError();
    stage.inputColumns = *columns;
  }
  for (auto [index, result] : enumerate(signature->results)) {
    StringRef name = result.name;
    if (name != "boundary" && !name.consume_front("observed "))
      continue;
    Expected<int64_t> columns = getColumns(stage, result);
    if (!columns)
      return columns.takeError();
    if (name == "boundary") {
      stage.outputColumns = *columns;
      continue;
    }
    Stage::Observed &observed =
        stage.observed.emplace_back(Stage::Observed{index, *columns, {}});
    for (StringRef parameter : split(name, ' '))
      observed.parameters.push_back(parameter.str());
  }
  return Error::success();
}

//===----------------------------------------------------------------------===//
// One stage
//===----------------------------------------------------------------------===//

/// A plan whose values are given in f32.
static ParameterPlan withValues(const ParameterPlan &plan,
                                ArrayRef<float> values) {
  ParameterPlan result = plan;
  result.stored = std::nullopt;
  result.simulated = std::nullopt;
  result.algorithm = nullptr;
  result.history = std::nullopt;
  result.awaitsCalibration = false;
  result.load = [values]() -> Expected<SmallVector<ComponentData>> {
    ComponentData data(values.size() * sizeof(float));
    std::memcpy(data.data(), values.data(), data.size());
    return SmallVector<ComponentData>{std::move(data)};
  };
  return result;
}

Expected<std::unique_ptr<LoadedStage>>
LoadedStage::create(const StagedModel &model, size_t stage,
                    const StringMap<std::vector<float>> &values,
                    unsigned threads) {
  std::unique_ptr<LoadedStage> loaded(
      new LoadedStage(model, model.getStages()[stage]));
  if (Error error = loaded->loadParameters(values, threads))
    return std::move(error);
  if (Error error = loaded->loadCode(threads))
    return std::move(error);
  return loaded;
}

Error LoadedStage::loadCode(unsigned threads) {
  ProgramParts parts;
  for (const AlignedBuffer &buffer : parameters)
    parts.parameters.push_back({buffer.get(), buffer.size(), 1});
  Expected<std::unique_ptr<Program>> made =
      compress::loadCode(model.getCode(), std::move(parts));
  if (!made)
    return made.takeError();
  program = std::move(*made);
  Expected<const ProgramFunction *> found = program->find(stage.function);
  if (!found)
    return found.takeError();
  function = *found;
  executor = std::make_unique<Executor>(*program, threads);
  return Error::success();
}

Error LoadedStage::loadParameters(const StringMap<std::vector<float>> &values,
                                  unsigned threads) {
  ArrayRef<ParameterEntry> table = model.getCode().parameters;
  // Stages read f32, of which a parameter has one component.
  for (auto [place, entry] : enumerate(table))
    places[entry.symbol] = place;
  parameters.resize(table.size());
  std::vector<ParameterPlan> plans;
  for (size_t index : stage.parameters) {
    const ParameterPlan &plan = model.getModel().parameters[index];
    if (!places.contains(plan.symbol))
      continue;
    auto given = values.find(plan.symbol);
    plans.push_back(given == values.end() ? plan
                                          : withValues(plan, given->second));
  }
  return layOutAll(
      plans, threads, [&](size_t index, LaidOutParameter result) -> Error {
        assert(result.components.size() == 1 && "f32");
        const ComponentData &data = result.components.front();
        AlignedBuffer &buffer = parameters[places.lookup(plans[index].symbol)];
        if (Error error = buffer.grow(std::max<int64_t>(data.size(), 1),
                                      "a stage's parameters"))
          return error;
        std::memcpy(buffer.get(), data.data(), data.size());
        return Error::success();
      });
}

Error LoadedStage::setValues(StringRef symbol, ArrayRef<float> values) {
  auto place = places.find(symbol);
  assert(place != places.end() && "a parameter of the stage");
  Expected<LaidOutParameter> result =
      layOut(withValues(model.getPlan(symbol), values));
  if (!result)
    return result.takeError();
  const ComponentData &data = result->components.front();
  std::memcpy(parameters[place->second].get(), data.data(), data.size());
  return Error::success();
}

Error LoadedStage::allocate(int64_t tokens) {
  rows = tokens;
  const FunctionSignature &signature = function->signature;
  auto add = [&](const ValueSignature &value) -> Error {
    CompressTensor tensor{};
    int64_t bytes = getElementBytes(value.element);
    for (auto [index, size] : enumerate(value.shape)) {
      // One sequence: a batch of one, all of whose rows are the sequence's.
      bool isBatch =
          value.shape.size() == 3 || value.element != ElementType::F32;
      tensor.sizes[index] = size.isStatic()         ? size.size
                            : isBatch && index == 0 ? 1
                                                    : tokens;
      bytes *= tensor.sizes[index];
    }
    Expected<AlignedBuffer> buffer = AlignedBuffer::create(
        std::max<int64_t>(bytes, 1), "a stage's activations");
    if (!buffer)
      return buffer.takeError();
    tensor.data = buffer->get();
    buffers.push_back(std::move(*buffer));
    tensors.push_back(tensor);
    return Error::success();
  };
  buffers.clear();
  tensors.clear();
  for (const auto *values : {&signature.arguments, &signature.results})
    for (const ValueSignature &value : *values)
      if (Error error = add(value))
        return error;
  return Error::success();
}

Error LoadedStage::run(ArrayRef<int32_t> tokens, ArrayRef<float> input) {
  assert(int64_t(input.size()) == int64_t(tokens.size()) * stage.inputColumns);
  if (rows != int64_t(tokens.size()))
    if (Error error = allocate(tokens.size()))
      return error;
  std::memcpy(tensors[0].data, tokens.data(), tokens.size() * sizeof(int32_t));
  if (!input.empty())
    std::memcpy(tensors[1].data, input.data(), input.size() * sizeof(float));
  return executor->call(*function, tensors);
}

ArrayRef<float> LoadedStage::getResult(size_t index) const {
  const FunctionSignature &signature = function->signature;
  const CompressTensor &tensor = tensors[signature.arguments.size() + index];
  size_t count = 1;
  for (size_t i = 0; i < signature.results[index].shape.size(); ++i)
    count *= tensor.sizes[i];
  return {static_cast<const float *>(tensor.data), count};
}

ArrayRef<float> LoadedStage::getOutput() const {
  return stage.outputColumns ? getResult(0) : ArrayRef<float>();
}

MatrixRef LoadedStage::getObserved(size_t index) const {
  const Stage::Observed &observed = stage.observed[index];
  return {getResult(observed.result), rows, observed.columns};
}

Expected<int64_t> LoadedStage::countRunBytes(const StagedModel &model,
                                             size_t stage, int64_t tokens,
                                             unsigned threads) {
  LoadedStage empty(model, model.getStages()[stage]);
  empty.parameters.resize(model.getCode().parameters.size());
  if (Error error = empty.loadCode(threads))
    return std::move(error);
  // Memory that nobody touches takes none.
  if (Error error = empty.allocate(tokens))
    return std::move(error);
  int64_t bytes = empty.function->workspace(empty.tensors.data(), threads);
  for (const AlignedBuffer &buffer : empty.buffers)
    bytes += buffer.size();
  return bytes;
}
