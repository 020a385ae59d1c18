//===- TokenizerRules.h - Checks of what tokenizers hold --------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_RUNTIME_TOKENIZERRULES_H
#define COMPRESS_LIB_RUNTIME_TOKENIZERRULES_H

#include "compress/Runtime/Tokenizer.h"

namespace mlir::compress {

/// An error that names the field where an id is not in a vocabulary of `size`
/// tokens.
llvm::Error verifyId(llvm::StringRef field, int32_t id, size_t size);

} // namespace mlir::compress

#endif // COMPRESS_LIB_RUNTIME_TOKENIZERRULES_H
