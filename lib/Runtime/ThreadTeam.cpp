//===- ThreadTeam.cpp - Threads that run one function together ------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Runtime/ThreadTeam.h"

#include "llvm/Support/Threading.h"

#include <algorithm>
#include <optional>
#include <thread>

using namespace mlir::compress;

/// Stack of a worker: kernels keep tiles of their operands there.
static constexpr unsigned kStackBytes = 16u << 20;

/// Pauses before a waiting thread sleeps, about 50 microseconds: a barrier
/// between kernels takes less. Where threads outnumber cores the one waited for
/// needs this core; and a thread that slept gets a core sooner, when other
/// programs want it too, than one that yielded.
static constexpr int kBarrierSpins = 1000;

/// Pauses and then yields before an idle worker sleeps, a few hundred
/// microseconds: sampling and tokenization between two steps take less.
static constexpr int kIdleSpins = 2000;
static constexpr int kIdleYields = 100;

static void pauseBriefly() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield" ::: "memory");
#endif
}

ThreadTeam::ThreadTeam(int64_t threads)
    : threads(std::max<int64_t>(threads, 1)) {
  for (int64_t thread = 1; thread < this->threads; ++thread)
    workers.emplace_back(std::optional<unsigned>(kStackBytes),
                         [this, thread] { work(thread); });
}

ThreadTeam::~ThreadTeam() {
  stopping = true;
  call.fetch_add(1);
  {
    std::lock_guard<std::mutex> lock(mutex);
    wake.notify_all();
  }
  for (llvm::thread &worker : workers)
    worker.join();
}

void ThreadTeam::run(llvm::function_ref<void(int64_t)> function) {
  if (threads == 1)
    return function(0);
  body = function;
  // Sequentially consistent, as are `generation` and `sleeping`: either the
  // thread that is going to sleep sees the change, or it is seen when sleepers
  // are woken.
  call.fetch_add(1);
  wakeSleepers();
  function(0);
  barrier();
}

void ThreadTeam::barrier() {
  if (threads == 1)
    return;
  uint64_t current = generation.load(std::memory_order_acquire);
  if (arrived.fetch_add(1, std::memory_order_acq_rel) + 1 == threads) {
    arrived.store(0, std::memory_order_relaxed);
    generation.store(current + 1);
    wakeSleepers();
    return;
  }
  auto isOver = [&] { return generation.load() != current; };
  for (int spin = 0; spin < kBarrierSpins; ++spin) {
    if (isOver())
      return;
    pauseBriefly();
  }
  sleepUntil(isOver);
}

void ThreadTeam::sleepUntil(llvm::function_ref<bool()> isOver) {
  sleeping.fetch_add(1);
  std::unique_lock<std::mutex> lock(mutex);
  wake.wait(lock, isOver);
  sleeping.fetch_sub(1);
}

void ThreadTeam::wakeSleepers() {
  if (sleeping.load() == 0)
    return;
  std::lock_guard<std::mutex> lock(mutex);
  wake.notify_all();
}

uint64_t ThreadTeam::waitForCall(uint64_t seen) {
  for (int spin = 0; spin < kIdleSpins + kIdleYields; ++spin) {
    uint64_t now = call.load(std::memory_order_acquire);
    if (now != seen)
      return now;
    if (spin < kIdleSpins)
      pauseBriefly();
    else
      std::this_thread::yield();
  }
  sleepUntil([&] { return call.load() != seen; });
  return call.load();
}

void ThreadTeam::work(int64_t thread) {
  for (uint64_t seen = 0;;) {
    seen = waitForCall(seen);
    if (stopping)
      return;
    body(thread);
    barrier();
  }
}

int64_t mlir::compress::getDefaultThreads() {
  return std::max<int64_t>(
      llvm::heavyweight_hardware_concurrency().compute_thread_count(), 1);
}
