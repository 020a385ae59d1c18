//===- Encode.cpp - From values to stored parts -----------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeChooser.h"
#include "Numbers.h"

#include "compress/Encoding/Codec.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

#include <cmath>
#include <cstring>
#include <numeric>

// Every step is rounded to f32, so a multiply and an add must not be fused.
#pragma STDC FP_CONTRACT OFF

using namespace mlir::compress;
using Kind = EncodingSpec::Kind;
using llvm::ArrayRef;
using llvm::Error;

using ComponentList = llvm::SmallVector<ComponentData>;

static Error encodeEncoding(const EncodingSpec &spec, ArrayRef<int64_t> shape,
                            ArrayRef<float> values, const EncodeInputs &inputs,
                            ComponentList &result);

template <typename T> static ComponentData toBytes(ArrayRef<T> values) {
  ComponentData bytes(values.size() * sizeof(T));
  if (!values.empty())
    std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

/// Rounds values to a number format. A finite float that overflows is an error.
static Error encodePlain(NumberType number, ArrayRef<int64_t> shape,
                         ArrayRef<float> values, ComponentList &result) {
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

static Error encodePart(const Part &part, ArrayRef<int64_t> shape,
                        ArrayRef<float> values, const EncodeInputs &inputs,
                        ComponentList &result) {
  if (part.isEncoding())
    return encodeEncoding(part.getEncoding(), shape, values, inputs, result);
  return encodePlain(part.getNumber(), shape, values, result);
}

//===----------------------------------------------------------------------===//
// Number formats
//===----------------------------------------------------------------------===//

namespace {
/// Encodes one number format: block ranges, then the per-block parts, each
/// rounded to its format before the next depends on it, then the codes.
class NumberFormatEncoder {
public:
  NumberFormatEncoder(const EncodingSpec &spec, ArrayRef<int64_t> shape,
                      ArrayRef<float> values, const EncodeInputs &inputs)
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

  Error run(ComponentList &result) {
    if (hasStoredTable(spec) &&
        inputs.table.size() != size_t(1) << spec.code.getBits())
      return makeError("the table of " + str(spec) +
                       " is a component, and rounding fits none; give its " +
                       llvm::Twine(1u << spec.code.getBits()) + " entries");
    findRanges();
    ComponentList parts;
    if (Error error = chooseScales(parts))
      return error;
    if (Error error = chooseZeros(parts))
      return error;
    if (Error error = chooseMinima(parts))
      return error;
    chooseCodes(result);
    llvm::append_range(result, std::move(parts));
    if (hasStoredTable(spec))
      result.push_back(toBytes(inputs.table));
    if (spec.sums)
      result.push_back(toBytes(ArrayRef<int32_t>(sums)));
    return Error::success();
  }

private:
  /// Calls `body(values, count, block's index)` for each run of a row's values
  /// that lie in one block.
  template <typename Body> void forEachRun(int64_t row, Body body) {
    int64_t index = 0, stride = grid.back(), rest = row;
    for (int64_t dim = int64_t(shape.size()) - 2; dim >= 0; --dim) {
      index += rest % shape[dim] / block[dim] * stride;
      stride *= grid[dim];
      rest /= shape[dim];
    }
    int64_t columns = shape.back();
    for (int64_t first = 0; first < columns; ++index) {
      int64_t count = std::min(block.back(), columns - first);
      body(first, count, index);
      first += count;
    }
  }

  void findRanges() {
    low.assign(numBlocks, INFINITY);
    high.assign(numBlocks, -INFINITY);
    for (int64_t row = 0, rows = getNumRows(shape); row < rows; ++row) {
      const float *data = values.data() + row * shape.back();
      forEachRun(row, [&](int64_t first, int64_t count, int64_t index) {
        auto [lo, hi] = getRange(ArrayRef<float>(data + first, count));
        low[index] = std::min(low[index], lo);
        high[index] = std::max(high[index], hi);
      });
    }
    for (int64_t i = 0; i < numBlocks; ++i)
      if (low[i] > high[i]) // A block over a dimension of size 0.
        low[i] = high[i] = 0;
  }

  Error chooseScales(ComponentList &parts) {
    if (!spec.scale)
      return Error::success();
    std::vector<float> wanted(inputs.scale);
    if (!wanted.empty()) {
      if (Error error = checkCount(wanted, "scale"))
        return error;
    } else {
      wanted.resize(numBlocks);
      for (int64_t i = 0; i < numBlocks; ++i) {
        if (Error error = deriveScale(i, wanted[i]))
          return error;
      }
    }
    return roundPart(spec.scale, "scale", wanted, scale, parts);
  }

  Error deriveScale(int64_t i, float &result) {
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

  Error chooseZeros(ComponentList &parts) {
    if (!spec.zero)
      return Error::success();
    std::vector<float> wanted(inputs.zero);
    if (!wanted.empty()) {
      if (Error error = checkCount(wanted, "zero"))
        return error;
    } else {
      wanted.resize(numBlocks);
      float vmin = chooser.getRange().first;
      for (int64_t i = 0; i < numBlocks; ++i)
        if (scale[i] != 0)
          wanted[i] = vmin - std::min(0.0f, low[i]) / scale[i];
    }
    return roundPart(spec.zero, "zero", wanted, zero, parts);
  }

  Error chooseMinima(ComponentList &parts) {
    if (!spec.min)
      return Error::success();
    std::vector<float> wanted(inputs.min);
    if (!wanted.empty()) {
      if (Error error = checkCount(wanted, "min"))
        return error;
    } else {
      wanted.resize(numBlocks);
      float vmin = chooser.getRange().first;
      for (int64_t i = 0; i < numBlocks; ++i) {
        float below = scale[i] * vmin;
        wanted[i] = getFloor(i) - below;
      }
    }
    return roundPart(spec.min, "min", wanted, min, parts);
  }

  /// The low end of what a block with minimum represents.
  float getFloor(int64_t i) const {
    return holdsOneSign(spec.min) ? std::min(0.0f, low[i]) : low[i];
  }

  static bool holdsOneSign(const Part &part) {
    if (!part.isEncoding())
      return false;
    const EncodingSpec &nested = part.getEncoding();
    return nested.kind == Kind::Affine && !nested.code.isSigned() &&
           !nested.zero && !nested.min;
  }

  /// Encodes a part and reads back what its format made of it.
  Error roundPart(const Part &part, const char *name, ArrayRef<float> wanted,
                  std::vector<float> &rounded, ComponentList &parts) {
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

  Error readBack(const Part &part, const ComponentList &encoded,
                 std::vector<float> &rounded) {
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

  void chooseCodes(ComponentList &result) {
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
      forEachRun(row, [&](int64_t first, int64_t count, int64_t index) {
        uint8_t *run = out + first * std::max(1u, bits / 8);
        chooser.choose(ArrayRef<float>(data + first, count), getMapping(index),
                       run);
        if (spec.sums)
          for (int64_t i = 0; i < count; ++i)
            sums[index] += int32_t(spec.code.decode(run[i]));
      });
      if (bits < 8)
        packRow(codes.data(), bits, columns, packed);
    }
    result.push_back(std::move(bytes));
  }

  CodeChooser::Mapping getMapping(int64_t index) const {
    return {scale.empty() ? 1.0f : scale[index],
            zero.empty() ? 0.0f : zero[index], min.empty() ? 0.0f : min[index]};
  }

  Error checkCount(ArrayRef<float> given, const char *name) {
    if (int64_t(given.size()) == numBlocks)
      return Error::success();
    return makeError(llvm::Twine(given.size()) + " values of `" + name +
                     "` were given for a block grid of " + strShape(grid));
  }

  std::string describeBlock(int64_t index) const {
    llvm::SmallVector<int64_t> position(grid);
    for (int64_t dim = int64_t(grid.size()) - 1; dim >= 0; --dim) {
      position[dim] = index % grid[dim];
      index /= grid[dim];
    }
    return strShape(position);
  }

  const EncodingSpec &spec;
  ArrayRef<int64_t> shape;
  ArrayRef<float> values;
  const EncodeInputs &inputs;
  CodeChooser chooser;
  llvm::SmallVector<int64_t> block, grid;
  int64_t numBlocks = 0;
  std::vector<float> low, high, scale, zero, min;
  std::vector<int32_t> sums;
};
} // namespace

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
  if (spec.kind == Kind::Block)
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
