//===- ContractionTest.cpp - Generated contractions against the reference -===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CompiledModule.h"

#include "gtest/gtest.h"

#include <cmath>
#include <random>

using namespace mlir;
using namespace mlir::compress::test;

namespace {

/// One case: y = x W', with weights and activations stored somehow.
struct Case {
  const char *name;
  std::string weights;     // encoding attribute, or empty for f32
  std::string activations; // likewise
  int64_t n, k;
};

std::string typeOf(StringRef shape, StringRef encoding) {
  return ("tensor<" + shape + "xf32" + (encoding.empty() ? "" : ", ") +
          encoding + ">")
      .str();
}

/// The module of a case; the weight is n x k.
std::string makeModule(const Case &c) {
  std::string n = std::to_string(c.n), k = std::to_string(c.k);
  std::string w = typeOf(n + "x" + k, c.weights), x = typeOf("?x" + k, ""),
              e = typeOf("?x" + k, c.activations), y = typeOf("?x" + n, "");
  std::string encode = c.activations.empty()
                           ? ""
                           : "%e = compress.encode %x : " + x + " to " + e;
  return R"(
ml_program.global private @w(#compress.parameter<"m", "w">) : )" +
         w + R"(
func.func @f(%x: )" +
         x + ") -> " + y + R"( {
  %w = ml_program.global_load_const @w : )" +
         w + R"(
  %c0 = arith.constant 0 : index
  %m = tensor.dim %x, %c0 : )" +
         x + R"(
  )" + encode +
         R"(
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty(%m) : )" +
         y + R"(
  %init = linalg.fill ins(%zero : f32) outs(%empty : )" +
         y + ") -> " + y + R"(
  %y = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>,
                                      affine_map<(m, n, k) -> (n, k)>,
                                      affine_map<(m, n, k) -> (m, n)>]
    ins()" +
         (c.activations.empty() ? "%x" : "%e") + ", %w : " + e + ", " + w +
         ") outs(%init : " + y + ") -> " + y + R"(
  return %y : )" +
         y + "\n}\n";
}

std::vector<float> makeValues(int64_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(count);
  for (float &value : values)
    value = uniform(random);
  return values;
}

void expectAgreement(const Case &c, StringRef target) {
  SCOPED_TRACE((target + ": " + c.name).str());
  auto module = CompiledModule::create(
      makeModule(c), {{"w", makeValues(c.n * c.k, 1)}}, target);
  ASSERT_TRUE(bool(module)) << llvm::toString(module.takeError());
  for (int64_t m : {1, 2, 5, 17}) {
    std::vector<float> x = makeValues(m * c.k, m);
    auto expected = (*module)->evaluate("f", {m, c.k}, x);
    ASSERT_TRUE(bool(expected)) << llvm::toString(expected.takeError());
    ASSERT_EQ(expected->magnitudes.size(), expected->values.size());
    for (int64_t threads : {1, 2}) {
      auto result = (*module)->run("f", {m, c.k}, x, {m, c.n}, threads);
      ASSERT_TRUE(bool(result)) << llvm::toString(result.takeError());
      int wrong = 0;
      for (size_t i = 0; i < result->size() && wrong < 3; ++i) {
        double bound = std::ldexp(expected->magnitudes[i], -18);
        if (!(std::abs((*result)[i] - expected->values[i]) <= bound)) {
          ++wrong;
          ADD_FAILURE() << "m = " << m << ", threads = " << threads
                        << ", element " << i << ": " << (*result)[i]
                        << ", expected " << expected->values[i];
        }
      }
      if (wrong)
        return;
    }
  }
}

const char *kInt8 = "#quantized.affine<i8, block = [1, 32], scale = f32, "
                    "narrow = true, sums = true>";
const char *kInt8NoSums =
    "#quantized.affine<i8, block = [1, 32], scale = f32, narrow = true>";
const char *kInt8Row = "#quantized.affine<i8, block = [1, -1], scale = f32, "
                       "narrow = true, sums = true>";

const Case kCases[] = {
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
    {"nf4", "#quantized.codebook<\"nf4\", block = [1, 64], scale = f16>", "",
     48, 128},
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
    {"nf4 with int8 activations",
     "#quantized.codebook<\"nf4\", block = [1, 64], scale = f16>", kInt8, 32,
     64},
};

TEST(ContractionTest, AgreesWithReferenceOnThisMachine) {
  for (const Case &c : kCases)
    expectAgreement(c, "native");
}

// Every processor that runs the tests has AVX2.
TEST(ContractionTest, AgreesWithReferenceOnAVX2) {
  for (const Case &c : kCases)
    expectAgreement(c, "x86-64-v3");
}

} // namespace
