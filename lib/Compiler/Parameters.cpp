//===- Parameters.cpp - From stored tensors to a program's data -----------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Compiler/Parameters.h"

#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>

using namespace llvm;
using namespace mlir::compress;

static Error fail(const ParameterPlan &plan, const Twine &message) {
  return makeError("parameter '" + plan.symbol + "': " + message);
}

//===----------------------------------------------------------------------===//
// Plans
//===----------------------------------------------------------------------===//

static EncodingSpec getPlainSpec() {
  EncodingSpec spec;
  spec.kind = EncodingSpec::Kind::Float;
  spec.code = NumberType::getF32();
  return spec;
}

/// Whether values are stored one after the other in f32.
bool mlir::compress::isPlain(const std::optional<EncodingSpec> &spec) {
  return !spec || *spec == getPlainSpec();
}

int64_t ParameterPlan::getNumElements() const {
  return countElements(shape).value_or(0);
}

bool ParameterPlan::isTranscoded() const {
  if (simulated)
    return true;
  if (isPlain(stored) && isPlain(encoding))
    return false;
  return stored != encoding;
}

Rounding ParameterPlan::getRounding() const {
  const std::optional<EncodingSpec> &target = getTarget();
  return target && hasRounding(*target, rounding) ? rounding
                                                  : Rounding::Nearest;
}

bool ParameterPlan::usesAlgorithm() const {
  return algorithm && !history && isTranscoded() && !isPlain(getTarget()) &&
         stored != getTarget();
}

StringRef ParameterPlan::getAlgorithm() const {
  if (history)
    return history->algorithm;
  if (!isTranscoded())
    return "copy";
  if (isPlain(getTarget()) || stored == getTarget())
    return "decode";
  return usesAlgorithm() ? StringRef(algorithm->name) : str(getRounding());
}

static ElementType getElementType(NumberType number) {
  switch (number.getKind()) {
  case NumberType::Kind::F32:
    return ElementType::F32;
  case NumberType::Kind::F16:
    return ElementType::F16;
  case NumberType::Kind::BF16:
    return ElementType::BF16;
  default:
    return number.getBits() > 8 ? ElementType::I32 : ElementType::U8;
  }
}

/// A component of `bytes` bytes; by rows of the tensor where they are equal.
static ProgramComponent makeFlat(StringRef name, NumberType type, int64_t bytes,
                                 int64_t rows) {
  ElementType element = getElementType(type);
  int64_t count = bytes / getElementBytes(element);
  ProgramComponent component{name.str(), element, {count}, bytes};
  if (rows > 0 && count % rows == 0)
    component.shape = {rows, count / rows};
  return component;
}

Expected<std::vector<ProgramComponent>>
mlir::compress::getProgramComponents(const ParameterPlan &plan) {
  std::vector<ProgramComponent> result;
  if (!plan.encoding) {
    std::optional<int64_t> bytes = countBytes(plan.element, plan.shape);
    if (!bytes)
      return fail(plan, "its shape " + strShape(plan.shape) + " is too large");
    result.push_back({"", plan.element, plan.shape, *bytes});
    return result;
  }
  for (const ComponentLayout &layout : plan.layouts)
    result.push_back(makeFlat(layout.name, layout.type, layout.getBytes(),
                              plan.shape.front()));
  if (plan.layouts.empty())
    for (const ComponentSpec &part : getComponents(*plan.encoding, plan.shape))
      result.push_back(
          {part.name, getElementType(part.type), part.shape, part.getBytes()});
  for (const ProgramComponent &component : result)
    if (component.bytes < 0)
      return fail(plan, "the size of '" + component.name + "' of " +
                            str(*plan.encoding) +
                            " depends on the values; programs have parameters "
                            "of fixed size, choose another encoding");
  return result;
}

//===----------------------------------------------------------------------===//
// Transcoding
//===----------------------------------------------------------------------===//

namespace {

/// Converts the values of one parameter.
class Transcoder {
public:
  Transcoder(const ParameterPlan &plan, ArrayRef<ComponentData> source)
      : plan(plan), source(source.begin(), source.end()) {}

  Error run();
  std::vector<ComponentData> target;
  double relativeError = 0;
  std::optional<WeightReport> report;

private:
  Error allocate();
  Error convert(int64_t firstRow, int64_t count);
  Error applyAlgorithm();
  void addErrors(ArrayRef<float> values, ArrayRef<float> encoded);
  Error readRows(const std::optional<EncodingSpec> &spec,
                 ArrayRef<ArrayRef<uint8_t>> components, int64_t firstRow,
                 MutableArrayRef<float> values) const;
  Error writeRows(int64_t firstRow, ArrayRef<float> values);
  /// Rounds whole rows to the encoding that is simulated.
  Error simulate(MutableArrayRef<float> values) const;

  const ParameterPlan &plan;
  SmallVector<ArrayRef<uint8_t>> source;
  int64_t columns = 1, rows = 1;
  double errorSquares = 0, valueSquares = 0;
};

} // namespace

/// Whether some rows can be encoded without the others.
static bool hasIndependentRows(const Part &part) {
  if (!part.isEncoding())
    return true;
  const EncodingSpec &spec = part.getEncoding();
  if (!spec.isNumberFormat())
    return spec.kind != EncodingSpec::Kind::Block &&
           spec.kind != EncodingSpec::Kind::Split &&
           hasIndependentRows(spec.values);
  return (spec.block.empty() ||
          all_of(ArrayRef(spec.block).drop_back(),
                 [](int64_t size) { return size == 1; })) &&
         hasIndependentRows(spec.scale) && hasIndependentRows(spec.zero) &&
         hasIndependentRows(spec.min);
}

Error Transcoder::allocate() {
  if (isPlain(plan.encoding)) {
    target.emplace_back(plan.getNumElements() * sizeof(float));
    return Error::success();
  }
  for (const ComponentSpec &part : getComponents(*plan.encoding, plan.shape)) {
    if (part.getBytes() < 0)
      return fail(plan,
                  "the size of '" + part.name + "' depends on the values");
    target.emplace_back(part.getBytes());
  }
  return Error::success();
}

Error Transcoder::readRows(const std::optional<EncodingSpec> &spec,
                           ArrayRef<ArrayRef<uint8_t>> components,
                           int64_t firstRow,
                           MutableArrayRef<float> values) const {
  if (!isPlain(spec))
    return decodeRows(*spec, plan.shape, components, firstRow,
                      values.size() / columns, values);
  std::memcpy(values.data(),
              components[0].data() + firstRow * columns * sizeof(float),
              values.size() * sizeof(float));
  return Error::success();
}

Error Transcoder::writeRows(int64_t firstRow, ArrayRef<float> values) {
  if (isPlain(plan.encoding)) {
    std::memcpy(target[0].data() + firstRow * columns * sizeof(float),
                values.data(), values.size() * sizeof(float));
    return Error::success();
  }
  SmallVector<MutableArrayRef<uint8_t>> views(target.begin(), target.end());
  EncodeInputs inputs;
  inputs.rounding = plan.getRounding();
  return encodeRows(*plan.encoding, plan.shape, values, firstRow,
                    values.size() / columns, views, inputs);
}

Error Transcoder::simulate(MutableArrayRef<float> values) const {
  // The values of these rows as a tensor of their own.
  const EncodingSpec &spec = *plan.simulated;
  SmallVector<int64_t> shape(plan.shape);
  if (int64_t(values.size()) != plan.getNumElements()) {
    std::fill(shape.begin(), shape.end() - 1, 1);
    shape[shape.size() - 2] = values.size() / columns;
  }
  EncodeInputs inputs;
  inputs.rounding = plan.getRounding();
  Expected<SmallVector<ComponentData>> encoded =
      encode(spec, shape, values, inputs);
  if (!encoded)
    return encoded.takeError();
  SmallVector<ArrayRef<uint8_t>> views(encoded->begin(), encoded->end());
  return decode(spec, shape, views, values);
}

Error Transcoder::convert(int64_t firstRow, int64_t count) {
  std::vector<float> values(count * columns), encoded(values.size());
  if (Error error = readRows(plan.stored, source, firstRow, values))
    return error;
  if (plan.simulated) {
    encoded = values;
    // What is stored in this encoding has its values already.
    if (plan.stored != plan.simulated)
      if (Error error = simulate(encoded))
        return error;
    if (Error error = writeRows(firstRow, encoded))
      return error;
  } else {
    if (Error error = writeRows(firstRow, values))
      return error;
    SmallVector<ArrayRef<uint8_t>> views(target.begin(), target.end());
    if (Error error = readRows(plan.encoding, views, firstRow, encoded))
      return error;
  }
  addErrors(values, encoded);
  return Error::success();
}

void Transcoder::addErrors(ArrayRef<float> values, ArrayRef<float> encoded) {
  for (auto [x, y] : zip_equal(values, encoded)) {
    double difference = double(x) - double(y);
    errorSquares += difference * difference;
    valueSquares += double(x) * double(x);
  }
}

/// All rows at once.
Error Transcoder::applyAlgorithm() {
  std::vector<float> values(rows * columns);
  if (Error error = readRows(plan.stored, source, 0, values))
    return error;
  std::vector<double> hessian(plan.secondMoment.begin(),
                              plan.secondMoment.end());
  Expected<QuantizedMatrix> result = quantizeWeights(
      *plan.algorithm, *plan.getTarget(), {values, rows, columns},
      {hessian, plan.tokens}, plan.getRounding(), 1, &report.emplace());
  if (!result)
    return result.takeError();
  addErrors(values, result->values);
  if (plan.simulated)
    return writeRows(0, result->values);
  target.assign(std::make_move_iterator(result->components.begin()),
                std::make_move_iterator(result->components.end()));
  return Error::success();
}

Error Transcoder::run() {
  if (Error error = allocate())
    return error;
  if (!plan.shape.empty())
    columns = plan.shape.back();
  rows = columns ? plan.getNumElements() / columns : 0;
  // Few enough values to stay in the second-level cache.
  constexpr int64_t kValues = 64 * 1024;
  int64_t step = std::max<int64_t>(kValues / std::max<int64_t>(columns, 1), 1);
  if (plan.getTarget() && !hasIndependentRows(Part(*plan.getTarget())))
    step = rows;
  auto refuse = [&](Error error) {
    return fail(plan, "can't be stored as " +
                          (plan.getTarget() ? str(*plan.getTarget()) : "f32") +
                          ": " + toString(std::move(error)) +
                          "; keep it as it is stored with --override '" +
                          plan.symbol + "=keep'");
  };
  if (plan.usesAlgorithm()) {
    if (Error error = applyAlgorithm())
      return refuse(std::move(error));
  } else {
    for (int64_t row = 0; row < rows; row += step)
      if (Error error = convert(row, std::min(step, rows - row)))
        return refuse(std::move(error));
  }
  if (valueSquares > 0)
    relativeError = std::sqrt(errorSquares / valueSquares);
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Laying out
//===----------------------------------------------------------------------===//

/// Checks what `load` gave.
static Error verifyLoaded(const ParameterPlan &plan,
                          ArrayRef<ComponentData> loaded) {
  if (!plan.stored) {
    std::optional<int64_t> bytes = countBytes(plan.element, plan.shape);
    if (loaded.size() == 1 && bytes && *bytes == int64_t(loaded[0].size()))
      return Error::success();
    return fail(plan, "its source does not hold " + strShape(plan.shape) +
                          " values of " + str(plan.element));
  }
  SmallVector<ComponentSpec> parts = getComponents(*plan.stored, plan.shape);
  bool fits = parts.size() == loaded.size();
  for (size_t i = 0; fits && i < parts.size(); ++i)
    fits = parts[i].getBytes() < 0 ||
           parts[i].getBytes() == int64_t(loaded[i].size());
  if (fits)
    return Error::success();
  return fail(plan, "its source does not hold the components of " +
                        str(*plan.stored));
}

/// Brings canonical components into the program's order.
static std::vector<ComponentData>
applyLayouts(const ParameterPlan &plan, ArrayRef<ComponentData> canonical) {
  SmallVector<ComponentSpec> parts = getComponents(*plan.encoding, plan.shape);
  std::vector<ComponentData> result;
  for (const ComponentLayout &layout : plan.layouts) {
    result.emplace_back(layout.getBytes());
    applyLayout(parts[layout.source], layout, canonical[layout.source],
                result.back());
  }
  return result;
}

Expected<std::vector<float>>
mlir::compress::loadValues(const ParameterPlan &plan) {
  if (plan.element != ElementType::F32)
    return fail(plan, "holds " + str(plan.element) + ", not f32");
  Expected<SmallVector<ComponentData>> loaded = plan.load();
  if (!loaded)
    return loaded.takeError();
  if (Error error = verifyLoaded(plan, *loaded))
    return std::move(error);
  std::vector<float> values(plan.getNumElements());
  if (isPlain(plan.stored)) {
    std::memcpy(values.data(), loaded->front().data(),
                values.size() * sizeof(float));
    return values;
  }
  SmallVector<ArrayRef<uint8_t>> views(loaded->begin(), loaded->end());
  if (Error error = decode(*plan.stored, plan.shape, views, values))
    return fail(plan, toString(std::move(error)));
  return values;
}

Expected<LaidOutParameter> mlir::compress::layOut(const ParameterPlan &plan) {
  if (plan.awaitsCalibration && !plan.history)
    return fail(plan, "has not been calibrated yet (calibrateModel)");
  // Sizes that depend on the data are refused before anything is read.
  Expected<std::vector<ProgramComponent>> wanted = getProgramComponents(plan);
  if (!wanted)
    return wanted.takeError();
  Expected<SmallVector<ComponentData>> loaded = plan.load();
  if (!loaded)
    return loaded.takeError();
  if (Error error = verifyLoaded(plan, *loaded))
    return error;
  LaidOutParameter result;
  if (plan.isTranscoded()) {
    Transcoder transcoder(plan, *loaded);
    if (Error error = transcoder.run())
      return error;
    result.components = std::move(transcoder.target);
    result.relativeError = transcoder.relativeError;
    result.report = transcoder.report;
    loaded->clear();
  } else {
    result.components.assign(std::make_move_iterator(loaded->begin()),
                             std::make_move_iterator(loaded->end()));
  }
  if (plan.history) {
    result.report = plan.history->report;
    result.relativeError = plan.history->report.weightError;
  }
  if (!plan.layouts.empty())
    result.components = applyLayouts(plan, result.components);
  return result;
}

namespace {

/// Results of several threads, taken in order.
class OrderedQueue {
public:
  OrderedQueue(ArrayRef<ParameterPlan> plans, size_t window)
      : plans(plans), window(window), results(plans.size()) {}

  /// What each thread does.
  void work() {
    while (std::optional<size_t> index = claim()) {
      Expected<LaidOutParameter> result = layOut(plans[*index]);
      std::lock_guard<std::mutex> lock(mutex);
      results[*index].emplace(std::move(result));
      changed.notify_all();
    }
  }

  Expected<LaidOutParameter> take(size_t index) {
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [&] { return results[index].has_value(); });
    Expected<LaidOutParameter> result = std::move(*results[index]);
    results[index].reset();
    return result;
  }

  /// Item `index` needs no memory any more.
  void release() {
    std::lock_guard<std::mutex> lock(mutex);
    ++taken;
    changed.notify_all();
  }

  /// Ends the threads' work; results that nobody takes are dropped.
  void stop() {
    std::lock_guard<std::mutex> lock(mutex);
    stopped = true;
    changed.notify_all();
  }

  ~OrderedQueue() {
    for (std::optional<Expected<LaidOutParameter>> &result : results)
      if (result && !*result)
        consumeError(result->takeError());
  }

private:
  std::optional<size_t> claim() {
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [&] {
      return stopped || next == plans.size() || next < taken + window;
    });
    if (stopped || next == plans.size())
      return std::nullopt;
    return next++;
  }

  ArrayRef<ParameterPlan> plans;
  size_t window, next = 0, taken = 0;
  bool stopped = false;
  std::vector<std::optional<Expected<LaidOutParameter>>> results;
  std::mutex mutex;
  std::condition_variable changed;
};

} // namespace

Error mlir::compress::layOutAll(
    ArrayRef<ParameterPlan> plans, unsigned threads,
    function_ref<Error(size_t, LaidOutParameter)> sink) {
  threads = std::max(threads, 1u);
  OrderedQueue queue(plans, threads + 1);
  std::vector<std::thread> pool;
  for (unsigned i = 0; i < threads; ++i)
    pool.emplace_back([&] { queue.work(); });
  Error error = Error::success();
  for (size_t i = 0; i < plans.size() && !error; ++i) {
    Expected<LaidOutParameter> result = queue.take(i);
    error = result ? sink(i, std::move(*result)) : result.takeError();
    queue.release();
  }
  queue.stop();
  for (std::thread &thread : pool)
    thread.join();
  return error;
}

int64_t mlir::compress::estimatePeakBytes(ArrayRef<ParameterPlan> plans,
                                          unsigned threads) {
  auto sum = [](const EncodingSpec &spec, ArrayRef<int64_t> shape) {
    int64_t bytes = 0;
    for (const ComponentSpec &part : getComponents(spec, shape))
      bytes += std::max<int64_t>(part.getBytes(), 0);
    return bytes;
  };
  // Source, converted and laid-out components at once, at worst.
  auto estimate = [&](const ParameterPlan &plan) {
    int64_t plain = plan.getNumElements() * getElementBytes(plan.element);
    int64_t bytes = plan.stored ? sum(*plan.stored, plan.shape) : plain;
    int64_t program = plan.encoding ? sum(*plan.encoding, plan.shape) : plain;
    if (plan.isTranscoded())
      bytes = std::max(bytes + program, plan.layouts.empty() ? 0 : 2 * program);
    else if (!plan.layouts.empty())
      bytes += program;
    // As gptq does: the Hessian, its factor and a copy of it to invert in f64,
    // weights as they are, as they change, and as they are rounded.
    if (plan.usesAlgorithm())
      bytes += plan.secondMoment.size() * 3 * sizeof(double) +
               plan.getNumElements() * 3 * sizeof(float);
    return bytes;
  };
  size_t window = std::max(threads, 1u) + 1;
  int64_t peak = 0, current = 0;
  std::vector<int64_t> sizes;
  for (const ParameterPlan &plan : plans) {
    sizes.push_back(estimate(plan));
    current += sizes.back();
    if (sizes.size() > window)
      current -= sizes[sizes.size() - window - 1];
    peak = std::max(peak, current);
  }
  return peak;
}
