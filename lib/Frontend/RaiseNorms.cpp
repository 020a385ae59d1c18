//===- RaiseNorms.cpp - Norms of rows from their parts --------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Raise.h"
#include "Trace.h"

#include "compress/Dialect/LM/IR/LM.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::compress;

/// The number that a step is.
static std::optional<double> getNumber(const Step &step) {
  auto number = dyn_cast_if_present<FloatAttr>(step.constant);
  if (step.kind != Step::Kind::Constant || !number)
    return std::nullopt;
  return number.getValueAsDouble();
}

static bool isZero(Attribute constant) {
  auto number = dyn_cast_if_present<FloatAttr>(constant);
  return number && number.getValue().isZero();
}

/// Whether a step is `Op`; its operands are in `step`.
template <typename Op> static bool isOp(const Step &step) {
  return step.kind == Step::Kind::Op && isa<Op>(step.op);
}

namespace {

/// Finds `(x - mean) / sqrt(variance + epsilon) * weight + bias` and what has
/// no mean and no bias, along the last dimension of a tensor.
class NormMatcher {
public:
  struct Norm {
    Value input, weight, bias;
    bool hasMean = false;
    double epsilon = 0;
  };

  /// The norm that gives `result`.
  std::optional<Norm> match(Value result);

private:
  /// A vector along the last dimension.
  Value getVector(const Traced &traced);
  bool isInput(const Traced &traced, std::optional<unsigned> loop);
  bool matchCentered(const Traced &traced);
  bool isCentered(const Traced &traced, unsigned loop);
  std::optional<double> getInverseRoot(const Traced &traced, bool isRoot);
  bool isMean(const Traced &traced,
              llvm::function_ref<bool(const Traced &, unsigned)> isSummed);

  Tracer tracer;
  Norm norm;
  Place place;
  int64_t columns = 0;
};

} // namespace

Value NormMatcher::getVector(const Traced &traced) {
  Step step = tracer.getStep(traced);
  auto type = step.kind == Step::Kind::Element && step.tensor
                  ? dyn_cast<RankedTensorType>(step.tensor.getType())
                  : RankedTensorType();
  bool isVector = type && type.getRank() == 1 && !type.getEncoding() &&
                  type.getElementType().isF32() &&
                  type.getDimSize(0) == columns &&
                  step.place == Place{place.back()};
  return isVector ? step.tensor : Value();
}

/// Whether the element is the norm's input, in the column `loop` or that of the
/// result. Casts and copies around it do not count.
bool NormMatcher::isInput(const Traced &traced, std::optional<unsigned> loop) {
  Place wanted = place;
  if (loop)
    wanted.back() = Index{{*loop, 1, columns}};
  return tracer.passes(traced, norm.input, wanted);
}

/// Whether the element is the mean over columns of what `isSummed` accepts.
bool NormMatcher::isMean(
    const Traced &traced,
    llvm::function_ref<bool(const Traced &, unsigned)> isSummed) {
  Step step = tracer.getStep(traced);
  bool isQuotient = isOp<arith::DivFOp>(step);
  if (!isQuotient && !isOp<arith::MulFOp>(step))
    return false;
  std::optional<double> factor = getNumber(tracer.getStep(step.operands[1]));
  double wanted = isQuotient ? columns : 1.0 / columns;
  if (!factor || std::abs(*factor - wanted) > 1e-6 * wanted)
    return false;
  Step sum = tracer.getStep(step.operands[0]);
  return sum.kind == Step::Kind::Reduction && isa<arith::AddFOp>(sum.op) &&
         sum.extent == columns && isZero(sum.constant) &&
         isSummed(sum.operands.front(), sum.loop);
}

/// Whether the element is x - mean(x) in the column `loop`, or x where nothing
/// is taken away.
bool NormMatcher::isCentered(const Traced &traced, unsigned loop) {
  if (!norm.hasMean)
    return isInput(traced, loop);
  Step step = tracer.getStep(traced);
  return isOp<arith::SubFOp>(step) && isInput(step.operands[0], loop) &&
         isMean(step.operands[1], [&](const Traced &x, unsigned column) {
           return isInput(x, column);
         });
}

/// Finds the input.
bool NormMatcher::matchCentered(const Traced &traced) {
  Step step = tracer.getStep(traced);
  Traced input = traced;
  norm.hasMean = isOp<arith::SubFOp>(step);
  if (norm.hasMean)
    input = step.operands[0];
  std::optional<Value> source = tracer.findSource(input, place);
  if (!source)
    return false;
  norm.input = *source;
  return !norm.hasMean ||
         isMean(step.operands[1], [&](const Traced &x, unsigned column) {
           return isInput(x, column);
         });
}

/// epsilon, if the element is 1 / sqrt(variance + epsilon), or where `isRoot`
/// its inverse.
std::optional<double> NormMatcher::getInverseRoot(const Traced &traced,
                                                  bool isRoot) {
  Step root = tracer.getStep(traced);
  if (isRoot ? !isOp<math::SqrtOp>(root) : !isOp<math::RsqrtOp>(root))
    return std::nullopt;
  Step sum = tracer.getStep(root.operands[0]);
  if (!isOp<arith::AddFOp>(sum))
    return std::nullopt;
  for (unsigned i : {1, 0}) {
    std::optional<double> epsilon = getNumber(tracer.getStep(sum.operands[i]));
    if (!epsilon || *epsilon <= 0)
      continue;
    bool isVariance =
        isMean(sum.operands[1 - i], [&](const Traced &x, unsigned column) {
          Step square = tracer.getStep(x);
          if (isOp<math::FPowIOp>(square)) {
            auto two = dyn_cast_if_present<IntegerAttr>(
                tracer.getStep(square.operands[1]).constant);
            return two && two.getInt() == 2 &&
                   isCentered(square.operands[0], column);
          }
          return isOp<arith::MulFOp>(square) &&
                 isCentered(square.operands[0], column) &&
                 isCentered(square.operands[1], column);
        });
    if (isVariance)
      return epsilon;
  }
  return std::nullopt;
}

std::optional<NormMatcher::Norm> NormMatcher::match(Value result) {
  auto type = dyn_cast<RankedTensorType>(result.getType());
  if (!type || type.getRank() < 2 || !type.getElementType().isF32() ||
      type.isDynamicDim(type.getRank() - 1))
    return std::nullopt;
  columns = type.getShape().back();
  Traced root = tracer.trace(result);
  place = root->place;
  Step step = tracer.getStep(root);
  if (isOp<arith::AddFOp>(step))
    for (unsigned i : {1, 0})
      if (Value bias = getVector(step.operands[i])) {
        norm.bias = bias;
        step = tracer.getStep(step.operands[1 - i]);
        break;
      }
  if (!isOp<arith::MulFOp>(step))
    return std::nullopt;
  Traced normalized;
  for (unsigned i : {1, 0})
    if (Value weight = getVector(step.operands[i])) {
      norm.weight = weight;
      normalized = step.operands[1 - i];
      break;
    }
  if (!norm.weight)
    return std::nullopt;
  Step scaled = tracer.getStep(normalized);
  bool isRoot = isOp<arith::DivFOp>(scaled);
  if (!isRoot && !isOp<arith::MulFOp>(scaled))
    return std::nullopt;
  for (unsigned i : {1, 0}) {
    if (isRoot && i == 0)
      break;
    norm.input = Value();
    if (!matchCentered(scaled.operands[1 - i]))
      continue;
    if (std::optional<double> epsilon =
            getInverseRoot(scaled.operands[i], isRoot)) {
      norm.epsilon = *epsilon;
      // Root mean squares have no bias.
      if (norm.hasMean || !norm.bias)
        return norm;
    }
  }
  return std::nullopt;
}

/// Puts the op of the lm dialect in the place of `result`.
static void replace(Value result, const NormMatcher::Norm &norm) {
  Operation *op = result.getDefiningOp();
  OpBuilder b(op);
  Location loc = op->getLoc();
  auto type = cast<RankedTensorType>(result.getType());
  int64_t rank = type.getRank();
  SmallVector<ReassociationIndices> groups = {
      llvm::to_vector(llvm::seq<int64_t>(0, rank - 1)), {rank - 1}};
  Value input = norm.input;
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, input);
  if (rank > 2)
    input = tensor::CollapseShapeOp::create(b, loc, input, groups);
  FloatAttr epsilon = b.getF32FloatAttr(norm.epsilon);
  Value made = norm.hasMean
                   ? lm::LayerNormOp::create(b, loc, input.getType(), input,
                                             norm.weight, norm.bias, epsilon)
                         .getResult()
                   : lm::RMSNormOp::create(b, loc, input.getType(), input,
                                           norm.weight, epsilon)
                         .getResult();
  if (rank > 2)
    made = tensor::ExpandShapeOp::create(b, loc, type, made, groups, sizes);
  result.replaceAllUsesWith(made);
}

unsigned compress::raiseNorms(func::FuncOp func) {
  SmallVector<Value> candidates;
  func.walk([&](linalg::LinalgOp op) {
    if (op->getNumResults() == 1 && op.hasPureTensorSemantics())
      candidates.push_back(op->getResult(0));
  });
  unsigned raised = 0;
  // The last op of a norm first, so that its bias is found.
  for (Value result : llvm::reverse(candidates)) {
    if (result.use_empty())
      continue;
    if (std::optional<NormMatcher::Norm> norm = NormMatcher().match(result)) {
      replace(result, *norm);
      ++raised;
    }
  }
  return raised;
}
