//===- Kernel.h - A group while it becomes a CPU's code ---------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_CODEGEN_CPU_KERNEL_H
#define COMPRESS_LIB_CODEGEN_CPU_KERNEL_H

#include "compress/Codegen/CPU/CPUTarget.h"
#include "compress/Codegen/Common/Contraction.h"
#include "compress/Codegen/Common/GroupKernel.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::compress {

/// Sums along a row that need not be in order have this many parts, whatever
/// the vectors' length: all processors round alike.
constexpr int64_t kPartialSums = 16;

/// Rows of the panels that contractions want their weights in.
constexpr int64_t kPanelRows = 16;

/// What the emitters of all forms share: the group, where its values lie, and
/// the thread that runs it.
class Kernel : public GroupKernel {
public:
  /// `thread`, `threads`: this thread and the number of all; `scratch`: a byte
  /// buffer of the thread's own.
  Kernel(OpBuilder &builder, GroupOp group, CPUEmitter &target, Value thread,
         Value threads, Value scratch);

  CPUEmitter &target;
  Value thread, threads;
  int64_t lanes;

  StrategyAttr getStrategy() { return *group.getStrategy(); }
  /// A part of the scratch buffer, for the whole of the kernel.
  Value allocateScratch(ArrayRef<int64_t> shape, Type element);
  int64_t getScratchBytes() const { return scratchBytes; }

private:
  Value scratch;
  int64_t scratchBytes = 0;
};

//===----------------------------------------------------------------------===//
// Forms (each in a file of its own)
//===----------------------------------------------------------------------===//

/// Row by row: normalization, rotation, encoding, gathering, cache append, and
/// elementwise ops.
LogicalResult emitRows(Kernel &kernel);
/// A contraction in f32 on panels.
LogicalResult emitFloatContraction(Kernel &kernel);
/// A contraction of integer codes on panels.
LogicalResult emitIntegerContraction(Kernel &kernel);
/// Any structured op, one point after the other.
LogicalResult emitScalar(Kernel &kernel);
/// Attention, cached or not.
LogicalResult emitAttention(Kernel &kernel);

/// The strategy that the group should have on the target.
StrategyAttr selectStrategy(GroupOp group, const CPUTarget &target);

/// Replaces the group of a kernel by the code that its strategy asks for.
LogicalResult lowerGroup(GroupOp group, CPUEmitter &emitter);

//===----------------------------------------------------------------------===//
// Elementwise parts
//===----------------------------------------------------------------------===//

/// Evaluates elementwise ops at (row, columns col .. col + lanes), of which the
/// first `count` exist (null: all). `known` gives values that are in registers
/// already. The result may be a scalar where all columns have the same.
class ElementwiseEvaluator {
public:
  using Lookup = function_ref<Value(Value)>;
  ElementwiseEvaluator(Kernel &kernel, int64_t lanes, Value row, Value column,
                       Value count)
      : kernel(kernel), e(kernel.e), lanes(lanes), row(row), column(column),
        count(count) {}
  void define(Value tensor, Value value) { known[tensor] = value; }
  Value evaluate(Value tensor);

private:
  Value evaluateOp(linalg::LinalgOp op);
  Value evaluateOperand(linalg::LinalgOp op, OpOperand &operand);
  Value loadAt(Value tensor, AffineMap map);

  Kernel &kernel;
  Emitter &e;
  int64_t lanes;
  Value row, column, count;
  DenseMap<Value, Value> known;
};

/// Inlines the body of a structured op on scalars or vectors of `lanes`;
/// `index` gives the value of `linalg.index`. `tensor.extract` is for scalars.
Value inlineBody(Kernel &kernel, linalg::LinalgOp op, ArrayRef<Value> arguments,
                 int64_t lanes, function_ref<Value(int64_t)> index);

/// e^x for each lane, within 2 units in the last place.
Value emitExp(Emitter &e, Value x);
/// Cosine and sine of f64 angles up to 2^20 in magnitude, as f32.
std::pair<Value, Value> emitCosSin(Emitter &e, Value angle);

} // namespace mlir::compress

#endif // COMPRESS_LIB_CODEGEN_CPU_KERNEL_H
