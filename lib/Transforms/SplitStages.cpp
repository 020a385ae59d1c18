//===- SplitStages.cpp - A function as a chain of functions ---------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Codegen/Common/Contraction.h"
#include "compress/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MLProgram/IR/MLProgram.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/RegionUtils.h"

namespace mlir::compress {
#define GEN_PASS_DEF_SPLITSTAGES
#include "compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

namespace {

/// Operands of an op, and what its regions read from outside.
SmallVector<Value> getInputs(Operation *op) {
  SmallVector<Value> inputs(op->getOperands());
  llvm::SetVector<Value> captured;
  getUsedValuesDefinedAbove(op->getRegions(), captured);
  inputs.append(captured.begin(), captured.end());
  return inputs;
}

bool multipliesParameter(Operation *op) {
  std::optional<Contraction> product = getContraction(op);
  return product &&
         llvm::any_of(
             ArrayRef<OpOperand *>{product->lhs, product->rhs},
             [](OpOperand *operand) {
               return bool(getSource(operand->get())
                               .getDefiningOp<ml_program::GlobalLoadConstOp>());
             });
}

/// Splits one function.
class StageSplitter {
public:
  explicit StageSplitter(func::FuncOp func)
      : func(func), block(func.getBody().front()) {}

  LogicalResult check();
  /// Sorts values, and finds where to cut.
  void analyze();
  /// Makes the functions, in order; the function itself is left.
  int64_t build();

private:
  /// What a value depends on. What depends on arguments and on parameters is
  /// an activation, which one stage computes and others are given; everything
  /// else is cheap (sizes, positions, rotary tables, parameters themselves) and
  /// made anew where it is needed.
  enum Dependence : unsigned { Argument = 1, Parameter = 2, Activation = 4 };

  unsigned classify(Operation *op) const;
  Value materialize(OpBuilder &b, Value value, IRMapping &mapping) const;
  void buildStage(size_t stage, size_t first, size_t end);

  func::FuncOp func;
  Block &block;
  llvm::DenseMap<Value, unsigned> dependences;
  /// Ops that make activations, in order, and the last of them that reads each
  /// value; the terminator stands behind all.
  SmallVector<Operation *> activations;
  llvm::DenseMap<Value, size_t> lastUses;
  /// The stages' ends, as indices into `activations`, and what crosses them.
  SmallVector<std::pair<size_t, Value>> cuts;
};

} // namespace

LogicalResult StageSplitter::check() {
  if (!llvm::hasSingleElement(func.getBody()))
    return func.emitOpError("has control flow, and can't be split into stages");
  for (Operation &op : block.without_terminator())
    if (!isMemoryEffectFree(&op) && !isa<ml_program::GlobalLoadConstOp>(op))
      return op.emitOpError("has effects; only functions of values can be "
                            "split into stages");
  return success();
}

unsigned StageSplitter::classify(Operation *op) const {
  if (isa<ml_program::GlobalLoadConstOp>(op))
    return Parameter;
  unsigned result = 0;
  for (Value input : getInputs(op))
    result |= dependences.lookup(input);
  constexpr unsigned kBoth = Argument | Parameter;
  return (result & kBoth) == kBoth ? result | Activation : result;
}

/// Whether a value can be handed from stage to stage.
static bool isBoundary(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getElementType().isF32() && !type.getEncoding();
}

void StageSplitter::analyze() {
  for (BlockArgument argument : block.getArguments())
    dependences[argument] = Argument;
  for (Operation &op : block.without_terminator()) {
    unsigned dependence = classify(&op);
    for (Value result : op.getResults())
      dependences[result] = dependence;
    if (dependence & Activation)
      activations.push_back(&op);
  }
  activations.push_back(block.getTerminator());
  for (auto [index, op] : llvm::enumerate(activations))
    for (Value input : getInputs(op))
      lastUses[input] = index;
  size_t last = activations.size() - 1, lastProduct = 0;
  for (size_t i = 0; i < last; ++i)
    if (multipliesParameter(activations[i]))
      lastProduct = i;
  // Activations that are read behind the op at hand.
  llvm::SmallDenseSet<Value> live;
  bool hasProduct = false;
  for (size_t i = 0; i < lastProduct; ++i) {
    Operation *op = activations[i];
    hasProduct |= multipliesParameter(op);
    for (Value input : getInputs(op))
      if (lastUses.lookup(input) == i)
        live.erase(input);
    for (Value result : op->getResults())
      if (lastUses.lookup(result) > i)
        live.insert(result);
    if (!hasProduct || live.size() != 1 || !isBoundary(*live.begin()))
      continue;
    cuts.push_back({i + 1, *live.begin()});
    hasProduct = false;
  }
}

Value StageSplitter::materialize(OpBuilder &b, Value value,
                                 IRMapping &mapping) const {
  if (Value known = mapping.lookupOrNull(value))
    return known;
  Operation *op = value.getDefiningOp();
  for (Value input : getInputs(op))
    materialize(b, input, mapping);
  b.clone(*op, mapping);
  return mapping.lookup(value);
}

void StageSplitter::buildStage(size_t stage, size_t first, size_t end) {
  OpBuilder b(func);
  bool isLast = stage == cuts.size();
  Value given = stage > 0 ? cuts[stage - 1].second : Value();
  SmallVector<Type> inputs(func.getArgumentTypes());
  SmallVector<Type> results(func.getResultTypes());
  if (given)
    inputs.push_back(given.getType());
  if (!isLast)
    results.assign({cuts[stage].second.getType()});
  auto made = func::FuncOp::create(
      b, func.getLoc(), (func.getSymName() + "." + Twine(stage)).str(),
      b.getFunctionType(inputs, results));
  Block *body = made.addEntryBlock();
  b.setInsertionPointToStart(body);
  IRMapping mapping;
  StringAttr name = b.getStringAttr("compress.name");
  for (auto [index, argument] : llvm::enumerate(block.getArguments())) {
    mapping.map(argument, body->getArgument(index));
    body->getArgument(index).setLoc(argument.getLoc());
    if (auto attributes = func.getArgAttrDict(index))
      made.setArgAttrs(index, attributes);
  }
  if (given) {
    mapping.map(given, body->getArguments().back());
    made.setArgAttr(inputs.size() - 1, name, b.getStringAttr("boundary"));
  }
  if (isLast)
    for (unsigned i = 0, e = results.size(); i < e; ++i)
      if (auto attributes = func.getResultAttrDict(i))
        made.setResultAttrs(i, attributes);
  if (!isLast)
    made.setResultAttr(0, name, b.getStringAttr("boundary"));
  for (Operation *op : ArrayRef(activations).slice(first, end - first)) {
    for (Value input : getInputs(op))
      materialize(b, input, mapping);
    b.clone(*op, mapping);
  }
  if (!isLast)
    func::ReturnOp::create(b, func.getLoc(),
                           mapping.lookup(cuts[stage].second));
}

int64_t StageSplitter::build() {
  size_t first = 0;
  for (auto [stage, cut] : llvm::enumerate(cuts)) {
    buildStage(stage, first, cut.first);
    first = cut.first;
  }
  buildStage(cuts.size(), first, activations.size());
  return cuts.size() + 1;
}

namespace {

struct SplitStages : compress::impl::SplitStagesBase<SplitStages> {
  using SplitStagesBase::SplitStagesBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto func = module.lookupSymbol<func::FuncOp>(function);
    if (!func || func.isExternal()) {
      module.emitError("has no function '") << function << "' to split";
      return signalPassFailure();
    }
    StageSplitter splitter(func);
    if (failed(splitter.check()))
      return signalPassFailure();
    splitter.analyze();
    numStages += splitter.build();
    for (auto other : llvm::make_early_inc_range(module.getOps<func::FuncOp>()))
      if (other == func || (!keepOthers && other.isPublic() &&
                            !other.getSymName().starts_with(function + ".")))
        other.erase();
  }
};

} // namespace
