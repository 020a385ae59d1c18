//===- InitAllDialects.h - Registers the project's dialects -----*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_INITALLDIALECTS_H
#define COMPRESS_INITALLDIALECTS_H

#include "compress/Dialect/Compress/IR/Compress.h"
#include "compress/Dialect/LM/IR/LM.h"
#include "compress/Dialect/Quantized/IR/Quantized.h"
#include "compress/Dialect/Sparse/IR/Sparse.h"
#include "compress/Transforms/BufferizableOpInterfaceImpl.h"

#include "mlir/IR/DialectRegistry.h"

namespace mlir::compress {

/// Adds the project's dialects, and what their ops offer to upstream passes, to
/// `registry`.
inline void registerAllDialects(DialectRegistry &registry) {
  registry.insert<CompressDialect, quantized::QuantizedDialect,
                  sparse::SparseDialect, lm::LMDialect>();
  registerBufferizableOpInterfaceExternalModels(registry);
}

} // namespace mlir::compress

#endif // COMPRESS_INITALLDIALECTS_H
