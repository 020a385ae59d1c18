//===- ArithTest.cpp - Numbers --------------------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EvaluatorTest.h"

#include <cmath>

using namespace mlir;
using namespace mlir::compress;

namespace {

class ArithTest : public EvaluatorTest {
protected:
  /// An op from values of one type to one of another.
  void loadOp(const std::string &op, unsigned operands, const std::string &from,
              const std::string &to, const std::string &tail) {
    std::string parameters, uses;
    for (unsigned i = 0; i < operands; ++i) {
      std::string comma = i ? ", " : "";
      parameters += comma + "%a" + std::to_string(i) + ": " + from;
      uses += comma + "%a" + std::to_string(i);
    }
    load("func.func @f(" + parameters + ") -> " + to + " {\n  %r = " + op +
         " " + uses + " : " + tail + "\n  return %r : " + to + "\n}");
  }
  int64_t integerOp(const std::string &op, const std::string &type, int64_t x,
                    int64_t y) {
    loadOp("arith." + op, 2, type, type, type);
    return integers({integer(type, x), integer(type, y)}).at(0);
  }
  double floatOp(const std::string &op, const std::string &type,
                 std::vector<double> operands) {
    loadOp(op, operands.size(), type, type, type);
    std::vector<RuntimeValue> arguments;
    for (double x : operands)
      arguments.push_back(number(type, x));
    return floats(arguments).at(0);
  }
  template <typename T>
  auto convert(const std::string &op, const std::string &from,
               const std::string &to, T argument) {
    loadOp("arith." + op, 1, from, to, from + " to " + to);
    return call({argument});
  }
};

TEST_F(ArithTest, Integers) {
  EXPECT_EQ(integerOp("addi", "i8", 127, 1), -128);
  EXPECT_EQ(integerOp("subi", "i8", -128, 1), 127);
  EXPECT_EQ(integerOp("muli", "i32", 65536, 65535), -65536);
  EXPECT_EQ(integerOp("muli", "i64", int64_t(1) << 62, 6), INT64_MIN);
  EXPECT_EQ(integerOp("divsi", "i32", -7, 2), -3);
  EXPECT_EQ(integerOp("floordivsi", "i32", -7, 2), -4);
  EXPECT_EQ(integerOp("ceildivsi", "i32", -7, 2), -3);
  EXPECT_EQ(integerOp("ceildivsi", "i32", 7, 2), 4);
  EXPECT_EQ(integerOp("remsi", "i32", -7, 2), -1);
  EXPECT_EQ(integerOp("divui", "i8", -1, 2), 127);
  EXPECT_EQ(integerOp("remui", "i8", -1, 16), 15);
  EXPECT_EQ(integerOp("ceildivui", "i8", 9, 4), 3);
  EXPECT_EQ(integerOp("andi", "i8", 12, 10), 8);
  EXPECT_EQ(integerOp("ori", "i8", 12, 10), 14);
  EXPECT_EQ(integerOp("xori", "i8", 12, 10), 6);
  EXPECT_EQ(integerOp("shli", "i8", 5, 6), 64);
  EXPECT_EQ(integerOp("shrsi", "i8", -5, 1), -3);
  EXPECT_EQ(integerOp("shrui", "i8", -5, 1), 125);
  EXPECT_EQ(integerOp("maxsi", "i8", -5, 1), 1);
  EXPECT_EQ(integerOp("minsi", "i8", -5, 1), -5);
  EXPECT_EQ(integerOp("maxui", "i8", -5, 1), -5);
  EXPECT_EQ(integerOp("minui", "i8", -5, 1), 1);
}

TEST_F(ArithTest, RefusesUndefinedResults) {
  struct {
    const char *op, *type;
    int64_t x, y;
  } cases[] = {{"divsi", "i32", 1, 0},
               {"divui", "i32", 1, 0},
               {"remsi", "i32", 1, 0},
               {"remui", "i32", 1, 0},
               {"divsi", "i32", INT32_MIN, -1},
               {"divsi", "i64", INT64_MIN, -1},
               {"shli", "i8", 1, 8},
               {"shrui", "i8", 1, -1}};
  for (auto [op, type, x, y] : cases) {
    loadOp(std::string("arith.") + op, 2, type, type, type);
    expectError("has no defined result for these operands",
                {integer(type, x), integer(type, y)});
  }
  loadOp("arith.fptosi", 1, "f32", "i8", "f32 to i8");
  for (double x : {128.0, -129.0, double(NAN), double(INFINITY)})
    expectError("has no defined result", {number("f32", x)});
  EXPECT_EQ(integers({number("f32", 127.9)}).at(0), 127);
  EXPECT_EQ(integers({number("f32", -128.9)}).at(0), -128);
  loadOp("arith.fptoui", 1, "f32", "i8", "f32 to i8");
  expectError("has no defined result", {number("f32", -1)});
  EXPECT_EQ(integers({number("f32", 255.5)}).at(0), -1);
}

TEST_F(ArithTest, RoundsFloatsToTheirType) {
  // 2^24 + 1 is not an f32; ties go to the even neighbour.
  EXPECT_EQ(floatOp("arith.addf", "f32", {16777216, 1}), 16777216);
  EXPECT_EQ(floatOp("arith.addf", "f32", {16777216, 3}), 16777220);
  EXPECT_EQ(floatOp("arith.addf", "f64", {16777216, 1}), 16777217);
  EXPECT_EQ(floatOp("arith.mulf", "f16", {300, 300}), INFINITY);
  EXPECT_EQ(floatOp("arith.divf", "bf16", {1, 3}), 0.333984375);
  EXPECT_EQ(floatOp("arith.divf", "f32", {1, 3}),
            static_cast<double>(1.0f / 3.0f));
  EXPECT_EQ(floatOp("arith.subf", "f32", {1, 3}), -2);
  EXPECT_EQ(floatOp("arith.remf", "f32", {-7, 4}), -3);
  EXPECT_EQ(floatOp("arith.negf", "f32", {-7}), 7);
  EXPECT_EQ(floatOp("math.sqrt", "f32", {2}),
            static_cast<double>(std::sqrt(2.0f)));
}

TEST_F(ArithTest, MinimaAndMaxima) {
  EXPECT_EQ(floatOp("arith.maximumf", "f32", {1, 2}), 2);
  EXPECT_TRUE(std::isnan(floatOp("arith.maximumf", "f32", {1, NAN})));
  EXPECT_TRUE(std::isnan(floatOp("arith.minimumf", "f32", {NAN, 1})));
  EXPECT_EQ(floatOp("arith.maxnumf", "f32", {1, NAN}), 1);
  EXPECT_EQ(floatOp("arith.minnumf", "f32", {NAN, 1}), 1);
  EXPECT_FALSE(std::signbit(floatOp("arith.maximumf", "f32", {-0.0, 0.0})));
  EXPECT_TRUE(std::signbit(floatOp("arith.minimumf", "f32", {0.0, -0.0})));
}

TEST_F(ArithTest, Functions) {
  EXPECT_EQ(floatOp("math.absf", "f32", {-2}), 2);
  EXPECT_EQ(floatOp("math.ceil", "f32", {-1.5}), -1);
  EXPECT_EQ(floatOp("math.floor", "f32", {-1.5}), -2);
  EXPECT_EQ(floatOp("math.trunc", "f32", {-1.5}), -1);
  EXPECT_EQ(floatOp("math.round", "f32", {2.5}), 3);
  EXPECT_EQ(floatOp("math.roundeven", "f32", {2.5}), 2);
  EXPECT_EQ(floatOp("math.copysign", "f32", {2.5, -1}), -2.5);
  EXPECT_EQ(floatOp("math.powf", "f32", {2, 10}), 1024);
  EXPECT_EQ(floatOp("math.exp2", "f32", {3}), 8);
  EXPECT_EQ(floatOp("math.log2", "f32", {8}), 3);
  EXPECT_EQ(floatOp("math.rsqrt", "f32", {16}), 0.25);
  EXPECT_EQ(floatOp("math.exp", "f32", {1}), 2.71828174591064453125);
  EXPECT_EQ(floatOp("math.log", "f32", {1}), 0);
  EXPECT_EQ(floatOp("math.log1p", "f32", {0}), 0);
  EXPECT_EQ(floatOp("math.expm1", "f32", {0}), 0);
  EXPECT_EQ(floatOp("math.sin", "f32", {0}), 0);
  EXPECT_EQ(floatOp("math.cos", "f32", {0}), 1);
  EXPECT_EQ(floatOp("math.tanh", "f32", {100}), 1);
  EXPECT_EQ(floatOp("math.erf", "f32", {100}), 1);
  EXPECT_EQ(floatOp("math.atan", "f64", {1}), M_PI / 4);
  // One rounding: 1 + 2^-23 squared minus 1 + 2^-22 leaves 2^-46.
  double x = 1 + std::ldexp(1, -23);
  EXPECT_EQ(floatOp("math.fma", "f32", {x, x, -1 - std::ldexp(1, -22)}),
            std::ldexp(1, -46));
  loadOp("math.absi", 1, "i8", "i8", "i8");
  EXPECT_EQ(integers({integer("i8", -5)}).at(0), 5);
  EXPECT_EQ(integers({integer("i8", -128)}).at(0), -128);
}

TEST_F(ArithTest, ComparesIntegers) {
  struct {
    const char *predicate;
    bool less, equal, greater; // Results for (-1, 1), (1, 1), (1, -1).
  } cases[] = {{"eq", false, true, false},  {"ne", true, false, true},
               {"slt", true, false, false}, {"sle", true, true, false},
               {"sgt", false, false, true}, {"sge", false, true, true},
               {"ult", false, false, true}, {"ule", false, true, true},
               {"ugt", true, false, false}, {"uge", true, true, false}};
  for (auto [predicate, less, equal, greater] : cases) {
    loadOp(std::string("arith.cmpi ") + predicate + ",", 2, "i32", "i1", "i32");
    EXPECT_EQ(integers({integer("i32", -1), integer("i32", 1)}).at(0), -less);
    EXPECT_EQ(integers({integer("i32", 1), integer("i32", 1)}).at(0), -equal);
    EXPECT_EQ(integers({integer("i32", 1), integer("i32", -1)}).at(0),
              -greater);
  }
}

TEST_F(ArithTest, ComparesFloats) {
  struct {
    const char *predicate;
    bool less, equal, greater, unordered;
  } cases[] = {{"false", false, false, false, false},
               {"true", true, true, true, true},
               {"oeq", false, true, false, false},
               {"ogt", false, false, true, false},
               {"oge", false, true, true, false},
               {"olt", true, false, false, false},
               {"ole", true, true, false, false},
               {"one", true, false, true, false},
               {"ord", true, true, true, false},
               {"ueq", false, true, false, true},
               {"ugt", false, false, true, true},
               {"uge", false, true, true, true},
               {"ult", true, false, false, true},
               {"ule", true, true, false, true},
               {"une", true, false, true, true},
               {"uno", false, false, false, true}};
  for (auto [predicate, less, equal, greater, unordered] : cases) {
    loadOp(std::string("arith.cmpf ") + predicate + ",", 2, "f32", "i1", "f32");
    auto compare = [&](double x, double y) {
      return integers({number("f32", x), number("f32", y)}).at(0) != 0;
    };
    EXPECT_EQ(compare(1, 2), less) << predicate;
    EXPECT_EQ(compare(2, 2), equal) << predicate;
    EXPECT_EQ(compare(2, 1), greater) << predicate;
    EXPECT_EQ(compare(NAN, 1), unordered) << predicate;
  }
}

TEST_F(ArithTest, Converts) {
  auto integerOf = [&](auto result) {
    EXPECT_TRUE(bool(result));
    return std::get<Scalar>(result->front()).integer;
  };
  auto numberOf = [&](auto result) {
    EXPECT_TRUE(bool(result));
    return std::get<Scalar>(result->front()).number;
  };
  EXPECT_EQ(integerOf(convert("extsi", "i8", "i32", integer("i8", -1))), -1);
  EXPECT_EQ(integerOf(convert("extui", "i8", "i32", integer("i8", -1))), 255);
  EXPECT_EQ(integerOf(convert("extui", "i1", "i32", integer("i1", 1))), 1);
  EXPECT_EQ(integerOf(convert("trunci", "i32", "i8", integer("i32", 200))),
            -56);
  EXPECT_EQ(
      integerOf(convert("index_cast", "i32", "index", integer("i32", -3))), -3);
  EXPECT_EQ(
      integerOf(convert("index_castui", "i8", "index", integer("i8", -3))),
      253);
  EXPECT_EQ(integerOf(convert("bitcast", "f32", "i32", number("f32", 1))),
            0x3f800000);
  EXPECT_EQ(numberOf(convert("bitcast", "i16", "f16", integer("i16", 0x3800))),
            0.5);
  EXPECT_EQ(numberOf(convert("sitofp", "i8", "f32", integer("i8", -1))), -1);
  EXPECT_EQ(numberOf(convert("uitofp", "i8", "f32", integer("i8", -1))), 255);
  EXPECT_EQ(numberOf(convert("extf", "f16", "f32", number("f16", 0.1))),
            0.0999755859375);
  // 2049 lies between 2048 and 2050 in f16.
  EXPECT_EQ(numberOf(convert("truncf", "f32", "f16", number("f32", 2049))),
            2048);
  EXPECT_EQ(numberOf(convert("truncf", "f32", "f8E4M3FN", number("f32", 19))),
            20);
}

TEST_F(ArithTest, RefusesOtherRoundingModes) {
  load(R"(
    func.func @f(%x: f32) -> f16 {
      %0 = arith.truncf %x downward : f32 to f16
      return %0 : f16
    })");
  expectError("only rounding to nearest, ties to even, is known",
              {number("f32", 1)});
}

TEST_F(ArithTest, WorksElementByElement) {
  load(R"(
    func.func @f(%x: tensor<?xf32>, %y: tensor<?xf32>, %c: i1) -> tensor<?xf32> {
      %0 = arith.addf %x, %y : tensor<?xf32>
      %1 = arith.cmpf olt, %x, %y : tensor<?xf32>
      %2 = arith.select %1, %0, %x : tensor<?xi1>, tensor<?xf32>
      %3 = arith.select %c, %2, %y : tensor<?xf32>
      return %3 : tensor<?xf32>
    })");
  EXPECT_EQ(floats({f32({2}, {1, 4}), f32({2}, {3, 2}), integer("i1", 1)}),
            (std::vector<double>{4, 4}));
  EXPECT_EQ(floats({f32({2}, {1, 4}), f32({2}, {3, 2}), integer("i1", 0)}),
            (std::vector<double>{3, 2}));
  expectError("operands are plain tensors of one shape",
              {f32({2}, {1, 4}), f32({3}, {3, 2, 1}), integer("i1", 0)});
}

} // namespace
