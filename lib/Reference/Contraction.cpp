//===- Contraction.cpp - Sums of products ---------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one thing that is not slow here, so that whole models can be evaluated: a
// contraction is brought into the form of batched matrix products and computed
// with native loops, about one nanosecond per multiplication.
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"
#include "Linalg.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <cmath>
#include <cstring>

using namespace mlir;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Matching
//===----------------------------------------------------------------------===//

/// The block argument that a factor is, seen through a widening conversion.
static std::optional<unsigned> getFactor(Value value, Block &body,
                                         bool &isUnsigned) {
  if (Operation *op = value.getDefiningOp();
      op && isa<arith::ExtFOp, arith::ExtSIOp, arith::ExtUIOp>(op)) {
    isUnsigned = isa<arith::ExtUIOp>(op);
    value = op->getOperand(0);
  }
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument || argument.getOwner() != &body)
    return std::nullopt;
  return argument.getArgNumber();
}

/// Whether `op` is an addition or, with `product`, a multiplication.
static bool isRingOp(Operation *op, bool product) {
  return op && (product ? isa<arith::MulFOp, arith::MulIOp>(op)
                        : isa<arith::AddFOp, arith::AddIOp>(op));
}

std::optional<SumOfProducts> compress::matchSumOfProducts(linalg::LinalgOp op) {
  if (op.getNumDpsInputs() != 2 || op.getNumDpsInits() != 1 ||
      !llvm::all_of(op.getIndexingMapsArray(),
                    [](AffineMap map) { return map.isProjectedPermutation(); }))
    return std::nullopt;
  Block &body = *op.getBlock();
  Operation *sum = body.getTerminator()->getOperand(0).getDefiningOp();
  if (!isRingOp(sum, /*product=*/false))
    return std::nullopt;
  BlockArgument accumulator = body.getArgument(2);
  unsigned which = sum->getOperand(0) == accumulator ? 1 : 0;
  Operation *product = sum->getOperand(which).getDefiningOp();
  if (sum->getOperand(1 - which) != accumulator ||
      !isRingOp(product, /*product=*/true))
    return std::nullopt;
  bool isUnsigned[2] = {false, false};
  auto lhs = getFactor(product->getOperand(0), body, isUnsigned[0]);
  auto rhs = getFactor(product->getOperand(1), body, isUnsigned[1]);
  if (!lhs || !rhs || *lhs > 1 || *rhs != 1 - *lhs)
    return std::nullopt;
  return SumOfProducts{isa<FloatType>(accumulator.getType()), isUnsigned[*lhs],
                       isUnsigned[*rhs]};
}

//===----------------------------------------------------------------------===//
// Computing
//===----------------------------------------------------------------------===//

namespace {

/// The loops of a contraction by the operands that they move in: batch in both
/// inputs and the result, rows in the left, columns in the right input and the
/// result, and sums in no result.
struct Roles {
  SmallVector<unsigned> batch, rows, columns, sums;

  explicit Roles(const LoopNest &nest) {
    for (unsigned loop = 0; loop < nest.extents.size(); ++loop) {
      bool lhs = nest.accesses[0].strides[loop] != 0;
      bool rhs = nest.accesses[1].strides[loop] != 0;
      if (nest.accesses[2].strides[loop] == 0)
        sums.push_back(loop);
      else
        (lhs && rhs ? batch : lhs ? rows : columns).push_back(loop);
    }
  }
};

/// Computes products of matrices of `T`s gathered from the operands.
template <typename T> class Product {
public:
  Product(const LoopNest &nest, ArrayRef<std::vector<T>> values)
      : nest(nest), roles(nest), values(values), result(values[2]) {}

  std::vector<T> run() {
    if (nest.getNumPoints() == 0)
      return std::move(result);
    SmallVector<int64_t> batchSteps[3];
    for (unsigned operand = 0; operand < 3; ++operand) {
      batchSteps[operand] = getPositions(operand, roles.batch);
      rowSteps[operand] = getPositions(operand, roles.rows);
      columnSteps[operand] = getPositions(operand, roles.columns);
      sumSteps[operand] = getPositions(operand, roles.sums);
    }
    for (size_t i = 0; i < batchSteps[0].size(); ++i) {
      for (unsigned operand = 0; operand < 3; ++operand)
        start[operand] = nest.accesses[operand].offset + batchSteps[operand][i];
      for (size_t row = 0; row < rowSteps[0].size(); row += rowsAtOnce)
        runRows(row, std::min(rowsAtOnce, rowSteps[0].size() - row));
    }
    return std::move(result);
  }

private:
  static constexpr size_t rowsAtOnce = 8;

  /// Positions in an operand for all values of some loops.
  SmallVector<int64_t> getPositions(unsigned operand,
                                    ArrayRef<unsigned> loops) const {
    SmallVector<int64_t> positions = {0};
    for (unsigned loop : loops) {
      SmallVector<int64_t> next;
      for (int64_t position : positions)
        for (int64_t i = 0; i < nest.extents[loop]; ++i)
          next.push_back(position + i * nest.accesses[operand].strides[loop]);
      positions = std::move(next);
    }
    return positions;
  }

  /// Rows [first, first + count) of the product, side by side, so that the
  /// processor's vectors run over them and each sum keeps its order.
  void runRows(size_t first, size_t count) {
    size_t depth = sumSteps[0].size();
    std::vector<T> rows(depth * rowsAtOnce);
    for (size_t k = 0; k < depth; ++k)
      for (size_t i = 0; i < count; ++i)
        rows[k * rowsAtOnce + i] =
            values[0][start[0] + rowSteps[0][first + i] + sumSteps[0][k]];
    for (size_t column = 0; column < columnSteps[0].size(); ++column) {
      const T *from = values[1].data() + start[1] + columnSteps[1][column];
      T sums[rowsAtOnce] = {};
      for (size_t k = 0; k < depth; ++k) {
        T factor = from[sumSteps[1][k]];
        for (size_t i = 0; i < rowsAtOnce; ++i)
          sums[i] += rows[k * rowsAtOnce + i] * factor;
      }
      for (size_t i = 0; i < count; ++i)
        result[start[2] + rowSteps[2][first + i] + columnSteps[2][column]] +=
            sums[i];
    }
  }

  const LoopNest &nest;
  Roles roles;
  ArrayRef<std::vector<T>> values;
  std::vector<T> result;
  int64_t start[3];
  SmallVector<int64_t> rowSteps[3], columnSteps[3], sumSteps[3];
};

} // namespace

template <typename T>
static HostTensor toTensor(Type elementType, ArrayRef<int64_t> shape,
                           ArrayRef<T> values) {
  HostTensor result(RankedTensorType::get(shape, elementType));
  std::memcpy(result.getMutableBytes().data(), values.data(),
              values.size() * sizeof(T));
  return result;
}

HostTensor compress::sumProducts(const SumOfProducts &what,
                                 const LoopNest &nest,
                                 ArrayRef<HostTensor> operands,
                                 bool magnitudes) {
  MLIRContext *context = operands[2].getType().getContext();
  ArrayRef<int64_t> shape = operands[2].getShape();
  if (what.isFloat) {
    SmallVector<std::vector<double>> values;
    for (const HostTensor &operand : operands) {
      values.push_back(operand.getDoubles());
      if (magnitudes)
        for (double &value : values.back())
          value = std::fabs(value);
    }
    std::vector<double> result = Product<double>(nest, values).run();
    return toTensor<double>(Float64Type::get(context), shape, result);
  }
  // Unsigned, so that sums wrap around.
  SmallVector<std::vector<uint64_t>> values(3);
  bool isUnsigned[] = {what.lhsUnsigned, what.rhsUnsigned, false};
  for (auto [index, operand] : llvm::enumerate(operands))
    for (int64_t i = 0; i < operand.getNumElements(); ++i) {
      Scalar value = operand.get(i);
      int64_t number = isUnsigned[index]
                           ? static_cast<int64_t>(value.getUnsigned())
                           : value.integer;
      values[index].push_back(magnitudes ? std::abs(number) : number);
    }
  std::vector<uint64_t> result = Product<uint64_t>(nest, values).run();
  return toTensor<uint64_t>(IntegerType::get(context, 64), shape, result);
}

//===----------------------------------------------------------------------===//
// Magnitudes
//===----------------------------------------------------------------------===//

llvm::Expected<HostTensor>
compress::getContractionMagnitudes(linalg::LinalgOp op,
                                   ArrayRef<HostTensor> operands) {
  std::optional<SumOfProducts> what = matchSumOfProducts(op);
  if (!what)
    return makeOpError(op, "is not a sum of products of its two inputs");
  SmallVector<HostTensor> plain;
  SmallVector<ArrayRef<int64_t>> shapes;
  for (const HostTensor &operand : operands) {
    llvm::Expected<HostTensor> decoded = operand.decode();
    if (!decoded)
      return atOp(op, decoded.takeError());
    plain.push_back(std::move(*decoded));
    shapes.push_back(plain.back().getShape());
  }
  llvm::Expected<LoopNest> nest = getLoopNest(op, shapes);
  if (!nest)
    return nest.takeError();
  HostTensor sums = sumProducts(*what, *nest, plain, /*magnitudes=*/true);
  if (what->isFloat)
    return sums;
  HostTensor result(RankedTensorType::get(sums.getShape(),
                                          Float64Type::get(op.getContext())));
  for (int64_t i = 0; i < sums.getNumElements(); ++i)
    result.set(i, Scalar::getFloat(result.getType().getElementType(),
                                   sums.get(i).integer));
  return result;
}
