//===- EmulatedKernel.cpp - Runs a GPU's kernel on the CPU ----------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EmulatedKernel.h"

#include "compress/Codegen/Passes.h"
#include "compress/Dialect/Compress/IR/Compress.h"
#include "compress/Pipelines/CPUPipeline.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/Support/TargetSelect.h"

#include <array>
#include <cmath>

using namespace mlir;
using namespace mlir::compress;
using namespace mlir::compress::test;

static constexpr int64_t kLanes = 32;

//===----------------------------------------------------------------------===//
// A warp
//===----------------------------------------------------------------------===//

namespace {
/// What the lanes of a warp give to its shuffles. A lane can't wait for the
/// others, so the kernel runs again and again: when the first `known` shuffles
/// have answers, a run of all lanes finds what they give to the next.
struct Warp {
  std::vector<std::array<float, kLanes>> given;
  size_t known = 0, next = 0;
  int64_t lane = 0;
};
Warp *current = nullptr;
} // namespace

static float shuffle(float value, int32_t distance) {
  size_t number = current->next++;
  if (number < current->known)
    return current->given[number][current->lane ^ distance];
  if (number == current->given.size())
    current->given.emplace_back();
  if (number == current->known)
    current->given[number][current->lane] = value;
  return value;
}

/// Runs all lanes of a warp; false if they do not meet in the same shuffles.
static bool runWarp(function_ref<void(int64_t lane)> runLane) {
  Warp warp;
  current = &warp;
  for (;; ++warp.known) {
    size_t shuffles = 0;
    for (warp.lane = 0; warp.lane < kLanes; ++warp.lane) {
      warp.next = 0;
      runLane(warp.lane);
      if (warp.lane > 0 && warp.next != shuffles)
        return false;
      shuffles = warp.next;
    }
    if (warp.known == shuffles)
      return true;
  }
}

//===----------------------------------------------------------------------===//
// The kernel as a function of thread and block
//===----------------------------------------------------------------------===//

/// Makes a function of the kernel, with thread and block as last arguments.
static void makeFunction(gpu::GPUFuncOp kernel, ModuleOp host) {
  OpBuilder b = OpBuilder::atBlockEnd(host.getBody());
  Location loc = kernel.getLoc();
  SmallVector<Type> types(kernel.getArgumentTypes());
  types.append(2, b.getIndexType());
  auto func =
      func::FuncOp::create(b, loc, "kernel", b.getFunctionType(types, {}));
  func->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(), b.getUnitAttr());
  func.getBody().takeBody(kernel.getBody());
  Value thread = func.getBody().addArgument(b.getIndexType(), loc);
  Value block = func.getBody().addArgument(b.getIndexType(), loc);
  auto exchange = func::FuncOp::create(
      b, loc, "shuffle",
      b.getFunctionType({b.getF32Type(), b.getI32Type()}, b.getF32Type()));
  exchange.setPrivate();
  func.walk([&](Operation *op) {
    OpBuilder at(op);
    if (isa<gpu::ThreadIdOp>(op))
      op->replaceAllUsesWith(ValueRange{thread});
    else if (isa<gpu::BlockIdOp>(op))
      op->replaceAllUsesWith(ValueRange{block});
    else if (auto ask = dyn_cast<gpu::ShuffleOp>(op))
      ask.getShuffleResult().replaceAllUsesWith(
          func::CallOp::create(at, loc, exchange,
                               {ask.getValue(), ask.getOffset()})
              .getResult(0));
    else if (isa<gpu::ReturnOp>(op))
      func::ReturnOp::create(at, loc);
    else
      return;
    op->erase();
  });
}

llvm::Error EmulatedKernel::lowerForHost() {
  auto kernels = *module->getOps<gpu::GPUModuleOp>().begin();
  OwningOpRef<ModuleOp> host = ModuleOp::create(module->getLoc());
  for (Operation &op :
       llvm::make_early_inc_range(kernels.getBody()->getOperations()))
    if (isa<memref::GlobalOp>(op))
      op.moveBefore(host->getBody(), host->getBody()->end());
  makeFunction(*kernels.getOps<gpu::GPUFuncOp>().begin(), *host);
  PassManager pm(module->getContext());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(createConvertMathToLLVMPass());
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createFinalizeMemRefToLLVMConversionPass());
  pm.addPass(createConvertFuncToLLVMPass());
  pm.addPass(createConvertControlFlowToLLVMPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  if (failed(pm.run(*host)))
    return llvm::createStringError("the kernel does not lower for the host");
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  ExecutionEngineOptions options;
  options.enableObjectDump = false;
  llvm::Expected<std::unique_ptr<ExecutionEngine>> made =
      ExecutionEngine::create(*host, options);
  if (!made)
    return made.takeError();
  engine = std::move(*made);
  engine->registerSymbols([&](llvm::orc::MangleAndInterner intern) {
    llvm::orc::SymbolMap symbols;
    symbols[intern("shuffle")] = {llvm::orc::ExecutorAddr::fromPtr(&shuffle),
                                  llvm::JITSymbolFlags::Exported};
    return symbols;
  });
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// The launch
//===----------------------------------------------------------------------===//

static int64_t getConstant(Value value) {
  APInt constant;
  return matchPattern(value, m_ConstantInt(&constant)) ? constant.getSExtValue()
                                                       : -1;
}

llvm::Error EmulatedKernel::readLaunch(CompiledModule &source) {
  gpu::LaunchFuncOp launch;
  module->walk([&](gpu::LaunchFuncOp op) { launch = op; });
  blocks = getConstant(launch.getGridSizeX());
  threads = getConstant(launch.getBlockSizeX());
  auto table = (*module)->getAttrOfType<ArrayAttr>("compress.parameters");
  for (Value operand : launch.getKernelOperands()) {
    Argument argument;
    argument.type = cast<MemRefType>(operand.getType());
    if (auto passed = dyn_cast<BlockArgument>(operand)) {
      argument.number = passed.getArgNumber();
    } else {
      auto op = operand.getDefiningOp<ParameterOp>();
      if (!op)
        return llvm::createStringError("an argument is no parameter");
      auto entry = cast<ParameterAttr>(table[op.getIndex()]);
      llvm::Expected<AlignedBuffer> bytes = source.getParameter(
          entry.getKey(),
          entry.getComponent() ? entry.getComponent().getValue() : "");
      if (!bytes)
        return bytes.takeError();
      argument.parameter = std::move(*bytes);
    }
    arguments.push_back(std::move(argument));
  }
  return llvm::Error::success();
}

llvm::Expected<std::unique_ptr<EmulatedKernel>>
EmulatedKernel::create(CompiledModule &source) {
  auto result = std::make_unique<EmulatedKernel>();
  result->module = source.getOriginal().clone();
  PassManager pm(result->module->getContext());
  buildKernelPipeline(pm);
  pm.addPass(createLowerGroupsToGPU());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  if (failed(pm.run(*result->module)))
    return llvm::createStringError("the module does not lower for GPUs");
  if (llvm::Error error = result->readLaunch(source))
    return std::move(error);
  if (llvm::Error error = result->lowerForHost())
    return std::move(error);
  return result;
}

/// A memref as generated code takes it: two pointers, offset, sizes, strides.
static std::vector<int64_t> describe(void *data, MemRefType type,
                                     int64_t firstSize) {
  std::vector<int64_t> descriptor = {reinterpret_cast<intptr_t>(data),
                                     reinterpret_cast<intptr_t>(data), 0};
  SmallVector<int64_t> sizes(type.getShape());
  if (type.isDynamicDim(0))
    sizes[0] = firstSize;
  descriptor.insert(descriptor.end(), sizes.begin(), sizes.end());
  for (size_t i = 0; i < sizes.size(); ++i) {
    int64_t stride = 1;
    for (int64_t inner : ArrayRef(sizes).drop_front(i + 1))
      stride *= inner;
    descriptor.push_back(stride);
  }
  return descriptor;
}

llvm::Expected<std::vector<float>>
EmulatedKernel::run(ArrayRef<int64_t> shape, ArrayRef<float> input,
                    ArrayRef<int64_t> resultShape) {
  std::vector<float> in(input), out(resultShape[0] * resultShape[1] + 16, NAN);
  std::vector<std::vector<int64_t>> descriptors;
  for (Argument &argument : arguments) {
    void *data = argument.number == 0   ? in.data()
                 : argument.number == 1 ? out.data()
                                        : argument.parameter.get<void>();
    descriptors.push_back(describe(data, argument.type, shape[0]));
  }
  llvm::Expected<void (*)(void **)> kernel =
      engine->lookupPacked("_mlir_ciface_kernel");
  if (!kernel)
    return kernel.takeError();
  SmallVector<void *> pointers, packed;
  for (std::vector<int64_t> &descriptor : descriptors)
    pointers.push_back(descriptor.data());
  for (void *&pointer : pointers)
    packed.push_back(&pointer);
  int64_t thread = 0, block = 0;
  packed.append({&thread, &block});
  for (block = 0; block < blocks; ++block)
    for (int64_t first = 0; first < threads; first += kLanes)
      if (!runWarp([&](int64_t lane) {
            thread = first + lane;
            (*kernel)(packed.data());
          }))
        return llvm::createStringError("lanes meet in different shuffles");
  // Nothing behind the result is written.
  for (size_t i = out.size() - 16; i < out.size(); ++i)
    if (!std::isnan(out[i]))
      return llvm::createStringError("wrote behind the result");
  out.resize(out.size() - 16);
  return out;
}
