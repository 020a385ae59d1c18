//===- SpecTest.cpp - Tests of encodings as data ----------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestUtils.h"

using namespace mlir::compress;
using namespace mlir::compress::test;

namespace {

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

TEST(EncodingText, RoundTrips) {
  for (const char *text :
       {"affine<i4, block = [1, 32], scale = f16>",
        "affine<ui4, block = [1, 32], scale = affine<ui6, block = [1, 8], "
        "scale = f16>, min = affine<ui6, block = [1, 8], scale = f16>>",
        "affine<i8, block = [1, -1], scale = f32, zero = i8>",
        "affine<i8, block = [1, 32], scale = f32, narrow, sums>", "affine<i8>",
        "codebook<nf4, block = [1, 64], scale = codebook<dynamic8, block = "
        "[1, 256], scale = f32, min = f32>>",
        "codebook<ui1, table = [-5.0e-01, 1.25e+00], block = [-1], scale = "
        "bf16>",
        "codebook<ui4, block = [1, 16], scale = f16>", "float<f16>",
        "float<f8E4M3FN, block = [128, 128], scale = f32>",
        "nm<2 : 4, values = affine<i8, block = [1, -1], scale = f32>>",
        "block<[16, 64], values = f16>",
        "permuted<values = nm<1 : 4, values = bf16>>",
        "split<base = affine<i4, block = [1, 32], scale = f16>, outliers = "
        "f16>",
        "split<base = f16, outliers = block<[1, 8], values = f16>>"})
    EXPECT_EQ(str(parse(text)), text);
}

TEST(EncodingText, ReadsTheAttributesForm) {
  EXPECT_EQ(parse("#sparse.nm<2:4, values=#quantized.affine<i8, "
                  "block=[1,-1], scale=f32>>"),
            parse("nm<2 : 4, values = affine<i8, block = [1, -1], scale = "
                  "f32>>"));
  EXPECT_EQ(parse("#sparse.split<base=f16, outliers=#sparse.block<[1, 1], "
                  "values=bf16>>"),
            parse("split<base = f16, outliers = bf16>"));
  EXPECT_EQ(parse("#quantized.codebook<\"nf4\", block = [1, 64], scale = f16>"),
            parse("codebook<nf4, block = [1, 64], scale = f16>"));
  EXPECT_EQ(
      parse("#quantized.codebook<array<f32: -1.0, -2.5e-01, 0.25, 1.0>, "
            "block = [1, 32], scale = f16>"),
      parse("codebook<ui2, table = [-1.0, -0.25, 0.25, 1.0], block = [1, 32], "
            "scale = f16>"));
  EXPECT_EQ(parse("#quantized.affine<i8, block = [1, 32], scale = f32, narrow "
                  "= true, sums = false>"),
            parse("affine<i8, block = [1, 32], scale = f32, narrow>"));
}

TEST(EncodingText, TablesReadBackBitForBit) {
  EncodingSpec spec;
  spec.kind = EncodingSpec::Kind::Codebook;
  spec.code = NumberType::getUnsigned(2);
  spec.table = {-0.1f, 1e-30f, 1.0f / 3, 16777217.0f};
  EXPECT_EQ(parse(str(spec)), spec);
}

TEST(EncodingText, Errors) {
  auto expectError = [](llvm::StringRef text, llvm::StringRef part) {
    llvm::Expected<EncodingSpec> spec = parseEncoding(text);
    ASSERT_FALSE(bool(spec)) << text.str();
    std::string error = llvm::toString(spec.takeError());
    EXPECT_NE(error.find(part.str()), std::string::npos) << error;
  };
  expectError("afine<i4>", "expected an encoding (affine, float, codebook, nm, "
                           "block, permuted, split)");
  expectError("affine", "expected `<`");
  expectError("affine<f4>", "a number format or a table's name");
  expectError("affine<nf4>", "a number format or a table's name");
  expectError("affine<i4, blocks = [1]>",
              "block, scale, zero, min, table, narrow or sums before this");
  expectError("affine<i4, block = [1, x]>", "an integer at character 23");
  expectError("affine<i4, scale = f16, scale = f16>",
              "expected each parameter once, but `scale` twice");
  expectError("codebook<ui1, table = [a]>", "a float");
  expectError("codebook<\"nf4>", "expected `\"`");
  expectError("codebook<array<f32: 1.0, 2.0, x>>", "a float");
  expectError("affine<i8, narrow = 1>", "expected `true` or `false`");
  expectError("split<values = f16>", "expected `base`");
  expectError("split<base = f16, f16>", "expected `outliers`");
  expectError("nm<2 : 4>", "expected `,`");
  expectError("nm<2 : 4, value = f16>", "expected `values`");
  expectError("float<f16> f16", "expected the end");
}

//===----------------------------------------------------------------------===//
// Verification
//===----------------------------------------------------------------------===//

TEST(EncodingVerify, AcceptsDynamicAndRaggedShapes) {
  for (Shape shape : {Shape{-1, 64}, Shape{7, -1}, Shape{7, 33}})
    EXPECT_EQ(message(verify(parse("affine<i4, block = [1, 32], scale = "
                                   "affine<i8, block = [-1, 8], scale = f16>>"),
                             shape)),
              "");
}

void expectInvalid(const EncodingSpec &spec, llvm::ArrayRef<int64_t> shape,
                   llvm::StringRef part) {
  std::string error = message(verify(spec, shape));
  EXPECT_NE(error.find(part.str()), std::string::npos)
      << str(spec) << ": " << error;
}
void expectInvalid(llvm::StringRef text, llvm::StringRef part) {
  expectInvalid(parse(text), {8, 64}, part);
}

TEST(EncodingVerify, Shapes) {
  expectInvalid(parse("float<f16>"), {}, "at least one dimension");
  expectInvalid(parse("float<f16>"), {-2, 4}, "sizes are positive, or -1");
}

TEST(EncodingVerify, Codes) {
  expectInvalid("affine<i9>", "integers of 1 to 8 bits, not i9");
  expectInvalid("affine<f16>", "integers of 1 to 8 bits, not f16");
  expectInvalid("float<i8>", "codes of `float`");
  expectInvalid("float<f8E8M0FNU>", "codes of `float`");
  expectInvalid("codebook<i4>", "codes of `codebook` are unsigned");
  expectInvalid("codebook<ui9>", "codes of `codebook` are unsigned");
  expectInvalid("codebook<ui2, table = [1.0, 2.0]>",
                "a table for ui2 codes has 4 entries, not 2");
  expectInvalid("codebook<ui1, table = [1.0, 1e99]>",
                "a codebook's entries must be finite");
  EncodingSpec spec = parse("codebook<nf4>");
  spec.table[3] = 7;
  expectInvalid(spec, {4, 4}, "not the well-known one named `nf4`");
}

TEST(EncodingVerify, Fields) {
  EncodingSpec spec = parse("affine<i8>");
  spec.values = NumberType::getF16();
  expectInvalid(spec, {4, 4},
                "`values`, `outliers`, n and m belong to structures (nm, "
                "block, permuted, split), "
                "not to a number format");
  spec = parse("affine<i1>");
  spec.table = {1, 2};
  expectInvalid(spec, {4, 4}, "only `codebook` has a table");
  expectInvalid("float<f16, block = [1, 1], scale = f16, zero = i8>",
                "only `affine` has zero points");
  expectInvalid("float<f16, block = [1, 1], sums>",
                "only `affine` has sums of codes");
  expectInvalid("float<f16, narrow>", "only `affine` has a narrow range");
  expectInvalid("affine<ui8, narrow>", "a narrow range needs signed codes");
  expectInvalid("affine<i1, narrow>", "a narrow range needs signed codes");
  expectInvalid("float<f16, block = [1, 1], scale = f16, min = f16>",
                "`float` has no minimum");
  expectInvalid(
      "affine<i8, block = [1, 1], scale = f16, zero = i8, min = f16>",
      "`zero` and `min` exclude each other; both say what code 0 stands for");
  expectInvalid("affine<i8, block = [1, 1], min = f16>",
                "`zero` and `min` need a `scale`");
}

TEST(EncodingVerify, Blocks) {
  expectInvalid("affine<i8, scale = f16>", "per-block parts need `block`");
  expectInvalid("affine<i8, block = [1, 1]>", "nothing is stored per block");
  expectInvalid("affine<i8, block = [32], scale = f16>",
                "has 1 sizes, but the tensor or block grid [8, 64] has 2");
  expectInvalid("affine<i8, block = [1, 0], scale = f16>",
                "block sizes are positive");
  expectInvalid("affine<i8, block = [1, -2], scale = f16>",
                "block sizes are positive");
  expectInvalid("affine<i8, block = [1, 32], scale = affine<i8, block = [8], "
                "scale = f16>>",
                "in `scale`: `block` = [8] has 1 sizes, but the tensor or "
                "block grid [8, 2]");
}

TEST(EncodingVerify, Parts) {
  expectInvalid("affine<i8, block = [1, 32], scale = i8>",
                "in `scale`: must be a float format");
  expectInvalid("affine<i8, block = [1, 32], scale = f16, min = ui8>",
                "in `min`: must be a float format");
  expectInvalid("affine<i8, block = [1, 32], scale = f16, zero = f8E8M0FNU>",
                "in `zero`: f8E8M0FNU has no zero");
  expectInvalid("affine<ui8, block = [1, 32], scale = f16, zero = i8>",
                "in `zero`: an integer zero point must hold every code");
  expectInvalid("affine<ui8, block = [1, 32], scale = f16, zero = i32>",
                "in `zero`: an integer zero point must");
  expectInvalid("affine<i8, block = [1, 32], scale = permuted<values = f16>>",
                "in `scale`: per-block parts are dense");
  expectInvalid("affine<i8, block = [1, 32], scale = f16, zero = permuted<"
                "values = f16>>",
                "in `zero`: per-block parts are dense");
}

TEST(EncodingVerify, Structures) {
  EncodingSpec spec = parse("nm<2 : 4, values = f16>");
  spec.scale = NumberType::getF16();
  expectInvalid(spec, {8, 8}, "a structure has no scales");
  spec = parse("permuted<values = f16>");
  spec.block = {1, 1};
  expectInvalid(spec, {8, 8}, "this structure has no `block`");
  spec = parse("permuted<values = f16>");
  spec.n = 2;
  expectInvalid(spec, {8, 8}, "only `nm` has n and m");
  for (const char *text : {"nm<0 : 4, values = f16>", "nm<4 : 4, values = f16>",
                           "nm<2 : 17, values = f16>"})
    expectInvalid(text, "n : m needs 1 <= n < m <= 16");
  expectInvalid(parse("block<[4, 4], values = f16>"), {8},
                "a block structure needs a tensor of two or more dimensions");
  expectInvalid("block<[4], values = f16>", "two positive block sizes");
  expectInvalid("block<[4, -1], values = f16>", "two positive block sizes");
  spec = parse("permuted<values = f16>");
  spec.values = Part();
  expectInvalid(spec, {8, 8}, "a structure needs `values`");
  expectInvalid("nm<2 : 4, values = i8>", "in `values`: must be a float");
  spec = parse("split<base = f16, outliers = f16>");
  spec.values = Part();
  expectInvalid(spec, {8, 8},
                "a structure needs `base`, a float format or an encoding");
  spec = parse("split<base = f16, outliers = f16>");
  spec.outliers = NumberType::getF16();
  expectInvalid(spec, {8, 8},
                "`outliers` of plain floats need a place each; use compressed "
                "rows (makeOutlierRows)");
  spec.outliers = Part();
  expectInvalid(spec, {8, 8}, "a structure needs `outliers`");
  spec = parse("split<base = f16, outliers = f16>");
  spec.narrow = true;
  expectInvalid(spec, {8, 8}, "a structure has no scales");
  spec = parse("permuted<values = f16>");
  spec.outliers = NumberType::getF16();
  expectInvalid(spec, {8, 8}, "only `split` has outliers");
  expectInvalid("split<base = i8, outliers = f16>",
                "in `base`: must be a float");
  expectInvalid("split<base = f16, outliers = affine<i8, block = [1], scale = "
                "f16>>",
                "in `outliers`: `block` = [1]");
  expectInvalid("permuted<values = nm<2 : 4, values = affine<i8, block = [1], "
                "scale = f16>>>",
                "in `values.values`: `block` = [1]");
}

//===----------------------------------------------------------------------===//
// Components
//===----------------------------------------------------------------------===//

std::string describe(llvm::StringRef text, llvm::ArrayRef<int64_t> shape) {
  std::string result;
  EncodingSpec spec = parse(text);
  auto components = getComponents(spec, shape);
  EXPECT_EQ(components.size(), getNumComponents(spec));
  for (const ComponentSpec &component : components) {
    result += component.name + ":" + component.type.str();
    for (int64_t size : component.shape)
      result += "," + std::to_string(size);
    result += " ";
  }
  return result;
}

TEST(EncodingComponents, ShapesAndOrder) {
  EXPECT_EQ(describe("affine<i4, block = [1, 32], scale = f16>", {3, 40}),
            "codes:ui8,3,20 scale:f16,3,2 ");
  EXPECT_EQ(describe("affine<ui4, block = [1, 32], scale = affine<ui6, block = "
                     "[1, 8], scale = f16>, min = affine<ui6, block = [1, 8], "
                     "scale = f16>>",
                     {2, 512}),
            "codes:ui8,2,256 scale.codes:ui8,2,12 scale.scale:f16,2,2 "
            "min.codes:ui8,2,12 min.scale:f16,2,2 ");
  EXPECT_EQ(
      describe("affine<i3, block = [2, -1], scale = f32, zero = i4, sums>",
               {5, 7}),
      "codes:ui8,5,3 scale:f32,3,1 zero:ui8,3,1 sums:i32,3,1 ");
  EXPECT_EQ(describe("codebook<ui3, block = [1, 4], scale = bf16, min = f16>",
                     {4, 4}),
            "codes:ui8,4,2 scale:bf16,4,1 min:f16,4,1 table:f32,8 ");
  EXPECT_EQ(describe("nm<2 : 4, values = affine<i8, block = [1, -1], scale = "
                     "f32>>",
                     {3, 10}),
            "values.codes:ui8,3,6 values.scale:f32,3,1 index:ui8,3,2 ");
  EXPECT_EQ(describe("block<[2, 4], values = f16>", {3, 5, 8}),
            "offset:i32,10 column:i32,-1 values:f16,-1,4 ");
  EXPECT_EQ(describe("split<base = affine<i4, block = [1, 4], scale = f16>, "
                     "outliers = f16>",
                     {3, 5}),
            "base.codes:ui8,3,3 base.scale:f16,3,2 outliers.offset:i32,4 "
            "outliers.column:i32,-1 outliers.values:f16,-1,1 ");
  EXPECT_EQ(describe("permuted<values = float<f32>>", {3, 5}),
            "order:i32,5 values.codes:f32,3,5 ");
  EXPECT_EQ(describe("affine<i4, block = [1, 32], scale = f16>", {-1, -1}),
            "codes:ui8,-1,-1 scale:f16,-1,-1 ");
}

TEST(EncodingComponents, Bytes) {
  auto components =
      getComponents(parse("affine<i5, block = [1, 32], scale = f16>"), {3, 33});
  EXPECT_EQ(components[0].getBytes(), 3 * 21);
  EXPECT_EQ(components[1].getBytes(), 3 * 2 * 2);
  components = getComponents(parse("float<f16>"), {-1, 33});
  EXPECT_EQ(components[0].getBytes(), -1);
}

TEST(EncodingComponents, BlockGrid) {
  EXPECT_EQ(getBlockGrid({1, 32, -1}, {3, 65, 7}), (Shape{3, 3, 1}));
  EXPECT_EQ(getBlockGrid({2, -1}, {-1, -1}), (Shape{-1, 1}));
  EXPECT_EQ(getBlockGrid({2, -1}, {0, 0}), (Shape{0, 1}));
}

} // namespace
