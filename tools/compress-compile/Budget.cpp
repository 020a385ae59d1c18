//===- Budget.cpp - Overrides from files, and by a budget -----------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Budget.h"

#include "compress/Calibration/Statistics.h"
#include "compress/JIT/ProgramCache.h"
#include "compress/Quantization/Sensitivity.h"
#include "compress/Support/Error.h"
#include "compress/Support/JSON.h"
#include "compress/Support/MappedFile.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;
using namespace mlir;
using namespace mlir::compress;

Error mlir::compress::readOverrides(StringRef path, CompileOptions &options) {
  if (path.empty())
    return Error::success();
  Expected<MappedFile> file = MappedFile::open(path);
  if (!file)
    return file.takeError();
  std::vector<std::string> overrides;
  for (StringRef line : split(file->getText(), '\n')) {
    line = line.split("//").first.trim();
    if (!line.empty())
      overrides.push_back(line.str());
  }
  options.overrides.insert(options.overrides.begin(), overrides.begin(),
                           overrides.end());
  return Error::success();
}

std::vector<std::string> mlir::compress::getDefaultFormats() {
  std::vector<std::string> formats;
  for (const char *bits : {"2", "3", "4", "5", "6"}) {
    std::string part = "#quantized.affine<ui6, block = [1, 8], scale = f16>";
    formats.push_back(std::string("#quantized.affine<ui") + bits +
                      ", block = [1, 32], scale = " + part + ", min = " + part +
                      ">");
  }
  formats.push_back("#quantized.affine<i8, block = [1, 32], scale = f16>");
  return formats;
}

/// From the file, if it exists and tells of this model and these formats;
/// else measured, and written to the file.
static Expected<Sensitivity> getSensitivity(StringRef input,
                                            const BudgetOptions &budget,
                                            const CompileOptions &compile,
                                            const PreparedModel &model) {
  std::vector<std::string> formats =
      budget.formats.empty() ? getDefaultFormats() : budget.formats;
  StringRef path = budget.sensitivity;
  if (!path.empty() && sys::fs::exists(path)) {
    Expected<json::Value> value = readJSON(path);
    if (!value)
      return value.takeError();
    Expected<Sensitivity> read = Sensitivity::fromJSON(*value);
    if (!read)
      return makeFileError(path, toString(read.takeError()));
    Expected<std::string> hash = hashModel(input);
    if (!hash)
      return hash.takeError();
    if (read->model != *hash)
      return makeFileError(path, "tells of another model than " + input +
                                     "; name a file that does not exist yet");
    if (!budget.formats.empty() && read->formats != formats)
      return makeFileError(path, "tells of other formats than those that are "
                                 "offered; name a file that does not exist "
                                 "yet");
    return read;
  }
  if (compile.calibration.text.empty())
    return makeError("--budget needs to know what rounding costs; give "
                     "--calibration=TEXT, or a --sensitivity file that was "
                     "made with one");
  Expected<Sensitivity> measured =
      measureSensitivity(input, compile, formats, model);
  if (measured && !path.empty()) {
    std::string text;
    raw_string_ostream(text) << formatv("{0:2}\n", measured->toJSON());
    if (Error error = writeFile(path, text))
      return std::move(error);
  }
  return measured;
}

/// Bytes of the parameters that are not up for choice.
static int64_t countOthers(const PreparedModel &model,
                           const Sensitivity &sensitivity) {
  StringMap<int64_t> sizes;
  for (const LedgerEntry &entry : model.ledger.entries)
    sizes[entry.symbol] = entry.bytesAfter;
  int64_t others = model.ledger.getBytesAfter();
  for (const WeightSensitivity &weight : sensitivity.weights)
    others -= sizes.lookup(weight.symbol);
  return others;
}

/// Decides on the formats of all weights, as overrides, and prepares the model
/// so. Kernels fill matrices up to whole panels, so that the program's bytes
/// are known only then; while they are too many, the next try is given less.
static Expected<std::unique_ptr<PreparedModel>>
allocate(StringRef input, const BudgetOptions &budget, int64_t bytes,
         const Sensitivity &sensitivity, const PreparedModel &model,
         CompileOptions &compile, MLIRContext *context) {
  const std::vector<std::string> given = compile.overrides;
  int64_t others = countOthers(model, sensitivity), available = bytes - others;
  while (true) {
    Expected<std::vector<std::string>> overrides =
        allocateByBytes(sensitivity, available);
    if (!overrides)
      return makeError("--budget=" + budget.bytes + ", of which " +
                       formatBytes(others) +
                       " are taken by embeddings and the like: " +
                       toString(overrides.takeError()));
    compile.overrides = *overrides;
    compile.overrides.insert(compile.overrides.end(), given.begin(),
                             given.end());
    Expected<std::unique_ptr<PreparedModel>> prepared =
        prepareModel(input, compile, context);
    if (!prepared)
      return prepared;
    int64_t excess = (*prepared)->ledger.getBytesAfter() - bytes;
    if (excess > 0) {
      available -= divideCeil(excess, 4);
      continue;
    }
    if (!budget.saveOverrides.empty())
      if (Error error =
              writeFile(budget.saveOverrides,
                        "// " + input.str() + ", --budget=" + budget.bytes +
                            "\n" + join(*overrides, "\n") + "\n"))
        return std::move(error);
    return prepared;
  }
}

Expected<std::unique_ptr<PreparedModel>>
mlir::compress::prepareByBudget(StringRef path, const BudgetOptions &budget,
                                CompileOptions &options, MLIRContext *context) {
  if (budget.bytes.empty())
    return prepareModel(path, options, context);
  Expected<uint64_t> bytes = parseCacheLimit(budget.bytes);
  if (!bytes)
    return makeError("--budget=" + toString(bytes.takeError()));
  Expected<WeightAlgorithm> algorithm =
      WeightAlgorithm::parse(options.algorithm);
  if (!algorithm)
    return algorithm.takeError();
  // The text may be there for the budget alone.
  CompileOptions measured = options;
  if (!algorithm->needsStatistics())
    options.calibration = {};
  // What there is to decide on does not depend on the algorithm.
  CompileOptions plain = options;
  plain.algorithm = "rtn";
  plain.statistics.clear();
  plain.calibration = {};
  Expected<std::unique_ptr<PreparedModel>> model =
      prepareModel(path, plain, context);
  if (!model)
    return model;
  Expected<Sensitivity> sensitivity =
      getSensitivity(path, budget, measured, **model);
  if (!sensitivity)
    return sensitivity.takeError();
  return allocate(path, budget, *bytes, *sensitivity, **model, options,
                  context);
}
