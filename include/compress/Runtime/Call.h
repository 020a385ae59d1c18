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

/// Calls a function on arrays and returns its results. Sizes of results come
/// from the signature: numbers, or symbols that an argument has too; where they
/// do not, `resultShapes` gives the whole shape of result i (an empty entry,
/// or none, leaves it to the signature). Errors name the argument or result:
/// wrong number, element type or shape, caches, sizes that are not known.
llvm::Expected<std::vector<NpyArray>>
callWithArrays(Executor &executor, const ProgramFunction &function,
               llvm::ArrayRef<NpyArray> arguments,
               llvm::ArrayRef<llvm::SmallVector<int64_t>> resultShapes = {});

} // namespace mlir::compress

#endif // COMPRESS_RUNTIME_CALL_H
