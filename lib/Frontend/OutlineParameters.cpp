//===- OutlineParameters.cpp - Parameters from constants ------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Dialect/LM/IR/LM.h"
#include "compress/Frontend/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/SymbolTable.h"

namespace mlir::compress {
#define GEN_PASS_DEF_OUTLINEPARAMETERS
#define GEN_PASS_DEF_RESHAPEPARAMETERS
#include "compress/Frontend/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

/// The name that a constant's source gives it, or nothing.
static StringRef getSourceName(arith::ConstantOp op) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(op.getValue()))
    return resource.getRawHandle().getKey();
  if (auto name = dyn_cast<NameLoc>(op.getLoc()))
    return name.getName();
  return {};
}

/// Whether the constant is a tensor of numbers of whole bytes, with values of
/// its own. What ops of the lm dialect take as a constant, as frequencies of
/// rotations are, says what they do and is no weight.
static bool isParameter(arith::ConstantOp op, int64_t minElements) {
  auto type = dyn_cast<RankedTensorType>(op.getType());
  if (!type || type.getRank() == 0 || type.getNumElements() < minElements ||
      type.getEncoding() || !type.getElementType().isIntOrFloat() ||
      type.getElementTypeBitWidth() % 8 != 0)
    return false;
  if (llvm::any_of(op->getUsers(), [](Operation *user) {
        return isa_and_present<lm::LMDialect>(user->getDialect());
      }))
    return false;
  auto dense = dyn_cast<DenseElementsAttr>(op.getValue());
  return dense ? !dense.isSplat()
               : isa<DenseResourceElementsAttr>(op.getValue());
}

namespace {

struct OutlineParameters
    : compress::impl::OutlineParametersBase<OutlineParameters> {
  using OutlineParametersBase::OutlineParametersBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    SymbolTable symbols(module);
    SmallVector<arith::ConstantOp> constants;
    for (auto func : module.getOps<func::FuncOp>())
      func.walk([&](arith::ConstantOp op) {
        if (isParameter(op, minElements))
          constants.push_back(op);
      });
    OpBuilder b = OpBuilder::atBlockBegin(module.getBody());
    // One tensor, one parameter, whatever number of functions hold it.
    DenseMap<Attribute, ml_program::GlobalOp> globals;
    for (arith::ConstantOp op : constants) {
      ml_program::GlobalOp &global = globals[op.getValue()];
      if (!global) {
        StringRef name = getSourceName(op);
        global = ml_program::GlobalOp::create(
            b, op.getLoc(), name.empty() ? "constant" : name, op.getType(),
            /*is_mutable=*/false, op.getValue(), b.getStringAttr("private"));
        // Makes the name unique.
        symbols.insert(global);
        ++numOutlined;
      }
      OpBuilder inside(op);
      Value loaded = ml_program::GlobalLoadConstOp::create(
          inside, op.getLoc(), op.getType(), FlatSymbolRefAttr::get(global));
      op.replaceAllUsesWith(loaded);
      op.erase();
    }
  }
};

struct ReshapeParameters
    : compress::impl::ReshapeParametersBase<ReshapeParameters> {
  /// The value in another shape of as many elements.
  static Attribute reshape(Attribute value, ShapedType type) {
    if (auto dense = dyn_cast<DenseElementsAttr>(value))
      return dense.reshape(type);
    if (auto resource = dyn_cast<DenseResourceElementsAttr>(value))
      return DenseResourceElementsAttr::get(type, resource.getRawHandle());
    return {};
  }

  /// The shape that every reader of the loads asks for, or null.
  static RankedTensorType
  getWantedType(ArrayRef<ml_program::GlobalLoadConstOp> loads) {
    RankedTensorType wanted;
    for (ml_program::GlobalLoadConstOp load : loads)
      for (Operation *user : load->getUsers()) {
        if (!isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp>(user))
          return {};
        auto type = cast<RankedTensorType>(user->getResult(0).getType());
        if (wanted && wanted != type)
          return {};
        wanted = type;
      }
    return wanted && wanted.hasStaticShape() ? wanted : RankedTensorType();
  }

  void runOnOperation() override {
    DenseMap<StringAttr, SmallVector<ml_program::GlobalLoadConstOp>> loads;
    getOperation().walk([&](ml_program::GlobalLoadConstOp load) {
      loads[load.getGlobal().getLeafReference()].push_back(load);
    });
    for (auto global : getOperation().getOps<ml_program::GlobalOp>())
      if (global.getValueAttr() && !global.getIsMutable())
        // One reshape may follow another.
        while (reshape(global, loads[global.getSymNameAttr()]))
          ;
  }

  static bool reshape(ml_program::GlobalOp global,
                      ArrayRef<ml_program::GlobalLoadConstOp> loads) {
    RankedTensorType wanted = getWantedType(loads);
    Attribute reshaped =
        wanted ? reshape(global.getValueAttr(), wanted) : Attribute();
    if (!reshaped)
      return false;
    global.setValueAttr(reshaped);
    global.setType(wanted);
    for (ml_program::GlobalLoadConstOp load : loads) {
      for (Operation *user : llvm::make_early_inc_range(load->getUsers())) {
        user->getResult(0).replaceAllUsesWith(load.getResult());
        user->erase();
      }
      load.getResult().setType(wanted);
    }
    return true;
  }
};

} // namespace
