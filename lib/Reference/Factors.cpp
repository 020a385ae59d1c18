//===- Factors.cpp - Encoded numbers as factors of products -------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Factors.h"

#include "compress/Dialect/Compress/IR/Compress.h"
#include "compress/Encoding/Layout.h"

#include <cmath>
#include <cstring>

// Every step is rounded to f32: a multiply and an add are not fused.
#pragma STDC FP_CONTRACT OFF

using namespace mlir;
using namespace mlir::compress;

/// Decodes some of an encoding's components as a tensor of its own.
static llvm::Expected<std::vector<float>>
decodeComponents(const EncodingSpec &spec, ArrayRef<int64_t> shape,
                 ArrayRef<ComponentData> components) {
  SmallVector<ArrayRef<uint8_t>> bytes(components.begin(), components.end());
  std::vector<float> values(ShapedType::getNumElements(shape));
  if (llvm::Error error = decode(spec, shape, bytes, values))
    return std::move(error);
  return values;
}

/// Numbers that are stored plainly, row by row.
static std::vector<float> decodeNumbers(NumberType number,
                                        ArrayRef<int64_t> shape,
                                        ArrayRef<uint8_t> bytes) {
  int64_t columns = shape.back(), bits = number.getBits();
  int64_t rowBytes = llvm::divideCeil(columns * bits, 8);
  std::vector<float> values;
  for (int64_t row = 0, count = ShapedType::getNumElements(shape);
       row * columns < count; ++row)
    for (int64_t i = 0; i < columns; ++i) {
      const uint8_t *from = bytes.data() + row * rowBytes;
      uint32_t code = 0;
      if (bits <= 8)
        code = unpackBits(from, bits, i);
      else
        std::memcpy(&code, from + i * bits / 8, bits / 8);
      values.push_back(number.decode(code));
    }
  return values;
}

/// A block's number for each of its values.
static std::vector<float> spread(ArrayRef<float> blocks,
                                 const EncodingSpec &spec,
                                 ArrayRef<int64_t> shape) {
  SmallVector<int64_t> grid = getBlockGrid(spec.block, shape);
  std::vector<float> values(ShapedType::getNumElements(shape));
  SmallVector<int64_t> index(shape.size(), 0);
  for (float &value : values) {
    int64_t block = 0;
    for (auto [i, size, count] : llvm::zip(index, spec.block, grid))
      block = block * count + (size < 0 ? 0 : i / size);
    value = blocks[block];
    for (size_t dim = shape.size(); dim-- > 0 && ++index[dim] == shape[dim];)
      index[dim] = 0;
  }
  return values;
}

/// One number per stored value of N:M as one per value: that of the group's
/// first. Right for what whole groups share.
static std::vector<float> spreadGroups(ArrayRef<float> stored,
                                       const EncodingSpec &structure,
                                       ArrayRef<int64_t> shape) {
  int64_t columns = shape.back(),
          storedColumns = getValuesShape(structure, shape).back();
  std::vector<float> values(ShapedType::getNumElements(shape));
  for (auto [i, value] : llvm::enumerate(values))
    value = stored[i / columns * storedColumns +
                   i % columns / structure.m * structure.n];
  return values;
}

static ArrayRef<int32_t> getWords(ArrayRef<uint8_t> bytes) {
  return {reinterpret_cast<const int32_t *>(bytes.data()), bytes.size() / 4};
}

/// Numbers of stored blocks, one per value, as those of the whole tensor; 0
/// where no block is stored.
static std::vector<float> placeBlocks(ArrayRef<float> stored,
                                      const EncodingSpec &structure,
                                      ArrayRef<int64_t> shape,
                                      ArrayRef<int32_t> offsets,
                                      ArrayRef<int32_t> blockColumns) {
  int64_t height = structure.block[0], width = structure.block[1];
  int64_t rows = shape[shape.size() - 2], columns = shape.back();
  int64_t blockRows = llvm::divideCeil(rows, height);
  std::vector<float> values(ShapedType::getNumElements(shape));
  for (size_t blockRow = 0; blockRow + 1 < offsets.size(); ++blockRow)
    for (int32_t block = offsets[blockRow]; block < offsets[blockRow + 1];
         ++block)
      for (int64_t i = 0; i < height * width; ++i) {
        int64_t row = static_cast<int64_t>(blockRow) % blockRows * height +
                      i / width,
                column = blockColumns[block] * width + i % width,
                batch = static_cast<int64_t>(blockRow) / blockRows;
        if (row < rows && column < columns)
          values[(batch * rows + row) * columns + column] =
              stored[block * height * width + i];
      }
  return values;
}

llvm::Expected<ValueParts> ValueParts::get(const HostTensor &tensor) {
  ValueParts parts;
  EncodingSpec whole = getEncoding(tensor.getType()).getSpec();
  bool isStructured = whole.kind == EncodingSpec::Kind::NM;
  bool isBlocked = whole.kind == EncodingSpec::Kind::Block;
  parts.spec = isStructured || isBlocked ? whole.values.getEncoding() : whole;
  const EncodingSpec &spec = parts.spec;
  EncodingSpec codes = spec;
  codes.block.clear();
  codes.scale = codes.zero = codes.min = Part();
  codes.sums = false;
  ArrayRef<ComponentData> components = tensor.getComponents();
  ArrayRef<int32_t> offsets, blockColumns;
  SmallVector<int64_t> shape(tensor.getShape());
  SmallVector<ComponentData> ofCodes(components.take_front(isBlocked ? 3 : 1));
  if (spec.kind == EncodingSpec::Kind::Codebook && spec.table.empty())
    ofCodes.push_back(components[ofCodes.size() + getNumComponents(spec.scale) +
                                 getNumComponents(spec.min)]);
  if (isBlocked) { // offsets and columns come first
    offsets = getWords(components[0]);
    blockColumns = getWords(components[1]);
    components = components.drop_front(2);
    whole.values = Part(codes);
    codes = whole;
    shape = {offsets.back() * whole.block[0], whole.block[1]};
  }
  if (isStructured) { // the index comes last
    ofCodes.push_back(components.back());
    whole.values = Part(codes);
    codes = whole;
    shape = getValuesShape(whole, shape);
  }
  llvm::Expected<std::vector<float>> values =
      decodeComponents(codes, tensor.getShape(), ofCodes);
  if (!values)
    return values.takeError();
  parts.codes = std::move(*values);
  components = components.drop_front();
  if (spec.block.empty())
    return parts;
  SmallVector<int64_t> grid = getBlockGrid(spec.block, shape);
  for (auto [part, to] : {std::make_pair(&spec.scale, &parts.scale),
                          std::make_pair(&spec.zero, &parts.zero),
                          std::make_pair(&spec.min, &parts.min)}) {
    unsigned count = getNumComponents(*part);
    if (!count)
      continue;
    if (part->isNumber()) {
      values = decodeNumbers(part->getNumber(), grid, components.front());
    } else {
      values = decodeComponents(part->getEncoding(), grid,
                                components.take_front(count));
      if (!values)
        return values.takeError();
    }
    *to = spread(*values, spec, shape);
    if (isStructured)
      *to = spreadGroups(*to, whole, tensor.getShape());
    if (isBlocked)
      *to = placeBlocks(*to, whole, tensor.getShape(), offsets, blockColumns);
    components = components.drop_front(count);
  }
  return parts;
}

float ValueParts::getFactor(size_t i) const {
  bool isBiased =
      spec.kind == EncodingSpec::Kind::Affine && spec.code.isSigned();
  float bias = isBiased ? std::ldexp(1.0f, spec.code.getBits() - 1) : 0.0f;
  float code = codes[i];
  if (!zero.empty()) {
    float shift = zero[i] + bias;
    code = code + bias - shift;
  } else if (bias != 0 && !scale.empty()) {
    float shift = scale[i] * -bias;
    return std::fma(code + bias, scale[i],
                    min.empty() ? shift : min[i] + shift);
  }
  if (!scale.empty() && !min.empty())
    return std::fma(code, scale[i], min[i]);
  return scale.empty() ? code : code * scale[i];
}

llvm::Expected<std::vector<float>>
compress::getValues(const HostTensor &tensor) {
  llvm::Expected<HostTensor> plain = tensor.decode();
  if (!plain)
    return plain.takeError();
  std::vector<double> values = plain->getDoubles();
  return std::vector<float>(values.begin(), values.end());
}

llvm::Expected<std::vector<float>>
compress::getFactors(const HostTensor &tensor) {
  EncodingAttrInterface encoding = getEncoding(tensor.getType());
  if (!encoding || !encoding.getSpec().isNumberFormat())
    return getValues(tensor);
  llvm::Expected<ValueParts> parts = ValueParts::get(tensor);
  if (!parts)
    return parts.takeError();
  std::vector<float> values(parts->codes.size());
  for (auto [i, value] : llvm::enumerate(values))
    value = parts->getFactor(i);
  return values;
}
