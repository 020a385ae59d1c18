//===- Program.h - Compiled functions and their data ------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program is compiled code with the parameters it reads: loaded from a bundle
// (loadBundle), or made of code and data that are in memory already (create).
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_RUNTIME_PROGRAM_H
#define COMPRESS_RUNTIME_PROGRAM_H

#include "compress/Runtime/ABI.h"
#include "compress/Runtime/Manifest.h"
#include "compress/Runtime/Tokenizer.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringMap.h"

#include <memory>

namespace mlir::compress {

/// A function that can be called. Signatures are those of the manifest, in the
/// same order.
struct ProgramFunction {
  FunctionSignature signature;
  CompressFunction code = nullptr;
  CompressWorkspace workspace = nullptr;
};

/// One stored component.
struct ProgramParameter {
  /// Aligned to 64 bytes.
  const void *data = nullptr;
  int64_t bytes = 0;
  /// Size of the first dimension; 1 for a scalar.
  int64_t rows = 1;
};

/// What a program in memory is made of.
struct ProgramParts {
  /// Targets, files and ParameterInfo's file and key may be empty; functions
  /// and as many parameters as there are below are needed.
  Manifest manifest;
  /// One per function of the manifest.
  std::vector<std::pair<CompressFunction, CompressWorkspace>> code;
  std::vector<ProgramParameter> parameters;
  /// Null where the program has none.
  std::unique_ptr<Tokenizer> tokenizer;
  /// What keeps code and data alive; destroyed last to first.
  std::vector<std::shared_ptr<void>> owners;
};

/// Immutable; threads may share one.
class Program {
public:
  /// Checks that the parts fit together. The error names the function or the
  /// parameter.
  static llvm::Expected<std::unique_ptr<Program>> create(ProgramParts parts);
  ~Program();
  Program(const Program &) = delete;
  Program &operator=(const Program &) = delete;

  const Manifest &getManifest() const { return parts.manifest; }
  /// The tokenizer, or null.
  const Tokenizer *getTokenizer() const { return parts.tokenizer.get(); }
  /// The tokenizer; the error says how a program gets one.
  llvm::Expected<const Tokenizer *> requireTokenizer() const;

  llvm::ArrayRef<ProgramFunction> getFunctions() const { return functions; }
  /// The function of this name; the error lists those that there are.
  llvm::Expected<const ProgramFunction *> find(llvm::StringRef name) const;

  /// CompressContext::parameters.
  llvm::ArrayRef<const void *> getParameters() const { return parameters; }
  /// Bytes of all parameters.
  int64_t getParameterBytes() const;
  /// Bytes of parameters that one token reads: all of a streamed one, one row
  /// of a gathered one.
  int64_t getParameterBytesPerToken() const;

private:
  explicit Program(ProgramParts parts);

  ProgramParts parts;
  std::vector<ProgramFunction> functions;
  std::vector<const void *> parameters;
};

struct BundleOptions {
  /// Compare the files' hashes with the manifest's; reads every byte.
  bool verifyHashes = false;
  /// CPU features of the machine that runs the code (`avx2`, no sign); empty:
  /// this machine's.
  std::vector<std::string> features;
};

/// Loads a bundle: a folder with a manifest.json (docs/bundle-format.md). The
/// code of the first target that this machine can run is linked into the
/// process; parameters are mapped, not read. Errors name the file and what is
/// wrong with it: missing or cut files, another ABI version, no usable target
/// (and the features that are lacking), missing symbols or keys.
llvm::Expected<std::unique_ptr<Program>>
loadBundle(llvm::StringRef path, const BundleOptions &options = {});

/// The first of `targets` that a machine with this triple and these features
/// can run; the error names what each one lacks.
llvm::Expected<size_t> selectTarget(llvm::ArrayRef<TargetInfo> targets,
                                    llvm::StringRef triple,
                                    const llvm::StringMap<bool> &features);

} // namespace mlir::compress

#endif // COMPRESS_RUNTIME_PROGRAM_H
