//===- PreTokenizer.h - Splits text into pieces -----------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_RUNTIME_PRETOKENIZER_H
#define COMPRESS_LIB_RUNTIME_PRETOKENIZER_H

#include "compress/Runtime/Tokenizer.h"
#include "llvm/ADT/SmallVector.h"

struct pcre2_real_code_8;

namespace mlir::compress {

/// The compiled form of a list of split steps. Immutable.
class PreTokenizer {
public:
  /// The error names the step, the pattern and the place in it.
  static llvm::Expected<PreTokenizer> create(llvm::ArrayRef<SplitStep> steps);

  /// Appends the pieces of `text`, which must be well-formed UTF-8, in order.
  /// Nothing but what a step removes is lost. Pieces are never empty.
  llvm::Error split(llvm::StringRef text,
                    llvm::SmallVectorImpl<llvm::StringRef> &pieces) const;

private:
  struct CodeDeleter {
    void operator()(pcre2_real_code_8 *code) const;
  };
  struct Step {
    std::unique_ptr<pcre2_real_code_8, CodeDeleter> code;
    SplitStep source;
  };

  llvm::Error runStep(const Step &step, llvm::StringRef text,
                      llvm::SmallVectorImpl<llvm::StringRef> &pieces) const;

  std::vector<Step> steps;
};

} // namespace mlir::compress

#endif // COMPRESS_LIB_RUNTIME_PRETOKENIZER_H
