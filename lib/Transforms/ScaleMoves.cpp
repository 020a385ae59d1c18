//===- ScaleMoves.cpp - What can take over a scale of channels ------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Transforms/ScaleMoves.h"

#include "compress/Codegen/Common/Contraction.h"
#include "compress/Dialect/Compress/IR/Compress.h"
#include "compress/Dialect/LM/IR/LM.h"
#include "compress/Dialect/Quantized/IR/Quantized.h"
#include "compress/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MLProgram/IR/MLProgram.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <numeric>

namespace mlir::compress {
#define GEN_PASS_DEF_FINDSCALEMOVES
#include "compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

namespace {

/// How often each function loads each parameter.
using LoadCounts = DenseMap<std::pair<Operation *, Attribute>, int64_t>;

/// Follows one activation to the parameters that it is linear in.
class Tracer {
public:
  Tracer(const LoadCounts &loads, ScaleMove &move) : loads(loads), move(move) {}

  /// Whether all is found that `value` is linear in, as the product of its last
  /// dimension's channels; rows[c] is the channel of `value` that channel c of
  /// the observed activation is linear in.
  bool trace(Value value, ArrayRef<int64_t> rows);

private:
  using Rows = ArrayRef<int64_t>;
  bool fail(const Twine &why) {
    move.obstacle = why.str();
    return false;
  }
  bool addParameter(Value value, Rows rows);
  bool traceProduct(const Contraction &product, Rows rows);
  bool traceNorm(Operation *norm, Rows rows);
  bool traceAttention(lm::AttentionOp attention, Rows rows);
  bool traceElementwise(linalg::GenericOp op, Rows rows);
  bool traceScalar(linalg::GenericOp op, Value value, Rows rows);
  bool traceOperand(linalg::GenericOp op, BlockArgument argument, Rows rows);

  const LoadCounts &loads;
  ScaleMove &move;
};

/// The load that a value is, if it is a parameter as it is stored.
ml_program::GlobalLoadConstOp getLoad(Value value) {
  return value.getDefiningOp<ml_program::GlobalLoadConstOp>();
}

} // namespace

bool Tracer::addParameter(Value value, Rows rows) {
  ml_program::GlobalLoadConstOp load = getLoad(value);
  if (!load)
    return fail("is made with values that are no parameters");
  StringRef symbol = load.getGlobal().getLeafReference();
  // Another load of it would be divided as well.
  if (loads.lookup({load->getParentOp(), load.getGlobalAttr()}) != 1 ||
      !load.getResult().hasOneUse())
    return fail("is made with '" + symbol + "', which has other uses as well");
  move.absorbers.push_back({symbol.str(), {rows.begin(), rows.end()}});
  return true;
}

bool Tracer::traceProduct(const Contraction &product, Rows rows) {
  OpOperand *weight = product.rhs;
  auto load = getLoad(weight->get());
  auto type = cast<RankedTensorType>(weight->get().getType());
  if (!load || type.getRank() != 2 || !product.startsAtZero() ||
      product.getDim(weight, product.n) != 0 ||
      product.getDim(weight, product.k) != 1 || !product.isRowMajor())
    return fail("is a product with no matrix [n, k] of parameters");
  return addParameter(weight->get(), rows);
}

bool Tracer::traceNorm(Operation *norm, Rows rows) {
  for (Value vector : llvm::drop_begin(norm->getOperands()))
    if (!addParameter(vector, rows))
      return false;
  return true;
}

bool Tracer::traceAttention(lm::AttentionOp attention, Rows rows) {
  int64_t headDim = attention.getHeadDim();
  auto columns = [&](Value value) {
    return cast<RankedTensorType>(value.getType()).getDimSize(2);
  };
  int64_t group =
      columns(attention.getQuery()) / columns(attention.getValues());
  SmallVector<int64_t> values;
  for (int64_t row : rows)
    values.push_back(row / headDim / group * headDim + row % headDim);
  return trace(attention.getValues(), values);
}

bool Tracer::traceOperand(linalg::GenericOp op, BlockArgument argument,
                          Rows rows) {
  OpOperand *operand = op.getMatchingOpOperand(argument);
  if (op.isDpsInit(operand) || !argument.hasOneUse())
    return fail("is made by an op that is not linear in an operand");
  AffineMap map = op.getMatchingIndexingMap(operand);
  unsigned loops = op.getNumLoops();
  if (map.isIdentity())
    return trace(operand->get(), rows);
  auto type = cast<RankedTensorType>(operand->get().getType());
  if (map.getNumResults() == 1 && type.getRank() == 1 &&
      map.getResult(0) == getAffineDimExpr(loops - 1, op.getContext()))
    return addParameter(operand->get(), rows);
  return fail("is made by an op that reads its operands in another order");
}

bool Tracer::traceScalar(linalg::GenericOp op, Value value, Rows rows) {
  if (auto argument = dyn_cast<BlockArgument>(value))
    return argument.getOwner() == op.getBlock()
               ? traceOperand(op, argument, rows)
               : fail("is made by an op that is not linear in an operand");
  Operation *scalar = value.getDefiningOp();
  if (!value.hasOneUse())
    return fail("is made by an op that is not linear in an operand");
  if (isa<arith::NegFOp>(scalar))
    return traceScalar(op, scalar->getOperand(0), rows);
  // A sum is linear where both terms are; a product where one factor is.
  if (isa<arith::AddFOp, arith::SubFOp>(scalar))
    return traceScalar(op, scalar->getOperand(0), rows) &&
           traceScalar(op, scalar->getOperand(1), rows);
  if (isa<arith::DivFOp>(scalar))
    return traceScalar(op, scalar->getOperand(0), rows);
  if (!isa<arith::MulFOp>(scalar))
    return fail("is made by an op that is not linear in an operand");
  size_t found = move.absorbers.size();
  for (Value factor : llvm::reverse(scalar->getOperands())) {
    if (traceScalar(op, factor, rows))
      return true;
    move.absorbers.resize(found);
  }
  return false;
}

bool Tracer::traceElementwise(linalg::GenericOp op, Rows rows) {
  if (op.getNumDpsInits() != 1)
    return fail("is made by an op that is not linear in an operand");
  return traceScalar(op, op.getBlock()->getTerminator()->getOperand(0), rows);
}

bool Tracer::trace(Value value, Rows rows) {
  // The observed activation itself is read by the observer.
  if (!value.hasOneUse())
    return fail("is read by other ops than its products");
  Operation *op = value.getDefiningOp();
  if (!op)
    return fail("is an argument");
  if (std::optional<Contraction> product = getContraction(op))
    return traceProduct(*product, rows);
  if (isa<lm::RMSNormOp, lm::LayerNormOp>(op))
    return traceNorm(op, rows);
  if (auto attention = dyn_cast<lm::AttentionOp>(op))
    return traceAttention(attention, rows);
  if (isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(op)) {
    auto from = cast<RankedTensorType>(op->getOperand(0).getType());
    auto to = cast<RankedTensorType>(value.getType());
    if (from.getShape().back() != to.getShape().back() ||
        ShapedType::isDynamic(to.getShape().back()))
      return fail("is reshaped across channels");
    return trace(op->getOperand(0), rows);
  }
  auto generic = dyn_cast<linalg::GenericOp>(op);
  if (generic && isElementwise(op))
    return traceElementwise(generic, rows);
  return fail("is made by " + op->getName().getStringRef());
}

/// Whether only products with the observer's parameters read the activation.
static bool hasOnlyProducts(Value value) {
  return llvm::all_of(value.getUsers(), [&](Operation *user) {
    if (isa<EncodeOp>(user))
      return hasOnlyProducts(user->getResult(0));
    std::optional<Contraction> product = getContraction(user);
    return product && getLoad(product->rhs->get()) &&
           product->lhs->get() == value;
  });
}

std::vector<ScaleMove> compress::findScaleMoves(ModuleOp module) {
  LoadCounts loads;
  module.walk([&](ml_program::GlobalLoadConstOp load) {
    ++loads[{load->getParentOp(), load.getGlobalAttr()}];
  });
  std::vector<ScaleMove> moves;
  module.walk([&](quantized::ObserveOp op) {
    ScaleMove &move = moves.emplace_back();
    for (auto name : op.getParameters().getAsRange<StringAttr>())
      move.consumers.push_back(name.getValue().str());
    auto type = cast<RankedTensorType>(op.getInput().getType());
    move.channels = type.getShape().back();
    if (ShapedType::isDynamic(move.channels)) {
      move.obstacle = "has no static number of channels";
      return;
    }
    SmallVector<int64_t> rows(move.channels);
    std::iota(rows.begin(), rows.end(), 0);
    if (!hasOnlyProducts(op.getResult()))
      move.obstacle = "is read by other ops than its products";
    else if (!Tracer(loads, move).trace(op.getInput(), rows))
      move.absorbers.clear();
    else
      move.obstacle.clear();
  });
  return moves;
}

namespace {

struct FindScaleMoves : compress::impl::FindScaleMovesBase<FindScaleMoves> {
  void runOnOperation() override {
    std::vector<ScaleMove> moves = findScaleMoves(getOperation());
    size_t next = 0;
    getOperation().walk([&](quantized::ObserveOp op) {
      const ScaleMove &move = moves[next++];
      InFlightDiagnostic remark = op.emitRemark();
      if (!move.obstacle.empty()) {
        remark << "scales can't move: the value " << move.obstacle;
        return;
      }
      ++numMoves;
      remark << "scales can move to ";
      llvm::interleaveComma(move.absorbers, remark, [&](const auto &absorber) {
        remark << "'" << absorber.parameter << "'";
      });
    });
    markAllAnalysesPreserved();
  }
};

} // namespace
