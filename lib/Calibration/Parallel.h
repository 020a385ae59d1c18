//===- Parallel.h - Independent pieces of work ------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_CALIBRATION_PARALLEL_H
#define COMPRESS_LIB_CALIBRATION_PARALLEL_H

#include "llvm/ADT/STLFunctionalExtras.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace mlir::compress {

/// Calls `body` for 0 .. count - 1, each once, on up to `threads` threads.
/// Calls must not depend on each other, so that results depend on no thread.
inline void parallelFor(int64_t count, unsigned threads,
                        llvm::function_ref<void(int64_t)> body) {
  std::atomic<int64_t> next = 0;
  auto work = [&] {
    for (int64_t i = next++; i < count; i = next++)
      body(i);
  };
  std::vector<std::thread> others;
  for (int64_t i = 1, e = std::min<int64_t>(threads, count); i < e; ++i)
    others.emplace_back(work);
  work();
  for (std::thread &thread : others)
    thread.join();
}

} // namespace mlir::compress

#endif // COMPRESS_LIB_CALIBRATION_PARALLEL_H
