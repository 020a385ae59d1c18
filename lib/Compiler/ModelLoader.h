//===- ModelLoader.h - Models as the compiler reads them --------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_COMPILER_MODELLOADER_H
#define COMPRESS_LIB_COMPILER_MODELLOADER_H

#include "compress/Compiler/Compiler.h"
#include "compress/Import/CacheFormat.h"

#include "llvm/ADT/StringMap.h"

namespace mlir::compress {

/// Where a parameter's value comes from.
struct ParameterOrigin {
  /// Bytes in the model's file.
  int64_t bytes = 0;
  std::function<llvm::Expected<llvm::SmallVector<ComponentData>>()> load;
};

/// A model before any decision: a module, and where its parameters' values are.
struct LoadedModel {
  OwningOpRef<ModuleOp> module;
  ModelInfo info;
  std::optional<CacheInfo> cache;
  std::optional<TokenizerModel> tokenizer;
  /// By symbol.
  llvm::StringMap<ParameterOrigin> origins;
  int64_t sourceBytes = 0;
  /// Archives beside an MLIR file, as it names them.
  std::vector<std::string> archives;
  std::vector<std::shared_ptr<void>> owners;
};

/// Reads a model file or folder, or an MLIR file. `cache` is the wanted format
/// of the key-value cache. Where nothing is asked for, an MLIR file's own
/// holds.
llvm::Expected<LoadedModel> loadModel(llvm::StringRef path,
                                      const CompileOptions &options,
                                      const CacheFormat &cache,
                                      MLIRContext *context);

/// The error that diagnostics reported while `body` ran make, if it fails.
llvm::Error runWithDiagnostics(MLIRContext *context,
                               llvm::function_ref<LogicalResult()> body);

} // namespace mlir::compress

#endif // COMPRESS_LIB_COMPILER_MODELLOADER_H
