//===- Emitter.h - Builds the small ops of kernels --------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CODEGEN_COMMON_EMITTER_H
#define COMPRESS_CODEGEN_COMMON_EMITTER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::compress {

/// A builder whose members read like the loops that they make. Arithmetic
/// folds constants, and takes scalars and vectors alike: the same code serves
/// one value, the lanes of a CPU's vector, and the thread of a GPU.
class Emitter : public ImplicitLocOpBuilder {
public:
  using ImplicitLocOpBuilder::ImplicitLocOpBuilder;

  //===--------------------------------------------------------------------===//
  // Types and constants
  //===--------------------------------------------------------------------===//

  /// `element` itself for 0 lanes, otherwise a vector of it.
  static Type lanesOf(Type element, int64_t lanes) {
    return lanes ? Type(VectorType::get({lanes}, element)) : element;
  }
  /// The lanes of a vector, 0 for a scalar.
  static int64_t getLanes(Value value);

  Value index(int64_t value);
  Value constantF32(float value, int64_t lanes = 0);
  Value constantI32(int64_t value, int64_t lanes = 0);
  /// A scalar repeated over the lanes; a vector is returned as it is.
  Value splat(Value scalar, int64_t lanes);

  //===--------------------------------------------------------------------===//
  // Arithmetic
  //===--------------------------------------------------------------------===//

  Value add(Value a, Value b);
  Value sub(Value a, Value b);
  Value mul(Value a, Value b);
  Value divF(Value a, Value b);
  /// a * b + c, rounded once.
  Value fma(Value a, Value b, Value c);
  Value maxF(Value a, Value b);
  /// Division and remainder of indices that are not negative.
  Value divIndex(Value a, int64_t by);
  Value remIndex(Value a, int64_t by);
  Value ceilDivIndex(Value a, int64_t by);
  Value addIndex(Value a, int64_t b) { return add(a, index(b)); }
  Value mulIndex(Value a, int64_t b) { return mul(a, index(b)); }
  Value minIndex(Value a, Value b);

  /// Bits [shift, shift + width) of each i32.
  Value extractBits(Value words, unsigned shift, unsigned width);
  /// f32 from f32, f16, bf16 (exact), or from a signed or unsigned integer.
  Value toF32(Value value, bool isSigned = true);
  /// To f16, bf16 or f32, rounded to nearest even.
  Value fromF32(Value value, Type element);
  /// The same bits as an element of the same width.
  Value bitcast(Value value, Type element);

  //===--------------------------------------------------------------------===//
  // Memory
  //===--------------------------------------------------------------------===//

  Value dim(Value memref, unsigned i);
  /// One element, or `lanes` consecutive ones.
  Value load(Value memref, ValueRange indices, int64_t lanes = 0);
  void store(Value value, Value memref, ValueRange indices);
  /// Fetches the line of an element, which need not exist, into a cache:
  /// `locality` 3 is the nearest.
  void prefetch(Value memref, ValueRange indices, unsigned locality = 3);
  /// The first `count` of `lanes` consecutive elements; the rest are zero and
  /// not touched.
  Value loadFirst(Value memref, ValueRange indices, int64_t lanes,
                  int64_t count);
  void storeFirst(Value value, Value memref, ValueRange indices, int64_t count);
  /// A contiguous memref of any rank as a flat one.
  Value flatten(Value memref);

  //===--------------------------------------------------------------------===//
  // Control flow
  //===--------------------------------------------------------------------===//

  /// A loop over [from, to) that carries values.
  SmallVector<Value>
  loop(Value from, Value to, int64_t step, ValueRange init,
       function_ref<SmallVector<Value>(Value i, ValueRange carried)> body);
  /// A loop that carries nothing.
  void loop(Value from, Value to, int64_t step, function_ref<void(Value)> body);
  void ifThenElse(Value condition, function_ref<void()> then,
                  function_ref<void()> otherwise = nullptr);
  /// The values that one of the two gives.
  SmallVector<Value> choose(Value condition, TypeRange types,
                            function_ref<SmallVector<Value>()> then,
                            function_ref<SmallVector<Value>()> otherwise);

  /// Splits [0, total) among the threads in contiguous parts: the part of
  /// `thread` as [begin, end).
  std::pair<Value, Value> share(Value total, Value thread, Value threads);
};

} // namespace mlir::compress

#endif // COMPRESS_CODEGEN_COMMON_EMITTER_H
