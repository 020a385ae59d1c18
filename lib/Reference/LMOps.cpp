//===- LMOps.cpp - Meaning of the lm dialect ------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The formulas are those of the ops' descriptions, in double precision.
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"

#include "compress/Reference/HostCache.h"

#include <cmath>

using namespace mlir;
using namespace mlir::compress;

/// A plain f32 tensor that is filled row by row.
static HostTensor makeResult(Value like, ArrayRef<int64_t> shape) {
  return HostTensor(RankedTensorType::get(
      shape, cast<RankedTensorType>(like.getType()).getElementType()));
}

static ArrayRef<float> getRow(const HostTensor &tensor, int64_t row) {
  int64_t columns = tensor.getShape().back();
  return tensor.getFloats().slice(row * columns, columns);
}

/// The sum of products, in double precision.
static double dot(ArrayRef<float> a, ArrayRef<float> b) {
  double sum = 0;
  for (auto [x, y] : llvm::zip_equal(a, b))
    sum += static_cast<double>(x) * y;
  return sum;
}

/// Checks that all tensors have as many rows as the first one.
static llvm::Error checkRows(Operation *op, const Interpreter &interpreter,
                             ValueRange tensors) {
  auto rows = [&](Value v) { return interpreter.getTensor(v).getShape()[0]; };
  for (Value tensor : tensors)
    if (rows(tensor) != rows(tensors.front()))
      return makeOpError(op, "operands differ in their number of rows: " +
                                 llvm::Twine(rows(tensors.front())) + " and " +
                                 llvm::Twine(rows(tensor)));
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

static llvm::Error evaluateGatherRows(Operation *op, Interpreter &interpreter) {
  auto gather = cast<lm::GatherRowsOp>(op);
  HostTensor table = interpreter.getTensor(gather.getTable());
  std::vector<int64_t> rows =
      interpreter.getTensor(gather.getRows()).getIntegers();
  HostTensor result =
      makeResult(gather.getResult(),
                 {static_cast<int64_t>(rows.size()), table.getShape()[1]});
  float *out = result.getMutableFloats().data();
  for (int64_t row : rows) {
    if (row < 0 || row >= table.getShape()[0])
      return makeOpError(op, "the table has no row " + llvm::Twine(row) +
                                 " among " + llvm::Twine(table.getShape()[0]));
    llvm::Expected<std::vector<float>> values = table.decodeRow(row);
    if (!values)
      return atOp(op, values.takeError());
    out = llvm::copy(*values, out);
  }
  return interpreter.set(gather.getResult(), std::move(result));
}

static llvm::Error evaluateRMSNorm(Operation *op, Interpreter &interpreter) {
  auto norm = cast<lm::RMSNormOp>(op);
  HostTensor input = interpreter.getTensor(norm.getInput());
  ArrayRef<float> weight = interpreter.getTensor(norm.getWeight()).getFloats();
  HostTensor result = makeResult(norm.getResult(), input.getShape());
  float *out = result.getMutableFloats().data();
  double epsilon = norm.getEpsilon().convertToDouble();
  for (int64_t t = 0; t < input.getShape()[0]; ++t) {
    ArrayRef<float> row = getRow(input, t);
    double scale = 1.0 / std::sqrt(dot(row, row) / row.size() + epsilon);
    for (auto [x, w] : llvm::zip_equal(row, weight))
      *out++ = static_cast<float>(x * scale * w);
  }
  return interpreter.set(norm.getResult(), std::move(result));
}

//===----------------------------------------------------------------------===//
// Rotary embeddings
//===----------------------------------------------------------------------===//

static llvm::Error evaluateRotaryTable(Operation *op,
                                       Interpreter &interpreter) {
  auto rotary = cast<lm::RotaryTableOp>(op);
  std::vector<int64_t> positions =
      interpreter.getTensor(rotary.getPosition()).getIntegers();
  HostTensor frequencies = interpreter.getTensor(rotary.getFrequencies());
  HostTensor result =
      makeResult(rotary.getResult(), {static_cast<int64_t>(positions.size()),
                                      2 * frequencies.getNumElements()});
  float *out = result.getMutableFloats().data();
  for (int64_t position : positions) {
    for (double frequency : frequencies.getFloats())
      *out++ = static_cast<float>(std::cos(position * frequency));
    for (double frequency : frequencies.getFloats())
      *out++ = static_cast<float>(std::sin(position * frequency));
  }
  return interpreter.set(rotary.getResult(), std::move(result));
}

static llvm::Error evaluateRope(Operation *op, Interpreter &interpreter) {
  auto rope = cast<lm::RopeOp>(op);
  if (llvm::Error error =
          checkRows(op, interpreter, {rope.getInput(), rope.getTable()}))
    return error;
  HostTensor result = interpreter.getTensor(rope.getInput());
  HostTensor table = interpreter.getTensor(rope.getTable());
  int64_t columns = result.getShape()[1];
  int64_t pairs = table.getShape()[1] / 2;
  auto headDim = static_cast<int64_t>(rope.getHeadDim());
  MutableArrayRef<float> values = result.getMutableFloats();
  for (int64_t t = 0; t < result.getShape()[0]; ++t) {
    ArrayRef<float> angles = getRow(table, t);
    for (int64_t head = 0; head < columns; head += headDim)
      for (int64_t i = 0; i < pairs; ++i) {
        int64_t base = t * columns + head;
        bool interleaved = rope.getInterleaved();
        float &a = values[base + (interleaved ? 2 * i : i)];
        float &b = values[base + (interleaved ? 2 * i + 1 : i + pairs)];
        double x = a, y = b, cosine = angles[i], sine = angles[pairs + i];
        a = static_cast<float>(x * cosine - y * sine);
        b = static_cast<float>(x * sine + y * cosine);
      }
  }
  return interpreter.set(rope.getResult(), std::move(result));
}

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

/// One token's attention: `query` and `result` have all heads' columns, `keys`
/// and `values` those of the key-value heads, one entry per position seen.
static void attend(ArrayRef<float> query, ArrayRef<ArrayRef<float>> keys,
                   ArrayRef<ArrayRef<float>> values, int64_t headDim,
                   double scale, float *result) {
  int64_t heads = query.size() / headDim;
  int64_t group = heads / (keys.front().size() / headDim);
  for (int64_t head = 0; head < heads; ++head) {
    ArrayRef<float> q = query.slice(head * headDim, headDim);
    int64_t offset = head / group * headDim;
    std::vector<double> weights;
    for (ArrayRef<float> key : keys)
      weights.push_back(scale * dot(q, key.slice(offset, headDim)));
    double largest = *llvm::max_element(weights), sum = 0;
    for (double &weight : weights)
      sum += weight = std::exp(weight - largest);
    for (int64_t column = 0; column < headDim; ++column) {
      double total = 0;
      for (auto [weight, value] : llvm::zip_equal(weights, values))
        total += weight * value[offset + column];
      result[head * headDim + column] = static_cast<float>(total / sum);
    }
  }
}

static llvm::Error evaluateKVAppend(Operation *op, Interpreter &interpreter) {
  auto append = cast<lm::KVAppendOp>(op);
  if (llvm::Error error =
          checkRows(op, interpreter,
                    {append.getKeys(), append.getValues(), append.getSequence(),
                     append.getPosition()}))
    return error;
  const HostTensor &keys = interpreter.getTensor(append.getKeys());
  const HostTensor &values = interpreter.getTensor(append.getValues());
  std::vector<int64_t> sequence =
      interpreter.getTensor(append.getSequence()).getIntegers();
  std::vector<int64_t> position =
      interpreter.getTensor(append.getPosition()).getIntegers();
  HostCache &cache = interpreter.getCache(append.getCache());
  int64_t layer = interpreter.getIndex(append.getLayer());
  for (int64_t t = 0; t < keys.getShape()[0]; ++t)
    if (llvm::Error error = cache.append(layer, sequence[t], position[t],
                                         getRow(keys, t), getRow(values, t)))
      return atOp(op, std::move(error));
  return llvm::Error::success();
}

static llvm::Error evaluateCachedAttention(Operation *op,
                                           Interpreter &interpreter) {
  auto attention = cast<lm::CachedAttentionOp>(op);
  if (llvm::Error error =
          checkRows(op, interpreter,
                    {attention.getQuery(), attention.getSequence(),
                     attention.getPosition()}))
    return error;
  HostTensor query = interpreter.getTensor(attention.getQuery());
  std::vector<int64_t> sequence =
      interpreter.getTensor(attention.getSequence()).getIntegers();
  std::vector<int64_t> position =
      interpreter.getTensor(attention.getPosition()).getIntegers();
  const HostCache &cache = interpreter.getCache(attention.getCache());
  int64_t layer = interpreter.getIndex(attention.getLayer());
  HostTensor result = makeResult(attention.getResult(), query.getShape());
  float *out = result.getMutableFloats().data();
  for (int64_t t = 0; t < query.getShape()[0]; ++t) {
    SmallVector<ArrayRef<float>> keys, values;
    if (position[t] < 0)
      return makeOpError(op, "a token's position can't be negative, got " +
                                 llvm::Twine(position[t]));
    for (int64_t p = 0; p <= position[t]; ++p) {
      auto key = cache.getKeys(layer, sequence[t], p);
      if (!key)
        return atOp(op, key.takeError());
      keys.push_back(*key);
      values.push_back(llvm::cantFail(cache.getValues(layer, sequence[t], p)));
    }
    attend(getRow(query, t), keys, values, cache.getType().getHeadDim(),
           attention.getScale().convertToDouble(),
           out + t * query.getShape()[1]);
  }
  return interpreter.set(attention.getResult(), std::move(result));
}

static llvm::Error evaluateAttention(Operation *op, Interpreter &interpreter) {
  auto attention = cast<lm::AttentionOp>(op);
  HostTensor query = interpreter.getTensor(attention.getQuery());
  HostTensor keys = interpreter.getTensor(attention.getKeys());
  HostTensor values = interpreter.getTensor(attention.getValues());
  if (keys.getShape() != values.getShape() ||
      keys.getShape().drop_back() != query.getShape().drop_back())
    return makeOpError(op, "keys and values have the query's batch and tokens");
  HostTensor result = makeResult(attention.getResult(), query.getShape());
  float *out = result.getMutableFloats().data();
  int64_t tokens = query.getShape()[1];
  for (int64_t row = 0; row < query.getShape()[0] * tokens; ++row) {
    SmallVector<ArrayRef<float>> seenKeys, seenValues;
    for (int64_t p = row - row % tokens; p <= row; ++p) {
      seenKeys.push_back(getRow(keys, p));
      seenValues.push_back(getRow(values, p));
    }
    attend(getRow(query, row), seenKeys, seenValues, attention.getHeadDim(),
           attention.getScale().convertToDouble(),
           out + row * query.getShape()[2]);
  }
  return interpreter.set(attention.getResult(), std::move(result));
}

void compress::registerLMOps(OpRegistry &registry) {
  registry.ops["lm.gather_rows"] = evaluateGatherRows;
  registry.ops["lm.rms_norm"] = evaluateRMSNorm;
  registry.ops["lm.rotary_table"] = evaluateRotaryTable;
  registry.ops["lm.rope"] = evaluateRope;
  registry.ops["lm.kv_append"] = evaluateKVAppend;
  registry.ops["lm.cached_attention"] = evaluateCachedAttention;
  registry.ops["lm.attention"] = evaluateAttention;
}
