//===- Commands.h - The commands of compress-run ----------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_TOOLS_COMPRESSRUN_COMMANDS_H
#define COMPRESS_TOOLS_COMPRESSRUN_COMMANDS_H

#include "compress/Runtime/Benchmark.h"
#include "compress/Runtime/Program.h"
#include "compress/Support/Npy.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/JSON.h"

namespace mlir::compress {

/// Options that all commands have.
struct CommonOptions {
  CommonOptions(llvm::cl::SubCommand &command,
                llvm::StringRef input = "BUNDLE_OR_MODEL");

  llvm::cl::opt<std::string> input;
  llvm::cl::opt<int64_t> threads;
  llvm::cl::opt<bool> json;
  llvm::cl::opt<bool> verify, verbose;
  /// What a model that is no bundle is compiled with.
  llvm::cl::opt<std::string> scheme, cache, tokenizer;
  llvm::cl::list<std::string> overrides;
  llvm::cl::opt<bool> score, simulate, allowSlower;
  /// Set by commands: the function of a model that shows what its weights are
  /// multiplied with.
  std::string observe;
  /// Whether and how much of what models are compiled to is kept.
  llvm::cl::opt<bool> noJITCache;
  llvm::cl::opt<std::string> jitCacheLimit;
};

/// Checks what does not depend on the command: the threads, and that the input
/// is there.
llvm::Error verifyOptions(const CommonOptions &options);

/// Opens what the user named: loads a bundle; compiles anything else, or takes
/// it from the cache of what was compiled before. The only place that decides
/// what it may be.
llvm::Expected<std::unique_ptr<Program>>
openProgram(const CommonOptions &options);

/// The rest of these is what only a compiler can do. It is a program of its
/// own, compress-run-jit, with the same commands: to load a bundle, MLIR and
/// LLVM need not be loaded, which takes longer than to read a prompt. In
/// compress-run, these functions become that program, and return only if it
/// can't be started.

/// Compiles a model, or takes it from the cache.
llvm::Expected<std::unique_ptr<Program>>
openModel(const CommonOptions &options);

/// What a function of a compiled or an evaluated program gives.
struct CallResult {
  FunctionSignature signature;
  std::vector<NpyArray> results;
};

/// Evaluates a function of a model by the definition of its ops; in double
/// precision, or with the very sums of generated code.
llvm::Expected<CallResult> evaluateCall(const CommonOptions &options,
                                        llvm::StringRef function,
                                        llvm::ArrayRef<NpyArray> arguments,
                                        bool asGenerated);

/// An op of two models that are compared (compress/Compiler/Compare.h).
struct ComparedOp {
  std::string op, shape;
  std::vector<std::string> parameters;
  bool usesParameters = false;
  double relativeError = 0;
};

struct ComparedModels {
  std::vector<ComparedOp> ops;
  /// The first whose error exceeds the threshold.
  std::optional<size_t> first;
};

/// Compares a model as `options` have it with `other`, compiled with
/// `otherScheme`, or as it is stored where that is empty. compress-run hands
/// over instead.
llvm::Expected<ComparedModels> compareModels(const CommonOptions &options,
                                             llvm::StringRef other,
                                             llvm::StringRef otherScheme,
                                             llvm::ArrayRef<int32_t> tokens,
                                             double threshold);

/// The program's own command line, ended by a null pointer.
char **getArguments();

/// Token ids with commas between them, as --tokens takes them.
llvm::Expected<std::vector<int32_t>> parseTokens(llvm::StringRef text);

/// The lines of a text, without their ends; the last one needs none.
std::vector<llvm::StringRef> splitLines(llvm::StringRef text);

/// Prints the one object of --json, with a newline.
void printJSON(llvm::json::Object object);

/// Smallest and largest sample, spread, and all samples.
llvm::json::Object getSpreadAsJSON(const Measurement &measurement);

/// A subcommand of the tool.
class Command {
public:
  Command(llvm::StringRef name, llvm::StringRef description)
      : command(name, description) {}
  virtual ~Command() = default;

  /// Whether the user chose it.
  bool isChosen() { return static_cast<bool>(command); }
  /// Does what the options say.
  virtual llvm::Error run() = 0;

protected:
  llvm::cl::SubCommand command;
};

/// Each makes its command and registers its options.
std::unique_ptr<Command> makeGenerateCommand();
std::unique_ptr<Command> makePerplexityCommand();
std::unique_ptr<Command> makeBenchCommand();
std::unique_ptr<Command> makeCallCommand();
std::unique_ptr<Command> makeEmbedCommand();
std::unique_ptr<Command> makeCalibrateCommand();
std::unique_ptr<Command> makeEvaluateCommand();
std::unique_ptr<Command> makeCompareCommand();

} // namespace mlir::compress

#endif // COMPRESS_TOOLS_COMPRESSRUN_COMMANDS_H
