//===- Scalar.cpp - Structured ops point by point -------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel.h"
#include "RowEncoder.h"

#include <map>

using namespace mlir;
using namespace mlir::compress;

namespace {

/// Loops over the iteration space of one structured op; the way of everything
/// that no other form takes.
class ScalarEmitter {
public:
  ScalarEmitter(Kernel &kernel, linalg::LinalgOp op)
      : kernel(kernel), e(kernel.e), op(op), loops(op.getNumLoops()) {}

  LogicalResult emit();

private:
  Value size(unsigned loop);
  void emitParallel(ArrayRef<unsigned> rest);
  Value emitReduction(ArrayRef<unsigned> rest, Value sum);
  Value readInit();
  bool isProduct();
  Value readOperand(OpOperand &operand);
  Value bodyAt(Value sum);

  Kernel &kernel;
  Emitter &e;
  linalg::LinalgOp op;
  SmallVector<Value> loops;
  SmallVector<unsigned> parallel, reduction;
  std::map<OpOperand *, EncodedOperand> operands;
  /// An operand whose columns are stored in another order: the loop over its
  /// columns runs in that order, and all others are indexed by what the order
  /// says.
  OpOperand *permuted = nullptr;
  unsigned permutedLoop = 0;
  Value storedColumn;

  void enterLoop(unsigned loop, Value i);
  LogicalResult findPermuted();
};

} // namespace

Value ScalarEmitter::size(unsigned loop) {
  int64_t known = op.getStaticLoopRanges()[loop];
  if (!ShapedType::isDynamic(known))
    return e.index(known);
  for (OpOperand &operand : op->getOpOperands()) {
    AffineMap map = op.getMatchingIndexingMap(&operand);
    for (auto [i, result] : llvm::enumerate(map.getResults())) {
      auto dim = dyn_cast<AffineDimExpr>(result);
      if (!dim || dim.getPosition() != loop)
        continue;
      if (isa<BlockArgument>(operand.get()))
        return e.dim(kernel.buffer(operand.get()), i);
      if (auto assemble = operand.get().getDefiningOp<AssembleOp>())
        // Codes keep all dimensions but the last, which is static.
        return e.dim(kernel.buffer(assemble.getComponents().front()), i);
      if (operand.get() == op.getDpsInitOperand(0)->get())
        return e.dim(kernel.destination(0), i);
    }
  }
  llvm_unreachable("every loop runs over a dimension of an operand");
}

Value ScalarEmitter::readOperand(OpOperand &operand) {
  if (!isa<RankedTensorType>(operand.get().getType()))
    return operand.get();
  SmallVector<Value> at;
  for (AffineExpr result : op.getMatchingIndexingMap(&operand).getResults()) {
    // Sums and multiples of loops, as convolutions have them.
    std::function<Value(AffineExpr)> expand = [&](AffineExpr x) -> Value {
      if (auto dim = dyn_cast<AffineDimExpr>(x))
        return loops[dim.getPosition()];
      if (auto constant = dyn_cast<AffineConstantExpr>(x))
        return e.index(constant.getValue());
      auto binary = cast<AffineBinaryOpExpr>(x);
      Value a = expand(binary.getLHS()), b = expand(binary.getRHS());
      return x.getKind() == AffineExprKind::Add ? e.add(a, b) : e.mul(a, b);
    };
    at.push_back(expand(result));
  }
  if (!at.empty())
    at.front() = kernel.sourceIndex(operand.get(), at.front());
  auto found = operands.find(&operand);
  if (found == operands.end())
    return e.load(kernel.buffer(getSource(operand.get())), at);
  if (&operand == permuted)
    at.back() = storedColumn;
  SmallVector<Coord> coords(at.begin(), at.end());
  return found->second.read(e, coords);
}

void ScalarEmitter::enterLoop(unsigned loop, Value i) {
  loops[loop] = i;
  if (!permuted || loop != permutedLoop)
    return;
  storedColumn = i;
  loops[loop] = operands.find(permuted)->second.logicalColumn(e, i);
}

LogicalResult ScalarEmitter::findPermuted() {
  for (auto &[operand, reader] : operands) {
    if (!reader.isPermuted())
      continue;
    auto last = dyn_cast<AffineDimExpr>(
        op.getMatchingIndexingMap(operand).getResults().back());
    if (permuted || !last)
      return op.emitOpError("has no form of code yet: expected at most one "
                            "operand of permuted columns, indexed by a loop");
    permuted = operand;
    permutedLoop = last.getPosition();
  }
  return success();
}

Value ScalarEmitter::readInit() {
  OpOperand *init = op.getDpsInitOperand(0);
  if (Attribute fill = getFillValue(init->get()))
    return arith::ConstantOp::create(e, cast<TypedAttr>(fill));
  if (isa<BlockArgument>(init->get()))
    return readOperand(*init);
  // Not read, or not defined by the program.
  Type element = cast<RankedTensorType>(init->get().getType()).getElementType();
  return arith::ConstantOp::create(e, cast<TypedAttr>(e.getZeroAttr(element)));
}

/// Whether the op sums up products in f32, which are then added without being
/// rounded, in order of the loops and from zero on, as panels do.
bool ScalarEmitter::isProduct() {
  return getContraction(op) &&
         llvm::all_of(op->getOperandTypes(), [](Type type) {
           return getElementTypeOrSelf(type).isF32();
         });
}

Value ScalarEmitter::bodyAt(Value sum) {
  if (isProduct())
    return e.fma(readOperand(*op.getDpsInputOperand(0)),
                 readOperand(*op.getDpsInputOperand(1)), sum);
  SmallVector<Value> arguments;
  for (OpOperand *input : op.getDpsInputOperands())
    arguments.push_back(op.getMatchingBlockArgument(input).use_empty()
                            ? Value()
                            : readOperand(*input));
  arguments.push_back(sum);
  return inlineBody(kernel, op, arguments, 0,
                    [&](int64_t dim) { return loops[dim]; });
}

Value ScalarEmitter::emitReduction(ArrayRef<unsigned> rest, Value sum) {
  if (rest.empty())
    return bodyAt(sum);
  return e
      .loop(e.index(0), size(rest.front()), 1, ValueRange{sum},
            [&](Value i, ValueRange carried) {
              enterLoop(rest.front(), i);
              return SmallVector<Value>{
                  emitReduction(rest.drop_front(), carried.front())};
            })
      .front();
}

void ScalarEmitter::emitParallel(ArrayRef<unsigned> rest) {
  if (!rest.empty()) {
    e.loop(e.index(0), size(rest.front()), 1, [&](Value i) {
      enterLoop(rest.front(), i);
      emitParallel(rest.drop_front());
    });
    return;
  }
  bool addsInit = isProduct();
  Value result =
      emitReduction(reduction, addsInit ? e.constantF32(0) : readInit());
  if (addsInit)
    result = e.add(result, readInit());
  SmallVector<Value> at;
  for (AffineExpr expr :
       op.getMatchingIndexingMap(op.getDpsInitOperand(0)).getResults())
    at.push_back(isa<AffineConstantExpr>(expr)
                     ? e.index(0)
                     : loops[cast<AffineDimExpr>(expr).getPosition()]);
  e.store(result, kernel.destination(0), at);
}

/// An op of the body that is not computed from scalars to scalars.
static Operation *findUnknown(linalg::LinalgOp op) {
  for (Operation &inner : op.getBlock()->without_terminator())
    if (!isa<linalg::IndexOp, tensor::ExtractOp>(inner) &&
        (inner.getNumRegions() != 0 || !isMemoryEffectFree(&inner)))
      return &inner;
  return nullptr;
}

LogicalResult ScalarEmitter::emit() {
  if (op.getNumDpsInits() != 1 || op->getNumResults() != 1 ||
      kernel.getResultNumber(op->getResult(0)) != 0)
    return op.emitOpError("has no form of code yet: expected one result, "
                          "which is the group's");
  if (!op.getMatchingIndexingMap(op.getDpsInitOperand(0))
           .isProjectedPermutation(/*allowZeroInResults=*/true))
    return op.emitOpError("has no form of code yet: expected a result that is "
                          "indexed by loops");
  if (Operation *unknown = findUnknown(op))
    return unknown->emitOpError("has no form of code yet in a structured op");
  for (OpOperand *input : op.getDpsInputOperands())
    if (getEncoding(getSource(input->get()).getType()))
      operands.emplace(input, kernel.operand(input->get()));
  if (failed(findPermuted()))
    return failure();
  for (auto [i, kind] : llvm::enumerate(op.getIteratorTypesArray()))
    (kind == utils::IteratorType::parallel ? parallel : reduction).push_back(i);
  if (parallel.empty()) { // one value: the first thread computes it
    Value first = arith::CmpIOp::create(e, arith::CmpIPredicate::eq,
                                        kernel.thread, e.index(0));
    e.ifThenElse(first, [&] { emitParallel({}); });
    return success();
  }
  auto [begin, end] =
      e.share(size(parallel.front()), kernel.thread, kernel.threads);
  e.loop(begin, end, 1, [&](Value i) {
    enterLoop(parallel.front(), i);
    emitParallel(ArrayRef(parallel).drop_front());
  });
  return success();
}

/// compress.decode: every value of the tensor.
static LogicalResult emitDecode(Kernel &kernel, DecodeOp op) {
  Emitter &e = kernel.e;
  EncodedOperand source = kernel.operand(op.getSource());
  Value result = kernel.destination(0);
  int64_t rank = op.getResult().getType().getRank();
  SmallVector<Value> at(rank);
  std::function<void(int64_t)> emitLoop = [&](int64_t dim) {
    if (dim == rank) {
      SmallVector<Coord> index(at.begin(), at.end());
      Value value = source.read(e, index);
      SmallVector<Value> to(at);
      to.back() = source.logicalColumn(e, at.back());
      e.store(value, result, to);
      return;
    }
    Value begin = e.index(0), end = e.dim(result, dim);
    if (dim == 0)
      std::tie(begin, end) = e.share(end, kernel.thread, kernel.threads);
    e.loop(begin, end, 1, [&](Value i) {
      at[dim] = i;
      emitLoop(dim + 1);
    });
  };
  emitLoop(0);
  return success();
}

/// compress.encode of a tensor of any rank, row by row.
static LogicalResult emitEncode(Kernel &kernel, EncodeOp op) {
  Emitter &e = kernel.e;
  int64_t rank = op.getSource().getType().getRank();
  auto components = cast<ComponentsOp>(*op.getResult().user_begin());
  FailureOr<EncodingSpec> spec = RowEncoder::getEncoding(op);
  if (failed(spec))
    return failure();
  RowEncoder encoder(kernel, *spec, op.getSource().getType().getShape().back());
  Value source = kernel.buffer(op.getSource());
  SmallVector<Value> at(rank - 1);
  std::function<void(int64_t)> emitLoop = [&](int64_t dim) {
    if (dim == rank - 1) {
      SmallVector<RowEncoder::Row> parts;
      for (Value part : components.getComponents())
        parts.push_back({kernel.destination(kernel.getResultNumber(part)), at});
      return encoder.encode({source, at}, parts);
    }
    Value begin = e.index(0), end = e.dim(source, dim);
    if (dim == 0)
      std::tie(begin, end) = e.share(end, kernel.thread, kernel.threads);
    e.loop(begin, end, 1, [&](Value i) {
      at[dim] = i;
      emitLoop(dim + 1);
    });
  };
  emitLoop(0);
  return success();
}

LogicalResult compress::emitScalar(Kernel &kernel) {
  linalg::LinalgOp root;
  for (Operation &op : kernel.group.getBlock().without_terminator()) {
    if (auto decode = dyn_cast<DecodeOp>(op))
      return emitDecode(kernel, decode);
    if (auto encode = dyn_cast<EncodeOp>(op))
      return emitEncode(kernel, encode);
    if (auto structured = dyn_cast<linalg::LinalgOp>(op);
        structured && !isa<linalg::FillOp>(op))
      root = structured;
  }
  if (!root)
    return kernel.group.emitOpError("has no structured op to emit");
  return ScalarEmitter(kernel, root).emit();
}
