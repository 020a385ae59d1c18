//===- PTX.cpp - From modules of kernels to PTX ---------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Codegen/NVPTX/PTX.h"

#include "compress/Codegen/Common/MachineCode.h"
#include "compress/Codegen/NVPTX/NVPTXTarget.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/GPU/GPUToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LLVMContext.h"

using namespace mlir;
using namespace mlir::compress;

void compress::registerPTXDialects(DialectRegistry &registry) {
  registerBuiltinDialectTranslation(registry);
  registerGPUDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  registerNVVMDialectTranslation(registry);
}

/// The module of kernels, and the one target that it is for.
static llvm::Expected<std::pair<gpu::GPUModuleOp, NVVM::NVVMTargetAttr>>
findKernels(ModuleOp module) {
  auto modules = llvm::to_vector(module.getOps<gpu::GPUModuleOp>());
  if (modules.size() != 1)
    return llvm::createStringError(
        "expected one gpu.module, not " + llvm::Twine(modules.size()) +
        "; compress-nvptx-pipeline makes it of the kernels");
  ArrayAttr targets = modules.front().getTargetsAttr();
  auto target = targets && targets.size() == 1
                    ? dyn_cast<NVVM::NVVMTargetAttr>(targets[0])
                    : NVVM::NVVMTargetAttr();
  if (!target || target.getTriple() != NVPTXTarget::kTriple)
    return llvm::createStringError(
        "the gpu.module must have one #nvvm.target, for nvptx64-nvidia-cuda");
  return std::make_pair(modules.front(), target);
}

llvm::Expected<std::string> compress::emitPTX(ModuleOp module) {
  auto found = findKernels(module);
  if (!found)
    return found.takeError();
  auto [kernels, attribute] = *found;
  llvm::Expected<NVPTXTarget> target =
      NVPTXTarget::parse(attribute.getChip(), attribute.getFeatures());
  if (!target)
    return target.takeError();
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> code =
      translateModuleToLLVMIR(kernels, context, kernels.getName());
  if (!code)
    return llvm::createStringError("the gpu.module is not all in dialects that "
                                   "become LLVM IR; compress-nvptx-pipeline "
                                   "lowers kernels");
  // Nothing is linked in: a function without a body would fail where the
  // kernels are loaded.
  for (const llvm::Function &function : *code)
    if (function.isDeclaration() && !function.isIntrinsic())
      return llvm::createStringError("the kernels call '" + function.getName() +
                                     "', which has no body in their module");
  std::unique_ptr<llvm::TargetMachine> machine = target->makeMachine();
  code->setDataLayout(machine->createDataLayout());
  code->setTargetTriple(machine->getTargetTriple());
  optimize(*code, *machine);
  llvm::SmallString<0> text;
  llvm::raw_svector_ostream stream(text);
  if (llvm::Error error = emitCode(*code, *machine,
                                   llvm::CodeGenFileType::AssemblyFile, stream))
    return std::move(error);
  return text.str().str();
}
