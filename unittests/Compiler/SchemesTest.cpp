//===- SchemesTest.cpp - The table of schemes -----------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Compiler/Schemes.h"
#include "compress/Encoding/EncodingSpec.h"

#include "llvm/ADT/StringSet.h"
#include "gtest/gtest.h"

using namespace llvm;
using namespace mlir::compress;

namespace {

/// The encodings of a row, without the dialect's prefix.
std::vector<StringRef> getTexts(const Scheme &scheme) {
  std::vector<StringRef> texts;
  for (StringRef text :
       {StringRef(scheme.weights), StringRef(scheme.embeddings),
        StringRef(scheme.activations)})
    if (!text.empty())
      texts.push_back(text);
  return texts;
}

TEST(SchemesTest, RowsAreEncodingsOfMatrices) {
  StringSet<> names;
  for (const Scheme &scheme : getSchemes()) {
    EXPECT_TRUE(names.insert(scheme.name).second) << scheme.name.str();
    EXPECT_FALSE(scheme.summary.empty());
    EXPECT_TRUE(scheme.cache == "f32" || scheme.cache == "f16");
    for (StringRef text : getTexts(scheme)) {
      ASSERT_TRUE(text.consume_front("#quantized."));
      Expected<EncodingSpec> spec = parseEncoding(text);
      ASSERT_TRUE(bool(spec)) << toString(spec.takeError());
      Error error = verify(*spec, {96, 576});
      EXPECT_FALSE(bool(error)) << toString(std::move(error));
    }
  }
  for (StringRef name : {"source", "source-a8", "f32", "f16", "w8a8", "w4a8",
                         "w4a8-sym", "w4", "nf4"})
    EXPECT_TRUE(names.contains(name)) << name.str();
}

TEST(SchemesTest, FourBitsKeepEmbeddingsAtEight) {
  for (StringRef name : {"w4a8", "w4a8-sym", "w4", "nf4"}) {
    Expected<const Scheme *> scheme = findScheme(name);
    ASSERT_TRUE(bool(scheme)) << toString(scheme.takeError());
    StringRef text = (*scheme)->embeddings;
    ASSERT_TRUE(text.consume_front("#quantized."));
    Expected<EncodingSpec> spec = parseEncoding(text);
    ASSERT_TRUE(bool(spec)) << toString(spec.takeError());
    EXPECT_EQ(spec->code.getBits(), 8u);
  }
}

TEST(SchemesTest, UnknownNamesAreErrors) {
  Expected<const Scheme *> scheme = findScheme("w3");
  ASSERT_FALSE(bool(scheme));
  std::string message = toString(scheme.takeError());
  EXPECT_EQ(message.find("unknown scheme 'w3'; there are source, "), 0u)
      << message;
}

} // namespace
