//===- SentenceTransformers.h - How texts get embeddings --------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_HUGGINGFACE_SENTENCETRANSFORMERS_H
#define COMPRESS_LIB_IMPORT_HUGGINGFACE_SENTENCETRANSFORMERS_H

#include "compress/Runtime/Manifest.h"
#include "compress/Runtime/Tokenizer.h"

namespace mlir::compress {

/// Reads what the package sentence-transformers keeps beside a model:
/// modules.json, the modules' own config.json (1_Pooling/config.json) and
/// sentence_bert_config.json
/// (https://sbert.net/docs/sentence_transformer/usage/custom_models.html). A
/// folder without them has what that package then takes: the mean of the
/// tokens, of any length. Errors name the file and what it asks for that is not
/// supported.
llvm::Expected<PoolingInfo> readSentenceTransformers(llvm::StringRef folder);

/// Changes the tokenizer as these files say: texts may be in lower case before
/// they get to it.
llvm::Error applySentenceTransformers(llvm::StringRef folder,
                                      TokenizerModel &tokenizer);

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_HUGGINGFACE_SENTENCETRANSFORMERS_H
