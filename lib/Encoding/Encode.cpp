//===- Encode.cpp - From values to stored parts -----------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NumberFormatEncoder.h"
#include "Numbers.h"

#include "compress/Encoding/Codec.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

// Every step is rounded to f32, so a multiply and an add must not be fused.
#pragma STDC FP_CONTRACT OFF

using namespace mlir::compress;
using Kind = EncodingSpec::Kind;
using llvm::ArrayRef;
using llvm::Error;

static Error encodeEncoding(const EncodingSpec &spec, ArrayRef<int64_t> shape,
                            ArrayRef<float> values, const EncodeInputs &inputs,
                            ComponentList &result);

Error mlir::compress::encodePart(const Part &part, ArrayRef<int64_t> shape,
                                 ArrayRef<float> values,
                                 const EncodeInputs &inputs,
                                 ComponentList &result) {
  if (part.isEncoding())
    return encodeEncoding(part.getEncoding(), shape, values, inputs, result);
  return encodePlain(part.getNumber(), shape, values, result);
}

//===----------------------------------------------------------------------===//
// Structures
//===----------------------------------------------------------------------===//

/// The `n` positions of largest magnitude among `group`, ascending; the first
/// ones on ties. A ragged group's missing values count as the smallest.
static void pickLargest(ArrayRef<float> group, int64_t n,
                        llvm::MutableArrayRef<uint8_t> positions) {
  uint32_t taken = 0;
  for (int64_t k = 0; k < n; ++k) {
    int64_t best = -1;
    for (int64_t i = 0, e = group.size(); i < e; ++i)
      if (!(taken >> i & 1) &&
          (best < 0 || std::fabs(group[i]) > std::fabs(group[best])))
        best = i;
    if (best < 0) // Fewer values than n: padding behind them.
      best = k;
    taken |= 1u << best;
  }
  for (int64_t i = 0, k = 0; k < n; ++i)
    if (taken >> i & 1)
      positions[k++] = uint8_t(i);
}

static Error encodeNM(const EncodingSpec &spec, ArrayRef<int64_t> shape,
                      ArrayRef<float> values, const EncodeInputs &inputs,
                      ComponentList &result) {
  auto valuesShape = getValuesShape(spec, shape);
  int64_t rows = getNumRows(shape), columns = shape.back();
  int64_t stored = valuesShape.back();
  unsigned bits = getIndexType(spec).getBits();
  int64_t rowBytes = getRowBytes(stored, bits);
  std::vector<float> kept(rows * stored, 0.0f);
  std::vector<uint8_t> positions(stored);
  ComponentData index(rows * rowBytes);
  for (int64_t row = 0; row < rows; ++row) {
    ArrayRef<float> data = values.slice(row * columns, columns);
    for (int64_t first = 0, i = 0; first < columns;
         first += spec.m, i += spec.n) {
      ArrayRef<float> group =
          data.slice(first, std::min(spec.m, columns - first));
      auto picked = llvm::MutableArrayRef<uint8_t>(positions).slice(i, spec.n);
      pickLargest(group, spec.n, picked);
      for (auto [k, position] : llvm::enumerate(picked))
        if (position < group.size())
          kept[row * stored + i + k] = group[position];
    }
    packRow(positions.data(), bits, stored, index.data() + row * rowBytes);
  }
  if (Error error = encodePart(spec.values, valuesShape, kept, inputs, result))
    return error;
  result.push_back(std::move(index));
  return Error::success();
}

static Error encodePermuted(const EncodingSpec &spec, ArrayRef<int64_t> shape,
                            ArrayRef<float> values, const EncodeInputs &inputs,
                            ComponentList &result) {
  int64_t columns = shape.back();
  std::vector<int32_t> order(inputs.order);
  if (order.empty()) {
    order.resize(columns);
    std::iota(order.begin(), order.end(), 0);
  }
  ComponentData orderBytes = toBytes(ArrayRef<int32_t>(order));
  if (Error error = checkOrder(orderBytes, columns))
    return error;
  std::vector<float> stored(values.size());
  for (int64_t row = 0, rows = getNumRows(shape); row < rows; ++row)
    for (int64_t j = 0; j < columns; ++j)
      stored[row * columns + j] = values[row * columns + order[j]];
  result.push_back(std::move(orderBytes));
  EncodeInputs nested = inputs;
  nested.order = {};
  return encodePart(spec.values, shape, stored, nested, result);
}

static Error encodeBlock(const EncodingSpec &spec, ArrayRef<int64_t> shape,
                         ArrayRef<float> values, const EncodeInputs &inputs,
                         ComponentList &result) {
  int64_t height = spec.block[0], width = spec.block[1];
  int64_t matrixRows = shape[shape.size() - 2], columns = shape.back();
  int64_t matrices = getNumElements(shape.drop_back(2));
  std::vector<int32_t> offset = {0}, column;
  std::vector<float> stored, block(height * width);
  for (int64_t matrix = 0; matrix < matrices; ++matrix) {
    for (int64_t top = 0; top < matrixRows; top += height) {
      int64_t rows = std::min(height, matrixRows - top);
      for (int64_t left = 0; left < columns; left += width) {
        int64_t count = std::min(width, columns - left);
        std::fill(block.begin(), block.end(), 0.0f);
        for (int64_t row = 0; row < rows; ++row)
          std::copy_n(values.data() +
                          (matrix * matrixRows + top + row) * columns + left,
                      count, block.begin() + row * width);
        if (llvm::all_of(block, [](float value) { return value == 0; }))
          continue;
        column.push_back(int32_t(left / width));
        llvm::append_range(stored, block);
      }
      offset.push_back(int32_t(column.size()));
    }
  }
  result.push_back(toBytes(ArrayRef<int32_t>(offset)));
  result.push_back(toBytes(ArrayRef<int32_t>(column)));
  return encodePart(spec.values, {int64_t(column.size()) * height, width},
                    stored, inputs, result);
}

/// The places of the count / 200 largest magnitudes, ascending.
static std::vector<int64_t> pickOutliers(ArrayRef<float> values) {
  std::vector<int64_t> places(values.size());
  std::iota(places.begin(), places.end(), 0);
  int64_t count = int64_t(values.size()) / 200;
  std::nth_element(places.begin(), places.begin() + count, places.end(),
                   [&](int64_t a, int64_t b) {
                     float x = std::fabs(values[a]), y = std::fabs(values[b]);
                     return x > y || (x == y && a < b);
                   });
  places.resize(count);
  llvm::sort(places);
  return places;
}

static Error checkPlaces(ArrayRef<int64_t> places, size_t count) {
  for (auto [i, place] : llvm::enumerate(places))
    if (place < 0 || place >= int64_t(count) ||
        (i > 0 && place <= places[i - 1]))
      return makeError("outliers: places must ascend and be less than " +
                       llvm::Twine(count) + ", unlike entry " + llvm::Twine(i) +
                       ", " + llvm::Twine(place));
  return Error::success();
}

static Error encodeSplit(const EncodingSpec &spec, ArrayRef<int64_t> shape,
                         ArrayRef<float> values, const EncodeInputs &inputs,
                         ComponentList &result) {
  std::vector<int64_t> places =
      inputs.outliers ? inputs.outliers->vec() : pickOutliers(values);
  if (Error error = checkPlaces(places, values.size()))
    return error;
  std::vector<float> rest = values.vec();
  for (int64_t place : places)
    rest[place] = 0;
  EncodeInputs ofBase = inputs;
  ofBase.outliers.reset();
  ComponentList base;
  if (Error error = encodePart(spec.values, shape, rest, ofBase, base))
    return error;
  // What a base with a minimum has for 0 is not 0.
  if (Error error = decodeValues(spec.values, shape, base, rest))
    return error;
  std::vector<float> outliers(values.size(), 0.0f);
  for (int64_t place : places)
    outliers[place] = values[place] - rest[place];
  llvm::append_range(result, std::move(base));
  return encodePart(spec.outliers, shape, outliers, {}, result);
}

static Error encodeEncoding(const EncodingSpec &spec, ArrayRef<int64_t> shape,
                            ArrayRef<float> values, const EncodeInputs &inputs,
                            ComponentList &result) {
  switch (spec.kind) {
  case Kind::NM:
    return encodeNM(spec, shape, values, inputs, result);
  case Kind::Block:
    return encodeBlock(spec, shape, values, inputs, result);
  case Kind::Permuted:
    return encodePermuted(spec, shape, values, inputs, result);
  case Kind::Split:
    return encodeSplit(spec, shape, values, inputs, result);
  case Kind::Float:
    if (!spec.scale)
      return encodePlain(spec.code, shape, values, result);
    [[fallthrough]];
  default:
    return NumberFormatEncoder(spec, shape, values, inputs).run(result);
  }
}

//===----------------------------------------------------------------------===//
// Entry points
//===----------------------------------------------------------------------===//

static Error checkFinite(ArrayRef<float> values) {
  for (auto [i, value] : llvm::enumerate(values))
    if (!std::isfinite(value))
      return makeError("the value at index " + llvm::Twine(i) + " is " +
                       (std::isnan(value) ? "NaN" : "infinite") +
                       "; an encoding holds finite values");
  return Error::success();
}

llvm::Expected<ComponentList>
mlir::compress::encode(const EncodingSpec &spec, ArrayRef<int64_t> shape,
                       ArrayRef<float> values, const EncodeInputs &inputs) {
  if (Error error = verify(spec, shape))
    return error;
  if (Error error = checkStatic(shape))
    return error;
  if (int64_t(values.size()) != getNumElements(shape))
    return makeError(llvm::Twine(values.size()) +
                     " values do not fill a tensor of shape " +
                     strShape(shape));
  if (!hasRounding(spec, inputs.rounding))
    return makeError("rounding `" + str(inputs.rounding) +
                     "` means nothing for " + str(spec) + "; use `" +
                     str(Rounding::Nearest) + "`");
  if (inputs.outliers && spec.kind != Kind::Split)
    return makeError("places of outliers are given for " + str(spec) +
                     ", which is no split; leave them out");
  if (Error error = checkFinite(values))
    return error;
  ComponentList result;
  if (Error error = encodeEncoding(spec, shape, values, inputs, result))
    return error;
  return result;
}

llvm::Expected<ComponentList> mlir::compress::encode(const EncodingSpec &spec,
                                                     ArrayRef<int64_t> shape,
                                                     ArrayRef<float> values) {
  return encode(spec, shape, values, EncodeInputs());
}

/// Whether rows of the tensor share nothing: blocks of the leading dimensions
/// are single rows, at every level.
static bool hasIndependentRows(const EncodingSpec &spec,
                               ArrayRef<int64_t> shape) {
  if (spec.kind == Kind::Block || spec.kind == Kind::Split)
    return false;
  auto check = [](const Part &part, ArrayRef<int64_t> shape) {
    return !part.isEncoding() || hasIndependentRows(part.getEncoding(), shape);
  };
  if (!spec.isNumberFormat())
    return check(spec.values, getValuesShape(spec, shape));
  if (spec.block.empty())
    return true;
  auto block = resolveBlock(spec.block, shape);
  for (auto [size, extent] :
       llvm::zip_equal(ArrayRef<int64_t>(block).drop_back(), shape.drop_back()))
    if (size != 1 && extent != 1)
      return false;
  auto grid = getBlockGrid(spec.block, shape);
  return check(spec.scale, grid) && check(spec.zero, grid) &&
         check(spec.min, grid);
}

/// Copies components of some rows to where they belong in those of all rows.
static Error storeRows(const EncodingSpec &spec, ArrayRef<int64_t> shape,
                       const ComponentList &encoded,
                       std::pair<int64_t, int64_t> rows,
                       ArrayRef<llvm::MutableArrayRef<uint8_t>> components) {
  auto specs = getComponents(spec, shape);
  if (components.size() != specs.size())
    return makeError("the encoding has " + llvm::Twine(specs.size()) +
                     " components, " + llvm::Twine(components.size()) +
                     " were given");
  auto [firstRow, numRows] = rows;
  bool all = numRows == getNumRows(shape);
  for (size_t i = 0; i < specs.size(); ++i) {
    // All rows at once may have sizes that only the data tell.
    int64_t expected = all ? int64_t(encoded[i].size()) : specs[i].getBytes();
    if (expected != int64_t(components[i].size()))
      return makeError("component `" + specs[i].name + "` has room for " +
                       llvm::Twine(components[i].size()) + " bytes, not " +
                       llvm::Twine(expected));
    // Tables and orders are the same for all rows.
    bool perRow = !all && specs[i].shape.size() == shape.size();
    int64_t rowBytes = int64_t(encoded[i].size()) / numRows;
    llvm::copy(encoded[i],
               components[i].begin() + (perRow ? firstRow * rowBytes : 0));
  }
  return Error::success();
}

Error mlir::compress::encodeRows(
    const EncodingSpec &spec, ArrayRef<int64_t> shape, ArrayRef<float> values,
    int64_t firstRow, int64_t numRows,
    ArrayRef<llvm::MutableArrayRef<uint8_t>> components,
    const EncodeInputs &inputs) {
  if (Error error = verify(spec, shape))
    return error;
  if (Error error = checkStatic(shape))
    return error;
  int64_t rows = getNumRows(shape);
  if (firstRow < 0 || numRows < 0 || firstRow + numRows > rows)
    return makeError("rows [" + llvm::Twine(firstRow) + ", " +
                     llvm::Twine(firstRow + numRows) + ") are not all among " +
                     "the " + llvm::Twine(rows) + " of a tensor of shape " +
                     strShape(shape));
  if (numRows == 0)
    return Error::success();
  if (numRows != rows && !hasIndependentRows(spec, shape))
    return makeError("rows of " + str(spec) +
                     " share blocks; encode the whole tensor");
  llvm::SmallVector<int64_t> part(shape);
  if (numRows != rows) {
    std::fill(part.begin(), part.end() - 1, 1);
    part[part.size() - 2] = numRows;
  }
  llvm::Expected<ComponentList> encoded = encode(spec, part, values, inputs);
  if (!encoded)
    return encoded.takeError();
  return storeRows(spec, shape, *encoded, {firstRow, numRows}, components);
}
