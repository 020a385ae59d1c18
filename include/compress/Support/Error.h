//===- Error.h - Errors that name their file --------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_SUPPORT_ERROR_H
#define COMPRESS_SUPPORT_ERROR_H

#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"

namespace mlir::compress {

/// An error with this message.
llvm::Error makeError(const llvm::Twine &message);

/// An error about a file: `<path>: <message>`.
llvm::Error makeFileError(llvm::StringRef path, const llvm::Twine &message);

} // namespace mlir::compress

#endif // COMPRESS_SUPPORT_ERROR_H
