//===- RowEncoder.h - Rounds rows of activations to codes -------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_CODEGEN_CPU_ROWENCODER_H
#define COMPRESS_LIB_CODEGEN_CPU_ROWENCODER_H

#include "Kernel.h"

namespace mlir::compress {

/// Emits the code of compress.encode for one row at a time: the ranges of its
/// blocks, then scale, zero point and minimum, each rounded to its format
/// before the next depends on it, then the codes; step by step what
/// lib/Encoding's codec does, so that both choose the same codes.
class RowEncoder {
public:
  /// A row in memory: element (index..., first + column); `first` may be null.
  struct Row {
    Value memref;
    SmallVector<Value> index;
    Value first = nullptr;
  };

  /// What `op` encodes to. Fails, with a message, where that is not
  /// isRowEncodable().
  static FailureOr<EncodingSpec> getEncoding(EncodeOp op);

  /// `spec` is isRowEncodable().
  RowEncoder(Kernel &kernel, EncodingSpec spec, int64_t columns);

  /// `parts`: where the components go, in their canonical order; codes of fewer
  /// than eight bits one to a byte if `unpack`.
  void encode(const Row &source, ArrayRef<Row> parts, bool unpack = false);

private:
  /// What a block's codes depend on, repeated over the lanes; null: absent.
  struct BlockValues {
    Value scale, zero, min;
  };

  void encodeBlock(Value block, Value begin, int64_t size);
  /// The smallest and largest value of a block.
  std::pair<Value, Value> findRange(Value begin, int64_t size);
  BlockValues chooseBlockValues(Value block, Value begin, int64_t size);
  Value chooseScale(Value low, Value high);
  /// Rounds a value to a part's format, stores it, and gives what was stored.
  Value storePart(const Row &part, Value block, Value value, NumberType number);
  Value chooseInteger(Value x, const BlockValues &values);
  void storeIntegers(Value codes, Value column, int64_t count);
  void storeFloats(Value x, const BlockValues &values, Value column,
                   int64_t count);
  /// Packs codes of fewer than eight bits, which lie in scratch memory.
  void packCodes();

  /// Calls step(column, how many lanes exist, carried values) along a block.
  using Step = function_ref<SmallVector<Value>(Value, int64_t, ValueRange)>;
  SmallVector<Value> fold(Value begin, int64_t size, ValueRange init,
                          Step step);

  SmallVector<Value> place(const Row &row, Value column);
  Value load(Value column, int64_t count);
  void store(const Row &row, Value value, Value column, int64_t count = 0);
  const Row &nextPart() { return parts[next++]; }

  Kernel &kernel;
  Emitter &e;
  EncodingSpec spec;
  int64_t lanes, columns;
  /// Smallest and largest code.
  float lowest, highest;
  /// Codes one to a byte, where they are to be packed.
  Value unpacked;
  Row source;
  ArrayRef<Row> parts;
  Row codes, scales, zeros, minima, sums;
  unsigned next = 0;
};

} // namespace mlir::compress

#endif // COMPRESS_LIB_CODEGEN_CPU_ROWENCODER_H
