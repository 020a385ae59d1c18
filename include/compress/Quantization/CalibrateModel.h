//===- CalibrateModel.h - Rounds a model block by block ---------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_QUANTIZATION_CALIBRATEMODEL_H
#define COMPRESS_QUANTIZATION_CALIBRATEMODEL_H

#include "compress/Compiler/Compiler.h"

namespace mlir::compress {

/// Chooses the codes of a prepared model's weights by options.algorithm, with
/// the text of options.calibration.
///
/// The model is run block by block (compress-split-stages) over all sequences:
/// each block's weights are rounded by what reaches them through the blocks
/// before, whose weights are rounded already. In memory are the weights and
/// statistics of one block; the activations between blocks are a file.
///
/// Each finished block is written to `workFolder`, which is made, and a run
/// that was interrupted goes on behind the last one, with the same result:
/// files there belong to a hash of model, text, options and version, and those
/// of another hash are replaced. The folder has to stay until the model's
/// parameters have been laid out; removeWorkFolder() removes it.
///
/// The parameters of `model` then have a history, and load what was made; its
/// ledger names the algorithms. Errors name file, parameter and remedy.
llvm::Error calibrateModel(llvm::StringRef path, const CompileOptions &options,
                           llvm::StringRef workFolder, PreparedModel &model);

/// Removes what calibrateModel() wrote, and the folder if nothing else is in
/// it.
void removeWorkFolder(llvm::StringRef workFolder);

/// What calibrateModel() will need.
struct CalibrationEstimate {
  int64_t stages = 0, sequences = 0, tokens = 0;
  /// Most bytes of memory that are in use at once, with the compiler and what
  /// is mapped of the model and of the activations before a block; and most
  /// bytes of the work folder.
  int64_t peakBytes = 0, diskBytes = 0;
};

/// Compiles the blocks, and runs nothing. Errors are those of calibrateModel().
llvm::Expected<CalibrationEstimate>
estimateCalibration(llvm::StringRef path, const CompileOptions &options,
                    PreparedModel &model);

} // namespace mlir::compress

#endif // COMPRESS_QUANTIZATION_CALIBRATEMODEL_H
