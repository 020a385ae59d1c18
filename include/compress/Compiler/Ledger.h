//===- Ledger.h - What became of every parameter ----------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_COMPILER_LEDGER_H
#define COMPRESS_COMPILER_LEDGER_H

#include "compress/Compiler/Parameters.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <optional>
#include <string>
#include <vector>

namespace mlir::compress {

/// One parameter.
struct LedgerEntry {
  std::string symbol;
  llvm::SmallVector<int64_t> shape;
  /// Encodings as text; `f32` and the like for plain tensors.
  std::string before, after;
  int64_t values = 0;
  /// In the model's file and in the program, all components.
  int64_t bytesBefore = 0, bytesAfter = 0;
  /// What made the program's codes: `copy`, `decode`, `rtn`, ...
  std::string algorithm;
  /// ||x - x'|| / ||x||; nothing where nothing was rounded, or before it was.
  std::optional<double> error;
  /// The same of what products with calibration's inputs give, and the tokens
  /// that were seen; nothing where the algorithm did not look at inputs.
  std::optional<double> outputError;
  int64_t tokens = 0;
  /// What was out of the ordinary; empty for nothing.
  std::string note;
  /// Why it has this encoding (str(SchemeReason)), and the override's pattern.
  std::string reason, pattern;
  /// Encoding of what it is multiplied with; `f32`, or empty where nothing is.
  std::string activations;

  double getBitsPerWeight() const {
    return values ? 8.0 * bytesAfter / values : 0;
  }

  /// Fills in what is known once the parameter's codes are there.
  void record(const ParameterPlan &plan, const LaidOutParameter &result);
};

/// All parameters, in the program's order.
struct Ledger {
  std::vector<LedgerEntry> entries;

  int64_t getBytesBefore() const;
  int64_t getBytesAfter() const;
  double getBitsPerWeight() const;

  /// An array of objects; docs/bundle-format.md lists the fields.
  llvm::json::Value toJSON() const;
  /// A table with a row per parameter.
  void printTable(llvm::raw_ostream &os) const;
  /// Per encoding and reason: parameters, bytes and bits per weight; then the
  /// totals.
  void printSummary(llvm::raw_ostream &os) const;
};

/// `12.3 MiB`.
std::string formatBytes(int64_t bytes);

} // namespace mlir::compress

#endif // COMPRESS_COMPILER_LEDGER_H
