//===- ProgramCache.h - Compiled models, kept on disk -----------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What compileProgram() makes anew each time, kept for the next time. An entry
// is a bundle: what a program needs, in the form in which it is loaded fastest,
// without memory of its own for parameters. It is found by a hash of all that
// decides it (docs/program-cache.md).
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_JIT_PROGRAMCACHE_H
#define COMPRESS_JIT_PROGRAMCACHE_H

#include "compress/JIT/CompileProgram.h"
#include "compress/Support/FileHashes.h"

namespace mlir::compress {

struct ProgramCacheOptions {
  /// Where entries lie; see getDefaultCacheFolder(). Made where it is missing.
  std::string folder;
  /// Bytes of all entries. Beyond them, those that were not used for longest
  /// are removed.
  uint64_t limit = getDefaultLimit();
  /// Hash models and entries, whatever is remembered of them.
  bool verify = false;

  static constexpr uint64_t getDefaultLimit() { return uint64_t(10) << 30; }
};

/// `$COMPRESS_CACHE_DIR`, else `$XDG_CACHE_HOME/compress`, else
/// `~/.cache/compress`; empty where there is none of them.
std::string getDefaultCacheFolder();

/// A number of bytes with an optional K, M, G or T (powers of 1024).
llvm::Expected<uint64_t> parseCacheLimit(llvm::StringRef text);

/// A program, and how it was come by.
struct CachedProgram {
  std::unique_ptr<Program> program;
  /// The entry that it was loaded from; empty where it is in memory only.
  std::string entry;
  /// Whether it had to be compiled.
  bool isCompiled = false;
  /// Why it was not kept, or why an entry was not believed.
  std::string warning;
};

/// Programs by content. Any number of processes may use a folder at once.
class ProgramCache {
public:
  explicit ProgramCache(ProgramCacheOptions options);

  /// Loads the program that a model (see prepareModel) is compiled to for this
  /// machine from its entry, or compiles it and makes the entry. A cache that
  /// can't be read or written is no error; errors are those of compileProgram.
  llvm::Expected<CachedProgram> open(llvm::StringRef path,
                                     const CompileOptions &options);

private:
  class Request;

  ProgramCacheOptions options;
  FileHashes hashes;
};

} // namespace mlir::compress

#endif // COMPRESS_JIT_PROGRAMCACHE_H
