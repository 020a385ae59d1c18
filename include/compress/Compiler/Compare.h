//===- Compare.h - Compares two programs op by op ---------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where two forms of one model part ways. Both are evaluated by the reference
// on the same tokens, and the values of their ops are compared in order.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_COMPILER_COMPARE_H
#define COMPRESS_COMPILER_COMPARE_H

#include "compress/Compiler/Compiler.h"

namespace mlir::compress {

/// A model and what it is compiled with.
struct ModelForm {
  std::string path;
  CompileOptions options;
};

/// How far the results of one op are apart.
struct OpDifference {
  /// The op's name, such as `linalg.generic`.
  std::string op;
  /// Symbols of the parameters that it uses; where it uses none, those of the
  /// last op before it that does.
  std::vector<std::string> parameters;
  bool usesParameters = false;
  SmallVector<int64_t> shape;
  /// ||x - y|| / ||y||, y the reference's; infinite where y is zero and x is
  /// not, not a number where one of them is not.
  double relativeError = 0;
};

/// The ops of `@score`, or an encoder's `@encode`, whose results are plain
/// tensors of floats, in order, without those that encode and decode, load
/// parameters, or make constants and memory. The function is evaluated in
/// double precision on one sequence of at least one token. The reference's
/// values are kept until the other model's are there. Errors: models that are
/// not made of the same ops, named with their place; modules without such a
/// function; tokens outside of the vocabulary.
llvm::Expected<std::vector<OpDifference>>
compareModels(const ModelForm &model, const ModelForm &reference,
              llvm::ArrayRef<int32_t> tokens);

/// The first op whose relative error is not at most `threshold`, or nothing.
std::optional<size_t> findDivergence(llvm::ArrayRef<OpDifference> differences,
                                     double threshold);

} // namespace mlir::compress

#endif // COMPRESS_COMPILER_COMPARE_H
