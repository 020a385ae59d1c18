//===- Benchmark.cpp - Measures speed -------------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Runtime/Benchmark.h"

#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"

#include <chrono>
#include <unistd.h>

using namespace llvm;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Statistics
//===----------------------------------------------------------------------===//

/// The value below which a share of the samples lies, interpolated.
static double getQuantile(std::vector<double> samples, double share) {
  if (samples.empty())
    return 0;
  llvm::sort(samples);
  double place = share * (samples.size() - 1);
  size_t below = static_cast<size_t>(place);
  size_t above = std::min(below + 1, samples.size() - 1);
  return samples[below] + (place - below) * (samples[above] - samples[below]);
}

double Measurement::getMedian() const { return getQuantile(samples, 0.5); }
double Measurement::getMin() const { return getQuantile(samples, 0); }
double Measurement::getMax() const { return getQuantile(samples, 1); }

double Measurement::getSpread() const {
  double median = getMedian();
  if (median == 0)
    return 0;
  return (getQuantile(samples, 0.75) - getQuantile(samples, 0.25)) / 2 / median;
}

double BenchmarkResult::getBandwidthShare() const {
  double available = bandwidth.getMedian();
  return available > 0 ? bytesPerToken * decode.getMedian() / available : 0;
}

/// Seconds that a function takes. An error ends the measurement.
static Expected<double> measureSeconds(function_ref<Error()> function) {
  auto start = std::chrono::steady_clock::now();
  if (Error error = function())
    return error;
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
      .count();
}

//===----------------------------------------------------------------------===//
// Bandwidth
//===----------------------------------------------------------------------===//

/// Bytes of a buffer that no cache holds a notable part of.
static int64_t getStreamBytes() {
  int64_t bytes = int64_t(256) << 20;
#ifdef _SC_LEVEL3_CACHE_SIZE
  bytes = std::max<int64_t>(bytes, 4 * sysconf(_SC_LEVEL3_CACHE_SIZE));
#endif
  return bytes;
}

/// Adds up words, in several sums so that additions do not wait for each other.
static uint64_t sumWords(const uint64_t *words, int64_t count) {
  uint64_t sums[16] = {};
  for (int64_t i = 0; i + 16 <= count; i += 16)
    for (int lane = 0; lane < 16; ++lane)
      sums[lane] += words[i + lane];
  uint64_t sum = 0;
  for (uint64_t part : sums)
    sum += part;
  return sum;
}

Expected<Measurement> mlir::compress::measureBandwidth(ThreadTeam &team,
                                                       int64_t repetitions) {
  int64_t share = getStreamBytes() / team.size() / 4096 * 4096;
  Expected<AlignedBuffer> buffer = AlignedBuffer::create(
      share * team.size(), "the buffer that bandwidth is measured on");
  if (!buffer)
    return buffer.takeError();
  int64_t words = share / sizeof(uint64_t);
  // Written to memory, so that the sums are computed.
  std::vector<uint64_t> sums(team.size());
  auto partOf = [&](int64_t thread) {
    return buffer->get<uint64_t>() + thread * words;
  };
  // Pages exist only once they are written to.
  team.run([&](int64_t thread) {
    std::fill_n(partOf(thread), words, static_cast<uint64_t>(thread + 1));
  });
  Measurement result;
  for (int64_t i = 0; i < repetitions; ++i) {
    Expected<double> seconds = measureSeconds([&] {
      team.run([&](int64_t thread) {
        sums[thread] = sumWords(partOf(thread), words);
      });
      return Error::success();
    });
    if (!seconds)
      return seconds.takeError();
    result.samples.push_back(share * team.size() / *seconds);
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Models
//===----------------------------------------------------------------------===//

int64_t BenchmarkOptions::getContextLength() const {
  return depth + std::max<int64_t>({prompt, generate, 1});
}

namespace {
/// One benchmark of one session.
class Runner {
public:
  Runner(Session &session, const BenchmarkOptions &options)
      : session(session), options(options) {}

  Expected<BenchmarkResult> run();

private:
  Error verify() const;
  int32_t drawToken();
  Error append(int64_t tokens, bool wantLogits);
  Error truncate();
  Error measure(int64_t tokens, bool oneByOne, Measurement &result);
  double getBytesPerToken() const;

  Session &session;
  const BenchmarkOptions &options;
  uint64_t state = 1;
};
} // namespace

Error Runner::verify() const {
  if (options.prompt < 0 || options.generate < 0 || options.depth < 0 ||
      options.repetitions < 1)
    return makeError("a benchmark's counts must not be negative, and it needs "
                     "a repetition");
  if (options.sequences < 1 || options.sequences > session.getSequences())
    return makeError("the session has " + Twine(session.getSequences()) +
                     " sequences, the benchmark is for " +
                     Twine(options.sequences));
  return Error::success();
}

/// Any token will do: the time does not depend on it.
int32_t Runner::drawToken() {
  state = state * 6364136223846793005ull + 1442695040888963407ull;
  return (state >> 33) % session.getVocabulary();
}

Error Runner::append(int64_t tokens, bool wantLogits) {
  std::vector<std::vector<int32_t>> drawn(options.sequences);
  SmallVector<Extension> extensions;
  for (auto [sequence, list] : enumerate(drawn)) {
    for (int64_t i = 0; i < tokens; ++i)
      list.push_back(drawToken());
    extensions.push_back({static_cast<int64_t>(sequence), list,
                          wantLogits ? tokens - 1 : tokens});
  }
  return session.extend(extensions, [](size_t, int64_t, ArrayRef<float>) {
    return Error::success();
  });
}

Error Runner::truncate() {
  for (int64_t sequence = 0; sequence < options.sequences; ++sequence)
    if (Error error = session.truncate(sequence, options.depth))
      return error;
  return Error::success();
}

Error Runner::measure(int64_t tokens, bool oneByOne, Measurement &result) {
  if (tokens == 0)
    return Error::success();
  for (int64_t i = -1; i < options.repetitions; ++i) {
    if (Error error = truncate())
      return error;
    Expected<double> seconds = measureSeconds([&]() -> Error {
      if (!oneByOne)
        return append(tokens, /*wantLogits=*/true);
      for (int64_t token = 0; token < tokens; ++token)
        if (Error error = append(1, /*wantLogits=*/true))
          return error;
      return Error::success();
    });
    if (!seconds)
      return seconds.takeError();
    if (i >= 0)
      result.samples.push_back(tokens * options.sequences / *seconds);
  }
  return Error::success();
}

double Runner::getBytesPerToken() const {
  const Program &program = session.getProgram();
  double parameters = program.getParameterBytesPerToken();
  // A decoded token reads those before it and itself.
  double positions = options.depth + (options.generate + 1) / 2.0;
  return parameters / options.sequences +
         positions * Cache::getBytesPerToken(*program.getManifest().cache);
}

Expected<BenchmarkResult> Runner::run() {
  BenchmarkResult result;
  if (Error error = verify())
    return error;
  if (options.depth > 0)
    if (Error error = append(options.depth, /*wantLogits=*/false))
      return error;
  if (Error error = measure(options.prompt, false, result.prefill))
    return error;
  if (Error error = measure(options.generate, true, result.decode))
    return error;
  Expected<Measurement> bandwidth =
      measureBandwidth(session.getExecutor().getTeam(), options.repetitions);
  if (!bandwidth)
    return bandwidth.takeError();
  result.bandwidth = std::move(*bandwidth);
  result.bytesPerToken = getBytesPerToken();
  return result;
}

Expected<BenchmarkResult>
mlir::compress::runBenchmark(Session &session,
                             const BenchmarkOptions &options) {
  return Runner(session, options).run();
}
