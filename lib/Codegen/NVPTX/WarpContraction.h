//===- WarpContraction.h - A warp per row of weights ------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_CODEGEN_NVPTX_WARPCONTRACTION_H
#define COMPRESS_LIB_CODEGEN_NVPTX_WARPCONTRACTION_H

#include "compress/Codegen/Common/Contraction.h"
#include "compress/Codegen/Common/GroupKernel.h"

namespace mlir::compress {

/// y = x W' in f32: x of m x k plain floats, W of n x k stored in any way, of
/// which each row is one warp's. The warp's lanes take every 32nd value (or
/// group of N:M) of k, decode it in registers and multiply it by the same
/// column of several rows of x; their sums are added pairwise. So each result
/// is summed in an order that depends on k and the encoding only.
class WarpContraction {
public:
  static constexpr int64_t kLanes = 32;
  /// Warps of a block.
  static constexpr int64_t kWarps = 4;

  /// The contraction that the group consists of; an error at the op that has
  /// no such code.
  static FailureOr<Contraction> match(GroupOp group);
  /// Blocks that a launch needs.
  static int64_t getBlocks(const Contraction &contraction);

  WarpContraction(GroupKernel &kernel, const Contraction &contraction);
  /// The code of one thread, where the kernel's builder stands.
  void emit();

private:
  /// Rows of x that share a decoded weight.
  static constexpr int64_t kRows = 4;
  /// Steps of a loop over k: loads that are under way together.
  static constexpr int64_t kUnroll = 4;

  void emitRows(Value row, int64_t count);
  /// Adds to the sums of `count` rows what group number `group` of values along
  /// k contributes.
  SmallVector<Value> addGroup(Value row, int64_t count, Value group,
                              ValueRange sums);
  /// The sum over all lanes, in every lane.
  Value addLanes(Value sum);

  GroupKernel &kernel;
  Emitter &e;
  EncodedOperand activations, weights;
  /// Sizes of n and k; values along k that are read together.
  int64_t width, depth, groupSize;
  Value lane, column;
};

} // namespace mlir::compress

#endif // COMPRESS_LIB_CODEGEN_NVPTX_WARPCONTRACTION_H
