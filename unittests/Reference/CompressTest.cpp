//===- CompressTest.cpp - Encoded tensors ---------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EvaluatorTest.h"

#include <cmath>
#include <random>

using namespace mlir;
using namespace mlir::compress;

namespace {

class CompressTest : public EvaluatorTest {
protected:
  /// Loads a module in which `#q` stands for an encoding.
  void loadWith(const std::string &encoding, const std::string &text) {
    load("#q = " + encoding + "\n" + text);
  }
  std::vector<float> random(size_t count) {
    std::normal_distribution<float> distribution;
    std::vector<float> values(count);
    for (float &value : values)
      value = distribution(generator);
    return values;
  }
  std::mt19937 generator{11};
};

TEST_F(CompressTest, EncodesAndDecodes) {
  loadWith("#quantized.affine<i8, block = [1, 2], scale = f32, narrow = true>",
           R"(
    func.func @f(%x: tensor<?x3xf32>) -> tensor<?x3xf32> {
      %0 = compress.encode %x : tensor<?x3xf32> to tensor<?x3xf32, #q>
      %1 = compress.decode %0 : tensor<?x3xf32, #q> to tensor<?x3xf32>
      return %1 : tensor<?x3xf32>
    })");
  // Scales 2 and 0; a ragged block with scale 1 / 127.
  EXPECT_EQ(floats({f32({1, 3}, {254, 3, 127})}),
            (std::vector<double>{254, 4, 127}));
  EXPECT_EQ(floats({f32({2, 3}, {0, 0, 1, -127, 0.6f, 0})}),
            (std::vector<double>{0, 0, 1, -127, 1, 0}));
  expectError("'compress.encode'", {f32({1, 3}, {254, NAN, 127})});
}

TEST_F(CompressTest, TakesEncodedTensorsApart) {
  loadWith("#quantized.affine<i4, block = [1, 2], scale = f16>", R"(
    func.func @f(%codes: tensor<?x2xi8>, %scale: tensor<?x2xf16>) -> tensor<?x4xf32> {
      %0 = compress.assemble %codes, %scale : tensor<?x2xi8>, tensor<?x2xf16> to tensor<?x4xf32, #q>
      %1:2 = compress.components %0 : tensor<?x4xf32, #q> to tensor<?x2xi8>, tensor<?x2xf16>
      %2 = compress.assemble %1#0, %1#1 : tensor<?x2xi8>, tensor<?x2xf16> to tensor<?x4xf32, #q>
      %3 = compress.decode %2 : tensor<?x4xf32, #q> to tensor<?x4xf32>
      return %3 : tensor<?x4xf32>
    })");
  auto codes = HostTensor::get(tensorType("tensor<1x2xi8>"), {{0x7f, 0x82}});
  auto scale = HostTensor::get(tensorType("tensor<1x2xf16>"),
                               {{0x00, 0x3c, 0x00, 0x38}});
  ASSERT_TRUE(codes && scale);
  EXPECT_EQ(floats({*codes, *scale}), (std::vector<double>{-1, 7, 1, -4}));
  auto shortScale =
      HostTensor::get(tensorType("tensor<0x2xf16>"), {ComponentData()});
  ASSERT_TRUE(bool(shortScale));
  expectError("component 'scale' has 0 bytes, expected 4",
              {*codes, *shortScale});
}

TEST_F(CompressTest, SizesThatTheDataKnows) {
  loadWith("#sparse.block<[2, 2], values = f16>", R"(
    func.func @f(%x: tensor<4x4xf32>) -> tensor<?x2xf16> {
      %0 = compress.encode %x : tensor<4x4xf32> to tensor<4x4xf32, #q>
      %1:3 = compress.components %0 : tensor<4x4xf32, #q> to tensor<3xi32>, tensor<?xi32>, tensor<?x2xf16>
      return %1#2 : tensor<?x2xf16>
    })");
  std::vector<float> values(16);
  values[10] = 5; // In the last block.
  HostTensor result = tensor({f32({4, 4}, values)});
  EXPECT_EQ(result.getShape(), (ArrayRef<int64_t>{2, 2}));
  EXPECT_EQ(result.getDoubles(), (std::vector<double>{5, 0, 0, 0}));
  values[10] = 0;
  EXPECT_EQ(tensor({f32({4, 4}, values)}).getShape(),
            (ArrayRef<int64_t>{0, 2}));
}

TEST_F(CompressTest, RefusesPartsInALayout) {
  const std::string encoding =
      "#compress.panel<#quantized.float<f16>, rows = 4, row_dim = 0, "
      "reduction_dim = 1>";
  loadWith(encoding, R"(
    func.func @f(%x: tensor<4x4xf32>) -> tensor<16xf16> {
      %0 = compress.encode %x : tensor<4x4xf32> to tensor<4x4xf32, #q>
      %1 = compress.components %0 : tensor<4x4xf32, #q> to tensor<16xf16>
      return %1 : tensor<16xf16>
    })");
  HostTensor x = f32({4, 4}, random(16));
  expectError("'compress.components': parts in a layout are not evaluated",
              {x});
  loadWith(encoding, R"(
    func.func @f(%x: tensor<16xf16>) -> tensor<4x4xf32, #q> {
      %0 = compress.assemble %x : tensor<16xf16> to tensor<4x4xf32, #q>
      return %0 : tensor<4x4xf32, #q>
    })");
  expectError("'compress.assemble': parts in a layout are not evaluated",
              {HostTensor(tensorType("tensor<16xf16>"))});
}

TEST_F(CompressTest, Groups) {
  load(R"(
    func.func @f(%x: tensor<?xf32>, %s: f32) -> tensor<?xf32> {
      %c0 = arith.constant 0 : index
      %n = tensor.dim %x, %c0 : tensor<?xf32>
      %e = tensor.empty(%n) : tensor<?xf32>
      %0 = compress.group ins(%x, %s : tensor<?xf32>, f32) outs(%e : tensor<?xf32>) {
      ^bb0(%a: tensor<?xf32>, %b: f32):
        %d0 = arith.constant 0 : index
        %d = tensor.dim %a, %d0 : tensor<?xf32>
        %f = tensor.splat %b[%d] : tensor<?xf32>
        %r = arith.mulf %a, %f : tensor<?xf32>
        compress.yield %r : tensor<?xf32>
      } -> tensor<?xf32>
      return %0 : tensor<?xf32>
    })");
  EXPECT_EQ(floats({f32({2}, {1, 2}), number("f32", 3)}),
            (std::vector<double>{3, 6}));
}

/// Encodings of a 12 x 40 weight; each with its decoded form must give the same
/// product.
class EncodedMatmulTest : public CompressTest,
                          public testing::WithParamInterface<const char *> {};

TEST_P(EncodedMatmulTest, EqualsDecodedMatmul) {
  loadWith(GetParam(), R"(
    #x = affine_map<(m, n, k) -> (m, k)>
    #w = affine_map<(m, n, k) -> (n, k)>
    #y = affine_map<(m, n, k) -> (m, n)>
    func.func private @product(%x: tensor<?x40xf32>, %w: tensor<12x40xf32, #q>) -> tensor<?x12xf32> {
      %c0 = arith.constant 0 : index
      %n = tensor.dim %x, %c0 : tensor<?x40xf32>
      %e = tensor.empty(%n) : tensor<?x12xf32>
      %z = arith.constant 0.0 : f32
      %i = linalg.fill ins(%z : f32) outs(%e : tensor<?x12xf32>) -> tensor<?x12xf32>
      %0 = linalg.matmul indexing_maps = [#x, #w, #y]
          ins(%x, %w : tensor<?x40xf32>, tensor<12x40xf32, #q>) outs(%i : tensor<?x12xf32>) -> tensor<?x12xf32>
      return %0 : tensor<?x12xf32>
    }
    func.func @f(%x: tensor<?x40xf32>, %w: tensor<12x40xf32>) -> (tensor<?x12xf32>, tensor<12x40xf32>) {
      %q = compress.encode %w : tensor<12x40xf32> to tensor<12x40xf32, #q>
      %0 = call @product(%x, %q) : (tensor<?x40xf32>, tensor<12x40xf32, #q>) -> tensor<?x12xf32>
      %d = compress.decode %q : tensor<12x40xf32, #q> to tensor<12x40xf32>
      return %0, %d : tensor<?x12xf32>, tensor<12x40xf32>
    })");
  std::vector<float> x = random(3 * 40), w = random(12 * 40);
  auto results = call({f32({3, 40}, x), f32({12, 40}, w)});
  ASSERT_TRUE(bool(results)) << llvm::toString(results.takeError());
  std::vector<double> product =
      std::get<HostTensor>((*results)[0]).getDoubles();
  std::vector<double> decoded =
      std::get<HostTensor>((*results)[1]).getDoubles();
  for (int64_t m = 0; m < 3; ++m)
    for (int64_t n = 0; n < 12; ++n) {
      double sum = 0;
      for (int64_t k = 0; k < 40; ++k)
        sum += x[m * 40 + k] * decoded[n * 40 + k];
      EXPECT_EQ(static_cast<float>(sum), product[m * 12 + n]);
    }
  // The encoding means something: values are rounded, and not beyond use.
  double error = 0;
  for (auto [exact, rounded] : llvm::zip_equal(w, decoded))
    error += std::fabs(exact - rounded) / w.size();
  EXPECT_GT(error, 0);
  EXPECT_LT(error, 0.5);
}

INSTANTIATE_TEST_SUITE_P(
    Encodings, EncodedMatmulTest,
    testing::Values(
        "#quantized.affine<i4, block = [1, 32], scale = f16>",
        "#quantized.affine<ui4, block = [1, 16], scale = f16, min = f16>",
        "#quantized.affine<i8, block = [1, -1], scale = f32, zero = i8>",
        "#quantized.affine<i8, block = [5, 16], scale = bf16>",
        "#quantized.affine<ui4, block = [1, 8], scale = "
        "#quantized.affine<ui6, block = [1, 4], scale = f16>, min = "
        "#quantized.affine<ui6, block = [1, 4], scale = f16>>",
        "#quantized.float<bf16>",
        "#quantized.float<f8E4M3FN, block = [1, 32], scale = f32>",
        "#quantized.codebook<\"nf4\", block = [1, 20], scale = f16>",
        "#sparse.nm<2 : 4, values = #quantized.affine<i8, block = [1, -1], "
        "scale = f32>>",
        "#sparse.block<[4, 8], values = f16>",
        "#compress.permuted<#quantized.affine<i4, block = [1, 32], scale = "
        "f16>>"));

} // namespace
