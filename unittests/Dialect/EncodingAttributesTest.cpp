//===- EncodingAttributesTest.cpp - Encodings as attributes ---------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Dialect/LM/IR/LM.h"
#include "compress/Dialect/Quantized/IR/Quantized.h"
#include "compress/Dialect/Sparse/IR/Sparse.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::compress;

namespace {

class EncodingAttributesTest : public testing::Test {
protected:
  EncodingAttributesTest() {
    context.loadDialect<CompressDialect, quantized::QuantizedDialect,
                        sparse::SparseDialect, lm::LMDialect>();
  }

  RankedTensorType parse(StringRef text) {
    return dyn_cast_if_present<RankedTensorType>(parseType(text, &context));
  }
  EncodingSpec getSpec(StringRef text) {
    auto encoding = dyn_cast_if_present<EncodingAttrInterface>(
        parseAttribute(text, &context));
    EXPECT_TRUE(encoding) << text.str();
    return encoding ? encoding.getSpec() : EncodingSpec();
  }
  /// `name: type` of each component, separated by semicolons.
  std::string components(StringRef text) {
    std::string result;
    llvm::raw_string_ostream stream(result);
    llvm::interleave(
        compress::getComponents(parse(text)), stream,
        [&](const Component &c) { stream << c.name << ": " << c.type; }, "; ");
    return result;
  }

  MLIRContext context;
};

/// An attribute and the text of its spec.
TEST_F(EncodingAttributesTest, SpecsFollowTheAttributes) {
  const std::pair<const char *, const char *> cases[] = {
      {"#quantized.affine<i4, block = [1, 32], scale = f16>",
       "affine<i4, block = [1, 32], scale = f16>"},
      {"#quantized.affine<i8, block = [1, -1], scale = f32, zero = i8>",
       "affine<i8, block = [1, -1], scale = f32, zero = i8>"},
      {"#quantized.affine<i8, sums = true, narrow = true, scale = f32, block = "
       "[1, 32]>",
       "affine<i8, block = [1, 32], scale = f32, narrow, sums>"},
      {"#quantized.affine<ui4, block = [1, 32], scale = #quantized.affine<ui6, "
       "block = [1, 8], scale = f16>, min = #quantized.affine<ui6, block = [1, "
       "8], scale = f16>>",
       "affine<ui4, block = [1, 32], scale = affine<ui6, block = [1, 8], scale "
       "= f16>, min = affine<ui6, block = [1, 8], scale = f16>>"},
      {"#quantized.float<f16>", "float<f16>"},
      {"#quantized.float<f8E4M3FN, block = [1, 32], scale = f32>",
       "float<f8E4M3FN, block = [1, 32], scale = f32>"},
      {"#quantized.codebook<\"nf4\", block = [1, 64], scale = f16>",
       "codebook<nf4, block = [1, 64], scale = f16>"},
      {"#quantized.codebook<ui3, block = [1, -1], scale = f32, min = bf16>",
       "codebook<ui3, block = [1, -1], scale = f32, min = bf16>"},
  };
  for (auto [attribute, text] : cases) {
    EncodingSpec spec = getSpec(attribute);
    EXPECT_EQ(str(spec), text);
    for (const char *form : {attribute, text}) {
      llvm::Expected<EncodingSpec> parsed = parseEncoding(form);
      ASSERT_TRUE(bool(parsed)) << llvm::toString(parsed.takeError());
      EXPECT_TRUE(spec == *parsed) << form;
    }
  }
}

TEST_F(EncodingAttributesTest, SpecsOfTables) {
  EncodingSpec spec =
      getSpec("#quantized.codebook<array<f32: -1.0, -0.25, 0.25, 1.0>, block "
              "= [1, 32], scale = f16>");
  EXPECT_EQ(spec.kind, EncodingSpec::Kind::Codebook);
  EXPECT_EQ(spec.code, NumberType::getUnsigned(2));
  EXPECT_EQ(spec.table, (std::vector<float>{-1, -0.25, 0.25, 1}));
  spec = getSpec("#quantized.codebook<\"nf4\", block = [1, 64], scale = f16>");
  EXPECT_EQ(spec.tableName, "nf4");
  EXPECT_EQ(ArrayRef<float>(spec.table), getNamedTable("nf4"));
  EXPECT_EQ(spec.code, NumberType::getUnsigned(4));
}

TEST_F(EncodingAttributesTest, SpecsOfStructures) {
  EncodingSpec spec = getSpec("#sparse.nm<2 : 4, values = f16>");
  EXPECT_EQ(spec.kind, EncodingSpec::Kind::NM);
  EXPECT_EQ(spec.n, 2);
  EXPECT_EQ(spec.m, 4);
  EXPECT_EQ(spec.values, Part(NumberType::getF16()));
  spec = getSpec("#sparse.block<[16, 64], values = bf16>");
  EXPECT_EQ(spec.kind, EncodingSpec::Kind::Block);
  EXPECT_EQ(spec.block, (SmallVector<int64_t>{16, 64}));
  spec = getSpec("#compress.permuted<#quantized.float<f16>>");
  EXPECT_EQ(spec.kind, EncodingSpec::Kind::Permuted);
  ASSERT_TRUE(spec.values.isEncoding());
  EXPECT_EQ(spec.values.getEncoding().code, NumberType::getF16());
  spec = getSpec("#sparse.split<base = bf16, outliers = f16>");
  EXPECT_EQ(spec.kind, EncodingSpec::Kind::Split);
  EXPECT_EQ(spec.values, Part(NumberType::getBF16()));
  EXPECT_EQ(spec.outliers, makeOutlierRows(NumberType::getF16()));
  EXPECT_EQ(spec, getSpec("#sparse.split<base = bf16, outliers = "
                          "#sparse.block<[1, 1], values = f16>>"));
  // A layout does not change what is stored, only where it lies.
  EXPECT_EQ(getSpec("#compress.panel<#quantized.float<f16>, rows = 4, row_dim "
                    "= 0, reduction_dim = 1>"),
            getSpec("#quantized.float<f16>"));
}

TEST_F(EncodingAttributesTest, ComponentsAreTensorsOfStoredElements) {
  EXPECT_EQ(components("tensor<3x70xf32, #quantized.affine<i4, block = [1, "
                       "32], scale = f16>>"),
            "codes: tensor<3x35xi8>; scale: tensor<3x3xf16>");
  // Rows begin at bytes: 5 bits * 3.
  EXPECT_EQ(components("tensor<4x3xf32, #quantized.affine<ui5, block = [2, "
                       "-1], scale = bf16, min = f32>>"),
            "codes: tensor<4x2xi8>; scale: tensor<2x1xbf16>; min: "
            "tensor<2x1xf32>");
  EXPECT_EQ(components("tensor<2x512xf32, #quantized.affine<ui4, block = [1, "
                       "32], scale = #quantized.affine<ui6, block = [1, 8], "
                       "scale = f16>>>"),
            "codes: tensor<2x256xi8>; scale.codes: tensor<2x12xi8>; "
            "scale.scale: tensor<2x2xf16>");
  EXPECT_EQ(components("tensor<?x64xf32, #quantized.affine<i8, block = [1, "
                       "32], scale = f32, zero = i8, sums = true>>"),
            "codes: tensor<?x64xi8>; scale: tensor<?x2xf32>; zero: "
            "tensor<?x2xi8>; sums: tensor<?x2xi32>");
  EXPECT_EQ(components("tensor<2x8xf32, #quantized.codebook<ui3, block = [1, "
                       "-1], scale = f32>>"),
            "codes: tensor<2x3xi8>; scale: tensor<2x1xf32>; table: "
            "tensor<8xf32>");
  EXPECT_EQ(components("tensor<2x10xf32, #sparse.nm<2 : 4, values = f16>>"),
            "values: tensor<2x6xf16>; index: tensor<2x2xi8>");
  EXPECT_EQ(components("tensor<8x8xf32, #sparse.block<[4, 4], values = f32>>"),
            "offset: tensor<3xi32>; column: tensor<?xi32>; values: "
            "tensor<?x4xf32>");
  EXPECT_EQ(
      components("tensor<2x6xf32, #compress.permuted<#quantized.float<f16>>>"),
      "order: tensor<6xi32>; values.codes: tensor<2x6xf16>");
  EXPECT_EQ(components("tensor<2x6xf32>"), "");
}

TEST_F(EncodingAttributesTest, ComponentsOfLayoutsAreFlat) {
  RankedTensorType type =
      parse("tensor<32x64xf32, #compress.panel<#quantized.affine<i4, block = "
            "[1, 32], scale = f16>, rows = 16, row_dim = 0, reduction_dim = "
            "1>>");
  ASSERT_TRUE(type);
  int64_t bytes = 0;
  for (const Component &component : compress::getComponents(type)) {
    EXPECT_EQ(component.type.getRank(), 1);
    bytes += component.type.getNumElements() *
             component.type.getElementTypeBitWidth() / 8;
  }
  // Nothing is padded here: half a byte per code, two bytes per block.
  EXPECT_EQ(bytes, 32 * 32 + 32 * 2 * 2);
}

TEST_F(EncodingAttributesTest, StorageBits) {
  auto bits = [&](StringRef text) { return getStorageBits(parse(text)); };
  EXPECT_EQ(bits("tensor<3x70xf32, #quantized.affine<i4, block = [1, 32], "
                 "scale = f16>>"),
            3 * 35 * 8 + 3 * 3 * 16);
  EXPECT_EQ(bits("tensor<3x70xf32, #quantized.float<bf16>>"), 3 * 70 * 16);
  // 4.5 bits per value.
  EXPECT_EQ(bits("tensor<64x256xf32, #quantized.affine<i4, block = [1, 32], "
                 "scale = f16>>"),
            64 * 256 * 9 / 2);
}

TEST_F(EncodingAttributesTest, Helpers) {
  RankedTensorType plain = parse("tensor<2x6xf32>");
  EXPECT_FALSE(getEncoding(plain));
  EXPECT_FALSE(getEncoding(Float32Type::get(&context)));
  Attribute half = parseAttribute("#quantized.float<f16>", &context);
  RankedTensorType encoded = withEncoding(plain, half);
  EXPECT_EQ(getEncoding(encoded), half);
  EXPECT_EQ(withEncoding(encoded, Attribute()), plain);
  EXPECT_EQ(getNumberType(parseType("ui6", &context)),
            NumberType::getUnsigned(6));
  EXPECT_EQ(getNumberType(parseType("i4", &context)), NumberType::getSigned(4));
  EXPECT_FALSE(getNumberType(parseType("f64", &context)));
  EXPECT_TRUE(isPart(Attribute()));
  EXPECT_TRUE(isPart(half));
  EXPECT_TRUE(isPart(parseAttribute("f16", &context)));
  EXPECT_FALSE(isPart(parseAttribute("f64", &context)));
  EXPECT_FALSE(isPart(parseAttribute("3 : i32", &context)));
  EXPECT_FALSE(bool(getPart(Attribute())));
  EXPECT_EQ(getPart(parseAttribute("bf16", &context)),
            Part(NumberType::getBF16()));
}

/// A type made by getChecked is verified; the message is that of the spec.
TEST_F(EncodingAttributesTest, TypesAreVerified) {
  std::string message;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    message = diagnostic.str();
    return success();
  });
  EXPECT_FALSE(parse("tensor<2x6xf32, #quantized.affine<i4, block = [1, 2, 3], "
                     "scale = f16>>"));
  EXPECT_NE(message, "");
  EXPECT_FALSE(parse("tensor<2x6xi32, #quantized.float<f16>>"));
  EXPECT_NE(message.find("an encoded tensor has a float element type"),
            std::string::npos);
}

} // namespace
