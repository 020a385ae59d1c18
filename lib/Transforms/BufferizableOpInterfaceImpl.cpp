//===- BufferizableOpInterfaceImpl.cpp - Bufferization of groups ----------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Transforms/BufferizableOpInterfaceImpl.h"

#include "compress/Dialect/Compress/IR/Compress.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::compress;
using namespace mlir::bufferization;

namespace {

struct GroupModel
    : DstBufferizableOpInterfaceExternalModel<GroupModel, GroupOp> {
  /// A group writes its destinations without looking at them.
  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand,
                              const AnalysisState &state) const {
    return !cast<GroupOp>(op).isDpsInit(&operand);
  }

  /// The region stays on tensors and does not count.
  bool hasTensorSemantics(Operation *op) const {
    auto isTensor = [](Type type) { return isa<TensorType>(type); };
    return llvm::any_of(op->getOperandTypes(), isTensor) ||
           llvm::any_of(op->getResultTypes(), isTensor);
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto group = cast<GroupOp>(op);
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPoint(op);
    SmallVector<Value> buffers;
    for (Value operand : op->getOperands()) {
      if (!isa<TensorType>(operand.getType())) {
        buffers.push_back(operand);
        continue;
      }
      FailureOr<Value> buffer = getBuffer(rewriter, operand, options, state);
      if (failed(buffer))
        return failure();
      buffers.push_back(*buffer);
    }
    ValueRange all(buffers);
    size_t numInputs = group.getInputs().size();
    auto lowered = GroupOp::create(
        rewriter, op->getLoc(), TypeRange(), all.take_front(numInputs),
        all.drop_front(numInputs), group.getStrategyAttr());
    lowered->setDiscardableAttrs(op->getDiscardableAttrDictionary());
    lowered.getBody().takeBody(group.getBody());
    replaceOpWithBufferizedValues(rewriter, op, all.drop_front(numInputs));
    return success();
  }
};

} // namespace

void compress::registerBufferizableOpInterfaceExternalModels(
    DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, CompressDialect *) {
    GroupOp::attachInterface<GroupModel>(*context);
  });
}
