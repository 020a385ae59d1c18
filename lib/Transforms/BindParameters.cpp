//===- BindParameters.cpp - Parameters become entries of a table ----------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Transforms/Passes.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/MLProgram/IR/MLProgram.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::compress {
#define GEN_PASS_DEF_BINDPARAMETERS
#include "compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

namespace {

struct BindParameters : compress::impl::BindParametersBase<BindParameters> {
  void runOnOperation() override {
    OpBuilder b(&getContext());
    llvm::MapVector<StringAttr, int64_t> indices;
    SmallVector<Attribute> table;
    for (auto global : getOperation().getOps<ml_program::GlobalOp>()) {
      auto parameter =
          dyn_cast_if_present<ParameterAttr>(global.getValueAttr());
      if (!parameter) {
        global.emitOpError("is no parameter; run compress-outline-parameters "
                           "before compress-bind-parameters");
        return signalPassFailure();
      }
      indices[global.getSymNameAttr()] = table.size();
      // Plain parameters are found by their symbol, split ones by the symbol
      // that they were split from, which is their key.
      table.push_back(parameter.getComponent()
                          ? Attribute(parameter)
                          : ParameterAttr::get(&getContext(),
                                               parameter.getArchive(),
                                               global.getSymName(),
                                               StringAttr(), Attribute()));
      ++numParameters;
    }
    getOperation().walk([&](ml_program::GlobalLoadConstOp load) {
      b.setInsertionPoint(load);
      auto type = cast<RankedTensorType>(load.getType());
      auto memref = MemRefType::get(type.getShape(), type.getElementType());
      Value buffer = ParameterOp::create(
          b, load.getLoc(), memref,
          indices.lookup(load.getGlobal().getLeafReference()));
      // Restrict: the only view of the buffer. Not writable.
      Value tensor = bufferization::ToTensorOp::create(b, load.getLoc(), type,
                                                       buffer, true);
      load.getResult().replaceAllUsesWith(tensor);
      load.erase();
    });
    for (auto global : llvm::make_early_inc_range(
             getOperation().getOps<ml_program::GlobalOp>()))
      global.erase();
    getOperation()->setDiscardableAttr("compress.parameters",
                                       b.getArrayAttr(table));
  }
};

} // namespace
