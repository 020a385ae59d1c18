//===- ModelPath.h - What a path names, by its name -------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_SUPPORT_MODELPATH_H
#define COMPRESS_SUPPORT_MODELPATH_H

#include "llvm/ADT/StringRef.h"

namespace mlir::compress {

/// Whether `path` is something that the compiler reads, by its name: a file
/// that ends in `.gguf`, `.mlir` or `.mlirbc`, or a folder with a config.json.
bool isModelPath(llvm::StringRef path);

} // namespace mlir::compress

#endif // COMPRESS_SUPPORT_MODELPATH_H
