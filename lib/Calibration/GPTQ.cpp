//===- GPTQ.cpp - Rounding that later columns make up for -----------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/GPTQ.h"

#include "InverseFactor.h"
#include "Parallel.h"
#include "TileProduct.h"

#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>
#include <mutex>
#include <numeric>

using namespace llvm;
using namespace mlir::compress;

namespace {

/// Rounds the columns of one matrix. The work matrix has its columns in the
/// order in which they are rounded; rows are taken in strips, which depend on
/// each other only where blocks have several rows.
class ColumnQuantizer {
public:
  ColumnQuantizer(const EncodingSpec &spec, MatrixRef weights,
                  ArrayRef<double> hessian, const GPTQOptions &options,
                  BlockRounder rounder)
      : spec(spec), weights(weights), hessian(hessian), options(options),
        rows(weights.rows), columns(weights.columns),
        rounder(std::move(rounder)) {}

  Expected<GPTQResult> run();

private:
  Error findDeadColumns();
  void findOrder();
  Error factorize();
  void copyWeights();
  Error findInitialParts();
  int64_t getBlockEnd(int64_t first) const;

  /// What is known while columns [first, end) of a strip are rounded: their
  /// weights and errors, [column][row].
  struct Strip {
    int64_t firstRow, rows;
    int64_t first, end;
    std::vector<float> weights, errors, rounded;
    /// The parts of the current column, one per row.
    std::vector<float> scale, zero, min;
    double loss = 0;
    float *getColumn(std::vector<float> &values, int64_t column) const {
      return values.data() + (column - first) * rows;
    }
  };
  Error roundColumns();
  Error roundBlock(int64_t first, int64_t end);
  Error roundStrip(int64_t index, int64_t first, int64_t end,
                   const Panels<float> &later);
  void loadStrip(Strip &strip) const;
  Expected<BlockParts> chooseParts(const BlockRounder &rounder,
                                   MatrixRef values, unsigned threads) const;
  Error findParts(Strip &strip, int64_t column);
  void loadParts(Strip &strip, int64_t column) const;
  void roundColumn(Strip &strip, int64_t column) const;
  void storeStrip(const Strip &strip);
  void updateLater(const Strip &strip, const Panels<float> &later);
  std::vector<float> restoreOrder() const;

  /// Whether blocks follow the order of rounding, not that of the weights.
  bool hasBlocksInOrder() const { return !hasInitialParts; }
  /// The column of the block grid's order that work column `column` is.
  int64_t getGridColumn(int64_t column) const {
    return hasBlocksInOrder() ? column : result.order[column];
  }

  const EncodingSpec &spec;
  MatrixRef weights;
  ArrayRef<double> hessian;
  const GPTQOptions &options;
  int64_t rows, columns;

  BlockRounder rounder;
  /// The columns whose parts are found together, and the rows of a strip.
  int64_t unitColumns = 1, stripRows = 1;
  std::vector<double> diagonal;
  /// U, [columns, columns], in the order of rounding.
  std::vector<float> factor;
  /// [rows, columns] in the order of rounding; becomes the rounded values.
  std::vector<float> work;
  /// Over the whole block grid.
  BlockParts parts;
  /// Whether they were there before any column was rounded.
  bool hasInitialParts = false;
  std::vector<double> losses;
  GPTQResult result;
};

} // namespace

Error ColumnQuantizer::findDeadColumns() {
  diagonal.resize(columns);
  for (int64_t i = 0; i < columns; ++i) {
    diagonal[i] = hessian[i * columns + i];
    if (diagonal[i] < 0)
      return makeError("the Hessian's diagonal is negative at column " +
                       Twine(i) + "; it is no sum of x xᵀ");
    if (diagonal[i] != 0)
      continue;
    result.deadColumns.push_back(i);
    diagonal[i] = 1;
  }
  if (columns && int64_t(result.deadColumns.size()) == columns)
    return makeError("the Hessian is zero: no activation ever reached this "
                     "matrix; calibrate with other texts, or round it to "
                     "nearest");
  return Error::success();
}

void ColumnQuantizer::findOrder() {
  result.order.resize(columns);
  std::iota(result.order.begin(), result.order.end(), 0);
  if (options.order == GPTQOptions::Order::Activation)
    llvm::sort(result.order, [&](int32_t a, int32_t b) {
      return std::make_pair(-diagonal[a], a) < std::make_pair(-diagonal[b], b);
    });
}

Error ColumnQuantizer::factorize() {
  std::vector<double> ordered(hessian.size());
  for (int64_t i = 0; i < columns; ++i)
    for (int64_t j = 0; j < columns; ++j) {
      int64_t row = result.order[i], column = result.order[j];
      ordered[i * columns + j] =
          i == j ? diagonal[row] : hessian[row * columns + column];
    }
  double mean = std::accumulate(diagonal.begin(), diagonal.end(), 0.0) /
                std::max<int64_t>(columns, 1);
  result.damping = options.damping * mean;
  for (result.retries = 0;; ++result.retries) {
    if (auto computed = computeInverseFactor(ordered, columns, result.damping,
                                             options.threads)) {
      factor = std::move(*computed);
      return Error::success();
    }
    if (result.retries == options.retries)
      return makeError("the Hessian is singular, also with " +
                       std::to_string(result.damping / mean) +
                       " of its mean diagonal added; calibrate with more "
                       "tokens, or raise the damping");
    result.damping = std::max(result.damping * 10, 1e-4 * mean);
  }
}

void ColumnQuantizer::copyWeights() {
  std::vector<char> isDead(columns, 0);
  for (int64_t column : result.deadColumns)
    isDead[column] = 1;
  work.resize(weights.values.size());
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t j = 0; j < columns; ++j) {
      int64_t column = result.order[j];
      work[row * columns + j] =
          isDead[column] ? 0.0f : weights.values[row * columns + column];
    }
}

Error ColumnQuantizer::findInitialParts() {
  const BlockParts &given = options.parts;
  bool isGiven =
      !given.scale.empty() || !given.zero.empty() || !given.min.empty();
  int64_t blocks = rounder.getNumBlocks();
  if (!isGiven && options.scales == GPTQOptions::Scales::Current) {
    parts.scale.resize(spec.scale ? blocks : 0);
    parts.zero.resize(spec.zero ? blocks : 0);
    parts.min.resize(spec.min ? blocks : 0);
    return Error::success();
  }
  hasInitialParts = true;
  // Dead columns count as zero here as well.
  std::vector<float> values = restoreOrder();
  Expected<BlockParts> chosen =
      isGiven ? rounder.chooseParts(rounder.findRanges(values), given)
              : chooseParts(rounder, {values, rows, columns}, options.threads);
  if (!chosen)
    return chosen.takeError();
  parts = std::move(*chosen);
  return Error::success();
}

/// Columns are taken together up to here: scales are found at the start of a
/// block, or for columns that all lie in it.
int64_t ColumnQuantizer::getBlockEnd(int64_t first) const {
  int64_t end = std::min(first + options.blockSize, columns);
  if (!hasBlocksInOrder())
    return end;
  int64_t unit = end / unitColumns * unitColumns;
  bool cutsUnit =
      unit < end && unit > first && unit + unitColumns > end && end < columns;
  return cutsUnit ? unit : end;
}

void ColumnQuantizer::loadStrip(Strip &strip) const {
  int64_t count = strip.end - strip.first;
  strip.weights.resize(count * strip.rows);
  strip.errors.assign(count * strip.rows, 0.0f);
  strip.rounded.resize(count * strip.rows);
  for (int64_t row = 0; row < strip.rows; ++row) {
    const float *source =
        work.data() + (strip.firstRow + row) * columns + strip.first;
    for (int64_t i = 0; i < count; ++i)
      strip.weights[i * strip.rows + row] = source[i];
  }
}

Expected<BlockParts> ColumnQuantizer::chooseParts(const BlockRounder &rounder,
                                                  MatrixRef values,
                                                  unsigned threads) const {
  if (!options.clipping)
    return rounder.chooseParts(rounder.findRanges(values.values));
  ClippingOptions clipping = *options.clipping;
  clipping.threads = threads;
  Expected<ClippingResult> found = searchClipping(rounder, values, clipping);
  if (!found)
    return found.takeError();
  return std::move(found->parts);
}

Error ColumnQuantizer::findParts(Strip &strip, int64_t column) {
  // Columns behind the block are there too: at its start nothing is missing.
  int64_t end = std::min(column + unitColumns, columns), count = end - column;
  std::vector<float> values(strip.rows * count);
  for (int64_t row = 0; row < strip.rows; ++row)
    for (int64_t i = 0; i < count; ++i)
      values[row * count + i] =
          column + i < strip.end
              ? strip.getColumn(strip.weights, column + i)[row]
              : work[(strip.firstRow + row) * columns + column + i];
  BlockRounder unit = rounder.withShape({strip.rows, count});
  Expected<BlockParts> found =
      chooseParts(unit, {values, strip.rows, count}, 1);
  if (!found)
    return found.takeError();
  int64_t firstRow = strip.firstRow / rounder.getBlock()[0];
  int64_t firstColumn = column / rounder.getBlock()[1];
  int64_t stride = rounder.getGrid()[1], width = unit.getGrid()[1];
  auto copy = [&](ArrayRef<float> from, std::vector<float> &to) {
    for (int64_t i = 0, e = from.size(); i < e; ++i)
      to[(firstRow + i / width) * stride + firstColumn + i % width] = from[i];
  };
  copy(found->scale, parts.scale);
  copy(found->zero, parts.zero);
  copy(found->min, parts.min);
  return Error::success();
}

void ColumnQuantizer::loadParts(Strip &strip, int64_t column) const {
  int64_t height = rounder.getBlock()[0], stride = rounder.getGrid()[1];
  int64_t block = getGridColumn(column) / rounder.getBlock()[1];
  auto load = [&](ArrayRef<float> from, std::vector<float> &to) {
    to.resize(from.empty() ? 0 : strip.rows);
    for (int64_t row = 0, e = to.size(); row < e; ++row)
      to[row] = from[(strip.firstRow + row) / height * stride + block];
  };
  load(parts.scale, strip.scale);
  load(parts.zero, strip.zero);
  load(parts.min, strip.min);
}

void ColumnQuantizer::roundColumn(Strip &strip, int64_t column) const {
  float *values = strip.getColumn(strip.weights, column);
  float *rounded = strip.getColumn(strip.rounded, column);
  float *errors = strip.getColumn(strip.errors, column);
  const float *u = factor.data() + column * columns;
  rounder.roundEach(ArrayRef(values, strip.rows), strip.scale.data(),
                    strip.zero.data(), strip.min.data(), rounded);
  float pivot = u[column];
  for (int64_t row = 0; row < strip.rows; ++row) {
    errors[row] = (values[row] - rounded[row]) / pivot;
    strip.loss += double(errors[row]) * double(errors[row]) / 2;
  }
  subtractOuterProduct(errors, u + column + 1, strip.rows,
                       strip.end - column - 1, values + strip.rows);
}

void ColumnQuantizer::storeStrip(const Strip &strip) {
  for (int64_t row = 0; row < strip.rows; ++row) {
    float *target =
        work.data() + (strip.firstRow + row) * columns + strip.first;
    for (int64_t i = 0, e = strip.end - strip.first; i < e; ++i)
      target[i] = strip.rounded[i * strip.rows + row];
  }
}

/// Subtracts the errors' products with U from all columns behind the block.
void ColumnQuantizer::updateLater(const Strip &strip,
                                  const Panels<float> &later) {
  int64_t depth = strip.end - strip.first, count = columns - strip.end;
  Panels<float> errors(strip.errors.data(), depth, strip.rows, strip.rows);
  float tile[kTile * kTile];
  for (int64_t top = 0; top < strip.rows; top += kTile)
    for (int64_t left = 0; left < count; left += kTile) {
      multiplyTile(errors.get(top / kTile), later.get(left / kTile), depth,
                   tile);
      int64_t height = std::min(kTile, strip.rows - top);
      int64_t width = std::min(kTile, count - left);
      for (int64_t row = 0; row < height; ++row) {
        float *target = work.data() + (strip.firstRow + top + row) * columns +
                        strip.end + left;
        for (int64_t column = 0; column < width; ++column)
          target[column] -= tile[row * kTile + column];
      }
    }
}

Error ColumnQuantizer::roundStrip(int64_t index, int64_t first, int64_t end,
                                  const Panels<float> &later) {
  Strip strip;
  strip.firstRow = index * stripRows;
  strip.rows = std::min(stripRows, rows - strip.firstRow);
  strip.first = first;
  strip.end = end;
  loadStrip(strip);
  for (int64_t column = first; column < end; ++column) {
    if (hasBlocksInOrder() && column % unitColumns == 0)
      if (Error error = findParts(strip, column))
        return error;
    if (column == first || !hasBlocksInOrder() ||
        column % rounder.getBlock()[1] == 0)
      loadParts(strip, column);
    roundColumn(strip, column);
  }
  storeStrip(strip);
  updateLater(strip, later);
  losses[index] += strip.loss;
  return Error::success();
}

/// Rounds columns [first, end) of all strips, and changes those behind.
Error ColumnQuantizer::roundBlock(int64_t first, int64_t end) {
  Panels<float> later(factor.data() + first * columns + end, end - first,
                      columns - end, columns);
  std::mutex mutex;
  int64_t failed = losses.size();
  Error failure = Error::success();
  parallelFor(losses.size(), options.threads, [&](int64_t index) {
    Error error = roundStrip(index, first, end, later);
    std::lock_guard<std::mutex> lock(mutex);
    // Whichever thread is first, the first strip's error is told.
    if (!error || index >= failed)
      return consumeError(std::move(error));
    failed = index;
    consumeError(std::move(failure));
    failure = std::move(error);
  });
  return failure;
}

Error ColumnQuantizer::roundColumns() {
  SmallVector<int64_t> unit = getIndependentUnit(spec, {rows, columns});
  unitColumns = unit[1];
  constexpr int64_t kRows = 64;
  stripRows = std::min<int64_t>(alignTo(kRows, unit[0]), rows);
  losses.assign(divideCeil(rows, stripRows), 0.0);
  int64_t end = 0;
  for (int64_t first = 0; first < columns; first = end) {
    end = getBlockEnd(first);
    if (Error error = roundBlock(first, end))
      return error;
  }
  result.loss = std::accumulate(losses.begin(), losses.end(), 0.0);
  return Error::success();
}

/// Brings the rounded columns back into the weights' order.
std::vector<float> ColumnQuantizer::restoreOrder() const {
  std::vector<float> values(work.size());
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t j = 0; j < columns; ++j)
      values[row * columns + result.order[j]] = work[row * columns + j];
  return values;
}

Expected<GPTQResult> ColumnQuantizer::run() {
  if (rows && columns) {
    if (Error error = findDeadColumns())
      return std::move(error);
    findOrder();
    if (Error error = factorize())
      return std::move(error);
    copyWeights();
    if (Error error = findInitialParts())
      return std::move(error);
    if (Error error = roundColumns())
      return std::move(error);
  }
  ArrayRef<int32_t> order;
  if (hasBlocksInOrder() && options.order == GPTQOptions::Order::Activation)
    order = result.order;
  std::vector<float> rounded = restoreOrder();
  Expected<QuantizedMatrix> encoded =
      encodeMatrix(spec, {rounded, rows, columns}, parts, order,
                   Rounding::Nearest, options.table);
  if (!encoded)
    return encoded.takeError();
  result.matrix = std::move(*encoded);
  return std::move(result);
}

static Error checkInputs(MatrixRef weights, ArrayRef<double> hessian,
                         const GPTQOptions &options) {
  int64_t columns = weights.columns;
  if (Error error = checkMatrix(weights, "weights"))
    return error;
  if (int64_t(hessian.size()) != columns * columns)
    return makeError("the Hessian has " + Twine(hessian.size()) +
                     " elements, and weights with " + Twine(columns) +
                     " columns need " + Twine(columns * columns));
  for (size_t i = 0; i < hessian.size(); ++i)
    if (!std::isfinite(hessian[i]))
      return makeError("the Hessian's element at row " +
                       Twine(int64_t(i) / columns) + ", column " +
                       Twine(int64_t(i) % columns) +
                       " is not finite; look for NaN in the activations");
  if (options.blockSize < 1 || !(options.damping >= 0))
    return makeError("a block size of " + Twine(options.blockSize) +
                     " and damping of " + std::to_string(options.damping) +
                     " mean nothing; use 128 and 0.01");
  if (options.clipping &&
      (options.clipping->objective != ClippingOptions::Objective::Norm ||
       !options.clipping->importance.empty()))
    return makeError(
        "gptq: a clipping search for its groups has the objective "
        "Norm and no importance; search before and give the parts");
  return Error::success();
}

Expected<GPTQResult> mlir::compress::gptq(const EncodingSpec &spec,
                                          MatrixRef weights,
                                          ArrayRef<double> hessian,
                                          const GPTQOptions &options) {
  if (Error error = checkInputs(weights, hessian, options))
    return std::move(error);
  Expected<BlockRounder> rounder = BlockRounder::create(
      spec, {weights.rows, weights.columns}, options.rounding, options.table);
  if (!rounder)
    return rounder.takeError();
  return ColumnQuantizer(spec, weights, hessian, options, *rounder).run();
}
