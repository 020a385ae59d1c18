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

/// Positions in an operand for all values of some loops.
static SmallVector<int64_t> getPositions(const LoopNest &nest, unsigned operand,
                                         ArrayRef<unsigned> loops) {
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

MatrixProduct::MatrixProduct(const LoopNest &nest) {
  SmallVector<unsigned> batchLoops, rowLoops, columnLoops, sumLoops;
  for (unsigned loop = 0; loop < nest.extents.size(); ++loop) {
    bool lhs = nest.accesses[0].strides[loop] != 0;
    bool rhs = nest.accesses[1].strides[loop] != 0;
    if (nest.accesses[2].strides[loop] == 0)
      sumLoops.push_back(loop);
    else
      (lhs && rhs ? batchLoops : lhs ? rowLoops : columnLoops).push_back(loop);
  }
  for (unsigned operand = 0; operand < 3; ++operand) {
    batch[operand] = getPositions(nest, operand, batchLoops);
    for (int64_t &position : batch[operand])
      position += nest.accesses[operand].offset;
    rows[operand] = getPositions(nest, operand, rowLoops);
    columns[operand] = getPositions(nest, operand, columnLoops);
    sums[operand] = getPositions(nest, operand, sumLoops);
  }
}

namespace {

/// Computes products of matrices of `T`s gathered from the operands.
template <typename T> class Product {
public:
  Product(const LoopNest &nest, ArrayRef<std::vector<T>> values)
      : nest(nest), values(values), result(values[2]) {}

  std::vector<T> run() {
    if (nest.getNumPoints() == 0)
      return std::move(result);
    MatrixProduct product(nest);
    for (size_t i = 0; i < product.batch[0].size(); ++i)
      for (size_t row = 0; row < product.rows[0].size(); row += kRows)
        runRows(product, i, row, std::min(kRows, product.rows[0].size() - row));
    return std::move(result);
  }

private:
  static constexpr size_t kRows = 8;

  /// Rows [first, first + count) of the product, side by side, so that the
  /// processor's vectors run over them and each sum keeps its order.
  void runRows(const MatrixProduct &product, size_t batch, size_t first,
               size_t count) {
    ArrayRef<int64_t> lhsSums = product.sums[0], rhsSums = product.sums[1];
    std::vector<T> rows(lhsSums.size() * kRows);
    for (size_t k = 0; k < lhsSums.size(); ++k)
      for (size_t i = 0; i < count; ++i)
        rows[k * kRows + i] =
            values[0][product.batch[0][batch] + product.rows[0][first + i] +
                      lhsSums[k]];
    for (size_t column = 0; column < product.columns[0].size(); ++column) {
      const T *from = values[1].data() + product.batch[1][batch] +
                      product.columns[1][column];
      T sums[kRows] = {};
      for (size_t k = 0; k < rhsSums.size(); ++k) {
        T factor = from[rhsSums[k]];
        for (size_t i = 0; i < kRows; ++i)
          sums[i] += rows[k * kRows + i] * factor;
      }
      int64_t to = product.batch[2][batch] + product.columns[2][column];
      for (size_t i = 0; i < count; ++i)
        result[to + product.rows[2][first + i]] += sums[i];
    }
  }

  const LoopNest &nest;
  ArrayRef<std::vector<T>> values;
  std::vector<T> result;
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
