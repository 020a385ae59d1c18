//===- TileProduct.cpp - The inner loop of dense algebra ------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TileProduct.h"

#include <cstring>

using namespace mlir::compress;

/// `Rows` rows of `Width` columns at a time stay in registers.
template <typename T, int Rows, int Width>
[[gnu::always_inline]] static inline void multiply(const T *a, const T *b,
                                                   int64_t depth, T *tile) {
  typedef T Vector __attribute__((ext_vector_type(Width), aligned(sizeof(T))));
  for (int64_t column = 0; column < kTile; column += Width)
    for (int64_t row = 0; row < kTile; row += Rows) {
      Vector sums[Rows] = {};
      for (int64_t k = 0; k < depth; ++k) {
        Vector values;
        std::memcpy(&values, b + k * kTile + column, sizeof(values));
#pragma unroll
        for (int i = 0; i < Rows; ++i)
          sums[i] = __builtin_elementwise_fma(Vector(a[k * kTile + row + i]),
                                              values, sums[i]);
      }
      for (int i = 0; i < Rows; ++i)
        std::memcpy(tile + (row + i) * kTile + column, &sums[i],
                    sizeof(sums[i]));
    }
}

template <int Width>
[[gnu::always_inline]] static inline void
subtract(const float *left, const float *right, int64_t rows, int64_t count,
         float *columns) {
  typedef float Vector __attribute__((ext_vector_type(Width)));
  for (int64_t j = 0; j < count; ++j, columns += rows) {
    float factor = -right[j];
    int64_t i = 0;
    for (; i + Width <= rows; i += Width) {
      Vector value, error;
      std::memcpy(&value, columns + i, sizeof(value));
      std::memcpy(&error, left + i, sizeof(error));
      value = __builtin_elementwise_fma(Vector(factor), error, value);
      std::memcpy(columns + i, &value, sizeof(value));
    }
    for (; i < rows; ++i)
      columns[i] = __builtin_fmaf(factor, left[i], columns[i]);
  }
}

#ifdef __x86_64__
// Two registers of columns, and as many rows as leave room for them.
[[gnu::target("avx512f,avx512vl,avx512dq,fma")]] static void
multiply512(const float *a, const float *b, int64_t depth, float *tile) {
  multiply<float, 8, 32>(a, b, depth, tile);
}
[[gnu::target("avx512f,avx512vl,avx512dq,fma")]] static void
multiply512(const double *a, const double *b, int64_t depth, double *tile) {
  multiply<double, 8, 16>(a, b, depth, tile);
}
[[gnu::target("avx2,fma")]] static void
multiply256(const float *a, const float *b, int64_t depth, float *tile) {
  multiply<float, 4, 16>(a, b, depth, tile);
}
[[gnu::target("avx2,fma")]] static void
multiply256(const double *a, const double *b, int64_t depth, double *tile) {
  multiply<double, 4, 8>(a, b, depth, tile);
}
[[gnu::target("avx512f,avx512vl,avx512dq,fma")]] static void
subtract512(const float *left, const float *right, int64_t rows, int64_t count,
            float *columns) {
  subtract<16>(left, right, rows, count, columns);
}
[[gnu::target("avx2,fma")]] static void subtract256(const float *left,
                                                    const float *right,
                                                    int64_t rows, int64_t count,
                                                    float *columns) {
  subtract<8>(left, right, rows, count, columns);
}

static bool has512() {
  return __builtin_cpu_supports("avx512f") &&
         __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512dq");
}
static bool has256() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
#endif

template <typename T>
static void dispatch(const T *a, const T *b, int64_t depth, T *tile) {
#ifdef __x86_64__
  if (has512())
    return multiply512(a, b, depth, tile);
  if (has256())
    return multiply256(a, b, depth, tile);
#endif
  multiply<T, 4, 4>(a, b, depth, tile);
}

void mlir::compress::multiplyTile(const float *a, const float *b, int64_t depth,
                                  float *tile) {
  dispatch(a, b, depth, tile);
}
void mlir::compress::multiplyTile(const double *a, const double *b,
                                  int64_t depth, double *tile) {
  dispatch(a, b, depth, tile);
}

void mlir::compress::subtractOuterProduct(const float *left, const float *right,
                                          int64_t rows, int64_t count,
                                          float *columns) {
#ifdef __x86_64__
  if (has512())
    return subtract512(left, right, rows, count, columns);
  if (has256())
    return subtract256(left, right, rows, count, columns);
#endif
  subtract<4>(left, right, rows, count, columns);
}
