//===- ToyProgram.h - Programs for tests ------------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_RUNTIME_TOYPROGRAM_H
#define COMPRESS_UNITTESTS_RUNTIME_TOYPROGRAM_H

#include "compress/Runtime/Session.h"
#include "llvm/Support/Error.h"

#include <gtest/gtest.h>

namespace mlir::compress {

/// A "language model" of 32 tokens: the logits after a history h are
///   logits[v] = table[(state(h) + 13 v) mod 64],
///   state(h)  = (31 state(h without its last) + last + 7) mod 1000003,
/// starting at `seed`, with 64 distinct numbers in the table. A wrong position,
/// sequence or order therefore shows at once. It also has
/// add(a: Nxf32, b: Nxf32) -> Nxf32. Context: 600 tokens.
inline constexpr int64_t kToyVocabulary = 32;
inline constexpr int64_t kToyContext = 600;
inline constexpr int32_t kToySeed = 5;

/// What the table holds.
llvm::ArrayRef<float> getToyTable();
/// The logits after a history, computed directly.
std::vector<float> getToyLogits(llvm::ArrayRef<int32_t> history);
/// Greedy continuation, computed directly.
std::vector<int32_t> continueToy(std::vector<int32_t> history, int64_t count);

/// A manifest that fits.
Manifest getToyManifest();
/// `t0` to `t31`, one letter each for 3 to 28 (a to z), 29 a space; 0 is <s>,
/// 1 is </s>, 2 is <unk>, 30 and 31 are the two bytes of U+00E9.
TokenizerModel getToyTokenizerModel();
/// The program in memory. With groups of keys, of 16 positions, its tokens are
/// stored as keys would be: in a ring of 64 positions, and elsewhere once a
/// group is complete.
std::unique_ptr<Program> makeToyProgram(bool hasKeyGroups = false);

/// A session of the toy model.
std::unique_ptr<Session> makeToySession(const Program &program,
                                        int64_t threads = 1,
                                        int64_t sequences = 1,
                                        int64_t context = 0);

/// The message of a failure; a test failure if there is none.
template <typename T> std::string getMessage(llvm::Expected<T> result) {
  if (!result)
    return llvm::toString(result.takeError());
  ADD_FAILURE() << "expected an error";
  return "";
}
inline std::string getMessage(llvm::Error error) {
  EXPECT_TRUE(static_cast<bool>(error)) << "expected an error";
  return error ? llvm::toString(std::move(error)) : "";
}

/// Whether `part` stands in `text`; says what `text` is if not.
testing::AssertionResult contains(llvm::StringRef text, llvm::StringRef part);
#define EXPECT_CONTAINS(text, part)                                            \
  EXPECT_TRUE(::mlir::compress::contains(text, part))

} // namespace mlir::compress

#endif // COMPRESS_UNITTESTS_RUNTIME_TOYPROGRAM_H
