//===- MappedFile.h - A whole file, mapped read-only ------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_SUPPORT_MAPPEDFILE_H
#define COMPRESS_SUPPORT_MAPPEDFILE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"

#include <string>

namespace mlir::compress {

/// A whole file, mapped read-only. Moving it leaves the bytes where they are,
/// so views of them stay valid for as long as the last owner lives.
class MappedFile {
public:
  /// Maps `path`. An error names the file where it does not exist, is a folder
  /// or can't be read. An empty file gives no bytes.
  static llvm::Expected<MappedFile> open(llvm::StringRef path);

  llvm::StringRef getPath() const { return path; }
  llvm::ArrayRef<uint8_t> getBytes() const;
  /// The bytes as text.
  llvm::StringRef getText() const;
  uint64_t size() const { return getBytes().size(); }

private:
  explicit MappedFile(llvm::StringRef path) : path(path.str()) {}

  std::string path;
  llvm::sys::fs::mapped_file_region region;
};

} // namespace mlir::compress

#endif // COMPRESS_SUPPORT_MAPPEDFILE_H
