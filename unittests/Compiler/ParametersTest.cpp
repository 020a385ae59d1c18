//===- ParametersTest.cpp - From stored tensors to a program's data -------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Compiler/Parameters.h"
#include "compress/Calibration/WeightAlgorithms.h"
#include "compress/Support/Error.h"

#include "gtest/gtest.h"

#include <atomic>
#include <cmath>
#include <cstring>
#include <random>

using namespace llvm;
using namespace mlir::compress;

namespace {

using Components = SmallVector<ComponentData>;

EncodingSpec parse(StringRef text) {
  Expected<EncodingSpec> spec = parseEncoding(text);
  if (!spec) {
    ADD_FAILURE() << toString(spec.takeError());
    return {};
  }
  return *spec;
}

std::vector<float> makeValues(int64_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<float> values(count);
  for (float &value : values)
    value = float(int(random() % 2001) - 1000) / 512;
  return values;
}

ComponentData toBytes(ArrayRef<float> values) {
  ComponentData bytes(values.size() * sizeof(float));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

std::vector<float> toFloats(ArrayRef<uint8_t> bytes) {
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

/// A parameter whose file holds `values` plainly.
ParameterPlan makePlan(ArrayRef<int64_t> shape, ArrayRef<float> values) {
  ParameterPlan plan;
  plan.symbol = "w";
  plan.shape.assign(shape.begin(), shape.end());
  plan.load = [bytes = toBytes(values)]() -> Expected<Components> {
    return Components{bytes};
  };
  return plan;
}

LaidOutParameter layOutOrFail(const ParameterPlan &plan) {
  Expected<LaidOutParameter> result = layOut(plan);
  if (!result) {
    ADD_FAILURE() << toString(result.takeError());
    return {};
  }
  return std::move(*result);
}

std::vector<float> decodeAll(const EncodingSpec &spec, ArrayRef<int64_t> shape,
                             ArrayRef<ComponentData> components) {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  std::vector<float> values(count);
  SmallVector<ArrayRef<uint8_t>> views(components.begin(), components.end());
  Error error = decode(spec, shape, views, values);
  EXPECT_FALSE(bool(error)) << toString(std::move(error));
  return values;
}

/// Puts laid-out components back into the canonical order: the independent,
/// one-element-at-a-time meaning of a layout.
Components undoLayouts(const ParameterPlan &plan,
                       ArrayRef<ComponentData> laidOut) {
  SmallVector<ComponentSpec> parts = getComponents(*plan.encoding, plan.shape);
  Components canonical;
  for (const ComponentSpec &part : parts)
    canonical.emplace_back(part.getBytes());
  for (auto [layout, bytes] : zip_equal(plan.layouts, laidOut)) {
    const ComponentSpec &part = parts[layout.source];
    int64_t bits = part.number.getBits(), columns = part.logicalShape.back();
    int64_t rowBits = (columns * bits + 7) / 8 * 8;
    for (int64_t row = 0; row < plan.shape[0]; ++row)
      for (int64_t column = 0; column < plan.shape[1]; ++column) {
        int64_t from = layout.getBit(layout.getPosition({row, column}));
        int64_t to = row / layout.divisor[0] * rowBits +
                     column / layout.divisor[1] * bits + layout.shift;
        for (unsigned bit = 0; bit < layout.width; ++bit) {
          bool isSet = bytes[(from + bit) / 8] >> (from + bit) % 8 & 1;
          // The bias of signed codes flips their highest bit.
          if (layout.bias != 0 && layout.shift + bit + 1 == bits)
            isSet = !isSet;
          uint8_t &byte = canonical[layout.source][(to + bit) / 8];
          uint8_t mask = 1 << (to + bit) % 8;
          byte = isSet ? byte | mask : byte & ~mask;
        }
      }
  }
  return canonical;
}

TEST(ParametersTest, PlainTensorsAreCopied) {
  std::vector<float> values = makeValues(6 * 10, 1);
  ParameterPlan plan = makePlan({6, 10}, values);
  EXPECT_FALSE(plan.isTranscoded());
  EXPECT_EQ(plan.getAlgorithm(), "copy");
  LaidOutParameter result = layOutOrFail(plan);
  ASSERT_EQ(result.components.size(), 1u);
  EXPECT_EQ(toFloats(result.components[0]), values);
  EXPECT_FALSE(result.relativeError);
}

TEST(ParametersTest, LaidOutBytesDecodeToTheSameValues) {
  for (StringRef text :
       {"affine<i4, block = [1, 32], scale = f16>",
        "affine<ui4, block = [1, 32], scale = f16, min = f16>",
        "affine<i8, block = [1, -1], scale = f32>",
        "affine<ui6, block = [1, 16], scale = affine<ui4, block = [1, 4], "
        "scale = f16>, min = f16>",
        "codebook<\"nf4\", block = [1, 64], scale = f16>", "float<f16>"}) {
    SmallVector<int64_t> shape{37, 84}; // Ragged panels, tiles and blocks.
    std::vector<float> values = makeValues(37 * 84, 2);
    ParameterPlan plan = makePlan(shape, values);
    plan.encoding = parse(text);
    EXPECT_EQ(plan.getAlgorithm(), "rtn");
    LaidOutParameter canonical = layOutOrFail(plan);
    // Row by row, as the codec does all at once.
    Expected<Components> expected = encode(*plan.encoding, shape, values);
    ASSERT_TRUE(bool(expected)) << toString(expected.takeError());
    EXPECT_EQ(ArrayRef(canonical.components), ArrayRef(*expected))
        << text.str();

    auto layouts = getPanelLayouts(*plan.encoding, shape, PanelLayout());
    plan.layouts.assign(layouts.begin(), layouts.end());
    LaidOutParameter laidOut = layOutOrFail(plan);
    Expected<std::vector<ProgramComponent>> components =
        getProgramComponents(plan);
    ASSERT_TRUE(bool(components)) << toString(components.takeError());
    ASSERT_EQ(components->size(), laidOut.components.size());
    for (auto [info, data] : zip_equal(*components, laidOut.components)) {
      EXPECT_EQ(info.bytes, int64_t(data.size())) << info.name;
      EXPECT_EQ(countBytes(info.type, info.shape), info.bytes) << info.name;
    }
    EXPECT_EQ(
        decodeAll(*plan.encoding, shape, undoLayouts(plan, laidOut.components)),
        decodeAll(*plan.encoding, shape, canonical.components))
        << text.str();
    EXPECT_EQ(laidOut.relativeError, canonical.relativeError);
  }
}

TEST(ParametersTest, CodesAreKeptWhereTheEncodingIs) {
  EncodingSpec spec = parse("affine<i4, block = [1, 32], scale = f16>");
  std::vector<float> values = makeValues(4 * 64, 3);
  Expected<Components> stored = encode(spec, {4, 64}, values);
  ASSERT_TRUE(bool(stored)) << toString(stored.takeError());
  // Codes that rounding would never give: the range's unused end.
  (*stored)[0][0] = 0x88;
  ParameterPlan plan = makePlan({4, 64}, values);
  plan.stored = plan.encoding = spec;
  plan.load = [&]() -> Expected<Components> { return *stored; };
  EXPECT_EQ(plan.getAlgorithm(), "copy");
  LaidOutParameter result = layOutOrFail(plan);
  EXPECT_EQ(ArrayRef(result.components), ArrayRef(*stored));
  EXPECT_FALSE(result.relativeError);
}

TEST(ParametersTest, ErrorIsRelativeToTheValues) {
  std::vector<float> values = makeValues(8 * 96, 4);
  ParameterPlan plan = makePlan({8, 96}, values);
  plan.encoding = parse("affine<i4, block = [1, 32], scale = f16>");
  LaidOutParameter result = layOutOrFail(plan);
  std::vector<float> rounded =
      decodeAll(*plan.encoding, plan.shape, result.components);
  double error = 0, norm = 0;
  for (auto [x, y] : zip_equal(values, rounded)) {
    error += std::pow(double(x) - y, 2);
    norm += std::pow(double(x), 2);
  }
  ASSERT_TRUE(result.relativeError.has_value());
  EXPECT_NEAR(*result.relativeError, std::sqrt(error / norm), 1e-12);
  EXPECT_GT(*result.relativeError, 0);
}

TEST(ParametersTest, DecodingToF32IsExact) {
  EncodingSpec spec = parse("affine<ui4, block = [1, 32], scale = f16, "
                            "min = f16>");
  std::vector<float> values = makeValues(5 * 64, 5);
  Expected<Components> stored = encode(spec, {5, 64}, values);
  ASSERT_TRUE(bool(stored)) << toString(stored.takeError());
  ParameterPlan plan = makePlan({5, 64}, values);
  plan.stored = spec;
  plan.load = [&]() -> Expected<Components> { return *stored; };
  EXPECT_EQ(plan.getAlgorithm(), "decode");
  LaidOutParameter result = layOutOrFail(plan);
  EXPECT_EQ(toFloats(result.components[0]), decodeAll(spec, {5, 64}, *stored));
  EXPECT_EQ(result.relativeError, 0.0);
}

TEST(ParametersTest, FullRangeUsesTheLowestCode) {
  // As GGUF's Q4_0: the value of largest magnitude, 4, becomes -8.
  std::vector<float> values(32);
  for (int i = 0; i < 32; ++i)
    values[i] = float(i - 16) / 4;
  ParameterPlan plan = makePlan({1, 32}, values);
  plan.encoding = parse("affine<i4, block = [1, 32], scale = f16>");
  plan.rounding = Rounding::FullRange;
  EXPECT_EQ(plan.getAlgorithm(), "rtn-full-range");
  LaidOutParameter result = layOutOrFail(plan);
  EXPECT_EQ(result.components[1], (ComponentData{0x00, 0x38})); // 0.5
  EXPECT_EQ(unpackBits(result.components[0].data(), 4, 0), 8u); // -8
  EXPECT_EQ(unpackBits(result.components[0].data(), 4, 31), 7u);
  // The sign of the extreme value is the scale's.
  for (float &value : values)
    value = -value;
  plan = makePlan({1, 32}, values);
  plan.encoding = parse("affine<i4, block = [1, 32], scale = f16>");
  plan.rounding = Rounding::FullRange;
  result = layOutOrFail(plan);
  EXPECT_EQ(result.components[1], (ComponentData{0x00, 0xb8})); // -0.5
  EXPECT_EQ(unpackBits(result.components[0].data(), 4, 0), 8u);
}

/// A scheme's rounding is for encodings for which it means something; the
/// ledger says which one was taken.
TEST(ParametersTest, RoundingsThatMeanNothingAreNearest) {
  ParameterPlan plan = makePlan({2, 64}, makeValues(2 * 64, 6));
  plan.encoding = parse("codebook<\"nf4\", block = [1, 64], scale = f16>");
  LaidOutParameter nearest = layOutOrFail(plan);
  for (Rounding rounding : {Rounding::FullRange, Rounding::GGML}) {
    plan.rounding = rounding;
    EXPECT_EQ(plan.getAlgorithm(), "rtn");
    EXPECT_EQ(layOutOrFail(plan).components, nearest.components);
  }
  plan.encoding = parse("affine<i4, block = [1, 32], scale = f16>");
  plan.rounding = Rounding::GGML;
  EXPECT_EQ(plan.getAlgorithm(), "rtn-ggml");
  LaidOutParameter ggml = layOutOrFail(plan);
  plan.rounding = Rounding::Nearest;
  EXPECT_NE(layOutOrFail(plan).components, ggml.components);
}

TEST(ParametersTest, ResultsComeInOrderFromAnyNumberOfThreads) {
  std::vector<ParameterPlan> plans;
  for (int i = 0; i < 40; ++i) {
    int64_t rows = i % 7 * 40 + 1;
    plans.push_back(makePlan({rows, 64}, makeValues(rows * 64, i)));
    plans.back().encoding = parse("affine<i8, block = [1, 32], scale = f16>");
  }
  std::vector<std::vector<ComponentData>> results[2];
  for (unsigned threads : {1, 3}) {
    auto &list = results[threads / 3];
    Error error = layOutAll(plans, threads,
                            [&](size_t index, LaidOutParameter parameter) {
                              EXPECT_EQ(index, list.size());
                              list.push_back(parameter.components);
                              return Error::success();
                            });
    EXPECT_FALSE(bool(error)) << toString(std::move(error));
    EXPECT_EQ(list.size(), plans.size());
  }
  EXPECT_EQ(results[0], results[1]);
}

TEST(ParametersTest, ErrorsEndTheWork) {
  std::vector<ParameterPlan> plans;
  std::atomic<int> loads{0};
  for (int i = 0; i < 100; ++i) {
    plans.push_back(makePlan({2, 4}, makeValues(8, i)));
    plans.back().load = [&, i]() -> Expected<Components> {
      ++loads;
      if (i == 5)
        return makeError("cut short");
      return Components{ComponentData(32)};
    };
  }
  size_t taken = 0;
  Error error = layOutAll(plans, 2, [&](size_t, LaidOutParameter) {
    ++taken;
    return Error::success();
  });
  EXPECT_EQ(toString(std::move(error)), "cut short");
  EXPECT_EQ(taken, 5u);
  EXPECT_LT(loads, 20);
}

std::string getError(const ParameterPlan &plan) {
  Expected<LaidOutParameter> result = layOut(plan);
  return result ? "" : toString(result.takeError());
}

TEST(ParametersTest, ErrorsNameTheParameter) {
  std::vector<float> values = makeValues(4 * 32, 6);
  values[40] = NAN;
  ParameterPlan plan = makePlan({4, 32}, values);
  plan.encoding = parse("affine<i8, block = [1, 32], scale = f16>");
  std::string message = getError(plan);
  EXPECT_NE(message.find("parameter 'w': can't be stored as affine<"),
            std::string::npos)
      << message;
  EXPECT_NE(message.find("with --override 'w=keep'"), std::string::npos);

  plan = makePlan({4, 33}, values);
  EXPECT_EQ(getError(plan), "parameter 'w': its source does not hold [4, 33] "
                            "values of f32");
  plan.stored = plan.encoding =
      parse("affine<i8, block = [1, 32], scale = f16>");
  EXPECT_NE(getError(plan).find("does not hold the components of affine<"),
            std::string::npos);

  plan = makePlan({int64_t(1) << 40, int64_t(1) << 40}, values);
  EXPECT_NE(getError(plan).find("is too large"), std::string::npos);
}

TEST(ParametersTest, SizesThatDependOnValuesAreRefused) {
  ParameterPlan plan = makePlan({4, 32}, makeValues(128, 7));
  EncodingSpec spec;
  spec.kind = EncodingSpec::Kind::Block;
  spec.block = {4, 4};
  spec.values = Part(NumberType::getF16());
  for (const EncodingSpec &encoding :
       {spec, parse("split<base = affine<i4, block = [1, 32], scale = f16>, "
                    "outliers = f16>")}) {
    plan.encoding = encoding;
    EXPECT_NE(getError(plan).find("depends on the values; programs have "
                                  "parameters of fixed size"),
              std::string::npos)
        << getError(plan);
  }
}

TEST(ParametersTest, PeakCountsParametersOnTheirWay) {
  std::vector<ParameterPlan> plans;
  for (int i = 0; i < 10; ++i)
    plans.push_back(makePlan({16, 16}, makeValues(256, i)));
  // One thread: the parameter that is written, and the next one.
  EXPECT_EQ(estimatePeakBytes(plans, 1), 2 * 1024);
  EXPECT_EQ(estimatePeakBytes(plans, 20), 10 * 1024);
  plans[3].encoding = parse("affine<i8, block = [1, -1], scale = f32>");
  EXPECT_EQ(estimatePeakBytes(plans, 1), 2 * 1024 + 256 + 64);
}

/// What was chosen before is taken as it is, with its history.
TEST(ParametersTest, CalibratedParameters) {
  std::vector<float> values = makeValues(2 * 32, 7);
  EncodingSpec spec = parse("affine<i4, block = [1, 32], scale = f16>");
  ParameterPlan plan = makePlan({2, 32}, values);
  plan.encoding = spec;
  plan.awaitsCalibration = true;
  Expected<LaidOutParameter> early = layOut(plan);
  ASSERT_FALSE(bool(early));
  EXPECT_EQ(toString(early.takeError()),
            "parameter 'w': has not been calibrated yet (calibrateModel)");
  EXPECT_EQ(*loadValues(plan), values);

  Expected<QuantizedMatrix> rounded = quantizeToNearest(spec, {values, 2, 32});
  ASSERT_TRUE(bool(rounded));
  plan.stored = spec;
  plan.load = [&]() -> Expected<Components> { return rounded->components; };
  plan.history.emplace();
  plan.history->algorithm = "awq,gptq";
  plan.history->report.weightError = 0.25;
  plan.history->report.outputError = 0.125;
  EXPECT_EQ(plan.getAlgorithm(), "awq,gptq");
  Expected<LaidOutParameter> result = layOut(plan);
  ASSERT_TRUE(bool(result)) << toString(result.takeError());
  ASSERT_EQ(result->components.size(), rounded->components.size());
  for (auto [a, b] : zip_equal(result->components, rounded->components))
    EXPECT_EQ(a, b);
  EXPECT_EQ(result->relativeError, 0.25);
  EXPECT_EQ(result->report->outputError, 0.125);
  EXPECT_EQ(*loadValues(plan), rounded->values);
}

/// A codebook whose table is learnt from the values: the table is a component
/// of the program's like any other, and rounding to nearest has none.
TEST(ParametersTest, LearntTables) {
  std::vector<float> values = makeValues(16 * 64, 9);
  ParameterPlan plan = makePlan({16, 64}, values);
  plan.encoding = parse("codebook<ui4, block = [1, 32], scale = f16>");
  auto layouts = getPanelLayouts(*plan.encoding, plan.shape, PanelLayout());
  plan.layouts.assign(layouts.begin(), layouts.end());
  EXPECT_NE(getError(plan).find("table"), std::string::npos) << getError(plan);
  plan.algorithm = cantFail(WeightAlgorithm::parse("kmeans")).codes;
  EXPECT_EQ(plan.getAlgorithm(), "kmeans");
  Expected<std::vector<ProgramComponent>> parts = getProgramComponents(plan);
  ASSERT_TRUE(bool(parts)) << toString(parts.takeError());
  EXPECT_EQ(parts->back().name, "table");
  EXPECT_EQ(parts->back().bytes, 16 * 4);
  LaidOutParameter result = layOutOrFail(plan);
  ASSERT_EQ(result.components.size(), parts->size());
  for (auto [part, bytes] : zip_equal(*parts, result.components))
    EXPECT_EQ(part.bytes, int64_t(bytes.size())) << part.name;
  std::vector<float> table = toFloats(result.components.back());
  EXPECT_TRUE(llvm::is_sorted(table));
  EXPECT_GT(result.relativeError, 0);
  EXPECT_LT(result.relativeError, 0.08); // 16 levels of uniform values.
}

TEST(ParametersTest, ValuesOfOtherElements) {
  ParameterPlan plan = makePlan({4}, makeValues(4, 1));
  plan.element = ElementType::BF16;
  Expected<std::vector<float>> values = loadValues(plan);
  ASSERT_FALSE(bool(values));
  EXPECT_EQ(toString(values.takeError()), "parameter 'w': holds bf16, not f32");
}

} // namespace
