//===- PanelContraction.cpp - What contractions on panels share -----------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PanelContraction.h"

using namespace mlir;
using namespace mlir::compress;

static Contraction findContraction(GroupOp group) {
  for (Operation &op : group.getBlock())
    if (std::optional<Contraction> found = getContraction(&op))
      return *found;
  llvm_unreachable("the strategy's verifier found one");
}

PanelContraction::PanelContraction(Kernel &kernel)
    : kernel(kernel), e(kernel.e), contraction(findContraction(kernel.group)),
      activations(kernel.operand(contraction.lhs->get())),
      weights(kernel.operand(contraction.rhs->get())), lanes(kernel.lanes),
      panels(kernel.getStrategy().getPanels()),
      width(contraction.getSize(contraction.n)),
      depth(contraction.getSize(contraction.k)) {}

Value PanelContraction::rows() {
  return e.dim(kernel.destination(0), contraction.batch >= 0 ? 1 : 0);
}

void PanelContraction::forUnits(function_ref<void(const Unit &)> body) {
  int64_t perBatch = llvm::divideCeil(width, kPanelRows) / panels;
  Value total = e.index(perBatch);
  bool batched = contraction.batch >= 0;
  if (batched)
    total = e.mulIndex(e.dim(kernel.destination(0), 0), perBatch);
  auto [begin, end] = e.share(total, kernel.thread, kernel.threads);
  e.loop(begin, end, 1, [&](Value unit) {
    Unit current;
    if (batched) {
      current.batch = e.divIndex(unit, perBatch);
      matrices[current.batch] =
          kernel.sourceIndex(contraction.rhs->get(), current.batch);
    }
    current.firstPanel =
        e.mulIndex(batched ? e.remIndex(unit, perBatch) : unit, panels);
    body(current);
  });
}

SmallVector<Value> PanelContraction::planRowTiles(Value rows,
                                                  ArrayRef<int64_t> sizes) {
  SmallVector<Value> ends;
  Value begin = e.index(0);
  for (auto [i, size] : llvm::enumerate(sizes)) {
    Value count = e.divIndex(e.sub(rows, begin), size);
    // Eight rows are two tiles of 4, and not one of 6 and a rest of 2.
    if (i + 1 < sizes.size() && size % sizes[i + 1] != 0) {
      int64_t next = sizes[i + 1];
      Value left = e.remIndex(rows, size);
      Value leftOfMore = e.remIndex(e.addIndex(left, size), next);
      auto compare = [&](arith::CmpIPredicate predicate, Value a, Value b) {
        return arith::CmpIOp::create(e, predicate, a, b);
      };
      using Predicate = arith::CmpIPredicate;
      Value leavesLess = compare(Predicate::ult, leftOfMore, left);
      Value leavesRest = compare(Predicate::ult, left, e.index(next));
      Value isBetter = arith::AndIOp::create(e, leavesLess, leavesRest);
      Value hasOne = compare(Predicate::uge, rows, e.index(size));
      isBetter = arith::AndIOp::create(e, isBetter, hasOne);
      count =
          arith::SelectOp::create(e, isBetter, e.addIndex(count, -1), count);
    }
    begin = e.add(begin, e.mulIndex(count, size));
    ends.push_back(begin);
  }
  return ends;
}

void PanelContraction::forRowTiles(Value begin, Value end,
                                   ArrayRef<int64_t> sizes,
                                   function_ref<void(Value, int64_t)> body) {
  Value from = begin;
  for (auto [size, count] :
       llvm::zip_equal(sizes, planRowTiles(e.sub(end, begin), sizes))) {
    Value to = e.add(begin, count);
    e.loop(from, to, size, [&, size = size](Value row) { body(row, size); });
    from = to;
  }
}

SmallVector<Coord> PanelContraction::weightIndex(const Unit &unit,
                                                 int64_t panel, int64_t half,
                                                 Coord k) {
  SmallVector<Coord> at(contraction.getRhsType().getRank());
  if (unit.batch)
    at[contraction.getDim(contraction.rhs, contraction.batch)] =
        Coord(matrices.lookup(unit.batch));
  at[contraction.getDim(contraction.rhs, contraction.n)] =
      Coord(e.addIndex(unit.firstPanel, panel), kPanelRows, half * lanes);
  at[contraction.getDim(contraction.rhs, contraction.k)] = k;
  return at;
}

Value PanelContraction::readInit(ElementwiseEvaluator &evaluator) {
  linalg::LinalgOp op = contraction.op;
  Value init = op.getDpsInitOperand(0)->get();
  if (Attribute fill = getFillValue(init))
    return e.splat(arith::ConstantOp::create(e, cast<TypedAttr>(fill)), lanes);
  return e.splat(evaluator.evaluate(init), lanes);
}

void PanelContraction::finishRow(const Unit &unit, Value row,
                                 ArrayRef<Value> sums) {
  Value result = kernel.group.getYielded().front();
  for (auto [v, sum] : llvm::enumerate(sums)) {
    Value column = e.addIndex(e.mulIndex(unit.firstPanel, kPanelRows),
                              static_cast<int64_t>(v) * lanes);
    // Columns beyond the last are padding of the panel.
    Value count;
    if (width % kPanelRows != 0) {
      Value limit = e.index(width);
      count = e.createOrFold<arith::SubIOp>(
          arith::MaxUIOp::create(e, limit, column), column);
    }
    ElementwiseEvaluator evaluator(kernel, lanes, row, column, count);
    Value value = sum;
    if (!contraction.startsAtZero())
      value = e.add(value, readInit(evaluator));
    if (result != contraction.op->getResult(0)) {
      evaluator.define(contraction.op->getResult(0), value);
      value = e.splat(evaluator.evaluate(result), lanes);
    }
    SmallVector<Value> at;
    if (unit.batch)
      at.push_back(unit.batch);
    at.append({row, column});
    if (!count) {
      e.store(value, kernel.destination(0), at);
      continue;
    }
    Value mask = vector::CreateMaskOp::create(
        e, VectorType::get({lanes}, e.getI1Type()), count);
    vector::MaskedStoreOp::create(e, kernel.destination(0), at, mask, value);
  }
}
