//===- OpenModel.cpp - Models, with the compiler at hand ------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"

#include "compress/Compiler/Compare.h"
#include "compress/Compiler/Evaluate.h"
#include "compress/JIT/ProgramCache.h"
#include "compress/Support/Error.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/WithColor.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>
#include <cstdlib>

using namespace llvm;
using namespace mlir::compress;

static CompileOptions getCompileOptions(const CommonOptions &options) {
  CompileOptions compile;
  if (!options.scheme.empty())
    compile.scheme = options.scheme;
  compile.cache = options.cache;
  compile.tokenizer = options.tokenizer;
  compile.overrides.assign(options.overrides.begin(), options.overrides.end());
  compile.score = options.score;
  compile.simulate = options.simulate;
  compile.observe = options.observe;
  compile.codegen.allowSlower = options.allowSlower;
  compile.threads = options.threads;
  return compile;
}

/// What of compiled models is kept; the folder is empty where nothing is.
static Expected<ProgramCacheOptions>
getCacheOptions(const CommonOptions &options) {
  ProgramCacheOptions cache;
  const char *variable = std::getenv("COMPRESS_JIT_CACHE_LIMIT");
  StringRef limit = variable ? variable : "";
  StringRef source = "COMPRESS_JIT_CACHE_LIMIT=";
  if (options.jitCacheLimit.getNumOccurrences()) {
    limit = options.jitCacheLimit;
    source = "--jit-cache-limit=";
  }
  if (!limit.empty() || options.jitCacheLimit.getNumOccurrences()) {
    Expected<uint64_t> bytes = parseCacheLimit(limit);
    if (!bytes)
      return makeError(source + toString(bytes.takeError()));
    cache.limit = *bytes;
  }
  if (!options.noJITCache && cache.limit > 0)
    cache.folder = getDefaultCacheFolder();
  cache.verify = options.verify;
  return cache;
}

/// Says how a model was opened: problems always, the rest if asked.
static void report(const CommonOptions &options, const CachedProgram &opened,
                   double seconds) {
  if (!opened.warning.empty())
    WithColor::warning(errs(), "compress-run")
        << "the cache of compiled models: " << opened.warning << "\n";
  if (!options.verbose)
    return;
  errs() << options.input << ": "
         << (opened.isCompiled ? "compiled" : "taken from the cache")
         << formatv(" in {0:f2} s", seconds)
         << (opened.entry.empty() ? ", not kept" : ": " + opened.entry) << "\n";
}

Expected<std::unique_ptr<Program>>
mlir::compress::openModel(const CommonOptions &options) {
  keepParsedOptions();
  Expected<ProgramCacheOptions> cache = getCacheOptions(options);
  if (!cache)
    return cache.takeError();
  auto start = std::chrono::steady_clock::now();
  CompileOptions compile = getCompileOptions(options);
  CachedProgram opened;
  if (!cache->folder.empty()) {
    Expected<CachedProgram> cached =
        ProgramCache(*cache).open(options.input, compile);
    if (!cached)
      return cached.takeError();
    opened = std::move(*cached);
  } else {
    Expected<std::unique_ptr<Program>> program =
        compileProgram(options.input, compile);
    if (!program)
      return program.takeError();
    opened.program = std::move(*program);
    opened.isCompiled = true;
  }
  std::chrono::duration<double> seconds =
      std::chrono::steady_clock::now() - start;
  report(options, opened, seconds.count());
  return std::move(opened.program);
}

Expected<CallResult> mlir::compress::evaluateCall(const CommonOptions &options,
                                                  StringRef function,
                                                  ArrayRef<NpyArray> arguments,
                                                  bool asGenerated) {
  EvaluatorOptions evaluator;
  if (asGenerated)
    evaluator.arithmetic = Arithmetic::Generated;
  Expected<EvaluatedCall> call =
      evaluateModel(options.input, getCompileOptions(options), function,
                    arguments, evaluator);
  if (!call)
    return call.takeError();
  return CallResult{std::move(call->signature), std::move(call->results)};
}

Expected<ComparedModels>
mlir::compress::compareModels(const CommonOptions &options, StringRef other,
                              StringRef otherScheme, ArrayRef<int32_t> tokens,
                              double threshold) {
  ModelForm model{options.input, getCompileOptions(options)};
  ModelForm reference{other.str(), {}};
  if (!otherScheme.empty())
    reference.options.scheme = otherScheme.str();
  Expected<std::vector<OpDifference>> differences =
      compareModels(model, reference, tokens);
  if (!differences)
    return differences.takeError();
  ComparedModels result;
  result.first = findDivergence(*differences, threshold);
  for (OpDifference &difference : *differences)
    result.ops.push_back({std::move(difference.op), strShape(difference.shape),
                          std::move(difference.parameters),
                          difference.usesParameters, difference.relativeError});
  return result;
}
