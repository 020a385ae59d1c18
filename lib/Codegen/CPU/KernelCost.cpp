//===- KernelCost.cpp - How long a kernel takes ---------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Codegen/CPU/KernelCost.h"

#include "Kernel.h"
#include "OpCost.h"
#include "StoredBlocks.h"

#include "compress/Dialect/LM/IR/LM.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/CSE.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/LoopInvariantCodeMotionUtils.h"
#include "llvm/ADT/DenseSet.h"

#include <cmath>
#include <map>

using namespace mlir;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Code with sizes filled in
//===----------------------------------------------------------------------===//

/// The buffer that `value` is a view of.
static Value getRoot(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<memref::CollapseShapeOp, memref::ExpandShapeOp, memref::ViewOp,
             memref::CastOp, memref::SubViewOp, memref::ReinterpretCastOp>(op))
      break;
    value = op->getOperand(0);
  }
  return value;
}

/// Leaves one of several loads of the same address in a block, as LLVM does:
/// what kernels read they do not write, apart from scratch memory. Returns
/// whether there were any.
static bool mergeLoads(ModuleOp module, Value scratch) {
  SmallVector<std::pair<Operation *, Operation *>> same;
  module.walk([&](Block *block) {
    std::map<SmallVector<const void *>, Operation *> loads;
    for (Operation &op : *block) {
      Value buffer = getLoadedBuffer(&op);
      if (!buffer || getRoot(buffer) == scratch)
        continue;
      SmallVector<const void *> key{
          op.getResult(0).getType().getAsOpaquePointer()};
      for (Value operand : op.getOperands())
        key.push_back(operand.getAsOpaquePointer());
      auto [known, isNew] = loads.try_emplace(std::move(key), &op);
      if (!isNew)
        same.push_back({&op, known->second});
    }
  });
  for (auto [op, first] : same) {
    op->replaceAllUsesWith(first);
    op->erase();
  }
  return !same.empty();
}

/// What of LLVM's optimizations changes counts: folding, common
/// subexpressions, and what does not change within a loop.
static void simplify(ModuleOp module, Value scratch) {
  MLIRContext *context = module.getContext();
  RewritePatternSet patterns(context);
  for (RegisteredOperationName name : context->getRegisteredOperations())
    if (llvm::is_contained({"arith", "math", "memref", "scf", "vector"},
                           name.getDialectNamespace()))
      name.getCanonicalizationPatterns(patterns, context);
  // Code that folding has not come to the end of counts as it is.
  (void)applyPatternsGreedily(module, std::move(patterns));
  IRRewriter rewriter(context);
  do {
    DominanceInfo dominance(module);
    eliminateCommonSubExpressions(rewriter, dominance, module);
  } while (mergeLoads(module, scratch));
  module.walk([](LoopLikeOpInterface loop) { moveLoopInvariantCode(loop); });
}

/// The kernel's code for one thread and these sizes, in a module of its own.
static FailureOr<OwningOpRef<ModuleOp>> emitFor(func::FuncOp kernel,
                                                const CPUTarget &target,
                                                const KernelSizes &sizes,
                                                StoredBlocks &blocks) {
  OwningOpRef<ModuleOp> module = ModuleOp::create(kernel.getLoc());
  func::FuncOp copy = kernel.clone();
  module->push_back(copy);
  blocks = StoredBlocks::fix(copy, sizes.storedShare);
  SmallVector<GroupOp> groups(copy.getOps<GroupOp>());
  CPUEmitter emitter(target);
  for (GroupOp group : groups)
    if (failed(lowerGroup(group, emitter)))
      return failure();
  OpBuilder b(copy.getContext());
  b.setInsertionPointToStart(&copy.getBody().front());
  auto fill = [&](Value value, int64_t by) {
    value.replaceAllUsesWith(
        arith::ConstantIndexOp::create(b, copy.getLoc(), by));
  };
  unsigned count = copy.getNumArguments();
  fill(copy.getArgument(count - 3), 0);
  fill(copy.getArgument(count - 2), 1);
  SmallVector<memref::DimOp> dims;
  copy.walk([&](memref::DimOp dim) { dims.push_back(dim); });
  for (memref::DimOp dim : dims) {
    auto type = dyn_cast<MemRefType>(dim.getSource().getType());
    std::optional<int64_t> at = dim.getConstantIndex();
    if (type && at && type.isDynamicDim(*at))
      fill(dim.getResult(), sizes.rows);
  }
  simplify(*module, copy.getArgument(count - 1));
  return module;
}

//===----------------------------------------------------------------------===//
// Sums over the code
//===----------------------------------------------------------------------===//

namespace {

/// What a block takes when it runs once.
struct BlockCost {
  double cycles = 0;
  /// The cycles, by what they are spent on.
  std::array<double, kNumResources> share{};
  /// Cycles from the block's first operation to its last, and from a value
  /// that the loop carries to its next one.
  double path = 0, carried = 0;

  void add(const BlockCost &other, double times) {
    cycles += times * other.cycles;
    for (auto [mine, theirs] : llvm::zip_equal(share, other.share))
      mine += times * theirs;
  }
  void spend(double count, Resource resource) {
    cycles += count;
    share[static_cast<unsigned>(resource)] += count;
  }
};

class CostAnalysis {
public:
  CostAnalysis(const MachineModel &machine, const KernelSizes &sizes,
               const StoredBlocks &blocks, Value scratch)
      : machine(machine), sizes(sizes), blocks(blocks), scratch(scratch) {}

  BlockCost visit(Block &block);
  int64_t getBytes() const;
  bool isLeast = false;

private:
  struct Loop {
    Operation *op;
    double trips;
  };
  /// A block while its operations are added up: when each value is ready,
  /// counted from the block's start and from the values that a loop carries.
  struct Timeline {
    llvm::DenseMap<Value, double> ready, carried;
  };

  BlockCost visitLoop(scf::ForOp loop, double &trips);
  BlockCost visitIf(scf::IfOp op);
  void place(Operation *op, double latency, double carriedLatency,
             Timeline &line, BlockCost &cost);
  void finishBlock(const std::array<double, kNumResources> &uses,
                   bool isInnermost, BlockCost &cost) const;

  std::optional<int64_t> evaluate(Value value);
  std::optional<int64_t> evaluateOp(Operation *op);
  std::optional<int64_t> evaluateOffset(memref::LoadOp load);
  double countTrips(scf::ForOp loop);

  void recordLoad(Operation *op);
  bool varies(Value value, Operation *loop);

  const MachineModel &machine;
  const KernelSizes &sizes;
  const StoredBlocks &blocks;
  Value scratch;
  SmallVector<Loop> loops;
  int64_t evaluatedLoads = 0;
  /// Bytes that are read of each buffer, each once per value of the loops that
  /// its address depends on.
  llvm::MapVector<Value, double> read;
};

} // namespace

//===----------------------------------------------------------------------===//
// Iterations
//===----------------------------------------------------------------------===//

/// The first block of a row of blocks, if that is what is loaded: each row has
/// as many.
std::optional<int64_t> CostAnalysis::evaluateOffset(memref::LoadOp load) {
  auto root = dyn_cast<BlockArgument>(getRoot(load.getMemRef()));
  if (!root || load.getIndices().size() != 1)
    return std::nullopt;
  auto found = blocks.perRow.find(root.getArgNumber());
  if (found == blocks.perRow.end())
    return std::nullopt;
  std::optional<int64_t> row = evaluate(load.getIndices().front());
  if (!row)
    return std::nullopt;
  return std::llround(static_cast<double>(*row) * found->second);
}

std::optional<int64_t> CostAnalysis::evaluateOp(Operation *op) {
  if (auto load = dyn_cast<memref::LoadOp>(op)) {
    if (std::optional<int64_t> offset = evaluateOffset(load))
      return offset;
    ++evaluatedLoads;
    return sizes.context;
  }
  SmallVector<int64_t> in;
  for (Value operand : op->getOperands()) {
    std::optional<int64_t> value = evaluate(operand);
    if (!value)
      return std::nullopt;
    in.push_back(*value);
  }
  if (isa<arith::IndexCastOp, arith::IndexCastUIOp, arith::ExtSIOp,
          arith::ExtUIOp, arith::TruncIOp>(op))
    return in[0];
  if (isa<arith::SelectOp>(op))
    return in[in[0] ? 1 : 2];
  if (in.size() != 2)
    return std::nullopt;
  if (isa<arith::AddIOp>(op))
    return in[0] + in[1];
  if (isa<arith::SubIOp>(op))
    return in[0] - in[1];
  if (isa<arith::MulIOp>(op))
    return in[0] * in[1];
  if (isa<arith::MinUIOp, arith::MinSIOp>(op))
    return std::min(in[0], in[1]);
  if (isa<arith::MaxUIOp, arith::MaxSIOp>(op))
    return std::max(in[0], in[1]);
  if (isa<arith::DivUIOp, arith::DivSIOp>(op) && in[1] != 0)
    return in[0] / in[1];
  if (isa<arith::RemUIOp, arith::RemSIOp>(op) && in[1] != 0)
    return in[0] % in[1];
  return std::nullopt;
}

/// The value of an index; the middle of its range where a loop counts it.
std::optional<int64_t> CostAnalysis::evaluate(Value value) {
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return constant.getSExtValue();
  if (Operation *op = value.getDefiningOp())
    return evaluateOp(op);
  auto loop = dyn_cast<scf::ForOp>(
      cast<BlockArgument>(value).getOwner()->getParentOp());
  if (!loop || loop.getInductionVar() != value)
    return std::nullopt;
  std::optional<int64_t> from = evaluate(loop.getLowerBound()),
                         to = evaluate(loop.getUpperBound());
  if (!from || !to)
    return std::nullopt;
  return *from + (*to - *from) / 2;
}

double CostAnalysis::countTrips(scf::ForOp loop) {
  evaluatedLoads = 0;
  std::optional<int64_t> from = evaluate(loop.getLowerBound());
  bool fromMemory = evaluatedLoads > 0;
  std::optional<int64_t> to = evaluate(loop.getUpperBound()),
                         step = evaluate(loop.getStep());
  if (from && to && step && *step > 0) {
    if (*to > *from)
      return static_cast<double>(llvm::divideCeil(*to - *from, *step));
    // Two loads have the same value here, which says nothing.
    if (!fromMemory)
      return 0;
  }
  isLeast = true;
  return 1;
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

/// Whether `value` may differ from one iteration of `loop` to the next.
bool CostAnalysis::varies(Value value, Operation *loop) {
  SmallVector<Value> list{value};
  llvm::DenseSet<Value> seen;
  while (!list.empty()) {
    Value current = list.pop_back_val();
    if (!seen.insert(current).second)
      continue;
    if (auto argument = dyn_cast<BlockArgument>(current)) {
      Operation *parent = argument.getOwner()->getParentOp();
      if (parent == loop)
        return true;
      // A loop that begins elsewhere each time, as those over stored blocks.
      if (auto inner = dyn_cast<scf::ForOp>(parent);
          inner && argument == inner.getInductionVar())
        list.push_back(inner.getLowerBound());
      continue;
    }
    Operation *op = current.getDefiningOp();
    if (op->getNumRegions() != 0 && loop->isProperAncestor(op))
      return true;
    llvm::append_range(list, op->getOperands());
  }
  return false;
}

void CostAnalysis::recordLoad(Operation *op) {
  Value buffer = getLoadedBuffer(op);
  if (!buffer)
    return;
  Value root = getRoot(buffer);
  auto type = dyn_cast<MemRefType>(root.getType());
  bool isTable = root.getDefiningOp<memref::GetGlobalOp>() != nullptr;
  bool isArgument = isa<BlockArgument>(root);
  // Buffers whose size depends on the number of rows were just written.
  if (!type || isTable || root == scratch ||
      (isArgument && !type.hasStaticShape()))
    return;
  auto vector = dyn_cast<VectorType>(op->getResult(0).getType());
  double bytes = (vector ? static_cast<double>(vector.getNumElements()) : 1.0) *
                 type.getElementTypeBitWidth() / 8;
  for (const Loop &loop : loops)
    if (llvm::any_of(op->getOperands(),
                     [&](Value value) { return varies(value, loop.op); }))
      bytes *= loop.trips;
  read[root] += bytes;
}

int64_t CostAnalysis::getBytes() const {
  double total = 0;
  for (auto [root, bytes] : read) {
    auto type = cast<MemRefType>(root.getType());
    double most = type.hasStaticShape()
                      ? static_cast<double>(type.getNumElements()) *
                            llvm::divideCeil(type.getElementTypeBitWidth(), 8)
                      : bytes;
    total += std::min(bytes, most);
  }
  return static_cast<int64_t>(total);
}

//===----------------------------------------------------------------------===//
// Time
//===----------------------------------------------------------------------===//

void CostAnalysis::place(Operation *op, double latency, double carriedLatency,
                         Timeline &line, BlockCost &cost) {
  double ready = 0, carried = -1;
  for (Value operand : op->getOperands()) {
    ready = std::max(ready, line.ready.lookup(operand));
    if (auto it = line.carried.find(operand); it != line.carried.end())
      carried = std::max(carried, it->second);
  }
  cost.path = std::max(cost.path, ready + latency);
  for (Value result : op->getResults()) {
    line.ready[result] = ready + latency;
    if (carried >= 0)
      line.carried[result] = carried + carriedLatency;
  }
  if (isa<scf::YieldOp>(op))
    cost.carried = std::max(cost.carried, carried);
}

/// The time of what a block does itself, beside loops within it.
void CostAnalysis::finishBlock(const std::array<double, kNumResources> &uses,
                               bool isInnermost, BlockCost &cost) const {
  double most = 0;
  auto limit = Resource::Issue;
  auto atLeast = [&](double cycles, Resource resource) {
    if (cycles > most) {
      most = cycles;
      limit = resource;
    }
  };
  for (unsigned i = 0; i < kNumResources; ++i)
    if (machine.perCycle[i] > 0)
      atLeast(uses[i] / machine.perCycle[i], static_cast<Resource>(i));
  if (isInnermost) {
    atLeast(cost.carried, Resource::Latency);
    // Iterations overlap as far as the core looks ahead.
    double issued = uses[static_cast<unsigned>(Resource::Issue)];
    atLeast(cost.path *
                std::min(issued / static_cast<double>(machine.window), 1.0),
            Resource::Latency);
  }
  cost.spend(most, limit);
}

BlockCost CostAnalysis::visitLoop(scf::ForOp loop, double &trips) {
  trips = countTrips(loop);
  BlockCost cost;
  if (trips == 0)
    return cost;
  loops.push_back({loop, trips});
  BlockCost body = visit(*loop.getBody());
  loops.pop_back();
  cost.add(body, trips);
  // Counting and branching.
  cost.spend(trips / machine.perCycle[static_cast<unsigned>(Resource::Issue)],
             Resource::Issue);
  cost.carried = body.carried * trips;
  // The last iteration's results come after its whole path.
  cost.path = body.path + body.carried * (trips - 1);
  if (!loops.empty())
    cost.spend(static_cast<double>(machine.mispredict), Resource::Latency);
  return cost;
}

/// The costlier branch.
BlockCost CostAnalysis::visitIf(scf::IfOp op) {
  BlockCost cost = visit(*op.thenBlock());
  if (Block *otherwise = op.elseBlock()) {
    BlockCost other = visit(*otherwise);
    if (other.cycles > cost.cycles)
      return other;
  }
  return cost;
}

BlockCost CostAnalysis::visit(Block &block) {
  BlockCost cost;
  Timeline line;
  std::array<double, kNumResources> uses{};
  bool isInnermost = true;
  if (auto loop = dyn_cast<scf::ForOp>(block.getParentOp()))
    for (Value argument : loop.getRegionIterArgs())
      line.carried[argument] = 0;
  for (Operation &op : block) {
    if (auto loop = dyn_cast<scf::ForOp>(op)) {
      double trips = 0;
      BlockCost nested = visitLoop(loop, trips);
      cost.add(nested, 1);
      place(&op, nested.path, nested.carried, line, cost);
      isInnermost &= trips == 0;
      continue;
    }
    if (auto choice = dyn_cast<scf::IfOp>(op)) {
      BlockCost nested = visitIf(choice);
      cost.add(nested, 1);
      place(&op, nested.path, nested.path, line, cost);
      continue;
    }
    OpCost own = getOpCost(&op, machine);
    for (auto [sum, count] : llvm::zip_equal(uses, own.uses))
      sum += count;
    place(&op, own.latency, own.latency, line, cost);
    recordLoad(&op);
  }
  finishBlock(uses, isInnermost, cost);
  return cost;
}

//===----------------------------------------------------------------------===//
// KernelCost
//===----------------------------------------------------------------------===//

KernelCost::Time KernelCost::getTime(const MachineModel &machine,
                                     Resource level) const {
  double computing = cycles / (machine.clock * 1e9);
  double reading =
      static_cast<double>(bytes) / (machine.getBandwidth(level) * 1e9);
  return reading > computing ? Time{reading, level} : Time{computing, limit};
}

FailureOr<KernelCost> compress::estimateKernel(func::FuncOp kernel,
                                               const CPUTarget &target,
                                               const MachineModel &machine,
                                               const KernelSizes &sizes) {
  // What code consists of; within a pass they are there already.
  kernel.getContext()
      ->loadDialect<arith::ArithDialect, LLVM::LLVMDialect, lm::LMDialect,
                    math::MathDialect, memref::MemRefDialect, scf::SCFDialect,
                    vector::VectorDialect>();
  StoredBlocks blocks;
  FailureOr<OwningOpRef<ModuleOp>> module =
      emitFor(kernel, target, sizes, blocks);
  if (failed(module))
    return failure();
  func::FuncOp code = *(*module)->getOps<func::FuncOp>().begin();
  CostAnalysis analysis(machine, sizes, blocks,
                        code.getArgument(code.getNumArguments() - 1));
  BlockCost total = analysis.visit(code.getBody().front());
  KernelCost cost;
  cost.cycles = total.cycles;
  cost.limit = static_cast<Resource>(llvm::max_element(total.share) -
                                     total.share.begin());
  cost.bytes = analysis.getBytes();
  cost.isLeast = analysis.isLeast;
  cost.isShare = !blocks.isKnown;
  return cost;
}

FailureOr<RowClassCosts>
compress::estimateRowClasses(func::FuncOp kernel, const CPUTarget &target,
                             const MachineModel &machine) {
  RowClassCosts costs;
  for (auto [rows, cost] : llvm::zip_equal(kRowClasses, costs)) {
    KernelSizes sizes;
    sizes.rows = rows;
    FailureOr<KernelCost> found =
        estimateKernel(kernel, target, machine, sizes);
    if (failed(found))
      return failure();
    cost = *found;
  }
  return costs;
}
