//===- WeightAlgorithms.cpp - Algorithms for weights, by name -------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/WeightAlgorithms.h"

#include "compress/Calibration/Clipping.h"
#include "compress/Calibration/Codebook.h"
#include "compress/Calibration/FewLevels.h"
#include "compress/Calibration/GPTQ.h"
#include "compress/Calibration/HQQ.h"
#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/Twine.h"

#include <cmath>

using namespace llvm;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

StringRef mlir::compress::str(ScaleAlgorithm algorithm) {
  return algorithm == ScaleAlgorithm::AWQ ? "awq" : "smoothquant";
}

StringRef mlir::compress::getSummary(ScaleAlgorithm algorithm) {
  return algorithm == ScaleAlgorithm::AWQ
             ? "Scales of channels by a search over exponents (AWQ)"
             : "Scales of channels between largest inputs and weights "
               "(SmoothQuant)";
}

ArrayRef<ScaleAlgorithm> mlir::compress::getScaleAlgorithms() {
  static constexpr ScaleAlgorithm algorithms[] = {ScaleAlgorithm::AWQ,
                                                  ScaleAlgorithm::SmoothQuant};
  return algorithms;
}

ArrayRef<CodeAlgorithm> mlir::compress::getCodeAlgorithms() {
  static constexpr CodeAlgorithm algorithms[] = {
      {"rtn", "The nearest value that can be stored", false},
      {"mse", "Ranges that minimize |w - q|^2.4 (GPTQ's search)", false},
      {"importance", "Ranges that minimize E[x²] (w - q)²", true},
      {"awq-clip", "Ranges that minimize each block's output error (AWQ)",
       true},
      {"hqq", "Half-quadratic zero points, without data", false},
      {"gptq", "Later columns make up for errors", true},
      {"gptq-mse", "gptq with GPTQ's search of ranges", true},
      {"gptq-static-groups", "gptq with scales of the weights as they were",
       true},
      {"gptq-act-order", "gptq-static-groups, columns by descending E[x²]",
       true},
      {"gptq-act-order-mse", "gptq-act-order with GPTQ's search of ranges",
       true},
      {"kmeans", "A codebook's table by k-means, and scales that fit it",
       false},
      {"kmeans-importance", "kmeans that minimizes E[x²] (w - q)²", true},
      {"kmeans-exact", "The best table for scales by largest magnitudes",
       false},
      {"percentile", "A codebook's table of medians of equal counts", false},
      {"ternary-absmean", "-s, 0 and s with s = mean|w| (BitNet b1.58)", false},
      {"ternary-threshold", "-s, 0 and s, with 0 up to 0.7 mean|w|", false},
      {"binary", "-s and s with s = mean|w| (XNOR-Net)", false}};
  return algorithms;
}

Expected<WeightAlgorithm> WeightAlgorithm::parse(StringRef text) {
  WeightAlgorithm result;
  SmallVector<StringRef> names;
  text.split(names, ',');
  for (StringRef name : names) {
    if (result.codes)
      return makeError("'" + name + "' stands behind '" + result.codes->name +
                       "', which chooses codes; put it in front");
    if (const auto *codes =
            find_if(getCodeAlgorithms(),
                    [&](const CodeAlgorithm &a) { return a.name == name; });
        codes != getCodeAlgorithms().end()) {
      result.codes = codes;
      continue;
    }
    const auto *scales =
        find_if(getScaleAlgorithms(), [&](ScaleAlgorithm algorithm) {
          return mlir::compress::str(algorithm) == name;
        });
    if (scales == getScaleAlgorithms().end()) {
      std::string known;
      for (const CodeAlgorithm &algorithm : getCodeAlgorithms())
        known += (known.empty() ? "" : ", ") + algorithm.name.str();
      for (ScaleAlgorithm algorithm : getScaleAlgorithms())
        known += ", " + mlir::compress::str(algorithm).str();
      return makeError("unknown algorithm '" + name + "'; there are " + known);
    }
    if (is_contained(result.scales, *scales))
      return makeError("'" + name + "' stands twice among the algorithms");
    result.scales.push_back(*scales);
  }
  if (!result.codes)
    result.codes = getCodeAlgorithms().begin();
  return result;
}

std::string WeightAlgorithm::str() const {
  std::string text;
  for (ScaleAlgorithm algorithm : scales)
    text += mlir::compress::str(algorithm).str() + ",";
  return text + codes->name.str();
}

//===----------------------------------------------------------------------===//
// Running them
//===----------------------------------------------------------------------===//

namespace {

/// One matrix, and what is known of it.
struct Request {
  const EncodingSpec &spec;
  MatrixRef weights;
  const InputStatistics &inputs;
  Rounding rounding;
  unsigned threads;
  WeightReport &report;

  Expected<QuantizedMatrix> clip(const ClippingOptions &options) const;
  Expected<QuantizedMatrix> compensate(GPTQOptions options) const;
  std::vector<float> getMeanSquares() const;
  bool isLearnt() const {
    return spec.kind == EncodingSpec::Kind::Codebook && spec.table.empty();
  }
  Expected<CodebookResult> learn(StringRef algorithm) const;
  Expected<QuantizedMatrix> run(StringRef algorithm) const;
};

} // namespace

Expected<QuantizedMatrix> Request::clip(const ClippingOptions &options) const {
  Expected<BlockRounder> rounder =
      BlockRounder::create(spec, {weights.rows, weights.columns}, rounding);
  if (!rounder)
    return rounder.takeError();
  ClippingOptions threaded = options;
  threaded.threads = threads;
  Expected<ClippingResult> found = searchClipping(*rounder, weights, threaded);
  if (!found)
    return found.takeError();
  return encodeMatrix(spec, weights, found->parts, {}, rounding);
}

/// A multiple of E[x²] per column.
std::vector<float> Request::getMeanSquares() const {
  std::vector<float> squares;
  for (int64_t i = 0; i < weights.columns; ++i)
    squares.push_back(float(inputs.hessian[i * weights.columns + i]));
  return squares;
}

Expected<CodebookResult> Request::learn(StringRef algorithm) const {
  CodebookOptions options;
  std::vector<float> squares;
  if (algorithm == "kmeans-importance")
    options.importance = squares = getMeanSquares();
  if (algorithm == "kmeans-exact")
    options.method = CodebookOptions::Method::Exact;
  else if (algorithm == "percentile")
    options.method = CodebookOptions::Method::Percentile;
  else
    options.fits = 8;
  return quantizeByLearntCodebook(spec, weights, options);
}

Expected<QuantizedMatrix> Request::compensate(GPTQOptions options) const {
  CodebookResult codebook;
  if (isLearnt()) {
    Expected<CodebookResult> learnt = learn("kmeans-importance");
    if (!learnt)
      return learnt.takeError();
    codebook = std::move(*learnt);
    options.table = codebook.table;
    options.parts = codebook.parts;
  }
  options.rounding = rounding;
  options.threads = threads;
  Expected<GPTQResult> result = gptq(spec, weights, inputs.hessian, options);
  if (!result)
    return result.takeError();
  report.deadColumns = result->deadColumns.size();
  if (result->retries)
    report.raisedDamping = result->damping;
  return std::move(result->matrix);
}

Expected<QuantizedMatrix> Request::run(StringRef algorithm) const {
  if (algorithm == "rtn")
    return quantizeToNearest(spec, weights, rounding);
  if (algorithm == "mse")
    return clip(ClippingOptions::getGPTQ());
  if (algorithm == "awq-clip")
    return clip(ClippingOptions::getAWQ(inputs.hessian));
  if (algorithm == "importance") {
    std::vector<float> squares = getMeanSquares();
    ClippingOptions options;
    options.importance = squares;
    options.norm = 2;
    return clip(options);
  }
  if (algorithm == "hqq") {
    Expected<HQQResult> result = hqq(spec, weights);
    if (!result)
      return result.takeError();
    return std::move(result->matrix);
  }
  for (Levels levels :
       {Levels::TernaryMean, Levels::TernaryThreshold, Levels::Binary})
    if (algorithm == mlir::compress::str(levels))
      return quantizeToLevels(spec, weights, levels);
  if (algorithm.starts_with("kmeans") || algorithm == "percentile") {
    Expected<CodebookResult> result = learn(algorithm);
    if (!result)
      return result.takeError();
    return std::move(result->matrix);
  }
  // The rest are gptq and what its name goes on with.
  GPTQOptions options;
  StringRef variant = algorithm.drop_front(StringRef("gptq").size());
  if (variant.consume_back("-mse"))
    options.clipping = ClippingOptions::getGPTQ();
  if (variant == "-static-groups" || variant == "-act-order")
    options.scales = GPTQOptions::Scales::Initial;
  if (variant == "-act-order")
    options.order = GPTQOptions::Order::Activation;
  return compensate(options);
}

/// Fills in the errors.
static Error measure(MatrixRef weights, MatrixRef quantized,
                     const InputStatistics &inputs, unsigned threads,
                     WeightReport &report) {
  std::vector<float> zeros(weights.values.size(), 0.0f);
  MatrixRef none{zeros, weights.rows, weights.columns};
  double squares = getSquaredError(weights, none);
  if (squares > 0)
    report.weightError =
        std::sqrt(getSquaredError(weights, quantized) / squares);
  if (inputs.hessian.empty())
    return Error::success();
  Expected<double> error =
      getOutputError(weights, quantized, inputs.hessian, threads);
  Expected<double> output =
      getOutputError(weights, none, inputs.hessian, threads);
  if (!error || !output)
    return joinErrors(error.takeError(), output.takeError());
  report.outputError =
      *output > 0 ? std::sqrt(std::max(*error, 0.0) / *output) : 0.0;
  return Error::success();
}

Expected<QuantizedMatrix> mlir::compress::quantizeWeights(
    const CodeAlgorithm &algorithm, const EncodingSpec &spec, MatrixRef weights,
    const InputStatistics &inputs, Rounding rounding, unsigned threads,
    WeightReport *report) {
  int64_t columns = weights.columns;
  if (algorithm.needsStatistics &&
      int64_t(inputs.hessian.size()) != columns * columns)
    return makeError(algorithm.name +
                     " needs to know what the weights are "
                     "multiplied with: a second moment of " +
                     Twine(columns) + " x " + Twine(columns) + ", not of " +
                     Twine(inputs.hessian.size()) + " elements");
  WeightReport ignored;
  WeightReport &target = report ? *report : ignored;
  Request request{spec, weights, inputs, rounding, threads, target};
  Expected<QuantizedMatrix> result = request.run(algorithm.name);
  if (!result)
    return result.takeError();
  if (Error error = measure(weights, {result->values, weights.rows, columns},
                            inputs, threads, target))
    return makeError(algorithm.name + ": " + toString(std::move(error)));
  return result;
}
