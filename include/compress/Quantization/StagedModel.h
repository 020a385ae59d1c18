//===- StagedModel.h - A model that runs block by block ---------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The instrumented program of a model as a chain of functions (stages), in f32,
// with the parameters of one stage at a time in memory.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_QUANTIZATION_STAGEDMODEL_H
#define COMPRESS_QUANTIZATION_STAGEDMODEL_H

#include "compress/JIT/CompileProgram.h"
#include "compress/Runtime/AlignedBuffer.h"
#include "compress/Runtime/Executor.h"

#include "llvm/ADT/StringMap.h"

namespace mlir::compress {

/// A function of the chain.
struct Stage {
  std::string function;
  /// The parameters that it reads, by their places in the model's list.
  std::vector<size_t> parameters;
  /// A result that shows what parameters are multiplied with.
  struct Observed {
    size_t result = 0;
    int64_t columns = 0;
    std::vector<std::string> parameters;
  };
  std::vector<Observed> observed;
  /// Columns of the activations that it is given and that it gives; 0 where
  /// there are none, at the ends.
  int64_t inputColumns = 0, outputColumns = 0;
};

class StagedModel {
public:
  /// Compiles the stages of a model (see prepareModel). `options` are those of
  /// the model that is to be made; weights hold f32, and activations are
  /// rounded as the options say. Errors name the file.
  static llvm::Expected<std::unique_ptr<StagedModel>>
  create(llvm::StringRef path, const CompileOptions &options);

  llvm::ArrayRef<Stage> getStages() const { return stages; }
  PreparedModel &getModel() { return *compiled.model; }
  const PreparedModel &getModel() const { return *compiled.model; }
  const CompiledCode &getCode() const { return compiled.code; }
  /// The plan of a parameter.
  const ParameterPlan &getPlan(llvm::StringRef symbol) const;

private:
  explicit StagedModel(CompiledModel compiled)
      : compiled(std::move(compiled)) {}
  llvm::Error findStages();
  llvm::Error readSignature(Stage &stage);

  CompiledModel compiled;
  std::vector<Stage> stages;
  llvm::StringMap<size_t> indices;
};

/// One stage with its parameters.
class LoadedStage {
public:
  /// Parameters get the values that the model's plans say, but for those that
  /// `override` gives values for. Errors name the parameter.
  static llvm::Expected<std::unique_ptr<LoadedStage>>
  create(const StagedModel &model, size_t stage,
         const llvm::StringMap<std::vector<float>> &values, unsigned threads);

  /// Gives a parameter of the stage other values.
  llvm::Error setValues(llvm::StringRef symbol, llvm::ArrayRef<float> values);

  /// Runs the stage on one sequence. `input` is [tokens, inputColumns].
  llvm::Error run(llvm::ArrayRef<int32_t> tokens, llvm::ArrayRef<float> input);
  /// After run(): [tokens, outputColumns], and what stage.observed[i] shows.
  llvm::ArrayRef<float> getOutput() const;
  MatrixRef getObserved(size_t index) const;
  /// All of a result, row-major.
  llvm::ArrayRef<float> getResult(size_t index) const;

  /// Bytes of arguments, results and workspace that a run on so many tokens
  /// needs; no parameters are loaded.
  static llvm::Expected<int64_t> countRunBytes(const StagedModel &model,
                                               size_t stage, int64_t tokens,
                                               unsigned threads);

private:
  LoadedStage(const StagedModel &model, const Stage &stage)
      : model(model), stage(stage) {}
  llvm::Error loadParameters(const llvm::StringMap<std::vector<float>> &values,
                             unsigned threads);
  llvm::Error loadCode(unsigned threads);
  llvm::Error allocate(int64_t tokens);

  const StagedModel &model;
  const Stage &stage;
  /// By place in the table of parameters.
  std::vector<AlignedBuffer> parameters;
  llvm::StringMap<size_t> places;
  std::unique_ptr<Program> program;
  const ProgramFunction *function = nullptr;
  std::unique_ptr<Executor> executor;
  /// Arguments, then results.
  std::vector<AlignedBuffer> buffers;
  std::vector<CompressTensor> tensors;
  int64_t rows = 0;
};

} // namespace mlir::compress

#endif // COMPRESS_QUANTIZATION_STAGEDMODEL_H
