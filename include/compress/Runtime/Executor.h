//===- Executor.h - Calls compiled functions --------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_RUNTIME_EXECUTOR_H
#define COMPRESS_RUNTIME_EXECUTOR_H

#include "compress/Runtime/AlignedBuffer.h"
#include "compress/Runtime/Program.h"
#include "compress/Runtime/ThreadTeam.h"

namespace mlir::compress {

/// Calls functions of a program on a team of threads. Owns the workspace, which
/// grows as calls need it and is reused. One call at a time.
class Executor {
public:
  /// `program` must outlive the executor.
  Executor(const Program &program, int64_t threads);

  const Program &getProgram() const { return program; }
  int64_t getThreads() const { return team.size(); }
  ThreadTeam &getTeam() { return team; }
  int64_t getWorkspaceBytes() const { return workspace.size(); }

  /// Calls `function` with its arguments, then its results, as ABI.h says. The
  /// error names the value that has a wrong number, size or alignment.
  llvm::Error call(const ProgramFunction &function,
                   llvm::ArrayRef<CompressTensor> tensors);

private:
  const Program &program;
  ThreadTeam team;
  AlignedBuffer workspace;
};

/// Checks number, sizes, symbols and alignment of a call's tensors.
llvm::Error verifyCall(const FunctionSignature &signature,
                       llvm::ArrayRef<CompressTensor> tensors);

} // namespace mlir::compress

#endif // COMPRESS_RUNTIME_EXECUTOR_H
