//===- Budget.h - Overrides from files, and by a budget ---------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_TOOLS_COMPRESSCOMPILE_BUDGET_H
#define COMPRESS_TOOLS_COMPRESSCOMPILE_BUDGET_H

#include "compress/Compiler/Compiler.h"

namespace mlir::compress {

/// What decides on formats beside the scheme and the overrides.
struct BudgetOptions {
  /// Of all parameters, as parseCacheLimit() reads it; empty for none.
  std::string bytes;
  /// What is offered; empty: getDefaultFormats().
  std::vector<std::string> formats;
  /// Files; empty for none.
  std::string sensitivity, saveOverrides;
};

/// 2, 3, 4, 5 and 6 bits with minimum, and 8 bits, in blocks of 32.
std::vector<std::string> getDefaultFormats();

/// Adds the overrides of a file, one per line, in front of those that `options`
/// has, so that these win.
llvm::Error readOverrides(llvm::StringRef path, CompileOptions &options);

/// Reads the model and decides how its parameters are stored; by the budget, if
/// there is one, with overrides that `options` then has.
llvm::Expected<std::unique_ptr<PreparedModel>>
prepareByBudget(llvm::StringRef path, const BudgetOptions &budget,
                CompileOptions &options, MLIRContext *context);

} // namespace mlir::compress

#endif // COMPRESS_TOOLS_COMPRESSCOMPILE_BUDGET_H
