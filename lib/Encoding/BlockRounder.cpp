//===- BlockRounder.cpp - The encoder's steps one by one ------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Encoding/BlockRounder.h"

#include "NumberFormatEncoder.h"
#include "Numbers.h"

#include <numeric>

// Every step is rounded to f32, so a multiply and an add must not be fused.
#pragma STDC FP_CONTRACT OFF

using namespace mlir::compress;
using Kind = EncodingSpec::Kind;
using llvm::ArrayRef;
using llvm::Error;
using llvm::Expected;
using llvm::MutableArrayRef;

Expected<BlockRounder> BlockRounder::create(const EncodingSpec &spec,
                                            ArrayRef<int64_t> shape,
                                            Rounding rounding,
                                            ArrayRef<float> table) {
  if (Error error = verify(spec, shape))
    return error;
  if (Error error = checkStatic(shape))
    return error;
  if (!spec.isNumberFormat())
    return makeError(str(spec) + " is a structure; round its `values`");
  if (rounding == Rounding::GGML || !hasRounding(spec, rounding))
    return makeError("values of " + str(spec) + " can't be rounded by `" +
                     str(rounding) + "` one by one; use `" +
                     str(Rounding::Nearest) + "`");
  if (hasStoredTable(spec) && table.size() != size_t(1) << spec.code.getBits())
    return makeError("the table of " + str(spec) +
                     " is a component; give its " +
                     llvm::Twine(1u << spec.code.getBits()) + " entries");
  BlockRounder rounder;
  rounder.spec = std::make_shared<EncodingSpec>(spec);
  rounder.table = std::make_shared<std::vector<float>>(table);
  rounder.chooser = std::make_shared<CodeChooser>(*rounder.spec, table);
  rounder.rounding = rounding;
  if (spec.code.getBits() <= 8) {
    ArrayRef<float> entries = table.empty() ? ArrayRef(spec.table) : table;
    std::vector<float> values(size_t(1) << spec.code.getBits());
    for (auto [code, value] : llvm::enumerate(values))
      value = spec.kind == Kind::Codebook ? entries[code]
                                          : spec.code.decode(uint32_t(code));
    rounder.codeValues = std::make_shared<std::vector<float>>(values);
  }
  return rounder.withShape(shape);
}

BlockRounder BlockRounder::withShape(ArrayRef<int64_t> shape) const {
  BlockRounder result = *this;
  llvm::SmallVector<int64_t> sizes(spec->block);
  if (sizes.empty())
    sizes.assign(shape.size(), -1);
  result.shape.assign(shape.begin(), shape.end());
  result.block = resolveBlock(sizes, shape);
  result.grid = getBlockGrid(sizes, shape);
  return result;
}

int64_t BlockRounder::getNumBlocks() const { return getNumElements(grid); }

std::pair<float, float> BlockRounder::getCodeRange() const {
  return chooser->getRange();
}

BlockRanges BlockRounder::findRanges(ArrayRef<float> values) const {
  EncodeInputs inputs;
  inputs.rounding = rounding;
  inputs.table = *table;
  return NumberFormatEncoder(*spec, shape, values, inputs).findRanges();
}

Expected<BlockParts> BlockRounder::chooseParts(const BlockRanges &ranges,
                                               const BlockParts &given) const {
  EncodeInputs inputs;
  inputs.rounding = rounding;
  inputs.table = *table;
  inputs.scale = given.scale;
  inputs.zero = given.zero;
  inputs.min = given.min;
  NumberFormatEncoder encoder(*spec, shape, {}, inputs);
  ComponentList components;
  if (Error error = encoder.chooseParts(ranges, components))
    return error;
  return encoder.takeParts();
}

void BlockRounder::forEachRun(
    llvm::function_ref<void(int64_t, int64_t, int64_t)> body) const {
  int64_t columns = shape.back();
  for (int64_t row = 0, rows = getNumRows(shape); row < rows; ++row)
    forEachBlockRun(shape, block, grid, row,
                    [&](int64_t first, int64_t count, int64_t index) {
                      body(row * columns + first, count, index);
                    });
}

void BlockRounder::round(ArrayRef<float> values, const BlockParts &parts,
                         MutableArrayRef<float> result) const {
  std::vector<float> scale, zero, min;
  auto expand = [](ArrayRef<float> part, int64_t block, int64_t count,
                   std::vector<float> &expanded) {
    if (!part.empty())
      expanded.assign(count, part[block]);
    return expanded.data();
  };
  forEachRun([&](int64_t first, int64_t count, int64_t block) {
    const float *s = expand(parts.scale, block, count, scale);
    const float *z = expand(parts.zero, block, count, zero);
    const float *m = expand(parts.min, block, count, min);
    roundEach(values.slice(first, count), s, z, m, result.data() + first);
  });
}

/// One value of an affine encoding, without the minimum; the steps are those of
/// CodeChooser and of decode().
static float roundInteger(float value, float s, float z, float m, float lo,
                          float hi) {
  constexpr float kInteger = 12582912.0f; // The sum's last place is 1.
  float q = s == 0 ? z : (value - m) / s + z;
  q = q < lo ? lo : q;
  q = q > hi ? hi : q;
  q = (q + kInteger) - kInteger;
  return s * (q - z);
}

void BlockRounder::roundEach(ArrayRef<float> values, const float *scale,
                             const float *zero, const float *min,
                             float *result) const {
  static constexpr float kOne = 1, kZero = 0;
  // Absent parts are read again and again at the same place.
  size_t scaleStep = bool(spec->scale), zeroStep = bool(spec->zero),
         minStep = bool(spec->min);
  const float *s = scaleStep ? scale : &kOne;
  const float *z = zeroStep ? zero : &kZero;
  const float *m = minStep ? min : &kZero;
  auto [lo, hi] = chooser->getRange();
  size_t count = values.size();
  if (spec->kind == Kind::Affine && scaleStep && !zeroStep && !minStep) {
    for (size_t i = 0; i < count; ++i)
      result[i] = roundInteger(values[i], s[i], 0, 0, lo, hi);
  } else if (spec->kind == Kind::Affine) {
    for (size_t i = 0; i < count; ++i)
      result[i] = roundInteger(values[i], s[i * scaleStep], z[i * zeroStep],
                               m[i * minStep], lo, hi);
  } else {
    for (size_t i = 0; i < count; ++i) {
      uint32_t code = 0;
      float si = s[i * scaleStep];
      chooser->choose(values[i], {si, 0, m[i * minStep]},
                      reinterpret_cast<uint8_t *>(&code));
      result[i] =
          si * (codeValues ? (*codeValues)[code] : spec->code.decode(code));
    }
  }
  // Not added where there is none: zeros keep their sign, as in decode().
  for (size_t i = 0; minStep && i < count; ++i)
    result[i] += m[i];
}

llvm::SmallVector<int64_t>
mlir::compress::getIndependentUnit(const EncodingSpec &spec,
                                   ArrayRef<int64_t> shape) {
  llvm::SmallVector<int64_t> unit(shape.size(), 1);
  if (spec.block.empty())
    return unit;
  unit = resolveBlock(spec.block, shape);
  llvm::SmallVector<int64_t> block = unit;
  auto grid = getBlockGrid(spec.block, shape);
  for (const Part *part : {&spec.scale, &spec.zero, &spec.min}) {
    if (!part->isEncoding())
      continue;
    auto nested = getIndependentUnit(part->getEncoding(), grid);
    for (auto [size, inner, outer] : llvm::zip_equal(unit, nested, block))
      size = std::lcm(size, std::max<int64_t>(inner, 1) * outer);
  }
  return unit;
}
