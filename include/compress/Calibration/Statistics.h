//===- Statistics.h - What calibration learnt, as a file --------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One file serves every algorithm. It is a safetensors file; its metadata say
// of which model and data it tells (docs/calibration.md).
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_STATISTICS_H
#define COMPRESS_CALIBRATION_STATISTICS_H

#include "compress/Calibration/SecondMoment.h"
#include "compress/Support/Safetensors.h"

#include <memory>

namespace mlir::compress {

/// What was run: the model, over which data, and how.
struct StatisticsOrigin {
  /// hashModel() of the model, and SHA-256 of the text.
  std::string model, data;
  /// Tokens per sequence, sequences, and tokens altogether.
  int64_t context = 0, sequences = 0, tokens = 0;
};

/// A value that was observed, for the weights that it is multiplied with.
struct Observation {
  std::vector<std::string> parameters;
  SecondMoment moment;
};

/// Writes a file that appears whole or not at all. Errors name the file.
llvm::Error writeStatistics(llvm::StringRef path,
                            const StatisticsOrigin &origin,
                            llvm::ArrayRef<Observation> observations);

class Statistics {
public:
  /// Maps the file. Errors name it: no such file, one that was not written by
  /// writeStatistics(), damage.
  static llvm::Expected<std::unique_ptr<Statistics>> open(llvm::StringRef path);

  llvm::StringRef getPath() const { return file.getPath(); }
  const StatisticsOrigin &getOrigin() const { return origin; }

  /// The mean over tokens of x xᵀ, with x what the parameter is multiplied
  /// with: [k, k], row-major. Empty if nothing was observed for it.
  llvm::ArrayRef<float> getSecondMoment(llvm::StringRef parameter) const;

private:
  explicit Statistics(SafetensorsFile file) : file(std::move(file)) {}
  llvm::Error parse();

  SafetensorsFile file;
  StatisticsOrigin origin;
  /// The tensor of each parameter.
  llvm::StringMap<const SafetensorsTensor *> moments;
};

/// SHA-256 that tells models apart: of a file its own, of a folder that of its
/// files' names and hashes, folders inside left out. Errors name the file.
llvm::Expected<std::string> hashModel(llvm::StringRef path);

} // namespace mlir::compress

#endif // COMPRESS_CALIBRATION_STATISTICS_H
