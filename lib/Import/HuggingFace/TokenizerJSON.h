//===- TokenizerJSON.h - Reads tokenizer.json -------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_HUGGINGFACE_TOKENIZERJSON_H
#define COMPRESS_LIB_IMPORT_HUGGINGFACE_TOKENIZERJSON_H

#include "compress/Runtime/Tokenizer.h"
#include "compress/Support/Error.h"

namespace mlir::compress {

/// What a tokenizer.json says: byte pair encodings, byte-level or with
/// metaspaces (https://huggingface.co/docs/tokenizers/api). Components that
/// can't be honoured are errors that name them. The result is not verified:
/// special tokens may still be missing.
llvm::Expected<TokenizerModel>
parseTokenizerJSON(const llvm::json::Value &value, llvm::StringRef path);

/// The tokenizer of a BERT whose folder has its vocabulary only: vocab.txt, a
/// token per line, read from `path`. `config` is what tokenizer_config.json has
/// (do_lower_case, strip_accents, tokenize_chinese_chars, and the special
/// tokens, where they have other names).
llvm::Expected<TokenizerModel>
parseVocabularyFile(llvm::StringRef text, const llvm::json::Object &config,
                    llvm::StringRef path);

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_HUGGINGFACE_TOKENIZERJSON_H
