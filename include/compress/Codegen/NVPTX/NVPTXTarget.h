//===- NVPTXTarget.h - Which GPU code is for --------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CODEGEN_NVPTX_NVPTXTARGET_H
#define COMPRESS_CODEGEN_NVPTX_NVPTXTARGET_H

#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"

namespace mlir::compress {

/// A GPU of NVIDIA's, by LLVM's names.
struct NVPTXTarget {
  static constexpr llvm::StringLiteral kTriple = "nvptx64-nvidia-cuda";

  std::string chip;
  /// Beyond the chip's own, as LLVM writes them: "+ptx80,...".
  std::string features;

  /// An error where LLVM does not know the chip or a feature.
  static llvm::Expected<NVPTXTarget> parse(llvm::StringRef chip,
                                           llvm::StringRef features);
  std::unique_ptr<llvm::TargetMachine> makeMachine() const;
};

} // namespace mlir::compress

#endif // COMPRESS_CODEGEN_NVPTX_NVPTXTARGET_H
