//===- OpenProgram.cpp - Opens what the user named ------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"

#include "compress/Runtime/ThreadTeam.h"
#include "compress/Support/Error.h"
#include "compress/Support/ModelPath.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace mlir::compress;

CommonOptions::CommonOptions(cl::SubCommand &command, StringRef input)
    : input(cl::Positional, cl::Required, cl::value_desc(input),
            cl::desc(input), cl::sub(command)),
      threads("threads", cl::desc("Threads (one per core)"),
              cl::init(getDefaultThreads()), cl::value_desc("T"),
              cl::sub(command)),
      json("json", cl::desc("Print one JSON object"), cl::sub(command)),
      verify("verify",
             cl::desc("Hash all files that are read and compare them with what "
                      "is recorded"),
             cl::sub(command)),
      verbose("verbose", cl::desc("Say on stderr how the program was come by"),
              cl::sub(command)),
      scheme("scheme",
             cl::desc("Encodings that a model is compiled with (source)"),
             cl::value_desc("S"), cl::sub(command)),
      cache("cache",
            cl::desc("Format of a model's cache: f32, f16, bf16, int8, int4 or "
                     "an encoding (by scheme)"),
            cl::value_desc("F"), cl::sub(command)),
      tokenizer("tokenizer", cl::desc("tokenizer.json for a model"),
                cl::value_desc("F"), cl::sub(command)),
      overrides("override", cl::desc("Encoding of weights of a model, or keep"),
                cl::value_desc("GLOB=#ENC"), cl::sub(command)),
      score("score", cl::desc("Give a model @score, as compress-compile does"),
            cl::sub(command)),
      simulate("simulate",
               cl::desc("Compute in f32 with the values that a model's "
                        "encodings hold"),
               cl::sub(command)),
      allowSlower("allow-slower",
                  cl::desc("Take a model's structured weights also where they "
                           "are neither smaller nor faster than dense ones"),
                  cl::sub(command)),
      noJITCache("no-jit-cache",
                 cl::desc("Compile a model anew, and keep nothing of it"),
                 cl::sub(command)),
      jitCacheLimit("jit-cache-limit",
                    cl::desc("Bytes of compiled models to keep, 0 for none "
                             "($COMPRESS_JIT_CACHE_LIMIT, else 10G)"),
                    cl::value_desc("N[K|M|G|T]"), cl::sub(command)) {}

static Expected<std::unique_ptr<Program>>
openBundle(const CommonOptions &options) {
  for (const cl::Option *option :
       {static_cast<const cl::Option *>(&options.scheme),
        static_cast<const cl::Option *>(&options.cache),
        static_cast<const cl::Option *>(&options.tokenizer),
        static_cast<const cl::Option *>(std::addressof(options.overrides)),
        static_cast<const cl::Option *>(&options.score),
        static_cast<const cl::Option *>(&options.simulate),
        static_cast<const cl::Option *>(&options.allowSlower)})
    if (option->getNumOccurrences())
      return makeFileError(options.input, "is compiled already; --" +
                                              option->ArgStr +
                                              " is for models");
  BundleOptions bundle;
  bundle.verifyHashes = options.verify;
  return loadBundle(options.input, bundle);
}

Error mlir::compress::verifyOptions(const CommonOptions &options) {
  if (options.threads < 1)
    return makeError("--threads=" + Twine(options.threads) +
                     ": at least one thread is needed");
  if (!sys::fs::exists(options.input))
    return makeFileError(options.input, "no such file or folder");
  return Error::success();
}

Expected<std::unique_ptr<Program>>
mlir::compress::openProgram(const CommonOptions &options) {
  if (Error error = verifyOptions(options))
    return error;
  if (isModelPath(options.input))
    return openModel(options);
  return openBundle(options);
}

Expected<std::vector<int32_t>> mlir::compress::parseTokens(StringRef text) {
  std::vector<int32_t> ids;
  SmallVector<StringRef> parts;
  text.split(parts, ',');
  for (StringRef part : parts) {
    int32_t id = 0;
    if (part.trim().getAsInteger(10, id))
      return makeError("--tokens=" + text + ": '" + part +
                       "' is not a token id; give numbers with commas between "
                       "them");
    ids.push_back(id);
  }
  return ids;
}

std::vector<StringRef> mlir::compress::splitLines(StringRef text) {
  std::vector<StringRef> lines;
  while (!text.empty()) {
    auto [line, next] = text.split('\n');
    line.consume_back("\r");
    lines.push_back(line);
    text = next;
  }
  return lines;
}

void mlir::compress::printJSON(json::Object object) {
  outs() << formatv("{0:2}", json::Value(std::move(object))) << "\n";
}
