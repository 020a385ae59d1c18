//===- compress-compile.cpp - Compiles models -----------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Compiler/Compiler.h"
#include "compress/Compiler/Schemes.h"
#include "compress/Support/Error.h"
#include "compress/Support/Progress.h"
#include "compress/Support/Version.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/WithColor.h"

#include <thread>

using namespace llvm;
using namespace mlir::compress;

static constexpr const char *kOverview = R"(compiles models to bundles

EXAMPLES:
  compress-compile smollm2.gguf --scheme=w4a8 -o smollm2.bundle
  compress-compile folder --scheme=w8a8 --override 'output=keep' -o out
  compress-compile model.mlir --target=x86-64-v3 --target=x86-64-v4+avx512vnni -o out
  compress-compile model.gguf --scheme=nf4 --dry-run --ledger
  compress-compile model.gguf --weights='#quantized.affine<i4, block = [1, 32], scale = f16>' \
      --activations=int8 -o out

  MODEL is a GGUF file, a Hugging Face folder or an MLIR file.
  Exit codes: 0 done; 1 the input or the request is wrong; 2 usage.
)";

static std::string describeSchemes() {
  std::string text = "Encodings of weights and activations:";
  for (const Scheme &scheme : getSchemes())
    text += "\n  " + scheme.name.str() + ": " + scheme.summary.str();
  return text;
}

namespace {
struct Options {
  cl::OptionCategory category{"compress-compile"};
  std::string schemes = describeSchemes();
  cl::opt<std::string> input{cl::Positional, cl::Required, cl::desc("MODEL"),
                             cl::value_desc("MODEL"), cl::cat(category)};
  cl::opt<std::string> output{"o", cl::desc("Bundle to write (a folder)"),
                              cl::value_desc("BUNDLE"), cl::cat(category)};
  cl::opt<std::string> scheme{"scheme", cl::desc(schemes), cl::value_desc("S"),
                              cl::init("source"), cl::cat(category)};
  cl::opt<std::string> weights{
      "weights", cl::desc("Encoding of all weights, in place of the scheme's"),
      cl::value_desc("#ENC"), cl::cat(category)};
  cl::opt<std::string> activations{
      "activations",
      cl::desc("Encoding of activations: int8, f32 or an attribute"),
      cl::value_desc("#ENC"), cl::cat(category)};
  cl::list<std::string> overrides{
      "override",
      cl::desc("Encoding of the weights that a glob matches, or keep; the last "
               "one that matches counts"),
      cl::value_desc("GLOB=#ENC"), cl::cat(category)};
  cl::opt<std::string> cache{
      "cache",
      cl::desc("Format of the key-value cache: f32, f16, bf16, int8, int4, "
               "int2, an encoding, or keys=F,values=F (by scheme)"),
      cl::value_desc("F"), cl::cat(category)};
  cl::opt<std::string> tokenizer{
      "tokenizer", cl::desc("tokenizer.json to use instead of the model's"),
      cl::value_desc("F"), cl::cat(category)};
  cl::opt<std::string> architecture{"architecture",
                                    cl::desc("Architecture file of one's own"),
                                    cl::value_desc("F"), cl::cat(category)};
  cl::opt<bool> score{
      "score",
      cl::desc(
          "Also compile @score, which gives the logits of whole sequences"),
      cl::cat(category)};
  cl::opt<bool> simulate{
      "simulate",
      cl::desc("Compute in f32 with the values that the scheme's encodings of "
               "weights and activations hold: what the scheme loses, and not "
               "what its kernels do"),
      cl::cat(category)};
  cl::list<std::string> targets{
      "target",
      cl::desc("Processor to make code for: native (default), x86-64-v3, "
               "x86-64-v4+avx512vnni, ...; repeat for several"),
      cl::value_desc("T"), cl::cat(category)};
  cl::opt<unsigned> threads{
      "threads", cl::desc("Threads that convert weights (one per core)"),
      cl::init(std::max(1u, std::thread::hardware_concurrency())),
      cl::value_desc("T"), cl::cat(category)};
  cl::opt<bool> dryRun{
      "dry-run", cl::desc("Say what would be done, with sizes; write nothing"),
      cl::cat(category)};
  cl::opt<std::string> algorithm{
      "algorithm",
      cl::desc("How codes of the scheme's weights are chosen: rtn (each value "
               "for itself), or gptq (later columns make up for errors of "
               "earlier ones, as far as --statistics tell)"),
      cl::value_desc("A"), cl::init("rtn"), cl::cat(category)};
  cl::opt<std::string> statistics{
      "statistics", cl::desc("What compress-run calibrate learnt of the model"),
      cl::value_desc("S.safetensors"), cl::cat(category)};
  cl::opt<bool> ledger{"ledger", cl::desc("Print every parameter"),
                       cl::cat(category)};
  cl::opt<bool> printStrategy{
      "print-strategy",
      cl::desc(
          "Print for each kernel and target what was chosen, the predicted "
          "time for 1, 16 and 512 rows, and what limits it"),
      cl::cat(category)};
  cl::opt<bool> allowSlower{
      "allow-slower",
      cl::desc("Take structured weights (N:M, blocks) that are neither smaller "
               "nor faster than dense ones of the same format"),
      cl::cat(category)};
  cl::opt<double> clock{
      "clock",
      cl::desc("GHz that predictions count on (by the processor's family)"),
      cl::value_desc("GHZ"), cl::init(0), cl::cat(category)};
  cl::opt<double> bandwidth{
      "bandwidth",
      cl::desc(
          "GB/s that one thread reads from memory, for predictions (by the "
          "processor's family)"),
      cl::value_desc("GB/S"), cl::init(0), cl::cat(category)};

  CompileOptions getCompileOptions() const {
    CompileOptions result;
    result.scheme = scheme;
    result.weights = weights;
    result.activations = activations;
    result.overrides.assign(overrides.begin(), overrides.end());
    result.cache = cache;
    result.tokenizer = tokenizer;
    result.architecture = architecture;
    result.score = score;
    result.simulate = simulate;
    result.algorithm = algorithm;
    result.statistics = statistics;
    result.codegen = {allowSlower, {clock, bandwidth}};
    result.threads = threads;
    return result;
  }
};
} // namespace

static Expected<std::vector<CPUTarget>> parseTargets(const Options &options) {
  std::vector<std::string> names(options.targets.begin(),
                                 options.targets.end());
  if (names.empty())
    names.push_back("native");
  std::vector<CPUTarget> targets;
  for (StringRef name : names) {
    Expected<CPUTarget> target = CPUTarget::parse(name);
    if (!target)
      return target.takeError();
    targets.push_back(std::move(*target));
  }
  return targets;
}

static void report(const PreparedModel &model, const Options &options) {
  if (options.ledger) {
    model.ledger.printTable(outs());
    outs() << "\n";
  }
  model.ledger.printSummary(outs());
}

static void reportDryRun(const PreparedModel &model,
                         const CompileOptions &options) {
  outs() << "parameters: " << formatBytes(model.ledger.getBytesBefore())
         << " in the model, " << formatBytes(model.ledger.getBytesAfter())
         << " in the bundle\n"
         << "peak memory of compilation: about "
         << formatBytes(estimatePeakMemory(model, options))
         << ", mapped files included\n";
}

static Expected<std::vector<CompiledCode>>
compileAll(const PreparedModel &model, ArrayRef<CPUTarget> targets,
           const CodegenOptions &options) {
  Progress progress("generating code", targets.size());
  std::vector<CompiledCode> code;
  for (const CPUTarget &target : targets) {
    progress.advance(0, target.cpu);
    Expected<CompiledCode> compiled =
        compileToObject(*model.module, target, options);
    if (!compiled)
      return compiled.takeError();
    code.push_back(std::move(*compiled));
    progress.advance(1, target.cpu);
  }
  return code;
}

static Error printStrategies(const PreparedModel &model,
                             ArrayRef<CPUTarget> targets,
                             const Options &options) {
  for (const CPUTarget &target : targets) {
    Expected<std::string> text = describeStrategies(
        *model.module, target, options.getCompileOptions().codegen.machine);
    if (!text)
      return makeFileError(options.input, toString(text.takeError()));
    outs() << *text << "\n";
  }
  return Error::success();
}

static Error run(const Options &options) {
  CompileOptions compileOptions = options.getCompileOptions();
  Expected<std::vector<CPUTarget>> targets = parseTargets(options);
  if (!targets)
    return targets.takeError();
  mlir::DialectRegistry registry;
  registerCodegenDialects(registry);
  mlir::MLIRContext context(registry);
  Expected<std::unique_ptr<PreparedModel>> model =
      prepareModel(options.input, compileOptions, &context);
  if (!model)
    return model.takeError();
  if (options.printStrategy)
    if (Error error = printStrategies(**model, *targets, options))
      return error;
  if (options.dryRun) {
    report(**model, options);
    reportDryRun(**model, compileOptions);
    return Error::success();
  }
  // What can't be written is told before the work.
  Expected<OutputFolder> folder =
      OutputFolder::create(options.output, kBundleFormat);
  if (!folder)
    return folder.takeError();
  Expected<std::vector<CompiledCode>> code =
      compileAll(**model, *targets, compileOptions.codegen);
  if (!code)
    return makeFileError(options.input, toString(code.takeError()));
  {
    Progress progress("converting parameters",
                      (*model)->ledger.getBytesAfter());
    auto advance = [&](int64_t bytes, StringRef symbol) {
      progress.advance(bytes, symbol);
    };
    if (Error error = writeBundle(**model, *code, std::move(*folder),
                                  compileOptions, advance))
      return error;
  }
  report(**model, options);
  return Error::success();
}

int main(int argc, char **argv) {
  // Options of the libraries (lld has --threads) are not ours to offer.
  cl::ResetCommandLineParser();
  InitLLVM init(argc, argv);
  Options options;
  cl::HideUnrelatedOptions(options.category);
  cl::SetVersionPrinter(printVersion);
  if (!cl::ParseCommandLineOptions(argc, argv, kOverview, &errs()))
    return 2;
  if (options.output.empty() && !options.dryRun) {
    WithColor::error(errs(), "compress-compile")
        << "no bundle named; give -o BUNDLE, or --dry-run\n";
    return 2;
  }
  keepParsedOptions();
  Error error = run(options);
  outs().flush();
  if (!error)
    return 0;
  WithColor::error(errs(), "compress-compile")
      << toString(std::move(error)) << "\n";
  return 1;
}
