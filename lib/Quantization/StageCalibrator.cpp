//===- StageCalibrator.cpp - Rounds the weights of a block ----------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "StageCalibrator.h"

#include "compress/Calibration/AWQ.h"
#include "compress/Calibration/SmoothQuant.h"
#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>
#include <cstring>

using namespace llvm;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Weights and what goes into them
//===----------------------------------------------------------------------===//

bool StageCalibrator::isRounded(StringRef symbol) const {
  auto found = request.indices.find(symbol);
  return found != request.indices.end() &&
         request.target.calibrated[found->second];
}

MatrixRef StageCalibrator::getMatrix(StringRef symbol) const {
  const ParameterPlan &plan = getTarget(symbol);
  return {values.find(symbol)->second, plan.shape[0], plan.shape[1]};
}

Error StageCalibrator::load() {
  for (size_t index : stage.parameters) {
    const ParameterPlan &plan = request.staged.getModel().parameters[index];
    bool isVector = plan.shape.size() == 1 && plan.element == ElementType::F32;
    if (isRounded(plan.symbol))
      weights.push_back(plan.symbol);
    else if (!isVector)
      continue;
    Expected<std::vector<float>> loaded = loadValues(plan);
    if (!loaded)
      return loaded.takeError();
    values[plan.symbol] = std::move(*loaded);
  }
  for (auto [place, observed] : enumerate(stage.observed)) {
    std::vector<std::string> rounded;
    copy_if(observed.parameters, std::back_inserter(rounded),
            [&](StringRef symbol) { return isRounded(symbol); });
    if (!rounded.empty())
      groups.push_back({&observed, place, std::move(rounded),
                        SecondMoment(observed.columns),
                        ChannelStatistics(observed.columns)});
  }
  return Error::success();
}

Expected<std::unique_ptr<StageCalibrator>>
StageCalibrator::create(const CalibrationRequest &request, size_t stage) {
  std::unique_ptr<StageCalibrator> made(new StageCalibrator(request, stage));
  if (Error error = made->load())
    return std::move(error);
  return made;
}

Error StageCalibrator::observe(const LoadedStage &loaded) {
  for (Group &group : groups) {
    MatrixRef rows = loaded.getObserved(group.place);
    auto name = [&](Error error) {
      return makeError("what '" + group.weights.front() +
                       "' is multiplied with: " + toString(std::move(error)));
    };
    if (Error error = group.moment.add(rows, request.threads))
      return name(std::move(error));
    if (!request.algorithm.scales.empty())
      if (Error error = group.channels.add(rows))
        return name(std::move(error));
  }
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Scales
//===----------------------------------------------------------------------===//

const ScaleMove *StageCalibrator::findMove(const Group &group,
                                           std::string &why) const {
  auto move = find_if(request.staged.getModel().moves, [&](const ScaleMove &m) {
    return m.consumers == group.observed->parameters;
  });
  if (move == request.staged.getModel().moves.end() ||
      !move->obstacle.empty()) {
    why = "its input " + (move == request.staged.getModel().moves.end()
                              ? std::string("is not known")
                              : move->obstacle);
    return nullptr;
  }
  for (const std::string &consumer : move->consumers)
    if (!isRounded(consumer)) {
      why = "'" + consumer + "', which reads the same input, is not rounded";
      return nullptr;
    }
  for (const ScaleAbsorber &absorber : move->absorbers)
    if (!values.count(absorber.parameter)) {
      why = "'" + absorber.parameter +
            "', which makes its input, is not rounded with it";
      return nullptr;
    }
  return &*move;
}

/// Channels that share a row of an absorber share a scale: the geometric mean.
static void tieScales(const ScaleMove &move, MutableArrayRef<float> scales) {
  for (const ScaleAbsorber &absorber : move.absorbers) {
    std::map<int64_t, std::pair<double, int64_t>> sums;
    for (auto [row, scale] : zip_equal(absorber.rows, scales)) {
      sums[row].first += std::log(double(scale));
      ++sums[row].second;
    }
    for (auto [row, scale] : zip_equal(absorber.rows, scales))
      if (sums[row].second > 1)
        scale = float(std::exp(sums[row].first / double(sums[row].second)));
  }
}

Expected<std::vector<float>>
StageCalibrator::chooseScales(ScaleAlgorithm algorithm, const Group &group,
                              const ScaleMove &move) const {
  std::vector<MatrixRef> matrices;
  for (const std::string &weight : group.weights)
    matrices.push_back(getMatrix(weight));
  if (algorithm == ScaleAlgorithm::SmoothQuant) {
    Expected<std::vector<float>> maxima =
        getColumnMaxima(matrices, move.channels);
    if (!maxima)
      return maxima.takeError();
    Expected<std::vector<float>> scales =
        getSmoothQuantScales(group.channels.getLargest(), *maxima);
    if (scales)
      tieScales(move, *scales);
    return scales;
  }
  auto objective = [&](ArrayRef<float> candidate) -> Expected<double> {
    std::vector<float> scales(candidate);
    tieScales(move, scales);
    double sum = 0;
    for (auto [weight, matrix] : zip_equal(group.weights, matrices)) {
      Expected<double> error =
          getScaledOutputError(*getTarget(weight).getTarget(), matrix,
                               group.hessian, scales, request.threads);
      if (!error)
        return error;
      sum += *error;
    }
    return sum;
  };
  Expected<AWQResult> result =
      searchAWQScales(group.channels.getMeanMagnitudes(), objective);
  if (!result)
    return result.takeError();
  tieScales(move, result->scales);
  return std::move(result->scales);
}

void StageCalibrator::applyScales(Group &group, const ScaleMove &move,
                                  ArrayRef<float> scales) {
  int64_t channels = scales.size();
  for (const std::string &weight : group.weights) {
    std::vector<float> &matrix = values[weight];
    for (size_t i = 0; i < matrix.size(); ++i)
      matrix[i] *= scales[i % channels];
  }
  for (int64_t i = 0; i < channels; ++i)
    for (int64_t j = 0; j < channels; ++j)
      group.hessian[i * channels + j] /= double(scales[i]) * double(scales[j]);
  for (const ScaleAbsorber &absorber : move.absorbers) {
    std::vector<float> &target = values[absorber.parameter];
    // A vector's elements are rows of one column.
    const ParameterPlan &plan = getTarget(absorber.parameter);
    int64_t columns = plan.shape.size() == 2 ? plan.shape[1] : 1;
    std::map<int64_t, float> byRow;
    for (auto [row, scale] : zip_equal(absorber.rows, scales))
      byRow[row] = scale;
    for (auto [row, scale] : byRow)
      for (int64_t i = 0; i < columns; ++i)
        target[row * columns + i] /= scale;
  }
}

Error StageCalibrator::moveScales(LoadedStage &loaded) {
  for (Group &group : groups)
    group.hessian = group.moment.getHessian(SecondMoment::Form::Sum);
  for (ScaleAlgorithm algorithm : request.algorithm.scales)
    for (Group &group : groups) {
      std::string why;
      const ScaleMove *move = findMove(group, why);
      if (!move) {
        group.note = str(algorithm).str() + " left it alone: " + why;
        continue;
      }
      Expected<std::vector<float>> scales =
          chooseScales(algorithm, group, *move);
      if (!scales)
        return makeError(
            str(algorithm) + " of what '" + group.weights.front() +
            "' is multiplied with: " + toString(scales.takeError()));
      applyScales(group, *move, *scales);
      group.steps += str(algorithm).str() + ",";
      for (const ScaleAbsorber &absorber : move->absorbers)
        if (!isRounded(absorber.parameter))
          moved[absorber.parameter] = str(algorithm).str();
    }
  if (!request.algorithm.scales.empty())
    for (const auto &entry : values)
      if (Error error = loaded.setValues(entry.first(), entry.second))
        return error;
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Codes
//===----------------------------------------------------------------------===//

Expected<std::vector<CalibratedParameter>>
StageCalibrator::roundWeights(LoadedStage &loaded) {
  std::vector<CalibratedParameter> results;
  const CodeAlgorithm &codes = *request.algorithm.codes;
  for (Group &group : groups) {
    InputStatistics inputs{group.hessian, group.moment.getTokens()};
    for (const std::string &weight : group.weights) {
      const ParameterPlan &plan = getTarget(weight);
      ParameterHistory history;
      Expected<QuantizedMatrix> rounded =
          quantizeWeights(codes, *plan.getTarget(), getMatrix(weight), inputs,
                          plan.getRounding(), request.threads, &history.report);
      if (!rounded)
        return makeError(
            "parameter '" + weight + "': " + toString(rounded.takeError()) +
            "; keep it as it is stored with --override '" + weight + "=keep'");
      history.algorithm = group.steps + codes.name.str();
      history.tokens = inputs.tokens;
      history.report.note = group.note;
      if (Error error = loaded.setValues(weight, rounded->values))
        return std::move(error);
      results.push_back({weight,
                         {std::make_move_iterator(rounded->components.begin()),
                          std::make_move_iterator(rounded->components.end())},
                         std::move(history)});
    }
    group.hessian.clear();
    group.hessian.shrink_to_fit();
  }
  for (const auto &[symbol, steps] : moved) {
    ArrayRef<float> vector = values[symbol];
    ComponentData data(vector.size() * sizeof(float));
    std::memcpy(data.data(), vector.data(), data.size());
    ParameterHistory history;
    history.algorithm = steps;
    results.push_back({symbol, {std::move(data)}, std::move(history)});
  }
  return results;
}
