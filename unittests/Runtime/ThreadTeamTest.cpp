//===- ThreadTeamTest.cpp - Tests of thread teams -------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Runtime/ThreadTeam.h"

#include "llvm/Support/Compiler.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

using namespace mlir::compress;

/// Writes to 8 MiB of stack; returns the number of pages. A function of its
/// own, so that only those who call it have the frame.
LLVM_ATTRIBUTE_NOINLINE static int touchStack() {
  volatile char tile[8 << 20];
  int sum = 0;
  for (size_t i = 0; i < sizeof(tile); i += 4096)
    tile[i] = 1;
  for (size_t i = 0; i < sizeof(tile); i += 4096)
    sum += tile[i];
  return sum;
}

namespace {

class ThreadTeamTest : public testing::TestWithParam<int64_t> {};

TEST_P(ThreadTeamTest, EveryThreadRunsOncePerCall) {
  ThreadTeam team(GetParam());
  std::vector<int64_t> counts(GetParam() * 16);
  for (int call = 0; call < 200; ++call) {
    team.run([&](int64_t thread) { ++counts[thread * 16]; });
    // Sometimes long enough for the workers to fall asleep.
    if (call % 50 == 49)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  for (int64_t thread = 0; thread < GetParam(); ++thread)
    EXPECT_EQ(counts[thread * 16], 200);
}

TEST_P(ThreadTeamTest, BarriersOrderWhatThreadsWrite) {
  // In every round each thread adds its neighbour's number of the round
  // before; plain memory, so a barrier that fails shows as a wrong sum.
  int64_t threads = GetParam();
  constexpr int rounds = 2000;
  ThreadTeam team(threads);
  std::vector<uint64_t> now(threads), before(threads), expected(threads);
  for (int64_t i = 0; i < threads; ++i)
    now[i] = expected[i] = i + 1;
  team.run([&](int64_t thread) {
    for (int round = 0; round < rounds; ++round) {
      before[thread] = now[thread];
      team.barrier();
      now[thread] = before[thread] + before[(thread + 1) % threads];
      team.barrier();
    }
  });
  for (int round = 0; round < rounds; ++round) {
    std::vector<uint64_t> old = expected;
    for (int64_t i = 0; i < threads; ++i)
      expected[i] = old[i] + old[(i + 1) % threads];
  }
  EXPECT_EQ(now, expected);
}

INSTANTIATE_TEST_SUITE_P(Threads, ThreadTeamTest,
                         testing::Values(1, 2, 3, 4, 7, 16));

TEST(ThreadTeamTest, ManyTeamsComeAndGo) {
  std::atomic<int> calls{0};
  for (int i = 0; i < 50; ++i) {
    ThreadTeam team(i % 4 + 1);
    if (i % 3 != 0)
      team.run([&](int64_t) { ++calls; });
  }
  int expected = 0;
  for (int i = 0; i < 50; ++i)
    expected += i % 3 != 0 ? i % 4 + 1 : 0;
  EXPECT_EQ(calls, expected);
}

TEST(ThreadTeamTest, WorkersHaveLargeStacks) {
  ThreadTeam team(2);
  std::vector<int> sums(2);
  team.run([&](int64_t thread) {
    if (thread > 0)
      sums[thread] = touchStack();
  });
  EXPECT_EQ(sums[1], (8 << 20) / 4096);
}

TEST(ThreadTeamTest, DefaultIsAtLeastOne) { EXPECT_GE(getDefaultThreads(), 1); }

} // namespace
