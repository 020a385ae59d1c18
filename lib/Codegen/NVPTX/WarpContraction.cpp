//===- WarpContraction.cpp - A warp per row of weights --------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WarpContraction.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// What there is code for
//===----------------------------------------------------------------------===//

/// Ops that only say how values are held.
static bool isBookkeeping(Operation &op) {
  return isa<AssembleOp, YieldOp, linalg::FillOp, tensor::EmptyOp,
             tensor::DimOp>(op) ||
         op.hasTrait<OpTrait::ConstantLike>();
}

static bool isPlainFloat(RankedTensorType type) {
  return isa<FloatType>(type.getElementType()) && !getEncoding(type);
}

/// What the code wants and the contraction is not; empty where it fits.
static StringRef findMismatch(const Contraction &contraction) {
  if (contraction.batch >= 0)
    return "no batch dimension";
  if (!contraction.isRowMajor() ||
      contraction.getDim(contraction.rhs, contraction.k) != 1)
    return "m x k activations, n x k weights and m x n results";
  if (!isPlainFloat(contraction.getLhsType()))
    return "activations that are plain floats";
  if (!isa<FloatType>(contraction.getRhsType().getElementType()) ||
      !contraction.getResultType().getElementType().isF32())
    return "weights of a float type and results of f32";
  if (ShapedType::isDynamic(contraction.getSize(contraction.n)) ||
      ShapedType::isDynamic(contraction.getSize(contraction.k)))
    return "weights of static sizes";
  linalg::LinalgOp op = contraction.op;
  auto fill = dyn_cast_if_present<FloatAttr>(
      getFillValue(op.getDpsInitOperand(0)->get()));
  if (!fill || !fill.getValue().isPosZero())
    return "sums that begin at zero";
  return "";
}

FailureOr<Contraction> WarpContraction::match(GroupOp group) {
  std::optional<Contraction> contraction;
  for (Operation &op : group.getBlock()) {
    if (isBookkeeping(op))
      continue;
    std::optional<Contraction> found = getContraction(&op);
    if (contraction || !found)
      return op.emitOpError(
          "has no GPU code: expected one contraction and nothing else");
    contraction = found;
  }
  if (!contraction || group.getYielded().size() != 1 ||
      group.getYielded().front() != contraction->op->getResult(0))
    return group.emitOpError(
        "has no GPU code: expected to give a contraction's result");
  if (StringRef wanted = findMismatch(*contraction); !wanted.empty())
    return contraction->op->emitOpError("has no GPU code: expected ") << wanted;
  return *contraction;
}

int64_t WarpContraction::getBlocks(const Contraction &contraction) {
  return llvm::divideCeil(contraction.getSize(contraction.n), kWarps);
}

//===----------------------------------------------------------------------===//
// Code
//===----------------------------------------------------------------------===//

WarpContraction::WarpContraction(GroupKernel &kernel,
                                 const Contraction &contraction)
    : kernel(kernel), e(kernel.e),
      activations(kernel.operand(contraction.lhs->get())),
      weights(kernel.operand(contraction.rhs->get())),
      width(contraction.getSize(contraction.n)),
      depth(contraction.getSize(contraction.k)) {
  // A last group that is not whole would read activations that do not exist.
  groupSize = weights.getGroup();
  if (depth % groupSize != 0)
    groupSize = 1;
}

SmallVector<Value> WarpContraction::addGroup(Value row, int64_t count,
                                             Value group, ValueRange sums) {
  SmallVector<Value> next(sums), values;
  if (groupSize == 1)
    values.push_back(weights.readFactor(e, {Coord(column), Coord(group)}));
  else
    values = weights.readGroup(e, {Coord(column), Coord(0)}, Coord(group), 0);
  for (auto [i, value] : llvm::enumerate(values)) {
    Value k = e.addIndex(e.mulIndex(group, groupSize), i);
    Coord logical(weights.logicalColumn(e, k));
    for (int64_t m = 0; m < count; ++m) {
      Value x = activations.read(e, {Coord(e.addIndex(row, m)), logical});
      next[m] = e.fma(value, x, next[m]);
    }
  }
  return next;
}

Value WarpContraction::addLanes(Value sum) {
  for (int64_t distance = kLanes / 2; distance > 0; distance /= 2) {
    auto other =
        gpu::ShuffleOp::create(e, sum, distance, kLanes, gpu::ShuffleMode::XOR);
    sum = e.add(sum, other.getShuffleResult());
  }
  return sum;
}

void WarpContraction::emitRows(Value row, int64_t count) {
  constexpr int64_t kTile = kLanes * kUnroll;
  int64_t groups = depth / groupSize, whole = groups / kTile;
  SmallVector<Value> sums(count, e.constantF32(0));
  sums = e.loop(
      e.index(0), e.index(whole), 1, sums, [&](Value tile, ValueRange carried) {
        SmallVector<Value> next(carried);
        Value first = e.add(e.mulIndex(tile, kTile), lane);
        for (int64_t i = 0; i < kUnroll; ++i)
          next = addGroup(row, count, e.addIndex(first, i * kLanes), next);
        return next;
      });
  // Of what is left some lanes take one group more than others.
  sums = e.loop(e.addIndex(lane, whole * kTile), e.index(groups), kLanes, sums,
                [&](Value group, ValueRange carried) {
                  return addGroup(row, count, group, carried);
                });
  for (Value &sum : sums)
    sum = addLanes(sum);
  Value isFirst =
      arith::CmpIOp::create(e, arith::CmpIPredicate::eq, lane, e.index(0));
  e.ifThenElse(isFirst, [&] {
    for (auto [m, sum] : llvm::enumerate(sums))
      e.store(sum, kernel.destination(0), {e.addIndex(row, m), column});
  });
}

void WarpContraction::emit() {
  Value thread = gpu::ThreadIdOp::create(e, gpu::Dimension::x);
  Value block = gpu::BlockIdOp::create(e, gpu::Dimension::x);
  lane = e.remIndex(thread, kLanes);
  column = e.add(e.mulIndex(block, kWarps), e.divIndex(thread, kLanes));
  // All lanes of a warp have the same column: none is missing in the sum.
  Value exists = arith::CmpIOp::create(e, arith::CmpIPredicate::ult, column,
                                       e.index(width));
  e.ifThenElse(exists, [&] {
    Value rows = e.dim(kernel.destination(0), 0);
    Value whole = e.mulIndex(e.divIndex(rows, kRows), kRows);
    e.loop(e.index(0), whole, kRows, [&](Value row) { emitRows(row, kRows); });
    e.loop(whole, rows, 1, [&](Value row) { emitRows(row, 1); });
  });
}
