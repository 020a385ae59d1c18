//===- LinalgTest.cpp - Structured ops ------------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EvaluatorTest.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

#include <cmath>
#include <random>

using namespace mlir;
using namespace mlir::compress;

namespace {

class LinalgTest : public EvaluatorTest {
protected:
  std::vector<float> random(size_t count) {
    std::uniform_real_distribution<float> distribution(-1, 1);
    std::vector<float> values(count);
    for (float &value : values)
      value = distribution(generator);
    return values;
  }
  std::mt19937 generator{7};
};

TEST_F(LinalgTest, Fill) {
  load(R"(
    func.func @f(%x: f32) -> tensor<2x2xf32> {
      %0 = tensor.empty() : tensor<2x2xf32>
      %1 = linalg.fill ins(%x : f32) outs(%0 : tensor<2x2xf32>) -> tensor<2x2xf32>
      return %1 : tensor<2x2xf32>
    })");
  EXPECT_EQ(floats({number("f32", 3)}), (std::vector<double>{3, 3, 3, 3}));
}

TEST_F(LinalgTest, Transpose) {
  load(R"(
    func.func @f(%x: tensor<2x3xf32>) -> tensor<3x2xf32> {
      %0 = tensor.empty() : tensor<3x2xf32>
      %1 = linalg.transpose ins(%x : tensor<2x3xf32>) outs(%0 : tensor<3x2xf32>) permutation = [1, 0]
      return %1 : tensor<3x2xf32>
    })");
  EXPECT_EQ(floats({f32({2, 3}, {0, 1, 2, 10, 11, 12})}),
            (std::vector<double>{0, 10, 1, 11, 2, 12}));
}

TEST_F(LinalgTest, ElementwiseBodies) {
  load(R"(
    func.func @f(%x: tensor<?xf32>, %y: tensor<?xf32>, %scale: f32) -> tensor<?xf32> {
      %0 = linalg.generic {
          indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>],
          iterator_types = ["parallel"]}
          ins(%x : tensor<?xf32>) outs(%y : tensor<?xf32>) {
        ^bb0(%a: f32, %b: f32):
          %i = linalg.index 0 : index
          %ii = arith.index_cast %i : index to i32
          %fi = arith.sitofp %ii : i32 to f32
          %c = arith.constant 0.5 : f32
          %1 = arith.mulf %a, %scale : f32
          %2 = arith.addf %1, %fi : f32
          %3 = arith.mulf %2, %c : f32
          %4 = arith.addf %3, %b : f32
          linalg.yield %4 : f32
      } -> tensor<?xf32>
      return %0 : tensor<?xf32>
    })");
  EXPECT_EQ(floats({f32({2}, {1, 2}), f32({2}, {100, 200}), number("f32", 3)}),
            (std::vector<double>{101.5, 203.5}));
}

TEST_F(LinalgTest, BodiesOnTensors) {
  // A gather: the body reads another tensor.
  load(R"(
    func.func @f(%table: tensor<?x2xf32>, %rows: tensor<?xi32>, %out: tensor<?x2xf32>) -> tensor<?x2xf32> {
      %0 = linalg.generic {
          indexing_maps = [affine_map<(d0, d1) -> (d0)>, affine_map<(d0, d1) -> (d0, d1)>],
          iterator_types = ["parallel", "parallel"]}
          ins(%rows : tensor<?xi32>) outs(%out : tensor<?x2xf32>) {
        ^bb0(%r: i32, %b: f32):
          %i = arith.index_cast %r : i32 to index
          %j = linalg.index 1 : index
          %1 = tensor.extract %table[%i, %j] : tensor<?x2xf32>
          linalg.yield %1 : f32
      } -> tensor<?x2xf32>
      return %0 : tensor<?x2xf32>
    })");
  HostTensor table = f32({3, 2}, {0, 1, 10, 11, 20, 21});
  HostTensor out = f32({2, 2}, {0, 0, 0, 0});
  EXPECT_EQ(floats({table, i32({2}, {2, 0}), out}),
            (std::vector<double>{20, 21, 0, 1}));
  expectError("'tensor.extract': index 3 lies outside of dimension 0",
              {table, i32({2}, {2, 3}), out});
}

TEST_F(LinalgTest, SeveralResults) {
  load(R"(
    func.func @f(%x: tensor<3xf32>, %s: tensor<f32>, %m: tensor<f32>) -> tensor<2xf32> {
      %0:2 = linalg.generic {
          indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> ()>, affine_map<(d0) -> ()>],
          iterator_types = ["reduction"]}
          ins(%x : tensor<3xf32>) outs(%s, %m : tensor<f32>, tensor<f32>) {
        ^bb0(%a: f32, %sum: f32, %max: f32):
          %1 = arith.addf %a, %sum : f32
          %2 = arith.maximumf %a, %max : f32
          linalg.yield %1, %2 : f32, f32
      } -> (tensor<f32>, tensor<f32>)
      %3 = tensor.extract %0#0[] : tensor<f32>
      %4 = tensor.extract %0#1[] : tensor<f32>
      %5 = tensor.from_elements %3, %4 : tensor<2xf32>
      return %5 : tensor<2xf32>
    })");
  EXPECT_EQ(floats({f32({3}, {1, 5, 2}), f32({}, {10}), f32({}, {-1})}),
            (std::vector<double>{18, 5}));
}

TEST_F(LinalgTest, SumsAreRoundedOnce) {
  load(R"(
    func.func @f(%x: tensor<?xf32>, %s: tensor<f32>) -> tensor<f32> {
      %0 = linalg.reduce ins(%x : tensor<?xf32>) outs(%s : tensor<f32>) dimensions = [0]
        (%a: f32, %b: f32) {
          %1 = arith.addf %a, %b : f32
          linalg.yield %1 : f32
        }
      return %0 : tensor<f32>
    })");
  // In f32, each 1 would vanish.
  std::vector<float> values(65, 1);
  values[0] = 16777216;
  EXPECT_EQ(floats({f32({65}, values), f32({}, {0})}).at(0), 16777280);
  values[1] = -16777216;
  EXPECT_EQ(floats({f32({65}, values), f32({}, {0.5})}).at(0), 63.5);
}

TEST_F(LinalgTest, StridedAccess) {
  // A convolution: x[2 * i + k].
  load(R"(
    func.func @f(%x: tensor<?xf32>, %w: tensor<2xf32>, %y: tensor<3xf32>) -> tensor<3xf32> {
      %0 = linalg.generic {
          indexing_maps = [affine_map<(d0, d1) -> (d0 * 2 + d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0)>],
          iterator_types = ["parallel", "reduction"]}
          ins(%x, %w : tensor<?xf32>, tensor<2xf32>) outs(%y : tensor<3xf32>) {
        ^bb0(%a: f32, %b: f32, %c: f32):
          %1 = arith.mulf %a, %b : f32
          %2 = arith.addf %1, %c : f32
          linalg.yield %2 : f32
      } -> tensor<3xf32>
      return %0 : tensor<3xf32>
    })");
  HostTensor w = f32({2}, {10, 1}), y = f32({3}, {0, 0, 1000});
  EXPECT_EQ(floats({f32({6}, {1, 2, 3, 4, 5, 6}), w, y}),
            (std::vector<double>{12, 34, 1056}));
  expectError("operand #0 of size 5 does not fit indices from 0 to 5",
              {f32({5}, {1, 2, 3, 4, 5}), w, y});
}

TEST_F(LinalgTest, RefusesOtherAccess) {
  load(R"(
    func.func @f(%x: tensor<2xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
      %0 = linalg.generic {
          indexing_maps = [affine_map<(d0) -> (d0 floordiv 2)>, affine_map<(d0) -> (d0)>],
          iterator_types = ["parallel"]}
          ins(%x : tensor<2xf32>) outs(%y : tensor<4xf32>) {
        ^bb0(%a: f32, %b: f32):
          linalg.yield %a : f32
      } -> tensor<4xf32>
      return %0 : tensor<4xf32>
    })");
  expectError("the indices of operand #0 are not linear in the loops",
              {f32({2}, {1, 2}), f32({4}, {1, 2, 3, 4})});
}

//===----------------------------------------------------------------------===//
// Contractions
//===----------------------------------------------------------------------===//

const char *const matmul = R"(
  func.func @f(%x: tensor<?x?xf32>, %w: tensor<?x?xf32>, %y: tensor<?x?xf32>) -> tensor<?x?xf32> {
    %0 = linalg.matmul
        indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%x, %w : tensor<?x?xf32>, tensor<?x?xf32>) outs(%y : tensor<?x?xf32>) -> tensor<?x?xf32>
    return %0 : tensor<?x?xf32>
  })";

TEST_F(LinalgTest, MatmulOfTransposedWeights) {
  load(matmul);
  // More rows than are computed side by side, and a remainder.
  const int64_t m = 19, n = 5, k = 7;
  std::vector<float> x = random(m * k), w = random(n * k), y = random(m * n);
  std::vector<double> result =
      floats({f32({m, k}, x), f32({n, k}, w), f32({m, n}, y)});
  ASSERT_EQ(result.size(), static_cast<size_t>(m * n));
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < n; ++j) {
      double sum = y[i * n + j];
      for (int64_t p = 0; p < k; ++p)
        sum += double(x[i * k + p]) * w[j * k + p];
      // Rounded once, from a sum in double precision in another order.
      EXPECT_NEAR(result[i * n + j], sum, std::ldexp(std::fabs(sum), -23));
    }
}

TEST_F(LinalgTest, MatmulIsExactToTheLastRounding) {
  load(matmul);
  // 1 + 2^-40 - 1: lost in f32.
  HostTensor x = f32({1, 3}, {1, std::ldexp(1.0f, -20), 1});
  HostTensor w = f32({1, 3}, {1, std::ldexp(1.0f, -20), -1});
  EXPECT_EQ(floats({x, w, f32({1, 1}, {0})}).at(0), std::ldexp(1, -40));
}

/// A component's bytes.
template <typename T> ComponentData bytesOf(ArrayRef<T> values) {
  const auto *begin = reinterpret_cast<const uint8_t *>(values.data());
  return ComponentData(begin, begin + values.size() * sizeof(T));
}

/// x: tensor<1xKxf32> times one row of weights, encoded somehow.
static std::string multiplyEncoded(int64_t k, StringRef encoding) {
  std::string x = "tensor<1x" + std::to_string(k) + "xf32";
  std::string w = x + ", " + encoding.str() + ">";
  x += ">";
  return "func.func @f(%x: " + x + ", %w: " + w + R"() -> tensor<1x1xf32> {
    %zero = arith.constant 0.0 : f32
    %empty = tensor.empty() : tensor<1x1xf32>
    %y = linalg.fill ins(%zero : f32) outs(%empty : tensor<1x1xf32>) -> tensor<1x1xf32>
    %0 = linalg.matmul
        indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%x, %w : )" +
         x + ", " + w + R"() outs(%y : tensor<1x1xf32>) -> tensor<1x1xf32>
    return %0 : tensor<1x1xf32>
  })";
}

TEST_F(LinalgTest, GeneratedSumsAreScaledPerSegment) {
  // A table that is a component.
  std::string encoding =
      "#quantized.codebook<ui2, block = [1, 16], scale = f32>";
  load(multiplyEncoded(32, encoding));
  options.arithmetic = Arithmetic::Generated;
  // 2^24 and zeros, then 16 times a half, each of which the large one would
  // swallow.
  std::vector<uint8_t> codes(8, 0);
  codes[0] = 2;
  std::fill_n(codes.begin() + 4, 4, 0x55);
  auto w = HostTensor::get(
      tensorType("tensor<1x32xf32, " + encoding + ">"),
      {codes, bytesOf<float>({1, 0.5f}), bytesOf<float>({0, 1, 16777216, -1})});
  ASSERT_TRUE(bool(w)) << llvm::toString(w.takeError());
  EXPECT_EQ(floats({f32({1, 32}, std::vector<float>(32, 1)), *w}).at(0),
            16777216 + 8);
}

TEST_F(LinalgTest, GeneratedWeightsAreShiftedAsTheyAreScaled) {
  std::string encoding =
      "#quantized.codebook<ui1, block = [1, 1], scale = f32, min = f32>";
  load(multiplyEncoded(1, encoding));
  options.arithmetic = Arithmetic::Generated;
  auto w = HostTensor::get(tensorType("tensor<1x1xf32, " + encoding + ">"),
                           {ComponentData{1}, bytesOf<float>({0.1f}),
                            bytesOf<float>({-0.3f}), bytesOf<float>({0, 3})});
  ASSERT_TRUE(bool(w)) << llvm::toString(w.takeError());
  EXPECT_EQ(floats({f32({1, 1}, {1}), *w}).at(0), std::fma(3.0f, 0.1f, -0.3f));
}

TEST_F(LinalgTest, MatmulChecksSizes) {
  load(matmul);
  HostTensor y = f32({2, 2}, {0, 0, 0, 0});
  expectError("operand #1 of size 2 does not fit indices from 0 to 2",
              {f32({2, 3}, {1, 2, 3, 4, 5, 6}), f32({2, 2}, {1, 2, 3, 4}), y});
  // Every index is in bounds, but one dimension is not covered.
  expectError("operand #1 of size 3 does not fit indices from 0 to 1",
              {f32({2, 2}, {1, 2, 3, 4}), f32({2, 3}, {1, 2, 3, 4, 5, 6}), y});
}

TEST_F(LinalgTest, EmptyContractions) {
  load(matmul);
  EXPECT_EQ(floats({f32({0, 3}, {}), f32({1, 3}, {1, 2, 3}), f32({0, 1}, {})}),
            std::vector<double>{});
  EXPECT_EQ(floats({f32({1, 0}, {}), f32({2, 0}, {}), f32({1, 2}, {5, 6})}),
            (std::vector<double>{5, 6}));
}

TEST_F(LinalgTest, BatchedContraction) {
  // Batch in front, the left operand transposed, the result with the batch
  // last.
  load(R"(
    func.func @f(%x: tensor<2x3x2xf32>, %w: tensor<3x2x1xf32>, %y: tensor<2x1x2xf32>) -> tensor<2x1x2xf32> {
      %0 = linalg.generic {
          indexing_maps = [affine_map<(b, m, n, k) -> (b, k, m)>, affine_map<(b, m, n, k) -> (k, b, n)>, affine_map<(b, m, n, k) -> (m, n, b)>],
          iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
          ins(%x, %w : tensor<2x3x2xf32>, tensor<3x2x1xf32>) outs(%y : tensor<2x1x2xf32>) {
        ^bb0(%a: f32, %b: f32, %c: f32):
          %1 = arith.mulf %b, %a : f32
          %2 = arith.addf %c, %1 : f32
          linalg.yield %2 : f32
      } -> tensor<2x1x2xf32>
      return %0 : tensor<2x1x2xf32>
    })");
  HostTensor x = f32({2, 3, 2}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  HostTensor w = f32({3, 2, 1}, {1, 10, 2, 20, 3, 30});
  // [m][b]: 1*1 + 3*2 + 5*3 = 22, 7*10 + 9*20 + 11*30 = 580; 28, 640.
  EXPECT_EQ(floats({x, w, f32({2, 1, 2}, {0, 0, 0, 1})}),
            (std::vector<double>{22, 580, 28, 641}));
}

TEST_F(LinalgTest, IntegerContraction) {
  load(R"(
    func.func @f(%x: tensor<1x2xi8>, %w: tensor<2x1xi8>, %y: tensor<1x1xi32>) -> tensor<1x1xi32> {
      %0 = linalg.generic {
          indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>],
          iterator_types = ["parallel", "parallel", "reduction"]}
          ins(%x, %w : tensor<1x2xi8>, tensor<2x1xi8>) outs(%y : tensor<1x1xi32>) {
        ^bb0(%a: i8, %b: i8, %c: i32):
          %1 = arith.extui %a : i8 to i32
          %2 = arith.extsi %b : i8 to i32
          %3 = arith.muli %2, %1 : i32
          %4 = arith.addi %c, %3 : i32
          linalg.yield %4 : i32
      } -> tensor<1x1xi32>
      return %0 : tensor<1x1xi32>
    })");
  auto bytes = [&](StringRef type, ComponentData data) {
    auto result = HostTensor::get(tensorType(type), {std::move(data)});
    EXPECT_TRUE(bool(result));
    return *result;
  };
  // 255 * -1 + 2 * 3 + 7; with the left operand signed it would be 14.
  EXPECT_EQ(integers({bytes("tensor<1x2xi8>", {255, 2}),
                      bytes("tensor<2x1xi8>", {255, 3}), i32({1, 1}, {7})})
                .at(0),
            -242);
  EXPECT_EQ(
      integers({bytes("tensor<1x2xi8>", {255, 0}),
                bytes("tensor<2x1xi8>", {127, 3}), i32({1, 1}, {INT32_MAX})})
          .at(0),
      INT32_MIN + 255 * 127 - 1);
}

TEST_F(LinalgTest, BodiesThatOnlyLookLikeProducts) {
  // exp(a) * b is no sum of products of the inputs.
  load(R"(
    func.func @f(%x: tensor<2xf32>, %w: tensor<2xf32>, %y: tensor<f32>) -> tensor<f32> {
      %0 = linalg.generic {
          indexing_maps = [affine_map<(k) -> (k)>, affine_map<(k) -> (k)>, affine_map<(k) -> ()>],
          iterator_types = ["reduction"]}
          ins(%x, %w : tensor<2xf32>, tensor<2xf32>) outs(%y : tensor<f32>) {
        ^bb0(%a: f32, %b: f32, %c: f32):
          %1 = math.exp2 %a : f32
          %2 = arith.mulf %1, %b : f32
          %3 = arith.addf %c, %2 : f32
          linalg.yield %3 : f32
      } -> tensor<f32>
      return %0 : tensor<f32>
    })");
  HostTensor x = f32({2}, {1, 3}), w = f32({2}, {3, 1}), y = f32({}, {1});
  EXPECT_EQ(floats({x, w, y}).at(0), 15);
  linalg::LinalgOp op;
  module->walk([&](linalg::LinalgOp found) { op = found; });
  auto magnitudes = getContractionMagnitudes(op, {x, w, y});
  ASSERT_FALSE(bool(magnitudes));
  EXPECT_NE(llvm::toString(magnitudes.takeError())
                .find("is not a sum of products of its two inputs"),
            std::string::npos);
}

TEST_F(LinalgTest, Magnitudes) {
  load(matmul);
  HostTensor x = f32({1, 3}, {1, -2, 3}), w = f32({1, 3}, {10, 10, -10});
  HostTensor y = f32({1, 1}, {-5});
  EXPECT_EQ(tensor({x, w, y}).getMagnitudes(), nullptr);
  options.recordMagnitudes = true;
  HostTensor result = tensor({x, w, y});
  EXPECT_EQ(result.getDoubles(), std::vector<double>{-45});
  ASSERT_NE(result.getMagnitudes(), nullptr);
  EXPECT_EQ(result.getMagnitudes()->getDoubles(), std::vector<double>{65});
}

TEST_F(LinalgTest, MagnitudesOfAnInnerContraction) {
  load(R"(
    func.func @f(%x: tensor<2xf32>, %w: tensor<2xf32>, %y: tensor<f32>) -> tensor<f32> {
      %0 = linalg.dot ins(%x, %w : tensor<2xf32>, tensor<2xf32>) outs(%y : tensor<f32>) -> tensor<f32>
      %1 = arith.negf %0 : tensor<f32>
      return %1 : tensor<f32>
    })");
  options.recordMagnitudes = true;
  Evaluator evaluator(*module, source, options);
  linalg::LinalgOp dot;
  module->walk([&](linalg::LinalgOp op) { dot = op; });
  EXPECT_EQ(evaluator.getMagnitudes(dot), nullptr);
  auto results =
      evaluator.call("f", {f32({2}, {1, -2}), f32({2}, {3, 4}), f32({}, {0})});
  ASSERT_TRUE(bool(results));
  EXPECT_EQ(std::get<HostTensor>((*results)[0]).getDoubles(),
            std::vector<double>{5});
  EXPECT_EQ(std::get<HostTensor>((*results)[0]).getMagnitudes(), nullptr);
  ASSERT_NE(evaluator.getMagnitudes(dot), nullptr);
  EXPECT_EQ(evaluator.getMagnitudes(dot)->getDoubles(),
            std::vector<double>{11});
}

} // namespace
