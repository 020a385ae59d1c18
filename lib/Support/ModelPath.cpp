//===- ModelPath.cpp - What a path names, by its name ---------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Support/ModelPath.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;

bool mlir::compress::isModelPath(StringRef path) {
  if (sys::fs::is_directory(path)) {
    SmallString<128> config(path);
    sys::path::append(config, "config.json");
    return sys::fs::exists(config);
  }
  StringRef extension = sys::path::extension(path);
  return extension == ".gguf" || extension == ".mlir" || extension == ".mlirbc";
}
