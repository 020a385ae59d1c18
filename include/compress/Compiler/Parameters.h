//===- Parameters.h - From stored tensors to a program's data ---*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a program reads differs from what a model's file holds: another encoding
// perhaps, and the order in which kernels read. Tensors are brought from one
// form into the other one at a time, so that no model is ever in memory as a
// whole. No MLIR.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_COMPILER_PARAMETERS_H
#define COMPRESS_COMPILER_PARAMETERS_H

#include "compress/Calibration/WeightAlgorithms.h"
#include "compress/Compiler/Schemes.h"
#include "compress/Encoding/Layout.h"
#include "compress/Support/ElementType.h"

#include <functional>

namespace mlir::compress {

/// Whether values lie one after the other in f32: without an encoding, or with
/// the one that says no more than that.
bool isPlain(const std::optional<EncodingSpec> &spec);

/// How codes came about that were chosen before: by a calibration that saw the
/// model as a whole, or by whoever wrote the file.
struct ParameterHistory {
  /// All steps, as WeightAlgorithm::str() has them.
  std::string algorithm;
  WeightReport report;
  /// Tokens that the algorithm saw.
  int64_t tokens = 0;
};

/// One parameter: what is stored, and what the program wants.
struct ParameterPlan {
  std::string symbol;
  llvm::SmallVector<int64_t> shape;
  /// Element of a plain tensor; encoded ones stand for f32.
  ElementType element = ElementType::F32;
  /// Encodings; nothing for plain tensors.
  std::optional<EncodingSpec> stored, encoding;
  /// Where set, values are rounded to this encoding on their way; the program
  /// computes in f32 with what it makes of them.
  std::optional<EncodingSpec> simulated;
  /// Where the program's components lie; empty where they are canonical.
  std::vector<ComponentLayout> layouts;
  /// What is asked for; see getRounding().
  Rounding rounding = Rounding::Nearest;
  /// Chooses the codes of a matrix; null for `rounding` alone.
  const CodeAlgorithm *algorithm = nullptr;
  /// What it needs to know: the mean of x xᵀ over calibration tokens, [k, k]
  /// with k the last dimension, and their number.
  llvm::ArrayRef<float> secondMoment;
  int64_t tokens = 0;
  /// Where `load` gives what calibration made of the model's values; whether
  /// that has yet to be.
  std::optional<ParameterHistory> history;
  bool awaitsCalibration = false;
  /// Bytes in the model's file.
  int64_t storedBytes = 0;
  /// The canonical components of `stored`, or the bytes of a plain tensor. May
  /// be called by any thread.
  std::function<llvm::Expected<llvm::SmallVector<ComponentData>>()> load;

  int64_t getNumElements() const;
  /// Whether `algorithm` chooses the codes.
  bool usesAlgorithm() const;
  /// Whether the stored codes are not the program's.
  bool isTranscoded() const;
  /// The encoding that decides the program's values.
  const std::optional<EncodingSpec> &getTarget() const {
    return simulated ? simulated : encoding;
  }
  /// `rounding`, or Nearest where that means nothing for the target.
  Rounding getRounding() const;
  /// The algorithm that makes the program's codes: `copy` (bit for bit),
  /// `decode` (f32 from codes), what `history` or `algorithm` says, or the name
  /// of getRounding().
  llvm::StringRef getAlgorithm() const;
};

/// One component as the program reads it.
struct ProgramComponent {
  /// Empty for a plain tensor.
  std::string name;
  ElementType type;
  /// First the tensor's rows where the component divides evenly.
  llvm::SmallVector<int64_t> shape;
  int64_t bytes;
};

/// The components of a parameter, in the order of the program's types. The
/// error names the parameter where sizes depend on the data.
llvm::Expected<std::vector<ProgramComponent>>
getProgramComponents(const ParameterPlan &plan);

/// The values that are stored, row-major. Errors name the parameter.
llvm::Expected<std::vector<float>> loadValues(const ParameterPlan &plan);

struct LaidOutParameter {
  /// As getProgramComponents() tells them.
  std::vector<ComponentData> components;
  /// ||x - x'|| / ||x||, with x the stored values and x' the program's; nothing
  /// where the codes were copied. 0 where all values are.
  std::optional<double> relativeError;
  /// What plan.algorithm did.
  std::optional<WeightReport> report;
};

/// Loads, converts and lays out one parameter. Values are converted some rows
/// at a time where the encoding allows it. Errors name the parameter: what
/// encode() says of its values, or of the encoding.
llvm::Expected<LaidOutParameter> layOut(const ParameterPlan &plan);

/// layOut() for all plans on `threads` threads. `sink` gets the results one
/// after the other, in the order of `plans`, on the calling thread; its error
/// ends the work. At most `threads` + 1 parameters are in memory.
llvm::Error
layOutAll(llvm::ArrayRef<ParameterPlan> plans, unsigned threads,
          llvm::function_ref<llvm::Error(size_t index, LaidOutParameter result)>
              sink);

/// Most bytes of memory that layOutAll() has in use at once, apart from mapped
/// files.
int64_t estimatePeakBytes(llvm::ArrayRef<ParameterPlan> plans,
                          unsigned threads);

} // namespace mlir::compress

#endif // COMPRESS_COMPILER_PARAMETERS_H
