//===- NVPTXTarget.cpp - Which GPU code is for ----------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Codegen/NVPTX/NVPTXTarget.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"

using namespace mlir::compress;

static const llvm::Target &getBackEnd() {
  LLVMInitializeNVPTXTargetInfo();
  LLVMInitializeNVPTXTarget();
  LLVMInitializeNVPTXTargetMC();
  LLVMInitializeNVPTXAsmPrinter();
  std::string message;
  const llvm::Target *found = llvm::TargetRegistry::lookupTarget(
      llvm::Triple(NVPTXTarget::kTriple), message);
  assert(found && "the back end was linked and initialized");
  return *found;
}

/// LLVM itself only warns of a name that it does not know.
llvm::Expected<NVPTXTarget> NVPTXTarget::parse(llvm::StringRef chip,
                                               llvm::StringRef features) {
  std::unique_ptr<llvm::MCSubtargetInfo> known(
      getBackEnd().createMCSubtargetInfo(llvm::Triple(kTriple), "", ""));
  if (!known->isCPUStringValid(chip))
    return llvm::createStringError("LLVM knows no chip '" + chip +
                                   "'; expected sm_80, sm_90 or the like");
  llvm::SmallVector<llvm::StringRef> names;
  features.split(names, ',', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  for (llvm::StringRef name : names) {
    llvm::StringRef bare = name;
    bool isSigned = bare.consume_front("+") || bare.consume_front("-");
    auto isNamed = [&](const llvm::SubtargetFeatureKV &feature) {
      return bare == feature.Key;
    };
    if (!isSigned || llvm::none_of(known->getAllProcessorFeatures(), isNamed))
      return llvm::createStringError("LLVM knows no feature '" + name +
                                     "'; expected +ptx80 or the like");
  }
  return NVPTXTarget{chip.str(), features.str()};
}

std::unique_ptr<llvm::TargetMachine> NVPTXTarget::makeMachine() const {
  llvm::TargetOptions options;
  // Sums are contracted where the program says so, and nowhere else.
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  return std::unique_ptr<llvm::TargetMachine>(getBackEnd().createTargetMachine(
      llvm::Triple(kTriple), chip, features, options, llvm::Reloc::PIC_,
      std::nullopt, llvm::CodeGenOptLevel::Aggressive));
}
