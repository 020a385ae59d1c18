//===- VectorCodebook.h - Codes for several weights at once -----*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A code that stands for a vector of weights reaches points that products of
// scalar codes can't: with two bits a weight, errors are a fifth to a quarter
// smaller. These are algorithms on arrays; there is no encoding for them yet.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_VECTORCODEBOOK_H
#define COMPRESS_CALIBRATION_VECTORCODEBOOK_H

#include "compress/Calibration/Matrix.h"

#include <array>
#include <vector>

namespace mlir::compress {

//===----------------------------------------------------------------------===//
// The lattice E8
//===----------------------------------------------------------------------===//

/// A vector of eight.
using Octet = std::array<float, 8>;

/// 2^16 points of E8 shifted by a quarter, 2 bits a weight, from a table of 256
/// magnitudes. Tseng et al.: "QuIP#: Even Better LLM Quantization with Hadamard
/// Incoherence and Lattice Codebooks", 2024, arXiv:2402.04396, section 4.2. It
/// is meant for weights that were made incoherent (Hadamard.h).
///
/// A code's bits 0-7 pick magnitudes, bits 8-14 are the signs of the first
/// seven (1 for minus); the eighth follows, since coordinates of D8 + 1/2 have
/// an even sum. Bit 15 says whether 1/4 is added to all eight (0) or subtracted
/// (1).
///
/// Magnitudes are all eight positive halves of odd numbers whose squares sum up
/// to 10 or less, 227, by that sum and then as numbers ascend. The 29 that are
/// missing to 256 are the first, as numbers ascend, of those with a sum of 12
/// and without 5/2. Which ones is free; files of the authors have other ones.
class E8Codebook {
public:
  E8Codebook();

  /// Coordinates are halves of odd positive numbers.
  llvm::ArrayRef<Octet> getMagnitudes() const { return magnitudes; }
  /// The code whose point is nearest, by distances in f32; of several, one to
  /// which 1/4 is added, and then the first magnitudes.
  uint16_t encode(const Octet &x) const;
  Octet decode(uint16_t code) const;

private:
  std::vector<Octet> magnitudes;
  /// The same by coordinate; and the sum of each vector of magnitudes,
  /// modulo 2.
  std::vector<std::array<float, 256>> coordinates;
  std::vector<float> parity;
};

struct VectorCodes {
  /// Row by row; [rows, columns / length], for additive codebooks times the
  /// number of tables, one after the other for each vector.
  std::vector<uint16_t> codes;
  /// One per row.
  std::vector<float> scales;
  /// What the codes stand for, [rows, columns].
  std::vector<float> values;
};

/// Each row in vectors of eight, times a scale per row: of `steps` scales
/// around the row's root mean square, the one with the least squared error
/// (`e8p`). Errors: weights that are not finite, columns that are no multiple
/// of 8, no step.
llvm::Expected<VectorCodes> quantizeToE8(MatrixRef weights, unsigned steps = 12,
                                         unsigned threads = 1);

/// What codes and scales decode to. Errors: lengths that do not fit.
llvm::Expected<std::vector<float>> decodeE8(llvm::ArrayRef<uint16_t> codes,
                                            llvm::ArrayRef<float> scales,
                                            int64_t rows, int64_t columns);

//===----------------------------------------------------------------------===//
// Sums of learnt vectors
//===----------------------------------------------------------------------===//

struct AdditiveOptions {
  /// Weights per vector, tables, and bits per code of each table (1 to 12).
  int64_t length = 8;
  int64_t tables = 2;
  unsigned bits = 8;
  /// Lloyd's steps for the first tables; then rounds of choosing codes anew and
  /// of fitting all tables to them.
  unsigned iterations = 10, rounds = 4;
  uint64_t seed = 0;
  /// Of each column's squared error, [in]; empty for 1.
  llvm::ArrayRef<float> importance;
};

struct AdditiveResult {
  VectorCodes codes;
  /// [tables, 2^bits, length].
  std::vector<float> tables;
  /// Σ importance (w - value)² / scale² after the first tables and each round;
  /// what is returned belongs to the least.
  std::vector<double> errors;
};

/// w ≈ scale Σ_t tables[t][code_t], with a scale per row, its root mean square
/// (`additive`). Tables begin as k-means of what those before leave; then, in
/// turns, each vector's codes are improved one at a time, and tables are the
/// least squares for the codes. Babenko, Lempitsky: "Additive Quantization for
/// Extreme Vector Compression", 2014; Egiazarian et al.: "Extreme Compression
/// of Large Language Models via Additive Quantization" (AQLM), 2024,
/// arXiv:2401.06118, whose objective is the output's error; here it is that of
/// weights, by the columns' importance.
///
/// Errors: weights or importances that are not finite or negative, columns that
/// are no multiple of the length, options that mean nothing.
llvm::Expected<AdditiveResult>
quantizeAdditively(MatrixRef weights, const AdditiveOptions &options = {});

/// What codes, scales and tables decode to. Errors: lengths that do not fit,
/// codes beyond a table.
llvm::Expected<std::vector<float>>
decodeAdditive(llvm::ArrayRef<uint16_t> codes, llvm::ArrayRef<float> scales,
               llvm::ArrayRef<float> tables, int64_t columns,
               const AdditiveOptions &options);

} // namespace mlir::compress

#endif // COMPRESS_CALIBRATION_VECTORCODEBOOK_H
