//===- Output.h - Files and folders that appear whole -----------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is written appears under its name only when it is complete: a reader
// never sees half a file, and a failure leaves nothing behind.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_SUPPORT_OUTPUT_H
#define COMPRESS_SUPPORT_OUTPUT_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <memory>
#include <string>

namespace mlir::compress {

/// A file that is written to a temporary beside its target and takes the
/// target's name at commit(). Without commit() it is removed, also when the
/// process is interrupted.
class OutputFile {
public:
  /// Starts writing `path`; a file of that name is replaced at commit(). An
  /// error where its folder does not exist or can't be written.
  static llvm::Expected<OutputFile> create(llvm::StringRef path);

  OutputFile(OutputFile &&other);
  OutputFile &operator=(OutputFile &&other);
  ~OutputFile();

  /// Appends bytes. A full disk is an error here or at commit().
  llvm::Error write(llvm::ArrayRef<uint8_t> bytes);
  llvm::Error write(llvm::StringRef text);
  /// Bytes written so far.
  uint64_t tell() const { return stream->tell(); }
  llvm::StringRef getPath() const { return path; }

  /// Writes what is buffered and gives the file its name.
  llvm::Error commit();

private:
  OutputFile(llvm::StringRef path, llvm::StringRef temporary, int descriptor);
  llvm::Error checkStream();
  void discard();

  std::string path, temporary;
  std::unique_ptr<llvm::raw_fd_ostream> stream;
};

/// Writes a whole file at once, atomically.
llvm::Error writeFile(llvm::StringRef path, llvm::StringRef text);

/// A folder that is filled under a temporary name beside its target and takes
/// the target's name at commit(). Without commit() it is removed with all that
/// is in it.
class OutputFolder {
public:
  /// Starts filling `path`. What exists there is replaced at commit() if it is
  /// an empty folder or one of ours, i.e. its `manifest.json` is an object
  /// whose "format" equals `format`; anything else is refused.
  static llvm::Expected<OutputFolder> create(llvm::StringRef path,
                                             llvm::StringRef format);

  OutputFolder(OutputFolder &&other);
  OutputFolder &operator=(OutputFolder &&other);
  ~OutputFolder();

  /// Where to write a member of the folder.
  std::string getPath(llvm::StringRef member) const;
  /// The name it will have.
  llvm::StringRef getTarget() const { return path; }

  /// Gives the folder its name.
  llvm::Error commit();

private:
  OutputFolder(llvm::StringRef path, llvm::StringRef temporary)
      : path(path.str()), temporary(temporary.str()) {}
  void discard();

  std::string path, temporary;
};

} // namespace mlir::compress

#endif // COMPRESS_SUPPORT_OUTPUT_H
