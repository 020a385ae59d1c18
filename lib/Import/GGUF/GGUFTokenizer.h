//===- GGUFTokenizer.h - The tokenizer of a GGUF file -----------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_GGUF_GGUFTOKENIZER_H
#define COMPRESS_LIB_IMPORT_GGUF_GGUFTOKENIZER_H

#include "compress/Import/GGUF/GGUFFile.h"
#include "compress/Runtime/Tokenizer.h"

namespace mlir::compress {

/// The tokenizer that the metadata `tokenizer.*` describes; nothing where there
/// is none. Kinds: `gpt2` (byte-level BPE), `llama` (SentencePiece BPE).
llvm::Expected<std::optional<TokenizerModel>>
readGGUFTokenizer(const GGUFFile &file);

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_GGUF_GGUFTOKENIZER_H
