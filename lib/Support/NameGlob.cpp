//===- NameGlob.cpp - Selections of parameters by name --------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Support/NameGlob.h"

#include "compress/Support/Error.h"

using namespace llvm;
using namespace mlir::compress;

/// Braces multiply; a pattern of a hand's length never comes near this.
static constexpr size_t maxAlternatives = 1024;

Expected<NameGlob> NameGlob::create(StringRef pattern) {
  auto text = std::make_shared<const std::string>(pattern.str());
  Expected<GlobPattern> glob = GlobPattern::create(*text, maxAlternatives);
  if (!glob)
    return makeError("\"" + pattern + "\" is not a pattern of names: " +
                     toString(glob.takeError()));
  return NameGlob(std::move(text), std::move(*glob));
}
