//===- ExpertOps.cpp - Meaning of mixtures of experts ---------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The formulas are those of the ops' descriptions, in double precision, or in
// f32 in the order of generated code (docs/numerics.md).
//
//===----------------------------------------------------------------------===//

#include "GeneratedMath.h"
#include "HostRows.h"
#include "Interpreter.h"

#include "compress/Dialect/LM/IR/LM.h"
#include "compress/Support/Error.h"

#include <cmath>

// Every step is rounded to its type: a multiply and an add are not fused.
#pragma STDC FP_CONTRACT OFF

using namespace mlir;
using namespace mlir::compress;

/// The columns of the `count` largest logits, the largest first; of equal ones
/// the lower column, and NaN below all numbers.
static SmallVector<int64_t> findLargest(ArrayRef<float> logits, size_t count) {
  auto number = [&](int64_t column) {
    return std::isnan(logits[column]) ? -INFINITY : logits[column];
  };
  SmallVector<int64_t> columns;
  for (size_t column = 0; column < logits.size(); ++column)
    columns.push_back(column);
  llvm::sort(columns, [&](int64_t a, int64_t b) {
    return std::pair(-number(a), a) < std::pair(-number(b), b);
  });
  columns.truncate(count);
  return columns;
}

static double exponential(double x) { return std::exp(x); }

/// exp(logit - largest logit) of the experts over the sum of all, or over their
/// own.
template <typename T, T (*exponential)(T)>
static void weighExperts(ArrayRef<float> logits, ArrayRef<int64_t> experts,
                         bool normalize, float *weights) {
  auto largest = static_cast<T>(logits[experts.front()]);
  T sum = 0;
  if (normalize)
    for (int64_t expert : experts)
      sum += exponential(logits[expert] - largest);
  else
    for (float logit : logits)
      sum += exponential(logit - largest);
  for (int64_t expert : experts)
    *weights++ =
        static_cast<float>(exponential(logits[expert] - largest) / sum);
}

template <typename T, T (*exponential)(T)>
static llvm::Error evaluateRoute(Operation *op, Interpreter &interpreter) {
  auto route = cast<lm::RouteOp>(op);
  HostTensor logits = interpreter.getTensor(route.getLogits());
  int64_t rows = logits.getShape()[0];
  int64_t count = route.getExperts().getType().getDimSize(1);
  HostTensor weights = makeResult(route.getWeights(), {rows, count});
  std::vector<int32_t> experts;
  for (int64_t t = 0; t < rows; ++t) {
    ArrayRef<float> row = getRow(logits, t);
    SmallVector<int64_t> largest = findLargest(row, count);
    llvm::append_range(experts, largest);
    weighExperts<T, exponential>(row, largest, route.getNormalize(),
                                 weights.getMutableFloats().data() + t * count);
  }
  if (llvm::Error error =
          interpreter.set(route.getWeights(), std::move(weights)))
    return error;
  return interpreter.set(
      route.getExperts(),
      HostTensor::getI32(op->getContext(), {rows, count}, experts));
}

static llvm::Error evaluateDispatch(Operation *op, Interpreter &interpreter) {
  auto dispatch = cast<lm::DispatchOp>(op);
  if (llvm::Error error = checkRows(
          op, interpreter, {dispatch.getInput(), dispatch.getExperts()}))
    return error;
  HostTensor input = interpreter.getTensor(dispatch.getInput());
  int64_t count = dispatch.getExperts().getType().getDimSize(1);
  HostTensor result = makeResult(
      dispatch.getResult(), {input.getShape()[0] * count, input.getShape()[1]});
  float *out = result.getMutableFloats().data();
  for (int64_t row = 0; row < result.getShape()[0]; ++row)
    out = llvm::copy(getRow(input, row / count), out);
  return interpreter.set(dispatch.getResult(), std::move(result));
}

/// The matrices of these numbers out of a stack.
static llvm::Expected<HostTensor> takeMatrices(const HostTensor &stack,
                                               ArrayRef<int64_t> numbers,
                                               RankedTensorType like) {
  SmallVector<int64_t> shape(stack.getShape()), more(shape);
  size_t stacked = shape.front();
  shape.front() = static_cast<int64_t>(numbers.size());
  ++more.front();
  auto type =
      RankedTensorType::get(shape, like.getElementType(), like.getEncoding());
  // What does not grow with the stack, such as one table, is of all matrices.
  SmallVector<bool> isShared(stack.getComponents().size(), false);
  if (EncodingAttrInterface encoding = getEncoding(type)) {
    EncodingSpec spec = encoding.getSpec();
    for (auto [i, part] : llvm::enumerate(getComponents(spec, more))) {
      if (part.getBytes() < 0)
        return makeError("matrices can't be taken one by one out of " +
                         str(spec));
      isShared[i] = part.getBytes() ==
                    static_cast<int64_t>(stack.getComponents()[i].size());
    }
  }
  SmallVector<ComponentData> parts;
  for (auto [part, shared] : llvm::zip_equal(stack.getComponents(), isShared)) {
    ComponentData &taken = parts.emplace_back();
    if (shared) {
      taken = part;
      continue;
    }
    size_t bytes = part.size() / stacked;
    for (int64_t number : numbers)
      llvm::append_range(taken,
                         ArrayRef<uint8_t>(part).slice(number * bytes, bytes));
  }
  return HostTensor::get(type, std::move(parts));
}

static llvm::Error evaluateGatherExperts(Operation *op,
                                         Interpreter &interpreter) {
  auto gather = cast<lm::GatherExpertsOp>(op);
  HostTensor weights = interpreter.getTensor(gather.getWeights());
  std::vector<int64_t> experts =
      interpreter.getTensor(gather.getExperts()).getIntegers();
  for (int64_t expert : experts)
    if (expert < 0 || expert >= weights.getShape()[0])
      return makeOpError(op, "there is no expert " + llvm::Twine(expert) +
                                 " among " +
                                 llvm::Twine(weights.getShape()[0]));
  llvm::Expected<HostTensor> result =
      takeMatrices(weights, experts, gather.getResult().getType());
  if (!result)
    return atOp(op, result.takeError());
  return interpreter.set(gather.getResult(), std::move(*result));
}

/// result[i] = sum over rows of weights[row] * rows[row][i].
static void addWeighted(ArrayRef<ArrayRef<float>> rows, ArrayRef<float> weights,
                        float *result) {
  for (size_t i = 0; i < rows.front().size(); ++i) {
    double sum = 0;
    for (auto [row, weight] : llvm::zip_equal(rows, weights))
      sum += static_cast<double>(weight) * row[i];
    *result++ = static_cast<float>(sum);
  }
}

static void addWeightedAsGenerated(ArrayRef<ArrayRef<float>> rows,
                                   ArrayRef<float> weights, float *result) {
  for (size_t i = 0; i < rows.front().size(); ++i) {
    float sum = 0;
    for (auto [row, weight] : llvm::zip_equal(rows, weights))
      sum = std::fma(weight, row[i], sum);
    *result++ = sum;
  }
}

template <void (*add)(ArrayRef<ArrayRef<float>>, ArrayRef<float>, float *)>
static llvm::Error evaluateCombine(Operation *op, Interpreter &interpreter) {
  auto combine = cast<lm::CombineOp>(op);
  HostTensor input = interpreter.getTensor(combine.getInput());
  HostTensor weights = interpreter.getTensor(combine.getWeights());
  int64_t rows = weights.getShape()[0], count = weights.getShape()[1];
  if (input.getShape()[0] != rows * count)
    return makeOpError(op, "there are " + llvm::Twine(input.getShape()[0]) +
                               " rows for " + llvm::Twine(rows * count) +
                               " weights");
  HostTensor result =
      makeResult(combine.getResult(), {rows, input.getShape()[1]});
  for (int64_t t = 0; t < rows; ++t) {
    SmallVector<ArrayRef<float>> own;
    for (int64_t j = 0; j < count; ++j)
      own.push_back(getRow(input, t * count + j));
    add(own, getRow(weights, t),
        result.getMutableFloats().data() + t * input.getShape()[1]);
  }
  return interpreter.set(combine.getResult(), std::move(result));
}

void compress::registerExpertOps(OpRegistry &registry) {
  registry.ops["lm.route"] = evaluateRoute<double, exponential>;
  registry.ops["lm.dispatch"] = evaluateDispatch;
  registry.ops["lm.gather_experts"] = evaluateGatherExperts;
  registry.ops["lm.combine"] = evaluateCombine<addWeighted>;
}

void compress::registerGeneratedExpertOps(OpRegistry &registry) {
  registry.ops["lm.route"] = evaluateRoute<float, expAsGenerated>;
  registry.ops["lm.combine"] = evaluateCombine<addWeightedAsGenerated>;
}
