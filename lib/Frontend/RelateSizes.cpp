//===- RelateSizes.cpp - Sizes as functions of the arguments' -------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Frontend/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Affine/Utils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::compress {
#define GEN_PASS_DEF_RELATESIZES
#include "compress/Frontend/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

/// What a size of an argument or result is called; equal names, equal sizes.
static constexpr StringLiteral kSizeNames = "compress.sizes";

namespace {

/// Sizes as affine expressions of symbols; a symbol is a size that one or more
/// dimensions of the function's arguments have.
class Sizes {
public:
  explicit Sizes(func::FuncOp func) : func(func), b(func.getContext()) {
    readNames();
  }

  /// The size of a dimension of a tensor, or nothing where it does not follow
  /// from the arguments' sizes in ways that are known here.
  std::optional<AffineExpr> getSize(Value tensor, int64_t dim);
  /// The integer or index `value`, likewise.
  std::optional<AffineExpr> getValue(Value value);
  std::optional<AffineExpr> getValue(OpFoldResult value);

  /// From here on, `a` and `b` are one symbol.
  void unite(AffineExpr a, AffineExpr b);
  /// Whether `expr` is zero or more for all sizes.
  static bool isNonNegative(AffineExpr expr);

  unsigned getNumSymbols() const { return places.size(); }
  /// An argument and its dimension that a symbol is the size of.
  std::pair<BlockArgument, int64_t> getPlace(unsigned symbol) const {
    return places[symbol];
  }

private:
  void readNames();
  AffineExpr getSymbol(BlockArgument argument, int64_t dim);
  std::optional<AffineExpr> compute(Operation *op);
  std::optional<AffineExpr> computeSize(Operation *op, OpResult tensor,
                                        int64_t dim);
  AffineExpr simplify(AffineExpr expr) {
    return simplifyAffineExpr(expr, 0, places.size());
  }

  func::FuncOp func;
  Builder b;
  llvm::MapVector<std::pair<Value, int64_t>, AffineExpr> symbols;
  SmallVector<std::pair<BlockArgument, int64_t>> places;
  DenseMap<Value, std::optional<AffineExpr>> known;
};

} // namespace

/// Sizes that already have one name are one symbol.
void Sizes::readNames() {
  llvm::StringMap<AffineExpr> named;
  for (BlockArgument argument : func.getArguments()) {
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    auto names =
        func.getArgAttrOfType<ArrayAttr>(argument.getArgNumber(), kSizeNames);
    if (!type || !names || int64_t(names.size()) != type.getRank())
      continue;
    for (auto [dim, attribute] : llvm::enumerate(names)) {
      auto name = dyn_cast<StringAttr>(attribute);
      if (!name || name.empty() || !type.isDynamicDim(dim))
        continue;
      AffineExpr symbol = getSymbol(argument, dim);
      auto [first, isNew] = named.try_emplace(name.getValue(), symbol);
      if (!isNew)
        unite(first->second, symbol);
    }
  }
}

AffineExpr Sizes::getSymbol(BlockArgument argument, int64_t dim) {
  auto [place, isNew] = symbols.try_emplace({argument, dim}, AffineExpr());
  if (isNew) {
    place->second = b.getAffineSymbolExpr(places.size());
    places.push_back({argument, dim});
  }
  return place->second;
}

void Sizes::unite(AffineExpr a, AffineExpr b) {
  for (auto &[place, symbol] : symbols)
    if (symbol == b)
      symbol = a;
  known.clear();
}

bool Sizes::isNonNegative(AffineExpr expr) {
  if (isa<AffineSymbolExpr>(expr))
    return true;
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return constant.getValue() >= 0;
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return false;
  switch (expr.getKind()) {
  case AffineExprKind::Mod:
    return true;
  case AffineExprKind::Add:
  case AffineExprKind::Mul:
    return isNonNegative(binary.getLHS()) && isNonNegative(binary.getRHS());
  case AffineExprKind::FloorDiv:
  case AffineExprKind::CeilDiv:
    return isNonNegative(binary.getLHS()) &&
           isa<AffineConstantExpr>(binary.getRHS()) &&
           cast<AffineConstantExpr>(binary.getRHS()).getValue() > 0;
  default:
    return false;
  }
}

std::optional<AffineExpr> Sizes::getValue(OpFoldResult value) {
  if (auto attribute = dyn_cast<Attribute>(value))
    return b.getAffineConstantExpr(cast<IntegerAttr>(attribute).getInt());
  return getValue(cast<Value>(value));
}

std::optional<AffineExpr> Sizes::getValue(Value value) {
  if (!value.getType().isIntOrIndex() || value.getType().isInteger(1))
    return std::nullopt;
  auto found = known.find(value);
  if (found != known.end())
    return found->second;
  std::optional<AffineExpr> result;
  if (Operation *op = value.getDefiningOp(); op && op->getNumResults() == 1)
    result = compute(op);
  if (result)
    result = simplify(*result);
  return known[value] = result;
}

std::optional<AffineExpr> Sizes::compute(Operation *op) {
  APInt constant;
  if (matchPattern(op, m_ConstantInt(&constant)))
    return b.getAffineConstantExpr(constant.getSExtValue());
  if (auto dim = dyn_cast<tensor::DimOp>(op)) {
    std::optional<int64_t> index = dim.getConstantIndex();
    return index ? getSize(dim.getSource(), *index) : std::nullopt;
  }
  if (auto apply = dyn_cast<affine::AffineApplyOp>(op)) {
    SmallVector<AffineExpr> operands;
    for (Value operand : apply.getOperands()) {
      std::optional<AffineExpr> expr = getValue(operand);
      if (!expr)
        return std::nullopt;
      operands.push_back(*expr);
    }
    AffineMap map = apply.getMap();
    return map.getResult(0).replaceDimsAndSymbols(
        ArrayRef(operands).take_front(map.getNumDims()),
        ArrayRef(operands).drop_front(map.getNumDims()));
  }
  // Sizes fit their types; a program whose sizes overflow has no memory.
  if (isa<arith::IndexCastOp, arith::IndexCastUIOp, arith::ExtSIOp,
          arith::TruncIOp>(op))
    return getValue(op->getOperand(0));
  if (op->getNumOperands() != 2)
    return std::nullopt;
  std::optional<AffineExpr> x, y;
  if (isa<arith::AddIOp, arith::SubIOp, arith::MulIOp, arith::DivSIOp,
          arith::DivUIOp, arith::FloorDivSIOp, arith::CeilDivSIOp,
          arith::RemSIOp, arith::RemUIOp>(op)) {
    x = getValue(op->getOperand(0));
    y = getValue(op->getOperand(1));
  }
  if (!x || !y)
    return std::nullopt;
  auto divisor = dyn_cast<AffineConstantExpr>(*y);
  // Rounding down and towards zero agree from zero on.
  bool canDivide = divisor && divisor.getValue() > 0 && isNonNegative(*x);
  return llvm::TypeSwitch<Operation *, std::optional<AffineExpr>>(op)
      .Case<arith::AddIOp>([&](auto) { return *x + *y; })
      .Case<arith::SubIOp>([&](auto) { return *x - *y; })
      .Case<arith::MulIOp>([&](auto) -> std::optional<AffineExpr> {
        if (!x->isSymbolicOrConstant() || !y->isSymbolicOrConstant())
          return std::nullopt;
        if (!isa<AffineConstantExpr>(*x) && !isa<AffineConstantExpr>(*y))
          return std::nullopt; // not affine
        return *x * *y;
      })
      .Case<arith::DivSIOp, arith::DivUIOp, arith::FloorDivSIOp>(
          [&](auto) -> std::optional<AffineExpr> {
            if (!canDivide)
              return std::nullopt;
            return x->floorDiv(divisor.getValue());
          })
      .Case<arith::CeilDivSIOp>([&](auto) -> std::optional<AffineExpr> {
        if (!canDivide)
          return std::nullopt;
        return x->ceilDiv(divisor.getValue());
      })
      .Case<arith::RemSIOp, arith::RemUIOp>(
          [&](auto) -> std::optional<AffineExpr> {
            if (!canDivide)
              return std::nullopt;
            return *x % divisor.getValue();
          })
      .Default([](Operation *) -> std::optional<AffineExpr> {
        return std::nullopt;
      });
}

std::optional<AffineExpr> Sizes::getSize(Value tensor, int64_t dim) {
  auto type = cast<RankedTensorType>(tensor.getType());
  if (!type.isDynamicDim(dim))
    return b.getAffineConstantExpr(type.getDimSize(dim));
  if (auto argument = dyn_cast<BlockArgument>(tensor)) {
    if (argument.getOwner() != &func.getBody().front())
      return std::nullopt;
    return getSymbol(argument, dim);
  }
  return computeSize(tensor.getDefiningOp(), cast<OpResult>(tensor), dim);
}

std::optional<AffineExpr> Sizes::computeSize(Operation *op, OpResult tensor,
                                             int64_t dim) {
  using Size = std::optional<AffineExpr>;
  if (auto destination = dyn_cast<DestinationStyleOpInterface>(op))
    return getSize(destination.getTiedOpOperand(tensor)->get(), dim);
  return llvm::TypeSwitch<Operation *, Size>(op)
      .Case([&](tensor::EmptyOp empty) {
        return getValue(empty.getMixedSizes()[dim]);
      })
      .Case([&](tensor::CastOp cast) { return getSize(cast.getSource(), dim); })
      .Case([&](tensor::ExpandShapeOp expand) {
        return getValue(expand.getMixedOutputShape()[dim]);
      })
      .Case([&](tensor::CollapseShapeOp collapse) -> Size {
        AffineExpr product = b.getAffineConstantExpr(1);
        for (int64_t source : collapse.getReassociationIndices()[dim]) {
          Size size = getSize(collapse.getSrc(), source);
          if (!size || (!isa<AffineConstantExpr>(*size) &&
                        !isa<AffineConstantExpr>(product)))
            return std::nullopt;
          product = product * *size;
        }
        return simplify(product);
      })
      .Case([&](tensor::ExtractSliceOp slice) -> Size {
        if (slice.getType().getRank() != slice.getSourceType().getRank())
          return std::nullopt;
        return getValue(slice.getMixedSizes()[dim]);
      })
      .Case([&](tensor::PadOp pad) -> Size {
        Size low = getValue(pad.getMixedLowPad()[dim]),
             size = getSize(pad.getSource(), dim),
             high = getValue(pad.getMixedHighPad()[dim]);
        if (!low || !size || !high)
          return std::nullopt;
        return simplify(*low + *size + *high);
      })
      .Default([](Operation *) -> Size { return std::nullopt; });
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {

/// Rewrites one function.
class SizeRewriter {
public:
  explicit SizeRewriter(func::FuncOp func) : func(func), sizes(func) {}

  LogicalResult run() {
    if (!func.getBody().hasOneBlock())
      return success(); // Sizes may differ from way to way.
    if (failed(settleChecks()))
      return failure();
    removeBroadcasts();
    readAsOperands();
    writeSizes();
    nameSizes();
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(getBody())))
      if (isOpTriviallyDead(&op))
        op.erase();
    return success();
  }

  unsigned numChecks = 0, numSizes = 0;

private:
  Block &getBody() { return func.getBody().front(); }

  /// Whether `condition` holds for all arguments whose common sizes agree.
  bool holds(Value condition);
  bool holds(arith::CmpIOp compare);
  LogicalResult settleChecks();
  void removeBroadcasts();
  std::optional<AffineMap> getReadMap(linalg::GenericOp op,
                                      tensor::ExtractOp extract);
  void readAsOperands();
  void writeSizes();
  void nameSizes();
  ArrayAttr getNames(Value tensor);
  Value materialize(AffineExpr expr);

  func::FuncOp func;
  Sizes sizes;
  DenseMap<AffineExpr, Value> written;
  DenseMap<AffineExpr, std::string> names;
};

} // namespace

bool SizeRewriter::holds(arith::CmpIOp compare) {
  std::optional<AffineExpr> x = sizes.getValue(compare.getLhs()),
                            y = sizes.getValue(compare.getRhs());
  if (!x || !y)
    return false;
  AffineExpr difference = simplifyAffineExpr(*x - *y, 0, sizes.getNumSymbols());
  auto constant = dyn_cast<AffineConstantExpr>(difference);
  using P = arith::CmpIPredicate;
  // From zero on, unsigned comparisons are signed ones.
  P predicate = compare.getPredicate();
  if (llvm::is_contained({P::uge, P::ugt, P::ule, P::ult}, predicate) &&
      (!Sizes::isNonNegative(*x) || !Sizes::isNonNegative(*y)))
    return false;
  switch (predicate) {
  case P::eq:
    if (isa<AffineSymbolExpr>(*x) && isa<AffineSymbolExpr>(*y))
      sizes.unite(*x, *y);
    else if (!constant || constant.getValue() != 0)
      return false;
    return true;
  case P::ne:
    return constant && constant.getValue() != 0;
  case P::sge:
  case P::uge:
    return Sizes::isNonNegative(difference);
  case P::sgt:
  case P::ugt:
    return Sizes::isNonNegative(difference - 1);
  case P::sle:
  case P::ule:
    return Sizes::isNonNegative(
        simplifyAffineExpr(*y - *x, 0, sizes.getNumSymbols()));
  case P::slt:
  case P::ult:
    return Sizes::isNonNegative(
        simplifyAffineExpr(*y - *x - 1, 0, sizes.getNumSymbols()));
  }
  llvm_unreachable("all predicates are handled");
}

bool SizeRewriter::holds(Value condition) {
  if (matchPattern(condition, m_One()))
    return true;
  if (auto both = condition.getDefiningOp<arith::AndIOp>())
    return holds(both.getLhs()) && holds(both.getRhs());
  auto compare = condition.getDefiningOp<arith::CmpIOp>();
  return compare && holds(compare);
}

LogicalResult SizeRewriter::settleChecks() {
  SmallVector<cf::AssertOp> checks(getBody().getOps<cf::AssertOp>());
  // What two checks have in common may hold only after the first.
  for (bool any = true; any;) {
    any = false;
    for (cf::AssertOp &check : checks)
      if (check && holds(check.getArg())) {
        check.erase();
        check = nullptr;
        ++numChecks;
        any = true;
      }
  }
  for (cf::AssertOp check : checks)
    if (check)
      return check.emitOpError("can't be kept: programs can't fail, and it "
                               "does not follow from sizes that arguments have "
                               "in common that '")
             << check.getMsg()
             << "' never comes true; remove it, or make the module with the "
                "sizes known";
  return success();
}

/// Bodies that ask `size == 1 ? 0 : index`, where the index runs to that size.
void SizeRewriter::removeBroadcasts() {
  func.walk([&](arith::SelectOp select) {
    auto op = dyn_cast<linalg::LinalgOp>(select->getParentOp());
    auto compare = select.getCondition().getDefiningOp<arith::CmpIOp>();
    auto index = select.getFalseValue().getDefiningOp<linalg::IndexOp>();
    if (!op || !compare || !index ||
        compare.getPredicate() != arith::CmpIPredicate::eq ||
        !matchPattern(select.getTrueValue(), m_Zero()) ||
        !matchPattern(compare.getRhs(), m_One()))
      return;
    std::optional<AffineExpr> size = sizes.getValue(compare.getLhs());
    if (!size)
      return;
    for (OpOperand &operand : op->getOpOperands()) {
      auto type = dyn_cast<RankedTensorType>(operand.get().getType());
      if (!type)
        continue;
      AffineMap map = op.getMatchingIndexingMap(&operand);
      for (auto [dim, expr] : llvm::enumerate(map.getResults()))
        if (auto loop = dyn_cast<AffineDimExpr>(expr);
            loop && loop.getPosition() == index.getDim() &&
            sizes.getSize(operand.get(), dim) == size) {
          select.replaceAllUsesWith(index.getResult());
          return;
        }
    }
  });
}

/// The loops whose indices an element is read at, if each of them runs over all
/// of the dimension.
std::optional<AffineMap> SizeRewriter::getReadMap(linalg::GenericOp op,
                                                  tensor::ExtractOp extract) {
  AffineMap out = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  Value source = extract.getTensor();
  if (source.getParentBlock() == op.getBlock() || !out.isPermutation())
    return std::nullopt;
  SmallVector<AffineExpr> loops;
  for (auto [dim, index] : llvm::enumerate(extract.getIndices())) {
    auto loop = index.getDefiningOp<linalg::IndexOp>();
    if (!loop || loop->getBlock() != op.getBlock())
      return std::nullopt;
    AffineExpr expr = getAffineDimExpr(loop.getDim(), op.getContext());
    std::optional<AffineExpr> range =
        sizes.getSize(op.getOutputs().front(), *out.getResultPosition(expr));
    if (!range || sizes.getSize(source, dim) != range)
      return std::nullopt;
    loops.push_back(expr);
  }
  auto map = AffineMap::get(op.getNumLoops(), 0, loops, op.getContext());
  return map.isProjectedPermutation() ? std::optional(map) : std::nullopt;
}

/// Bodies that read an element at the loops' own indices take it as an operand.
void SizeRewriter::readAsOperands() {
  SmallVector<std::pair<tensor::ExtractOp, AffineMap>> reads;
  func.walk([&](tensor::ExtractOp extract) {
    if (auto op = dyn_cast<linalg::GenericOp>(extract->getParentOp()))
      if (std::optional<AffineMap> map = getReadMap(op, extract))
        reads.push_back({extract, *map});
  });
  for (auto &[extract, map] : reads) {
    auto op = cast<linalg::GenericOp>(extract->getParentOp());
    SmallVector<Value> inputs(op.getInputs());
    SmallVector<AffineMap> maps = op.getIndexingMapsArray();
    maps.insert(maps.begin() + inputs.size(), map);
    Value element = op.getBlock()->insertArgument(
        inputs.size(), extract.getType(), extract.getLoc());
    extract.replaceAllUsesWith(element);
    inputs.push_back(extract.getTensor());
    extract.erase();
    OpBuilder b(op);
    auto made = linalg::GenericOp::create(b, op.getLoc(), op.getResultTypes(),
                                          inputs, op.getOutputs(), maps,
                                          op.getIteratorTypesArray());
    made.getRegion().takeBody(op.getRegion());
    op.replaceAllUsesWith(made);
    op.erase();
  }
}

Value SizeRewriter::materialize(AffineExpr expr) {
  if (Value value = written.lookup(expr))
    return value;
  // At the beginning, where all can use it; parts before what is made of them.
  SmallVector<Value> symbols(sizes.getNumSymbols());
  expr.walk([&](AffineExpr part) {
    if (auto symbol = dyn_cast<AffineSymbolExpr>(part); symbol && part != expr)
      symbols[symbol.getPosition()] = materialize(part);
  });
  OpBuilder b(func.getContext());
  Operation *after = nullptr;
  for (Value symbol : symbols)
    if (symbol && (!after || after->isBeforeInBlock(symbol.getDefiningOp())))
      after = symbol.getDefiningOp();
  if (after)
    b.setInsertionPointAfter(after);
  else
    b.setInsertionPointToStart(&getBody());
  Value made;
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr)) {
    auto [argument, dim] = sizes.getPlace(symbol.getPosition());
    made = tensor::DimOp::create(b, func.getLoc(), argument, dim);
  } else {
    made = affine::expandAffineExpr(b, func.getLoc(), expr, {}, symbols);
  }
  return written[expr] = made;
}

void SizeRewriter::writeSizes() {
  SmallVector<std::pair<Operation *, AffineExpr>> found;
  for (Operation &op : getBody()) {
    if (op.getNumResults() != 1 || op.hasTrait<OpTrait::ConstantLike>() ||
        op.use_empty())
      continue;
    if (std::optional<AffineExpr> expr = sizes.getValue(op.getResult(0)))
      found.push_back({&op, *expr});
  }
  for (auto [op, expr] : found) {
    Value value = materialize(expr);
    OpBuilder b(func.getContext());
    b.setInsertionPointAfterValue(value);
    if (!op->getResult(0).getType().isIndex())
      value = arith::IndexCastOp::create(b, op->getLoc(),
                                         op->getResult(0).getType(), value);
    op->getResult(0).replaceAllUsesWith(value);
    ++numSizes;
  }
}

ArrayAttr SizeRewriter::getNames(Value tensor) {
  auto type = dyn_cast<RankedTensorType>(tensor.getType());
  if (!type || type.hasStaticShape())
    return {};
  Builder b(func.getContext());
  SmallVector<StringRef> found;
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    std::optional<AffineExpr> size = sizes.getSize(tensor, dim);
    if (!type.isDynamicDim(dim) || !size || !isa<AffineSymbolExpr>(*size)) {
      found.push_back("");
      continue;
    }
    auto [name, isNew] = names.try_emplace(*size);
    if (isNew)
      name->second = ("s" + Twine(names.size() - 1)).str();
    found.push_back(name->second);
  }
  return b.getStrArrayAttr(found);
}

void SizeRewriter::nameSizes() {
  // All sizes before any name: names are made in their order.
  for (BlockArgument argument : func.getArguments())
    if (ArrayAttr names = getNames(argument))
      func.setArgAttr(argument.getArgNumber(), kSizeNames, names);
  for (auto [i, value] :
       llvm::enumerate(getBody().getTerminator()->getOperands()))
    if (ArrayAttr names = getNames(value))
      func.setResultAttr(i, kSizeNames, names);
}

namespace {

struct RelateSizes : compress::impl::RelateSizesBase<RelateSizes> {
  void runOnOperation() override {
    for (auto func : getOperation().getOps<func::FuncOp>()) {
      if (func.isExternal())
        continue;
      SizeRewriter rewriter(func);
      if (failed(rewriter.run()))
        return signalPassFailure();
      numChecks += rewriter.numChecks;
      numSizes += rewriter.numSizes;
    }
  }
};

} // namespace
