//===- JSONFields.h - A JSON object accounted for ---------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_JSONFIELDS_H
#define COMPRESS_LIB_IMPORT_JSONFIELDS_H

#include "compress/Support/Error.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/JSON.h"

#include <string>
#include <vector>

namespace mlir::compress {

/// Reads the fields of an object. Errors gather until finish(), which also
/// complains of fields that nobody asked for, so that a misspelt one is not
/// overlooked.
class JSONFields {
public:
  /// `path` and `where` say in messages where the object stands.
  JSONFields(const llvm::json::Value &value, llvm::StringRef path,
             std::string where);

  bool has(llvm::StringRef name) const;
  /// Field names in the order of the alphabet; each then counts as asked for.
  std::vector<llvm::StringRef> getKeys();
  /// The field, or null.
  const llvm::json::Value *get(llvm::StringRef name);
  /// A string that must be there and not be empty.
  std::string getString(llvm::StringRef name);
  /// A string, empty where it is absent.
  std::string getOptionalString(llvm::StringRef name);
  /// A list of strings, empty where it is absent.
  std::vector<std::string> getStrings(llvm::StringRef name);

  void addError(const llvm::Twine &message);
  llvm::Error fail(const llvm::Twine &message) const;
  /// The first error, or an error about a field that nobody asked for.
  llvm::Error finish();

private:
  const llvm::json::Object *object;
  std::string path, where, error;
  llvm::StringSet<> asked;
};

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_JSONFIELDS_H
