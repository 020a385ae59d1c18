//===- FileHashes.h - Hashes of files, remembered ---------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// To hash a model takes as long as to read it several times over. Its hash is
// therefore remembered together with all that the file system tells of the
// file, and computed anew when any of that has changed. The time of the last
// change of status is among it, which no program can set: a file that was
// written to, or replaced, is seen to be another one even if its length and its
// time of modification were restored.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_SUPPORT_FILEHASHES_H
#define COMPRESS_SUPPORT_FILEHASHES_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace mlir::compress {

/// What the file system tells of a file without reading it.
struct FileState {
  uint64_t device = 0, inode = 0, bytes = 0;
  /// Nanoseconds since 1970: last write, and last change of anything.
  int64_t modified = 0, changed = 0;

  /// Follows symbolic links; the error names the file.
  static llvm::Expected<FileState> get(llvm::StringRef path);
  /// The time by which files' changes are stamped now.
  static int64_t getClock();

  bool operator==(const FileState &other) const;
  bool operator!=(const FileState &other) const { return !(*this == other); }
};

/// A file's SHA-256, and the state in which it had it.
struct FileHash {
  std::string sha256;
  FileState state;
};

/// SHA-256 of files, remembered in a folder: one small file per path, which
/// holds a hash of itself. Records that are damaged count as absent; what can't
/// be written is not remembered.
class FileHashes {
public:
  /// `folder` need not exist. With `reread`, nothing that was remembered is
  /// believed.
  FileHashes(llvm::StringRef folder, bool reread = false)
      : folder(folder.str()), reread(reread) {}

  /// The hash of a file's content. The error names the file, also where it
  /// changes while it is read.
  llvm::Expected<FileHash> get(llvm::StringRef path) const;

  /// Remembers a hash that is known already, of a file that nobody else writes.
  void remember(llvm::StringRef path, const FileHash &hash) const;

  /// Removes the records of files that are gone.
  void prune() const;

private:
  std::string getRecordPath(llvm::StringRef absolutePath) const;

  std::string folder;
  bool reread;
};

} // namespace mlir::compress

#endif // COMPRESS_SUPPORT_FILEHASHES_H
