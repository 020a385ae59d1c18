//===- LowerGroupsToGPU.cpp - Emits kernels for GPUs ----------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WarpContraction.h"

#include "compress/Codegen/NVPTX/NVPTXTarget.h"
#include "compress/Codegen/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

namespace mlir::compress {
#define GEN_PASS_DEF_LOWERGROUPSTOGPU
#include "compress/Codegen/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

/// What outlined kernels take behind the group's operands: thread, number of
/// threads, scratch memory.
static constexpr unsigned kThreadArguments = 3;

/// Threads of a block.
static constexpr int32_t kThreads =
    WarpContraction::kLanes * WarpContraction::kWarps;

/// The group that a kernel consists of.
static FailureOr<GroupOp> getOnlyGroup(func::FuncOp func) {
  Operation &first = func.getBody().front().front();
  auto group = dyn_cast<GroupOp>(first);
  auto isGiven = [&](Value operand) {
    auto argument = dyn_cast<BlockArgument>(operand);
    return argument && argument.getOwner() == &func.getBody().front() &&
           argument.getArgNumber() + kThreadArguments < func.getNumArguments();
  };
  if (!group || !isa<func::ReturnOp>(first.getNextNode()) ||
      !llvm::all_of(group->getOperands(), isGiven))
    return func.emitOpError("has no GPU code: expected one group on the "
                            "arguments, as compress-outline-groups leaves it");
  return group;
}

namespace {

struct LowerGroupsToGPU
    : compress::impl::LowerGroupsToGPUBase<LowerGroupsToGPU> {
  using LowerGroupsToGPUBase::LowerGroupsToGPUBase;

  /// The module that kernels go to, made with the first.
  gpu::GPUModuleOp getKernels() {
    if (kernels)
      return kernels;
    ModuleOp module = getOperation();
    OpBuilder b = OpBuilder::atBlockBegin(module.getBody());
    auto target = NVVM::NVVMTargetAttr::get(
        &getContext(), /*optLevel=*/3, NVPTXTarget::kTriple, chip, features,
        /*flags=*/nullptr, /*link=*/nullptr);
    kernels = gpu::GPUModuleOp::create(b, module.getLoc(), "kernels",
                                       b.getArrayAttr(target));
    SymbolTable(module).insert(kernels);
    module->setAttr(gpu::GPUDialect::getContainerModuleAttrName(),
                    b.getUnitAttr());
    return kernels;
  }

  gpu::GPUFuncOp emit(func::FuncOp func, GroupOp group) {
    OpBuilder b = OpBuilder::atBlockEnd(getKernels().getBody());
    Location loc = func.getLoc();
    ArrayRef<Type> types = func.getArgumentTypes().drop_back(kThreadArguments);
    auto kernel = gpu::GPUFuncOp::create(b, loc, func.getSymName(),
                                         b.getFunctionType(types, {}));
    kernel->setAttr(gpu::GPUDialect::getKernelFuncAttrName(), b.getUnitAttr());
    kernel.setKnownBlockSize(ArrayRef<int32_t>{kThreads, 1, 1});
    b.setInsertionPointToStart(&kernel.getBody().front());
    IRMapping map;
    map.map(func.getArguments().drop_back(kThreadArguments),
            kernel.getArguments());
    auto clone = cast<GroupOp>(b.clone(*group, map));
    TargetEmitter reader;
    b.setInsertionPoint(clone);
    GroupKernel code(b, clone, reader, kernels);
    WarpContraction(code, *WarpContraction::match(clone)).emit();
    gpu::ReturnOp::create(code.e);
    clone.erase();
    return kernel;
  }

  /// Launches replace calls. They run one after the other, so that what a team
  /// of threads waits for has nothing to do.
  void launch(func::CallOp call, gpu::GPUFuncOp kernel, int64_t blocks) {
    Emitter e(call.getLoc(), call);
    Value one = e.index(1);
    gpu::KernelDim3 grid{e.index(blocks), one, one};
    gpu::KernelDim3 block{e.index(kThreads), one, one};
    gpu::LaunchFuncOp::create(e, kernel, grid, block,
                              /*dynamicSharedMemorySize=*/Value(),
                              call.getOperands().drop_back(kThreadArguments));
    if (auto barrier = dyn_cast_if_present<BarrierOp>(call->getNextNode()))
      barrier.erase();
    call.erase();
    ++numLaunches;
  }

  LogicalResult lower(func::FuncOp func, ArrayRef<Operation *> users) {
    FailureOr<GroupOp> group = getOnlyGroup(func);
    if (failed(group))
      return failure();
    FailureOr<Contraction> contraction = WarpContraction::match(*group);
    if (failed(contraction))
      return failure();
    if (!llvm::all_of(users, llvm::IsaPred<func::CallOp>))
      return func.emitOpError("has no GPU code: expected no uses but calls");
    gpu::GPUFuncOp kernel = emit(func, *group);
    for (Operation *user : users)
      launch(cast<func::CallOp>(user), kernel,
             WarpContraction::getBlocks(*contraction));
    func.erase();
    ++numKernels;
    return success();
  }

  void runOnOperation() override {
    kernels = {};
    if (llvm::Expected<NVPTXTarget> parsed = NVPTXTarget::parse(chip, features);
        !parsed) {
      getOperation().emitError(llvm::toString(parsed.takeError()));
      return signalPassFailure();
    }
    SmallVector<func::FuncOp> funcs;
    WalkResult found = getOperation().walk([&](GroupOp group) {
      auto func = group->getParentOfType<func::FuncOp>();
      if (!func || !func->hasAttr("compress.kernel")) {
        group.emitOpError("is in no kernel; run compress-outline-groups first");
        return WalkResult::interrupt();
      }
      if (group.getStrategy()) {
        group.emitOpError("has a strategy for a CPU; kernels for GPUs are made "
                          "before compress-select-strategies");
        return WalkResult::interrupt();
      }
      if (funcs.empty() || funcs.back() != func)
        funcs.push_back(func);
      return WalkResult::advance();
    });
    if (found.wasInterrupted())
      return signalPassFailure();
    SymbolTableCollection tables;
    SymbolUserMap users(tables, getOperation());
    for (func::FuncOp func : funcs)
      if (failed(lower(func, users.getUsers(func))))
        return signalPassFailure();
  }

  gpu::GPUModuleOp kernels;
};

} // namespace
