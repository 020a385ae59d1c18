//===- HuggingFaceFolder.h - Files of a Hugging Face folder -----*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_HUGGINGFACE_HUGGINGFACEFOLDER_H
#define COMPRESS_LIB_IMPORT_HUGGINGFACE_HUGGINGFACEFOLDER_H

#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

#include <optional>
#include <string>

namespace mlir::compress {

/// The path of a file in a folder.
std::string getMemberPath(llvm::StringRef folder, llvm::StringRef name);

/// The object in a JSON file of a folder; empty where there is no such file.
llvm::Expected<llvm::json::Object> readMember(llvm::StringRef folder,
                                              llvm::StringRef name);

/// The token that tokenizer_config.json names at `key`: a string, or an object
/// with its "content".
std::optional<llvm::StringRef> getTokenText(const llvm::json::Object &config,
                                            llvm::StringRef key);

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_HUGGINGFACE_HUGGINGFACEFOLDER_H
