//===- Call.h - Calls functions on arrays -----------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_RUNTIME_CALL_H
#define COMPRESS_RUNTIME_CALL_H

#include "compress/Runtime/Executor.h"
#include "compress/Support/Npy.h"

namespace mlir::compress {

/// The error names the first argument that is not as the signature says: wrong
/// number, element type or rank, or a cache.
llvm::Error verifyArguments(const FunctionSignature &signature,
                            llvm::ArrayRef<NpyArray> arguments);

/// A call of a function on arrays that can be made many times: its arguments
/// and results lie in buffers of its own, so that nothing is copied in between.
class ArrayCall {
public:
  /// Sizes of results come from the signature: numbers, or symbols that an
  /// argument has too; where they do not, `resultShapes` gives the whole shape
  /// of result i (an empty entry, or none, leaves it to the signature).
  /// `function` must outlive the call. Errors name the argument or result:
  /// wrong number, element type or shape, caches, sizes that are not known.
  static llvm::Expected<ArrayCall>
  create(const ProgramFunction &function, llvm::ArrayRef<NpyArray> arguments,
         llvm::ArrayRef<llvm::SmallVector<int64_t>> resultShapes = {});

  llvm::Error run(Executor &executor);

  /// What the last run computed.
  std::vector<NpyArray> getResults() const;

private:
  explicit ArrayCall(const ProgramFunction &function) : function(&function) {}
  llvm::Error addTensor(llvm::ArrayRef<int64_t> shape, int64_t bytes,
                        llvm::StringRef what);

  const ProgramFunction *function;
  /// Arguments, then results.
  std::vector<AlignedBuffer> buffers;
  std::vector<CompressTensor> tensors;
  std::vector<llvm::SmallVector<int64_t>> shapes;
};

/// Calls a function on arrays once and returns its results; shapes and errors
/// are those of `ArrayCall`.
llvm::Expected<std::vector<NpyArray>>
callWithArrays(Executor &executor, const ProgramFunction &function,
               llvm::ArrayRef<NpyArray> arguments,
               llvm::ArrayRef<llvm::SmallVector<int64_t>> resultShapes = {});

} // namespace mlir::compress

#endif // COMPRESS_RUNTIME_CALL_H
