//===- FormGroups.cpp - Ops that become one kernel ------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Codegen/Common/Contraction.h"
#include "compress/Dialect/LM/IR/LM.h"
#include "compress/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::compress {
#define GEN_PASS_DEF_FORMGROUPS
#include "compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Which ops go together
//===----------------------------------------------------------------------===//

/// Ops that compute something: every one of them ends in a group.
static bool isComputation(Operation *op) {
  if (isa<linalg::FillOp>(op))
    return false;
  if (isa<linalg::LinalgOp, EncodeOp, DecodeOp>(op))
    return true;
  return isa<lm::GatherRowsOp, lm::RMSNormOp, lm::LayerNormOp,
             lm::RotaryTableOp, lm::RopeOp, lm::KVAppendOp, lm::KVEncodeOp,
             lm::CachedAttentionOp, lm::AttentionOp, lm::RouteOp,
             lm::DispatchOp, lm::CombineOp>(op);
}

/// The contraction whose sums `op` could finish as its epilogue.
static std::optional<Contraction> getEpilogueProducer(Operation *op) {
  if (!isRowwiseElementwise(op))
    return std::nullopt;
  for (OpOperand *input : cast<linalg::LinalgOp>(op).getDpsInputOperands()) {
    Operation *producer = input->get().getDefiningOp();
    if (!producer || !input->get().hasOneUse() || !readsSameRow(*input) ||
        producer->getBlock() != op->getBlock())
      continue;
    std::optional<Contraction> contraction = getContraction(producer);
    if (contraction && contraction->batch < 0 && contraction->isRowMajor())
      return contraction;
  }
  return std::nullopt;
}

/// Asking for one size of a structured op makes those of all its operands.
static void eraseUnusedSizes(Operation *op) {
  for (Operation *user : llvm::make_early_inc_range(op->getUsers()))
    if (isa<tensor::DimOp>(user) && user->use_empty())
      user->erase();
}

namespace {

/// Divides the ops of a block into groups.
class GroupPlanner {
public:
  void plan(Block &block) {
    for (Operation &op : block)
      if (isComputation(&op)) {
        order[&op] = order.size();
        classes.insert(&op);
        if (isRowOp(&op))
          mergeRowProducers(&op);
      }
    for (auto &[op, position] : order)
      mergeEpilogue(op);
  }

  /// The groups, each with its ops in program order; ordered by last op.
  SmallVector<SmallVector<Operation *>> getGroups() {
    llvm::MapVector<Operation *, SmallVector<Operation *>> members;
    for (auto &[op, position] : order)
      members[classes.getLeaderValue(op)].push_back(op);
    SmallVector<SmallVector<Operation *>> groups;
    for (auto &[leader, ops] : members)
      groups.push_back(ops);
    llvm::sort(groups, [&](const auto &a, const auto &b) {
      return order[a.back()] < order[b.back()];
    });
    return groups;
  }

private:
  bool together(Operation *a, Operation *b) {
    return classes.isEquivalent(a, b);
  }

  /// A producer of rows that only this group reads becomes part of it.
  void mergeRowProducers(Operation *op) {
    for (OpOperand &operand : op->getOpOperands()) {
      Operation *producer = operand.get().getDefiningOp();
      if (!producer || !order.contains(producer) || !isRowOp(producer))
        continue;
      bool onlyHere =
          llvm::all_of(operand.get().getUses(), [&](OpOperand &use) {
            return order.contains(use.getOwner()) &&
                   together(use.getOwner(), op) && readsSameRow(use);
          });
      if (onlyHere && producer->getNumResults() == 1)
        classes.unionSets(producer, op);
    }
  }

  void mergeEpilogue(Operation *op) {
    std::optional<Contraction> producer = getEpilogueProducer(op);
    // An op that already belongs to rows stays there: they need whole rows.
    if (!producer || isMerged(op) || isMerged(producer->op))
      return;
    classes.unionSets(producer->op, op);
  }

  bool isMerged(Operation *op) {
    return std::next(classes.findLeader(op)) != classes.member_end();
  }

  llvm::MapVector<Operation *, size_t> order;
  llvm::EquivalenceClasses<Operation *> classes;
};

//===----------------------------------------------------------------------===//
// Making a group
//===----------------------------------------------------------------------===//

/// Moves ops into a new compress.group at the place of the last of them.
class GroupBuilder {
public:
  GroupBuilder(OpBuilder &b, ArrayRef<Operation *> ops)
      : b(b), ops(ops), members(ops.begin(), ops.end()) {}

  void build() {
    collect();
    b.setInsertionPoint(ops.back());
    SmallVector<Value> inits;
    for (Value output : outputs)
      inits.push_back(makeInit(cast<OpResult>(output)));
    auto group =
        GroupOp::create(b, ops.back()->getLoc(), TypeRange(ValueRange(inits)),
                        inputs.getArrayRef(), inits, StrategyAttr());
    fillBody(group);
    for (Operation *op : ops)
      eraseUnusedSizes(op);
    for (auto [output, result] :
         llvm::zip(outputs.getArrayRef(), group.getResults()))
      Value(output).replaceUsesWithIf(result, [&](OpOperand &use) {
        return !members.contains(use.getOwner());
      });
    for (Operation *op : llvm::reverse(ops))
      op->erase();
  }

private:
  /// Values that are made again inside: constants, destinations, and what
  /// kernels read without making it.
  static bool isRemade(Value value) {
    Operation *op = value.getDefiningOp();
    return op &&
           (op->hasTrait<OpTrait::ConstantLike>() ||
            isa<tensor::EmptyOp, linalg::FillOp, lm::GatherExpertsOp>(op)) &&
           !isa<IndexType>(value.getType());
  }

  void collect() {
    for (Operation *op : ops) {
      op->walk([&](Operation *nested) {
        for (Value operand : nested->getOperands()) {
          Operation *owner = operand.getDefiningOp();
          bool inside = owner
                            ? members.contains(owner) || isInside(owner)
                            : isInside(operand.getParentBlock()->getParentOp());
          if (!inside && !isRemade(operand))
            inputs.insert(operand);
          else if (isa_and_present<lm::GatherExpertsOp>(owner))
            inputs.insert_range(owner->getOperands());
        }
      });
      if (auto structured = dyn_cast<linalg::LinalgOp>(op))
        collectSizes(structured);
      for (Value result : op->getResults())
        if (llvm::any_of(result.getUsers(), [&](Operation *user) {
              return !members.contains(user);
            }))
          outputs.insert(result);
    }
  }

  /// Where no operand inside has a size of the destination, as with an op that
  /// counts its own indices, the size itself is an input.
  void collectSizes(linalg::LinalgOp op) {
    for (OpOperand &init : op.getDpsInitsMutable())
      if (auto empty = getEmpty(init.get()))
        for (auto [i, size] : llvm::enumerate(empty.getType().getShape()))
          if (ShapedType::isDynamic(size) && !findSize(op, init, i))
            inputs.insert(empty.getDynamicSize(i));
  }

  /// The destination that `value` is, or that it fills.
  static tensor::EmptyOp getEmpty(Value value) {
    if (auto fill = value.getDefiningOp<linalg::FillOp>())
      value = fill.getOutputs().front();
    return value.getDefiningOp<tensor::EmptyOp>();
  }

  /// An input's dimension that is dimension `dim` of the destination.
  static std::optional<std::pair<Value, int64_t>>
  findSize(linalg::LinalgOp op, OpOperand &init, unsigned dim) {
    AffineExpr wanted = op.getMatchingIndexingMap(&init).getResult(dim);
    for (OpOperand *input : op.getDpsInputOperands())
      for (auto [i, expr] :
           llvm::enumerate(op.getMatchingIndexingMap(input).getResults()))
        if (expr == wanted)
          return std::make_pair(input->get(), i);
    return std::nullopt;
  }

  /// Whether `op` is nested in one of the members, or is one.
  bool isInside(Operation *op) {
    for (; op; op = op->getParentOp())
      if (members.contains(op))
        return true;
    return false;
  }

  /// Size `dim` of a value, from what is defined outside the group.
  OpFoldResult getSize(Value value, int64_t dim) {
    Operation *op = value.getDefiningOp();
    // The result of a group has its destination's sizes.
    if (auto group = dyn_cast_if_present<GroupOp>(op))
      if (auto empty = group.getInits()[cast<OpResult>(value).getResultNumber()]
                           .getDefiningOp<tensor::EmptyOp>())
        return empty.getMixedSizes()[dim];
    if (!op || !members.contains(op))
      return tensor::getMixedSize(b, value.getLoc(), value, dim);
    ReifiedRankedShapedTypeDims shapes;
    LogicalResult reified = reifyResultShapes(b, op, shapes);
    (void)reified;
    assert(succeeded(reified) && "computations say the sizes of their results");
    OpFoldResult size = shapes[cast<OpResult>(value).getResultNumber()][dim];
    auto known = dyn_cast<Value>(size);
    auto dimOp = known ? known.getDefiningOp<tensor::DimOp>() : nullptr;
    if (!dimOp || !dimOp.getConstantIndex())
      return size;
    OpFoldResult resolved =
        getSize(dimOp.getSource(), *dimOp.getConstantIndex());
    if (dimOp->use_empty())
      dimOp->erase();
    return resolved;
  }

  Value makeInit(OpResult output) {
    auto type = cast<RankedTensorType>(output.getType());
    SmallVector<Value> sizes;
    for (int64_t i = 0; i < type.getRank(); ++i)
      if (type.isDynamicDim(i))
        sizes.push_back(getValueOrCreateConstantIndexOp(b, output.getLoc(),
                                                        getSize(output, i)));
    return tensor::EmptyOp::create(b, output.getLoc(), type, sizes);
  }

  void fillBody(GroupOp group) {
    Block *block = b.createBlock(&group.getBody());
    IRMapping map;
    for (Value input : inputs)
      map.map(input, block->addArgument(input.getType(), input.getLoc()));
    for (Operation *op : ops) {
      for (Value operand : op->getOperands())
        if (isRemade(operand) && !map.contains(operand))
          remake(op, operand, map);
      b.clone(*op, map);
      // Destinations belong to one op each.
      for (Value operand : op->getOperands())
        if (isRemade(operand) && isa<RankedTensorType>(operand.getType()))
          map.erase(operand);
    }
    SmallVector<Value> yielded;
    for (Value output : outputs)
      yielded.push_back(map.lookup(output));
    YieldOp::create(b, group.getLoc(), yielded);
    b.setInsertionPointAfter(group);
  }

  /// Size `dim` of a destination of `user`, inside.
  Value sizeInside(Operation *user, tensor::EmptyOp empty, unsigned dim,
                   IRMapping &map) {
    auto op = cast<linalg::LinalgOp>(user);
    for (OpOperand &init : op.getDpsInitsMutable())
      if (getEmpty(init.get()) == empty)
        if (auto found = findSize(op, init, dim))
          return tensor::DimOp::create(b, user->getLoc(),
                                       map.lookup(found->first), found->second);
    return map.lookup(empty.getDynamicSize(dim));
  }

  void remake(Operation *user, Value value, IRMapping &map) {
    Operation *op = value.getDefiningOp();
    for (Value operand : op->getOperands())
      if (isRemade(operand) && !map.contains(operand))
        remake(user, operand, map);
    if (auto empty = dyn_cast<tensor::EmptyOp>(op)) {
      SmallVector<Value> sizes;
      for (auto [i, size] : llvm::enumerate(empty.getType().getShape()))
        if (ShapedType::isDynamic(size))
          sizes.push_back(sizeInside(user, empty, i, map));
      map.map(value,
              tensor::EmptyOp::create(b, op->getLoc(), empty.getType(), sizes)
                  .getResult());
      return;
    }
    b.clone(*op, map);
  }

  OpBuilder &b;
  ArrayRef<Operation *> ops;
  llvm::SmallPtrSet<Operation *, 8> members;
  llvm::SetVector<Value> inputs, outputs;
};

struct FormGroups : compress::impl::FormGroupsBase<FormGroups> {
  void formGroups(Block &block) {
    GroupPlanner planner;
    planner.plan(block);
    OpBuilder b(&getContext());
    for (ArrayRef<Operation *> ops : planner.getGroups()) {
      GroupBuilder(b, ops).build();
      ++numGroups;
    }
    for (auto gather :
         llvm::make_early_inc_range(block.getOps<lm::GatherExpertsOp>())) {
      eraseUnusedSizes(gather);
      if (gather->use_empty())
        gather->erase();
    }
  }

  void runOnOperation() override {
    SmallVector<Block *> blocks;
    getOperation().walk([&](Block *block) {
      Operation *parent = block->getParentOp();
      if (!isa<linalg::LinalgOp, GroupOp>(parent) &&
          parent->getParentOfType<GroupOp>() == nullptr)
        blocks.push_back(block);
    });
    for (Block *block : blocks)
      formGroups(*block);
  }
};

} // namespace
