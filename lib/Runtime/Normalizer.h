//===- Normalizer.h - Changes text before it is split -----------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_RUNTIME_NORMALIZER_H
#define COMPRESS_LIB_RUNTIME_NORMALIZER_H

#include "compress/Runtime/Tokenizer.h"

namespace mlir::compress {

/// The text that the rules make of `text`, as well-formed UTF-8: bytes that are
/// not become U+FFFD before the rules are applied.
std::string normalize(llvm::StringRef text, const Normalizer &rules);

} // namespace mlir::compress

#endif // COMPRESS_LIB_RUNTIME_NORMALIZER_H
