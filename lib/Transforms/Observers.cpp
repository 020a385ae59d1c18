//===- Observers.cpp - Programs that show what goes through them ----------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Codegen/Common/Contraction.h"
#include "compress/Dialect/Quantized/IR/Quantized.h"
#include "compress/Support/NameGlob.h"
#include "compress/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MLProgram/IR/MLProgram.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::compress {
#define GEN_PASS_DEF_INSERTOBSERVERS
#define GEN_PASS_DEF_RETURNOBSERVED
#include "compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

/// The parameter that a product's operand is, or of which it is a part.
static ml_program::GlobalLoadConstOp getParameter(OpOperand *operand) {
  return getSource(operand->get())
      .getDefiningOp<ml_program::GlobalLoadConstOp>();
}

/// What is observed: of an encoded value, that which was encoded.
static Value getObserved(Value activation) {
  auto encode = activation.getDefiningOp<EncodeOp>();
  return encode ? encode.getSource() : activation;
}

namespace {

struct InsertObservers : compress::impl::InsertObserversBase<InsertObservers> {
  using InsertObserversBase::InsertObserversBase;

  /// The names of the parameters that each value is multiplied with, in the
  /// order in which products come.
  using Observed = llvm::MapVector<Value, SmallVector<StringRef>>;

  void find(Operation *op, const NameGlob &glob, Observed &observed) {
    std::optional<Contraction> product = getContraction(op);
    if (!product)
      return;
    OpOperand *weight = product->rhs, *other = product->lhs;
    if (!getParameter(weight))
      std::swap(weight, other);
    ml_program::GlobalLoadConstOp parameter = getParameter(weight);
    if (!parameter || getParameter(other))
      return;
    StringRef name = parameter.getGlobal().getLeafReference();
    Value value = getObserved(other->get());
    auto type = cast<RankedTensorType>(value.getType());
    if (type.getEncoding() || !type.getElementType().isF32() ||
        !glob.match(name))
      return;
    SmallVector<StringRef> &names = observed[value];
    if (!llvm::is_contained(names, name))
      names.push_back(name);
  }

  void runOnOperation() override {
    llvm::Expected<NameGlob> glob = NameGlob::create(parameters);
    if (!glob) {
      getOperation().emitError("option 'parameters': ")
          << llvm::toString(glob.takeError());
      return signalPassFailure();
    }
    Observed observed;
    bool found = false;
    for (auto func : getOperation().getOps<func::FuncOp>()) {
      if (!function.empty() && func.getSymName() != function)
        continue;
      found = true;
      func.walk([&](Operation *op) { find(op, *glob, observed); });
    }
    if (!found && !function.empty()) {
      getOperation().emitError("has no function '")
          << function << "' to observe";
      return signalPassFailure();
    }
    for (auto &[value, names] : observed) {
      OpBuilder b(&getContext());
      b.setInsertionPointAfterValue(value);
      auto op = quantized::ObserveOp::create(b, value.getLoc(), value.getType(),
                                             value, b.getStrArrayAttr(names));
      value.replaceAllUsesExcept(op.getResult(), op);
      ++numObservers;
    }
  }
};

struct ReturnObserved : compress::impl::ReturnObservedBase<ReturnObserved> {
  LogicalResult convert(quantized::ObserveOp op) {
    auto func = dyn_cast<func::FuncOp>(op->getParentOp());
    if (!func || !func.isPublic())
      return op.emitOpError("stands in a loop, a branch or a private function, "
                            "whose values have no place among a program's "
                            "results");
    auto ret = cast<func::ReturnOp>(func.getBody().front().getTerminator());
    std::string name = "observed";
    for (auto parameter : op.getParameters().getAsRange<StringAttr>())
      name += (" " + parameter.getValue()).str();
    Builder b(&getContext());
    auto attributes = b.getDictionaryAttr(
        {b.getNamedAttr("compress.name", b.getStringAttr(name)),
         b.getNamedAttr("compress.observed", op.getParameters())});
    Type type = op.getResult().getType();
    if (failed(func.insertResult(func.getNumResults(), type, attributes)))
      return failure();
    ret.getOperandsMutable().append(op.getInput());
    op.replaceAllUsesWith(op.getInput());
    op.erase();
    return success();
  }

  void runOnOperation() override {
    SmallVector<quantized::ObserveOp> observers;
    getOperation().walk(
        [&](quantized::ObserveOp op) { observers.push_back(op); });
    for (quantized::ObserveOp op : observers)
      if (failed(convert(op)))
        return signalPassFailure();
  }
};

} // namespace
