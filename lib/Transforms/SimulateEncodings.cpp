//===- SimulateEncodings.cpp - What encodings lose, computed in f32 -------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Dialect/Compress/IR/Compress.h"
#include "compress/Dialect/LM/IR/LM.h"
#include "compress/Dialect/Quantized/IR/Quantized.h"
#include "compress/Transforms/Passes.h"

#include "mlir/Dialect/MLProgram/IR/MLProgram.h"

namespace mlir::compress {
#define GEN_PASS_DEF_SIMULATEENCODINGS
#include "compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

namespace {

struct SimulateEncodings
    : compress::impl::SimulateEncodingsBase<SimulateEncodings> {
  /// The parameter as plain f32; it remembers its encoding.
  LogicalResult simulate(ml_program::GlobalOp global) {
    auto type = dyn_cast<RankedTensorType>(global.getType());
    EncodingAttrInterface encoding = type ? getEncoding(type) : nullptr;
    auto parameter = dyn_cast_if_present<ParameterAttr>(global.getValueAttr());
    if (!encoding)
      return success();
    if (encoding.isLaidOut() || !parameter)
      return global.emitOpError(
          "can't be simulated: expected a #compress.parameter whose layout is "
          "not assigned yet");
    Attribute stored = parameter.getStored();
    global.setValueAttr(ParameterAttr::get(
        &getContext(), parameter.getArchive(), parameter.getKey(),
        parameter.getComponent(), stored ? stored : Attribute(encoding)));
    global->setDiscardableAttr("compress.simulated", encoding);
    global.setType(withEncoding(type, nullptr));
    return success();
  }

  /// What is loaded is plain now; what decoded it is not needed.
  void retype(ml_program::GlobalLoadConstOp load, SymbolTable &symbols) {
    auto global = symbols.lookup<ml_program::GlobalOp>(
        load.getGlobal().getLeafReference());
    if (!global || global.getType() == load.getType())
      return;
    load.getResult().setType(global.getType());
    for (Operation *user : llvm::make_early_inc_range(load->getUsers())) {
      if (auto gather = dyn_cast<lm::GatherExpertsOp>(user))
        gather.getResult().setType(
            withEncoding(gather.getResult().getType(), nullptr));
      if (auto decode = dyn_cast<DecodeOp>(user)) {
        decode.getResult().replaceAllUsesWith(load.getResult());
        decode.erase();
      }
    }
  }

  void decodeResult(EncodeOp encode) {
    OpBuilder b(encode->getContext());
    b.setInsertionPointAfter(encode);
    auto decoded = DecodeOp::create(
        b, encode.getLoc(), encode.getSource().getType(), encode.getResult());
    encode.getResult().replaceUsesWithIf(
        decoded.getResult(),
        [](OpOperand &use) { return !isa<DecodeOp>(use.getOwner()); });
  }

  void runOnOperation() override {
    for (auto global : getOperation().getOps<ml_program::GlobalOp>())
      if (failed(simulate(global)))
        return signalPassFailure();
    SymbolTable symbols(getOperation());
    SmallVector<ml_program::GlobalLoadConstOp> loads;
    getOperation().walk(
        [&](ml_program::GlobalLoadConstOp load) { loads.push_back(load); });
    for (ml_program::GlobalLoadConstOp load : loads)
      retype(load, symbols);
    getOperation().walk([&](EncodeOp encode) { decodeResult(encode); });
  }
};

} // namespace
