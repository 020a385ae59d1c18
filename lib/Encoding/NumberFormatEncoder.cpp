//===- NumberFormatEncoder.cpp - Blocks to codes and scales ---------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NumberFormatEncoder.h"

#include "Numbers.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/ErrorHandling.h"

#include <cmath>

// Every step is rounded to f32, so a multiply and an add must not be fused.
#pragma STDC FP_CONTRACT OFF

using namespace mlir::compress;
using Kind = EncodingSpec::Kind;
using llvm::ArrayRef;
using llvm::Error;
using llvm::MutableArrayRef;

/// Rounds values to a number format. A finite float that overflows is an error.
Error mlir::compress::encodePlain(NumberType number, ArrayRef<int64_t> shape,
                                  ArrayRef<float> values,
                                  ComponentList &result) {
  int64_t columns = shape.back(), rows = getNumRows(shape);
  int64_t rowBytes = getRowBytes(columns, number.getBits());
  ComponentData bytes(rows * rowBytes);
  CodeChooser chooser(number);
  for (int64_t row = 0; row < rows; ++row)
    chooser.encodeRow(values.slice(row * columns, columns),
                      bytes.data() + row * rowBytes);
  float limit = float(number.getLargest());
  auto [low, high] = getRange(values);
  if (number.getBits() == 16 && std::max(-low, high) > limit)
    for (auto [i, value] : llvm::enumerate(values))
      if (std::fabs(value) > limit &&
          std::isinf(number.decode(number.encode(value))))
        return makeError("value " + std::to_string(value) + " at index " +
                         llvm::Twine(i) + " of shape " + strShape(shape) +
                         " is beyond the range of " + number.str() +
                         "; use bf16 or f32");
  result.push_back(std::move(bytes));
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Which rounding an encoding can have
//===----------------------------------------------------------------------===//

static bool isFloatNumber(const Part &part) {
  return part.isNumber() && part.getNumber().isFloat();
}

static bool hasFullRange(const EncodingSpec &spec) {
  return spec.kind == Kind::Affine && spec.code.isSigned() && !spec.narrow &&
         !spec.zero && !spec.min && isFloatNumber(spec.scale);
}

static bool hasSharedExponent(const EncodingSpec &spec) {
  return spec.kind == Kind::Codebook && !spec.min &&
         isFloatNumber(spec.scale) &&
         spec.scale.getNumber().getKind() == NumberType::Kind::F8E8M0FNU;
}

/// Codes 0, 1 and 2 for -1, 0 and 1.
static bool isTernary(const EncodingSpec &spec) {
  return spec.kind == Kind::Affine && !spec.code.isSigned() &&
         spec.code.getBits() == 2 && spec.zero && !spec.min &&
         isFloatNumber(spec.scale);
}

static bool hasGgmlRounding(const EncodingSpec &spec) {
  if (spec.kind == Kind::Float)
    return !spec.scale;
  bool withMinimum = spec.kind == Kind::Affine && !spec.code.isSigned() &&
                     !spec.zero && isFloatNumber(spec.scale) &&
                     isFloatNumber(spec.min);
  return withMinimum || hasFullRange(spec) || isTernary(spec) ||
         hasSharedExponent(spec);
}

bool mlir::compress::hasRounding(const EncodingSpec &spec, Rounding rounding) {
  if (!spec.isNumberFormat())
    return spec.values.isEncoding()
               ? hasRounding(spec.values.getEncoding(), rounding)
               : rounding != Rounding::FullRange;
  switch (rounding) {
  case Rounding::Nearest:
    return true;
  case Rounding::FullRange:
    return hasFullRange(spec);
  case Rounding::GGML:
    return hasGgmlRounding(spec);
  }
  llvm_unreachable("all roundings are handled");
}

llvm::StringRef mlir::compress::str(Rounding rounding) {
  switch (rounding) {
  case Rounding::Nearest:
    return "rtn";
  case Rounding::FullRange:
    return "rtn-full-range";
  case Rounding::GGML:
    return "rtn-ggml";
  }
  llvm_unreachable("all roundings are handled");
}

/// Whether ggml rounds halves away from zero: where it does not use the lowest
/// code, or codes have a zero point.
static bool roundsHalvesAway(const EncodingSpec &spec) {
  return spec.zero || (spec.code.isSigned() && spec.code.getBits() == 8);
}

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

NumberFormatEncoder::NumberFormatEncoder(const EncodingSpec &spec,
                                         ArrayRef<int64_t> shape,
                                         ArrayRef<float> values,
                                         const EncodeInputs &inputs)
    : spec(spec), shape(shape), values(values), inputs(inputs),
      chooser(spec, inputs.table) {
  // Without per-block parts the whole tensor is one block.
  llvm::SmallVector<int64_t> sizes(spec.block);
  if (sizes.empty())
    sizes.assign(shape.size(), -1);
  block = resolveBlock(sizes, shape);
  grid = getBlockGrid(sizes, shape);
  numBlocks = getNumElements(grid);
}

Error NumberFormatEncoder::run(ComponentList &result) {
  if (Error error = checkInputs())
    return error;
  ComponentList parts;
  if (Error error = chooseParts(findRanges(), parts))
    return error;
  chooseCodes(result);
  llvm::append_range(result, std::move(parts));
  if (hasStoredTable(spec))
    result.push_back(toBytes(inputs.table));
  if (spec.sums)
    result.push_back(toBytes(ArrayRef<int32_t>(sums)));
  return Error::success();
}

Error NumberFormatEncoder::chooseParts(const BlockRanges &ranges,
                                       ComponentList &parts) {
  low = ranges.low;
  high = ranges.high;
  extreme = ranges.extreme;
  if (Error error = chooseScales(parts))
    return error;
  if (Error error = chooseZeros(parts))
    return error;
  return chooseMinima(parts);
}

Error NumberFormatEncoder::checkInputs() const {
  if (hasStoredTable(spec) && inputs.table.size() != size_t(1)
                                                         << spec.code.getBits())
    return makeError("the table of " + str(spec) +
                     " is a component, and rounding fits none; give its " +
                     llvm::Twine(1u << spec.code.getBits()) + " entries");
  return Error::success();
}

template <typename Body> void NumberFormatEncoder::forEachRun(Body body) const {
  for (int64_t row = 0, rows = getNumRows(shape); row < rows; ++row) {
    const float *data = values.data() + row * shape.back();
    auto call = [&](int64_t first, int64_t count, int64_t index) {
      body(ArrayRef<float>(data + first, count), index);
    };
    forEachBlockRun(shape, block, grid, row, call);
  }
}

bool NumberFormatEncoder::usesLowestCode() const {
  return inputs.rounding == Rounding::FullRange ||
         (inputs.rounding == Rounding::GGML && hasFullRange(spec) &&
          spec.code.getBits() < 8);
}

BlockRanges NumberFormatEncoder::findRanges() const {
  std::vector<float> low(numBlocks, INFINITY), high(numBlocks, -INFINITY);
  forEachRun([&](ArrayRef<float> run, int64_t index) {
    auto [lo, hi] = getRange(run);
    low[index] = std::min(low[index], lo);
    high[index] = std::max(high[index], hi);
  });
  for (int64_t i = 0; i < numBlocks; ++i)
    if (low[i] > high[i]) // A block over a dimension of size 0.
      low[i] = high[i] = 0;
  std::vector<float> extreme;
  if (usesLowestCode())
    extreme = findExtremes();
  return {std::move(low), std::move(high), std::move(extreme)};
}

std::vector<float> NumberFormatEncoder::findExtremes() const {
  // The comparison is false for NaN, so that a first value is always taken.
  std::vector<float> extremes(numBlocks, NAN);
  forEachRun([&](ArrayRef<float> run, int64_t index) {
    for (float value : run)
      if (!(std::fabs(value) <= std::fabs(extremes[index])))
        extremes[index] = value;
  });
  for (float &extreme : extremes)
    if (std::isnan(extreme)) // A block over a dimension of size 0.
      extreme = 0;
  return extremes;
}

void NumberFormatEncoder::signMinima(MutableArrayRef<float> minima) const {
  forEachRun([&](ArrayRef<float> run, int64_t index) {
    if (minima[index] != 0)
      return;
    for (float value : run)
      if (value == 0)
        minima[index] = value;
  });
}

//===----------------------------------------------------------------------===//
// Scales, zero points, minima
//===----------------------------------------------------------------------===//

Error NumberFormatEncoder::chooseScales(ComponentList &parts) {
  if (!spec.scale)
    return Error::success();
  wantedScale = inputs.scale;
  if (!wantedScale.empty()) {
    if (Error error = checkCount(wantedScale, "scale"))
      return error;
  } else if (Error error = deriveScales()) {
    return error;
  }
  return roundPart(spec.scale, "scale", wantedScale, scale, parts);
}

Error NumberFormatEncoder::deriveScales() {
  wantedScale.resize(numBlocks);
  if (usesLowestCode()) {
    float lowest = spec.code.getMin();
    for (int64_t i = 0; i < numBlocks; ++i)
      wantedScale[i] = extreme[i] / lowest;
    return Error::success();
  }
  for (int64_t i = 0; i < numBlocks; ++i) {
    if (inputs.rounding == Rounding::GGML)
      wantedScale[i] = deriveGgmlScale(i);
    else if (Error error = deriveScale(i, wantedScale[i]))
      return error;
  }
  return Error::success();
}

float NumberFormatEncoder::deriveGgmlScale(int64_t i) const {
  float largest = std::max(std::fabs(low[i]), std::fabs(high[i]));
  auto [vmin, vmax] = chooser.getRange();
  if (spec.min)
    return (high[i] - low[i]) / (vmax - vmin);
  if (spec.zero)
    return largest;
  if (!hasSharedExponent(spec))
    return largest / vmax;
  if (largest == 0)
    return 0;
  // The logarithm is rounded to f32, so that what is just below a power of two
  // counts as one.
  int exponent = int(std::floor(float(std::log2(double(largest)))));
  exponent -= std::ilogb(std::max(-vmin, vmax));
  return std::ldexp(1.0f, std::max(exponent, -127));
}

Error NumberFormatEncoder::deriveScale(int64_t i, float &result) const {
  auto [vmin, vmax] = chooser.getRange();
  float lo = low[i], hi = high[i], quotient;
  if (spec.zero) {
    quotient = (std::max(0.0f, hi) - std::min(0.0f, lo)) / (vmax - vmin);
  } else if (spec.min) {
    quotient = (hi - getFloor(i)) / (vmax - vmin);
  } else if (vmin < 0 && vmax > 0) {
    quotient = std::max(-lo, hi) / std::min(-vmin, vmax);
  } else {
    if (lo < 0 && hi > 0)
      return makeError("block " + describeBlock(i) +
                       " holds values of both "
                       "signs, [" +
                       std::to_string(lo) + ", " + std::to_string(hi) +
                       "], and the codes of " + str(spec) +
                       " one; add `zero` or `min`");
    quotient = (hi > 0 ? hi : lo) / (vmax > 0 ? vmax : vmin);
  }
  // Also for -0, so that a zero block is zero bytes.
  result = std::isfinite(quotient) && quotient != 0 ? quotient : 0.0f;
  return Error::success();
}

Error NumberFormatEncoder::chooseZeros(ComponentList &parts) {
  if (!spec.zero)
    return Error::success();
  std::vector<float> wanted(inputs.zero);
  if (!wanted.empty()) {
    if (Error error = checkCount(wanted, "zero"))
      return error;
  } else {
    bool centered = inputs.rounding == Rounding::GGML;
    wanted.assign(numBlocks, centered ? 1.0f : 0.0f);
    float vmin = chooser.getRange().first;
    for (int64_t i = 0; i < numBlocks; ++i)
      if (scale[i] != 0 && !centered)
        wanted[i] = vmin - std::min(0.0f, low[i]) / scale[i];
  }
  return roundPart(spec.zero, "zero", wanted, zero, parts);
}

Error NumberFormatEncoder::chooseMinima(ComponentList &parts) {
  if (!spec.min)
    return Error::success();
  wantedMin = inputs.min;
  if (!wantedMin.empty()) {
    if (Error error = checkCount(wantedMin, "min"))
      return error;
  } else if (inputs.rounding == Rounding::GGML) {
    wantedMin = low;
    signMinima(wantedMin);
  } else {
    wantedMin.resize(numBlocks);
    float vmin = chooser.getRange().first;
    for (int64_t i = 0; i < numBlocks; ++i) {
      float below = scale[i] * vmin;
      wantedMin[i] = getFloor(i) - below;
    }
  }
  return roundPart(spec.min, "min", wantedMin, min, parts);
}

static bool holdsOneSign(const Part &part) {
  if (!part.isEncoding())
    return false;
  const EncodingSpec &nested = part.getEncoding();
  return nested.kind == Kind::Affine && !nested.code.isSigned() &&
         !nested.zero && !nested.min;
}

float NumberFormatEncoder::getFloor(int64_t i) const {
  return holdsOneSign(spec.min) ? std::min(0.0f, low[i]) : low[i];
}

Error NumberFormatEncoder::roundPart(const Part &part, const char *name,
                                     ArrayRef<float> wanted,
                                     std::vector<float> &rounded,
                                     ComponentList &parts) {
  ComponentList encoded;
  if (Error error = encodePart(part, grid, wanted, {}, encoded))
    return makeError("`" + llvm::Twine(name) +
                     "`: " + llvm::toString(std::move(error)));
  rounded.resize(numBlocks);
  if (Error error = readBack(part, encoded, rounded))
    return error;
  for (int64_t i = 0; i < numBlocks; ++i)
    if (!std::isfinite(rounded[i]) ||
        (part.isNumber() && wanted[i] < 0 && rounded[i] > 0))
      return makeError("`" + llvm::Twine(name) + "` of block " +
                       describeBlock(i) + ", " + std::to_string(wanted[i]) +
                       ", can't be held as " + str(part) +
                       "; use f32 or another encoding");
  llvm::append_range(parts, std::move(encoded));
  return Error::success();
}

Error NumberFormatEncoder::readBack(const Part &part,
                                    const ComponentList &encoded,
                                    std::vector<float> &rounded) const {
  llvm::SmallVector<ArrayRef<uint8_t>> components(encoded.begin(),
                                                  encoded.end());
  if (part.isEncoding())
    return decode(part.getEncoding(), grid, components, rounded);
  RowDecoder decoder(part.getNumber());
  int64_t columns = grid.back();
  int64_t rowBytes = getRowBytes(columns, part.getNumber().getBits());
  for (int64_t row = 0, rows = getNumRows(grid); row < rows; ++row)
    decoder.decode(encoded[0].data() + row * rowBytes, columns,
                   rounded.data() + row * columns);
  return Error::success();
}

Error NumberFormatEncoder::checkCount(ArrayRef<float> given,
                                      const char *name) const {
  if (int64_t(given.size()) == numBlocks)
    return Error::success();
  return makeError(llvm::Twine(given.size()) + " values of `" + name +
                   "` were given for a block grid of " + strShape(grid));
}

std::string NumberFormatEncoder::describeBlock(int64_t index) const {
  llvm::SmallVector<int64_t> position(grid);
  for (int64_t dim = int64_t(grid.size()) - 1; dim >= 0; --dim) {
    position[dim] = index % grid[dim];
    index /= grid[dim];
  }
  return strShape(position);
}

//===----------------------------------------------------------------------===//
// Codes
//===----------------------------------------------------------------------===//

void NumberFormatEncoder::chooseCodes(ComponentList &result) {
  int64_t columns = shape.back(), rows = getNumRows(shape);
  unsigned bits = spec.code.getBits();
  int64_t rowBytes = getRowBytes(columns, bits);
  ComponentData bytes(rows * rowBytes);
  if (spec.sums)
    sums.assign(numBlocks, 0);
  std::vector<uint8_t> codes(bits < 8 ? columns : 0);
  for (int64_t row = 0; row < rows; ++row) {
    uint8_t *packed = bytes.data() + row * rowBytes;
    uint8_t *out = bits < 8 ? codes.data() : packed;
    const float *data = values.data() + row * columns;
    auto choose = [&](int64_t first, int64_t count, int64_t index) {
      uint8_t *run = out + first * std::max(1u, bits / 8);
      chooseRun(ArrayRef<float>(data + first, count), index, run);
      if (spec.sums)
        for (int64_t i = 0; i < count; ++i)
          sums[index] += int32_t(spec.code.decode(run[i]));
    };
    forEachBlockRun(shape, block, grid, row, choose);
    if (bits < 8)
      packRow(codes.data(), bits, columns, packed);
  }
  result.push_back(std::move(bytes));
}

void NumberFormatEncoder::chooseRun(ArrayRef<float> run, int64_t index,
                                    uint8_t *codes) const {
  float z = zero.empty() ? 0.0f : zero[index];
  if (inputs.rounding == Rounding::GGML && spec.kind == Kind::Affine) {
    float m = wantedMin.empty() ? 0.0f : wantedMin[index];
    return chooser.chooseByReciprocal(run, {wantedScale[index], z, m},
                                      roundsHalvesAway(spec), codes);
  }
  float s = scale.empty() ? 1.0f : scale[index];
  float m = min.empty() ? 0.0f : min[index];
  chooser.choose(run, {s, z, m}, codes);
}
