//===- KernelBenchmark.cpp - How fast products of each encoding are -------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiles one product per encoding and number of rows, checks its result, and
// times it beside reading a buffer: before each call, a buffer larger than the
// caches is read, which is timed too. So weights come from memory, and the
// bandwidth that they are compared with was measured in between.
//
//===----------------------------------------------------------------------===//

#include "Product.h"

#include "compress/Compiler/Schemes.h"
#include "compress/Encoding/StorageFormats.h"
#include "compress/Import/EncodingAttributes.h"
#include "compress/Support/Error.h"

#include "benchmark/benchmark.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/WithColor.h"

#include <chrono>

using namespace llvm;
using namespace mlir::compress;
using mlir::compress::benchmark::Product;
namespace gbench = ::benchmark;

//===----------------------------------------------------------------------===//
// Encodings
//===----------------------------------------------------------------------===//

/// What neither a file format nor a scheme brings.
static constexpr std::pair<StringLiteral, StringLiteral> kMore[] = {
    {"q5_k", "#quantized.affine<ui5, block = [1, 32], scale = "
             "#quantized.affine<ui6, block = [1, 8], scale = f16>, min = "
             "#quantized.affine<ui6, block = [1, 8], scale = f16>>"},
    {"mxfp4", "#quantized.float<f4E2M1FN, block = [1, 32], scale = f8E8M0FNU>"},
    {"f8e4m3", "#quantized.float<f8E4M3FN, block = [1, 32], scale = f32>"},
    {"f8e5m2", "#quantized.float<f8E5M2, block = [1, 32], scale = f32>"},
    {"nf4-double",
     "#quantized.codebook<\"nf4\", block = [1, 64], scale = "
     "#quantized.codebook<\"dynamic8\", block = [1, 256], scale = f32, min = "
     "f32>>"},
    {"iq4_nl", "#quantized.codebook<\"iq4_nl\", block = [1, 32], scale = f16>"},
    {"dynamic8",
     "#quantized.codebook<\"dynamic8\", block = [1, 256], scale = f32>"},
    {"ternary",
     "#quantized.affine<i2, block = [1, 256], scale = f16, narrow = true>"},
    {"i3", "#quantized.affine<i3, block = [1, 32], scale = f16>"},
    {"int8-channel", "#quantized.affine<i8, block = [1, -1], scale = f32>"},
    {"zero-128",
     "#quantized.affine<ui4, block = [1, 128], scale = f16, zero = ui8>"},
    {"int8-2:4",
     "#sparse.nm<2 : 4, values = #quantized.affine<i8, block = [1, -1], scale "
     "= f32>>"},
    {"int4-2:4",
     "#sparse.nm<2 : 4, values = #quantized.affine<i4, block = [1, 32], scale "
     "= f16>>"},
    {"f16-2:4", "#sparse.nm<2 : 4, values = f16>"},
    {"f16-16x32", "#sparse.block<[16, 32], values = f16>"},
    {"int4-16x32",
     "#sparse.block<[16, 32], values = #quantized.affine<i4, block = [1, 32], "
     "scale = f16>>"}};

using EncodingList = std::vector<std::pair<std::string, std::string>>;

/// File formats by their names, then schemes' weights, then the rest; each
/// encoding once. Empty text is plain f32.
static Expected<EncodingList> listEncodings() {
  mlir::DialectRegistry registry;
  registerCodegenDialects(registry);
  mlir::MLIRContext context(registry);
  context.loadAllAvailableDialects();
  EncodingList list;
  auto add = [&](StringRef name, std::string text) {
    if (none_of(list, [&](auto &known) { return known.second == text; }))
      list.push_back({name.lower(), std::move(text)});
  };
  for (const StorageFormat &format : getStorageFormats()) {
    Expected<mlir::Attribute> attribute =
        getEncodingAttr(&context, format.getEncoding(2));
    if (!attribute)
      return attribute.takeError();
    std::string text;
    raw_string_ostream(text) << *attribute;
    add(format.name, std::move(text));
  }
  for (const Scheme &scheme : getSchemes())
    if (!scheme.weights.empty())
      add(scheme.name, scheme.weights.str());
  for (auto [name, text] : kMore)
    add(name, text.str());
  return list;
}

//===----------------------------------------------------------------------===//
// Time
//===----------------------------------------------------------------------===//

using Clock = std::chrono::steady_clock;

static double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// A buffer that displaces the caches' contents when it is read.
class Stream {
public:
  explicit Stream(AlignedBuffer memory) : memory(std::move(memory)) {
    std::fill_n(this->memory.get<uint64_t>(), countWords(), 1);
  }

  /// Reads it all, in four streams and a word per line of the cache, so that
  /// nothing but memory is in the way; bytes per second.
  double read() {
    constexpr int64_t kStreams = 4, kLine = 8;
    Clock::time_point start = Clock::now();
    int64_t part = countWords() / kStreams / kLine * kLine;
    uint64_t sums[kStreams] = {};
    for (int64_t i = 0; i < part; i += kLine)
      for (int64_t j = 0; j < kStreams; ++j)
        sums[j] += memory.get<uint64_t>()[j * part + i];
    gbench::DoNotOptimize(sums);
    return static_cast<double>(part * kStreams * sizeof(uint64_t)) /
           secondsSince(start);
  }

private:
  int64_t countWords() const { return memory.size() / sizeof(uint64_t); }
  AlignedBuffer memory;
};

static double median(std::vector<double> values) {
  if (values.empty())
    return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

namespace {
struct Options {
  cl::OptionCategory category{"compress-kernel-benchmark"};
  cl::opt<int64_t> n{"n", cl::desc("Rows of the weights"), cl::init(32768),
                     cl::cat(category)};
  cl::opt<int64_t> k{"k", cl::desc("Columns of the weights"), cl::init(4096),
                     cl::cat(category)};
  cl::list<int64_t> m{"m", cl::CommaSeparated,
                      cl::desc("Rows of activations (1)"), cl::cat(category)};
  cl::opt<unsigned> stream{"stream",
                           cl::desc("MiB that are read before each call (128)"),
                           cl::init(128), cl::cat(category)};
  cl::opt<double> seconds{"seconds", cl::desc("Time per line, calls only"),
                          cl::init(0.3), cl::cat(category)};
  cl::opt<double> clock{"clock",
                        cl::desc("GHz that predictions count on (by family)"),
                        cl::init(0), cl::cat(category)};
  cl::opt<bool> quick{"quick", cl::desc("One call of small sizes each"),
                      cl::cat(category)};

  /// Sizes that were not given become small.
  void makeQuick() {
    if (n.getNumOccurrences() == 0)
      n = 128;
    if (k.getNumOccurrences() == 0)
      k = 512;
    if (stream.getNumOccurrences() == 0)
      stream = 1;
    if (m.empty()) {
      m.addValue(1);
      m.addValue(7);
    }
  }
};

/// All lines share the buffer, and a product stays while its line runs.
struct Session {
  Session(const Options &options, AlignedBuffer memory)
      : options(options), stream(std::move(memory)) {}
  const Options &options;
  Stream stream;
  std::string current;
  std::unique_ptr<Product> product;
  unsigned errors = 0;
};
} // namespace

static void skip(gbench::State &state, Session &session, Error error) {
  ++session.errors;
  state.SkipWithError(toString(std::move(error)).c_str());
}

static Error prepare(Session &session, StringRef weights, int64_t m) {
  std::string key = (weights + "/" + Twine(m)).str();
  if (session.current == key)
    return Error::success();
  session.current.clear();
  session.product.reset();
  Expected<std::unique_ptr<Product>> product =
      Product::create(weights, session.options.n, session.options.k);
  if (!product)
    return product.takeError();
  session.product = std::move(*product);
  if (Error error = session.product->setRows(m))
    return error;
  if (Error error = session.product->call())
    return error;
  if (Error error = session.product->check())
    return error;
  session.current = std::move(key);
  return Error::success();
}

/// What stands beside the time: all rates are medians over the calls.
static Error report(gbench::State &state, Session &session, int64_t m,
                    ArrayRef<double> times, ArrayRef<double> rates) {
  Product &product = *session.product;
  auto bytes = static_cast<double>(product.getBytes());
  std::vector<double> shares;
  for (auto [time, rate] : zip_equal(times, rates))
    shares.push_back(bytes / time / rate);
  double time = median(times), rate = median(rates);
  MachineModel machine = MachineModel::get(
      product.getTarget(), {session.options.clock, rate * 1e-9});
  Expected<CallCost> predicted = product.predict(machine, Resource::Memory);
  if (!predicted)
    return predicted.takeError();
  double values = static_cast<double>(session.options.n) *
                  static_cast<double>(session.options.k);
  state.counters["MB"] = bytes * 1e-6;
  state.counters["GB/s"] = bytes / time * 1e-9;
  state.counters["GOP/s"] = 2 * values * static_cast<double>(m) / time * 1e-9;
  state.counters["of_bandwidth_%"] = 100 * median(shares);
  state.counters["bandwidth_GB/s"] = rate * 1e-9;
  state.counters["median_ms"] = time * 1e3;
  state.counters["predicted_ms"] = predicted->seconds * 1e3;
  state.counters["measured/predicted"] = time / predicted->seconds;
  state.SetLabel((Twine(product.getActivations().empty() ? "f32" : "int8") +
                  " activations; predicted limit: " + str(predicted->limit) +
                  (predicted->isLeast ? ", at least" : ""))
                     .str());
  return Error::success();
}

static void runProduct(gbench::State &state, Session &session,
                       StringRef weights, int64_t m) {
  if (Error error = prepare(session, weights, m))
    return skip(state, session, std::move(error));
  std::vector<double> times, rates;
  for (auto iteration : state) {
    (void)iteration;
    rates.push_back(session.stream.read());
    Clock::time_point start = Clock::now();
    if (Error error = session.product->call())
      return skip(state, session, std::move(error));
    times.push_back(secondsSince(start));
    state.SetIterationTime(times.back());
  }
  if (Error error = report(state, session, m, times, rates))
    skip(state, session, std::move(error));
}

static void registerLines(Session &session, const EncodingList &encodings) {
  SmallVector<int64_t> rows(session.options.m.begin(), session.options.m.end());
  if (rows.empty())
    rows.push_back(1);
  for (auto &[name, weights] : encodings)
    for (int64_t m : rows) {
      auto *line = gbench::RegisterBenchmark(
          ("product/" + name + "/" + std::to_string(m)).c_str(),
          [&session, m, text = weights](gbench::State &state) {
            runProduct(state, session, text, m);
          });
      line->UseManualTime()->Unit(gbench::kMillisecond);
      if (session.options.quick)
        line->Iterations(1);
      else
        line->MinTime(session.options.seconds);
    }
}

static constexpr const char *kOverview = R"(times products of every encoding

  One thread multiplies m rows of f32 with a matrix [n, k] of weights that come from memory.
  --benchmark_filter=REGEX selects lines, --benchmark_format=json prints them for programs;
  --benchmark_list_tests shows them.

EXAMPLES:
  compress-kernel-benchmark
  compress-kernel-benchmark --m=1,16,512 --n=4096 --benchmark_filter=q4
  compress-kernel-benchmark --quick
)";

static int fail(Error error) {
  WithColor::error(errs(), "compress-kernel-benchmark")
      << toString(std::move(error)) << "\n";
  return 1;
}

int main(int argc, char **argv) {
  // Its options are taken out of the list; ours stay. It would answer --help
  // with its own alone, which the overview names.
  bool wantsHelp = llvm::any_of(ArrayRef(argv, argc).drop_front(),
                                [](StringRef a) { return a == "--help"; });
  if (!wantsHelp)
    gbench::Initialize(&argc, argv);
  cl::ResetCommandLineParser();
  InitLLVM init(argc, argv);
  Options options;
  cl::HideUnrelatedOptions(options.category);
  if (!cl::ParseCommandLineOptions(argc, argv, kOverview, &errs()))
    return 2;
  if (options.quick)
    options.makeQuick();
  Expected<EncodingList> encodings = listEncodings();
  if (!encodings)
    return fail(encodings.takeError());
  Expected<AlignedBuffer> memory =
      AlignedBuffer::create(int64_t(options.stream) << 20, "the stream");
  if (!memory)
    return fail(memory.takeError());
  Session session(options, std::move(*memory));
  registerLines(session, *encodings);
  gbench::RunSpecifiedBenchmarks();
  gbench::Shutdown();
  return session.errors == 0 ? 0 : 1;
}
