//===- LMOps.cpp - Meaning of the lm dialect ------------------------------===//
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

#include "compress/Reference/HostCache.h"

#include <cmath>

// Every step is rounded to its type: a multiply and an add are not fused.
#pragma STDC FP_CONTRACT OFF

using namespace mlir;
using namespace mlir::compress;

/// The sum of products, in double precision.
static double dot(ArrayRef<float> a, ArrayRef<float> b) {
  double sum = 0;
  for (auto [x, y] : llvm::zip_equal(a, b))
    sum += static_cast<double>(x) * y;
  return sum;
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

/// result[i] = row[i] * weight[i] / sqrt(mean of squares + epsilon).
using NormalizeFunction = void (*)(ArrayRef<float> row, ArrayRef<float> weight,
                                   const APFloat &epsilon, float *result);

static void normalize(ArrayRef<float> row, ArrayRef<float> weight,
                      const APFloat &epsilon, float *result) {
  double mean = dot(row, row) / row.size();
  double scale = 1.0 / std::sqrt(mean + epsilon.convertToDouble());
  for (auto [x, w] : llvm::zip_equal(row, weight))
    *result++ = static_cast<float>(x * scale * w);
}

static void normalizeAsGenerated(ArrayRef<float> row, ArrayRef<float> weight,
                                 const APFloat &epsilon, float *result) {
  float mean = dotAsGenerated(row, row) / static_cast<float>(row.size());
  float scale = 1.0f / std::sqrt(mean + epsilon.convertToFloat());
  for (auto [x, w] : llvm::zip_equal(row, weight)) {
    float normal = x * scale;
    *result++ = normal * w;
  }
}

template <NormalizeFunction normalize>
static llvm::Error evaluateRMSNorm(Operation *op, Interpreter &interpreter) {
  auto norm = cast<lm::RMSNormOp>(op);
  HostTensor input = interpreter.getTensor(norm.getInput());
  ArrayRef<float> weight = interpreter.getTensor(norm.getWeight()).getFloats();
  HostTensor result = makeResult(norm.getResult(), input.getShape());
  float *out = result.getMutableFloats().data();
  for (int64_t t = 0; t < input.getShape()[0]; ++t)
    normalize(getRow(input, t), weight, norm.getEpsilon(),
              out + t * input.getShape()[1]);
  return interpreter.set(norm.getResult(), std::move(result));
}

/// result[i] = (row[i] - mean) * weight[i] / sqrt(variance + epsilon) +
/// bias[i]; the bias may be empty.
using CenterFunction = void (*)(ArrayRef<float> row, ArrayRef<float> weight,
                                ArrayRef<float> bias, const APFloat &epsilon,
                                float *result);

static void center(ArrayRef<float> row, ArrayRef<float> weight,
                   ArrayRef<float> bias, const APFloat &epsilon,
                   float *result) {
  double mean = 0, variance = 0;
  for (float x : row)
    mean += x;
  mean /= row.size();
  for (float x : row)
    variance += (x - mean) * (x - mean);
  variance /= row.size();
  double scale = 1.0 / std::sqrt(variance + epsilon.convertToDouble());
  for (auto [i, x] : llvm::enumerate(row)) {
    double added = bias.empty() ? 0 : bias[i];
    *result++ = static_cast<float>((x - mean) * scale * weight[i] + added);
  }
}

static void centerAsGenerated(ArrayRef<float> row, ArrayRef<float> weight,
                              ArrayRef<float> bias, const APFloat &epsilon,
                              float *result) {
  SumLanes sums = {};
  for (auto [i, x] : llvm::enumerate(row))
    sums[i % kSumLanes] += x;
  float mean = addLanes(sums) / static_cast<float>(row.size());
  std::vector<float> away;
  for (float x : row)
    away.push_back(x - mean);
  float variance = dotAsGenerated(away, away) / static_cast<float>(row.size());
  float scale = 1.0f / std::sqrt(variance + epsilon.convertToFloat());
  for (auto [i, x] : llvm::enumerate(away)) {
    float normal = x * scale;
    *result++ = bias.empty() ? normal * weight[i]
                             : std::fma(normal, weight[i], bias[i]);
  }
}

template <CenterFunction center>
static llvm::Error evaluateLayerNorm(Operation *op, Interpreter &interpreter) {
  auto norm = cast<lm::LayerNormOp>(op);
  HostTensor input = interpreter.getTensor(norm.getInput());
  ArrayRef<float> weight = interpreter.getTensor(norm.getWeight()).getFloats();
  ArrayRef<float> bias;
  if (norm.getBias())
    bias = interpreter.getTensor(norm.getBias()).getFloats();
  HostTensor result = makeResult(norm.getResult(), input.getShape());
  float *out = result.getMutableFloats().data();
  for (int64_t t = 0; t < input.getShape()[0]; ++t)
    center(getRow(input, t), weight, bias, norm.getEpsilon(),
           out + t * input.getShape()[1]);
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

/// Turns the point (a, b) by an angle, in numbers of type T.
template <typename T>
static void turn(float &a, float &b, float cosine, float sine) {
  T ac = static_cast<T>(a) * cosine, bs = static_cast<T>(b) * sine;
  T as = static_cast<T>(a) * sine, bc = static_cast<T>(b) * cosine;
  a = static_cast<float>(ac - bs);
  b = static_cast<float>(as + bc);
}

template <typename T>
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
        turn<T>(a, b, angles[i], angles[pairs + i]);
      }
  }
  return interpreter.set(rope.getResult(), std::move(result));
}

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

/// What one token's attention reads: its query with all heads' columns, and
/// keys and values with those of the key-value heads, one entry per position
/// seen.
struct Attention {
  ArrayRef<float> query;
  ArrayRef<ArrayRef<float>> keys, values;
  /// The first of these positions; not 0 where a window hides others.
  int64_t first;
  /// Where keys are read that are not encoded yet, since theirs is the query's
  /// own group; the end of the positions where there are no groups.
  int64_t recent;
  int64_t headDim;
  const APFloat &scale;
  const std::optional<APFloat> &softCap;

  int64_t getHeads() const { return query.size() / headDim; }
  /// The columns of a head, and those of the key-value head that it shares.
  ArrayRef<float> getQuery(int64_t head) const {
    return query.slice(head * headDim, headDim);
  }
  ArrayRef<float> getShared(ArrayRef<float> row, int64_t head) const {
    int64_t group = query.size() / row.size();
    return row.slice(head / group * headDim, headDim);
  }
};

/// Computes one head; `result` are the head's columns.
using AttendFunction = void (*)(const Attention &attention, int64_t head,
                                MutableArrayRef<float> result);

static void attend(const Attention &attention, int64_t head,
                   MutableArrayRef<float> result) {
  ArrayRef<float> query = attention.getQuery(head);
  std::vector<double> weights;
  for (ArrayRef<float> key : attention.keys) {
    double score = attention.scale.convertToDouble() *
                   dot(query, attention.getShared(key, head));
    if (attention.softCap) {
      double cap = attention.softCap->convertToDouble();
      score = cap * std::tanh(score / cap);
    }
    weights.push_back(score);
  }
  double largest = *llvm::max_element(weights), sum = 0;
  for (double &weight : weights)
    sum += weight = std::exp(weight - largest);
  for (auto [column, out] : llvm::enumerate(result)) {
    double total = 0;
    for (auto [weight, value] : llvm::zip_equal(weights, attention.values))
      total += weight * attention.getShared(value, head)[column];
    out = static_cast<float>(total / sum);
  }
}

/// The online softmax of generated code; `dot` is the order of its scores.
template <float (*dot)(ArrayRef<float>, ArrayRef<float>)>
static void attendAsGenerated(const Attention &attention, int64_t head,
                              MutableArrayRef<float> result) {
  ArrayRef<float> query = attention.getQuery(head);
  OnlineSoftmax softmax(attention.headDim);
  size_t seen = attention.first, end = seen + attention.keys.size();
  auto addStep = [&](size_t begin, size_t size) {
    size_t from = std::max(begin, seen);
    std::vector<float> scores;
    SmallVector<ArrayRef<float>> values;
    for (size_t p = from; p < std::min(begin + size, end); ++p) {
      ArrayRef<float> key = attention.keys[p - seen];
      float score = dot(query, attention.getShared(key, head));
      score *= attention.scale.convertToFloat();
      if (attention.softCap) {
        float cap = attention.softCap->convertToFloat();
        score = tanhAsGenerated(score * (1 / cap)) * cap;
      }
      scores.push_back(score);
      values.push_back(attention.getShared(attention.values[p - seen], head));
    }
    softmax.add(scores, values, size, from - begin);
    return begin + size;
  };
  // Steps begin with the block of the first position seen.
  size_t recent = attention.recent, at = seen - seen % kSumLanes;
  while (at < recent)
    at = addStep(at, OnlineSoftmax::getStep(at, recent));
  while (at < end)
    at = addStep(at, kSumLanes);
  softmax.finish(result);
}

/// All heads of one token.
template <AttendFunction attend>
static void attendToken(const Attention &attention, float *result) {
  for (int64_t head = 0; head < attention.getHeads(); ++head)
    attend(attention, head,
           {result + head * attention.headDim,
            static_cast<size_t>(attention.headDim)});
}

/// The first position that a token at `position` sees.
template <typename OpTy>
static int64_t getFirstSeen(OpTy op, int64_t position) {
  if (!op.getWindow())
    return 0;
  return std::max<int64_t>(0, position + 1 -
                                  static_cast<int64_t>(*op.getWindow()));
}

template <Arithmetic arithmetic>
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
    if (llvm::Error error =
            cache.append(layer, sequence[t], position[t], getRow(keys, t),
                         getRow(values, t), arithmetic))
      return atOp(op, std::move(error));
  return llvm::Error::success();
}

template <Arithmetic arithmetic>
static llvm::Error evaluateKVEncode(Operation *op, Interpreter &interpreter) {
  auto encode = cast<lm::KVEncodeOp>(op);
  if (llvm::Error error = checkRows(
          op, interpreter, {encode.getSequence(), encode.getPosition()}))
    return error;
  std::vector<int64_t> sequence =
      interpreter.getTensor(encode.getSequence()).getIntegers();
  std::vector<int64_t> position =
      interpreter.getTensor(encode.getPosition()).getIntegers();
  HostCache &cache = interpreter.getCache(encode.getCache());
  int64_t layer = interpreter.getIndex(encode.getLayer());
  for (auto [s, p] : llvm::zip_equal(sequence, position))
    if (llvm::Error error = cache.encodeKeys(layer, s, p, arithmetic))
      return atOp(op, std::move(error));
  return llvm::Error::success();
}

template <AttendFunction attend>
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
  int64_t group = cache.getType().getKeyGroup();
  HostTensor result = makeResult(attention.getResult(), query.getShape());
  float *out = result.getMutableFloats().data();
  for (int64_t t = 0; t < query.getShape()[0]; ++t) {
    SmallVector<ArrayRef<float>> keys, values;
    if (position[t] < 0)
      return makeOpError(op, "a token's position can't be negative, got " +
                                 llvm::Twine(position[t]));
    int64_t first = getFirstSeen(attention, position[t]);
    for (int64_t p = first; p <= position[t]; ++p) {
      auto key = cache.getKeys(layer, sequence[t], p, position[t]);
      if (!key)
        return atOp(op, key.takeError());
      keys.push_back(*key);
      values.push_back(llvm::cantFail(cache.getValues(layer, sequence[t], p)));
    }
    int64_t recent =
        position[t] + 1 - (group == 1 ? 0 : position[t] % group + 1);
    attendToken<attend>({getRow(query, t), keys, values, first, recent,
                         static_cast<int64_t>(cache.getType().getHeadDim()),
                         attention.getScale(), attention.getSoftCap()},
                        out + t * query.getShape()[1]);
  }
  return interpreter.set(attention.getResult(), std::move(result));
}

template <AttendFunction attend>
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
    int64_t begin = row - row % tokens;
    int64_t end = attention.getBidirectional() ? begin + tokens : row + 1;
    int64_t first = getFirstSeen(attention, row % tokens);
    for (int64_t p = begin + first; p < end; ++p) {
      seenKeys.push_back(getRow(keys, p));
      seenValues.push_back(getRow(values, p));
    }
    attendToken<attend>({getRow(query, row), seenKeys, seenValues, first,
                         /*recent=*/end - begin,
                         static_cast<int64_t>(attention.getHeadDim()),
                         attention.getScale(), attention.getSoftCap()},
                        out + row * query.getShape()[2]);
  }
  return interpreter.set(attention.getResult(), std::move(result));
}

void compress::registerLMOps(OpRegistry &registry) {
  registry.ops["lm.gather_rows"] = evaluateGatherRows;
  registry.ops["lm.rms_norm"] = evaluateRMSNorm<normalize>;
  registry.ops["lm.layer_norm"] = evaluateLayerNorm<center>;
  registry.ops["lm.rotary_table"] = evaluateRotaryTable;
  registry.ops["lm.rope"] = evaluateRope<double>;
  registry.ops["lm.kv_append"] = evaluateKVAppend<Arithmetic::Double>;
  registry.ops["lm.kv_encode"] = evaluateKVEncode<Arithmetic::Double>;
  registry.ops["lm.cached_attention"] = evaluateCachedAttention<attend>;
  registry.ops["lm.attention"] = evaluateAttention<attend>;
}

void compress::registerGeneratedLMOps(OpRegistry &registry) {
  registry.ops["lm.rms_norm"] = evaluateRMSNorm<normalizeAsGenerated>;
  registry.ops["lm.layer_norm"] = evaluateLayerNorm<centerAsGenerated>;
  registry.ops["lm.rope"] = evaluateRope<float>;
  registry.ops["lm.kv_append"] = evaluateKVAppend<Arithmetic::Generated>;
  registry.ops["lm.kv_encode"] = evaluateKVEncode<Arithmetic::Generated>;
  registry.ops["lm.cached_attention"] =
      evaluateCachedAttention<attendAsGenerated<dotInOrder>>;
  registry.ops["lm.attention"] =
      evaluateAttention<attendAsGenerated<dotAsGenerated>>;
}
