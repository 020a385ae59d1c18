//===- Trace.cpp - What an element of a tensor is computed from -----------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Trace.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

/// Adds a less significant digit; one that continues the last becomes one with
/// it.
static void append(Index &index, Digit digit) {
  if (digit.extent == 1)
    return;
  if (!index.empty() && index.back().loop == digit.loop &&
      !ShapedType::isDynamic(digit.extent) &&
      index.back().divisor == digit.divisor * digit.extent) {
    int64_t outer = index.back().extent;
    index.back() = {digit.loop, digit.divisor,
                    ShapedType::isDynamic(outer) ? outer
                                                 : outer * digit.extent};
    return;
  }
  index.push_back(digit);
}

/// The place in the source of an expand_shape.
static Place joinDims(const Place &place,
                      ArrayRef<ReassociationIndices> groups) {
  Place source;
  for (const ReassociationIndices &group : groups) {
    Index &index = source.emplace_back();
    for (int64_t dim : group)
      for (const Digit &digit : place[dim])
        append(index, digit);
  }
  return source;
}

/// Takes the least significant digits of `index` that count to `size`.
static std::optional<Index> takeLast(Index &index, int64_t size) {
  SmallVector<Digit> taken; // least significant first
  while (size > 1) {
    if (index.empty())
      return std::nullopt;
    Digit digit = index.pop_back_val();
    bool isWhole = !ShapedType::isDynamic(digit.extent) && digit.extent <= size;
    if (isWhole) {
      if (size % digit.extent != 0)
        return std::nullopt;
      size /= digit.extent;
      taken.push_back(digit);
      continue;
    }
    int64_t rest = digit.extent;
    if (!ShapedType::isDynamic(rest)) {
      if (rest % size != 0)
        return std::nullopt;
      rest /= size;
    }
    index.push_back({digit.loop, digit.divisor * size, rest});
    taken.push_back({digit.loop, digit.divisor, size});
    size = 1;
  }
  Index result;
  for (const Digit &digit : llvm::reverse(taken))
    append(result, digit);
  return result;
}

/// The place in the source of a collapse_shape, whose shape is `sizes`.
static std::optional<Place> splitDims(const Place &place,
                                      ArrayRef<ReassociationIndices> groups,
                                      ArrayRef<int64_t> sizes) {
  Place source(sizes.size());
  for (auto [index, group] : llvm::zip_equal(place, groups)) {
    Index rest = index;
    // The first dimension of a group, whatever its size, takes what is left;
    // no other may be dynamic, and it may not be 1 unless nothing is left.
    for (int64_t dim : llvm::reverse(ArrayRef(group).drop_front())) {
      std::optional<Index> taken = ShapedType::isDynamic(sizes[dim])
                                       ? std::nullopt
                                       : takeLast(rest, sizes[dim]);
      if (!taken)
        return std::nullopt;
      source[dim] = *taken;
    }
    if (sizes[group.front()] == 1 && !rest.empty())
      return std::nullopt;
    source[group.front()] = rest;
  }
  return source;
}

/// The indices of an op's loops at a place of its result; those of reductions
/// are left empty.
static std::optional<Place> getLoops(linalg::LinalgOp op, OpResult result,
                                     const Place &place) {
  OpOperand *init = op.getDpsInitOperand(result.getResultNumber());
  AffineMap map = op.getMatchingIndexingMap(init);
  Place loops(op.getNumLoops());
  for (auto [expr, index] : llvm::zip_equal(map.getResults(), place)) {
    if (isa<AffineConstantExpr>(expr))
      continue;
    auto dim = dyn_cast<AffineDimExpr>(expr);
    if (!dim)
      return std::nullopt;
    loops[dim.getPosition()] = index;
  }
  return loops;
}

/// Where an operand of an op is read.
static std::optional<Place> getOperandPlace(AffineMap map, const Place &loops) {
  Place place;
  for (AffineExpr expr : map.getResults()) {
    if (auto constant = dyn_cast<AffineConstantExpr>(expr);
        constant && constant.getValue() == 0) {
      place.emplace_back();
      continue;
    }
    auto dim = dyn_cast<AffineDimExpr>(expr);
    if (!dim)
      return std::nullopt;
    place.push_back(loops[dim.getPosition()]);
  }
  return place;
}

//===----------------------------------------------------------------------===//
// Tracer
//===----------------------------------------------------------------------===//

/// Whether `op` goes between f32 and f64. A step through f16 or bf16 rounds on
/// purpose, and is one that counts.
static bool isWideCast(Operation *op) {
  return isa_and_present<arith::ExtFOp, arith::TruncFOp>(op) &&
         op->getOperand(0).getType().getIntOrFloatBitWidth() >= 32 &&
         op->getResult(0).getType().getIntOrFloatBitWidth() >= 32;
}

static Traced makeTraced(Value value, Place place,
                         linalg::LinalgOp body = nullptr, Place loops = {}) {
  return std::make_shared<Step::Operand>(
      Step::Operand{value, std::move(place), body, std::move(loops)});
}

Traced Tracer::trace(Value tensor) {
  Place place;
  for (int64_t size : cast<RankedTensorType>(tensor.getType()).getShape()) {
    Index &index = place.emplace_back();
    append(index, {loops++, 1, size});
  }
  return makeTraced(tensor, place);
}

Traced Tracer::skip(Traced traced,
                    llvm::function_ref<bool(const Step::Operand &)> stop) {
  for (;;) {
    if (stop(*traced))
      return traced;
    Value value = traced->value;
    if (linalg::LinalgOp body = traced->body) {
      auto argument = dyn_cast<BlockArgument>(value);
      if (argument && argument.getOwner() == body.getBlock()) {
        OpOperand &operand = body->getOpOperand(argument.getArgNumber());
        std::optional<Place> place = getOperandPlace(
            body.getMatchingIndexingMap(&operand), traced->loops);
        if (!place)
          return traced;
        traced = isa<RankedTensorType>(operand.get().getType())
                     ? makeTraced(operand.get(), *place)
                     : makeTraced(operand.get(), {}, body, traced->loops);
        continue;
      }
      Operation *op = value.getDefiningOp();
      if (isWideCast(op) && op->getBlock() == body.getBlock()) {
        traced = makeTraced(op->getOperand(0), {}, body, traced->loops);
        continue;
      }
      return traced;
    }
    Operation *op = value.getDefiningOp();
    if (auto expand = dyn_cast_if_present<tensor::ExpandShapeOp>(op)) {
      traced =
          makeTraced(expand.getSrc(),
                     joinDims(traced->place, expand.getReassociationIndices()));
      continue;
    }
    if (auto collapse = dyn_cast_if_present<tensor::CollapseShapeOp>(op)) {
      std::optional<Place> place =
          splitDims(traced->place, collapse.getReassociationIndices(),
                    collapse.getSrcType().getShape());
      if (!place)
        return traced;
      traced = makeTraced(collapse.getSrc(), *place);
      continue;
    }
    auto structured = dyn_cast_if_present<linalg::LinalgOp>(op);
    if (!structured || isa<linalg::FillOp>(op) ||
        !structured.hasPureTensorSemantics() ||
        structured.getNumParallelLoops() != structured.getNumLoops())
      return traced;
    auto result = cast<OpResult>(value);
    std::optional<Place> places = getLoops(structured, result, traced->place);
    if (!places)
      return traced;
    traced = makeTraced(structured.getBlock()->getTerminator()->getOperand(
                            result.getResultNumber()),
                        {}, structured, *places);
  }
}

/// A step inside of a body.
std::optional<Step> Tracer::getOpStep(const Traced &traced) {
  Operation *op = traced->value.getDefiningOp();
  if (!op || op->getNumResults() != 1 || op->getNumRegions() != 0)
    return std::nullopt;
  Step step;
  if (matchPattern(op, m_Constant(&step.constant))) {
    step.kind = Step::Kind::Constant;
    return step;
  }
  if (op->getBlock() != traced->body.getBlock())
    return std::nullopt;
  if (auto index = dyn_cast<linalg::IndexOp>(op)) {
    step.kind = Step::Kind::Index;
    step.index = traced->loops[index.getDim()];
    return step;
  }
  if (!isPure(op) || op->getNumOperands() == 0)
    return std::nullopt;
  step.kind = Step::Kind::Op;
  step.op = op;
  for (Value operand : op->getOperands()) {
    if (isa<RankedTensorType>(operand.getType()))
      return std::nullopt;
    step.operands.push_back(
        makeTraced(operand, {}, traced->body, traced->loops));
  }
  return step;
}

/// A step that makes a whole tensor: a constant, or a reduction.
std::optional<Step> Tracer::getTensorStep(const Traced &traced) {
  Operation *op = traced->value.getDefiningOp();
  Step step;
  if (auto fill = dyn_cast_if_present<linalg::FillOp>(op)) {
    step.kind = Step::Kind::Constant;
    if (!matchPattern(fill.value(), m_Constant(&step.constant)))
      return std::nullopt;
    return step;
  }
  DenseElementsAttr elements;
  if (op && matchPattern(op, m_Constant(&elements)) && elements.isSplat()) {
    step.kind = Step::Kind::Constant;
    step.constant = elements.getSplatValue<Attribute>();
    return step;
  }
  auto structured = dyn_cast_if_present<linalg::LinalgOp>(op);
  if (!structured || !structured.hasPureTensorSemantics() ||
      structured.getNumReductionLoops() != 1)
    return std::nullopt;
  auto result = cast<OpResult>(traced->value);
  unsigned number = result.getResultNumber();
  std::optional<Place> places = getLoops(structured, result, traced->place);
  auto fill = structured.getDpsInitOperand(number)
                  ->get()
                  .getDefiningOp<linalg::FillOp>();
  Block *body = structured.getBlock();
  Operation *combine =
      body->getTerminator()->getOperand(number).getDefiningOp();
  if (!places || !fill || !combine || combine->getNumOperands() != 2 ||
      combine->getBlock() != body ||
      !matchPattern(fill.value(), m_Constant(&step.constant)))
    return std::nullopt;
  Value sum = body->getArgument(structured.getNumDpsInputs() + number);
  Value other = combine->getOperand(combine->getOperand(0) == sum ? 1 : 0);
  if (combine->getOperand(0) != sum && combine->getOperand(1) != sum)
    return std::nullopt;
  SmallVector<unsigned> reduced;
  structured.getReductionDims(reduced);
  step.kind = Step::Kind::Reduction;
  step.op = combine;
  step.loop = loops++;
  step.extent = structured.getStaticLoopRanges()[reduced.front()];
  Index index;
  append(index, {step.loop, 1, step.extent});
  (*places)[reduced.front()] = index;
  step.operands.push_back(makeTraced(other, {}, structured, *places));
  return step;
}

Step Tracer::getStep(const Traced &start) {
  Traced traced = skip(start, [](const Step::Operand &) { return false; });
  std::optional<Step> step =
      traced->body ? getOpStep(traced) : getTensorStep(traced);
  if (step)
    return *step;
  Step element;
  element.tensor = traced->value;
  element.place = traced->place;
  return element;
}

bool Tracer::passes(const Traced &traced, Value tensor, const Place &place) {
  auto isThere = [&](const Step::Operand &at) {
    return !at.body && at.value == tensor && at.place == place;
  };
  return isThere(*skip(traced, isThere));
}

std::optional<Value> Tracer::findSource(const Traced &traced,
                                        const Place &place) {
  auto isSource = [&](const Step::Operand &at) {
    return !at.body && at.place == place &&
           cast<RankedTensorType>(at.value.getType()).getElementType().isF32();
  };
  Traced source = skip(traced, isSource);
  return isSource(*source) ? std::optional(source->value) : std::nullopt;
}
