//===- Version.cpp - Which release this is --------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Support/Version.h"

#include "llvm/Config/llvm-config.h"

llvm::StringRef mlir::compress::getVersion() {
  return "compress " COMPRESS_VERSION;
}

void mlir::compress::printVersion(llvm::raw_ostream &os) {
  os << getVersion() << ", with LLVM " LLVM_VERSION_STRING "\n";
}
