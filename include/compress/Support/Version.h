//===- Version.h - Which release this is ------------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_SUPPORT_VERSION_H
#define COMPRESS_SUPPORT_VERSION_H

#include "llvm/Support/raw_ostream.h"

namespace mlir::compress {

/// `compress 0.1.0`.
llvm::StringRef getVersion();

/// What the tools print for --version: our version and LLVM's.
void printVersion(llvm::raw_ostream &os);

} // namespace mlir::compress

#endif // COMPRESS_SUPPORT_VERSION_H
