//===- Benchmark.h - Measures speed -----------------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_RUNTIME_BENCHMARK_H
#define COMPRESS_RUNTIME_BENCHMARK_H

#include "compress/Runtime/Session.h"

namespace mlir::compress {

struct BenchmarkOptions {
  /// Tokens per sequence of the prompt, and of the decode loop; 0 leaves that
  /// part out.
  int64_t prompt = 512, generate = 128;
  /// Tokens that each sequence holds before either is measured.
  int64_t depth = 0;
  int64_t sequences = 1;
  /// Measurements of each part, after one that does not count.
  int64_t repetitions = 5;

  /// Context that a session needs.
  int64_t getContextLength() const;
};

/// A quantity measured several times.
struct Measurement {
  std::vector<double> samples;

  double getMedian() const;
  double getMin() const;
  double getMax() const;
  /// Half the distance between the quartiles over the median.
  double getSpread() const;
};

struct BenchmarkResult {
  /// Tokens of all sequences per second.
  Measurement prefill, decode;
  /// Bytes of parameters and cache that decoding reads per token; parameters
  /// are shared by the sequences of a step.
  double bytesPerToken = 0;
  /// Bytes per second that as many threads read from memory.
  Measurement bandwidth;

  /// bytesPerToken times decode speed over bandwidth.
  double getBandwidthShare() const;
};

/// Measures a session that has as many sequences and room for as many tokens as
/// the options need.
llvm::Expected<BenchmarkResult> runBenchmark(Session &session,
                                             const BenchmarkOptions &options);

/// Bytes per second that a team reads from a buffer that exceeds the last-level
/// cache, each thread a part of its own.
llvm::Expected<Measurement> measureBandwidth(ThreadTeam &team,
                                             int64_t repetitions);

} // namespace mlir::compress

#endif // COMPRESS_RUNTIME_BENCHMARK_H
