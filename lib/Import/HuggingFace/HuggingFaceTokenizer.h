//===- HuggingFaceTokenizer.h - A folder's tokenizer ------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_HUGGINGFACE_HUGGINGFACETOKENIZER_H
#define COMPRESS_LIB_IMPORT_HUGGINGFACE_HUGGINGFACETOKENIZER_H

#include "compress/Runtime/Tokenizer.h"

namespace mlir::compress {

/// The tokenizer of a Hugging Face folder: tokenizer.json, with special tokens
/// and chat template from tokenizer_config.json, chat_template.jinja,
/// generation_config.json and config.json where they exist.
llvm::Expected<TokenizerModel> readHuggingFaceTokenizer(llvm::StringRef folder);

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_HUGGINGFACE_HUGGINGFACETOKENIZER_H
