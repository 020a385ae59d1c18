//===- ContractionTest.cpp - Generated contractions against the reference -===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ContractionCase.h"

#include "llvm/ADT/StringExtras.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::compress::test;

namespace {

const char *kInt8 = "#quantized.affine<i8, block = [1, 32], scale = f32, "
                    "narrow = true, sums = true>";
const char *kInt8NoSums =
    "#quantized.affine<i8, block = [1, 32], scale = f32, narrow = true>";
const char *kInt8Row = "#quantized.affine<i8, block = [1, -1], scale = f32, "
                       "narrow = true, sums = true>";

/// Of tensors of three dimensions.
const char *kExpertsInt8 = "#quantized.affine<i8, block = [1, 1, 32], scale = "
                           "f32, narrow = true, sums = true>";

const std::initializer_list<int64_t> kTiledRows = {3, 4,  6,  7,  8,
                                                   9, 14, 16, 20, 23};

const ContractionCase kCases[] = {
    {"experts, f32", "", "", 48, 64, Arrangement::Experts},
    {"experts, f32 odd", "", "", 43, 37, Arrangement::Experts},
    {"experts, f16", "#quantized.float<f16>", "", 20, 800,
     Arrangement::Experts},
    {"experts, q4_0 weight only",
     "#quantized.affine<i4, block = [1, 1, 32], scale = f16>", "", 41, 96,
     Arrangement::Experts},
    {"experts, nf4",
     "#quantized.codebook<\"nf4\", block = [1, 1, 64], scale = f16>", "", 48,
     128, Arrangement::Experts},
    {"experts, w4a8",
     "#quantized.affine<ui4, block = [1, 1, 32], scale = f16, min = f16>",
     kExpertsInt8, 64, 96, Arrangement::Experts},
    {"experts, w8a8", "#quantized.affine<i8, block = [1, 1, 32], scale = f16>",
     kExpertsInt8, 37, 80, Arrangement::Experts},
    {"experts, 2:4",
     "#sparse.nm<2 : 4, values = #quantized.affine<i8, block = [1, 1, -1], "
     "scale = f32>>",
     "", 32, 64, Arrangement::Experts},
    {"f32", "", "", 48, 64},
    {"f32 odd", "", "", 43, 37},
    {"f16", "#quantized.float<f16>", "", 40, 70},
    {"bf16", "#quantized.float<bf16>", "", 32, 33},
    {"f8", "#quantized.float<f8E4M3FN, block = [1, 32], scale = f32>", "", 32,
     96},
    {"q4_0 weight only", "#quantized.affine<i4, block = [1, 32], scale = f16>",
     "", 48, 96},
    {"q4_1 weight only",
     "#quantized.affine<ui4, block = [1, 32], scale = f16, min = f16>", "", 33,
     80},
    {"minima in f32",
     "#quantized.affine<ui8, block = [1, 32], scale = f32, min = f32>", "", 33,
     80},
    {"minima in f32, signed",
     "#quantized.affine<i8, block = [1, 32], scale = f32, min = f32>", "", 33,
     80},
    {"minima in f32, weight first",
     "#quantized.affine<ui8, block = [1, 32], scale = f32, min = f32>", "", 33,
     80, Arrangement::WeightFirst},
    {"minima in f32, int8 activations",
     "#quantized.affine<ui8, block = [1, 32], scale = f32, min = f32>", kInt8,
     33, 80},
    {"minima in f32, activations with minima",
     "#quantized.affine<ui8, block = [1, 32], scale = f32, min = f32>",
     "#quantized.affine<ui8, block = [1, 16], scale = f32, min = f32>", 33, 80},
    {"nf4", "#quantized.codebook<\"nf4\", block = [1, 64], scale = f16>", "",
     48, 128},
    {"nf4, one short block",
     "#quantized.codebook<\"nf4\", block = [1, 64], scale = f16>", "", 33, 37},
    {"nf4, ranges of k, rows in tiles",
     "#quantized.codebook<\"nf4\", block = [1, 64], scale = f16>", "", 128,
     1000, Arrangement::WeightRows, "native", kTiledRows},
    {"nf4, weight columns",
     "#quantized.codebook<\"nf4\", block = [32, 1], scale = f16>", "", 40, 72,
     Arrangement::WeightColumns},
    {"nf4, minima",
     "#quantized.codebook<\"nf4\", block = [1, 32], scale = f16, min = f16>",
     "", 40, 72},
    {"mxfp4", "#quantized.float<f4E2M1FN, block = [1, 32], scale = f8E8M0FNU>",
     "", 64, 864},
    {"mxfp4 rows", "#quantized.float<f4E2M1FN, block = [1, -1], scale = f32>",
     "", 32, 300},
    {"nvfp4", "#quantized.float<f4E2M1FN, block = [1, 16], scale = f8E4M3FN>",
     "", 43, 75},
    {"blocks of mxfp4, ragged",
     "#sparse.block<[16, 64], values = #quantized.float<f4E2M1FN, block = [1, "
     "32], scale = f8E8M0FNU>>",
     "", 43, 1700},
    {"blocks of nf4 rows",
     "#sparse.block<[32, 64], values = #quantized.codebook<\"nf4\", block = "
     "[1, "
     "-1], scale = f16>>",
     "", 64, 300},
    {"2:4 of nf4",
     "#sparse.nm<2 : 4, values = #quantized.codebook<\"nf4\", block = [1, 32], "
     "scale = f16>>",
     "", 48, 128},
    {"3 bits, odd blocks",
     "#quantized.affine<i3, block = [1, 24], scale = f32>", "", 20, 50},
    {"2-D blocks", "#quantized.affine<i8, block = [16, 16], scale = f32>", "",
     40, 72},
    {"zero points",
     "#quantized.affine<ui8, block = [1, -1], scale = f32, zero = ui8>", "", 24,
     40},
    {"2:4",
     "#sparse.nm<2 : 4, values = #quantized.affine<i8, block = [1, -1], scale "
     "= f32>>",
     "", 32, 64},
    {"blocks of f16", "#sparse.block<[16, 32], values = f16>", "", 48, 64},
    {"blocks of 4 bits, ragged",
     "#sparse.block<[16, 64], values = #quantized.affine<i4, block = [1, 32], "
     "scale = f16>>",
     "", 43, 1700},
    {"blocks of several panels",
     "#sparse.block<[64, 32], values = #quantized.codebook<\"nf4\", block = "
     "[1, 32], scale = f16>>",
     "", 200, 320},
    {"blocks of f32", "#sparse.block<[16, 32], values = f32>", "", 64, 1024},
    {"blocks, batched", "#sparse.block<[16, 32], values = f16>", "", 43, 100,
     Arrangement::Batched},
    {"blocks, one row of blocks stores none",
     "#sparse.block<[16, 32], values = #quantized.affine<i4, block = [1, 32], "
     "scale = f16>>",
     kInt8, 48, 32},
    {"outliers apart",
     "#sparse.split<base = #quantized.affine<i4, block = [1, 32], scale = "
     "f16>, "
     "outliers = f16>",
     "", 20, 64},
    {"outliers apart from minima, as columns",
     "#sparse.split<base = #quantized.affine<ui4, block = [1, 16], scale = "
     "f16, "
     "min = f16>, outliers = f32>",
     "", 17, 48, Arrangement::WeightColumns},
    {"outliers apart, integer activations",
     "#sparse.split<base = #quantized.affine<i8, block = [1, 32], scale = "
     "f16>, "
     "outliers = f16>",
     "#quantized.affine<i8, block = [1, 32], scale = f32, sums = true>", 20,
     64},
    {"blocks in no panels", "#sparse.block<[8, 16], values = f16>", "", 48, 64},
    {"blocks with int8 activations",
     "#sparse.block<[16, 32], values = #quantized.affine<i4, block = [1, 32], "
     "scale = f16>>",
     kInt8, 64, 320},
    {"blocks with int8 activations, ragged",
     "#sparse.block<[16, 64], values = #quantized.affine<ui4, block = [1, 32], "
     "scale = f16, min = f16>>",
     kInt8, 43, 301},
    {"blocks with int8 rows",
     "#sparse.block<[32, 64], values = #quantized.affine<i8, block = [1, -1], "
     "scale = f32>>",
     kInt8Row, 128, 320, Arrangement::WeightRows, "native", kTiledRows},
    {"blocks of several panels with int8 activations",
     "#sparse.block<[32, 256], values = #quantized.affine<ui4, block = [1, 32],"
     " scale = #quantized.affine<ui6, block = [1, 8], scale = f16>, min = "
     "#quantized.affine<ui6, block = [1, 8], scale = f16>>>",
     kInt8, 100, 1024},
    {"blocks with shared scales and int8 activations",
     "#sparse.block<[16, 32], values = #quantized.affine<i8, block = [16, 16], "
     "scale = f32>>",
     kInt8, 64, 192},
    {"permuted",
     "#compress.permuted<#quantized.affine<i4, block = [1, 32], scale = f16>>",
     "", 32, 64},
    {"w4a8 symmetric", "#quantized.affine<i4, block = [1, 32], scale = f16>",
     kInt8, 64, 96},
    {"w4a8", "#quantized.affine<ui4, block = [1, 32], scale = f16, min = f16>",
     kInt8, 43, 75},
    {"w4a8 without sums",
     "#quantized.affine<ui4, block = [1, 32], scale = f16, min = f16>",
     kInt8NoSums, 43, 75},
    {"w8a8", "#quantized.affine<i8, block = [1, -1], scale = f32>", kInt8Row,
     64, 130},
    {"w8a8 blocks", "#quantized.affine<i8, block = [1, 32], scale = f16>",
     kInt8, 48, 64},
    {"q5_0", "#quantized.affine<i5, block = [1, 32], scale = f16>", kInt8, 48,
     64},
    {"q6_k",
     "#quantized.affine<i6, block = [1, 16], scale = #quantized.affine<i8, "
     "block = [1, 16], scale = f16>>",
     kInt8, 32, 256},
    {"q4_k",
     "#quantized.affine<ui4, block = [1, 32], scale = #quantized.affine<ui6, "
     "block = [1, 8], scale = f16>, min = #quantized.affine<ui6, block = [1, "
     "8], scale = f16>>",
     kInt8, 32, 512},
    {"zero points, integer",
     "#quantized.affine<ui8, block = [1, 32], scale = f32, zero = ui8>", kInt8,
     24, 64},
    {"f32, several blocks of k", "", "", 80, 1000},
    {"f32, several blocks of k and rows",
     "",
     "",
     64,
     300,
     Arrangement::WeightRows,
     "native",
     {103}},
    {"q4_1, several blocks of k",
     "#quantized.affine<ui4, block = [1, 32], scale = f16, min = f16>", "", 64,
     800},
    {"2:4, several blocks of k",
     "#sparse.nm<2 : 4, values = #quantized.affine<i8, block = [1, -1], scale "
     "= f32>>",
     "", 64, 1224},
    {"2:4 with int8 activations",
     "#sparse.nm<2 : 4, values = #quantized.affine<i8, block = [1, -1], scale "
     "= f32>>",
     kInt8, 64, 160},
    {"2:4 with int8 activations, ragged",
     "#sparse.nm<2 : 4, values = #quantized.affine<i8, block = [1, 32], scale "
     "= f16>>",
     kInt8, 43, 77},
    {"2:4 of 4 bits with int8 activations",
     "#sparse.nm<2 : 4, values = #quantized.affine<i4, block = [1, 16], scale "
     "= f16>>",
     kInt8, 64, 192},
    {"2:4 with int8 rows",
     "#sparse.nm<2 : 4, values = #quantized.affine<i8, block = [1, -1], scale "
     "= f32>>",
     kInt8Row, 64, 130},
    {"2:4 with int8 activations without sums",
     "#sparse.nm<2 : 4, values = #quantized.affine<i6, block = [1, 32], scale "
     "= f16>>",
     kInt8NoSums, 32, 96},
    {"1:4 of 3 bits with int8 activations",
     "#sparse.nm<1 : 4, values = #quantized.affine<i3, block = [1, 8], scale "
     "= f16>>",
     kInt8, 32, 100},
    {"1:2 with int8 activations",
     "#sparse.nm<1 : 2, values = #quantized.affine<ui8, block = [1, 16], scale "
     "= f32>>",
     kInt8, 32, 64},
    {"2:8 with int8 activations",
     "#sparse.nm<2 : 8, values = #quantized.affine<i4, block = [1, 8], scale "
     "= f32>>",
     kInt8, 24, 96},
    {"4:8 with int8 activations",
     "#sparse.nm<4 : 8, values = #quantized.affine<i8, block = [1, 32], scale "
     "= f32>>",
     kInt8, 40, 84},
    {"8:16 with int8 activations",
     "#sparse.nm<8 : 16, values = #quantized.affine<i5, block = [1, 32], scale "
     "= f32>>",
     kInt8, 32, 144},
    {"4:16 with int8 activations, blocks within windows",
     "#sparse.nm<4 : 16, values = #quantized.affine<i8, block = [1, 4], scale "
     "= f32>>",
     kInt8, 32, 64},
    {"3:8 with int8 activations",
     "#sparse.nm<3 : 8, values = #quantized.affine<i8, block = [1, -1], scale "
     "= f32>>",
     kInt8, 32, 64},
    // Every way to cut rows into tiles, and units of several panels.
    {"f32, rows in tiles", "", "", 256, 96, Arrangement::WeightRows, "native",
     kTiledRows},
    {"w4a8, rows in tiles",
     "#quantized.affine<ui4, block = [1, 32], scale = f16, min = f16>", kInt8,
     256, 96, Arrangement::WeightRows, "native", kTiledRows},
    {"w8a8, rows in tiles",
     "#quantized.affine<i8, block = [1, -1], scale = f32>", kInt8Row, 256, 96,
     Arrangement::WeightRows, "native", kTiledRows},
    {"2:4 with int8 rows, rows in tiles",
     "#sparse.nm<2 : 4, values = #quantized.affine<i8, block = [1, -1], scale "
     "= f32>>",
     kInt8Row, 256, 96, Arrangement::WeightRows, "native", kTiledRows},
    {"nf4 with int8 activations",
     "#quantized.codebook<\"nf4\", block = [1, 64], scale = f16>", kInt8, 32,
     64},
};

class ContractionTest : public testing::TestWithParam<ContractionCase> {};

TEST_P(ContractionTest, AgreesWithReference) { checkContraction(GetParam()); }

// Every processor that runs the tests has AVX2.
TEST_P(ContractionTest, AgreesWithReferenceOnAVX2) {
  ContractionCase c = GetParam();
  c.target = "x86-64-v3";
  checkContraction(c);
}

/// Cases of the form that there are kernels for GPUs for: activations in f32,
/// a result row for each of theirs.
std::vector<ContractionCase> getWeightOnlyCases() {
  std::vector<ContractionCase> cases;
  for (const ContractionCase &c : kCases)
    if (c.activations.empty() && c.arrangement == Arrangement::WeightRows)
      cases.push_back(c);
  // More than one tile of k, and a rest.
  cases.push_back({"long", "", "", 6, 300});
  cases.push_back({"long, 2:4",
                   "#sparse.nm<2 : 4, values = #quantized.affine<i8, block = "
                   "[1, -1], scale = f32>>",
                   "", 6, 1100});
  cases.push_back({"scales of scales",
                   "#quantized.affine<ui4, block = [1, 32], scale = "
                   "#quantized.affine<ui6, block = [1, 8], scale = f16>, min = "
                   "#quantized.affine<ui6, block = [1, 8], scale = f16>>",
                   "", 6, 512});
  return cases;
}

class LanesTest : public testing::TestWithParam<ContractionCase> {};

TEST_P(LanesTest, AgreeWithReference) { checkContractionOnLanes(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Named, LanesTest,
                         testing::ValuesIn(getWeightOnlyCases()));

INSTANTIATE_TEST_SUITE_P(Named, ContractionTest, testing::ValuesIn(kCases),
                         [](const auto &info) {
                           std::string name;
                           for (char c : info.param.name)
                             name += llvm::isAlnum(c) ? c : '_';
                           return name;
                         });

} // namespace
