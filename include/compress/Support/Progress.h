//===- Progress.h - Tells how far a long task has come ----------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_SUPPORT_PROGRESS_H
#define COMPRESS_SUPPORT_PROGRESS_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>
#include <string>

namespace mlir::compress {

/// Reports a task of `total` units on one line that is updated in place where
/// the stream is a terminal, and otherwise with a line every ten seconds, so
/// that short tasks stay silent in logs.
class Progress {
public:
  using Clock = std::chrono::steady_clock;

  Progress(llvm::StringRef task, uint64_t total,
           llvm::raw_fd_ostream &stream = llvm::errs());
  Progress(const Progress &) = delete;
  Progress &operator=(const Progress &) = delete;
  /// Ends the line.
  ~Progress();

  /// Reports `units` more as done; `item` is what is being worked on now.
  void advance(uint64_t units, llvm::StringRef item = {});

  /// The text of a report: task, share, item, and the time left as it follows
  /// from the time spent. Public for tests.
  static std::string format(llvm::StringRef task, uint64_t done, uint64_t total,
                            double seconds, llvm::StringRef item);

private:
  std::string task;
  uint64_t done = 0, total;
  llvm::raw_fd_ostream &stream;
  bool terminal, open = false;
  Clock::time_point start, next;
};

} // namespace mlir::compress

#endif // COMPRESS_SUPPORT_PROGRESS_H
