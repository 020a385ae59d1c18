//===- CheckpointReader.cpp - Quantized weights from several arrays -------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CheckpointFormats.h"

#include "compress/Support/Error.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"

#include <cstring>
#include <numeric>

using namespace llvm;
using namespace mlir::compress;

namespace mlir::compress {
/// Fills a weight in.
class CheckpointReader {
public:
  CheckpointReader(const CheckpointScheme &scheme, CheckpointLookup lookup,
                   CheckpointWeight &weight)
      : format(*scheme.format), lookup(lookup), weight(weight) {
    weight.scheme = scheme;
  }

  Error run();

private:
  Expected<CheckpointArray> find(StringRef suffix, ArrayRef<ElementType> types);
  Error findSizes();
  Error readSizes();
  Error checkShape(const CheckpointIntegers &integers, int64_t rows,
                   int64_t columns, const CheckpointArray &array,
                   IntegerPacking &packing);
  Error findPadding(const CheckpointIntegers &integers, int64_t count,
                    int64_t words, ArrayRef<uint8_t> data,
                    IntegerPacking &packing);
  Error findScales();
  Error findOrder();
  Error setOrder(ArrayRef<int32_t> groups);
  Error findZeros();
  unsigned getBits() const { return weight.scheme.bits; }
  static Error fail(StringRef suffix, const Twine &message) {
    return makeError("array \"" + suffix + "\": " + message);
  }

  const CheckpointFormat &format;
  CheckpointLookup lookup;
  CheckpointWeight &weight;
  int64_t rows = 0, columns = 0;
  SmallVector<int64_t> grid;
  /// Once it is known.
  std::optional<bool> isPadded;
};
} // namespace mlir::compress

Expected<CheckpointArray> CheckpointReader::find(StringRef suffix,
                                                 ArrayRef<ElementType> types) {
  const CheckpointArray *array = lookup(suffix);
  if (!array)
    return fail(suffix, "is missing; the checkpoint is incomplete");
  if (is_contained(types, array->type))
    return *array;
  std::string wanted =
      join(map_range(types, [](ElementType type) { return str(type).upper(); }),
           " or ");
  return fail(suffix,
              "is of " + str(array->type).upper() + ", not of " + wanted);
}

/// The int32 or int64 elements of an array.
static SmallVector<int64_t> readIntegers(const CheckpointArray &array) {
  SmallVector<int64_t> values;
  unsigned bytes = getElementBytes(array.type);
  for (size_t i = 0; i + bytes <= array.data.size(); i += bytes)
    values.push_back(
        bytes == 4 ? int64_t(int32_t(support::endian::read32le(&array.data[i])))
                   : int64_t(support::endian::read64le(&array.data[i])));
  return values;
}

/// The matrix's sizes as an array tells them.
Error CheckpointReader::readSizes() {
  Expected<CheckpointArray> array =
      find(format.sizes, {ElementType::I32, ElementType::I64});
  if (!array)
    return array.takeError();
  weight.otherBytes += array->data.size();
  SmallVector<int64_t> sizes = readIntegers(*array);
  constexpr int64_t kLargest = int64_t(1) << 31;
  if (sizes.size() != 2 ||
      any_of(sizes, [](int64_t n) { return n < 1 || n >= kLargest; }))
    return fail(format.sizes, "does not hold the two sizes of a matrix");
  std::tie(rows, columns) = std::pair(sizes[0], sizes[1]);
  return Error::success();
}

/// Finds codes and how many there are.
Error CheckpointReader::findSizes() {
  Expected<CheckpointArray> codes =
      find(format.codes.suffix, {format.codes.word});
  if (!codes)
    return codes.takeError();
  weight.codes = *codes;
  if (codes->shape.size() != 2)
    return fail(format.codes.suffix,
                "has the shape " + strShape(codes->shape) + ", not a matrix's");
  const IntegerPacking &packing = format.codes.packing;
  if (!format.sizes.empty()) {
    if (Error error = readSizes())
      return error;
  } else {
    int64_t sizes[2] = {codes->shape[packing.transposed],
                        codes->shape[!packing.transposed]};
    int64_t &packed = sizes[packing.axis];
    int64_t bits = getFieldBits(format.codes, getBits());
    if (packed * packing.wordBits % bits != 0)
      return fail(format.codes.suffix, "has " + Twine(packed) +
                                           " words in a line, which are no "
                                           "whole number of integers of " +
                                           Twine(bits) + " bits");
    packed = packed * packing.wordBits / bits;
    std::tie(rows, columns) = std::pair(sizes[0], sizes[1]);
  }
  if (rows < 1 || columns < 1)
    return fail(format.codes.suffix, "is empty");
  weight.shape = {rows, columns};
  return checkShape(format.codes, rows, columns, *codes, weight.codePacking);
}

/// Whether all words leave the bits zero that padded ones have no integer for.
static bool looksPadded(ArrayRef<uint8_t> words, unsigned bits) {
  uint32_t padding = ~maskTrailingOnes<uint32_t>(32 / bits * bits);
  for (size_t i = 0; i + 4 <= words.size(); i += 4)
    if (support::endian::read32le(&words[i]) & padding)
      return false;
  return true;
}

/// Finds out whether words are padded: by their number, or where that is the
/// same, by what they hold. Codes decide for zero points as well.
Error CheckpointReader::findPadding(const CheckpointIntegers &integers,
                                    int64_t count, int64_t words,
                                    ArrayRef<uint8_t> data,
                                    IntegerPacking &packing) {
  unsigned bits = getBits();
  // Integers that divide words, and those of a single one, lie in the same
  // places either way.
  if (!integers.mayBePadded || packing.wordBits % bits == 0 ||
      count * bits <= packing.wordBits)
    return Error::success();
  IntegerPacking padded = packing;
  padded.padded = true;
  int64_t denseWords = getNumWords(packing, bits, count);
  int64_t paddedWords = getNumWords(padded, bits, count);
  if (!isPadded && denseWords == paddedWords && looksPadded(data, bits))
    return fail(integers.suffix,
                "its words may be padded or not, which neither their number "
                "nor what they hold tells; write the checkpoint with another "
                "number of bits");
  if (!isPadded)
    isPadded = denseWords != paddedWords && words == paddedWords;
  packing.padded = *isPadded;
  return Error::success();
}

/// Checks an array of rows x columns integers.
Error CheckpointReader::checkShape(const CheckpointIntegers &integers,
                                   int64_t rows, int64_t columns,
                                   const CheckpointArray &array,
                                   IntegerPacking &packing) {
  packing = integers.packing;
  int64_t count = packing.axis ? columns : rows;
  ArrayRef<int64_t> shape = array.shape;
  if (shape.size() == 2)
    if (Error error = findPadding(integers, count, shape[packing.axis],
                                  array.data, packing))
      return error;
  SmallVector<int64_t, 2> wanted =
      getPackedShape(packing, getFieldBits(integers, getBits()), rows, columns);
  bool isWhole = packing.order.empty() || count % packing.order.size() == 0;
  if (shape == ArrayRef(wanted) && isWhole)
    return Error::success();
  return fail(integers.suffix, "has the shape " + strShape(shape) + ", but " +
                                   Twine(rows) + " x " + Twine(columns) +
                                   " integers of " + Twine(getBits()) +
                                   " bits take " + strShape(wanted));
}

Error CheckpointReader::findScales() {
  Expected<CheckpointArray> scales = find(
      format.scales, {ElementType::F16, ElementType::BF16, ElementType::F32});
  if (!scales)
    return scales.takeError();
  weight.scales = *scales;
  grid = getBlockGrid(weight.scheme.block, weight.shape);
  SmallVector<int64_t> wanted = grid;
  if (format.scalesTransposed)
    std::swap(wanted[0], wanted[1]);
  // Sizes of 1 may be left out at the end.
  SmallVector<int64_t> shape = scales->shape;
  while (shape.size() < 2)
    shape.push_back(1);
  if (shape != wanted)
    return fail(format.scales, "has the shape " + strShape(scales->shape) +
                                   ", but blocks of " +
                                   strShape(weight.scheme.block) + " in " +
                                   strShape(weight.shape) + " have " +
                                   strShape(wanted));
  EncodingSpec &spec = weight.spec;
  spec.block.assign(weight.scheme.block.begin(), weight.scheme.block.end());
  spec.scale = *NumberType::parse(str(scales->type));
  spec.kind =
      format.isFloat() ? EncodingSpec::Kind::Float : EncodingSpec::Kind::Affine;
  spec.code = format.isFloat() ? *NumberType::parse(str(format.codes.word))
                               : NumberType::getSigned(getBits());
  return Error::success();
}

/// Finds the order in which columns of a group lie side by side.
Error CheckpointReader::findOrder() {
  const CheckpointArray *array =
      format.groups.empty() ? nullptr : lookup(format.groups);
  if (!array)
    return Error::success();
  Expected<CheckpointArray> found = find(format.groups, {ElementType::I32});
  if (!found)
    return found.takeError();
  weight.otherBytes += found->data.size();
  SmallVector<int64_t> values = readIntegers(*found);
  SmallVector<int32_t> groups(values.begin(), values.end());
  if (found->shape.size() != 1 || int64_t(groups.size()) != columns)
    return fail(format.groups, "has the shape " + strShape(found->shape) +
                                   ", but there are " + Twine(columns) +
                                   " columns");
  // Where nothing was reordered, some versions write -1 throughout.
  if (all_of(groups, [](int32_t group) { return group == -1; }))
    return Error::success();
  return setOrder(groups);
}

Error CheckpointReader::setOrder(ArrayRef<int32_t> groups) {
  int64_t width = weight.scheme.block[1];
  if (width < 0)
    width = columns;
  for (auto [column, group] : enumerate(groups))
    if (group < 0 || group >= grid[1])
      return fail(format.groups, "column " + Twine(column) + " is in group " +
                                     Twine(group) + ", but there are " +
                                     Twine(grid[1]));
  std::vector<int32_t> order(columns);
  std::iota(order.begin(), order.end(), 0);
  sort(order, [&](int32_t a, int32_t b) {
    return std::pair(groups[a], a) < std::pair(groups[b], b);
  });
  for (int64_t j = 0; j < columns; ++j)
    if (groups[order[j]] != j / width)
      return fail(format.groups,
                  "group " + Twine(j / width) + " has not the " +
                      Twine(std::min(width, columns - j / width * width)) +
                      " columns that belong to it");
  if (is_sorted(order))
    return Error::success();
  weight.order = std::move(order);
  EncodingSpec permuted;
  permuted.kind = EncodingSpec::Kind::Permuted;
  permuted.values = Part(weight.spec);
  weight.spec = std::move(permuted);
  return Error::success();
}

/// Finds zero points, and whether there is need of them.
Error CheckpointReader::findZeros() {
  bool isStored = !format.zeros.suffix.empty() && lookup(format.zeros.suffix);
  if (!isStored && weight.scheme.symmetric && !format.alwaysZeros)
    return Error::success();
  Expected<CheckpointArray> zeros =
      find(format.zeros.suffix, {format.zeros.word});
  if (!zeros)
    return zeros.takeError();
  // Bytes have the shape of scales, which may leave out sizes of 1.
  if (format.zeros.word == ElementType::I8)
    while (zeros->shape.size() < 2)
      zeros->shape.push_back(1);
  if (Error error = checkShape(format.zeros, grid[0], grid[1], *zeros,
                               weight.zeroPacking))
    return error;
  std::vector<uint8_t> stored =
      unpackIntegers(weight.zeroPacking, getFieldBits(format.zeros, getBits()),
                     grid[0], grid[1], zeros->data);
  int64_t codeMin = getFieldMin(format.codes.field, getBits());
  int64_t middle = codeMin + (int64_t(1) << (getBits() - 1));
  int64_t largest = INT64_MIN;
  bool isMiddle = true;
  for (uint8_t field : stored) {
    int64_t zero = fieldToInteger(format.zeros.field, getBits(), field);
    largest = std::max(largest, zero);
    isMiddle &= zero == middle;
  }
  if (isMiddle) {
    weight.otherBytes += zeros->data.size();
    return Error::success();
  }
  weight.zeros = *zeros;
  NumberType code = codeMin < 0 ? NumberType::getSigned(getBits())
                                : NumberType::getUnsigned(getBits());
  weight.spec.code = code;
  weight.spec.zero = code;
  if (largest > code.getMax())
    weight.spec.zero = getBits() < 8 ? NumberType::getUnsigned(getBits() + 1)
                                     : NumberType::getF32();
  return Error::success();
}

Error CheckpointReader::run() {
  if (!is_contained(format.bits, getBits()))
    return makeError(
        "integers of " + Twine(getBits()) +
        " bits are not known to the format " + format.name + "; it has " +
        join(map_range(format.bits, [](unsigned b) { return utostr(b); }),
             ", "));
  if (Error error = findSizes())
    return error;
  if (Error error = findScales())
    return error;
  if (Error error = findZeros())
    return error;
  if (Error error = findOrder())
    return error;
  return verify(weight.spec, weight.shape);
}

Expected<CheckpointWeight>
CheckpointWeight::create(const CheckpointScheme &scheme,
                         CheckpointLookup lookup) {
  CheckpointWeight weight;
  if (Error error = CheckpointReader(scheme, lookup, weight).run())
    return error;
  return weight;
}

int64_t CheckpointWeight::getBytes() const {
  return codes.data.size() + scales.data.size() +
         (zeros ? zeros->data.size() : 0) + otherBytes;
}

/// Rows of codes, each from a byte on.
static ComponentData packRows(ArrayRef<uint32_t> codes, int64_t columns,
                              unsigned bits) {
  int64_t rows = codes.size() / columns;
  int64_t rowBytes = divideCeil(columns * bits, 8);
  ComponentData bytes(rows * rowBytes);
  for (int64_t row = 0; row < rows; ++row)
    packBits(codes.slice(row * columns, columns), bits, &bytes[row * rowBytes]);
  return bytes;
}

/// Columns exchanged for rows; elements of so many bytes.
static ComponentData transposeElements(ArrayRef<uint8_t> source, int64_t rows,
                                       int64_t columns, unsigned bytes) {
  ComponentData result(source.size());
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column = 0; column < columns; ++column)
      std::memcpy(&result[(row * columns + column) * bytes],
                  &source[(column * rows + row) * bytes], bytes);
  return result;
}

/// Words of one signed integer each must be that integer.
static Error checkSigned(const CheckpointIntegers &integers, unsigned bits,
                         ArrayRef<uint8_t> words) {
  if (integers.field != IntegerField::Signed)
    return Error::success();
  for (uint8_t word : words)
    if (!isIntN(bits, int8_t(word)))
      return makeError("array \"" + integers.suffix + "\": holds " +
                       Twine(int(int8_t(word))) + ", which integers of " +
                       Twine(bits) + " bits can't");
  return Error::success();
}

Expected<ComponentData> CheckpointWeight::unpackCodes() const {
  const CheckpointFormat &format = *scheme.format;
  unsigned bits = scheme.bits;
  int64_t rows = shape[0], columns = shape[1];
  if (!format.isFloat())
    if (Error error = checkSigned(format.codes, bits, codes.data))
      return error;
  std::vector<uint8_t> stored = unpackIntegers(
      codePacking, getFieldBits(format.codes, bits), rows, columns, codes.data);
  // Signed integers and those with an offset differ in the top bit.
  bool hasOffset = format.codes.field != IntegerField::Signed &&
                   !format.isFloat() && getNumberFormat().code.isSigned();
  std::vector<uint32_t> values(stored.size());
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t j = 0; j < columns; ++j) {
      uint8_t value = stored[row * columns + (order.empty() ? j : order[j])];
      values[row * columns + j] = value ^ (hasOffset ? 1u << (bits - 1) : 0);
    }
  return packRows(values, columns, bits);
}

Expected<ComponentData>
CheckpointWeight::unpackZeros(ArrayRef<int64_t> grid) const {
  const CheckpointIntegers &integers = scheme.format->zeros;
  unsigned bits = scheme.bits;
  if (Error error = checkSigned(integers, bits, zeros->data))
    return error;
  NumberType zero = getNumberFormat().zero.getNumber();
  std::vector<uint32_t> values;
  for (uint8_t field : unpackIntegers(zeroPacking, getFieldBits(integers, bits),
                                      grid[0], grid[1], zeros->data))
    values.push_back(
        zero.encode(float(fieldToInteger(integers.field, bits, field))));
  if (zero.isInteger())
    return packRows(values, grid[1], zero.getBits());
  const auto *bytes = reinterpret_cast<const uint8_t *>(values.data());
  return ComponentData(bytes, bytes + values.size() * sizeof(uint32_t));
}

Expected<SmallVector<ComponentData>> CheckpointWeight::unpack() const {
  SmallVector<ComponentData> components;
  if (!order.empty()) {
    const auto *bytes = reinterpret_cast<const uint8_t *>(order.data());
    components.emplace_back(bytes, bytes + order.size() * sizeof(int32_t));
  }
  Expected<ComponentData> packed = unpackCodes();
  if (!packed)
    return packed.takeError();
  components.push_back(std::move(*packed));
  SmallVector<int64_t> grid = getBlockGrid(getNumberFormat().block, shape);
  if (scheme.format->scalesTransposed)
    components.push_back(transposeElements(scales.data, grid[0], grid[1],
                                           getElementBytes(scales.type)));
  else
    components.emplace_back(scales.data.begin(), scales.data.end());
  if (!zeros)
    return components;
  Expected<ComponentData> points = unpackZeros(grid);
  if (!points)
    return points.takeError();
  components.push_back(std::move(*points));
  return components;
}
