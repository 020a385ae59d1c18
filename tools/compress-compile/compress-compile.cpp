//===- compress-compile.cpp - Compiles models -----------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Budget.h"

#include "compress/Compiler/Compiler.h"
#include "compress/Compiler/Schemes.h"
#include "compress/Quantization/CalibrateModel.h"
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
  compress-compile model.gguf --scheme=w4 --algorithm=awq,gptq --calibration=text.txt -o out
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

static std::string describeAlgorithms() {
  std::string text = "How codes of the scheme's weights are chosen (rtn), as "
                     "steps between commas. One that chooses codes:";
  for (const CodeAlgorithm &algorithm : getCodeAlgorithms())
    text += "\n  " + algorithm.name.str() + ": " + algorithm.summary.str();
  text += "\nand before it any that move scales between layers:";
  for (ScaleAlgorithm algorithm : getScaleAlgorithms())
    text += "\n  " + str(algorithm).str() + ": " + getSummary(algorithm).str();
  return text;
}

namespace {
struct Options {
  cl::OptionCategory category{"compress-compile"};
  std::string schemes = describeSchemes(), algorithms = describeAlgorithms();
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
  cl::opt<std::string> algorithm{"algorithm", cl::desc(algorithms),
                                 cl::value_desc("A[,A...]"), cl::init("rtn"),
                                 cl::cat(category)};
  cl::opt<std::string> calibration{
      "calibration",
      cl::desc("Text that algorithms learn from, block by block"),
      cl::value_desc("TEXT"), cl::cat(category)};
  cl::opt<int64_t> context{
      "context", cl::desc("Tokens per sequence of it (512)"),
      cl::value_desc("N"), cl::init(512), cl::cat(category)};
  cl::opt<int64_t> sequences{
      "sequences", cl::desc("Sequences of it (128, or what it has)"),
      cl::value_desc("N"), cl::init(0), cl::cat(category)};
  cl::opt<std::string> work{
      "work",
      cl::desc("Folder for finished blocks; a run that was interrupted goes on "
               "there (BUNDLE.work)"),
      cl::value_desc("FOLDER"), cl::cat(category)};
  cl::opt<std::string> budget{
      "budget",
      cl::desc("Bytes that all parameters may take: each weight of the scheme "
               "gets one of --format, as --calibration tells what it would "
               "cost"),
      cl::value_desc("N[K|M|G|T]"), cl::cat(category)};
  cl::list<std::string> formats{
      "format",
      cl::desc("Encodings for --budget; repeat (2, 3, 4, 5, 6 and 8 bits with "
               "minimum in blocks of 32)"),
      cl::value_desc("#ENC"), cl::cat(category)};
  cl::opt<std::string> sensitivity{
      "sensitivity",
      cl::desc("JSON file of what each weight costs in each format; read where "
               "it exists, else measured and written"),
      cl::value_desc("F"), cl::cat(category)};
  cl::opt<std::string> overridesFile{
      "overrides",
      cl::desc("File with an override per line; // begins a comment"),
      cl::value_desc("F"), cl::cat(category)};
  cl::opt<std::string> saveOverrides{
      "save-overrides",
      cl::desc("Write what --budget decided to a file for --overrides"),
      cl::value_desc("F"), cl::cat(category)};
  cl::opt<std::string> statistics{
      "statistics",
      cl::desc("What compress-run calibrate learnt of the model, in place of a "
               "text"),
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

  std::string getWorkFolder() const {
    if (!work.empty())
      return work;
    StringRef bundle = output;
    return bundle.rtrim('/').str() + ".work";
  }

  /// Whether the model's codes are still to be chosen, by a text.
  bool isCalibrated(const PreparedModel &model) const {
    return model.algorithm.needsStatistics() && !calibration.empty();
  }

  BudgetOptions getBudget() const {
    return {
        budget, {formats.begin(), formats.end()}, sensitivity, saveOverrides};
  }

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
    result.calibration = {calibration, context, sequences};
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

static Error reportDryRun(const Options &options, const CompileOptions &compile,
                          PreparedModel &model) {
  outs() << "parameters: " << formatBytes(model.ledger.getBytesBefore())
         << " in the model, " << formatBytes(model.ledger.getBytesAfter())
         << " in the bundle\n"
         << "peak memory of compilation: about "
         << formatBytes(estimatePeakMemory(model, compile))
         << ", mapped files included\n";
  if (!options.isCalibrated(model))
    return Error::success();
  Expected<CalibrationEstimate> estimate =
      estimateCalibration(options.input, compile, model);
  if (!estimate)
    return estimate.takeError();
  outs() << "calibration: " << estimate->stages << " blocks, "
         << estimate->sequences << " sequences, " << estimate->tokens
         << " tokens; the model is evaluated twice on each\n"
         << "peak memory of calibration: about "
         << formatBytes(estimate->peakBytes) << ", mapped files included\n"
         << "disk for " << options.getWorkFolder() << ": "
         << formatBytes(estimate->diskBytes) << "\n";
  return Error::success();
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

/// Options that would have no effect are not passed over.
static Error checkOptions(const Options &options) {
  for (const cl::Option *option :
       {static_cast<const cl::Option *>(&options.context),
        static_cast<const cl::Option *>(&options.sequences),
        static_cast<const cl::Option *>(&options.work)})
    if (option->getNumOccurrences() && options.calibration.empty())
      return makeError("--" + option->ArgStr + " goes with --calibration");
  for (const cl::Option *option :
       {static_cast<const cl::Option *>(std::addressof(options.formats)),
        static_cast<const cl::Option *>(&options.sensitivity),
        static_cast<const cl::Option *>(&options.saveOverrides)})
    if (option->getNumOccurrences() && options.budget.empty())
      return makeError("--" + option->ArgStr + " goes with --budget");
  return Error::success();
}

static Error run(const Options &options) {
  if (Error error = checkOptions(options))
    return error;
  CompileOptions compileOptions = options.getCompileOptions();
  if (Error error = readOverrides(options.overridesFile, compileOptions))
    return error;
  Expected<std::vector<CPUTarget>> targets = parseTargets(options);
  if (!targets)
    return targets.takeError();
  mlir::DialectRegistry registry;
  registerCodegenDialects(registry);
  mlir::MLIRContext context(registry);
  Expected<std::unique_ptr<PreparedModel>> model = prepareByBudget(
      options.input, options.getBudget(), compileOptions, &context);
  if (!model)
    return model.takeError();
  if (options.printStrategy)
    if (Error error = printStrategies(**model, *targets, options))
      return error;
  if (options.dryRun) {
    report(**model, options);
    return reportDryRun(options, compileOptions, **model);
  }
  // What can't be written is told before the work.
  Expected<OutputFolder> folder =
      OutputFolder::create(options.output, kBundleFormat);
  if (!folder)
    return folder.takeError();
  std::string work = options.getWorkFolder();
  bool isCalibrated = options.isCalibrated(**model);
  if (isCalibrated)
    if (Error error =
            calibrateModel(options.input, compileOptions, work, **model))
      return error;
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
  if (isCalibrated)
    removeWorkFolder(work);
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
