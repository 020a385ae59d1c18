//===- Executor.cpp - Calls compiled functions ----------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Runtime/Executor.h"

#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"

using namespace llvm;
using namespace mlir::compress;

Executor::Executor(const Program &program, int64_t threads)
    : program(program), team(threads) {}

/// Checks one tensor against its signature. `symbols` maps those seen so far to
/// their sizes.
static Error verifyTensor(const Twine &name, const ValueSignature &signature,
                          const CompressTensor &tensor,
                          StringMap<int64_t> &symbols) {
  if (signature.isCache)
    return tensor.data ? Error::success()
                       : makeError(name + " is a cache, but none is given");
  bool isEmpty = false;
  for (auto [index, dimension] : enumerate(signature.shape)) {
    int64_t size = tensor.sizes[index];
    isEmpty |= size == 0;
    int64_t expected = dimension.size;
    if (!dimension.symbol.empty())
      expected = symbols.try_emplace(dimension.symbol, size).first->second;
    if (size < 0 || (expected >= 0 && size != expected))
      return makeError(name + ": size " + Twine(index) + " is " + Twine(size) +
                       ", expected " +
                       (expected < 0 ? Twine("a count") : Twine(expected)));
  }
  if (isEmpty)
    return Error::success();
  if (!tensor.data || reinterpret_cast<uintptr_t>(tensor.data) % 64 != 0)
    return makeError(name + ": its data is not aligned to 64 bytes");
  return Error::success();
}

Error mlir::compress::verifyCall(const FunctionSignature &signature,
                                 ArrayRef<CompressTensor> tensors) {
  size_t arguments = signature.arguments.size();
  size_t expected = arguments + signature.results.size();
  if (tensors.size() != expected)
    return makeError("function '" + signature.name + "' has " +
                     Twine(expected) + " arguments and results, " +
                     Twine(tensors.size()) + " are given");
  StringMap<int64_t> symbols;
  for (auto [index, tensor] : enumerate(tensors)) {
    bool isResult = index >= arguments;
    size_t place = isResult ? index - arguments : index;
    const ValueSignature &value =
        isResult ? signature.results[place] : signature.arguments[place];
    std::string name = ("function '" + signature.name + "', " +
                        (isResult ? "result " : "argument ") + Twine(place) +
                        (value.name.empty() ? "" : " (" + value.name + ")"))
                           .str();
    if (Error error = verifyTensor(name, value, tensor, symbols))
      return error;
  }
  return Error::success();
}

namespace {
/// What CompressContext::host points to.
struct Host {
  ThreadTeam &team;
};
} // namespace

Error Executor::call(const ProgramFunction &function,
                     ArrayRef<CompressTensor> tensors) {
  if (Error error = verifyCall(function.signature, tensors))
    return error;
  int64_t bytes = function.workspace(tensors.data(), team.size());
  if (bytes < 0)
    return makeError("function '" + function.signature.name +
                     "' asks for a workspace of " + Twine(bytes) + " bytes");
  if (Error error = workspace.grow(bytes, "the workspace of '" +
                                              function.signature.name + "'"))
    return error;
  Host host{team};
  CompressContext context{program.getParameters().data(), workspace.get(),
                          [](CompressContext *context, int64_t) {
                            static_cast<Host *>(context->host)->team.barrier();
                          },
                          &host};
  team.run([&](int64_t thread) {
    function.code(&context, tensors.data(), thread, team.size());
  });
  return Error::success();
}
