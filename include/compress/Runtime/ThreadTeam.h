//===- ThreadTeam.h - Threads that run one function together ----*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_RUNTIME_THREADTEAM_H
#define COMPRESS_RUNTIME_THREADTEAM_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/thread.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <vector>

namespace mlir::compress {

/// A fixed number of threads that run a function together, as the calls of
/// ABI.h want it: all at once, each with its number. Thread 0 is the caller's.
///
/// Between two calls, and where it waits for others, a thread spins for some
/// microseconds, because a decode loop calls again at once, and then sleeps.
/// Calls must not overlap.
class ThreadTeam {
public:
  /// Starts `threads` - 1 workers with stacks of 16 MiB. `threads` is at
  /// least 1.
  explicit ThreadTeam(int64_t threads);
  ~ThreadTeam();
  ThreadTeam(const ThreadTeam &) = delete;
  ThreadTeam &operator=(const ThreadTeam &) = delete;

  int64_t size() const { return threads; }

  /// Runs `body(thread)` on every thread; returns when all have returned.
  void run(llvm::function_ref<void(int64_t thread)> body);

  /// Called by every thread within run(): returns when all have called it.
  /// What a thread wrote before is visible to all after.
  void barrier();

private:
  void work(int64_t thread);
  /// Waits for a call other than number `seen`; returns its number.
  uint64_t waitForCall(uint64_t seen);
  void sleepUntil(llvm::function_ref<bool()> isOver);
  /// To be called after what they wait for has changed.
  void wakeSleepers();

  const int64_t threads;
  std::vector<llvm::thread> workers;
  llvm::function_ref<void(int64_t)> body;
  bool stopping = false;

  // On cache lines of their own: they are spun on.
  alignas(64) std::atomic<int64_t> arrived{0};
  alignas(64) std::atomic<uint64_t> generation{0};
  alignas(64) std::atomic<uint64_t> call{0};
  alignas(64) std::atomic<int64_t> sleeping{0};
  std::mutex mutex;
  std::condition_variable wake;
};

/// Threads that this process may use at once (affinity and control groups
/// heeded where the system tells), one per core rather than per hardware thread
/// where it tells that; at least 1.
int64_t getDefaultThreads();

} // namespace mlir::compress

#endif // COMPRESS_RUNTIME_THREADTEAM_H
