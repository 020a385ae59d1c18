//===- Compiler.h - From a model to a program -------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The way of a model: prepareModel() reads it and decides how each parameter is
// stored, compileToObject() (Codegen.h) makes code for a target, writeBundle()
// writes both to a folder. compileProgram() (compress/JIT) leaves them in
// memory.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_COMPILER_COMPILER_H
#define COMPRESS_COMPILER_COMPILER_H

#include "compress/Compiler/Codegen.h"
#include "compress/Compiler/Ledger.h"
#include "compress/Compiler/Parameters.h"
#include "compress/Runtime/Tokenizer.h"
#include "compress/Support/Output.h"
#include "compress/Transforms/ScaleMoves.h"

#include "mlir/IR/OwningOpRef.h"

namespace mlir::compress {

/// A text, and what of it is looked at.
struct CalibrationData {
  /// A file of UTF-8; empty for none.
  std::string text;
  /// Tokens per sequence, and sequences; 0 for as many as there are, up to 128.
  int64_t context = 512, sequences = 0;
};

/// What is asked for, in the words of the command line.
struct CompileOptions {
  /// A row of Schemes.h. `weights` and `activations`, where given, take the
  /// place of the row's entries for all weights; `activations` may be `int8` or
  /// `f32`.
  std::string scheme = "source";
  std::string weights, activations;
  /// `GLOB=#encoding` or `GLOB=keep`.
  std::vector<std::string> overrides;
  /// Of the key-value cache, as parseCacheFormat() reads it; empty: what the
  /// scheme says.
  std::string cache;
  /// A tokenizer.json to use instead of the model's own.
  std::string tokenizer;
  /// A user's architecture file.
  std::string architecture;
  /// Whether models that are imported get `@score` beside `@step`.
  bool score = false;
  /// Compute in f32 with the values that the scheme's encodings hold.
  bool simulate = false;
  /// A function that gives, as further results, what its weights are
  /// multiplied with (quantized-insert-observers); empty: none. Models that
  /// are imported get `@score` for it.
  std::string observe;
  /// Whether that function becomes a chain of functions, one per block of
  /// layers (compress-split-stages), and the model's others go.
  bool stages = false;
  /// How codes of the scheme's weights are chosen, as WeightAlgorithm::parse()
  /// reads it: `rtn` is rounding as the scheme has it. What needs to know the
  /// inputs takes `statistics`, or is calibrateModel()'s to do, with
  /// `calibration`.
  std::string algorithm = "rtn";
  /// What `compress-run calibrate` wrote of the model.
  std::string statistics;
  /// A text to calibrate with, block by block.
  CalibrationData calibration;
  /// What code generation is allowed and told.
  CodegenOptions codegen;
  /// Threads that convert parameters.
  unsigned threads = 2;

  /// As the manifest records it; files by their base names.
  llvm::json::Value toJSON() const;
};

/// A model whose parameters' encodings and layouts are decided.
struct PreparedModel {
  /// Model IR; the parameters' types are the program's.
  OwningOpRef<ModuleOp> module;
  /// Model, cache and options; code and files are filled in later.
  Manifest manifest;
  std::optional<TokenizerModel> tokenizer;
  /// One per global, in the module's order.
  std::vector<ParameterPlan> parameters;
  /// One entry per parameter; errors are known once parameters are laid out.
  Ledger ledger;
  /// Bytes of the files that are mapped.
  int64_t sourceBytes = 0;
  /// Archives beside an MLIR file that hold its parameters, as it names them.
  std::vector<std::string> archives;
  /// Per parameter: whether a token reads only rows of it, and whether it reads
  /// rows of it, as of a table.
  std::vector<bool> gathered, tables;
  /// What calibrateModel() is to do with it.
  WeightAlgorithm algorithm;
  /// Per parameter: whether its codes are that algorithm's to choose.
  std::vector<bool> calibrated;
  /// Where a function is observed: what each observed value is made of.
  std::vector<ScaleMove> moves;
  /// What `load` of the parameters and their plans read from.
  std::vector<std::shared_ptr<void>> owners;
};

/// Reads a GGUF file, a Hugging Face folder or an MLIR file and applies the
/// options' scheme and layouts. The context must have the dialects of
/// registerCodegenDialects(). Errors name the file, parameter or option.
///
/// In an MLIR file, parameters are `#compress.parameter`s of archives beside it
/// (GGUF or safetensors) or globals with inline values.
llvm::Expected<std::unique_ptr<PreparedModel>>
prepareModel(llvm::StringRef path, const CompileOptions &options,
             MLIRContext *context);

/// A stored component's name in an archive: `<symbol>.<component>`, or the
/// symbol of a plain tensor.
std::string getParameterKey(llvm::StringRef symbol, llvm::StringRef component);

/// Fills in what follows from compiled code: functions and the parameters'
/// table. The error names targets whose code does not agree on them.
llvm::Error describeCode(PreparedModel &model,
                         llvm::ArrayRef<CompiledCode> code);

/// Writes a bundle (docs/bundle-format.md): code for each target, parameters,
/// tokenizer, manifest. Equal models, options and code give equal bytes. The
/// folder appears when it is complete. Fills in the ledger's errors. `advance`
/// hears of every parameter that is written, with its bytes.
llvm::Error writeBundle(
    PreparedModel &model, llvm::ArrayRef<CompiledCode> code,
    OutputFolder folder, const CompileOptions &options,
    llvm::function_ref<void(int64_t bytes, llvm::StringRef symbol)> advance);

/// The peak of memory that compilation needs, in bytes: the mapped files, the
/// parameters on their way, and the compiler itself.
int64_t estimatePeakMemory(const PreparedModel &model,
                           const CompileOptions &options);

} // namespace mlir::compress

#endif // COMPRESS_COMPILER_COMPILER_H
