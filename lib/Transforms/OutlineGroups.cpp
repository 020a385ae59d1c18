//===- OutlineGroups.cpp - Groups become kernels --------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringMap.h"

namespace mlir::compress {
#define GEN_PASS_DEF_OUTLINEGROUPS
#include "compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

namespace {

/// A short name for what the group does: its first op, without the dialect.
std::string getKernelName(GroupOp group) {
  StringRef name = "copy";
  for (Operation &op : group.getBlock().without_terminator())
    if (!isa<AssembleOp, ComponentsOp>(op) &&
        op.getName().getDialectNamespace() != "arith" &&
        op.getName().getDialectNamespace() != "tensor" &&
        op.getName().stripDialect() != "fill") {
      name = op.getName().stripDialect();
      break;
    }
  return ("kernel_" + name).str();
}

struct OutlineGroups : compress::impl::OutlineGroupsBase<OutlineGroups> {
  /// The group alone, as a function of its operands and of the thread.
  func::FuncOp outline(GroupOp group) {
    OpBuilder b(&getContext());
    llvm::SetVector<Value> operands(group.getOperands().begin(),
                                    group.getOperands().end());
    SmallVector<Type> types;
    for (Value operand : operands)
      types.push_back(operand.getType());
    // This thread, all threads, and the thread's scratch memory.
    types.append({b.getIndexType(), b.getIndexType(),
                  MemRefType::get({ShapedType::kDynamic}, b.getI8Type())});
    auto func = func::FuncOp::create(group.getLoc(), "kernel",
                                     b.getFunctionType(types, {}));
    func.setPrivate();
    func->setDiscardableAttr("compress.kernel", b.getUnitAttr());
    Block *block = func.addEntryBlock();
    b.setInsertionPointToStart(block);
    IRMapping map;
    map.map(operands.getArrayRef(),
            block->getArguments().take_front(operands.size()));
    b.clone(*group, map);
    func::ReturnOp::create(b, group.getLoc());
    return func;
  }

  void replace(GroupOp group, func::FuncOp kernel) {
    OpBuilder b(group);
    Location loc = group.getLoc();
    llvm::SetVector<Value> operands(group.getOperands().begin(),
                                    group.getOperands().end());
    auto thread = ThreadOp::create(b, loc);
    auto scratchType = MemRefType::get({ShapedType::kDynamic}, b.getI8Type());
    Value scratch = ScratchOp::create(b, loc, scratchType);
    SmallVector<Value> arguments(operands.getArrayRef());
    arguments.append({thread.getThread(), thread.getThreads(), scratch});
    func::CallOp::create(b, loc, kernel, arguments);
    BarrierOp::create(b, loc);
    group.erase();
  }

  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    SmallVector<GroupOp> groups;
    getOperation().walk([&](GroupOp group) { groups.push_back(group); });
    // Kernels are equal when they print equally: locations do not print.
    llvm::StringMap<func::FuncOp> kernels;
    for (GroupOp group : groups) {
      func::FuncOp kernel = outline(group);
      std::string text;
      llvm::raw_string_ostream stream(text);
      kernel->print(stream, OpPrintingFlags().useLocalScope());
      func::FuncOp &known = kernels[text];
      if (known) {
        kernel->erase();
        ++numShared;
      } else {
        known = kernel;
        kernel.setSymName(getKernelName(group));
        symbols.insert(kernel);
        ++numKernels;
      }
      replace(group, known);
    }
  }
};

} // namespace
