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

namespace {
/// Where the numbers of weights are stored.
struct StoredNumbers {
  const EncodingSpec *spec;
  /// The dimension of the stored tensor that k runs along, and how much of it
  /// is stored together.
  unsigned dim;
  int64_t reach;
};
} // namespace

/// The numbers of weights without structure, or inside block compressed rows
/// in panels; `weights` itself where it is neither.
static StoredNumbers getStoredNumbers(ProductOperand weights, int64_t depth) {
  const EncodingSpec &spec = weights.spec;
  bool isBlocked =
      spec.values.isEncoding() && weights.dim + 1 == weights.rank &&
      weights.rank >= 2 &&
      isPanelBlock(spec, weights.rank,
                   {PanelLayout().rows, weights.dim - 1, weights.dim});
  if (!isBlocked)
    return {&spec, weights.dim, depth};
  // The stored blocks are a matrix.
  return {&spec.values.getEncoding(), 1, spec.block[1]};
}

/// getBlockAlong() for what is stored so: a block that spans all that is stored
/// together is as long as that, where that is not all of k.
static std::optional<int64_t> getBlockAlong(const StoredNumbers &numbers,
                                            const EncodingSpec *structure,
                                            int64_t depth) {
  std::optional<int64_t> size =
      getBlockAlong(*numbers.spec, structure, numbers.dim, numbers.reach);
  return size == 0 && numbers.reach < depth ? numbers.reach : size;
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
  StoredNumbers numbers = getStoredNumbers(weights, depth);
  const EncodingSpec *structure = nullptr;
  std::optional<PickWindow> window = getPickWindow(weights.spec);
  if (window && weights.spec.values.isEncoding()) {
    // Along the last dimension, values that are not stored are zero, which
    // codes with a zero point or minimum may not have.
    structure = &weights.spec;
    numbers.spec = &structure->values.getEncoding();
    if (numbers.spec->zero || numbers.spec->min ||
        numbers.dim + 1 != weights.rank ||
        numbers.spec->block.size() != weights.rank)
      return std::nullopt;
  }
  if (!isInteger(*numbers.spec))
    return std::nullopt;
  std::optional<int64_t> own = getBlockAlong(spec, nullptr, activations.dim,
                                             depth),
                         other = getBlockAlong(numbers, structure, depth);
  if (!own || !other)
    return std::nullopt;
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

std::optional<int64_t> mlir::compress::getScaledSegment(ProductOperand weights,
                                                        int64_t depth) {
  // Shorter segments would end too often; longer ones would not fit the ranges
  // of k that many rows share decoded weights for.
  constexpr int64_t kStep = 16, kMost = 256;
  StoredNumbers numbers = getStoredNumbers(weights, depth);
  const EncodingSpec &spec = *numbers.spec;
  bool isLookedUp = spec.kind == EncodingSpec::Kind::Codebook ||
                    spec.kind == EncodingSpec::Kind::Float;
  if (!isLookedUp || !spec.scale || spec.zero || spec.min)
    return std::nullopt;
  std::optional<int64_t> size = getBlockAlong(numbers, nullptr, depth);
  if (!size)
    return std::nullopt;
  int64_t segment = *size ? *size : depth;
  bool fits = segment % kStep == 0 || segment >= depth;
  if (!fits || segment > kMost)
    return std::nullopt;
  return segment;
}
