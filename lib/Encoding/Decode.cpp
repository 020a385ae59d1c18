//===- Decode.cpp - From stored parts to values -----------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Numbers.h"

#include "compress/Encoding/Codec.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/MathExtras.h"

#include <cstring>

// Every step is rounded to f32, so a multiply and an add must not be fused.
#pragma STDC FP_CONTRACT OFF

using namespace mlir::compress;
using Kind = EncodingSpec::Kind;
using llvm::ArrayRef;
using llvm::Error;

using Components = ArrayRef<ArrayRef<uint8_t>>;

namespace {
/// A range of rows of a tensor, all leading dimensions together.
struct RowRange {
  int64_t first, count;
};
} // namespace

static Error decodeEncoding(const EncodingSpec &spec, ArrayRef<int64_t> shape,
                            Components components, RowRange rows,
                            float *result);

static int32_t readI32(ArrayRef<uint8_t> bytes, int64_t index) {
  int32_t value;
  std::memcpy(&value, bytes.data() + index * sizeof(value), sizeof(value));
  return value;
}

static void decodePlain(NumberType number, ArrayRef<int64_t> shape,
                        ArrayRef<uint8_t> bytes, RowRange rows, float *result,
                        ArrayRef<float> table = {}) {
  RowDecoder decoder(number, table);
  int64_t columns = shape.back();
  int64_t rowBytes = getRowBytes(columns, number.getBits());
  for (int64_t row = 0; row < rows.count; ++row)
    decoder.decode(bytes.data() + (rows.first + row) * rowBytes, columns,
                   result + row * columns);
}

static Error decodePart(const Part &part, ArrayRef<int64_t> shape,
                        Components components, RowRange rows, float *result) {
  if (part.isEncoding())
    return decodeEncoding(part.getEncoding(), shape, components, rows, result);
  decodePlain(part.getNumber(), shape, components.front(), rows, result);
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Number formats
//===----------------------------------------------------------------------===//

namespace {
/// Scales, zero points and minima of the block rows that some rows touch.
class BlockParameters {
public:
  BlockParameters(const EncodingSpec &spec, ArrayRef<int64_t> shape)
      : spec(spec), shape(shape) {
    if (spec.block.empty())
      return;
    block = resolveBlock(spec.block, shape);
    grid = getBlockGrid(spec.block, shape);
  }

  Error read(Components components, RowRange rows) {
    if (spec.block.empty() || rows.count == 0)
      return Error::success();
    // Block rows need not ascend with rows where a block spans some of several
    // leading dimensions; the range that holds all of them is read.
    int64_t last = firstGridRow = getGridRow(rows.first);
    for (int64_t row = rows.first + 1; row < rows.first + rows.count; ++row) {
      int64_t gridRow = getGridRow(row);
      firstGridRow = std::min(firstGridRow, gridRow);
      last = std::max(last, gridRow);
    }
    RowRange gridRows = {firstGridRow, last - firstGridRow + 1};
    unsigned next = 1;
    for (auto [part, values] :
         {std::make_pair(&spec.scale, &scale),
          std::make_pair(&spec.zero, &zero), std::make_pair(&spec.min, &min)}) {
      unsigned count = getNumComponents(*part);
      if (count == 0)
        continue;
      values->resize(gridRows.count * grid.back());
      if (Error error = decodePart(*part, grid, components.slice(next, count),
                                   gridRows, values->data()))
        return error;
      next += count;
    }
    return Error::success();
  }

  /// Maps the codes' values of a row to the tensor's values, in place.
  void apply(int64_t row, float *values) const {
    if (!spec.scale)
      return;
    int64_t columns = shape.back();
    int64_t base = (getGridRow(row) - firstGridRow) * grid.back();
    for (int64_t first = 0, index = base; first < columns; ++index) {
      int64_t end = std::min(first + block.back(), columns);
      applyBlock(values + first, end - first, index);
      first = end;
    }
  }

private:
  void applyBlock(float *values, int64_t count, int64_t index) const {
    // The cases differ for negative zeros: what is absent is not added.
    float s = scale[index];
    if (!zero.empty()) {
      float z = zero[index];
      for (int64_t i = 0; i < count; ++i)
        values[i] = s * (values[i] - z);
    } else if (!min.empty()) {
      float m = min[index];
      for (int64_t i = 0; i < count; ++i) {
        float product = s * values[i];
        values[i] = product + m;
      }
    } else {
      for (int64_t i = 0; i < count; ++i)
        values[i] = s * values[i];
    }
  }

  int64_t getGridRow(int64_t row) const {
    int64_t gridRow = 0, stride = 1;
    for (int64_t dim = int64_t(shape.size()) - 2; dim >= 0; --dim) {
      gridRow += row % shape[dim] / block[dim] * stride;
      stride *= grid[dim];
      row /= shape[dim];
    }
    return gridRow;
  }

  const EncodingSpec &spec;
  ArrayRef<int64_t> shape;
  llvm::SmallVector<int64_t> block, grid;
  std::vector<float> scale, zero, min;
  int64_t firstGridRow = 0;
};
} // namespace

static std::vector<float> readTable(ArrayRef<uint8_t> bytes) {
  std::vector<float> table(bytes.size() / sizeof(float));
  std::memcpy(table.data(), bytes.data(), bytes.size());
  return table;
}

static Error decodeNumberFormat(const EncodingSpec &spec,
                                ArrayRef<int64_t> shape, Components components,
                                RowRange rows, float *result) {
  BlockParameters parameters(spec, shape);
  if (Error error = parameters.read(components, rows))
    return error;
  std::vector<float> table = spec.table;
  if (hasStoredTable(spec)) // Only `sums` comes behind, which codebooks lack.
    table = readTable(components.back());
  RowDecoder decoder(spec.code, table);
  int64_t columns = shape.back();
  int64_t rowBytes = getRowBytes(columns, spec.code.getBits());
  for (int64_t row = 0; row < rows.count; ++row) {
    float *values = result + row * columns;
    int64_t index = rows.first + row;
    decoder.decode(components.front().data() + index * rowBytes, columns,
                   values);
    parameters.apply(index, values);
  }
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Structures
//===----------------------------------------------------------------------===//

/// Puts the stored values of one row where its index says.
static Error scatterNM(const EncodingSpec &spec, int64_t row,
                       ArrayRef<uint8_t> index, ArrayRef<float> stored,
                       llvm::MutableArrayRef<float> result) {
  std::fill(result.begin(), result.end(), 0.0f);
  int64_t columns = result.size();
  for (int64_t i = 0, group = 0; i < int64_t(stored.size()); ++group) {
    int64_t previous = -1;
    for (int64_t k = 0; k < spec.n; ++k, ++i) {
      int64_t position = index[i];
      if (position <= previous || position >= spec.m)
        return makeError("`index` of row " + llvm::Twine(row) + ", group " +
                         llvm::Twine(group) +
                         ": positions must ascend and be less than " +
                         llvm::Twine(spec.m) + "; the data are damaged");
      previous = position;
      if (group * spec.m + position < columns)
        result[group * spec.m + position] = stored[i];
    }
  }
  return Error::success();
}

static Error decodeNM(const EncodingSpec &spec, ArrayRef<int64_t> shape,
                      Components components, RowRange rows, float *result) {
  auto valuesShape = getValuesShape(spec, shape);
  int64_t columns = shape.back(), stored = valuesShape.back();
  unsigned bits = getIndexType(spec).getBits();
  std::vector<float> values(rows.count * stored);
  if (Error error = decodePart(spec.values, valuesShape, components.drop_back(),
                               rows, values.data()))
    return error;
  std::vector<uint8_t> index(stored);
  int64_t rowBytes = getRowBytes(stored, bits);
  for (int64_t row = 0; row < rows.count; ++row) {
    unpackRow(components.back().data() + (rows.first + row) * rowBytes, bits,
              stored, index.data());
    if (Error error = scatterNM(
            spec, rows.first + row, index,
            ArrayRef<float>(values).slice(row * stored, stored),
            llvm::MutableArrayRef<float>(result + row * columns, columns)))
      return error;
  }
  return Error::success();
}

Error mlir::compress::checkOrder(ArrayRef<uint8_t> order, int64_t columns) {
  std::vector<bool> seen(columns, false);
  for (int64_t j = 0; j < columns; ++j) {
    int64_t column = readI32(order, j);
    if (column < 0 || column >= columns || seen[column])
      return makeError("`order` is not a permutation of 0 to " +
                       llvm::Twine(columns - 1) + " (entry " + llvm::Twine(j) +
                       " is " + llvm::Twine(column) + ")");
    seen[column] = true;
  }
  return Error::success();
}

static Error decodePermuted(const EncodingSpec &spec, ArrayRef<int64_t> shape,
                            Components components, RowRange rows,
                            float *result) {
  int64_t columns = shape.back();
  if (Error error = checkOrder(components.front(), columns))
    return error;
  if (Error error =
          decodePart(spec.values, shape, components.drop_front(), rows, result))
    return error;
  std::vector<float> stored(columns);
  for (int64_t row = 0; row < rows.count; ++row) {
    float *values = result + row * columns;
    std::copy_n(values, columns, stored.begin());
    for (int64_t j = 0; j < columns; ++j)
      values[readI32(components.front(), j)] = stored[j];
  }
  return Error::success();
}

/// Checks `offset` and `column`; the number of stored blocks is the last
/// offset.
static Error checkBlockIndex(const EncodingSpec &spec, ArrayRef<int64_t> shape,
                             ArrayRef<uint8_t> offset,
                             ArrayRef<uint8_t> column) {
  int64_t blockRows = getNumBlockRows(spec, shape);
  int64_t blockColumns = llvm::divideCeil(shape.back(), spec.block[1]);
  int64_t stored = int64_t(column.size()) / 4;
  if (column.size() % 4 != 0 || readI32(offset, 0) != 0 ||
      readI32(offset, blockRows) != stored)
    return makeError("`offset` must run from 0 to the number of entries of "
                     "`column` (" +
                     llvm::Twine(stored) + ")");
  for (int64_t row = 0; row < blockRows; ++row) {
    int64_t begin = readI32(offset, row), end = readI32(offset, row + 1);
    if (end < begin || end > stored)
      return makeError("`offset` descends after block row " + llvm::Twine(row));
    for (int64_t i = begin, previous = -1; i < end; ++i) {
      int64_t next = readI32(column, i);
      if (next <= previous || next >= blockColumns)
        return makeError("`column` of block row " + llvm::Twine(row) +
                         " must ascend and be less than " +
                         llvm::Twine(blockColumns));
      previous = next;
    }
  }
  return Error::success();
}

/// The stored blocks [begin, end) of a block row, into the rows of `result`.
/// `local` are the wanted rows within the block row.
static Error decodeBlockRow(const EncodingSpec &spec, int64_t columns,
                            Components components, int64_t begin, int64_t end,
                            RowRange local, float *result) {
  int64_t height = spec.block[0], width = spec.block[1];
  int64_t stored = int64_t(components[1].size()) / 4;
  std::vector<float> values((end - begin) * height * width);
  if (Error error = decodePart(
          spec.values, {stored * height, width}, components.drop_front(2),
          {begin * height, (end - begin) * height}, values.data()))
    return error;
  for (int64_t i = begin; i < end; ++i) {
    int64_t first = readI32(components[1], i) * width;
    int64_t count = std::min(width, columns - first);
    const float *block = values.data() + (i - begin) * height * width;
    for (int64_t row = 0; row < local.count; ++row)
      std::copy_n(block + (local.first + row) * width, count,
                  result + row * columns + first);
  }
  return Error::success();
}

static Error decodeBlock(const EncodingSpec &spec, ArrayRef<int64_t> shape,
                         Components components, RowRange rows, float *result) {
  int64_t columns = shape.back(), height = spec.block[0];
  int64_t matrixRows = shape[shape.size() - 2];
  int64_t matrixBlockRows = llvm::divideCeil(matrixRows, height);
  std::fill_n(result, rows.count * columns, 0.0f);
  for (int64_t row = rows.first, end = rows.first + rows.count; row < end;) {
    int64_t matrix = row / matrixRows, inMatrix = row % matrixRows;
    int64_t blockRow = matrix * matrixBlockRows + inMatrix / height;
    int64_t next =
        std::min({matrix * matrixRows + (inMatrix / height + 1) * height,
                  (matrix + 1) * matrixRows, end});
    if (Error error = decodeBlockRow(spec, columns, components,
                                     readI32(components[0], blockRow),
                                     readI32(components[0], blockRow + 1),
                                     {inMatrix % height, next - row},
                                     result + (row - rows.first) * columns))
      return error;
    row = next;
  }
  return Error::success();
}

static Error decodeSplit(const EncodingSpec &spec, ArrayRef<int64_t> shape,
                         Components components, RowRange rows, float *result) {
  unsigned ofBase = getNumComponents(spec.values);
  if (Error error = decodePart(spec.values, shape,
                               components.take_front(ofBase), rows, result))
    return error;
  std::vector<float> outliers(rows.count * shape.back());
  if (Error error =
          decodePart(spec.outliers, shape, components.drop_front(ofBase), rows,
                     outliers.data()))
    return error;
  // Zeros keep their sign where there is no outlier.
  for (auto [i, value] : llvm::enumerate(outliers))
    if (value != 0)
      result[i] += value;
  return Error::success();
}

static Error decodeEncoding(const EncodingSpec &spec, ArrayRef<int64_t> shape,
                            Components components, RowRange rows,
                            float *result) {
  switch (spec.kind) {
  case Kind::NM:
    return decodeNM(spec, shape, components, rows, result);
  case Kind::Block:
    return decodeBlock(spec, shape, components, rows, result);
  case Kind::Permuted:
    return decodePermuted(spec, shape, components, rows, result);
  case Kind::Split:
    return decodeSplit(spec, shape, components, rows, result);
  default:
    return decodeNumberFormat(spec, shape, components, rows, result);
  }
}

//===----------------------------------------------------------------------===//
// Checks and entry points
//===----------------------------------------------------------------------===//

static Error checkLengths(ArrayRef<ComponentSpec> specs,
                          Components components) {
  if (specs.size() != components.size())
    return makeError("the encoding has " + llvm::Twine(specs.size()) +
                     " components, " + llvm::Twine(components.size()) +
                     " were given");
  for (auto [component, bytes] : llvm::zip_equal(specs, components)) {
    int64_t expected = component.getBytes();
    if (expected >= 0 && expected != int64_t(bytes.size()))
      return makeError("component `" + component.name + "` has " +
                       llvm::Twine(bytes.size()) + " bytes, but " +
                       strShape(component.logicalShape) + " of " +
                       component.number.str() + " needs " +
                       llvm::Twine(expected));
  }
  return Error::success();
}

/// Sizes inside of block structures are known once their index is read.
static Error checkBlocks(const EncodingSpec &spec, ArrayRef<int64_t> shape,
                         Components components) {
  if (spec.isNumberFormat())
    return Error::success();
  if (spec.kind == Kind::Split) {
    unsigned ofBase = getNumComponents(spec.values);
    if (spec.values.isEncoding())
      if (Error error = checkBlocks(spec.values.getEncoding(), shape,
                                    components.take_front(ofBase)))
        return error;
    return checkBlocks(spec.outliers.getEncoding(), shape,
                       components.drop_front(ofBase));
  }
  auto valuesShape = getValuesShape(spec, shape);
  Components values =
      spec.kind == Kind::NM ? components.drop_back() : components.drop_front();
  if (spec.kind == Kind::Block) {
    if (Error error =
            checkBlockIndex(spec, shape, components[0], components[1]))
      return error;
    values = components.drop_front(2);
    valuesShape[0] = int64_t(components[1].size()) / 4 * spec.block[0];
    if (spec.values.isNumber()) {
      int64_t bytes =
          valuesShape[0] *
          getRowBytes(valuesShape[1], spec.values.getNumber().getBits());
      if (bytes != int64_t(values.front().size()))
        return makeError(
            "component `values` has " + llvm::Twine(values.front().size()) +
            " bytes, but " + strShape(valuesShape) + " of " +
            spec.values.getNumber().str() + " needs " + llvm::Twine(bytes));
    }
  }
  if (!spec.values.isEncoding())
    return Error::success();
  const EncodingSpec &nested = spec.values.getEncoding();
  if (spec.kind == Kind::Block)
    if (Error error = checkLengths(getComponents(nested, valuesShape), values))
      return error;
  return checkBlocks(nested, valuesShape, values);
}

Error mlir::compress::checkStatic(ArrayRef<int64_t> shape) {
  if (llvm::any_of(shape, [](int64_t size) { return size < 0; }))
    return makeError("values need a static shape, not " + strShape(shape));
  return Error::success();
}

Error mlir::compress::decodeValues(const Part &part, ArrayRef<int64_t> shape,
                                   ArrayRef<ComponentData> components,
                                   llvm::MutableArrayRef<float> result) {
  llvm::SmallVector<ArrayRef<uint8_t>> views(components.begin(),
                                             components.end());
  return decodePart(part, shape, views, {0, getNumRows(shape)}, result.data());
}

Error mlir::compress::decodeRows(const EncodingSpec &spec,
                                 ArrayRef<int64_t> shape, Components components,
                                 int64_t firstRow, int64_t numRows,
                                 llvm::MutableArrayRef<float> result) {
  if (Error error = verify(spec, shape))
    return error;
  if (Error error = checkStatic(shape))
    return error;
  if (Error error = checkLengths(getComponents(spec, shape), components))
    return error;
  if (Error error = checkBlocks(spec, shape, components))
    return error;
  if (firstRow < 0 || numRows < 0 || firstRow + numRows > getNumRows(shape))
    return makeError("rows [" + llvm::Twine(firstRow) + ", " +
                     llvm::Twine(firstRow + numRows) + ") are not all among " +
                     "the " + llvm::Twine(getNumRows(shape)) +
                     " of a tensor of shape " + strShape(shape));
  if (int64_t(result.size()) != numRows * shape.back())
    return makeError("the result has room for " + llvm::Twine(result.size()) +
                     " values, not " + llvm::Twine(numRows * shape.back()));
  if (result.empty())
    return Error::success();
  return decodeEncoding(spec, shape, components, {firstRow, numRows},
                        result.data());
}

Error mlir::compress::decode(const EncodingSpec &spec, ArrayRef<int64_t> shape,
                             Components components,
                             llvm::MutableArrayRef<float> result) {
  int64_t rows = shape.empty() ? 0 : getNumRows(shape);
  return decodeRows(spec, shape, components, 0, rows, result);
}
