//===- GeneratedMath.cpp - Sums and exp as generated code has them --------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GeneratedMath.h"

#include "Interpreter.h"

#include "llvm/ADT/bit.h"

#include <cmath>

// Every step is rounded to f32: a multiply and an add are not fused.
#pragma STDC FP_CONTRACT OFF

using namespace mlir;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Sums
//===----------------------------------------------------------------------===//

float compress::addLanes(SumLanes lanes) {
  for (size_t half = kSumLanes / 2; half > 0; half /= 2)
    for (size_t i = 0; i < half; ++i)
      lanes[i] += lanes[i + half];
  return lanes[0];
}

float compress::dotAsGenerated(ArrayRef<float> a, ArrayRef<float> b) {
  SumLanes lanes = {};
  for (auto [i, x, y] : llvm::enumerate(a, b))
    lanes[i % kSumLanes] = std::fma(x, y, lanes[i % kSumLanes]);
  return addLanes(lanes);
}

float compress::dotInOrder(ArrayRef<float> a, ArrayRef<float> b) {
  float sum = 0;
  for (auto [x, y] : llvm::zip_equal(a, b))
    sum = std::fma(x, y, sum);
  return sum;
}

//===----------------------------------------------------------------------===//
// exp
//===----------------------------------------------------------------------===//

float compress::expAsGenerated(float x) {
  if (std::isnan(x))
    return x;
  if (x < -87.336540f)
    return 0;
  if (x > 88.722832f)
    return INFINITY;
  float n = std::nearbyint(x * 1.44269504f);
  float r = std::fma(n, -0.693359375f, x);
  r = std::fma(n, 2.12194440e-4f, r);
  float p = 0.001381459878757596f;
  for (float c : {0.008368716575205326f, 0.04166838899254799f,
                  0.1666652113199234f, 0.4999999403953552f, 1.0f, 1.0f})
    p = std::fma(p, r, c);
  return std::ldexp(p, static_cast<int>(n));
}

/// A rational approximation of odd numerator and even denominator.
float compress::tanhAsGenerated(float x) {
  if (std::isnan(x) || std::fabs(x) < 0.0004f)
    return x;
  float inside =
      std::fmin(std::fmax(x, -7.99881172180175781f), 7.99881172180175781f);
  float square = inside * inside;
  float p = -2.76076847742355e-16f;
  for (float c :
       {2.00018790482477e-13f, -8.60467152213735e-11f, 5.12229709037114e-08f,
        1.48572235717979e-05f, 6.37261928875436e-04f, 4.89352455891786e-03f})
    p = std::fma(p, square, c);
  float q = 1.19825839466702e-06f;
  for (float c :
       {1.18534705686654e-04f, 2.26843463243900e-03f, 4.89352518554385e-03f})
    q = std::fma(q, square, c);
  return inside * p / q;
}

void compress::registerGeneratedMath(OpRegistry &registry) {
  registry.scalars["math.exp"] = [](Operation *, ArrayRef<Scalar> operands,
                                    Scalar &result) -> llvm::Error {
    double x = operands.front().number;
    result.number = result.type.isF32() ? expAsGenerated(x) : std::exp(x);
    return llvm::Error::success();
  };
  registry.scalars["math.tanh"] = [](Operation *, ArrayRef<Scalar> operands,
                                     Scalar &result) -> llvm::Error {
    double x = operands.front().number;
    result.number = result.type.isF32() ? tanhAsGenerated(x) : std::tanh(x);
    return llvm::Error::success();
  };
}

//===----------------------------------------------------------------------===//
// Softmax
//===----------------------------------------------------------------------===//

size_t OnlineSoftmax::getStep(size_t first, size_t count) {
  size_t blocks = llvm::divideCeil(count - first, kSumLanes);
  return blocks >= 4 ? 4 * kSumLanes : kSumLanes;
}

void OnlineSoftmax::add(ArrayRef<float> scores,
                        ArrayRef<ArrayRef<float>> values, size_t size,
                        size_t skipped) {
  float next = largest;
  for (float score : scores)
    next = std::fmax(next, score);
  float correction = expAsGenerated(largest - next);
  std::vector<float> weights(size, 0.0f);
  MutableArrayRef<float> given = MutableArrayRef(weights).drop_front(skipped);
  for (auto [weight, score] : llvm::zip(given, scores))
    weight = expAsGenerated(score - next);
  SumLanes lanes;
  std::copy_n(weights.begin(), kSumLanes, lanes.begin());
  for (size_t i = kSumLanes; i < size; ++i)
    lanes[i % kSumLanes] += weights[i];
  sum = std::fma(sum, correction, addLanes(lanes));
  largest = next;
  for (float &total : totals)
    total *= correction;
  for (auto [weight, value] : llvm::zip(given, values))
    for (auto [total, x] : llvm::zip_equal(totals, value))
      total = std::fma(weight, x, total);
}

void OnlineSoftmax::finish(MutableArrayRef<float> result) const {
  float inverse = 1.0f / sum;
  for (auto [out, total] : llvm::zip_equal(result, totals))
    out = total * inverse;
}
