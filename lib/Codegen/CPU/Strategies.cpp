//===- Strategies.cpp - Which strategy, and whether it is legal -----------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel.h"

#include "compress/Codegen/Passes.h"
#include "compress/Dialect/LM/IR/LM.h"

namespace mlir::compress {
#define GEN_PASS_DEF_SELECTSTRATEGIES
#define GEN_PASS_DEF_VERIFYSTRATEGIES
#include "compress/Codegen/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

/// What a group computes, as far as the form of its code goes.
namespace {
struct GroupShape {
  std::optional<Contraction> contraction;
  bool isAttention = false;
  /// All ops work row by row.
  bool isRows = true;
};
} // namespace

/// Ops that only say how values are held.
static bool isBookkeeping(Operation &op) {
  return isa<AssembleOp, ComponentsOp, YieldOp, linalg::FillOp,
             lm::GatherExpertsOp>(op) ||
         op.hasTrait<OpTrait::ConstantLike>() ||
         op.getName().getDialectNamespace() == "tensor";
}

static GroupShape getShape(GroupOp group) {
  GroupShape shape;
  for (Operation &op : group.getBlock()) {
    if (isBookkeeping(op))
      continue;
    shape.isAttention |= isa<lm::CachedAttentionOp, lm::AttentionOp>(op);
    if (std::optional<Contraction> found = getContraction(&op))
      shape.contraction = found;
    shape.isRows &= isRowOp(&op);
  }
  return shape;
}

/// Whether the weights lie in the panels that the contraction wants, and its
/// other operands in rows.
static bool isOnPanels(const Contraction &contraction) {
  EncodingAttrInterface encoding = getEncoding(contraction.getRhsType());
  auto layout = dyn_cast_if_present<PanelAttr>(encoding);
  // What sums begin with is added row by row, as epilogues are.
  bool canBegin = contraction.startsAtZero() || contraction.batch < 0;
  // Each batch entry has a matrix of its own, chosen or not.
  OpOperand *rhs = contraction.rhs;
  bool isStack = contraction.batch >= 0 || getSource(rhs->get()) == rhs->get();
  return layout && contraction.isRowMajor() && canBegin && isStack &&
         contraction.getDim(rhs, contraction.batch) <= 0 &&
         static_cast<int64_t>(layout.getRowDim()) ==
             contraction.getDim(contraction.rhs, contraction.n) &&
         static_cast<int64_t>(layout.getReductionDim()) ==
             contraction.getDim(contraction.rhs, contraction.k) &&
         layout.getRows() == kPanelRows;
}

static int64_t countPanels(const Contraction &contraction) {
  return llvm::divideCeil(contraction.getSize(contraction.n), kPanelRows);
}

/// The most panels that one unit may have: those of a stored block, where there
/// are blocks, since blocks are stored for all of their rows.
static int64_t countUnitPanels(const Contraction &contraction) {
  EncodingSpec spec = getEncoding(contraction.getRhsType()).getSpec();
  return spec.kind == EncodingSpec::Kind::Block ? spec.block[0] / kPanelRows
                                                : countPanels(contraction);
}

/// Whether units of so many panels cover the weights.
static bool canHavePanels(const Contraction &contraction, int64_t panels) {
  return countPanels(contraction) % panels == 0 &&
         countUnitPanels(contraction) % panels == 0;
}

/// The weights' number format, inside all structure.
static EncodingSpec getNumberFormat(const Contraction &contraction) {
  EncodingSpec spec = getEncoding(contraction.getRhsType()).getSpec();
  while (!spec.isNumberFormat() && spec.values.isEncoding())
    spec = EncodingSpec(spec.values.getEncoding());
  return spec;
}

/// The largest unsigned code of the weights, and whether the activations avoid
/// -128: what the exactness of an integer dot depends on.
static std::pair<int64_t, bool> getRanges(const Contraction &contraction) {
  EncodingSpec activations = getEncoding(contraction.getLhsType()).getSpec();
  unsigned bits = getNumberFormat(contraction).code.getBits();
  return {(int64_t(1) << bits) - 1, activations.narrow};
}

/// Query heads per key-value head of the attention in a group, as far as one
/// pass can serve them.
static int64_t countSharedHeads(GroupOp group) {
  for (Operation &op : group.getBlock())
    if (auto cached = dyn_cast<lm::CachedAttentionOp>(op)) {
      lm::CacheType cache = cached.getCache().getType();
      auto query = cast<RankedTensorType>(cached.getQuery().getType());
      return query.getDimSize(1) / (cache.getHeads() * cache.getHeadDim());
    }
  return 1;
}

//===----------------------------------------------------------------------===//
// Selection
//===----------------------------------------------------------------------===//

static StrategyAttr make(MLIRContext *context, FormKind form,
                         const CPUTarget &target, DotKind dot = DotKind::None,
                         int64_t tile = 1, int64_t panels = 1,
                         int64_t prefetch = 0, int64_t tilePrefetch = 0) {
  return StrategyAttr::get(context, form, dot, target.getLanes(), tile, panels,
                           prefetch, tilePrefetch);
}

/// How far ahead the weights of one row are fetched, in products of integers:
/// they wait for memory, and so a core has more lines under way (an eighth of
/// the time for codes of 4 bits). Products in f32 have no loads to spare.
static constexpr int64_t kPrefetch = 512;

static StrategyAttr selectInteger(const Contraction &contraction,
                                  const CPUTarget &target) {
  auto [largest, narrow] = getRanges(contraction);
  DotKind dot = DotKind::Pairs;
  for (DotKind kind : {DotKind::MaddUBS, DotKind::VNNI})
    if (IntegerDot::isLegal(kind, target, target.getLanes(), largest, narrow))
      dot = kind;
  bool manyRegisters = target.getRegisters() >= 32;
  // Where sums of integers go on for long, they need no f32 sums beside them.
  // More of them hide the latency of the dots.
  constexpr int64_t kLong = 256;
  bool isLong = *getIntegerSegment(contraction) >= kLong;
  // Two panels hide the latency of the dots of one row; more would not leave
  // registers for tiles of many rows, which read weights less often.
  bool wide = manyRegisters && canHavePanels(contraction, 2);
  int64_t tile = !manyRegisters ? 4 : wide && !isLong ? 6 : 8;
  int64_t tilePrefetch = !wide ? 0 : isLong ? 256 : 32;
  return make(contraction.op->getContext(), FormKind::Integer, target, dot,
              tile, wide ? 2 : 1, kPrefetch, tilePrefetch);
}

static StrategyAttr selectFloat(const Contraction &contraction,
                                const CPUTarget &target) {
  int64_t panels = target.getRegisters() >= 32 ? 4 : 1;
  while (!canHavePanels(contraction, panels))
    panels /= 2;
  EncodingSpec spec = getEncoding(contraction.getRhsType()).getSpec();
  // Only codes of 16 bits come so fast, and need so little work, that fetching
  // them ahead is worth its instructions.
  bool isHalf = spec.isNumberFormat() && spec.code.getBits() == 16;
  int64_t prefetch = isHalf ? 128 : 0;
  // Twelve sums hide the latency of the products.
  int64_t tile = panels == 1 && target.getRegisters() >= 32 ? 12 : 6;
  return make(contraction.op->getContext(), FormKind::Float, target,
              DotKind::None, tile, panels, prefetch, /*tilePrefetch=*/16);
}

/// Query heads that a pass over a key-value head serves: as many as there are
/// registers for.
static int64_t selectHeads(GroupOp group, const CPUTarget &target) {
  int64_t tile = target.getRegisters() >= 32 ? 4 : 3;
  while (countSharedHeads(group) % tile != 0)
    --tile;
  return tile;
}

StrategyAttr compress::selectStrategy(GroupOp group, const CPUTarget &target) {
  MLIRContext *context = group.getContext();
  GroupShape shape = getShape(group);
  if (shape.isAttention)
    return make(context, FormKind::Attention, target, DotKind::None,
                selectHeads(group, target));
  if (shape.contraction && isOnPanels(*shape.contraction))
    return getIntegerSegment(*shape.contraction)
               ? selectInteger(*shape.contraction, target)
               : selectFloat(*shape.contraction, target);
  if (shape.isRows)
    return make(context, FormKind::Rows, target);
  return make(context, FormKind::Scalar, target);
}

namespace {

struct SelectStrategies
    : compress::impl::SelectStrategiesBase<SelectStrategies> {
  using SelectStrategiesBase::SelectStrategiesBase;

  void runOnOperation() override {
    llvm::Expected<CPUTarget> parsed = CPUTarget::parse(target);
    if (!parsed) {
      getOperation().emitError(llvm::toString(parsed.takeError()));
      return signalPassFailure();
    }
    getOperation().walk([&](GroupOp group) {
      if (group.getStrategy())
        return;
      StrategyAttr strategy = selectStrategy(group, *parsed);
      group.setStrategyAttr(strategy);
      numInteger += strategy.getForm() == FormKind::Integer;
      numFloat += strategy.getForm() == FormKind::Float;
      numScalar += strategy.getForm() == FormKind::Scalar;
    });
  }
};

//===----------------------------------------------------------------------===//
// Verification
//===----------------------------------------------------------------------===//

struct VerifyStrategies
    : compress::impl::VerifyStrategiesBase<VerifyStrategies> {
  using VerifyStrategiesBase::VerifyStrategiesBase;

  LogicalResult verifyPanels(GroupOp group, const GroupShape &shape,
                             StrategyAttr strategy) {
    if (!shape.contraction || !isOnPanels(*shape.contraction))
      return group.emitOpError("has a strategy for panels, but is no "
                               "contraction with weights in panels");
    for (int64_t count :
         {countPanels(*shape.contraction), countUnitPanels(*shape.contraction)})
      if (count % strategy.getPanels() != 0)
        return group.emitOpError("has a strategy of ")
               << strategy.getPanels() << " panels a unit, which do not divide "
               << count;
    return success();
  }

  LogicalResult verifyInteger(GroupOp group, const GroupShape &shape,
                              StrategyAttr strategy, const CPUTarget &target) {
    if (!getIntegerSegment(*shape.contraction))
      return group.emitOpError("has an integer strategy, but its operands' "
                               "codes can't be multiplied as integers");
    auto [largest, narrow] = getRanges(*shape.contraction);
    if (!IntegerDot::isLegal(strategy.getDot(), target, strategy.getLanes(),
                             largest, narrow))
      return group.emitOpError("has the integer dot '")
             << stringifyDotKind(strategy.getDot()) << "', which " << target.cpu
             << " lacks or which is not exact for codes up to " << largest;
    return success();
  }

  LogicalResult verify(GroupOp group, const CPUTarget &target) {
    std::optional<StrategyAttr> strategy = group.getStrategy();
    if (!strategy)
      return group.emitOpError(
          "has no strategy; run compress-select-strategies");
    if (strategy->getLanes() > target.getLanes())
      return group.emitOpError("has a strategy of ")
             << strategy->getLanes() << " lanes; " << target.cpu << " has "
             << target.getLanes();
    GroupShape shape = getShape(group);
    switch (strategy->getForm()) {
    case FormKind::Integer:
      if (failed(verifyPanels(group, shape, *strategy)))
        return failure();
      return verifyInteger(group, shape, *strategy, target);
    case FormKind::Float:
      return verifyPanels(group, shape, *strategy);
    case FormKind::Rows:
      if (!shape.isRows)
        return group.emitOpError(
            "has a strategy for rows, but works not row by row");
      return success();
    case FormKind::Attention:
      if (!shape.isAttention)
        return group.emitOpError("has a strategy for attention, but is none");
      if (countSharedHeads(group) % strategy->getTile() != 0)
        return group.emitOpError("has a strategy of ")
               << strategy->getTile()
               << " heads a pass, which do not divide the "
               << countSharedHeads(group) << " that share keys and values";
      return success();
    case FormKind::Scalar:
      return success();
    }
    llvm_unreachable("all forms are handled");
  }

  void runOnOperation() override {
    llvm::Expected<CPUTarget> parsed = CPUTarget::parse(target);
    if (!parsed) {
      getOperation().emitError(llvm::toString(parsed.takeError()));
      return signalPassFailure();
    }
    WalkResult result = getOperation().walk([&](GroupOp group) {
      return failed(verify(group, *parsed)) ? WalkResult::interrupt()
                                            : WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
    else
      markAllAnalysesPreserved();
  }
};

} // namespace
