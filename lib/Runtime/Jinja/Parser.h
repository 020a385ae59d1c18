//===- Parser.h - Parses template programs ----------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_RUNTIME_JINJA_PARSER_H
#define COMPRESS_LIB_RUNTIME_JINJA_PARSER_H

#include "Syntax.h"

#include "llvm/Support/Error.h"

namespace mlir::compress::jinja {

/// Parses a template. The error names the line.
llvm::Expected<Block> parse(llvm::StringRef source);

} // namespace mlir::compress::jinja

#endif // COMPRESS_LIB_RUNTIME_JINJA_PARSER_H
