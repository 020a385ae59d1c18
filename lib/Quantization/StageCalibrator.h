//===- StageCalibrator.h - Rounds the weights of a block --------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_QUANTIZATION_STAGECALIBRATOR_H
#define COMPRESS_LIB_QUANTIZATION_STAGECALIBRATOR_H

#include "StageFiles.h"

#include "compress/Calibration/Observers.h"
#include "compress/Calibration/SecondMoment.h"
#include "compress/Quantization/StagedModel.h"

#include <map>

namespace mlir::compress {

/// What is asked for.
struct CalibrationRequest {
  const WeightAlgorithm &algorithm;
  /// The model that is made, its parameters by symbol, and the staged one.
  const PreparedModel &target;
  const llvm::StringMap<size_t> &indices;
  const StagedModel &staged;
  unsigned threads;
};

/// Looks at what goes into the weights of one stage, and rounds them.
class StageCalibrator {
public:
  /// Reads the values of all that may change. Errors name the parameter.
  static llvm::Expected<std::unique_ptr<StageCalibrator>>
  create(const CalibrationRequest &request, size_t stage);

  /// Whether the stage has weights to round.
  bool hasWeights() const { return !weights.empty(); }
  /// The values by symbol: f32, as they are stored at first.
  const llvm::StringMap<std::vector<float>> &getValues() const {
    return values;
  }

  /// Adds what the stage's last run showed.
  llvm::Error observe(const LoadedStage &loaded);
  /// Moves scales between activations and weights as the algorithm says. The
  /// values change, and `loaded` gets them.
  llvm::Error moveScales(LoadedStage &loaded);
  /// Rounds all weights, and gives `loaded` what they decode to. To be called
  /// once, at last.
  llvm::Expected<std::vector<CalibratedParameter>>
  roundWeights(LoadedStage &loaded);

private:
  /// Weights that are multiplied with one activation.
  struct Group {
    const Stage::Observed *observed;
    size_t place;
    std::vector<std::string> weights;
    SecondMoment moment;
    ChannelStatistics channels;
    /// 2 Σ x xᵀ, once all has been seen; of x as it is after moves.
    std::vector<double> hessian = {};
    /// The steps that moved scales, and why one did not.
    std::string steps = {}, note = {};
  };

  StageCalibrator(const CalibrationRequest &request, size_t stage)
      : request(request), stage(request.staged.getStages()[stage]) {}
  llvm::Error load();
  bool isRounded(llvm::StringRef symbol) const;
  const ParameterPlan &getTarget(llvm::StringRef symbol) const {
    return request.target.parameters[request.indices.lookup(symbol)];
  }
  MatrixRef getMatrix(llvm::StringRef symbol) const;

  /// The move of a group, or null with the reason why there is none.
  const ScaleMove *findMove(const Group &group, std::string &why) const;
  llvm::Expected<std::vector<float>> chooseScales(ScaleAlgorithm algorithm,
                                                  const Group &group,
                                                  const ScaleMove &move) const;
  void applyScales(Group &group, const ScaleMove &move,
                   llvm::ArrayRef<float> scales);

  const CalibrationRequest &request;
  const Stage &stage;
  llvm::StringMap<std::vector<float>> values;
  std::vector<std::string> weights;
  std::vector<Group> groups;
  /// Vectors that took over scales, with the steps that did it.
  std::map<std::string, std::string> moved;
};

} // namespace mlir::compress

#endif // COMPRESS_LIB_QUANTIZATION_STAGECALIBRATOR_H
