//===- GroupKernel.h - A group while it becomes code ------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CODEGEN_COMMON_GROUPKERNEL_H
#define COMPRESS_CODEGEN_COMMON_GROUPKERNEL_H

#include "compress/Codegen/Common/EncodedOperand.h"

namespace mlir::compress {

/// A group on memrefs, and where its values lie. Targets add what runs it.
class GroupKernel {
public:
  /// Code is emitted where `builder` stands. Constants become globals of
  /// `symbolTable`, the module of the code.
  GroupKernel(OpBuilder &builder, GroupOp group, TargetEmitter &reader,
              Operation *symbolTable)
      : e(group.getLoc(), builder), group(group), reader(reader),
        symbolTable(symbolTable) {}

  Emitter e;
  GroupOp group;

  /// The buffer of a region argument, or of a constant tensor.
  Value buffer(Value value);
  /// How to read a region argument, plain or assembled from components; of what
  /// lm.gather_experts gives, its source (getSource()).
  EncodedOperand operand(Value value);
  /// The matrix in the source of `value`, if lm.gather_experts gives it, that
  /// is its number `index`; otherwise `index`.
  Value sourceIndex(Value value, Value index);
  /// How to read `shape` values in a number format that lie as `layouts` say in
  /// flat buffers, vectors of them along `laneDim`.
  EncodedOperand operand(const EncodingSpec &format, ArrayRef<int64_t> shape,
                         ArrayRef<ComponentLayout> layouts, ValueRange buffers,
                         unsigned laneDim) {
    return EncodedOperand(e, format, shape, layouts, buffers, laneDim, reader,
                          symbolTable);
  }
  /// Where the region's result number `i` goes.
  Value destination(unsigned i) { return group.getInits()[i]; }
  /// The number of the result that `value` is, or -1.
  int64_t getResultNumber(Value value);

private:
  TargetEmitter &reader;
  Operation *symbolTable;
};

} // namespace mlir::compress

#endif // COMPRESS_CODEGEN_COMMON_GROUPKERNEL_H
