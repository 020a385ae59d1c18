//===- Passes.h - Passes over several dialects ------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_TRANSFORMS_PASSES_H
#define COMPRESS_TRANSFORMS_PASSES_H

#include "compress/Dialect/Compress/IR/Compress.h"

#include "mlir/Pass/Pass.h"

namespace mlir::compress {

/// What compress-verify-encodings does with the module's record of encodings.
enum class EncodingSnapshot { Compare, Record, Remove };

#define GEN_PASS_DECL
#include "compress/Transforms/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "compress/Transforms/Passes.h.inc"

} // namespace mlir::compress

#endif // COMPRESS_TRANSFORMS_PASSES_H
