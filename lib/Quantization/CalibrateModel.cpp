//===- CalibrateModel.cpp - Rounds a model block by block -----------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Quantization/CalibrateModel.h"

#include "CalibrationText.h"
#include "StageCalibrator.h"
#include "StageFiles.h"

#include "compress/Calibration/Statistics.h"
#include "compress/Quantization/StagedModel.h"
#include "compress/Support/Error.h"
#include "compress/Support/Hash.h"
#include "compress/Support/Output.h"
#include "compress/Support/Progress.h"
#include "compress/Support/Version.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace mlir;
using namespace mlir::compress;

namespace {

/// One run over all stages.
class ModelCalibrator {
public:
  ModelCalibrator(StringRef path, const CompileOptions &options,
                  PreparedModel &model)
      : path(path), options(options), model(model) {}

  Error run(StringRef workFolder);
  Expected<CalibrationEstimate> estimate();
  Expected<int64_t> estimateStage(size_t index) const;

private:
  Error prepare();
  Error checkParameters() const;
  Expected<std::string> getKey() const;
  Error runStage(size_t index, const StageFiles &files, Progress &progress);
  Error observe(StageCalibrator &calibrator, LoadedStage &loaded,
                ArrayRef<float> input, Progress &progress, StringRef name);
  Error propagate(LoadedStage &loaded, ArrayRef<float> input, StringRef target,
                  Progress &progress, StringRef name);
  Error attach(const StageFiles &files);

  bool hasWeights(size_t index) const;
  /// Stages from here on have nothing to round.
  size_t countStages() const;
  bool needsBoundary(size_t index) const { return index + 1 < countStages(); }
  /// A sequence's share of what goes into a stage.
  ArrayRef<float> getInput(ArrayRef<float> inputs, int64_t sequence) const {
    size_t size = inputs.size() / tokens.count;
    return inputs.slice(sequence * size, size);
  }
  std::string getName(size_t index) const;

  StringRef path;
  const CompileOptions &options;
  PreparedModel &model;
  StringMap<size_t> indices;
  std::unique_ptr<StagedModel> staged;
  TokenSequences tokens;
};

} // namespace

//===----------------------------------------------------------------------===//
// Before the work
//===----------------------------------------------------------------------===//

Error ModelCalibrator::prepare() {
  for (auto [index, plan] : enumerate(model.parameters))
    indices[plan.symbol] = index;
  Expected<TokenSequences> read = readCalibrationText(path, options, model);
  if (!read)
    return read.takeError();
  tokens = std::move(*read);
  Expected<std::unique_ptr<StagedModel>> made =
      StagedModel::create(path, options);
  if (!made)
    return made.takeError();
  staged = std::move(*made);
  return checkParameters();
}

/// Each weight must be seen, and rounded, once.
Error ModelCalibrator::checkParameters() const {
  StringMap<int64_t> places;
  for (const Stage &stage : staged->getStages())
    for (const Stage::Observed &observed : stage.observed)
      for (const std::string &parameter : observed.parameters)
        ++places[parameter];
  for (auto [plan, isCalibrated] :
       zip_equal(model.parameters, model.calibrated))
    if (isCalibrated && places.lookup(plan.symbol) != 1)
      return makeFileError(
          path, "parameter '" + plan.symbol + "' is multiplied in " +
                    Twine(places.lookup(plan.symbol)) +
                    " places that calibration sees, and can't be rounded by " +
                    options.algorithm +
                    "; keep it as it is stored with --override '" +
                    plan.symbol + "=keep'");
  return Error::success();
}

/// What results depend on.
Expected<std::string> ModelCalibrator::getKey() const {
  Expected<std::string> hash = hashModel(path);
  if (!hash)
    return hash.takeError();
  json::Object request{{"model", *hash},
                       {"text", tokens.hash},
                       {"context", tokens.context},
                       {"sequences", tokens.count},
                       {"options", options.toJSON()},
                       {"generator", getVersion()}};
  std::string text;
  raw_string_ostream(text) << json::Value(std::move(request));
  return sha256(arrayRefFromStringRef(text));
}

bool ModelCalibrator::hasWeights(size_t index) const {
  return any_of(staged->getStages()[index].parameters, [&](size_t parameter) {
    auto found = indices.find(staged->getModel().parameters[parameter].symbol);
    return found != indices.end() && model.calibrated[found->second];
  });
}

size_t ModelCalibrator::countStages() const {
  size_t count = staged->getStages().size();
  while (count > 0 && !hasWeights(count - 1))
    --count;
  return count;
}

std::string ModelCalibrator::getName(size_t index) const {
  return ("block " + Twine(index + 1) + " of " + Twine(countStages())).str();
}

//===----------------------------------------------------------------------===//
// Stages
//===----------------------------------------------------------------------===//

Error ModelCalibrator::observe(StageCalibrator &calibrator, LoadedStage &loaded,
                               ArrayRef<float> input, Progress &progress,
                               StringRef name) {
  for (int64_t i = 0; i < tokens.count; ++i) {
    if (Error error = loaded.run(tokens.get(i), getInput(input, i)))
      return error;
    if (Error error = calibrator.observe(loaded))
      return makeFileError(path, "sequence " + Twine(i) + ", " +
                                     toString(std::move(error)));
    progress.advance(1, name);
  }
  return Error::success();
}

Error ModelCalibrator::propagate(LoadedStage &loaded, ArrayRef<float> input,
                                 StringRef target, Progress &progress,
                                 StringRef name) {
  Expected<OutputFile> file = OutputFile::create(target);
  if (!file)
    return file.takeError();
  for (int64_t i = 0; i < tokens.count; ++i) {
    if (Error error = loaded.run(tokens.get(i), getInput(input, i)))
      return error;
    ArrayRef<float> output = loaded.getOutput();
    if (Error error = file->write(
            ArrayRef(reinterpret_cast<const uint8_t *>(output.data()),
                     output.size() * sizeof(float))))
      return error;
    progress.advance(1, name);
  }
  return file->commit();
}

Error ModelCalibrator::runStage(size_t index, const StageFiles &files,
                                Progress &progress) {
  CalibrationRequest request{model.algorithm, model, indices, *staged,
                             options.threads};
  Expected<std::unique_ptr<StageCalibrator>> calibrator =
      StageCalibrator::create(request, index);
  if (!calibrator)
    return calibrator.takeError();
  Expected<std::unique_ptr<LoadedStage>> loaded = LoadedStage::create(
      *staged, index, (*calibrator)->getValues(), options.threads);
  if (!loaded)
    return loaded.takeError();
  std::optional<MappedFile> mapped;
  ArrayRef<float> input;
  if (index > 0) {
    Expected<MappedFile> file =
        MappedFile::open(files.getBoundaryPath(index - 1));
    if (!file)
      return file.takeError();
    mapped = std::move(*file);
    StringRef bytes = mapped->getText();
    int64_t expected = tokens.count * tokens.context *
                       staged->getStages()[index].inputColumns * sizeof(float);
    if (int64_t(bytes.size()) != expected)
      return makeFileError(mapped->getPath(),
                           "has " + Twine(bytes.size()) + " bytes, not " +
                               Twine(expected) +
                               "; remove the folder and calibrate again");
    input = ArrayRef(reinterpret_cast<const float *>(bytes.data()),
                     bytes.size() / sizeof(float));
  }
  std::string name = getName(index);
  std::vector<CalibratedParameter> results;
  if ((*calibrator)->hasWeights()) {
    if (Error error = observe(**calibrator, **loaded, input, progress, name))
      return error;
    if (Error error = (*calibrator)->moveScales(**loaded))
      return makeFileError(path, toString(std::move(error)));
    Expected<std::vector<CalibratedParameter>> rounded =
        (*calibrator)->roundWeights(**loaded);
    if (!rounded)
      return makeFileError(path, toString(rounded.takeError()));
    results = std::move(*rounded);
  }
  if (needsBoundary(index))
    if (Error error = propagate(**loaded, input, files.getBoundaryPath(index),
                                progress, name))
      return error;
  if (Error error = files.write(index, results))
    return error;
  if (index > 0)
    files.removeBoundary(index - 1);
  return Error::success();
}

/// Parameters load what was made.
Error ModelCalibrator::attach(const StageFiles &files) {
  for (size_t i = 0, e = countStages(); i < e; ++i) {
    Error error = files.read(
        i,
        [&](StringRef symbol, ParameterHistory history,
            std::function<Expected<SmallVector<ComponentData>>()> load)
            -> Error {
          auto found = indices.find(symbol);
          if (found == indices.end())
            return makeFileError(path, "has no parameter '" + symbol + "'");
          ParameterPlan &plan = model.parameters[found->second];
          plan.stored = plan.getTarget();
          plan.load = std::move(load);
          plan.history = std::move(history);
          model.ledger.entries[found->second].algorithm = plan.getAlgorithm();
          return Error::success();
        });
    if (error)
      return error;
  }
  return Error::success();
}

Error ModelCalibrator::run(StringRef workFolder) {
  if (Error error = prepare())
    return error;
  Expected<std::string> key = getKey();
  if (!key)
    return key.takeError();
  Expected<StageFiles> files = StageFiles::open(workFolder, *key);
  if (!files)
    return files.takeError();
  size_t count = countStages();
  size_t finished = files->countFinished(
      count, [&](size_t index) { return needsBoundary(index); });
  if (finished > 0)
    errs() << workFolder << ": goes on behind " << getName(finished - 1)
           << ", which was finished before\n";
  uint64_t passes = 0;
  for (size_t i = finished; i < count; ++i)
    passes += hasWeights(i) + needsBoundary(i);
  {
    Progress progress("calibrating", passes * tokens.count);
    for (size_t i = finished; i < count; ++i)
      if (Error error = runStage(i, *files, progress))
        return error;
  }
  if (count > 0)
    files->removeBoundary(count - 1);
  return attach(*files);
}

//===----------------------------------------------------------------------===//
// Estimates
//===----------------------------------------------------------------------===//

/// What is in memory while a stage's weights are rounded.
Expected<int64_t> ModelCalibrator::estimateStage(size_t index) const {
  const Stage &stage = staged->getStages()[index];
  Expected<int64_t> bytes = LoadedStage::countRunBytes(
      *staged, index, tokens.context, options.threads);
  if (!bytes)
    return bytes;
  *bytes += tokens.count * tokens.context * stage.inputColumns * sizeof(float);
  // Parameters as the code reads them, and values of those that change; the
  // largest once more, in f32 before it is laid out.
  int64_t largest = 0;
  for (size_t parameter : stage.parameters) {
    const ParameterPlan &plan = staged->getModel().parameters[parameter];
    int64_t values = plan.getNumElements() * sizeof(float);
    *bytes += values * (1 + model.calibrated[indices.lookup(plan.symbol)]);
    largest = std::max(largest, values);
  }
  int64_t statistics = 0, rounding = 0;
  for (const Stage::Observed &observed : stage.observed) {
    bool isRounded = false;
    int64_t square = observed.columns * observed.columns * sizeof(double);
    for (const std::string &parameter : observed.parameters) {
      size_t place = indices.lookup(parameter);
      if (!model.calibrated[place])
        continue;
      isRounded = true;
      // Weights as they change, rounded, and encoded; the ordered Hessian, its
      // inverse and factor.
      int64_t values = model.parameters[place].getNumElements() * sizeof(float);
      rounding = std::max(rounding, 3 * values + 5 * square / 2);
    }
    if (isRounded)
      statistics += 2 * square;
  }
  return *bytes + std::max(largest, statistics + rounding);
}

Expected<CalibrationEstimate> ModelCalibrator::estimate() {
  if (Error error = prepare())
    return std::move(error);
  CalibrationEstimate result;
  result.stages = countStages();
  result.sequences = tokens.count;
  result.tokens = tokens.tokens.size();
  // MLIR, LLVM and the code of all stages, as measured on models of 2 to 60.
  constexpr int64_t kCompiler = int64_t(180) << 20;
  int64_t boundary = 0, mapped = 0;
  for (int64_t i = 0; i < result.stages; ++i) {
    Expected<int64_t> bytes = estimateStage(i);
    if (!bytes)
      return bytes.takeError();
    const Stage &stage = staged->getStages()[i];
    // What has been read of the model's file stays in memory.
    for (size_t parameter : stage.parameters)
      mapped += staged->getModel().parameters[parameter].storedBytes;
    result.peakBytes = std::max(result.peakBytes, *bytes + mapped + kCompiler);
    boundary = std::max(
        boundary, result.tokens * (stage.inputColumns + stage.outputColumns));
  }
  result.diskBytes = boundary * sizeof(float);
  for (auto [entry, isCalibrated] :
       zip_equal(model.ledger.entries, model.calibrated))
    if (isCalibrated)
      result.diskBytes += entry.bytesAfter;
  return result;
}

Expected<CalibrationEstimate> mlir::compress::estimateCalibration(
    StringRef path, const CompileOptions &options, PreparedModel &model) {
  return ModelCalibrator(path, options, model).estimate();
}

Error mlir::compress::calibrateModel(StringRef path,
                                     const CompileOptions &options,
                                     StringRef workFolder,
                                     PreparedModel &model) {
  return ModelCalibrator(path, options, model).run(workFolder);
}

void mlir::compress::removeWorkFolder(StringRef workFolder) {
  StageFiles::remove(workFolder);
}
