//===- ArchitectureBase.h - Architecture files on a base --------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_ARCHITECTUREBASE_H
#define COMPRESS_LIB_IMPORT_ARCHITECTUREBASE_H

#include "compress/Import/Architecture.h"
#include "llvm/Support/JSON.h"

namespace mlir::compress {

/// The architecture file `own`, completed by the base that its field `extends`
/// names, if it has one; the result has no such field. Bases are among `bases`
/// and may extend others. docs/architecture-files.md has the rules. `path`
/// names the file in messages.
llvm::Expected<llvm::json::Value>
addBase(llvm::json::Value own, llvm::StringRef path, ArchitectureTexts bases);

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_ARCHITECTUREBASE_H
