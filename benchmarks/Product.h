//===- Product.h - A compiled product of one matrix -------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_BENCHMARKS_PRODUCT_H
#define COMPRESS_BENCHMARKS_PRODUCT_H

#include "compress/Compiler/Codegen.h"
#include "compress/Dialect/Compress/IR/Compress.h"
#include "compress/Encoding/Codec.h"
#include "compress/Runtime/AlignedBuffer.h"
#include "compress/Runtime/Executor.h"
#include "compress/Runtime/Program.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

namespace mlir::compress::benchmark {

/// y[m, n] = sum over k of x[m, k] w[n, k], compiled for this machine, with
/// weights in memory.
///
/// Weights are drawn for some rows only and repeated for the others: encoding
/// them takes seconds otherwise, and a processor does not know. Every second
/// block of a structure that stores whole blocks is zero.
class Product {
public:
  /// `weights` is an encoding's attribute; empty: f32. `n` is a multiple of
  /// kDrawnRows. Errors say what does not fit.
  static llvm::Expected<std::unique_ptr<Product>> create(StringRef weights,
                                                         int64_t n, int64_t k);
  static constexpr int64_t kDrawnRows = 64;

  /// Draws `m` rows of activations.
  llvm::Error setRows(int64_t m);
  /// Computes the product once on one thread.
  llvm::Error call();
  /// Compares the last result with a product of the decoded weights in double
  /// precision, rows of activations encoded as the program has them. An error
  /// tells the difference where it is more than f32 sums explain.
  llvm::Error check() const;
  /// The time predicted for a call that reads its weights from `level`.
  llvm::Expected<CallCost> predict(const MachineModel &machine, Resource level);

  /// Bytes of the weights as they are stored.
  int64_t getBytes() const { return bytes; }
  const CPUTarget &getTarget() const { return target; }
  /// How activations are encoded; empty: f32.
  StringRef getActivations() const { return activations; }

private:
  explicit Product(CPUTarget target);

  llvm::Error parse(StringRef weights);
  llvm::Error chooseActivations(StringRef weights);
  llvm::Error draw();
  llvm::Error load(const CompiledCode &code);
  llvm::Expected<AlignedBuffer> fill(StringRef component);

  CPUTarget target;
  MLIRContext context;
  int64_t n = 0, k = 0, m = 0, bytes = 0;
  std::string activations;
  std::optional<EncodingSpec> activationSpec;
  OwningOpRef<ModuleOp> module;
  /// How the program stores weights, and the drawn rows of them.
  EncodingAttrInterface encoding;
  SmallVector<ComponentData> drawn;
  std::vector<float> decoded, x;
  AlignedBuffer input, output;
  std::unique_ptr<Program> program;
  std::unique_ptr<Executor> executor;
};

} // namespace mlir::compress::benchmark

#endif // COMPRESS_BENCHMARKS_PRODUCT_H
