//===- Schemes.cpp - Named choices of encodings ---------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Compiler/Schemes.h"

#include "compress/Support/Error.h"

using namespace llvm;
using namespace mlir::compress;

// Blocks of activations are fitted to the weights' (SchemeRequest). An outlier
// coarsens its whole block, and in blocks of 16 int8 activations cost a
// fraction of what they cost in blocks of 32 (docs/schemes.md). Sums of codes
// are stored since weights with a bias, zero point or minimum need them for
// every row.
static constexpr StringLiteral kInt8 =
    "#quantized.affine<i8, block = [1, 16], scale = f32, narrow = true, "
    "sums = true>";
static constexpr StringLiteral kFloat32 = "#quantized.float<f32>";
static constexpr StringLiteral kFloat16 = "#quantized.float<f16>";
// Also what embeddings and heads keep where weights have four bits.
static constexpr StringLiteral kEightBits =
    "#quantized.affine<i8, block = [1, 32], scale = f16>";
static constexpr StringLiteral kFourBits =
    "#quantized.affine<ui4, block = [1, 32], scale = f16, min = f16>";
static constexpr StringLiteral kFourBitsSymmetric =
    "#quantized.affine<i4, block = [1, 32], scale = f16>";
static constexpr StringLiteral kNormalFloat =
    "#quantized.codebook<\"nf4\", block = [1, 64], scale = f16>";

StringRef mlir::compress::getInt8Activations() { return kInt8; }

ArrayRef<Scheme> mlir::compress::getSchemes() {
  constexpr Rounding nearest = Rounding::Nearest;
  static constexpr Scheme schemes[] = {
      {"source", "Weights as they are stored", "", "", "", "f16", nearest},
      {"source-a8", "Weights as they are stored, int8 activations for integers",
       "", "", kInt8, "f16", nearest},
      {"f32", "Everything in f32", kFloat32, "", "", "f32", nearest},
      {"f16", "Weights in f16", kFloat16, "", "", "f16", nearest},
      {"w8a8", "int8 weights in blocks of 32, int8 activations", kEightBits, "",
       kInt8, "f16", nearest},
      {"w4a8", "4-bit weights with minimum in blocks of 32, int8 activations",
       kFourBits, kEightBits, kInt8, "f16", nearest},
      {"w4a8-sym", "4-bit symmetric weights in blocks of 32, int8 activations",
       kFourBitsSymmetric, kEightBits, kInt8, "f16", Rounding::FullRange},
      {"w4", "4-bit weights with minimum in blocks of 32", kFourBits,
       kEightBits, "", "f16", nearest},
      {"nf4", "4-bit normal floats in blocks of 64", kNormalFloat, kEightBits,
       "", "f16", nearest}};
  return schemes;
}

Expected<const Scheme *> mlir::compress::findScheme(StringRef name) {
  std::string known;
  for (const Scheme &scheme : getSchemes()) {
    if (scheme.name == name)
      return &scheme;
    known += (known.empty() ? "" : ", ") + scheme.name.str();
  }
  return makeError("unknown scheme '" + name + "'; there are " + known);
}
