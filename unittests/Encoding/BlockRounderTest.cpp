//===- BlockRounderTest.cpp - Tests of the encoder's steps ------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestUtils.h"

#include "compress/Encoding/BlockRounder.h"

#include <cstring>

using namespace mlir::compress;
using namespace mlir::compress::test;

namespace {

const char *const kEncodings[] = {
    "affine<i4, block = [1, 32], scale = f16>",
    "affine<i8, block = [3, -1], scale = bf16, narrow>",
    "affine<ui3, block = [2, 20], scale = f32, zero = ui3>",
    "affine<ui4, block = [1, 32], scale = f16, zero = f16>",
    "affine<ui4, block = [1, 32], scale = affine<ui6, block = [1, 2], scale = "
    "f16>, min = affine<ui6, block = [1, 2], scale = f16>>",
    "float<f8E4M3FN, block = [1, -1], scale = f32>",
    "float<f4E2M1FN, block = [1, 32], scale = f8E8M0FNU>",
    "float<f16>",
    "float<f16, block = [1, 16], scale = f32>",
    "float<f8E5M2>",
    "codebook<\"nf4\", block = [1, 64], scale = f16>",
    "codebook<\"nf4\", block = [1, 16], scale = codebook<\"dynamic8\", block = "
    "[1, 3], scale = f32, min = f32>>"};

/// The steps one after the other are encode() and decode(), bit for bit.
TEST(BlockRounder, StepsAreTheCodec) {
  Shape shape = {7, 100};
  std::vector<float> values = makeValues(shape, 1);
  std::fill_n(values.begin() + 200, 40, 0.0f); // A block without scale.
  values[250] = -0.0f;
  for (const char *text : kEncodings)
    for (Rounding rounding : {Rounding::Nearest, Rounding::FullRange}) {
      EncodingSpec spec = parse(text);
      if (!hasRounding(spec, rounding))
        continue;
      SCOPED_TRACE(text);
      auto rounder = BlockRounder::create(spec, shape, rounding);
      ASSERT_TRUE(bool(rounder)) << llvm::toString(rounder.takeError());
      auto parts = rounder->chooseParts(rounder->findRanges(values));
      ASSERT_TRUE(bool(parts)) << llvm::toString(parts.takeError());
      std::vector<float> rounded(values.size());
      rounder->round(values, *parts, rounded);
      EncodeInputs inputs;
      inputs.rounding = rounding;
      auto components = encode(spec, shape, values, inputs);
      ASSERT_TRUE(bool(components)) << llvm::toString(components.takeError());
      auto expected = decodeAll(spec, shape, *components);
      EXPECT_EQ(std::memcmp(rounded.data(), expected.data(),
                            rounded.size() * sizeof(float)),
                0);
    }
}

/// Rows, and columns of a transposed copy, have the values that all have.
TEST(BlockRounder, OneByOne) {
  Shape shape = {5, 64};
  std::vector<float> values = makeValues(shape, 2), rounded(values.size());
  auto rounder = BlockRounder::create(
      parse("affine<ui4, block = [1, 16], scale = f16, min = f16>"), shape);
  ASSERT_TRUE(bool(rounder));
  auto parts = rounder->chooseParts(rounder->findRanges(values));
  ASSERT_TRUE(bool(parts));
  rounder->round(values, *parts, rounded);
  for (int64_t column = 0; column < 64; ++column) {
    std::vector<float> one, scale, min, result(5);
    for (int64_t row = 0; row < 5; ++row) {
      one.push_back(values[row * 64 + column]);
      scale.push_back(parts->scale[row * 4 + column / 16]);
      min.push_back(parts->min[row * 4 + column / 16]);
    }
    rounder->roundEach(one, scale.data(), nullptr, min.data(), result.data());
    for (int64_t row = 0; row < 5; ++row)
      EXPECT_EQ(result[row], rounded[row * 64 + column]);
  }
}

/// Given parts are rounded to their formats, and the others follow from them.
TEST(BlockRounder, GivenParts) {
  std::vector<float> values = makeValues({1, 32}, 3);
  auto rounder = BlockRounder::create(
      parse("affine<ui4, block = [1, 32], scale = f16, zero = ui4>"), {1, 32});
  ASSERT_TRUE(bool(rounder));
  BlockParts given;
  given.scale = {1.0f / 3};
  auto parts = rounder->chooseParts(rounder->findRanges(values), given);
  ASSERT_TRUE(bool(parts));
  EXPECT_EQ(parts->scale, std::vector<float>{0.33325195f});
  EXPECT_EQ(parts->zero.size(), 1u);
  given.scale = {1, 2};
  EXPECT_EQ(message(rounder->chooseParts({}, given).takeError()),
            "2 values of `scale` were given for a block grid of [1, 1]");
}

TEST(BlockRounder, IndependentUnits) {
  struct Case {
    const char *encoding;
    Shape unit;
  };
  for (const Case &expected : {
           Case{"float<f16>", {1, 1}},
           Case{"affine<i4, block = [1, 32], scale = f16>", {1, 32}},
           Case{"affine<i4, block = [4, -1], scale = f16>", {4, 512}},
           Case{kEncodings[4], {1, 64}},
           Case{"affine<ui4, block = [1, 32], scale = affine<ui6, block = [1, "
                "3], scale = f16>, min = affine<ui6, block = [2, 2], scale = "
                "f16>>",
                {2, 192}},
           Case{"affine<i4, block = [1, 16], scale = affine<i8, block = [-1, "
                "1], scale = f32>>",
                {12, 16}},
       })
    EXPECT_EQ(getIndependentUnit(parse(expected.encoding), {12, 512}),
              expected.unit)
        << expected.encoding;
}

TEST(BlockRounder, Errors) {
  auto check = [](const char *text, Shape shape, Rounding rounding) {
    return message(
        BlockRounder::create(parse(text), shape, rounding).takeError());
  };
  EXPECT_EQ(
      check("nm<2 : 4, values = float<f16>>", {4, 4}, Rounding::Nearest),
      "nm<2 : 4, values = float<f16>> is a structure; round its `values`");
  EXPECT_EQ(check("float<f16>", {4, 4}, Rounding::GGML),
            "values of float<f16> can't be rounded by `rtn-ggml` one by one; "
            "use `rtn`");
  EXPECT_EQ(check("float<f16>", {4, 4}, Rounding::FullRange),
            "values of float<f16> can't be rounded by `rtn-full-range` one by "
            "one; use `rtn`");
  EXPECT_NE(check("float<f16>", {4, -1}, Rounding::Nearest), "");
  EXPECT_NE(
      check("affine<i4, block = [1], scale = f16>", {4, 4}, Rounding::Nearest),
      "");
  EXPECT_EQ(check("codebook<ui4, block = [1, 4], scale = f16>", {4, 4},
                  Rounding::Nearest),
            "the table of codebook<ui4, block = [1, 4], scale = f16> is a "
            "component; give its 16 entries");
}

} // namespace
