//===- MathOps.cpp - Meaning of math --------------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"

#include <cmath>

using namespace mlir;
using namespace mlir::compress;

/// Registers an op on floats given by an expression of its operands x, y and z,
/// where absent ones equal the last one that is there.
#define FLOAT(NAME, EXPRESSION)                                                \
  registry.scalars["math." NAME] = [](Operation *, ArrayRef<Scalar> operands,  \
                                      Scalar &result) -> llvm::Error {         \
    double x = operands[0].number;                                             \
    double y = operands[std::min<size_t>(1, operands.size() - 1)].number;      \
    double z = operands.back().number;                                         \
    (void)y, (void)z;                                                          \
    result.number = EXPRESSION;                                                \
    return llvm::Error::success();                                             \
  }

void compress::registerMathOps(OpRegistry &registry) {
  FLOAT("absf", std::fabs(x));
  FLOAT("atan", std::atan(x));
  FLOAT("ceil", std::ceil(x));
  FLOAT("copysign", std::copysign(x, y));
  FLOAT("cos", std::cos(x));
  FLOAT("erf", std::erf(x));
  FLOAT("exp", std::exp(x));
  FLOAT("exp2", std::exp2(x));
  FLOAT("expm1", std::expm1(x));
  FLOAT("floor", std::floor(x));
  // Exact in double for products of f32; one rounding, as a fused op has.
  FLOAT("fma", std::fma(x, y, z));
  FLOAT("log", std::log(x));
  FLOAT("log1p", std::log1p(x));
  FLOAT("log2", std::log2(x));
  FLOAT("powf", std::pow(x, y));
  FLOAT("round", std::round(x));
  FLOAT("roundeven", std::nearbyint(x)); // The default mode: ties to even.
  FLOAT("rsqrt", 1.0 / std::sqrt(x));
  FLOAT("sin", std::sin(x));
  FLOAT("sqrt", std::sqrt(x));
  FLOAT("tanh", std::tanh(x));
  FLOAT("trunc", std::trunc(x));
  registry.scalars["math.fpowi"] = [](Operation *, ArrayRef<Scalar> operands,
                                      Scalar &result) -> llvm::Error {
    result.number =
        std::pow(operands[0].number, static_cast<double>(operands[1].integer));
    return llvm::Error::success();
  };
  registry.scalars["math.absi"] = [](Operation *, ArrayRef<Scalar> operands,
                                     Scalar &result) -> llvm::Error {
    int64_t x = operands[0].integer;
    result.integer =
        x < 0 ? static_cast<int64_t>(-static_cast<uint64_t>(x)) : x;
    return llvm::Error::success();
  };
}
