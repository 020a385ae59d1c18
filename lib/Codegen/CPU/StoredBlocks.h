//===- StoredBlocks.h - How many blocks a kernel reads ----------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_CODEGEN_CPU_STOREDBLOCKS_H
#define COMPRESS_LIB_CODEGEN_CPU_STOREDBLOCKS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::compress {

/// The weights of a kernel that lie in block compressed rows.
struct StoredBlocks {
  /// Blocks per row of blocks, by the number of the argument that has the
  /// offsets of the rows.
  llvm::SmallDenseMap<unsigned, double> perRow;
  /// Whether the sizes of the arguments tell it, for all.
  bool isKnown = true;

  /// Finds them. Where sizes of arguments do not tell how many blocks are
  /// stored, gives the arguments the sizes for a `share` of all blocks.
  static StoredBlocks fix(func::FuncOp kernel, double share);
};

} // namespace mlir::compress

#endif // COMPRESS_LIB_CODEGEN_CPU_STOREDBLOCKS_H
