//===- ChangedArchitecture.h - Built-in files with changes ------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_IMPORT_CHANGEDARCHITECTURE_H
#define COMPRESS_UNITTESTS_IMPORT_CHANGEDARCHITECTURE_H

#include "../Support/TestFiles.h"

#include "compress/Import/ModelImport.h"

#include "gtest/gtest.h"

namespace mlir::compress::test {

/// Options to import with the built-in file `name` in which `to` takes the
/// place of the first `from`, which must be there.
inline ImportOptions changeArchitecture(TestFolder &folder,
                                        llvm::StringRef name,
                                        llvm::StringRef from,
                                        llvm::StringRef to) {
  llvm::StringRef text;
  for (const auto &[file, contents] : getBuiltinArchitectures())
    if (file == name)
      text = contents;
  auto [before, after] = text.split(from);
  EXPECT_NE(before.size(), text.size()) << from.str();
  ImportOptions options;
  options.architecturePath =
      folder.write("user.json", (before + to + after).str());
  return options;
}

} // namespace mlir::compress::test

#endif // COMPRESS_UNITTESTS_IMPORT_CHANGEDARCHITECTURE_H
