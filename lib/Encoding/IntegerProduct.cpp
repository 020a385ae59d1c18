//===- IntegerProduct.cpp - Products of integer codes ---------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Encoding/IntegerProduct.h"

#include "compress/Encoding/Layout.h"

#include "llvm/ADT/STLExtras.h"

#include <numeric>

using namespace mlir::compress;
using llvm::ArrayRef;

/// Whether `spec` is integer codes of at most 8 bits.
static bool isInteger(const EncodingSpec &spec) {
  return spec.kind == EncodingSpec::Kind::Affine && spec.code.getBits() <= 8;
}

std::optional<PickWindow>
mlir::compress::getPickWindow(const EncodingSpec &spec) {
  if (spec.kind != EncodingSpec::Kind::NM ||
      (spec.n % 4 != 0 && 4 % spec.n != 0))
    return std::nullopt;
  int64_t stored = std::max<int64_t>(spec.n, 4);
  int64_t values = stored / spec.n * spec.m;
  if (values != 8 && values != 16)
    return std::nullopt;
  return PickWindow{stored, values};
}

/// The size along k, in values, of the blocks of weights in format `numbers`:
/// 0 where they span all of k. Nothing where blocks cut groups of `structure`.
static std::optional<int64_t> getBlockAlong(const EncodingSpec &numbers,
                                            const EncodingSpec *structure,
                                            unsigned dim, int64_t depth) {
  if (numbers.block.empty() || numbers.block[dim] < 0)
    return 0;
  int64_t size = numbers.block[dim];
  if (structure) {
    if (size % structure->n != 0)
      return std::nullopt;
    size = size / structure->n * structure->m;
  }
  return size >= depth ? 0 : size;
}

std::optional<int64_t>
mlir::compress::getIntegerSegment(ProductOperand activations,
                                  ProductOperand weights, int64_t depth) {
  const EncodingSpec &spec = activations.spec;
  if (!isInteger(spec) || spec.zero || spec.min || !spec.scale ||
      spec.code != NumberType::getSigned(8) ||
      !llvm::all_of(ArrayRef(spec.block).drop_back(),
                    [](int64_t size) { return size == 1; }))
    return std::nullopt;
  const EncodingSpec *numbers = &weights.spec, *structure = nullptr;
  std::optional<PickWindow> window = getPickWindow(weights.spec);
  bool isInner = weights.spec.values.isEncoding();
  unsigned dim = weights.dim;
  int64_t reach = depth; // of what is stored together
  if (window && isInner) {
    // Along the last dimension, values that are not stored are zero, which
    // codes with a zero point or minimum may not have.
    structure = numbers;
    numbers = &structure->values.getEncoding();
    if (numbers->zero || numbers->min || dim + 1 != weights.rank ||
        numbers->block.size() != weights.rank)
      return std::nullopt;
  } else if (isInner && dim + 1 == weights.rank && weights.rank >= 2 &&
             isPanelBlock(weights.spec, weights.rank,
                          {PanelLayout().rows, dim - 1, dim})) {
    // The stored blocks are a matrix.
    numbers = &weights.spec.values.getEncoding();
    dim = 1;
    reach = weights.spec.block[1];
  }
  if (!isInteger(*numbers))
    return std::nullopt;
  std::optional<int64_t> own = getBlockAlong(spec, nullptr, activations.dim,
                                             depth),
                         other = getBlockAlong(*numbers, structure, dim, reach);
  if (!own || !other)
    return std::nullopt;
  if (*other == 0 && reach < depth)
    other = reach;
  int64_t segment = std::gcd(*own, *other); // gcd(0, x) = x
  if (!segment)
    segment = depth;
  bool fits = segment >= depth || segment % 32 == 0 ||
              (segment % 4 == 0 && 32 % segment == 0);
  bool isWhole =
      !structure || segment >= depth || segment % window->values == 0;
  // The products of an unsigned and a signed byte are at most 255 * 128.
  if (!fits || !isWhole || segment > (int64_t(1) << 31) / (255 * 128) - 1)
    return std::nullopt;
  return segment;
}
