//===- VerifyEncodings.cpp - No encoding gets lost ------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Dialect/LM/IR/LM.h"
#include "compress/Transforms/Passes.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MLProgram/IR/MLProgram.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/CallInterfaces.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace mlir::compress {
#define GEN_PASS_DEF_VERIFYENCODINGS
#include "compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

namespace {

/// Whether `op` gives its encoded operands and results the meaning that their
/// types say.
bool keepsEncodings(Operation *op) {
  if (isa<EncodeOp, DecodeOp, AssembleOp, ComponentsOp, GroupOp, YieldOp,
          lm::GatherRowsOp, tensor::EmptyOp, tensor::DimOp,
          ml_program::GlobalOp, ml_program::GlobalLoadConstOp>(op))
    return true;
  if (isa<FunctionOpInterface, CallOpInterface, RegionBranchOpInterface,
          BranchOpInterface>(op) ||
      op->hasTrait<OpTrait::ReturnLike>())
    return true;
  return false;
}

/// Contractions read encoded inputs; their result is a plain tensor.
bool isContractionInput(OpOperand &use) {
  auto linalgOp = dyn_cast<linalg::LinalgOp>(use.getOwner());
  return linalgOp && linalgOp.isDpsInput(&use) &&
         linalgOp.getNumReductionLoops() > 0;
}

struct VerifyEncodings : compress::impl::VerifyEncodingsBase<VerifyEncodings> {
  LogicalResult verifyOp(Operation *op) {
    bool keeps = keepsEncodings(op);
    for (OpOperand &operand : op->getOpOperands()) {
      EncodingAttrInterface encoding = getEncoding(operand.get().getType());
      if (!encoding)
        continue;
      ++numUses;
      if (!keeps && !isContractionInput(operand))
        return op->emitOpError("would lose the encoding ")
               << encoding << " of operand #" << operand.getOperandNumber()
               << "; decode the tensor first (compress.decode)";
    }
    for (OpResult result : op->getResults())
      if (EncodingAttrInterface encoding = getEncoding(result.getType());
          encoding && !keeps)
        return op->emitOpError("can't make a tensor of encoding ")
               << encoding << "; only compress.encode and compress.assemble do";
    // Passes can make types without checks; check them again.
    for (Type type : op->getResultTypes())
      if (EncodingAttrInterface encoding = getEncoding(type)) {
        auto tensor = cast<RankedTensorType>(type);
        if (failed(cast<VerifiableTensorEncoding>(encoding).verifyEncoding(
                tensor.getShape(), tensor.getElementType(),
                [&] { return op->emitOpError("has an illegal type: "); })))
          return failure();
      }
    return success();
  }

  void runOnOperation() override {
    WalkResult result = getOperation()->walk([&](Operation *op) {
      return failed(verifyOp(op)) ? WalkResult::interrupt()
                                  : WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
    else
      markAllAnalysesPreserved();
  }
};

} // namespace
