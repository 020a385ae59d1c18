//===- NameGlob.h - Selections of parameters by name ------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_SUPPORT_NAMEGLOB_H
#define COMPRESS_SUPPORT_NAMEGLOB_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/GlobPattern.h"

#include <memory>
#include <string>

namespace mlir::compress {

/// A glob over names such as `blk.*.{ffn_up,ffn_gate}`: `*`, `?`, `[a-z]`,
/// `{a,b}` and `\` as llvm::GlobPattern has them. Dots are ordinary
/// characters.
class NameGlob {
public:
  /// An error quotes the pattern where it is malformed.
  static llvm::Expected<NameGlob> create(llvm::StringRef pattern);

  bool match(llvm::StringRef name) const { return glob.match(name); }
  llvm::StringRef getPattern() const { return *pattern; }

private:
  NameGlob(std::shared_ptr<const std::string> pattern, llvm::GlobPattern glob)
      : pattern(std::move(pattern)), glob(std::move(glob)) {}

  /// GlobPattern refers to the text that it was made from.
  std::shared_ptr<const std::string> pattern;
  llvm::GlobPattern glob;
};

} // namespace mlir::compress

#endif // COMPRESS_SUPPORT_NAMEGLOB_H
