//===- GraphSteps.cpp - The ops that architecture files name --------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GraphBuilder.h"

#include "compress/Import/Rotary.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

using namespace llvm;
using namespace mlir;
using namespace mlir::compress;

static int64_t getColumns(Value activation) {
  return cast<RankedTensorType>(activation.getType()).getDimSize(1);
}

/// Takes the value out of an Expected or returns its error from the handler.
#define COMPRESS_TAKE(name, expression)                                        \
  auto name##OrError = (expression);                                           \
  if (!name##OrError)                                                          \
    return name##OrError.takeError();                                          \
  auto name = *name##OrError

/// gather_rows: result[t, :] = table[rows[t], :].
static Error buildGatherRows(GraphBuilder &graph, StepFields &fields) {
  COMPRESS_TAKE(table, fields.getValue("table"));
  COMPRESS_TAKE(rows, fields.getValue("rows"));
  auto type = dyn_cast<RankedTensorType>(table.getType());
  Value count = graph.getRows(rows);
  if (!type || type.getRank() != 2 || !count)
    return fields.fail("needs a table of two dimensions and \"tokens\"");
  auto result = RankedTensorType::get(
      {ShapedType::kDynamic, type.getDimSize(1)}, graph.b.getF32Type());
  Value gathered = lm::GatherRowsOp::create(graph.b, result, table, rows);
  return fields.setResult(graph.setRows(gathered, count));
}

/// wanted_rows: the rows whose logits the caller wants; all where it can't say.
static Error buildWantedRows(GraphBuilder &graph, StepFields &fields) {
  COMPRESS_TAKE(input, fields.getActivation("input"));
  if (!graph.isCached())
    return fields.setResult(input);
  Value count = graph.getRows(graph.wanted);
  if (!count)
    count = graph.setRows(graph.wanted,
                          tensor::DimOp::create(graph.b, graph.wanted, 0)),
    count = graph.getRows(graph.wanted);
  Value rows =
      lm::GatherRowsOp::create(graph.b, input.getType(), input, graph.wanted);
  return fields.setResult(graph.setRows(rows, count));
}

/// rms_norm: each row, or with "group" each run of so many columns, divided by
/// its root mean square and multiplied by the weight.
static Error buildRMSNorm(GraphBuilder &graph, StepFields &fields) {
  COMPRESS_TAKE(input, fields.getActivation("input"));
  COMPRESS_TAKE(weight, fields.getValue("weight"));
  COMPRESS_TAKE(epsilon, fields.getNumber("epsilon"));
  ImplicitLocOpBuilder &b = graph.b;
  Value count = graph.getRows(input);
  int64_t columns = getColumns(input), group = columns;
  if (fields.has("group")) {
    COMPRESS_TAKE(size, fields.getInteger("group"));
    group = size;
  }
  if (group <= 0 || columns % group)
    return fields.fail("\"group\" does not divide the columns");
  auto weightType = dyn_cast<RankedTensorType>(weight.getType());
  if (!weightType || weightType.getShape() != ArrayRef(group))
    return fields.fail("its weight does not have " + Twine(group) +
                       " elements");
  constexpr int64_t dynamic = ShapedType::kDynamic;
  SmallVector<ReassociationIndices> split{{0, 1}, {2}}, join{{0}, {1, 2}};
  Value normed = input;
  auto heads =
      RankedTensorType::get({dynamic, columns / group, group}, b.getF32Type());
  SmallVector<OpFoldResult> sizes{count, b.getIndexAttr(columns / group),
                                  b.getIndexAttr(group)};
  if (group != columns) {
    normed = tensor::ExpandShapeOp::create(b, heads, normed, join, sizes);
    normed = tensor::CollapseShapeOp::create(b, normed, split);
  }
  normed = lm::RMSNormOp::create(b, normed.getType(), normed, weight,
                                 b.getF32FloatAttr(epsilon));
  if (group != columns) {
    normed = tensor::ExpandShapeOp::create(b, heads, normed, split, sizes);
    normed = tensor::CollapseShapeOp::create(b, normed, join);
  }
  return fields.setResult(graph.setRows(normed, count));
}

/// layer_norm: each row brought to mean 0 and variance 1, multiplied by the
/// weight, and with "bias" added to it.
static Error buildLayerNorm(GraphBuilder &graph, StepFields &fields) {
  COMPRESS_TAKE(input, fields.getActivation("input"));
  COMPRESS_TAKE(weight, fields.getValue("weight"));
  COMPRESS_TAKE(bias, fields.getOptionalValue("bias"));
  COMPRESS_TAKE(epsilon, fields.getNumber("epsilon"));
  for (Value vector : {weight, bias}) {
    if (!vector)
      continue;
    auto type = dyn_cast<RankedTensorType>(vector.getType());
    if (!type || type.getShape() != ArrayRef(getColumns(input)))
      return fields.fail("its weight and bias do not have " +
                         Twine(getColumns(input)) + " elements");
  }
  ImplicitLocOpBuilder &b = graph.b;
  Value normed = lm::LayerNormOp::create(b, input.getType(), input, weight,
                                         bias, b.getF32FloatAttr(epsilon));
  return fields.setResult(graph.setRows(normed, graph.getRows(input)));
}

/// rotary_table: cosines and sines per token; see RotaryDescription.
static Error buildRotaryTable(GraphBuilder &graph, StepFields &fields) {
  COMPRESS_TAKE(positions, fields.getValue("positions"));
  COMPRESS_TAKE(divisors, fields.getParameter("factors"));
  RotaryDescription description;
  COMPRESS_TAKE(dimensions, fields.getInteger("dimensions"));
  description.dimensions = dimensions;
  if (fields.has("scaling")) {
    COMPRESS_TAKE(scaling, fields.getString("scaling"));
    description.scaling = scaling;
  }
  for (auto [name, target] :
       {std::pair("base", &description.base),
        std::pair("factor", &description.factor),
        std::pair("low_factor", &description.lowFactor),
        std::pair("high_factor", &description.highFactor),
        std::pair("original_length", &description.originalLength)})
    if (fields.has(name)) {
      COMPRESS_TAKE(number, fields.getNumber(name));
      *target = number;
    }
  if (divisors) {
    COMPRESS_TAKE(values, divisors->tensor->decode());
    description.divisors = values;
    graph.model.used.insert(divisors);
  }
  Expected<std::vector<float>> frequencies = getRotaryFrequencies(description);
  if (!frequencies)
    return fields.fail(toString(frequencies.takeError()));

  ImplicitLocOpBuilder &b = graph.b;
  int64_t count = frequencies->size();
  Value constant = arith::ConstantOp::create(
      b, DenseElementsAttr::get(RankedTensorType::get(count, b.getF32Type()),
                                ArrayRef<float>(*frequencies)));
  auto type =
      RankedTensorType::get({ShapedType::kDynamic, 2 * count}, b.getF32Type());
  Value table = lm::RotaryTableOp::create(b, type, positions, constant);
  return fields.setResult(graph.setRows(table, graph.getRows(graph.tokens)));
}

/// rope: rotates the pairs of each head by the table's angles.
static Error buildRope(GraphBuilder &graph, StepFields &fields) {
  COMPRESS_TAKE(input, fields.getActivation("input"));
  COMPRESS_TAKE(table, fields.getActivation("table"));
  COMPRESS_TAKE(headDim, fields.getInteger("head_dim"));
  COMPRESS_TAKE(interleaved, fields.getBoolean("interleaved"));
  ImplicitLocOpBuilder &b = graph.b;
  Value rotated = lm::RopeOp::create(
      b, input.getType(), input, table, b.getI64IntegerAttr(headDim),
      interleaved ? b.getUnitAttr() : UnitAttr());
  return fields.setResult(graph.setRows(rotated, graph.getRows(input)));
}

/// Adds a vector to each row.
static Value addBias(GraphBuilder &graph, Value input, Value bias) {
  ImplicitLocOpBuilder &b = graph.b;
  AffineMap identity = b.getMultiDimIdentityMap(2);
  AffineMap columns = AffineMap::get(2, 0, b.getAffineDimExpr(1));
  SmallVector<utils::IteratorType> loops(2, utils::IteratorType::parallel);
  Value empty = graph.makeEmpty(graph.getRows(input), getColumns(input));
  return linalg::GenericOp::create(
             b, empty.getType(), ValueRange{input, bias}, empty,
             ArrayRef<AffineMap>{identity, columns, identity}, loops,
             [](OpBuilder &nested, Location loc, ValueRange arguments) {
               Value sum = arith::AddFOp::create(nested, loc, arguments[0],
                                                 arguments[1]);
               linalg::YieldOp::create(nested, loc, sum);
             })
      .getResult(0);
}

/// linear: result[t, n] = sum_k input[t, k] weight[n, k] (+ bias[n]).
static Error buildLinear(GraphBuilder &graph, StepFields &fields) {
  COMPRESS_TAKE(input, fields.getActivation("input"));
  COMPRESS_TAKE(weight, fields.getValue("weight"));
  COMPRESS_TAKE(bias, fields.getOptionalValue("bias"));
  ImplicitLocOpBuilder &b = graph.b;
  auto type = dyn_cast<RankedTensorType>(weight.getType());
  if (!type || type.getRank() != 2 || type.getDimSize(1) != getColumns(input))
    return fields.fail("its weight does not fit an input of " +
                       Twine(getColumns(input)) + " columns");
  int64_t outputs = type.getDimSize(0);
  Value count = graph.getRows(input);
  Value zero = arith::ConstantOp::create(b, b.getF32FloatAttr(0));
  Value init = linalg::FillOp::create(b, zero, graph.makeEmpty(count, outputs))
                   .getResult(0);
  Value product = linalg::MatmulTransposeBOp::create(
                      b, b.getLoc(), init.getType(), ValueRange{input, weight},
                      ValueRange{init})
                      .getResult(0);
  graph.setRows(product, count);
  if (bias) {
    auto biasType = dyn_cast<RankedTensorType>(bias.getType());
    if (!biasType || biasType.getShape() != ArrayRef(outputs))
      return fields.fail("its bias does not have " + Twine(outputs) +
                         " elements");
    product = graph.setRows(addBias(graph, product, bias), count);
  }
  return fields.setResult(product);
}

/// route: the weights of each row's experts, and their numbers.
static Error buildRoute(GraphBuilder &graph, StepFields &fields) {
  COMPRESS_TAKE(input, fields.getActivation("input"));
  COMPRESS_TAKE(count, fields.getInteger("count"));
  COMPRESS_TAKE(normalize, fields.getBoolean("normalize"));
  if (count < 1 || count > getColumns(input))
    return fields.fail("takes from 1 to " + Twine(getColumns(input)) +
                       " experts, not " + Twine(count));
  ImplicitLocOpBuilder &b = graph.b;
  auto getType = [&](Type element) {
    return RankedTensorType::get({ShapedType::kDynamic, count}, element);
  };
  auto route =
      lm::RouteOp::create(b, getType(b.getF32Type()), getType(b.getI32Type()),
                          input, normalize ? b.getUnitAttr() : UnitAttr());
  Value rows = graph.getRows(input);
  if (Error error =
          fields.setResult(graph.setRows(route.getExperts(), rows), "experts"))
    return error;
  return fields.setResult(graph.setRows(route.getWeights(), rows));
}

/// The numbers of experts that a step's field "experts" names.
static Expected<Value> getExperts(StepFields &fields) {
  COMPRESS_TAKE(experts, fields.getActivation("experts"));
  if (!getElementTypeOrSelf(experts.getType()).isInteger(32))
    return fields.fail("\"experts\" must name what a step \"route\" bound");
  return experts;
}

/// dispatch: a row of the input for each expert of its token.
static Error buildDispatch(GraphBuilder &graph, StepFields &fields) {
  COMPRESS_TAKE(input, fields.getActivation("input"));
  COMPRESS_TAKE(experts, getExperts(fields));
  if (graph.getRows(input) != graph.getRows(experts))
    return fields.fail("the input's rows are not those of the experts");
  ImplicitLocOpBuilder &b = graph.b;
  Value count = arith::ConstantIndexOp::create(b, getColumns(experts));
  Value rows = arith::MulIOp::create(b, graph.getRows(input), count);
  auto type = RankedTensorType::get({ShapedType::kDynamic, getColumns(input)},
                                    b.getF32Type());
  Value result = lm::DispatchOp::create(b, type, input, experts);
  return fields.setResult(graph.setRows(result, rows));
}

/// expert_linear: the product of each dispatched row with its expert's matrix.
static Error buildExpertLinear(GraphBuilder &graph, StepFields &fields) {
  COMPRESS_TAKE(input, fields.getActivation("input"));
  COMPRESS_TAKE(experts, getExperts(fields));
  COMPRESS_TAKE(weight, fields.getValue("weight"));
  ImplicitLocOpBuilder &b = graph.b;
  auto type = dyn_cast<RankedTensorType>(weight.getType());
  if (!type || type.getRank() != 3 || type.getDimSize(2) != getColumns(input))
    return fields.fail("its weights are no matrices that fit an input of " +
                       Twine(getColumns(input)) + " columns");
  constexpr int64_t dynamic = ShapedType::kDynamic;
  int64_t outputs = type.getDimSize(1), inputs = type.getDimSize(2);
  Value count = graph.getRows(input);
  Value matrices = lm::GatherExpertsOp::create(
      b,
      RankedTensorType::get({dynamic, outputs, inputs}, b.getF32Type(),
                            type.getEncoding()),
      weight, experts);
  // Each row is a batch entry with a matrix of its own.
  SmallVector<ReassociationIndices> groups{{0, 1}, {2}};
  Value rows = tensor::ExpandShapeOp::create(
      b, RankedTensorType::get({dynamic, 1, inputs}, b.getF32Type()), input,
      groups,
      ArrayRef<OpFoldResult>{count, b.getIndexAttr(1), b.getIndexAttr(inputs)});
  Value empty = tensor::EmptyOp::create(
      b,
      ArrayRef<OpFoldResult>{count, b.getIndexAttr(1), b.getIndexAttr(outputs)},
      b.getF32Type());
  Value zero = arith::ConstantOp::create(b, b.getF32FloatAttr(0));
  Value init = linalg::FillOp::create(b, zero, empty).getResult(0);
  Value product = linalg::BatchMatmulTransposeBOp::create(
                      b, b.getLoc(), init.getType(), ValueRange{rows, matrices},
                      ValueRange{init})
                      .getResult(0);
  Value result = tensor::CollapseShapeOp::create(b, product, groups);
  return fields.setResult(graph.setRows(result, count));
}

/// combine: the weighted sum of the rows of each token's experts.
static Error buildCombine(GraphBuilder &graph, StepFields &fields) {
  COMPRESS_TAKE(input, fields.getActivation("input"));
  COMPRESS_TAKE(weights, fields.getActivation("weights"));
  auto type = RankedTensorType::get({ShapedType::kDynamic, getColumns(input)},
                                    graph.b.getF32Type());
  Value result = lm::CombineOp::create(graph.b, type, input, weights);
  return fields.setResult(graph.setRows(result, graph.getRows(weights)));
}

/// attention: attention with grouped heads, over the cache or over the given
/// keys and values. "window" and "soft_cap" are those of lm.cached_attention;
/// 0 is none. Unless "causal", each token sees all of its text.
static Error buildAttention(GraphBuilder &graph, StepFields &fields) {
  COMPRESS_TAKE(query, fields.getActivation("query"));
  COMPRESS_TAKE(keys, fields.getActivation("keys"));
  COMPRESS_TAKE(values, fields.getActivation("values"));
  COMPRESS_TAKE(headDim, fields.getInteger("head_dim"));
  COMPRESS_TAKE(scale, fields.getNumber("scale"));
  ImplicitLocOpBuilder &b = graph.b;
  FloatAttr scaleAttr = b.getF32FloatAttr(scale), softCapAttr;
  IntegerAttr windowAttr;
  if (fields.has("window")) {
    COMPRESS_TAKE(window, fields.getInteger("window"));
    // A window that no sequence outgrows hides nothing.
    if (window < 0)
      return fields.fail("\"window\" is negative");
    if (window > 0 && window < graph.model.contextLength)
      windowAttr = b.getI64IntegerAttr(window);
  }
  if (fields.has("soft_cap")) {
    COMPRESS_TAKE(softCap, fields.getNumber("soft_cap"));
    if (softCap != 0)
      softCapAttr = b.getF32FloatAttr(softCap);
  }
  UnitAttr bidirectional;
  if (fields.has("causal")) {
    COMPRESS_TAKE(causal, fields.getBoolean("causal"));
    if (!causal && graph.model.cache)
      return fields.fail("a decoder's attention is causal: its cache does not "
                         "have the tokens that are to come");
    if (!causal && windowAttr)
      return fields.fail("\"window\" is for causal attention");
    if (!causal)
      bidirectional = b.getUnitAttr();
  }
  if (!graph.layer)
    return fields.fail("attention belongs into \"layer\"");
  if (headDim < 1 || getColumns(keys) % headDim ||
      getColumns(values) != getColumns(keys) ||
      getColumns(query) % getColumns(keys))
    return fields.fail("queries, keys and values do not have whole heads of " +
                       Twine(headDim) + " columns");
  lm::CacheType type = graph.model.cache;
  if (type && (getColumns(keys) != type.getHeads() * type.getHeadDim() ||
               headDim != type.getHeadDim()))
    return fields.fail("queries, keys and values do not fit the cache's heads");

  Value count = graph.getRows(query);
  if (graph.isCached()) {
    Value layer = arith::ConstantIndexOp::create(b, *graph.layer);
    lm::KVAppendOp::create(b, graph.cache, layer, graph.sequence,
                           graph.positions, keys, values);
    if (type.getKeyGroup() > 1)
      lm::KVEncodeOp::create(b, graph.cache, layer, graph.sequence,
                             graph.positions);
    Value result = lm::CachedAttentionOp::create(
        b, query, graph.cache, layer, graph.sequence, graph.positions,
        scaleAttr, windowAttr, softCapAttr);
    return fields.setResult(graph.setRows(result, count));
  }

  SmallVector<ReassociationIndices> groups{{0, 1}, {2}};
  auto toBatch = [&](Value value) -> Value {
    int64_t columns = getColumns(value);
    auto type = RankedTensorType::get(
        {ShapedType::kDynamic, ShapedType::kDynamic, columns}, b.getF32Type());
    return tensor::ExpandShapeOp::create(
        b, type, value, groups,
        ArrayRef<OpFoldResult>{graph.batch, graph.length,
                               b.getIndexAttr(columns)});
  };
  Value batched = toBatch(query);
  Value result = lm::AttentionOp::create(
      b, batched.getType(), batched, toBatch(keys), toBatch(values),
      b.getI64IntegerAttr(headDim), scaleAttr, windowAttr, softCapAttr,
      bidirectional);
  result = tensor::CollapseShapeOp::create(b, result, groups);
  return fields.setResult(graph.setRows(result, count));
}

/// add, multiply: elementwise.
template <typename OpTy>
static Error buildElementwise(GraphBuilder &graph, StepFields &fields) {
  COMPRESS_TAKE(left, fields.getActivation("left"));
  COMPRESS_TAKE(right, fields.getActivation("right"));
  if (left.getType() != right.getType() ||
      graph.getRows(left) != graph.getRows(right))
    return fields.fail("\"left\" and \"right\" have different shapes");
  Value count = graph.getRows(left);
  Value empty = graph.makeEmpty(count, getColumns(left));
  Value result =
      OpTy::create(graph.b, ValueRange{left, right}, empty).getResult(0);
  return fields.setResult(graph.setRows(result, count));
}

/// Makes an activation out of `inputs` element by element.
static Value mapElements(
    GraphBuilder &graph, ValueRange inputs,
    llvm::function_ref<Value(ImplicitLocOpBuilder &, ValueRange)> function) {
  ImplicitLocOpBuilder &b = graph.b;
  Value count = graph.getRows(inputs[0]);
  Value empty = graph.makeEmpty(count, getColumns(inputs[0]));
  SmallVector<AffineMap> maps(inputs.size() + 1, b.getMultiDimIdentityMap(2));
  SmallVector<utils::IteratorType> loops(2, utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      b, empty.getType(), inputs, empty, maps, loops,
      [&](OpBuilder &nested, Location loc, ValueRange arguments) {
        ImplicitLocOpBuilder body(loc, nested);
        linalg::YieldOp::create(nested, loc, function(body, arguments));
      });
  return graph.setRows(generic.getResult(0), count);
}

/// A scalar activation function: its body, or null where `name` is unknown.
using ScalarFunction = Value (*)(ImplicitLocOpBuilder &, Value);

static Value makeNumber(ImplicitLocOpBuilder &b, double value) {
  return arith::ConstantOp::create(b, b.getF32FloatAttr(value));
}

/// 1 / (1 + exp(-x)).
static Value buildSigmoid(ImplicitLocOpBuilder &b, Value x) {
  Value one = makeNumber(b, 1);
  Value exponential = math::ExpOp::create(b, arith::NegFOp::create(b, x));
  return arith::DivFOp::create(b, one,
                               arith::AddFOp::create(b, one, exponential));
}

/// x / (1 + exp(-x)).
static Value buildSiLU(ImplicitLocOpBuilder &b, Value x) {
  Value one = makeNumber(b, 1);
  Value exponential = math::ExpOp::create(b, arith::NegFOp::create(b, x));
  return arith::DivFOp::create(b, x,
                               arith::AddFOp::create(b, one, exponential));
}

/// x/2 (1 + erf(x / sqrt 2)).
static Value buildGELU(ImplicitLocOpBuilder &b, Value x) {
  Value scaled =
      arith::MulFOp::create(b, x, makeNumber(b, 0.70710678118654752));
  Value erf = math::ErfOp::create(b, scaled);
  Value half = arith::MulFOp::create(b, x, makeNumber(b, 0.5));
  return arith::MulFOp::create(b, half,
                               arith::AddFOp::create(b, erf, makeNumber(b, 1)));
}

/// x/2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) (Hendrycks, Gimpel 2016).
static Value buildTanhGELU(ImplicitLocOpBuilder &b, Value x) {
  Value square = arith::MulFOp::create(b, x, x);
  Value cube = arith::MulFOp::create(b, square, x);
  Value inner = arith::AddFOp::create(
      b, x, arith::MulFOp::create(b, cube, makeNumber(b, 0.044715)));
  Value tanh = math::TanhOp::create(
      b, arith::MulFOp::create(b, inner, makeNumber(b, 0.79788456080286536)));
  Value half = arith::MulFOp::create(b, x, makeNumber(b, 0.5));
  return arith::MulFOp::create(
      b, half, arith::AddFOp::create(b, tanh, makeNumber(b, 1)));
}

static Value buildReLU(ImplicitLocOpBuilder &b, Value x) {
  return arith::MaximumFOp::create(b, x, makeNumber(b, 0));
}

static ScalarFunction findScalarFunction(StringRef name) {
  return llvm::StringSwitch<ScalarFunction>(name)
      .Case("silu", buildSiLU)
      .Case("sigmoid", buildSigmoid)
      .Case("gelu", buildGELU)
      .Cases({"gelu_tanh", "gelu_pytorch_tanh", "gelu_new"}, buildTanhGELU)
      .Case("relu", buildReLU)
      .Default(nullptr);
}

static Expected<ScalarFunction> getFunction(StepFields &fields) {
  COMPRESS_TAKE(name, fields.getString("function"));
  if (ScalarFunction function = findScalarFunction(name))
    return function;
  return fields.fail("the function \"" + name +
                     "\" is not known; known are silu, sigmoid, gelu, "
                     "gelu_tanh, relu");
}

/// activation: function(input).
static Error buildActivation(GraphBuilder &graph, StepFields &fields) {
  COMPRESS_TAKE(input, fields.getActivation("input"));
  COMPRESS_TAKE(function, getFunction(fields));
  return fields.setResult(mapElements(
      graph, input, [&](ImplicitLocOpBuilder &b, ValueRange arguments) {
        return function(b, arguments[0]);
      }));
}

/// gated_activation: function(gate) * input.
static Error buildGatedActivation(GraphBuilder &graph, StepFields &fields) {
  COMPRESS_TAKE(gate, fields.getActivation("gate"));
  COMPRESS_TAKE(input, fields.getActivation("input"));
  COMPRESS_TAKE(function, getFunction(fields));
  if (gate.getType() != input.getType())
    return fields.fail("\"gate\" and \"input\" have different shapes");
  return fields.setResult(mapElements(
      graph, {gate, input}, [&](ImplicitLocOpBuilder &b, ValueRange arguments) {
        Value activated = function(b, arguments[0]);
        return arith::MulFOp::create(b, activated, arguments[1]).getResult();
      }));
}

/// scale: factor * input.
static Error buildScale(GraphBuilder &graph, StepFields &fields) {
  COMPRESS_TAKE(input, fields.getActivation("input"));
  COMPRESS_TAKE(factor, fields.getNumber("factor"));
  return fields.setResult(mapElements(
      graph, input, [&](ImplicitLocOpBuilder &b, ValueRange arguments) {
        return arith::MulFOp::create(b, arguments[0], makeNumber(b, factor))
            .getResult();
      }));
}

/// soft_cap: limit * tanh(input / limit); the input where the limit is 0.
static Error buildSoftCap(GraphBuilder &graph, StepFields &fields) {
  COMPRESS_TAKE(input, fields.getActivation("input"));
  COMPRESS_TAKE(limit, fields.getNumber("limit"));
  if (limit == 0)
    return fields.setResult(input);
  auto cap = static_cast<float>(limit);
  return fields.setResult(mapElements(
      graph, input, [&](ImplicitLocOpBuilder &b, ValueRange arguments) {
        Value part =
            arith::MulFOp::create(b, arguments[0], makeNumber(b, 1 / cap));
        return arith::MulFOp::create(b, math::TanhOp::create(b, part),
                                     makeNumber(b, cap))
            .getResult();
      }));
}

#undef COMPRESS_TAKE

static constexpr std::pair<StringLiteral, StepHandler> handlers[] = {
    {"activation", buildActivation},
    {"add", buildElementwise<linalg::AddOp>},
    {"attention", buildAttention},
    {"combine", buildCombine},
    {"dispatch", buildDispatch},
    {"expert_linear", buildExpertLinear},
    {"gated_activation", buildGatedActivation},
    {"gather_rows", buildGatherRows},
    {"layer_norm", buildLayerNorm},
    {"linear", buildLinear},
    {"multiply", buildElementwise<linalg::MulOp>},
    {"rms_norm", buildRMSNorm},
    {"rope", buildRope},
    {"route", buildRoute},
    {"rotary_table", buildRotaryTable},
    {"scale", buildScale},
    {"soft_cap", buildSoftCap},
    {"wanted_rows", buildWantedRows}};

StepHandler compress::findStepHandler(StringRef op) {
  for (const auto &[name, handler] : handlers)
    if (name == op)
      return handler;
  return nullptr;
}

std::string compress::getStepNames() {
  return join(
      map_range(handlers, [](const auto &entry) { return entry.first.str(); }),
      ", ");
}
