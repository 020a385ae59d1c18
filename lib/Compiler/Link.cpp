//===- Link.cpp - Shared objects, linked in this process ------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Compiler/Codegen.h"

#include "lld/Common/Driver.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

#include <mutex>

LLD_HAS_DRIVER(elf)

using namespace mlir;

void compress::keepParsedOptions() {
  llvm::SetVector<llvm::cl::Option *> options;
  for (llvm::cl::SubCommand *command : llvm::cl::getRegisteredSubcommands()) {
    for (const auto &entry : command->OptionsMap)
      options.insert(entry.second);
    options.insert_range(command->PositionalOpts);
    options.insert_range(command->SinkOpts);
  }
  for (llvm::cl::Option *option : options)
    option->removeArgument();
}

llvm::Error compress::linkSharedObject(ArrayRef<char> object, StringRef path) {
  // lld keeps global state: one link at a time.
  static std::mutex mutex;
  std::lock_guard<std::mutex> lock(mutex);
  llvm::SmallString<128> input;
  int descriptor;
  if (std::error_code error = llvm::sys::fs::createTemporaryFile(
          "compress", "o", descriptor, input))
    return llvm::createStringError(
        error,
        "can't make a temporary file for the linker: " + error.message());
  {
    llvm::raw_fd_ostream stream(descriptor, /*shouldClose=*/true);
    stream.write(object.data(), object.size());
    stream.flush();
    if (stream.has_error()) {
      std::error_code error = stream.error();
      stream.clear_error();
      llvm::sys::fs::remove(input);
      return llvm::createStringError(error, input + ": " + error.message());
    }
  }
  std::string output = path.str(), messages;
  llvm::raw_string_ostream stream(messages);
  const char *arguments[] = {"ld.lld",        "-shared", "--build-id=none",
                             "--gc-sections", "-o",      output.c_str(),
                             input.c_str()};
  lld::Result result =
      lld::lldMain(arguments, stream, stream, {{lld::Gnu, &lld::elf::link}});
  llvm::sys::fs::remove(input);
  if (result.retCode != 0 || !result.canRunAgain)
    return llvm::createStringError(path + ": the linker failed: " + messages);
  return llvm::Error::success();
}
