//===- CheckpointWriter.cpp - Quantized weights to several arrays ---------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CheckpointFormats.h"

#include "compress/Support/Error.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>
#include <cstring>

using namespace llvm;
using namespace mlir::compress;

/// The encoding without the order of columns around it.
static const EncodingSpec &getNumberFormat(const EncodingSpec &spec) {
  bool isPermuted =
      spec.kind == EncodingSpec::Kind::Permuted && spec.values.isEncoding();
  return isPermuted ? spec.values.getEncoding() : spec;
}

//===----------------------------------------------------------------------===//
// What a format can hold
//===----------------------------------------------------------------------===//

static Error checkNumberFormat(const CheckpointFormat &format,
                               const EncodingSpec &inner) {
  auto refuse = [&](const Twine &why) {
    return makeError(format.name + " can't hold " + str(inner) + ": " + why);
  };
  if (format.isFloat()) {
    if (inner.kind != EncodingSpec::Kind::Float || !inner.scale ||
        inner.code.str() != str(format.codes.word))
      return refuse("it has " + str(format.codes.word) +
                    " codes with a scale per block");
  } else if (inner.kind != EncodingSpec::Kind::Affine || !inner.scale) {
    return refuse("it has integer codes with a scale per block");
  } else if (inner.min) {
    return refuse("it has zero points, and no minima");
  } else if (!is_contained(format.bits, inner.code.getBits())) {
    return refuse("it has no codes of " + Twine(inner.code.getBits()) +
                  " bits");
  } else if (inner.zero.isEncoding()) {
    return refuse("its zero points are integers");
  }
  if (inner.sums)
    return refuse("it has no sums of codes");
  bool isPlain = inner.scale.isNumber() && inner.scale.getNumber().isFloat() &&
                 inner.scale.getNumber().getBits() >= 16;
  return isPlain ? Error::success() : refuse("its scales are f16, bf16 or f32");
}

/// The sizes of a block as configurations spell them.
static Error findBlock(const CheckpointFormat &format,
                       const EncodingSpec &inner, ArrayRef<int64_t> shape,
                       SmallVectorImpl<int64_t> &block) {
  for (auto [size, whole] : zip_equal(inner.block, shape)) {
    bool isWhole = size == -1 || size >= whole;
    // Blocks of several rows may be cut off at the edges.
    if (!isWhole && whole % size != 0 && inner.block[0] == 1)
      return makeError(format.name + " has no smaller last block, which " +
                       strShape(inner.block) + " leaves in " + strShape(shape));
    block.push_back(isWhole ? -1 : size);
  }
  // A row of its own may be all the rows there are.
  if (inner.block[0] == 1 || (!format.anyBlock && shape[0] == 1))
    block[0] = 1;
  if (!format.anyBlock && block[0] != 1)
    return makeError(format.name +
                     " has a scale for every row, which blocks "
                     "of " +
                     strShape(inner.block) + " have not");
  // Tensor, channel, group and block are what there are words for.
  if (block[0] != 1 && (block[0] == -1) != (block[1] == -1))
    return makeError(format.name + " has no blocks of " +
                     strShape(inner.block) + " in " + strShape(shape));
  return Error::success();
}

/// Arrays whose sizes tell the matrix's hold whole words and runs only.
static Error checkWords(const CheckpointFormat &format,
                        const CheckpointIntegers &integers, unsigned bits,
                        int64_t rows, int64_t columns) {
  const IntegerPacking &packing = integers.packing;
  int64_t count = packing.axis ? columns : rows;
  int64_t run = std::max<int64_t>(packing.order.size(), 1);
  bool isWhole = packing.padded || count * bits % packing.wordBits == 0;
  if (!format.sizes.empty() || (isWhole && count % run == 0))
    return Error::success();
  return makeError(format.name + " packs " + Twine(bits) +
                   "-bit integers into words of " + Twine(packing.wordBits) +
                   " bits, which " + Twine(count) + " do not fill");
}

Expected<CheckpointScheme>
mlir::compress::getCheckpointScheme(const CheckpointFormat &format,
                                    const EncodingSpec &spec,
                                    ArrayRef<int64_t> shape) {
  const EncodingSpec &inner = getNumberFormat(spec);
  if (shape.size() != 2)
    return makeError(format.name + " holds matrices, not tensors of shape " +
                     strShape(shape));
  if (&inner != &spec && format.groups.empty())
    return makeError(format.name + " has no order of columns, which " +
                     str(spec) + " has");
  if (Error error = checkNumberFormat(format, inner))
    return error;
  if (Error error = verify(spec, shape))
    return error;
  CheckpointScheme scheme;
  scheme.format = &format;
  scheme.bits = inner.code.getBits();
  scheme.symmetric = format.isFloat() || (inner.code.isSigned() && !inner.zero);
  if (Error error = findBlock(format, inner, shape, scheme.block))
    return error;
  if (&inner != &spec && scheme.block[0] != 1)
    return makeError(format.name + " has an order of columns for groups only");
  SmallVector<int64_t> grid = getBlockGrid(scheme.block, shape);
  if (Error error =
          checkWords(format, format.codes, scheme.bits, shape[0], shape[1]))
    return error;
  if (scheme.symmetric && !format.alwaysZeros)
    return scheme;
  // Zero points of whole tensors are the one case that is not packed.
  if (scheme.block[0] == -1 && format.zeros.packing.wordBits != 8)
    return makeError(format.name +
                     " has no zero points of whole tensors; int-quantized has");
  if (Error error =
          checkWords(format, format.zeros, scheme.bits, grid[0], grid[1]))
    return error;
  return scheme;
}

Expected<std::vector<OwnedCheckpointArray>>
mlir::compress::describeCheckpoint(const CheckpointFormat &format,
                                   const EncodingSpec &spec,
                                   ArrayRef<int64_t> shape) {
  Expected<CheckpointScheme> scheme = getCheckpointScheme(format, spec, shape);
  if (!scheme)
    return scheme.takeError();
  const EncodingSpec &inner = getNumberFormat(spec);
  SmallVector<int64_t> grid = getBlockGrid(scheme->block, shape);
  bool isWhole = scheme->block[0] == -1;
  std::vector<OwnedCheckpointArray> arrays;
  auto addIntegers = [&](const CheckpointIntegers &integers, int64_t rows,
                         int64_t columns) {
    auto packed = getPackedShape(
        integers.packing, getFieldBits(integers, scheme->bits), rows, columns);
    arrays.push_back({integers.suffix,
                      integers.word,
                      SmallVector<int64_t>(packed.begin(), packed.end()),
                      {}});
  };
  addIntegers(format.codes, shape[0], shape[1]);
  NumberType number = inner.scale.getNumber();
  ElementType type = number == NumberType::getF16()    ? ElementType::F16
                     : number == NumberType::getBF16() ? ElementType::BF16
                                                       : ElementType::F32;
  SmallVector<int64_t> scales = grid;
  if (format.scalesTransposed)
    std::swap(scales[0], scales[1]);
  if (isWhole)
    scales = {1};
  arrays.push_back({format.scales, type, scales, {}});
  if (!scheme->symmetric || format.alwaysZeros) {
    addIntegers(format.zeros, grid[0], grid[1]);
    if (isWhole)
      arrays.back().shape = {1};
  }
  // Files of GPTQ have it always.
  if (!format.groups.empty() && (&inner != &spec || format.alwaysZeros))
    arrays.push_back({format.groups, ElementType::I32, {shape[1]}, {}});
  if (!format.sizes.empty())
    arrays.push_back({format.sizes, ElementType::I64, {2}, {}});
  return arrays;
}

//===----------------------------------------------------------------------===//
// Packing
//===----------------------------------------------------------------------===//

namespace {
/// Makes the arrays of one matrix.
class CheckpointPacker {
public:
  CheckpointPacker(const CheckpointScheme &scheme, const EncodingSpec &spec,
                   ArrayRef<int64_t> shape,
                   ArrayRef<ArrayRef<uint8_t>> components)
      : format(*scheme.format), scheme(scheme), inner(getNumberFormat(spec)),
        rows(shape[0]), columns(shape[1]),
        grid(getBlockGrid(inner.block, shape)), isPermuted(&inner != &spec),
        components(components) {}

  Error run(std::vector<OwnedCheckpointArray> &arrays);

private:
  Error readOrder();
  std::vector<uint8_t> packCodes() const;
  std::vector<uint8_t> packScales() const;
  Expected<std::vector<uint8_t>> packZeros() const;
  std::vector<uint8_t> packGroups() const;
  std::vector<uint8_t> packSizes() const;
  Expected<std::vector<uint8_t>> pack(StringRef suffix) const;
  Expected<int64_t> getZero(ArrayRef<uint8_t> data, int64_t block) const;
  ArrayRef<uint8_t> getPart(unsigned index) const {
    return components[index + isPermuted];
  }
  /// What turns our integers into those of the format, whose smallest is
  /// another one.
  int64_t getShift() const {
    return getFieldMin(format.codes.field, scheme.bits) - inner.code.getMin();
  }

  const CheckpointFormat &format;
  const CheckpointScheme &scheme;
  const EncodingSpec &inner;
  int64_t rows, columns;
  SmallVector<int64_t> grid;
  bool isPermuted;
  ArrayRef<ArrayRef<uint8_t>> components;
  /// Column of stored column j.
  std::vector<int64_t> order;
};
} // namespace

Error CheckpointPacker::readOrder() {
  std::vector<bool> seen(columns);
  for (int64_t j = 0; j < columns; ++j) {
    int64_t column = j;
    if (isPermuted)
      column = int32_t(support::endian::read32le(&components[0][j * 4]));
    if (column < 0 || column >= columns || seen[column])
      return makeError("the order of columns is no permutation");
    seen[column] = true;
    order.push_back(column);
  }
  return Error::success();
}

std::vector<uint8_t> CheckpointPacker::packCodes() const {
  unsigned bits = scheme.bits;
  ArrayRef<uint8_t> codes = getPart(0);
  int64_t rowBytes = divideCeil(columns * bits, 8);
  std::vector<uint8_t> fields(rows * columns);
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t j = 0; j < columns; ++j) {
      uint32_t code = unpackBits(codes.data() + row * rowBytes, bits, j);
      uint8_t &field = fields[row * columns + order[j]];
      field = code;
      if (format.isFloat())
        continue;
      int64_t integer = inner.code.isSigned() ? SignExtend64(code, bits) : code;
      field = integerToField(format.codes.field, bits, integer + getShift());
    }
  return packIntegers(format.codes.packing, getFieldBits(format.codes, bits),
                      rows, columns, fields);
}

std::vector<uint8_t> CheckpointPacker::packScales() const {
  ArrayRef<uint8_t> data = getPart(1);
  if (!format.scalesTransposed)
    return data.vec();
  size_t bytes = inner.scale.getNumber().getBits() / 8;
  std::vector<uint8_t> transposed(data.size());
  for (int64_t row = 0; row < grid[0]; ++row)
    for (int64_t column = 0; column < grid[1]; ++column)
      std::memcpy(&transposed[(column * grid[0] + row) * bytes],
                  &data[(row * grid[1] + column) * bytes], bytes);
  return transposed;
}

/// The zero point of a block, in our integers.
Expected<int64_t> CheckpointPacker::getZero(ArrayRef<uint8_t> data,
                                            int64_t block) const {
  if (!inner.zero)
    return 0;
  NumberType number = inner.zero.getNumber();
  unsigned bits = number.getBits();
  uint32_t code = 0;
  if (bits <= 8) {
    int64_t rowBytes = divideCeil(grid[1] * bits, 8);
    code = unpackBits(data.data() + block / grid[1] * rowBytes, bits,
                      block % grid[1]);
  } else {
    for (unsigned i = 0; i < bits / 8; ++i)
      code |= uint32_t(data[block * (bits / 8) + i]) << (8 * i);
  }
  float value = number.decode(code);
  // Far beyond what any field holds, integers are no matter.
  if (!(std::fabs(value) < 1024) || value != std::trunc(value))
    return makeError("its zero point " + std::to_string(value) +
                     " is no small integer");
  return int64_t(value);
}

Expected<std::vector<uint8_t>> CheckpointPacker::packZeros() const {
  unsigned bits = scheme.bits;
  std::vector<uint8_t> fields(grid[0] * grid[1]);
  int64_t smallest = getFieldMin(format.zeros.field, bits);
  for (auto [block, field] : enumerate(fields)) {
    Expected<int64_t> zero =
        getZero(inner.zero ? getPart(2) : ArrayRef<uint8_t>(), block);
    if (!zero)
      return makeError(format.name + ": " + toString(zero.takeError()));
    int64_t integer = *zero + getShift();
    if (integer < smallest || integer >= smallest + (int64_t(1) << bits))
      return makeError(format.name + " can't hold the zero point " +
                       Twine(integer) + " of block " + Twine(block) +
                       "; it has " + Twine(smallest) + " to " +
                       Twine(smallest + (int64_t(1) << bits) - 1));
    field = integerToField(format.zeros.field, bits, integer);
  }
  return packIntegers(format.zeros.packing, getFieldBits(format.zeros, bits),
                      grid[0], grid[1], fields);
}

std::vector<uint8_t> CheckpointPacker::packGroups() const {
  int64_t width = scheme.block[1] == -1 ? columns : scheme.block[1];
  std::vector<uint8_t> groups(columns * 4);
  for (int64_t j = 0; j < columns; ++j)
    support::endian::write32le(&groups[order[j] * 4], j / width);
  return groups;
}

std::vector<uint8_t> CheckpointPacker::packSizes() const {
  std::vector<uint8_t> sizes(16);
  support::endian::write64le(&sizes[0], rows);
  support::endian::write64le(&sizes[8], columns);
  return sizes;
}

Expected<std::vector<uint8_t>> CheckpointPacker::pack(StringRef suffix) const {
  if (suffix == format.codes.suffix)
    return packCodes();
  if (suffix == format.scales)
    return packScales();
  if (suffix == format.zeros.suffix)
    return packZeros();
  return suffix == format.groups ? packGroups() : packSizes();
}

Error CheckpointPacker::run(std::vector<OwnedCheckpointArray> &arrays) {
  if (Error error = readOrder())
    return error;
  for (OwnedCheckpointArray &array : arrays) {
    Expected<std::vector<uint8_t>> data = pack(array.suffix);
    if (!data)
      return data.takeError();
    array.data = std::move(*data);
  }
  return Error::success();
}

Expected<std::vector<OwnedCheckpointArray>> mlir::compress::packCheckpoint(
    const CheckpointFormat &format, const EncodingSpec &spec,
    ArrayRef<int64_t> shape, ArrayRef<ArrayRef<uint8_t>> components) {
  Expected<CheckpointScheme> scheme = getCheckpointScheme(format, spec, shape);
  if (!scheme)
    return scheme.takeError();
  Expected<std::vector<OwnedCheckpointArray>> arrays =
      describeCheckpoint(format, spec, shape);
  if (!arrays)
    return arrays.takeError();
  SmallVector<ComponentSpec> parts = getComponents(spec, shape);
  bool fits = parts.size() == components.size();
  for (size_t i = 0; fits && i < parts.size(); ++i)
    fits = parts[i].getBytes() == int64_t(components[i].size());
  if (!fits)
    return makeError("the components are not those of " + str(spec) + " for " +
                     strShape(shape));
  if (Error error =
          CheckpointPacker(*scheme, spec, shape, components).run(*arrays))
    return error;
  return arrays;
}
