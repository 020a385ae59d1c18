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
          lm::GatherRowsOp, lm::GatherExpertsOp, tensor::EmptyOp, tensor::DimOp,
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

/// Where the snapshot lies: per symbol the encoding of a global, or the
/// encodings of a function's arguments and results, `unit` for plain ones.
constexpr StringLiteral snapshotName = "compress.encodings";

/// The encoding of a type as the snapshot has it.
Attribute describe(Type type) {
  if (EncodingAttrInterface encoding = getEncoding(type))
    return encoding;
  return UnitAttr::get(type.getContext());
}

/// The types that a symbol gives to its users: of a global, or of a function's
/// arguments and results.
SmallVector<Type> getTypes(Operation *symbol) {
  if (auto global = dyn_cast_if_present<ml_program::GlobalOp>(symbol))
    return {global.getType()};
  SmallVector<Type> types;
  if (auto function = dyn_cast_if_present<FunctionOpInterface>(symbol)) {
    llvm::append_range(types, function.getArgumentTypes());
    llvm::append_range(types, function.getResultTypes());
  }
  return types;
}

/// Globals and functions that the outside sees and that have encodings.
DictionaryAttr takeSnapshot(ModuleOp module) {
  NamedAttrList entries;
  Builder builder(module.getContext());
  for (Operation &op : module.getOps()) {
    auto symbol = dyn_cast<SymbolOpInterface>(op);
    if (!symbol || (!isa<ml_program::GlobalOp>(op) && symbol.isPrivate()))
      continue;
    SmallVector<Type> types = getTypes(&op);
    if (llvm::any_of(types, getEncoding))
      entries.set(symbol.getNameAttr(),
                  builder.getArrayAttr(llvm::map_to_vector(types, describe)));
  }
  return entries.getDictionary(module.getContext());
}

/// Checks one symbol against the snapshot. A global that is gone had no uses
/// left, or its loads are gone too; a function is there for others.
LogicalResult compare(ModuleOp module, NamedAttribute recorded) {
  Operation *symbol = module.lookupSymbol(recorded.getName());
  auto encodings = dyn_cast<ArrayAttr>(recorded.getValue());
  if (!encodings)
    return module.emitOpError("has an entry of '")
           << snapshotName << "' that is no list: " << recorded.getValue();
  if (!symbol && encodings.size() == 1)
    return success();
  SmallVector<Type> types = getTypes(symbol);
  if (types.size() != encodings.size())
    return (symbol ? symbol : module)->emitOpError("was recorded as @")
           << recorded.getName().getValue() << " with " << encodings.size()
           << " types, now it has " << types.size()
           << "; record the encodings anew after a pass that changes symbols";
  for (auto [index, type] : llvm::enumerate(types))
    if (describe(type) != encodings[index])
      return symbol->emitOpError("had the encoding ")
             << encodings[index] << " at type #" << index
             << " when encodings were recorded, now the type is " << type;
  return success();
}

struct VerifyEncodings : compress::impl::VerifyEncodingsBase<VerifyEncodings> {
  using VerifyEncodingsBase::VerifyEncodingsBase;

  LogicalResult verifySnapshot() {
    ModuleOp module = getOperation();
    if (snapshot == EncodingSnapshot::Compare)
      if (auto recorded = module->getAttrOfType<DictionaryAttr>(snapshotName))
        for (NamedAttribute entry : recorded)
          if (failed(compare(module, entry)))
            return failure();
    if (snapshot == EncodingSnapshot::Record)
      module->setAttr(snapshotName, takeSnapshot(module));
    if (snapshot == EncodingSnapshot::Remove)
      module->removeAttr(snapshotName);
    return success();
  }

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
    if (result.wasInterrupted() || failed(verifySnapshot()))
      signalPassFailure();
    else
      markAllAnalysesPreserved();
  }
};

} // namespace
