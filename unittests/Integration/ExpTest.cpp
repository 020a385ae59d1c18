//===- ExpTest.cpp - exp and tanh of generated code -----------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CompiledModule.h"

#include "llvm/Support/FormatVariadic.h"
#include "gtest/gtest.h"

#include <cmath>

using namespace mlir;
using namespace mlir::compress;
using namespace mlir::compress::test;

namespace {

/// A module that applies an op of linalg to each value.
std::string getModule(StringRef op) {
  return llvm::formatv(R"(
func.func @f(%x: tensor<?x16xf32>) -> tensor<?x16xf32> {{
  %zero = arith.constant 0 : index
  %rows = tensor.dim %x, %zero : tensor<?x16xf32>
  %empty = tensor.empty(%rows) : tensor<?x16xf32>
  %y = linalg.{0} ins(%x : tensor<?x16xf32>) outs(%empty : tensor<?x16xf32>) -> tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}
)",
                       op);
}

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

class ExpTest : public testing::TestWithParam<const char *> {
protected:
  /// Runs the op on all arguments; its results have the bits of the definition,
  /// and `isClose(y, exact)` says whether these are near enough to what the op
  /// is of real numbers.
  void check(StringRef op, double (*exactOp)(double),
             bool (*isClose)(float y, double exact));
};

void ExpTest::check(StringRef op, double (*exactOp)(double),
                    bool (*isClose)(float, double)) {
  auto module = CompiledModule::create(getModule(op), GetParam());
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
    double exact = exactOp(x[i]);
    bool ok = std::isnan(x[i])
                  ? std::isnan(y)
                  : llvm::bit_cast<uint32_t>(y) ==
                            llvm::bit_cast<uint32_t>(expected->values[i]) &&
                        isClose(y, exact);
    if (!ok && ++wrong < 4)
      ADD_FAILURE() << op.str() << "(" << x[i] << ") is " << y
                    << ", by definition " << expected->values[i] << ", exactly "
                    << exact;
  }
  EXPECT_EQ(wrong, 0);
}

// Two units in the last place; less than the least normal number is zero.
TEST_P(ExpTest, HasTheBitsOfTheDefinition) {
  check("exp", std::exp, [](float y, double exact) {
    if (exact < 0x1.000002p-126)
      return y == 0 || y == 0x1p-126f;
    if (exact > 0x1.fffffep127)
      return std::isinf(y);
    return std::abs(y - exact) <= std::ldexp(exact, -23);
  });
}

// Five units in the last place; numbers that are less than normal stay.
TEST_P(ExpTest, TanhHasTheBitsOfTheDefinition) {
  check("tanh", std::tanh, [](float y, double exact) {
    return std::abs(y - exact) <= 5 * std::ldexp(std::abs(exact), -23) &&
           std::abs(y) <= 1;
  });
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
