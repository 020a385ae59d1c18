//===- Error.cpp - Errors that name their file ----------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Support/Error.h"

using namespace llvm;

Error mlir::compress::makeError(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message);
}

Error mlir::compress::makeFileError(StringRef path, const Twine &message) {
  return makeError(path + ": " + message);
}
