//===- GraphBuilder.cpp - Functions from steps ----------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GraphBuilder.h"

#include "compress/Import/EncodingAttributes.h"
#include "compress/Support/Error.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MLProgram/IR/MLProgram.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace mlir;
using namespace mlir::compress;

GraphBuilder::GraphBuilder(GraphModel &model)
    : model(model),
      b(model.module.getLoc(), OpBuilder::atBlockEnd(model.module.getBody())) {}

Value GraphBuilder::setRows(Value activation, Value count) {
  rows[activation] = count;
  return activation;
}

Value GraphBuilder::makeEmpty(Value count, int64_t columns) {
  return tensor::EmptyOp::create(
      b, ArrayRef<OpFoldResult>{count, b.getIndexAttr(columns)},
      b.getF32Type());
}

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

/// Makes the global of a parameter. Its type has the encoding of the stored
/// tensor, except that vectors are plain f32: they are small, and kernels read
/// them beside every product.
Error GraphBuilder::addGlobal(const ModelParameter &parameter) {
  const StoredTensor &tensor = *parameter.tensor;
  Attribute stored;
  if (std::optional<EncodingSpec> spec =
          ImportedParameter{parameter.symbol, &tensor}.getStoredEncoding()) {
    Expected<Attribute> encoding = getEncodingAttr(b.getContext(), *spec);
    if (!encoding)
      return tensor.fail(toString(encoding.takeError()));
    stored = *encoding;
  }
  bool isVector = parameter.shape.size() == 1;
  auto type = RankedTensorType::get(parameter.shape, b.getF32Type(),
                                    isVector ? Attribute() : stored);
  auto value = ParameterAttr::get(
      b.getContext(), tensor.getArchive(), tensor.name,
      /*component=*/nullptr, isVector ? stored : Attribute());
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(b.getInsertionBlock()->getParentOp());
  ml_program::GlobalOp::create(b, parameter.symbol, type, /*is_mutable=*/false,
                               value, b.getStringAttr("private"));
  return Error::success();
}

Expected<Value> GraphBuilder::load(const ModelParameter &parameter) {
  Value &value = loads[&parameter];
  if (value)
    return value;
  model.used.insert(&parameter);
  if (model.globals.insert(&parameter))
    if (Error error = addGlobal(parameter))
      return error;
  auto global =
      model.module.lookupSymbol<ml_program::GlobalOp>(parameter.symbol);
  value = ml_program::GlobalLoadConstOp::create(
      b, global.getType(), FlatSymbolRefAttr::get(global.getSymNameAttr()));
  return value;
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

/// Adds a function and goes into its body.
Error GraphBuilder::addFunction(StringRef name, ArrayRef<Type> inputs,
                                ArrayRef<StringRef> inputNames, Type result) {
  b.setInsertionPointToEnd(model.module.getBody());
  auto function =
      func::FuncOp::create(b, name, b.getFunctionType(inputs, {result}));
  Block *block = function.addEntryBlock();
  for (auto [argument, name] : zip_equal(block->getArguments(), inputNames))
    argument.setLoc(NameLoc::get(b.getStringAttr(name)));
  b.setInsertionPointToStart(block);
  return Error::success();
}

Error GraphBuilder::buildStep() {
  auto ids = RankedTensorType::get({ShapedType::kDynamic}, b.getI32Type());
  auto result = RankedTensorType::get({ShapedType::kDynamic, model.vocabulary},
                                      b.getF32Type());
  if (Error error = addFunction(
          "step", {ids, ids, ids, ids, model.cache},
          {"tokens", "sequence", "position", "wanted", "cache"}, result))
    return error;
  Block *block = b.getInsertionBlock();
  tokens = block->getArgument(0);
  sequence = block->getArgument(1);
  positions = block->getArgument(2);
  wanted = block->getArgument(3);
  cache = block->getArgument(4);
  setRows(tokens, tensor::DimOp::create(b, tokens, 0));
  if (Error error = buildBody())
    return error;
  Expected<Value> logits = getOutput("logits", model.vocabulary);
  if (!logits)
    return logits.takeError();
  func::ReturnOp::create(b, *logits);
  return Error::success();
}

/// A number for each token of a batch of whole sequences.
Value GraphBuilder::makeIds(function_ref<Value(OpBuilder &, Location)> body) {
  Value empty = tensor::EmptyOp::create(
      b, ArrayRef<OpFoldResult>{batch, length}, b.getI32Type());
  auto map = b.getMultiDimIdentityMap(2);
  SmallVector<utils::IteratorType> loops(2, utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      b, empty.getType(), ValueRange{}, empty, ArrayRef<AffineMap>{map}, loops,
      [&](OpBuilder &nested, Location loc, ValueRange) {
        linalg::YieldOp::create(nested, loc, body(nested, loc));
      });
  Value ids = tensor::CollapseShapeOp::create(
      b, generic.getResult(0), ArrayRef<ReassociationIndices>{{0, 1}});
  return setRows(ids, getRows(tokens));
}

/// A function of whole sequences of one length, which gives `columns` numbers
/// per token: what the epilogue leaves at the name `output`.
Error GraphBuilder::buildOnBatch(StringRef name, StringRef output,
                                 int64_t columns) {
  constexpr int64_t dynamic = ShapedType::kDynamic;
  auto ids = RankedTensorType::get({dynamic, dynamic}, b.getI32Type());
  auto result =
      RankedTensorType::get({dynamic, dynamic, columns}, b.getF32Type());
  if (Error error = addFunction(name, {ids}, {"tokens"}, result))
    return error;
  Value argument = b.getInsertionBlock()->getArgument(0);
  batch = tensor::DimOp::create(b, argument, 0);
  length = tensor::DimOp::create(b, argument, 1);
  tokens = tensor::CollapseShapeOp::create(
      b, argument, ArrayRef<ReassociationIndices>{{0, 1}});
  setRows(tokens, arith::MulIOp::create(b, batch, length));
  // A position is the column of the batch.
  positions = makeIds([](OpBuilder &nested, Location loc) -> Value {
    Value column = linalg::IndexOp::create(nested, loc, 1);
    return arith::IndexCastOp::create(nested, loc, nested.getI32Type(), column);
  });
  // A text is one sentence, the first.
  if (model.architecture.kind == ArchitectureKind::Encoder)
    scope["token_types"] = makeIds([](OpBuilder &nested, Location loc) {
      return arith::ConstantOp::create(nested, loc, nested.getI32IntegerAttr(0))
          .getResult();
    });
  if (Error error = buildBody())
    return error;
  Expected<Value> rows = getOutput(output, columns);
  if (!rows)
    return rows.takeError();
  Value expanded = tensor::ExpandShapeOp::create(
      b, result, *rows, ArrayRef<ReassociationIndices>{{0, 1}, {2}},
      ArrayRef<OpFoldResult>{batch, length, b.getIndexAttr(columns)});
  func::ReturnOp::create(b, expanded);
  return Error::success();
}

Error GraphBuilder::buildScore() {
  return buildOnBatch("score", "logits", model.vocabulary);
}

Error GraphBuilder::buildEncode() {
  return buildOnBatch("encode", "hidden_states", model.width);
}

Expected<Value> GraphBuilder::getOutput(StringRef name, int64_t columns) {
  Value output = scope.lookup(name);
  auto expected =
      RankedTensorType::get({ShapedType::kDynamic, columns}, b.getF32Type());
  if (!output || output.getType() != expected)
    return makeFileError(model.architecture.path,
                         "its epilogue does not leave \"" + name + "\" with " +
                             Twine(columns) + " columns, " +
                             (columns == model.vocabulary
                                  ? "one per token of the vocabulary"
                                  : "as \"width\" says"));
  return output;
}

Error GraphBuilder::buildBody() {
  scope["tokens"] = tokens;
  scope["positions"] = setRows(positions, getRows(tokens));
  if (Error error = buildSteps("prologue", model.architecture.prologue))
    return error;
  Expected<int64_t> layers = model.values.evaluateInteger("layers");
  if (!layers)
    return layers.takeError();
  for (int64_t i = 0; i != *layers; ++i) {
    layer = i;
    if (Error error = buildSteps("layer", model.architecture.layer))
      return error;
  }
  layer.reset();
  return buildSteps("epilogue", model.architecture.epilogue);
}

Error GraphBuilder::buildSteps(StringRef section,
                               ArrayRef<ArchitectureStep> steps) {
  for (auto [index, step] : enumerate(steps)) {
    StepFields fields(*this, step, section, index);
    if (fields.has("when")) {
      Expected<bool> wantedStep = fields.getBoolean("when");
      if (!wantedStep)
        return wantedStep.takeError();
      if (!*wantedStep)
        continue;
    }
    StepHandler handler = findStepHandler(step.op);
    if (!handler)
      return fields.fail("this op is not known; known are " + getStepNames());
    std::string name = layer ? ("blk." + Twine(*layer)).str() : section.str();
    b.setLoc(NameLoc::get(b.getStringAttr(name + "." + step.op)));
    if (Error error = handler(*this, fields))
      return error;
    if (Error error = fields.finish())
      return error;
  }
  return Error::success();
}

//===----------------------------------------------------------------------===//
// StepFields
//===----------------------------------------------------------------------===//

StepFields::StepFields(GraphBuilder &graph, const ArchitectureStep &step,
                       StringRef section, size_t index)
    : graph(graph), step(step), where(("step " + Twine(index + 1) + " (" +
                                       step.op + ") of \"" + section + "\"")
                                          .str()) {}

Error StepFields::fail(const Twine &message) const {
  return makeFileError(graph.model.architecture.path, where + ": " + message);
}

bool StepFields::has(StringRef field) const {
  return step.fields.count(field.str());
}

Expected<StringRef> StepFields::getText(StringRef field) {
  asked.insert(field);
  auto it = step.fields.find(field.str());
  if (it == step.fields.end())
    return fail("lacks \"" + field + "\"");
  return StringRef(it->second);
}

bool StepFields::isKnownParameter(StringRef name) const {
  const Architecture &architecture = graph.model.architecture;
  return architecture.parameters.count(name.str()) ||
         (graph.layer && architecture.layerParameters.count(name.str()));
}

Expected<const ModelParameter *> StepFields::getParameter(StringRef field) {
  asked.insert(field);
  if (!has(field))
    return nullptr;
  Expected<StringRef> name = getText(field);
  if (!name)
    return name.takeError();
  if (!isKnownParameter(*name))
    return fail("\"" + field + "\" names \"" + *name +
                "\", which is no parameter");
  const ModelParameters &parameters = graph.model.parameters;
  if (graph.layer)
    if (const ModelParameter *found = parameters.find(*name, graph.layer))
      return found;
  return parameters.find(*name, std::nullopt);
}

Expected<Value> StepFields::getOptionalValue(StringRef field) {
  asked.insert(field);
  if (!has(field))
    return Value();
  Expected<StringRef> name = getText(field);
  if (!name)
    return name.takeError();
  bool isParameter = isKnownParameter(*name);
  if (Value value = graph.scope.lookup(*name)) {
    if (isParameter)
      return fail("\"" + *name + "\" is both a value and a parameter");
    return value;
  }
  if (!isParameter)
    return fail("\"" + field + "\" names \"" + *name +
                "\", which is neither a value nor a parameter");
  Expected<const ModelParameter *> parameter = getParameter(field);
  if (!parameter)
    return parameter.takeError();
  return *parameter ? graph.load(**parameter) : Expected<Value>(Value());
}

Expected<Value> StepFields::getValue(StringRef field) {
  Expected<StringRef> name = getText(field);
  if (!name)
    return name.takeError();
  Expected<Value> value = getOptionalValue(field);
  if (value && !*value)
    return fail("\"" + field + "\" names \"" + *name +
                "\", which this model does not have");
  return value;
}

Expected<Value> StepFields::getActivation(StringRef field) {
  Expected<Value> value = getValue(field);
  if (!value)
    return value;
  auto type = dyn_cast<RankedTensorType>(value->getType());
  if (!type || type.getRank() != 2 || !graph.getRows(*value))
    return fail("\"" + field + "\" must name an activation");
  return value;
}

/// Evaluates a field with a member function of Hyperparameters.
#define COMPRESS_EVALUATE_FIELD(method)                                        \
  Expected<StringRef> formula = getText(field);                                \
  if (!formula)                                                                \
    return formula.takeError();                                                \
  auto value = graph.model.values.method(*formula, graph.layer);               \
  if (!value)                                                                  \
    return fail(toString(value.takeError()));                                  \
  return *value

Expected<int64_t> StepFields::getInteger(StringRef field) {
  COMPRESS_EVALUATE_FIELD(evaluateInteger);
}

Expected<double> StepFields::getNumber(StringRef field) {
  COMPRESS_EVALUATE_FIELD(evaluateNumber);
}

Expected<bool> StepFields::getBoolean(StringRef field) {
  COMPRESS_EVALUATE_FIELD(evaluateBoolean);
}

Expected<std::string> StepFields::getString(StringRef field) {
  COMPRESS_EVALUATE_FIELD(evaluateString);
}

#undef COMPRESS_EVALUATE_FIELD

Error StepFields::setResult(Value value, StringRef field) {
  Expected<StringRef> name = getText(field);
  if (!name)
    return name.takeError();
  if (isKnownParameter(*name))
    return fail("its result has the name of the parameter \"" + *name + "\"");
  graph.scope[*name] = value;
  return Error::success();
}

Error StepFields::finish() const {
  for (const auto &[field, text] : step.fields)
    if (!asked.contains(field))
      return fail("has the unknown field \"" + field + "\"");
  return Error::success();
}
