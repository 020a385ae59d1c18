//===- ExpressionTest.cpp - Formulas and rotary frequencies ---------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../Support/TestFiles.h"

#include "compress/Import/Expression.h"
#include "compress/Import/Rotary.h"

#include <cmath>

using namespace mlir::compress;
using namespace mlir::compress::test;

namespace {

llvm::Expected<ScalarValue> run(llvm::StringRef formula) {
  return evaluate(formula,
                  [](llvm::StringRef name) -> std::optional<ScalarValue> {
                    if (name == "width")
                      return 64.0;
                    if (name == "tied")
                      return true;
                    if (name == "kind")
                      return std::string("llama3");
                    return std::nullopt;
                  });
}

TEST(ExpressionTest, Evaluates) {
  const std::pair<const char *, ScalarValue> cases[] = {
      {"1 + 2 * 3 - 4 / 8", 6.5},
      {"(1 + 2) * 3", 9.0},
      {"-width % 7", -1.0},
      {"1 / sqrt(width)", 0.125},
      {"floor(7 / 2)", 3.0},
      {"min(width, max(1, 2))", 2.0},
      {"1e-5", 1e-5},
      {"2.5e+2 + 1", 251.0},
      {"kind", std::string("llama3")},
      {"'word'", std::string("word")},
      {"true", true},
      {"not tied or false", false},
      {"kind == 'llama3' and tied", true},
      {"kind != 'llama3'", false},
      {"1 < 2 and 2 <= 2 and 3 > 2 and 3 >= 4", false},
      {"not 1 == 2", true},
      {"select(tied, 'a', kind)", std::string("a")},
      {"select(width < 3, 1, 2) + 1", 3.0},
      {" 3 ", 3.0}};
  for (const auto &[formula, expected] : cases) {
    ASSERT_VALUE(value, run(formula));
    EXPECT_EQ(value, expected) << formula;
  }
}

TEST(ExpressionTest, ErrorsQuoteTheFormula) {
  const std::pair<const char *, const char *> cases[] = {
      {"", "ends too early"},
      {"1 +", "ends too early"},
      {"(1", "lacks a closing parenthesis"},
      {"1 2", "has something left over: \"2\""},
      {"height", "uses the unknown name height"},
      {"1 / 0", "divides by zero or overflows"},
      {"1 % 0", "divides by zero"},
      {"1e300 * 1e300", "overflows"},
      {"sqrt(-1)", "takes the square root of a negative number"},
      {"sqrt(1, 2)", "known are sqrt(x)"},
      {"log(2)", "known are sqrt(x)"},
      {"select(1, 2)", "select(condition, x, y)"},
      {"select(1, 2, 3)", "needs true or false"},
      {"sqrt(tied)", "needs a number where it has"},
      {"'word", "lacks a closing quote"},
      {"tied + 1", "needs a number where it has"},
      {"width or tied", "needs true or false"},
      {"not kind", "needs true or false"},
      {"width == tied", "compares 64 with true"},
      {"1 < 'a'", "compares 1 with 'a'"},
      {"'a' < 'b'", "needs a number where it has"},
      {"1.2.3", "has the malformed number"},
      {"$", "can't be understood at \"$\""}};
  for (const auto &[formula, message] : cases) {
    EXPECT_ERROR(run(formula), message);
    EXPECT_ERROR(run(formula), std::string("the formula \"") + formula + "\"");
  }
  EXPECT_ERROR(run(std::string(100000, '(')), "is too long");
}

TEST(RotaryTest, PlainFrequencies) {
  RotaryDescription description;
  description.dimensions = 8;
  ASSERT_VALUE(result, getRotaryFrequencies(description));
  EXPECT_EQ(result, (std::vector<float>{1.0f, 0.1f, 0.01f, 0.001f}));
  description.scaling = "linear";
  description.factor = 4;
  ASSERT_VALUE(linear, getRotaryFrequencies(description));
  EXPECT_EQ(linear, (std::vector<float>{0.25f, 0.025f, 0.0025f, 0.00025f}));
}

TEST(RotaryTest, Divisors) {
  RotaryDescription description;
  description.dimensions = 4;
  description.divisors = {2, 5};
  ASSERT_VALUE(result, getRotaryFrequencies(description));
  EXPECT_EQ(result, (std::vector<float>{0.5f, 0.002f}));
}

/// Llama 3.1's own numbers: short wavelengths stay, long ones are stretched,
/// and the band between is mixed so that it meets both.
TEST(RotaryTest, Llama3) {
  RotaryDescription description;
  description.dimensions = 128;
  description.base = 500000;
  ASSERT_VALUE(plain, getRotaryFrequencies(description));
  description.scaling = "llama3";
  description.factor = 8;
  description.originalLength = 8192;
  ASSERT_VALUE(scaled, getRotaryFrequencies(description));
  unsigned kept = 0, stretched = 0, mixed = 0;
  for (auto [a, b] : llvm::zip_equal(plain, scaled)) {
    double wavelength = 6.283185307179586 / a;
    if (wavelength < 8192 / 4.0) {
      EXPECT_EQ(a, b);
      ++kept;
    } else if (wavelength > 8192 / 1.0) {
      EXPECT_EQ(b, a / 8);
      ++stretched;
    } else {
      EXPECT_GT(b, a / 8);
      EXPECT_LT(b, a);
      ++mixed;
    }
  }
  EXPECT_EQ(kept, 29u);
  EXPECT_EQ(mixed, 6u);
  EXPECT_EQ(stretched, 29u);
}

TEST(RotaryTest, Errors) {
  RotaryDescription description;
  description.dimensions = 3;
  EXPECT_ERROR(getRotaryFrequencies(description),
               "rotary positions need an even number of dimensions");
  description.dimensions = 4;
  description.base = 0;
  EXPECT_ERROR(getRotaryFrequencies(description),
               "the base of rotary positions must be positive");
  description.base = 10000;
  description.scaling = "yarn";
  EXPECT_ERROR(getRotaryFrequencies(description), "\"yarn\"");
  description.scaling = "linear";
  description.factor = 0;
  EXPECT_ERROR(getRotaryFrequencies(description),
               "the scaling factor of rotary positions must be positive");
  description.factor = 1;
  description.divisors = {1};
  EXPECT_ERROR(getRotaryFrequencies(description), "1 divisors do not fit 2");
  description.divisors = {1, 0};
  EXPECT_ERROR(getRotaryFrequencies(description),
               "a divisor of the rotary frequencies is not positive");
  description.divisors.clear();
  description.scaling = "llama3";
  EXPECT_ERROR(getRotaryFrequencies(description),
               "llama3 scaling of rotary positions needs");
}

} // namespace
