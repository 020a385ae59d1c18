//===- Bufferize.cpp - Tensors become buffers; groups stay whole ----------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Transforms/Passes.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotModuleBufferize.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::compress {
#define GEN_PASS_DEF_BUFFERIZE
#include "compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

namespace {

struct Bufferize : compress::impl::BufferizeBase<Bufferize> {
  /// An encoded tensor would become a plain buffer without a word.
  LogicalResult refuseEncoded() {
    WalkResult result = getOperation().walk([&](Operation *op) {
      if (op->getParentOfType<GroupOp>())
        return WalkResult::skip();
      auto isEncoded = [](Type type) { return bool(getEncoding(type)); };
      bool result = llvm::any_of(op->getResultTypes(), isEncoded);
      bool argument = llvm::any_of(op->getRegions(), [&](Region &region) {
        return llvm::any_of(region.getArgumentTypes(), isEncoded);
      });
      if (!isa<GroupOp>(op) && (result || argument)) {
        op->emitOpError("has an encoded ")
            << (result ? "result" : "argument")
            << ", which bufferization would lose; run "
               "compress-split-components first";
        return WalkResult::interrupt();
      }
      return WalkResult::advance();
    });
    return failure(result.wasInterrupted());
  }

  /// One destination per use: CSE makes all destinations of a size one, whose
  /// writers the analysis would then compare pair by pair.
  void separateDestinations() {
    SmallVector<tensor::EmptyOp> shared;
    getOperation().walk([&](tensor::EmptyOp op) {
      if (!op->hasOneUse() && !op->getParentOfType<GroupOp>())
        shared.push_back(op);
    });
    for (tensor::EmptyOp op : shared)
      for (OpOperand &use :
           llvm::make_early_inc_range(llvm::drop_begin(op->getUses()))) {
        OpBuilder b(op);
        use.set(cast<tensor::EmptyOp>(b.clone(*op)).getResult());
      }
  }

  void runOnOperation() override {
    if (failed(refuseEncoded()))
      return signalPassFailure();
    separateDestinations();
    bufferization::OneShotBufferizationOptions options;
    options.bufferizeFunctionBoundaries = true;
    options.setFunctionBoundaryTypeConversion(
        bufferization::LayoutMapOption::IdentityLayoutMap);
    // What a group means is said on tensors, also afterwards.
    options.opFilter.denyOperation([](Operation *op) {
      return op->getParentOfType<GroupOp>() != nullptr;
    });
    bufferization::BufferizationState state;
    if (failed(bufferization::runOneShotModuleBufferize(getOperation(), options,
                                                        state)))
      return signalPassFailure();
    getOperation().walk([&](memref::CopyOp) { ++numCopies; });
  }
};

} // namespace
