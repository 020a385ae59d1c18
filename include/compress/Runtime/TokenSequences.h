//===- TokenSequences.h - A text as sequences of one length -----*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_RUNTIME_TOKENSEQUENCES_H
#define COMPRESS_RUNTIME_TOKENSEQUENCES_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace mlir::compress {

class Tokenizer;

/// Consecutive pieces of a text, for calibration and evaluation.
struct TokenSequences {
  /// Tokens per sequence, and sequences.
  int64_t context = 0, count = 0;
  /// [count, context].
  std::vector<int32_t> tokens;
  /// SHA-256 of the file.
  std::string hash;

  llvm::ArrayRef<int32_t> get(int64_t sequence) const {
    return llvm::ArrayRef(tokens).slice(sequence * context, context);
  }
};

/// How many sequences are taken where nobody says how many.
inline constexpr int64_t kDefaultSequences = 128;

/// Reads a text (UTF-8), of which each sequence begins with the token for the
/// beginning of a text if the model has one. `count` 0: kDefaultSequences, or
/// as many as there are. Errors name the file: what can't be read, texts that
/// are too short, numbers that are not positive.
llvm::Expected<TokenSequences> readTokenSequences(const Tokenizer &tokenizer,
                                                  llvm::StringRef path,
                                                  int64_t context,
                                                  int64_t count);

} // namespace mlir::compress

#endif // COMPRESS_RUNTIME_TOKENSEQUENCES_H
