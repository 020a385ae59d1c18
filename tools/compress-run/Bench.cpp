//===- Bench.cpp - compress-run bench -------------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace mlir::compress;

namespace {

class BenchCommand : public Command {
public:
  BenchCommand() : Command("bench", "Measure speed") {}
  Error run() override;

private:
  CommonOptions common{command};
  cl::opt<int64_t> prompt{
      "prompt", cl::desc("Tokens of the prompt; 0 leaves it out (512)"),
      cl::init(512), cl::value_desc("N"), cl::sub(command)};
  cl::opt<int64_t> generate{
      "generate", cl::desc("Tokens to decode; 0 leaves it out (128)"),
      cl::init(128), cl::value_desc("N"), cl::sub(command)};
  cl::opt<int64_t> depth{
      "depth", cl::desc("Tokens in the cache before either is measured (0)"),
      cl::init(0), cl::value_desc("D"), cl::sub(command)};
  cl::opt<int64_t> sequences{"sequences", cl::desc("Sequences of a batch (1)"),
                             cl::init(1), cl::value_desc("B"),
                             cl::sub(command)};
  cl::opt<int64_t> repetitions{
      "repetitions", cl::desc("Measurements of each quantity (5)"), cl::init(5),
      cl::value_desc("R"), cl::sub(command)};
};

} // namespace

json::Object mlir::compress::getSpreadAsJSON(const Measurement &measurement) {
  return json::Object{{"min", measurement.getMin()},
                      {"max", measurement.getMax()},
                      {"spread", measurement.getSpread()},
                      {"samples", json::Array(measurement.samples)}};
}

static void print(StringRef name, const Measurement &measurement,
                  StringRef unit, double scale = 1) {
  if (!measurement.samples.empty())
    outs() << formatv("{0}: {1:f1} {2} (+-{3:P1})\n", name,
                      measurement.getMedian() * scale, unit,
                      measurement.getSpread());
}

Error BenchCommand::run() {
  Expected<std::unique_ptr<Program>> program = openProgram(common);
  if (!program)
    return program.takeError();
  BenchmarkOptions options;
  options.prompt = prompt;
  options.generate = generate;
  options.depth = depth;
  options.sequences = sequences;
  options.repetitions = repetitions;
  SessionOptions sessionOptions;
  sessionOptions.threads = common.threads;
  sessionOptions.sequences = sequences;
  sessionOptions.contextLength = options.getContextLength();
  Expected<std::unique_ptr<Session>> session =
      Session::create(**program, sessionOptions);
  if (!session)
    return session.takeError();
  Expected<BenchmarkResult> result = runBenchmark(**session, options);
  if (!result)
    return result.takeError();
  if (common.json) {
    printJSON(
        json::Object{{"prefill_tokens_per_second", result->prefill.getMedian()},
                     {"prefill_spread", getSpreadAsJSON(result->prefill)},
                     {"decode_tokens_per_second", result->decode.getMedian()},
                     {"decode_spread", getSpreadAsJSON(result->decode)},
                     {"bytes_per_token", result->bytesPerToken},
                     {"bandwidth", result->bandwidth.getMedian()},
                     {"bandwidth_spread", getSpreadAsJSON(result->bandwidth)},
                     {"bandwidth_share", result->getBandwidthShare()},
                     {"threads", common.threads.getValue()},
                     {"prompt", options.prompt},
                     {"generate", options.generate},
                     {"depth", options.depth},
                     {"sequences", options.sequences}});
    return Error::success();
  }
  print("prefill", result->prefill, "tokens/s");
  print("decode", result->decode, "tokens/s");
  print("memory", result->bandwidth, "GB/s", 1e-9);
  outs() << formatv("decode reads {0:f1} MB per token, {1:P1} of what memory "
                    "delivers\n",
                    result->bytesPerToken * 1e-6, result->getBandwidthShare());
  return Error::success();
}

std::unique_ptr<Command> mlir::compress::makeBenchCommand() {
  return std::make_unique<BenchCommand>();
}
