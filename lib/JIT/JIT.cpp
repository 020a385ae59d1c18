//===- JIT.cpp - Programs compiled in this process ------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/JIT/JIT.h"

#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/TargetSelect.h"

using namespace mlir;
using namespace mlir::compress;

/// A JIT whose code may call the process's own functions (libm).
static llvm::Expected<std::unique_ptr<llvm::orc::LLJIT>> createJIT() {
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmPrinter();
  auto jit = llvm::orc::LLJITBuilder().create();
  if (!jit)
    return jit.takeError();
  auto symbols = llvm::orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
      (*jit)->getDataLayout().getGlobalPrefix());
  if (!symbols)
    return symbols.takeError();
  (*jit)->getMainJITDylib().addGenerator(std::move(*symbols));
  return jit;
}

llvm::Expected<std::unique_ptr<Program>>
compress::loadCode(const CompiledCode &code, ProgramParts parts) {
  llvm::Expected<std::unique_ptr<llvm::orc::LLJIT>> jit = createJIT();
  if (!jit)
    return jit.takeError();
  std::shared_ptr<llvm::orc::LLJIT> owner = std::move(*jit);
  auto buffer = llvm::MemoryBuffer::getMemBufferCopy(
      StringRef(code.object.data(), code.object.size()), "compress");
  if (llvm::Error error = owner->addObjectFile(std::move(buffer)))
    return std::move(error);
  parts.manifest.abi = COMPRESS_ABI_VERSION;
  parts.manifest.functions = code.functions;
  parts.manifest.parameters.resize(parts.parameters.size());
  parts.code.clear();
  for (const FunctionSignature &function : code.functions) {
    auto entry = owner->lookup("compress_" + function.name);
    if (!entry)
      return entry.takeError();
    auto workspace = owner->lookup("compress_" + function.name + "_workspace");
    if (!workspace)
      return workspace.takeError();
    parts.code.push_back({entry->toPtr<CompressFunction>(),
                          workspace->toPtr<CompressWorkspace>()});
  }
  parts.owners.push_back(owner);
  return Program::create(std::move(parts));
}
