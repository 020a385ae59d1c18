//===- Destinations.cpp - Results that callers provide the memory for -----===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::compress {
#define GEN_PASS_DEF_RESULTSTODESTINATIONS
#define GEN_PASS_DEF_DROPRETURNEDARGUMENTS
#include "compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

namespace {

struct ResultsToDestinations
    : compress::impl::ResultsToDestinationsBase<ResultsToDestinations> {
  /// A group that copies `source`, for results that no group makes.
  Value copy(OpBuilder &b, Location loc, Value source, Value destination) {
    auto group = GroupOp::create(b, loc, TypeRange(destination.getType()),
                                 ValueRange(source), ValueRange(destination),
                                 StrategyAttr());
    OpBuilder::InsertionGuard guard(b);
    Block *block = b.createBlock(&group.getBody());
    Value from = block->addArgument(source.getType(), loc);
    Value empty = tensor::EmptyOp::create(
        b, loc, tensor::getMixedSizes(b, loc, from),
        cast<RankedTensorType>(source.getType()).getElementType());
    auto copied = linalg::CopyOp::create(b, loc, from, empty);
    YieldOp::create(b, loc, copied.getResults());
    return group.getResult(0);
  }

  /// Makes the group that `value`, perhaps in another shape, is a result of
  /// write to `destination`; false if none does or others need the result.
  bool writeTo(Value destination, Value value) {
    if (!value.hasOneUse())
      return false;
    auto expand = value.getDefiningOp<tensor::ExpandShapeOp>();
    Value written = expand ? expand.getSrc() : value;
    auto group = written.getDefiningOp<GroupOp>();
    if (!group || !written.hasOneUse())
      return false;
    OpOperand &init =
        group.getInitsMutable()[cast<OpResult>(written).getResultNumber()];
    if (!init.get().getDefiningOp<tensor::EmptyOp>())
      return false;
    if (expand) {
      OpBuilder b(group);
      destination = tensor::CollapseShapeOp::create(
          b, expand.getLoc(), written.getType(), destination,
          expand.getReassociationIndices());
    }
    init.set(destination);
    return true;
  }

  LogicalResult convert(func::FuncOp func) {
    if (!func.getBody().hasOneBlock())
      return func.emitOpError("needs a body of one block to get destinations");
    Block &body = func.getBody().front();
    auto ret = cast<func::ReturnOp>(body.getTerminator());
    OpBuilder b(ret);
    for (OpOperand &operand : ret->getOpOperands()) {
      Type type = operand.get().getType();
      if (!isa<RankedTensorType>(type))
        return ret.emitOpError("a program returns tensors, got ") << type;
      if (failed(func.insertArgument(func.getNumArguments(), type,
                                     DictionaryAttr(), func.getLoc())))
        return failure();
      Value destination = body.getArguments().back();
      if (!writeTo(destination, operand.get()))
        operand.set(copy(b, ret.getLoc(), operand.get(), destination));
    }
    return success();
  }

  void runOnOperation() override {
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (func.isPublic() && !func.isExternal() && failed(convert(func)))
        return signalPassFailure();
  }
};

struct DropReturnedArguments
    : compress::impl::DropReturnedArgumentsBase<DropReturnedArguments> {
  /// An argument that was reshaped and reshaped back is the argument.
  void skipViews(func::FuncOp func) {
    func.walk([](func::ReturnOp ret) {
      for (OpOperand &operand : ret->getOpOperands()) {
        Value source = operand.get();
        while (Operation *op = source.getDefiningOp()) {
          if (!isa<memref::ExpandShapeOp, memref::CollapseShapeOp>(op))
            break;
          source = op->getOperand(0);
        }
        if (isa<BlockArgument>(source) &&
            source.getType() == operand.get().getType())
          operand.set(source);
      }
    });
  }

  void runOnOperation() override {
    // Upstream leaves public functions alone, whose callers it can't see. Ours
    // are called through a manifest that is written from the new signature.
    SmallVector<func::FuncOp> entries;
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (func.isPublic() && !func.isExternal()) {
        func.setPrivate();
        skipViews(func);
        entries.push_back(func);
      }
    LogicalResult dropped =
        bufferization::dropEquivalentBufferResults(getOperation());
    for (func::FuncOp func : entries) {
      func.setPublic();
      if (func.getNumResults() != 0) {
        func.emitOpError("still returns a buffer that is not a destination");
        dropped = failure();
      }
    }
    if (failed(dropped))
      signalPassFailure();
  }
};

} // namespace
