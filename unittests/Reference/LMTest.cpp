//===- LMTest.cpp - Transformer ops ---------------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EvaluatorTest.h"

#include "compress/Reference/HostCache.h"

#include <cmath>
#include <random>

using namespace mlir;
using namespace mlir::compress;

namespace {

class LMTest : public EvaluatorTest {
protected:
  std::shared_ptr<HostCache> makeCache(StringRef text) {
    return std::make_shared<HostCache>(cast<lm::CacheType>(type(text)));
  }
  std::vector<float> random(size_t count) {
    std::normal_distribution<float> distribution;
    std::vector<float> values(count);
    for (float &value : values)
      value = distribution(generator);
    return values;
  }
  std::mt19937 generator{5};
};

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

TEST_F(LMTest, GathersRows) {
  load(R"(
    func.func @f(%t: tensor<3x2xf32>, %r: tensor<?xi32>) -> tensor<?x2xf32> {
      %0 = lm.gather_rows %t[%r] : tensor<3x2xf32>[tensor<?xi32>] -> tensor<?x2xf32>
      return %0 : tensor<?x2xf32>
    })");
  HostTensor table = f32({3, 2}, {0, 1, 10, 11, 20, 21});
  EXPECT_EQ(floats({table, i32({3}, {2, 0, 2})}),
            (std::vector<double>{20, 21, 0, 1, 20, 21}));
  expectError("the table has no row 3 among 3", {table, i32({1}, {3})});
  expectError("the table has no row -1 among 3", {table, i32({1}, {-1})});
}

TEST_F(LMTest, GathersRowsOfEncodedTables) {
  load(R"(
    #q = #quantized.affine<i8, block = [1, 2], scale = f32>
    func.func @f(%t: tensor<3x2xf32, #q>, %r: tensor<?xi32>) -> tensor<?x2xf32> {
      %0 = lm.gather_rows %t[%r] : tensor<3x2xf32, #q>[tensor<?xi32>] -> tensor<?x2xf32>
      return %0 : tensor<?x2xf32>
    })");
  auto table =
      f32({3, 2}, {0, 127, 254, 2, -127, 1})
          .encode(tensorType("tensor<3x2xf32, #quantized.affine<i8, block = "
                             "[1, 2], scale = f32>>"));
  ASSERT_TRUE(bool(table));
  EXPECT_EQ(floats({*table, i32({2}, {1, 2})}),
            (std::vector<double>{254, 2, -127, 1}));
}

//===----------------------------------------------------------------------===//
// Mixtures of experts
//===----------------------------------------------------------------------===//

/// Of equal logits the lower column comes first; NaN is below all numbers, and
/// a column is taken once.
TEST_F(LMTest, RoutesToTheLargest) {
  load(R"(
    func.func @f(%l: tensor<?x4xf32>) -> tensor<?x3xi32> {
      %0:2 = lm.route %l : tensor<?x4xf32> -> tensor<?x3xf32>, tensor<?x3xi32>
      return %0#1 : tensor<?x3xi32>
    })");
  float none = -INFINITY;
  EXPECT_EQ(integers({f32({4, 4}, {1, 3, 1, 2, 5, 5, 5, 5, none, NAN, none, 0,
                                   NAN, NAN, NAN, -1})}),
            (std::vector<int64_t>{1, 3, 0, 0, 1, 2, 3, 0, 1, 3, 0, 1}));
}

TEST_F(LMTest, WeighsExperts) {
  for (bool normalize : {false, true}) {
    load(std::string(R"(
      func.func @f(%l: tensor<?x3xf32>) -> tensor<?x2xf32> {
        %0:2 = lm.route %l )") +
         (normalize ? "{normalize}" : "") +
         R"( : tensor<?x3xf32> -> tensor<?x2xf32>, tensor<?x2xi32>
        return %0#0 : tensor<?x2xf32>
      })");
    // Logarithms of 1, 4 and 3.
    std::vector<double> result =
        floats({f32({1, 3}, {0, std::log(4.0f), std::log(3.0f)})});
    EXPECT_FLOAT_EQ(result[0], 4.0 / (normalize ? 7 : 8));
    EXPECT_FLOAT_EQ(result[1], 3.0 / (normalize ? 7 : 8));
  }
}

TEST_F(LMTest, DispatchesAndCombines) {
  load(R"(
    func.func @f(%x: tensor<?x2xf32>, %e: tensor<?x2xi32>) -> tensor<?x2xf32> {
      %0 = lm.dispatch %x, %e : tensor<?x2xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
      return %0 : tensor<?x2xf32>
    })");
  HostTensor experts = i32({2, 2}, {0, 1, 1, 0});
  EXPECT_EQ(floats({f32({2, 2}, {1, 2, 3, 4}), experts}),
            (std::vector<double>{1, 2, 1, 2, 3, 4, 3, 4}));
  expectError("operands differ in their number of rows: 1 and 2",
              {f32({1, 2}, {1, 2}), experts});
  load(R"(
    func.func @f(%y: tensor<?x2xf32>, %w: tensor<?x2xf32>) -> tensor<?x2xf32> {
      %0 = lm.combine %y, %w : tensor<?x2xf32>, tensor<?x2xf32> -> tensor<?x2xf32>
      return %0 : tensor<?x2xf32>
    })");
  HostTensor weights = f32({2, 2}, {0.5, 0.25, 2, 0});
  EXPECT_EQ(floats({f32({4, 2}, {2, 4, 8, 0, 1, 3, 9, 9}), weights}),
            (std::vector<double>{3, 2, 2, 6}));
  expectError("there are 2 rows for 4 weights",
              {f32({2, 2}, {1, 2, 3, 4}), weights});
}

TEST_F(LMTest, GathersExperts) {
  for (const char *encoding :
       {"", ", #quantized.affine<i8, block = [1, 1, 2], scale = f32>"}) {
    std::string stack =
        (llvm::Twine("tensor<3x1x2xf32") + encoding + ">").str();
    std::string result =
        (llvm::Twine("tensor<?x1x2xf32") + encoding + ">").str();
    load("func.func @f(%w: " + stack +
         ", %e: tensor<?x2xi32>) -> tensor<?x1x2xf32> {\n"
         "  %0 = lm.gather_experts %w[%e] : " +
         stack + "[tensor<?x2xi32>] -> " + result +
         (*encoding ? "\n  %1 = compress.decode %0 : " + result +
                          " to tensor<?x1x2xf32>\n  return %1"
                    : "\n  return %0") +
         " : tensor<?x1x2xf32>\n}");
    auto weights =
        f32({3, 1, 2}, {0, 127, 254, 2, -127, 1}).encode(tensorType(stack));
    if (!weights) {
      ADD_FAILURE() << llvm::toString(weights.takeError());
      continue;
    }
    auto plain = llvm::cantFail(weights->decode()).getFloats().vec();
    EXPECT_EQ(floats({*weights, i32({1, 2}, {2, 0})}),
              (std::vector<double>{plain[4], plain[5], plain[0], plain[1]}))
        << encoding;
    expectError("there is no expert 3 among 3",
                {*weights, i32({1, 2}, {0, 3})});
    expectError("there is no expert -1 among 3",
                {*weights, i32({1, 2}, {-1, 0})});
  }
}

TEST_F(LMTest, MatricesOfBlocksCantBeTaken) {
  load(R"(
    #b = #sparse.block<[1, 2], values = f32>
    func.func @f(%w: tensor<2x1x4xf32, #b>, %e: tensor<1x1xi32>) -> tensor<1x1x4xf32, #b> {
      %0 = lm.gather_experts %w[%e] : tensor<2x1x4xf32, #b>[tensor<1x1xi32>] -> tensor<1x1x4xf32, #b>
      return %0 : tensor<1x1x4xf32, #b>
    })");
  auto weights =
      f32({2, 1, 4}, {0, 0, 1, 2, 3, 4, 0, 0})
          .encode(tensorType(
              "tensor<2x1x4xf32, #sparse.block<[1, 2], values = f32>>"));
  ASSERT_TRUE(bool(weights)) << llvm::toString(weights.takeError());
  expectError("matrices can't be taken one by one out of block<",
              {*weights, i32({1, 1}, {0})});
}

TEST_F(LMTest, NormalizesRows) {
  load(R"(
    func.func @f(%x: tensor<?x2xf32>, %w: tensor<2xf32>) -> tensor<?x2xf32> {
      %0 = lm.rms_norm %x, %w {epsilon = 2.5 : f32} : tensor<?x2xf32>, tensor<2xf32>
      return %0 : tensor<?x2xf32>
    })");
  // The mean square of (1, 5) is 13.
  std::vector<double> result =
      floats({f32({2, 2}, {1, 5, 0, 0}), f32({2}, {2, -1})});
  double scale = std::sqrt(15.5);
  EXPECT_FLOAT_EQ(result[0], 2 / scale);
  EXPECT_FLOAT_EQ(result[1], -5 / scale);
  EXPECT_EQ(result[2], 0);
  EXPECT_EQ(result[3], 0);
}

TEST_F(LMTest, CentersRows) {
  load(R"(
    func.func @f(%x: tensor<?x4xf32>, %w: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<?x4xf32> {
      %0 = lm.layer_norm %x, %w, %b {epsilon = 3.0 : f32} : tensor<?x4xf32>, tensor<4xf32>, tensor<4xf32>
      return %0 : tensor<?x4xf32>
    })");
  // The mean of the first row is 3, its variance 13.
  std::vector<double> result =
      floats({f32({2, 4}, {-2, 2, 4, 8, 7, 7, 7, 7}), f32({4}, {1, 2, 1, -1}),
              f32({4}, {0, 0, 1, 0.5f})});
  std::vector<double> expected = {-1.25, -0.5, 1.25, -0.75, 0, 0, 1, 0.5};
  EXPECT_EQ(result, expected);
  load(R"(
    func.func @f(%x: tensor<?x4xf32>, %w: tensor<4xf32>) -> tensor<?x4xf32> {
      %0 = lm.layer_norm %x, %w {epsilon = 3.0 : f32} : tensor<?x4xf32>, tensor<4xf32>
      return %0 : tensor<?x4xf32>
    })");
  expected = {-1.25, -0.5, 0.25, -1.25};
  EXPECT_EQ(floats({f32({1, 4}, {-2, 2, 4, 8}), f32({4}, {1, 2, 1, -1})}),
            expected);
}

//===----------------------------------------------------------------------===//
// Rotary embeddings
//===----------------------------------------------------------------------===//

TEST_F(LMTest, RotaryTable) {
  load(R"(
    func.func @f(%p: tensor<?xi32>, %w: tensor<2xf32>) -> tensor<?x4xf32> {
      %0 = lm.rotary_table %p, %w : tensor<?xi32>, tensor<2xf32> -> tensor<?x4xf32>
      return %0 : tensor<?x4xf32>
    })");
  std::vector<double> result = floats({i32({2}, {0, 3}), f32({2}, {1, 0.5f})});
  std::vector<double> expected = {
      1, 1, 0, 0, std::cos(3.0), std::cos(1.5), std::sin(3.0), std::sin(1.5)};
  for (auto [value, wanted] : llvm::zip_equal(result, expected))
    EXPECT_EQ(value, static_cast<float>(wanted));
}

TEST_F(LMTest, RotatesPairs) {
  // A quarter turn for pair 0, none for pair 1: (a, b) -> (-b, a).
  HostTensor table = f32({1, 4}, {0, 1, 1, 0});
  HostTensor x = f32({1, 10}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  load(R"(
    func.func @f(%x: tensor<?x10xf32>, %t: tensor<?x4xf32>) -> tensor<?x10xf32> {
      %0 = lm.rope %x, %t {head_dim = 5 : i64} : tensor<?x10xf32>, tensor<?x4xf32>
      return %0 : tensor<?x10xf32>
    })");
  EXPECT_EQ(floats({x, table}),
            (std::vector<double>{-3, 2, 1, 4, 5, -8, 7, 6, 9, 10}));
  expectError("operands differ in their number of rows: 1 and 2",
              {x, f32({2, 4}, {0, 1, 1, 0, 0, 1, 1, 0})});
  load(R"(
    func.func @f(%x: tensor<?x10xf32>, %t: tensor<?x4xf32>) -> tensor<?x10xf32> {
      %0 = lm.rope %x, %t {head_dim = 5 : i64, interleaved} : tensor<?x10xf32>, tensor<?x4xf32>
      return %0 : tensor<?x10xf32>
    })");
  EXPECT_EQ(floats({x, table}),
            (std::vector<double>{-2, 1, 3, 4, 5, -7, 6, 8, 9, 10}));
}

//===----------------------------------------------------------------------===//
// The cache
//===----------------------------------------------------------------------===//

const char *const cacheType =
    "!lm.cache<layers = 2, heads = 1, head_dim = 2, values = f16>";

TEST_F(LMTest, CacheRoundsToItsType) {
  auto cache = makeCache(cacheType);
  ASSERT_FALSE(bool(cache->append(1, 3, 4, {0.1f, 1}, {2, 65536})));
  EXPECT_EQ(cantFail(cache->getKeys(1, 3, 4, 4)),
            (ArrayRef<float>{0.0999755859375f, 1}));
  EXPECT_EQ(cantFail(cache->getValues(1, 3, 4)),
            (ArrayRef<float>{2, INFINITY}));
  // Appending again replaces.
  ASSERT_FALSE(bool(cache->append(1, 3, 4, {5, 6}, {7, 8})));
  EXPECT_EQ(cantFail(cache->getKeys(1, 3, 4, 4)), (ArrayRef<float>{5, 6}));
}

TEST_F(LMTest, CacheEncodesPerToken) {
  auto cache = makeCache(
      "!lm.cache<layers = 1, heads = 2, head_dim = 2, values = "
      "#quantized.affine<i8, block = [1, -1], scale = f32, narrow = true>>");
  ASSERT_FALSE(
      bool(cache->append(0, 0, 0, {127, 0.6f, 254, 3}, {0, 0, -127, 0.4f})));
  EXPECT_EQ(cantFail(cache->getKeys(0, 0, 0, 0)),
            (ArrayRef<float>{127, 1, 254, 4}));
  EXPECT_EQ(cantFail(cache->getValues(0, 0, 0)),
            (ArrayRef<float>{0, 0, -127, 0}));
  EXPECT_TRUE(
      llvm::errorToBool(cache->append(0, 0, 1, {NAN, 0, 0, 0}, {0, 0, 0, 0})));
  EXPECT_TRUE(
      llvm::errorToBool(cache->append(0, 0, 1, {0, 0, 0, 0}, {0, NAN, 0, 0})));
}

TEST_F(LMTest, CacheEncodesGroupsOfKeys) {
  // A column of 16 positions has one scale; 1/3 is not representable in f16.
  auto cache = makeCache(
      "!lm.cache<layers = 1, heads = 2, head_dim = 1, keys = "
      "#quantized.affine<i8, block = [16, 1], scale = f32, narrow = true>, "
      "values = f32>");
  float third = 1.0f / 3, rounded = 0.333251953125f;
  for (int64_t p = 0; p < 15; ++p) {
    ASSERT_FALSE(bool(cache->append(0, 0, p, {p * 2.0f, third}, {1, third})));
    ASSERT_FALSE(bool(cache->encodeKeys(0, 0, p)));
  }
  EXPECT_EQ(llvm::toString(cache->encodeKeys(0, 0, 15)),
            "nothing was stored in layer 0 at position 15 of sequence 0");
  ASSERT_FALSE(bool(cache->append(0, 0, 15, {254, 127}, {1, third})));
  EXPECT_EQ(llvm::toString(cache->getKeys(0, 0, 3, 16).takeError()),
            "the keys at position 3 of sequence 0 were not encoded since they "
            "were stored in layer 0");
  ASSERT_FALSE(bool(cache->encodeKeys(0, 0, 15)));
  // Scales are 2 and 1. A query of the same group sees f16.
  EXPECT_EQ(cantFail(cache->getKeys(0, 0, 3, 15)),
            (ArrayRef<float>{6, rounded}));
  EXPECT_EQ(cantFail(cache->getKeys(0, 0, 3, 16)), (ArrayRef<float>{6, 0}));
  EXPECT_EQ(cantFail(cache->getKeys(0, 0, 15, 40)),
            (ArrayRef<float>{254, 127}));
  EXPECT_EQ(cantFail(cache->getValues(0, 0, 3)), (ArrayRef<float>{1, third}));
  // Who forgets tokens and appends others sees no codes of the old ones.
  ASSERT_FALSE(bool(cache->append(0, 0, 15, {1, 1}, {1, 1})));
  EXPECT_TRUE(llvm::errorToBool(cache->getKeys(0, 0, 3, 16).takeError()));
  EXPECT_TRUE(llvm::errorToBool(cache->encodeKeys(1, 0, 15)));
}

TEST_F(LMTest, CacheChecksIndices) {
  auto cache = makeCache(cacheType);
  EXPECT_EQ(llvm::toString(cache->append(2, 0, 0, {1, 2}, {1, 2})),
            "the cache has no layer 2 among 2");
  EXPECT_EQ(llvm::toString(cache->append(0, -1, 0, {1, 2}, {1, 2})),
            "the cache has no sequence -1, position 0");
  EXPECT_EQ(llvm::toString(cache->getValues(0, 1, 2).takeError()),
            "nothing was stored in layer 0 at position 2 of sequence 1");
  EXPECT_EQ(llvm::toString(cache->getKeys(-1, 1, 2, 2).takeError()),
            "the cache has no layer -1 among 2");
}

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

const char *const cachedAttention = R"(
  !cache = !lm.cache<layers = 2, heads = 2, head_dim = 3, values = f32>
  func.func @f(%q: tensor<?x12xf32>, %k: tensor<?x6xf32>, %v: tensor<?x6xf32>,
               %s: tensor<?xi32>, %p: tensor<?xi32>, %c: !cache, %l: index) -> tensor<?x12xf32> {
    lm.kv_append %c[%l], %s, %p, %k, %v : !cache, tensor<?xi32>, tensor<?xi32>, tensor<?x6xf32>, tensor<?x6xf32>
    %0 = lm.cached_attention %q, %c[%l], %s, %p {scale = 0.5 : f32} : tensor<?x12xf32>, !cache, tensor<?xi32>, tensor<?xi32>
    return %0 : tensor<?x12xf32>
  })";
const char *const smallCache =
    "!lm.cache<layers = 2, heads = 2, head_dim = 3, values = f32>";

/// Attention of one token, written down anew: softmax without the subtraction
/// of the maximum, head by head. Queries have 4 heads of 3, keys 2.
static std::vector<double> attend(const float *query, const float *keys,
                                  const float *values, int64_t positions,
                                  int64_t first = 0, double cap = 0) {
  std::vector<double> result(12);
  for (int head = 0; head < 4; ++head) {
    double total = 0;
    for (int64_t p = first; p < positions; ++p) {
      double score = 0;
      for (int i = 0; i < 3; ++i)
        score += 0.5 * query[head * 3 + i] * keys[p * 6 + head / 2 * 3 + i];
      if (cap > 0)
        score = cap * std::tanh(score / cap);
      total += std::exp(score);
      for (int i = 0; i < 3; ++i)
        result[head * 3 + i] +=
            std::exp(score) * values[p * 6 + head / 2 * 3 + i];
    }
    for (int i = 0; i < 3; ++i)
      result[head * 3 + i] /= total;
  }
  return result;
}

TEST_F(LMTest, AttendsToTheCache) {
  load(cachedAttention);
  std::vector<float> q = random(5 * 12), k = random(5 * 6), v = random(5 * 6);
  HostTensor sequence = i32({5}, {0, 0, 0, 0, 0});
  std::vector<double> whole = floats(
      {f32({5, 12}, q), f32({5, 6}, k), f32({5, 6}, v), sequence,
       i32({5}, {0, 1, 2, 3, 4}), makeCache(smallCache), integer("index", 1)});
  for (int64_t t = 0; t < 5; ++t) {
    std::vector<double> expected =
        attend(q.data() + t * 12, k.data(), v.data(), t + 1);
    for (int64_t i = 0; i < 12; ++i)
      EXPECT_NEAR(whole[t * 12 + i], expected[i], 1e-6);
  }
}

TEST_F(LMTest, WindowsAndSoftCaps) {
  load(R"(
    !cache = !lm.cache<layers = 2, heads = 2, head_dim = 3, values = f32>
    func.func @f(%q: tensor<?x12xf32>, %k: tensor<?x6xf32>, %v: tensor<?x6xf32>,
                 %s: tensor<?xi32>, %p: tensor<?xi32>, %c: !cache, %l: index) -> tensor<?x12xf32> {
      lm.kv_append %c[%l], %s, %p, %k, %v : !cache, tensor<?xi32>, tensor<?xi32>, tensor<?x6xf32>, tensor<?x6xf32>
      %0 = lm.cached_attention %q, %c[%l], %s, %p {scale = 0.5 : f32, window = 2 : i64, soft_cap = 0.75 : f32} : tensor<?x12xf32>, !cache, tensor<?xi32>, tensor<?xi32>
      return %0 : tensor<?x12xf32>
    })");
  std::vector<float> q = random(6 * 12), k = random(6 * 6), v = random(6 * 6);
  std::vector<double> cached =
      floats({f32({6, 12}, q), f32({6, 6}, k), f32({6, 6}, v),
              i32({6}, {0, 0, 0, 0, 0, 0}), i32({6}, {0, 1, 2, 3, 4, 5}),
              makeCache(smallCache), integer("index", 1)});
  load(R"(
    func.func @f(%q: tensor<?x?x12xf32>, %k: tensor<?x?x6xf32>, %v: tensor<?x?x6xf32>) -> tensor<?x?x12xf32> {
      %0 = lm.attention %q, %k, %v {head_dim = 3 : i64, scale = 0.5 : f32, window = 2 : i64, soft_cap = 0.75 : f32} : tensor<?x?x12xf32>, tensor<?x?x6xf32>
      return %0 : tensor<?x?x12xf32>
    })");
  std::vector<double> pure =
      floats({f32({1, 6, 12}, q), f32({1, 6, 6}, k), f32({1, 6, 6}, v)});
  for (int64_t t = 0; t < 6; ++t) {
    std::vector<double> expected =
        attend(q.data() + t * 12, k.data(), v.data(), t + 1,
               std::max<int64_t>(0, t - 1), 0.75);
    for (int64_t i = 0; i < 12; ++i) {
      EXPECT_NEAR(cached[t * 12 + i], expected[i], 1e-6);
      EXPECT_EQ(cached[t * 12 + i], pure[t * 12 + i]);
    }
  }
}

TEST_F(LMTest, RaggedBatchesEqualSingleSequences) {
  load(cachedAttention);
  std::vector<float> q = random(5 * 12), k = random(5 * 6), v = random(5 * 6);
  // Sequence 7 has tokens 0, 2, 4; sequence 2 has tokens 1, 3; in two calls.
  auto batch = makeCache(smallCache);
  std::vector<double> first = floats(
      {f32({3, 12}, ArrayRef<float>(q).take_front(36)),
       f32({3, 6}, ArrayRef<float>(k).take_front(18)),
       f32({3, 6}, ArrayRef<float>(v).take_front(18)), i32({3}, {7, 2, 7}),
       i32({3}, {0, 0, 1}), batch, integer("index", 0)});
  std::vector<double> second =
      floats({f32({2, 12}, ArrayRef<float>(q).drop_front(36)),
              f32({2, 6}, ArrayRef<float>(k).drop_front(18)),
              f32({2, 6}, ArrayRef<float>(v).drop_front(18)), i32({2}, {2, 7}),
              i32({2}, {1, 2}), batch, integer("index", 0)});
  std::vector<double> all(first);
  llvm::append_range(all, second);
  for (std::vector<int> tokens :
       {std::vector<int>{0, 2, 4}, std::vector<int>{1, 3}}) {
    auto alone = makeCache(smallCache);
    for (auto [position, t] : llvm::enumerate(tokens)) {
      std::vector<double> result =
          floats({f32({1, 12}, ArrayRef<float>(q).slice(t * 12, 12)),
                  f32({1, 6}, ArrayRef<float>(k).slice(t * 6, 6)),
                  f32({1, 6}, ArrayRef<float>(v).slice(t * 6, 6)),
                  i32({1}, {0}), i32({1}, {static_cast<int32_t>(position)}),
                  alone, integer("index", 1)});
      for (int64_t i = 0; i < 12; ++i)
        EXPECT_EQ(result[i], all[t * 12 + i]);
    }
  }
}

TEST_F(LMTest, AttentionChecksTheCache) {
  load(cachedAttention);
  auto arguments = [&](std::vector<int32_t> position, int64_t rows,
                       int64_t layer) {
    return SmallVector<RuntimeValue>{
        f32({rows, 12}, std::vector<float>(rows * 12)),
        f32({rows, 6}, std::vector<float>(rows * 6)),
        f32({rows, 6}, std::vector<float>(rows * 6)),
        i32({1}, {0}),
        i32({1}, position),
        makeCache(smallCache),
        integer("index", layer)};
  };
  expectError("'lm.cached_attention': nothing was stored in layer 0 at "
              "position 0 of sequence 0",
              arguments({1}, 1, 0));
  expectError("'lm.kv_append': the cache has no layer 2 among 2",
              arguments({0}, 1, 2));
  expectError(
      "'lm.kv_append': operands differ in their number of rows: 2 and 1",
      arguments({0}, 2, 0));
  load(R"(
    !cache = !lm.cache<layers = 2, heads = 2, head_dim = 3, values = f32>
    func.func @f(%q: tensor<?x12xf32>, %s: tensor<?xi32>, %p: tensor<?xi32>, %c: !cache, %l: index) -> tensor<?x12xf32> {
      %0 = lm.cached_attention %q, %c[%l], %s, %p {scale = 0.5 : f32} : tensor<?x12xf32>, !cache, tensor<?xi32>, tensor<?xi32>
      return %0 : tensor<?x12xf32>
    })");
  expectError("a token's position can't be negative, got -1",
              {f32({1, 12}, random(12)), i32({1}, {0}), i32({1}, {-1}),
               makeCache(smallCache), integer("index", 0)});
  expectError("operands differ in their number of rows: 1 and 2",
              {f32({1, 12}, random(12)), i32({2}, {0, 0}), i32({1}, {0}),
               makeCache(smallCache), integer("index", 0)});
}

TEST_F(LMTest, PureAttention) {
  load(R"(
    func.func @f(%q: tensor<?x?x12xf32>, %k: tensor<?x?x6xf32>, %v: tensor<?x?x6xf32>) -> tensor<?x?x12xf32> {
      %0 = lm.attention %q, %k, %v {head_dim = 3 : i64, scale = 0.5 : f32} : tensor<?x?x12xf32>, tensor<?x?x6xf32>
      return %0 : tensor<?x?x12xf32>
    })");
  std::vector<float> q = random(6 * 12), k = random(6 * 6), v = random(6 * 6);
  HostTensor keys = f32({2, 3, 6}, k), values = f32({2, 3, 6}, v);
  std::vector<double> result = floats({f32({2, 3, 12}, q), keys, values});
  for (int64_t batch = 0; batch < 2; ++batch)
    for (int64_t t = 0; t < 3; ++t) {
      std::vector<double> expected =
          attend(q.data() + (batch * 3 + t) * 12, k.data() + batch * 18,
                 v.data() + batch * 18, t + 1);
      for (int64_t i = 0; i < 12; ++i)
        EXPECT_NEAR(result[(batch * 3 + t) * 12 + i], expected[i], 1e-6);
    }
  expectError("keys and values have the query's batch and tokens",
              {f32({3, 2, 12}, q), keys, values});
}

TEST_F(LMTest, BidirectionalAttention) {
  load(R"(
    func.func @f(%q: tensor<?x?x12xf32>, %k: tensor<?x?x6xf32>, %v: tensor<?x?x6xf32>) -> tensor<?x?x12xf32> {
      %0 = lm.attention %q, %k, %v {bidirectional, head_dim = 3 : i64, scale = 0.5 : f32} : tensor<?x?x12xf32>, tensor<?x?x6xf32>
      return %0 : tensor<?x?x12xf32>
    })");
  std::vector<float> q = random(6 * 12), k = random(6 * 6), v = random(6 * 6);
  std::vector<double> result =
      floats({f32({2, 3, 12}, q), f32({2, 3, 6}, k), f32({2, 3, 6}, v)});
  // Each token sees the three of its own text.
  for (int64_t row = 0; row < 6; ++row) {
    int64_t text = row / 3;
    std::vector<double> expected =
        attend(q.data() + row * 12, k.data() + text * 18, v.data() + text * 18,
               /*positions=*/3);
    for (int64_t i = 0; i < 12; ++i)
      EXPECT_NEAR(result[row * 12 + i], expected[i], 1e-6);
  }
}

} // namespace
