//===- Trace.h - What an element of a tensor is computed from ---*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Front ends spell one computation in many ways: with casts, copies, reshapes
// and broadcasts between the steps, in one op or in several. Seen from one
// element these are the same expression. A trace is that expression, taken
// apart only as far as somebody asks.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_FRONTEND_TRACE_H
#define COMPRESS_LIB_FRONTEND_TRACE_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::compress {

/// A part of a loop's index: (index / divisor) % extent, where the extent of
/// the outermost part is that of the loop and may be dynamic.
struct Digit {
  unsigned loop;
  int64_t divisor;
  int64_t extent;
  bool operator==(const Digit &other) const {
    return loop == other.loop && divisor == other.divisor &&
           extent == other.extent;
  }
};

/// An index along one dimension: digits from the most significant on. Empty
/// along dimensions of size 1.
using Index = SmallVector<Digit, 2>;
/// An index per dimension of a tensor.
using Place = SmallVector<Index, 4>;

/// One step of an expression.
struct Step {
  enum class Kind {
    /// What can't be taken apart: `tensor` at `place`.
    Element,
    /// A number, the same at every place.
    Constant,
    /// An index of the program's, as `linalg.index` gives it.
    Index,
    /// `op` of the operands.
    Op,
    /// The operand, for all values of the loop `loop`, combined by `op`.
    Reduction
  };
  /// An operand: an element of a tensor, or a step inside of a body.
  struct Operand;

  Kind kind = Kind::Element;
  Value tensor;
  Place place;
  Attribute constant;
  Index index;
  Operation *op = nullptr;
  unsigned loop = 0;
  int64_t extent = 0;
  SmallVector<std::shared_ptr<Operand>, 3> operands;
};

/// Element `place` of the tensor `value`, or inside the body of `body`, which
/// runs over the loops `loops`, the scalar `value`.
struct Step::Operand {
  Value value;
  Place place;
  linalg::LinalgOp body;
  /// Indices of the body's loops.
  Place loops;
};
using Traced = std::shared_ptr<Step::Operand>;

/// Takes expressions apart; loops are numbered over its life.
class Tracer {
public:
  /// The element of a tensor whose index along each dimension is a loop of its
  /// own; dimensions of size 1 have none.
  Traced trace(Value tensor);
  /// The last step that makes an element. Copies, casts between f32 and f64 and
  /// reshapes are no steps.
  Step getStep(const Traced &traced);
  /// Whether the element is taken unchanged, but for what is no step, from
  /// `place` of `tensor`.
  bool passes(const Traced &traced, Value tensor, const Place &place);
  /// The first f32 tensor that the element is taken from unchanged at `place`
  /// itself.
  std::optional<Value> findSource(const Traced &traced, const Place &place);

private:
  std::optional<Step> getOpStep(const Traced &traced);
  std::optional<Step> getTensorStep(const Traced &traced);
  /// Goes on to where an element is taken from unchanged, until `stop` says so
  /// or it is computed.
  static Traced skip(Traced traced,
                     llvm::function_ref<bool(const Step::Operand &)> stop);

  unsigned loops = 0;
};

} // namespace mlir::compress

#endif // COMPRESS_LIB_FRONTEND_TRACE_H
