//===- MappedFile.cpp - A whole file, mapped read-only --------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Support/MappedFile.h"

#include "compress/Support/Error.h"
#include "llvm/ADT/ScopeExit.h"

using namespace llvm;
using namespace mlir::compress;

Expected<MappedFile> MappedFile::open(StringRef path) {
  MappedFile file(path);
  Expected<sys::fs::file_t> handle = sys::fs::openNativeFileForRead(path);
  if (!handle)
    return makeFileError(path, toString(handle.takeError()));
  scope_exit close([&] { (void)sys::fs::closeFile(*handle); });

  sys::fs::file_status status;
  if (std::error_code code = sys::fs::status(*handle, status))
    return makeFileError(path, code.message());
  if (status.type() != sys::fs::file_type::regular_file)
    return makeFileError(path, "is not a regular file");
  // A mapping of no bytes is refused by the operating system.
  if (status.getSize() == 0)
    return file;

  std::error_code code;
  file.region = sys::fs::mapped_file_region(
      *handle, sys::fs::mapped_file_region::readonly, status.getSize(), 0,
      code);
  if (code)
    return makeFileError(path, "can't be mapped: " + code.message());
  return file;
}

ArrayRef<uint8_t> MappedFile::getBytes() const {
  if (!region)
    return {};
  return ArrayRef(reinterpret_cast<const uint8_t *>(region.const_data()),
                  region.size());
}

StringRef MappedFile::getText() const {
  return region ? StringRef(region.const_data(), region.size()) : StringRef();
}
