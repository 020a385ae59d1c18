//===- Hadamard.h - Rotations that spread outliers --------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An orthogonal matrix R between a layer's inputs and its weights changes
// nothing, (W Rᵀ)(R x) = W x, but makes all entries about equally large, which
// few bits like. Ashkboos et al.: "QuaRot: Outlier-Free 4-Bit Inference in
// Rotated LLMs", 2024, arXiv:2404.00456; with random signs, and for both sides
// of the weights, Tseng et al.: "QuIP#: Even Better LLM Quantization with
// Hadamard Incoherence and Lattice Codebooks", 2024, arXiv:2402.04396.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_HADAMARD_H
#define COMPRESS_CALIBRATION_HADAMARD_H

#include "compress/Calibration/Matrix.h"

#include <optional>
#include <vector>

namespace mlir::compress {

/// Whether there is a Hadamard matrix of this order here: 2^k times 1, 12, 20,
/// 28 or 36.
bool hasHadamardOrder(int64_t order);

/// The largest of these orders that divides `size`; 1 for odd sizes.
int64_t getHadamardBlock(int64_t size);

/// H, [order, order] of 1 and -1 with H Hᵀ = order I, row-major; empty for
/// orders that are not there. Sylvester's H ⊗ [[1, 1], [1, -1]] for powers of
/// two on the left of Paley's matrices (Paley: "On Orthogonal Matrices", 1933):
/// his first construction over the fields of 11 and 19 elements for 12 and 20,
/// his second over those of 13 and 17 for 28 and 36.
std::vector<int8_t> getHadamardMatrix(int64_t order);

struct HadamardOptions {
  /// The order of the blocks of R, which lie along its diagonal; 0 for
  /// getHadamardBlock().
  int64_t block = 0;
  /// Random signs that inputs are multiplied with first; none to have the plain
  /// H.
  std::optional<uint64_t> seed;
};

/// R = H D / sqrt(block): H the Hadamard matrix of each block, D a diagonal of
/// signs. A transform takes size * log2(block) additions for powers of two.
/// Sums are f32, in an order of their own.
class HadamardTransform {
public:
  /// Errors: an order that is not there (the message says which one is), one
  /// that does not divide the size, a size of which no such order divides but
  /// 1.
  static llvm::Expected<HadamardTransform>
  create(int64_t size, const HadamardOptions &options = {});

  int64_t getSize() const { return size; }
  int64_t getBlock() const { return block; }
  /// D, [size] of 1 and -1; empty without a seed.
  llvm::ArrayRef<float> getSigns() const { return signs; }

  /// x to R x, and back to Rᵀ x, in place; `x` is [size], or [size, width] for
  /// `width` vectors side by side.
  void apply(llvm::MutableArrayRef<float> x, int64_t width = 1) const;
  void applyTranspose(llvm::MutableArrayRef<float> x, int64_t width = 1) const;
  void apply(llvm::MutableArrayRef<double> x, int64_t width = 1) const;

private:
  HadamardTransform() = default;
  template <typename T> void applyBlocks(T *x, int64_t width, bool back) const;
  template <typename T> void applyBase(T *x, int64_t width, bool back) const;
  template <typename T> void applySigns(T *x, int64_t width) const;

  int64_t size = 0, block = 0, base = 0;
  std::vector<int8_t> baseMatrix;
  std::vector<float> signs;
};

/// W Rᵀ, for inputs that have become R x: each row is transformed. [out, in].
/// Errors: weights that are not finite or of another width.
llvm::Expected<std::vector<float>>
rotateColumns(MatrixRef weights, const HadamardTransform &transform,
              unsigned threads = 1);

/// R W, for outputs that are to become R y: each column is transformed. Errors:
/// weights that are not finite or of another height.
llvm::Expected<std::vector<float>>
rotateRows(MatrixRef weights, const HadamardTransform &transform);

/// R H Rᵀ: the Hessian, or second moment, of inputs R x. [size, size], in f64.
/// Error: another number of elements.
llvm::Expected<std::vector<double>>
rotateHessian(llvm::ArrayRef<double> hessian,
              const HadamardTransform &transform);

/// max|w| sqrt(rows columns) / ||W||: 1 where all magnitudes are equal. What
/// QuIP# calls the incoherence μ. 0 for zero weights.
double getIncoherence(MatrixRef weights);

} // namespace mlir::compress

#endif // COMPRESS_CALIBRATION_HADAMARD_H
