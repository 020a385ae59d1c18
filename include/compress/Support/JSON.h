//===- JSON.h - JSON from files that nobody vouches for ---------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_SUPPORT_JSON_H
#define COMPRESS_SUPPORT_JSON_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

namespace mlir::compress {

/// Parses JSON text with LLVM's parser after checking what that one leaves
/// open: nesting is limited (it recurses), and a key that occurs twice in an
/// object is an error (it keeps the last one). `path` names the text in
/// messages.
llvm::Expected<llvm::json::Value> parseJSON(llvm::StringRef text,
                                            llvm::StringRef path);

/// Reads and parses a JSON file.
llvm::Expected<llvm::json::Value> readJSON(llvm::StringRef path);

/// `text` with null and blanks for the values that the members of these names
/// have in the outermost object. To read files most of which is of no interest:
/// of what is blanked out, only strings and brackets are looked at.
std::string blankMembers(llvm::StringRef text,
                         llvm::ArrayRef<llvm::StringRef> names);

} // namespace mlir::compress

#endif // COMPRESS_SUPPORT_JSON_H
