//===- WeightAlgorithmsTest.cpp - Tests of algorithms by name ---*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/WeightAlgorithms.h"

#include "compress/Calibration/SecondMoment.h"

#include "TestUtils.h"

#include "llvm/ADT/StringMap.h"

using namespace llvm;
using namespace mlir::compress;
using namespace mlir::compress::test;

namespace {

EncodingSpec getSpec(StringRef text) { return cantFail(parseEncoding(text)); }

TEST(WeightAlgorithmsTest, ReadsSteps) {
  WeightAlgorithm algorithm = cantFail(WeightAlgorithm::parse("awq,gptq-mse"));
  ASSERT_EQ(algorithm.scales.size(), 1u);
  EXPECT_EQ(algorithm.scales.front(), ScaleAlgorithm::AWQ);
  EXPECT_EQ(algorithm.codes->name, "gptq-mse");
  EXPECT_EQ(algorithm.str(), "awq,gptq-mse");
  // Scales alone are followed by rounding to nearest.
  EXPECT_EQ(cantFail(WeightAlgorithm::parse("smoothquant")).str(),
            "smoothquant,rtn");
  EXPECT_FALSE(cantFail(WeightAlgorithm::parse("mse")).needsStatistics());
  EXPECT_TRUE(cantFail(WeightAlgorithm::parse("awq")).needsStatistics());
}

/// An encoding that the algorithm takes.
EncodingSpec getSpecFor(StringRef algorithm) {
  if (algorithm == "binary")
    return getSpec("codebook<ui1, table = [-1, 1], block = [1, 32], scale = "
                   "f16>");
  if (algorithm.starts_with("ternary"))
    return getSpec("affine<i2, block = [1, 32], scale = f16, narrow>");
  if (algorithm.starts_with("kmeans") || algorithm == "percentile")
    return getSpec("codebook<ui3, block = [1, 32], scale = f16>");
  return getSpec("affine<ui3, block = [1, 32], scale = f16, min = f16>");
}

/// Every algorithm, by the output's error on inputs
/// that vary together.
TEST(WeightAlgorithmsTest, EveryAlgorithmRounds) {
  Matrix weights = makeRandom(12, 64, 1), inputs = makeRandom(200, 64, 2);
  for (int64_t row = 0; row < inputs.rows; ++row)
    for (int64_t i = 1; i < 64; ++i)
      inputs.values[row * 64 + i] += 0.8f * inputs.values[row * 64 + i - 1];
  SecondMoment moment(64);
  cantFail(moment.add(inputs));
  std::vector<double> hessian = moment.getHessian(SecondMoment::Form::Sum);
  StringMap<double> errors;
  for (const CodeAlgorithm &algorithm : getCodeAlgorithms()) {
    WeightReport report;
    QuantizedMatrix result = cantFail(quantizeWeights(
        algorithm, getSpecFor(algorithm.name), weights,
        {hessian, moment.getTokens()}, Rounding::Nearest, 2, &report));
    EXPECT_EQ(result.values.size(), weights.values.size());
    EXPECT_GT(report.weightError, 0) << algorithm.name.str();
    // Signs alone lose 1 - 2 / π of the squares of normal weights.
    EXPECT_LT(report.weightError, 0.62) << algorithm.name.str();
    errors[algorithm.name] = report.outputError.value();
  }
  for (StringRef better :
       {"importance", "awq-clip", "gptq", "gptq-mse", "gptq-static-groups",
        "gptq-act-order", "gptq-act-order-mse"})
    EXPECT_LT(errors[better], errors["rtn"]) << better.str();
  for (StringRef better : {"kmeans", "kmeans-exact", "kmeans-importance"})
    EXPECT_LT(errors[better], errors["percentile"]) << better.str();
  EXPECT_LT(errors["ternary-threshold"], errors["binary"]);
}

/// Where a codebook's table is a component, `gptq` has it learnt first.
TEST(WeightAlgorithmsTest, CompensationLearnsTables) {
  Matrix weights = makeRandom(12, 64, 1), inputs = makeCorrelated(200, 64, 2);
  SecondMoment moment(64);
  cantFail(moment.add(inputs));
  std::vector<double> hessian = moment.getHessian(SecondMoment::Form::Sum);
  EncodingSpec spec = getSpec("codebook<ui3, block = [1, 32], scale = f16>");
  auto getError = [&](StringRef name) {
    WeightAlgorithm algorithm = cantFail(WeightAlgorithm::parse(name));
    WeightReport report;
    cantFail(quantizeWeights(*algorithm.codes, spec, weights,
                             {hessian, moment.getTokens()}, Rounding::Nearest,
                             2, &report));
    return report.outputError.value();
  };
  EXPECT_LT(getError("gptq"), 0.8 * getError("kmeans"));
  EXPECT_LT(getError("kmeans-importance"), 1.02 * getError("kmeans"));
  WeightAlgorithm algorithm = cantFail(WeightAlgorithm::parse("kmeans"));
  expectError(quantizeWeights(*algorithm.codes,
                              getSpec("affine<i4, block = [1, 32], scale = "
                                      "f16>"),
                              weights, {}, Rounding::Nearest, 1),
              "has no table to be learnt");
}

TEST(WeightAlgorithmsTest, StatisticsThatAreMissing) {
  Matrix weights = makeRandom(4, 32, 1);
  EncodingSpec spec = getSpec("affine<i4, block = [1, 32], scale = f16>");
  for (const CodeAlgorithm &algorithm : getCodeAlgorithms()) {
    if (!algorithm.needsStatistics)
      continue;
    Expected<QuantizedMatrix> result =
        quantizeWeights(algorithm, spec, weights, {}, Rounding::Nearest, 1);
    ASSERT_FALSE(bool(result));
    EXPECT_EQ(toString(result.takeError()),
              algorithm.name.str() +
                  " needs to know what the weights are multiplied with: a "
                  "second moment of 32 x 32, not of 0 elements");
  }
}

} // namespace
