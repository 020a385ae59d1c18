//===- HandOver.cpp - Models, left to the program that compiles -----------===//
//--------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"

#include "compress/Support/Error.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Signals.h"

#include <cerrno>
#include <unistd.h>

using namespace llvm;
using namespace mlir::compress;

/// Replaces this program by compress-run-jit, which lies beside it, with the
/// same command line.
static Error handOver() {
  char **arguments = getArguments();
  std::string self = sys::fs::getMainExecutable(
      arguments[0], reinterpret_cast<void *>(&handOver));
  SmallString<256> compiler(sys::path::parent_path(self));
  sys::path::append(compiler, "compress-run-jit");
  // What the caller ignores stays ignored: handlers would become defaults.
  sys::unregisterHandlers();
  ::execv(compiler.c_str(), arguments);
  return makeFileError(
      compiler, "compiles models, but can't be started: " +
                    std::error_code(errno, std::generic_category()).message() +
                    "; install it there, or compile the model to a bundle");
}

Expected<std::unique_ptr<Program>>
mlir::compress::openModel(const CommonOptions &) {
  return handOver();
}

Expected<CallResult> mlir::compress::evaluateCall(const CommonOptions &,
                                                  StringRef, ArrayRef<NpyArray>,
                                                  bool) {
  return handOver();
}

Expected<ComparedModels> mlir::compress::compareModels(const CommonOptions &,
                                                       StringRef, StringRef,
                                                       ArrayRef<int32_t>,
                                                       double) {
  return handOver();
}
