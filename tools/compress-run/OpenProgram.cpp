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

#include "llvm/Support/FileSystem.h"
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
      verify("verify", cl::desc("Compare the hashes of the bundle's files"),
             cl::sub(command)) {}

Expected<std::unique_ptr<Program>>
mlir::compress::openProgram(StringRef path, const BundleOptions &options) {
  if (!sys::fs::exists(path))
    return makeFileError(path, "no such file or folder");
  return loadBundle(path, options);
}

Expected<std::unique_ptr<Program>>
mlir::compress::openProgram(const CommonOptions &options) {
  if (options.threads < 1)
    return makeError("--threads=" + Twine(options.threads) +
                     ": at least one thread is needed");
  BundleOptions bundle;
  bundle.verifyHashes = options.verify;
  return openProgram(options.input, bundle);
}

void mlir::compress::printJSON(json::Object object) {
  outs() << formatv("{0:2}", json::Value(std::move(object))) << "\n";
}
