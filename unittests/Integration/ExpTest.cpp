//===- ExpTest.cpp - exp and tanh of generated code -----------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CompiledModule.h"

#include "gtest/gtest.h"

#include <cmath>

using namespace mlir;
using namespace mlir::compress;
using namespace mlir::compress::test;

namespace {

const char *kExp = R"(
func.func @f(%x: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %zero = arith.constant 0 : index
  %rows = tensor.dim %x, %zero : tensor<?x16xf32>
  %empty = tensor.empty(%rows) : tensor<?x16xf32>
  %y = linalg.exp ins(%x : tensor<?x16xf32>) outs(%empty : tensor<?x16xf32>) -> tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}
)";

/// Every value whose lowest 12 bits are zero: all signs, exponents, infinities,
/// NaN, and 2048 steps per binade; and what lies around the ends of the range.
std::vector<float> makeArguments() {
  std::vector<float> values;
  for (uint32_t i = 0; i < (1u << 20); ++i)
    values.push_back(llvm::bit_cast<float>(i << 12));
  for (float end : {-87.336540f, 88.722832f})
    for (int32_t step = -100; step < 100; ++step)
      values.push_back(llvm::bit_cast<float>(
          static_cast<uint32_t>(llvm::bit_cast<int32_t>(end) + step)));
  values.resize(llvm::alignTo(values.size(), 16));
  return values;
}

class ExpTest : public testing::TestWithParam<const char *> {};

TEST_P(ExpTest, HasTheBitsOfTheDefinition) {
  auto module = CompiledModule::create(kExp, GetParam());
  ASSERT_TRUE(bool(module)) << llvm::toString(module.takeError());
  ASSERT_FALSE(bool((*module)->bind({})));
  std::vector<float> x = makeArguments();
  SmallVector<int64_t> shape = {static_cast<int64_t>(x.size()) / 16, 16};
  auto result = (*module)->run("f", shape, x, shape);
  ASSERT_TRUE(bool(result)) << llvm::toString(result.takeError());
  auto expected = (*module)->evaluate("f", shape, x, Arithmetic::Generated);
  ASSERT_TRUE(bool(expected)) << llvm::toString(expected.takeError());
  int wrong = 0;
  for (auto [i, y] : llvm::enumerate(*result)) {
    double exact = std::exp(static_cast<double>(x[i]));
    bool ok;
    if (std::isnan(x[i])) {
      ok = std::isnan(y);
    } else {
      ok = llvm::bit_cast<uint32_t>(y) ==
           llvm::bit_cast<uint32_t>(expected->values[i]);
      // Two units in the last place; less than the least normal number is zero.
      if (exact < 0x1.000002p-126)
        ok &= y == 0 || y == 0x1p-126f;
      else if (exact > 0x1.fffffep127)
        ok &= std::isinf(y);
      else
        ok &= std::abs(y - exact) <= std::ldexp(exact, -23);
    }
    if (!ok && ++wrong < 4)
      ADD_FAILURE() << "exp(" << x[i] << ") is " << y << ", by definition "
                    << expected->values[i] << ", exactly " << exact;
  }
  EXPECT_EQ(wrong, 0);
}

const char *kTanh = R"(
func.func @f(%x: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %zero = arith.constant 0 : index
  %rows = tensor.dim %x, %zero : tensor<?x16xf32>
  %empty = tensor.empty(%rows) : tensor<?x16xf32>
  %y = linalg.tanh ins(%x : tensor<?x16xf32>) outs(%empty : tensor<?x16xf32>) -> tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}
)";

TEST_P(ExpTest, TanhHasTheBitsOfTheDefinition) {
  auto module = CompiledModule::create(kTanh, GetParam());
  ASSERT_TRUE(bool(module)) << llvm::toString(module.takeError());
  ASSERT_FALSE(bool((*module)->bind({})));
  std::vector<float> x = makeArguments();
  SmallVector<int64_t> shape = {static_cast<int64_t>(x.size()) / 16, 16};
  auto result = (*module)->run("f", shape, x, shape);
  ASSERT_TRUE(bool(result)) << llvm::toString(result.takeError());
  auto expected = (*module)->evaluate("f", shape, x, Arithmetic::Generated);
  ASSERT_TRUE(bool(expected)) << llvm::toString(expected.takeError());
  int wrong = 0;
  for (auto [i, y] : llvm::enumerate(*result)) {
    double exact = std::tanh(static_cast<double>(x[i]));
    bool ok = std::isnan(x[i])
                  ? std::isnan(y)
                  : llvm::bit_cast<uint32_t>(y) ==
                        llvm::bit_cast<uint32_t>(expected->values[i]);
    // Five units in the last place; numbers that are less than normal stay.
    if (!std::isnan(x[i]))
      ok &= std::abs(y - exact) <= 5 * std::ldexp(std::abs(exact), -23) &&
            std::abs(y) <= 1;
    if (!ok && ++wrong < 4)
      ADD_FAILURE() << "tanh(" << x[i] << ") is " << y << ", by definition "
                    << expected->values[i] << ", exactly " << exact;
  }
  EXPECT_EQ(wrong, 0);
}

// Every processor that runs the tests has AVX2.
INSTANTIATE_TEST_SUITE_P(Targets, ExpTest,
                         testing::Values("native", "x86-64-v3"),
                         [](const testing::TestParamInfo<const char *> &info) {
                           return llvm::StringRef(info.param) == "native"
                                      ? "Native"
                                      : "AVX2";
                         });

} // namespace
