//===- ContractionCase.h - Products to compile and check --------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_INTEGRATION_CONTRACTIONCASE_H
#define COMPRESS_UNITTESTS_INTEGRATION_CONTRACTIONCASE_H

#include "CompiledModule.h"

namespace mlir::compress::test {

/// How a product's operands and result are arranged. X is the activation, W the
/// weight, Y the result.
enum class Arrangement {
  /// Y[m, n] = X[m, k] W[n, k]: how linear layers are stored.
  WeightRows,
  /// Y[m, n] = X[m, k] W[k, n].
  WeightColumns,
  /// Y[n, m] = W[n, k] X[m, k].
  WeightFirst,
  /// Y[b, m, n] = X[b, m, k] W[b, n, k].
  Batched,
  /// Row m has matrix m modulo kBatch of weights [batch, n, k], as experts.
  Experts
};

/// One product with weights and activations stored somehow.
struct ContractionCase {
  std::string name;
  /// Encoding attributes; empty for plain f32.
  std::string weights, activations;
  int64_t n, k;
  Arrangement arrangement = Arrangement::WeightRows;
  std::string target = "native";
  /// Numbers of rows of activations.
  SmallVector<int64_t> rows = {1, 2, 5, 17};

  static constexpr int64_t kBatch = 3;
  SmallVector<int64_t> getWeightShape() const;
  SmallVector<int64_t> getActivationShape(int64_t m) const;
  SmallVector<int64_t> getResultShape(int64_t m) const;
  /// A module whose function @f computes the product with the global @w.
  std::string getText() const;
};

/// What GoogleTest says of a case.
void PrintTo(const ContractionCase &c, std::ostream *os);

/// Compiles the case and compares it with the reference for its numbers of rows
/// of activations and 1 and 2 threads: to within 2^-18 of the sum of the terms'
/// magnitudes on random values, and bit for bit on integers with scales that
/// are powers of two; and bit for bit with the reference in the arithmetic of
/// generated code. `registry` may know dialects beyond the project's.
void checkContraction(const ContractionCase &c,
                      const DialectRegistry &registry = DialectRegistry());

/// The same with the kernel for a GPU, executed lane by lane on this machine,
/// for 1 and 5 rows; a row's results do not depend on the number of rows.
void checkContractionOnLanes(const ContractionCase &c);

} // namespace mlir::compress::test

#endif // COMPRESS_UNITTESTS_INTEGRATION_CONTRACTIONCASE_H
