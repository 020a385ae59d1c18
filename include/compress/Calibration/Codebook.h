//===- Codebook.h - Tables that are learnt from weights ---------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_CODEBOOK_H
#define COMPRESS_CALIBRATION_CODEBOOK_H

#include "compress/Calibration/QuantizedMatrix.h"

namespace mlir::compress {

struct CodebookOptions {
  enum class Method {
    /// Lloyd's iteration from seeds that k-means++ draws (`kmeans`). Lloyd:
    /// "Least Squares Quantization in PCM", 1957/1982; Arthur, Vassilvitskii:
    /// "k-means++: The Advantages of Careful Seeding", 2007.
    KMeans,
    /// The best table there is, by dynamic programming over sorted values
    /// (`kmeans-exact`). Wang, Song: "Ckmeans.1d.dp", 2011; Grønlund et al.:
    /// "Fast Exact k-Means, k-Medians and Bregman Divergence Clustering in 1D",
    /// 2017, arXiv:1701.07204, section 2.2.
    Exact,
    /// Medians of groups of equal weight (`percentile`), as quantile
    /// quantization has them (Dettmers et al., 2021, arXiv:2110.02861).
    Percentile
  };
  Method method = Method::KMeans;
  /// KMeans: how often seeds are drawn, the first of the best being taken; and
  /// after how many steps Lloyd's iteration ends at the latest.
  unsigned restarts = 4, iterations = 100;
  uint64_t seed = 0;
  /// Exact: bytes that it may take; 4 per entry and different value.
  int64_t memory = int64_t(1) << 30;
  /// quantizeByLearntCodebook(): how often scales are fitted to the codes, and
  /// then the table, by least squares; the best of all is taken. Scales are no
  /// largest magnitudes then. Lloyd's iteration with one more unknown per
  /// block.
  unsigned fits = 0;
  /// Of each column's squared error, empty for 1: mean squares of inputs
  /// (SecondMoment::getMeanSquares). Percentile counts values by it.
  llvm::ArrayRef<float> importance;
};

/// `entries` numbers, ascending, that lie close to `values`: KMeans and Exact
/// make Σ weight (value - nearest entry)² small. Where there are fewer
/// different values than entries, the last entry is repeated. `weights` is
/// empty for 1. Values of weight 0 have no influence; if there are no others,
/// all entries are 0.
///
/// Errors: values that are not finite; weights that are negative, not finite,
/// or too many or few; no entry; options that mean nothing; Exact that would
/// take more memory than it may.
llvm::Expected<std::vector<float>>
learnTable(llvm::ArrayRef<float> values, llvm::ArrayRef<float> weights,
           int64_t entries, const CodebookOptions &options = {});

struct CodebookResult {
  QuantizedMatrix matrix;
  std::vector<float> table;
  /// What encodeMatrix() and GPTQOptions take besides the table.
  BlockParts parts;
  /// Σ importance (w - q)², before and after each fit.
  std::vector<double> errors;
};

/// Learns the table of a codebook encoding, one for the whole matrix, and
/// encodes with it. `spec` is a codebook without a table, which is thus a
/// component. A block's scale is its largest magnitude (with a minimum, half of
/// its width), so that what the table has to tell lies in [-1, 1]; without a
/// scale the table is of the weights themselves. An error counts as much as it
/// will in the weights: by the square of its block's scale.
///
/// Errors: another encoding, weights or importances that are not finite, those
/// of learnTable() and encode().
llvm::Expected<CodebookResult>
quantizeByLearntCodebook(const EncodingSpec &spec, MatrixRef weights,
                         const CodebookOptions &options = {});

/// `kmeans`, `kmeans-exact`, `percentile`.
llvm::StringRef str(CodebookOptions::Method method);

} // namespace mlir::compress

#endif // COMPRESS_CALIBRATION_CODEBOOK_H
