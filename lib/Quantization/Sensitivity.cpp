//===- Sensitivity.cpp - What rounding each weight does -------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Quantization/Sensitivity.h"

#include "CalibrationText.h"

#include "compress/Calibration/Allocation.h"
#include "compress/Calibration/SecondMoment.h"
#include "compress/Calibration/Statistics.h"
#include "compress/Quantization/StagedModel.h"
#include "compress/Support/Error.h"
#include "compress/Support/Progress.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

#include <cmath>

using namespace llvm;
using namespace mlir;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Measuring
//===----------------------------------------------------------------------===//

namespace {

/// Distributions of the next token, as logits and the log of their sums.
struct Distributions {
  int64_t vocabulary = 0;
  std::vector<float> logits;
  std::vector<double> logSums;

  Distributions(ArrayRef<float> all, int64_t rows);
  /// The mean divergence of `other` from these.
  double getDivergence(const Distributions &other) const;
};

class SensitivityMeter {
public:
  SensitivityMeter(StringRef path, const CompileOptions &options,
                   ArrayRef<std::string> formats, const PreparedModel &model)
      : path(path), options(options), model(model) {
    result.formats.assign(formats.begin(), formats.end());
  }

  Expected<Sensitivity> run();

private:
  Error prepare();
  Error loadStages();
  Error runBaseline();
  Error measureStage(size_t index, Progress &progress);
  Error measureWeight(size_t index, StringRef symbol, ArrayRef<double> hessian,
                      int64_t tokens);
  Expected<Distributions> runFrom(size_t first);

  StringRef path;
  const CompileOptions &options;
  const PreparedModel &model;
  std::vector<EncodingSpec> specs;
  llvm::StringSet<> weights;
  std::unique_ptr<StagedModel> staged;
  std::vector<std::unique_ptr<LoadedStage>> stages;
  TokenSequences tokens;
  /// What each stage is given for the first sequence, and the logits.
  std::vector<std::vector<float>> inputs;
  std::optional<Distributions> baseline;
  /// What the stage at hand is given, per sequence.
  std::vector<std::vector<float>> boundary;
  Sensitivity result;
};

} // namespace

/// The second half of the tokens, which have seen enough to be predicted well.
Distributions::Distributions(ArrayRef<float> all, int64_t rows)
    : vocabulary(all.size() / rows) {
  ArrayRef<float> half = all.drop_front(rows / 2 * vocabulary);
  logits.assign(half.begin(), half.end());
  for (size_t row = 0; row < half.size(); row += vocabulary) {
    ArrayRef<float> values = half.slice(row, vocabulary);
    float largest = *std::max_element(values.begin(), values.end());
    float sum = 0;
    for (float value : values)
      sum += std::exp(value - largest);
    logSums.push_back(std::log(double(sum)) + double(largest));
  }
}

double Distributions::getDivergence(const Distributions &other) const {
  double sum = 0;
  for (size_t row = 0; row < logSums.size(); ++row) {
    const float *mine = &logits[row * vocabulary];
    const float *theirs = &other.logits[row * vocabulary];
    double divergence = other.logSums[row] - logSums[row];
    for (int64_t i = 0; i < vocabulary; ++i)
      divergence += double(std::exp(mine[i] - float(logSums[row]))) *
                    (double(mine[i]) - double(theirs[i]));
    sum += divergence;
  }
  return std::max(sum / double(logSums.size()), 0.0);
}

Error SensitivityMeter::prepare() {
  for (StringRef format : result.formats) {
    StringRef text = format;
    text.consume_front("#quantized.");
    Expected<EncodingSpec> spec = parseEncoding(text);
    if (!spec)
      return makeError("format '" + format +
                       "': " + toString(spec.takeError()));
    specs.push_back(std::move(*spec));
  }
  if (specs.size() < 2)
    return makeError("there is nothing to choose from; give at least two "
                     "formats");
  for (const LedgerEntry &entry : model.ledger.entries)
    if (entry.reason == "weight" && entry.shape.size() == 2)
      weights.insert(entry.symbol);
  Expected<TokenSequences> read = readCalibrationText(path, options, model);
  if (!read)
    return read.takeError();
  tokens = std::move(*read);
  Expected<std::string> hash = hashModel(path);
  if (!hash)
    return hash.takeError();
  result.model = *hash;
  result.text = tokens.hash;
  result.context = tokens.context;
  result.sequences = tokens.count;
  return Error::success();
}

/// The model as it is stored, all of it.
Error SensitivityMeter::loadStages() {
  CompileOptions plain;
  plain.tokenizer = options.tokenizer;
  plain.architecture = options.architecture;
  plain.threads = options.threads;
  Expected<std::unique_ptr<StagedModel>> made =
      StagedModel::create(path, plain);
  if (!made)
    return made.takeError();
  staged = std::move(*made);
  for (size_t i = 0, e = staged->getStages().size(); i < e; ++i) {
    Expected<std::unique_ptr<LoadedStage>> stage =
        LoadedStage::create(*staged, i, {}, options.threads);
    if (!stage)
      return stage.takeError();
    stages.push_back(std::move(*stage));
  }
  return Error::success();
}

Expected<Distributions> SensitivityMeter::runFrom(size_t first) {
  std::vector<float> input = inputs[first];
  for (size_t i = first; i < stages.size(); ++i) {
    if (Error error = stages[i]->run(tokens.get(0), input))
      return std::move(error);
    ArrayRef<float> output = stages[i]->getOutput();
    input.assign(output.begin(), output.end());
  }
  return Distributions(stages.back()->getResult(0), tokens.context);
}

Error SensitivityMeter::runBaseline() {
  inputs.assign(1, {});
  for (size_t i = 0; i + 1 < stages.size(); ++i) {
    if (Error error = stages[i]->run(tokens.get(0), inputs[i]))
      return error;
    ArrayRef<float> output = stages[i]->getOutput();
    inputs.emplace_back(output.begin(), output.end());
  }
  Expected<Distributions> last = runFrom(stages.size() - 1);
  if (!last)
    return last.takeError();
  baseline.emplace(std::move(*last));
  return Error::success();
}

Error SensitivityMeter::measureWeight(size_t index, StringRef symbol,
                                      ArrayRef<double> hessian,
                                      int64_t tokenCount) {
  const ParameterPlan &plan = staged->getPlan(symbol);
  Expected<std::vector<float>> values = loadValues(plan);
  if (!values)
    return values.takeError();
  MatrixRef matrix{*values, plan.shape[0], plan.shape[1]};
  const CodeAlgorithm *mse =
      find_if(getCodeAlgorithms(),
              [](const CodeAlgorithm &a) { return a.name == "mse"; });
  WeightSensitivity &weight = result.weights.emplace_back();
  weight.symbol = symbol.str();
  weight.shape = plan.shape;
  std::vector<float> probe;
  for (auto [format, spec] : enumerate(specs)) {
    WeightReport report;
    Expected<QuantizedMatrix> rounded =
        quantizeWeights(*mse, spec, matrix, {hessian, tokenCount},
                        Rounding::Nearest, options.threads, &report);
    if (!rounded)
      return makeError("parameter '" + symbol + "' as " +
                       result.formats[format] + ": " +
                       toString(rounded.takeError()));
    int64_t bytes = 0;
    for (const ComponentData &component : rounded->components)
      bytes += component.size();
    weight.bytes.push_back(bytes);
    weight.errors.push_back(*report.outputError * *report.outputError);
    if (weight.errors[format] > weight.errors[weight.probe] || format == 0) {
      weight.probe = format;
      probe = std::move(rounded->values);
    }
  }
  if (Error error = stages[index]->setValues(symbol, probe))
    return error;
  Expected<Distributions> changed = runFrom(index);
  if (!changed)
    return changed.takeError();
  weight.divergence = baseline->getDivergence(*changed);
  return stages[index]->setValues(symbol, *values);
}

Error SensitivityMeter::measureStage(size_t index, Progress &progress) {
  const Stage &stage = staged->getStages()[index];
  std::vector<SecondMoment> moments;
  for (const Stage::Observed &observed : stage.observed)
    moments.emplace_back(observed.columns);
  for (int64_t i = 0; i < tokens.count; ++i) {
    if (Error error = stages[index]->run(tokens.get(i), boundary[i]))
      return error;
    for (auto [place, moment] : enumerate(moments))
      if (Error error =
              moment.add(stages[index]->getObserved(place), options.threads))
        return makeFileError(path, toString(std::move(error)));
    ArrayRef<float> output = stages[index]->getOutput();
    boundary[i].assign(output.begin(), output.end());
  }
  for (auto [observed, moment] : zip_equal(stage.observed, moments)) {
    std::vector<double> hessian = moment.getHessian(SecondMoment::Form::Sum);
    for (const std::string &symbol : observed.parameters) {
      if (!weights.contains(symbol))
        continue;
      if (Error error =
              measureWeight(index, symbol, hessian, moment.getTokens()))
        return makeFileError(path, toString(std::move(error)));
      progress.advance(1, symbol);
    }
  }
  return Error::success();
}

Expected<Sensitivity> SensitivityMeter::run() {
  if (Error error = prepare())
    return std::move(error);
  if (Error error = loadStages())
    return std::move(error);
  if (Error error = runBaseline())
    return std::move(error);
  boundary.assign(tokens.count, {});
  Progress progress("measuring sensitivities", weights.size());
  for (size_t i = 0; i < stages.size(); ++i)
    if (Error error = measureStage(i, progress))
      return std::move(error);
  return std::move(result);
}

Expected<Sensitivity> mlir::compress::measureSensitivity(
    StringRef path, const CompileOptions &options,
    ArrayRef<std::string> formats, const PreparedModel &model) {
  return SensitivityMeter(path, options, formats, model).run();
}

//===----------------------------------------------------------------------===//
// As a file
//===----------------------------------------------------------------------===//

json::Value Sensitivity::toJSON() const {
  json::Array list;
  for (const WeightSensitivity &weight : weights)
    list.push_back(json::Object{{"parameter", weight.symbol},
                                {"shape", json::Array(weight.shape)},
                                {"bytes", json::Array(weight.bytes)},
                                {"relative_errors", json::Array(weight.errors)},
                                {"divergence", weight.divergence},
                                {"probe", int64_t(weight.probe)}});
  return json::Object{{"format", "compress-sensitivity"},
                      {"model", model},
                      {"text", text},
                      {"context", context},
                      {"sequences", sequences},
                      {"formats", json::Array(formats)},
                      {"weights", std::move(list)}};
}

static Error readWeight(const json::Value &value, size_t formats,
                        WeightSensitivity &weight) {
  json::Path::Root root("weight");
  json::ObjectMapper map(value, root);
  std::vector<int64_t> shape;
  int64_t probe = 0;
  if (!map || !map.map("parameter", weight.symbol) ||
      !map.map("shape", shape) || !map.map("bytes", weight.bytes) ||
      !map.map("relative_errors", weight.errors) ||
      !map.map("divergence", weight.divergence) || !map.map("probe", probe))
    return root.getError();
  weight.shape.assign(shape.begin(), shape.end());
  weight.probe = probe;
  if (weight.bytes.size() != formats || weight.errors.size() != formats ||
      weight.probe >= formats)
    return makeError("weight '" + weight.symbol +
                     "' does not have a number for each format");
  return Error::success();
}

Expected<Sensitivity> Sensitivity::fromJSON(const json::Value &value) {
  Sensitivity result;
  json::Path::Root root("sensitivity");
  json::ObjectMapper map(value, root);
  std::string format;
  if (!map || !map.map("format", format) || !map.map("model", result.model) ||
      !map.map("text", result.text) || !map.map("context", result.context) ||
      !map.map("sequences", result.sequences) ||
      !map.map("formats", result.formats))
    return root.getError();
  const json::Array *list = value.getAsObject()->getArray("weights");
  if (format != "compress-sensitivity" || !list)
    return makeError("holds no sensitivities; compress-compile --sensitivity "
                     "writes them");
  for (const json::Value &weight : *list)
    if (Error error = readWeight(weight, result.formats.size(),
                                 result.weights.emplace_back()))
      return std::move(error);
  return result;
}

//===----------------------------------------------------------------------===//
// Deciding
//===----------------------------------------------------------------------===//

Expected<std::vector<std::string>>
mlir::compress::allocateByBytes(const Sensitivity &sensitivity,
                                int64_t budget) {
  std::vector<std::vector<FormatChoice>> items;
  for (const WeightSensitivity &weight : sensitivity.weights) {
    std::vector<FormatChoice> &choices = items.emplace_back();
    for (size_t i = 0; i < weight.bytes.size(); ++i)
      choices.push_back({weight.bytes[i], weight.getCost(i)});
  }
  Expected<std::vector<size_t>> chosen = allocateFormats(items, budget);
  if (!chosen)
    return chosen.takeError();
  std::vector<std::string> overrides;
  for (auto [weight, choice] : zip_equal(sensitivity.weights, *chosen))
    overrides.push_back(weight.symbol + "=" + sensitivity.formats[choice]);
  return overrides;
}
