//===- StageFiles.h - Finished blocks on disk -------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_QUANTIZATION_STAGEFILES_H
#define COMPRESS_LIB_QUANTIZATION_STAGEFILES_H

#include "compress/Compiler/Parameters.h"
#include "compress/Support/MappedFile.h"
#include "compress/Support/Safetensors.h"

namespace mlir::compress {

/// What calibration made of one parameter.
struct CalibratedParameter {
  std::string symbol;
  /// Canonical components of its encoding, or the bytes of a plain tensor.
  std::vector<ComponentData> components;
  ParameterHistory history;
};

/// The work folder of one run. Files appear whole or not at all.
///
/// `stage-<n>.safetensors`: the parameters of a finished stage, tensors
/// `<symbol>.<i>` of bytes; metadata `format`, `key`, and `history`, JSON.
/// `boundary-<n>.f32`: what the stage gives for all sequences, f32,
/// [sequences, tokens, columns].
class StageFiles {
public:
  /// Makes the folder if it is not there. `key` tells runs apart.
  static llvm::Expected<StageFiles> open(llvm::StringRef folder,
                                         llvm::StringRef key);

  /// Stages that are finished, counted from the first; `needsBoundary` says
  /// whether what comes behind a stage has to be there too.
  size_t countFinished(size_t stages,
                       llvm::function_ref<bool(size_t)> needsBoundary) const;

  std::string getBoundaryPath(size_t stage) const;
  llvm::Error write(size_t stage,
                    llvm::ArrayRef<CalibratedParameter> parameters) const;
  void removeBoundary(size_t stage) const;

  /// A file of a finished stage. Calls `add` for each parameter with a way to
  /// load its components, which keeps the file mapped.
  llvm::Error
  read(size_t stage,
       llvm::function_ref<llvm::Error(
           llvm::StringRef symbol, ParameterHistory history,
           std::function<llvm::Expected<llvm::SmallVector<ComponentData>>()>
               load)>
           add) const;

  /// Removes all files that a run writes, and the folder if it is empty then.
  static void remove(llvm::StringRef folder);

private:
  StageFiles(llvm::StringRef folder, llvm::StringRef key)
      : folder(folder.str()), key(key.str()) {}
  std::string getStagePath(size_t stage) const;
  bool isFinished(size_t stage) const;

  std::string folder, key;
};

} // namespace mlir::compress

#endif // COMPRESS_LIB_QUANTIZATION_STAGEFILES_H
