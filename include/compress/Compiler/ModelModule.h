//===- ModelModule.h - What modules tell of their model ---------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_COMPILER_MODELMODULE_H
#define COMPRESS_COMPILER_MODELMODULE_H

#include "compress/Import/ModelImport.h"
#include "compress/Runtime/Manifest.h"

namespace mlir::compress {

/// Writes what the importer knows of a model and the module does not tell
/// (name, architecture, sizes) into the module's attribute `compress.model`, so
/// that an MLIR file can be compiled like the model that it was imported from.
void describeModel(ImportedModel &model);

/// Reads it back; sizes stay as they are where there is no such attribute.
void readModelInfo(ModuleOp module, ModelInfo &info);

} // namespace mlir::compress

#endif // COMPRESS_COMPILER_MODELMODULE_H
