//===- IntegerProduct.cpp - Products of integer codes ---------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Encoding/IntegerProduct.h"

#include "llvm/ADT/STLExtras.h"

#include <numeric>

using namespace mlir::compress;
using llvm::ArrayRef;

/// Whether `spec` is integer codes of at most 8 bits.
static bool isInteger(const EncodingSpec &spec) {
  return spec.kind == EncodingSpec::Kind::Affine && spec.code.getBits() <= 8;
}

std::optional<int64_t>
mlir::compress::getIntegerSegment(ProductOperand activations,
                                  ProductOperand weights, int64_t depth) {
  const EncodingSpec &spec = activations.spec;
  if (!isInteger(spec) || !isInteger(weights.spec) || spec.zero || spec.min ||
      !spec.scale || spec.code != NumberType::getSigned(8) ||
      !llvm::all_of(ArrayRef(spec.block).drop_back(),
                    [](int64_t size) { return size == 1; }))
    return std::nullopt;
  auto along = [&](ProductOperand operand) {
    if (operand.spec.block.empty())
      return int64_t(0);
    int64_t size = operand.spec.block[operand.dim];
    return size < 0 || size >= depth ? 0 : size; // gcd(0, x) = x
  };
  int64_t segment = std::gcd(along(activations), along(weights));
  if (!segment)
    segment = depth;
  bool fits = segment >= depth || segment % 32 == 0 ||
              (segment % 4 == 0 && 32 % segment == 0);
  // The products of an unsigned and a signed byte are at most 255 * 128.
  if (!fits || segment > (int64_t(1) << 31) / (255 * 128) - 1)
    return std::nullopt;
  return segment;
}
