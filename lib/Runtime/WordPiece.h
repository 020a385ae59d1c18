//===- WordPiece.h - Longest pieces of words --------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_RUNTIME_WORDPIECE_H
#define COMPRESS_LIB_RUNTIME_WORDPIECE_H

#include "TokenizerTables.h"

namespace mlir::compress {

/// Splits words into the longest tokens from left to right (Wu et al. 2016, and
/// BERT's tokenization.py). Views the model, which must outlive it.
class WordPiece {
public:
  /// `tables` must outlive it.
  explicit WordPiece(const TokenizerTables &tables);

  /// Appends a word's tokens: the unknown one alone where it has too many
  /// characters, or where a part of it is no token.
  void encode(llvm::StringRef word, std::vector<int32_t> &ids) const;

private:
  /// The longest token at the start of `text`, and its length.
  std::optional<std::pair<int32_t, size_t>> findLongest(llvm::StringRef text,
                                                        bool continues) const;

  const TokenizerTables &tables;
  const TokenizerRules &rules;
  /// Bytes of the longest token.
  size_t longest = 0;
};

} // namespace mlir::compress

#endif // COMPRESS_LIB_RUNTIME_WORDPIECE_H
