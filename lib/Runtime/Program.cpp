//===- Program.cpp - Compiled functions and their data --------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Runtime/Program.h"

#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using namespace mlir::compress;

/// Parameters are read with aligned vector loads.
static constexpr uintptr_t kAlignment = 64;

static Error verifyParts(const ProgramParts &parts) {
  const Manifest &manifest = parts.manifest;
  if (manifest.abi != COMPRESS_ABI_VERSION)
    return makeError("program: code for version " + Twine(manifest.abi) +
                     " of the ABI, this runtime has " +
                     Twine(COMPRESS_ABI_VERSION));
  if (parts.code.size() != manifest.functions.size())
    return makeError("program: " + Twine(manifest.functions.size()) +
                     " functions declared, " + Twine(parts.code.size()) +
                     " given");
  for (auto [signature, code] : zip_equal(manifest.functions, parts.code))
    if (!code.first || !code.second)
      return makeError("program: function '" + signature.name +
                       "' has no code");
  if (parts.parameters.size() != manifest.parameters.size())
    return makeError("program: " + Twine(manifest.parameters.size()) +
                     " parameters declared, " + Twine(parts.parameters.size()) +
                     " given");
  for (auto [info, parameter] :
       zip_equal(manifest.parameters, parts.parameters))
    if (parameter.bytes > 0 &&
        (!parameter.data ||
         reinterpret_cast<uintptr_t>(parameter.data) % kAlignment != 0))
      return makeError("program: parameter '" + info.key +
                       "' is not aligned to " + Twine(kAlignment) + " bytes");
  return Error::success();
}

Program::Program(ProgramParts given) : parts(std::move(given)) {
  for (auto [signature, code] : zip_equal(parts.manifest.functions, parts.code))
    functions.push_back({signature, code.first, code.second});
  for (const ProgramParameter &parameter : parts.parameters)
    parameters.push_back(parameter.data);
}

Program::~Program() {
  parts.tokenizer.reset();
  while (!parts.owners.empty())
    parts.owners.pop_back();
}

Expected<std::unique_ptr<Program>> Program::create(ProgramParts parts) {
  if (Error error = verifyParts(parts))
    return error;
  return std::unique_ptr<Program>(new Program(std::move(parts)));
}

Expected<const Tokenizer *> Program::requireTokenizer() const {
  if (parts.tokenizer)
    return parts.tokenizer.get();
  return makeError("the program has no tokenizer; give token ids instead of "
                   "text, or compile the model with one (--tokenizer)");
}

Expected<const ProgramFunction *> Program::find(StringRef name) const {
  auto it = find_if(functions, [&](const ProgramFunction &function) {
    return function.signature.name == name;
  });
  if (it != functions.end())
    return &*it;
  std::string known;
  for (const ProgramFunction &function : functions)
    known += (known.empty() ? "" : ", ") + function.signature.name;
  return makeError("the program has no function '" + name + "'; it has " +
                   (known.empty() ? "none" : known));
}

int64_t Program::getParameterBytes() const {
  int64_t bytes = 0;
  for (const ProgramParameter &parameter : parts.parameters)
    bytes += parameter.bytes;
  return bytes;
}

int64_t Program::getParameterBytesPerToken() const {
  int64_t bytes = 0;
  for (auto [info, parameter] :
       zip_equal(parts.manifest.parameters, parts.parameters))
    bytes += info.isGathered && parameter.rows > 0
                 ? parameter.bytes / parameter.rows
                 : parameter.bytes;
  return bytes;
}
