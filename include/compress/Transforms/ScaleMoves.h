//===- ScaleMoves.h - What can take over a scale of channels ----*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_TRANSFORMS_SCALEMOVES_H
#define COMPRESS_TRANSFORMS_SCALEMOVES_H

#include "mlir/IR/BuiltinOps.h"

#include <string>
#include <vector>

namespace mlir::compress {

/// A parameter that an activation is linear in, channel by channel.
struct ScaleAbsorber {
  std::string parameter;
  /// For each channel of the activation, the row of the parameter, or the
  /// element of a vector, that it is linear in. Several channels may share one.
  std::vector<int64_t> rows;
};

/// An activation X with the weights that it is multiplied with. With any
/// positive s per channel, X / s and W diag(s) give the same products as X and
/// W; X is divided by dividing the absorbers' rows.
struct ScaleMove {
  /// As the quantized.observe op that stands for X names them.
  std::vector<std::string> consumers;
  /// Columns of X.
  int64_t channels = 0;
  /// Parameters that must be divided together; empty if that is not possible.
  std::vector<ScaleAbsorber> absorbers;
  /// Why it is not possible.
  std::string obstacle;
};

/// One for each quantized.observe of the module, in order. What can absorb is
/// found by following the ops that make X back to parameters: products, norms,
/// elementwise ops that are linear in an operand, attention in its values,
/// reshapes of rows. Nothing on the way may be read by anything else.
std::vector<ScaleMove> findScaleMoves(ModuleOp module);

} // namespace mlir::compress

#endif // COMPRESS_TRANSFORMS_SCALEMOVES_H
