//===- LowerGroups.cpp - Emits the code of kernels ------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel.h"

#include "compress/Codegen/Passes.h"
#include "compress/Dialect/LM/IR/LM.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace mlir::compress {
#define GEN_PASS_DEF_LOWERGROUPS
#include "compress/Codegen/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

namespace {

/// Emits the code in the form that the strategy names.
LogicalResult emit(Kernel &kernel) {
  switch (kernel.getStrategy().getForm()) {
  case FormKind::Rows:
    return emitRows(kernel);
  case FormKind::Float:
    return emitFloatContraction(kernel);
  case FormKind::Integer:
    return emitIntegerContraction(kernel);
  case FormKind::Scalar:
    return emitScalar(kernel);
  case FormKind::Attention:
    return emitAttention(kernel);
  }
  llvm_unreachable("all forms are handled");
}

struct LowerGroups : compress::impl::LowerGroupsBase<LowerGroups> {
  using LowerGroupsBase::LowerGroupsBase;

  void runOnOperation() override {
    llvm::Expected<CPUTarget> parsed = CPUTarget::parse(target);
    if (!parsed) {
      getOperation().emitError(llvm::toString(parsed.takeError()));
      return signalPassFailure();
    }
    CPUEmitter emitter(*parsed);
    SmallVector<GroupOp> groups;
    getOperation().walk([&](GroupOp group) { groups.push_back(group); });
    for (GroupOp group : groups)
      if (failed(lowerGroup(group, emitter)))
        return signalPassFailure();
  }
};

} // namespace

LogicalResult compress::lowerGroup(GroupOp group, CPUEmitter &emitter) {
  auto func = group->getParentOfType<func::FuncOp>();
  if (!func || !func->hasAttr("compress.kernel"))
    return group.emitOpError(
        "is in no kernel; run compress-outline-groups first");
  if (!group.getStrategy())
    return group.emitOpError("has no strategy; run compress-select-strategies");
  OpBuilder b(group);
  unsigned count = func.getNumArguments();
  Kernel kernel(b, group, emitter, func.getArgument(count - 3),
                func.getArgument(count - 2), func.getArgument(count - 1));
  if (failed(emit(kernel)))
    return failure();
  func->setDiscardableAttr("compress.scratch",
                           b.getI64IntegerAttr(kernel.getScratchBytes()));
  group.erase();
  return success();
}
