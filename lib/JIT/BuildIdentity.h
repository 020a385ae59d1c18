//===- BuildIdentity.h - Which build of the compiler this is ----*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_JIT_BUILDIDENTITY_H
#define COMPRESS_LIB_JIT_BUILDIDENTITY_H

#include "compress/Support/FileHashes.h"

namespace mlir::compress {

/// A text that differs between any two builds of the compiler that may generate
/// different code: the build ids (the linker's hashes of what it linked) of all
/// that is loaded into this process, LLVM and MLIR among it. Where this library
/// or those have none, the hashes of their files take their place.
llvm::Expected<std::string> getBuildIdentity(const FileHashes &hashes);

} // namespace mlir::compress

#endif // COMPRESS_LIB_JIT_BUILDIDENTITY_H
