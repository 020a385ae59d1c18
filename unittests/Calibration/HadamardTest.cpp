//===- HadamardTest.cpp - Tests of Hadamard rotations -----------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Calibration/Hadamard.h"

#include "compress/Calibration/GPTQ.h"
#include "compress/Calibration/SecondMoment.h"

#include "TestUtils.h"

using namespace mlir::compress;
using namespace mlir::compress::test;

namespace {

HadamardTransform make(int64_t size, std::optional<uint64_t> seed = {},
                       int64_t block = 0) {
  HadamardOptions options;
  options.seed = seed;
  options.block = block;
  llvm::Expected<HadamardTransform> result =
      HadamardTransform::create(size, options);
  if (result)
    return *result;
  ADD_FAILURE() << llvm::toString(result.takeError());
  return llvm::cantFail(HadamardTransform::create(2));
}

/// Entries of 1 and -1, and H Hᵀ = n I, in exact arithmetic.
TEST(Hadamard, RowsAreOrthogonal) {
  for (int64_t order : {1, 2, 4, 8, 64, 12, 20, 28, 36, 24, 40, 56, 72, 96, 80,
                        112, 144, 576}) {
    SCOPED_TRACE(order);
    ASSERT_TRUE(hasHadamardOrder(order));
    std::vector<int8_t> h = getHadamardMatrix(order);
    for (int64_t i = 0; i < order; ++i)
      for (int64_t j = 0; j < order; ++j) {
        ASSERT_EQ(std::abs(h[i * order + j]), 1);
        int64_t dot = 0;
        for (int64_t k = 0; k < order; ++k)
          dot += h[i * order + k] * h[j * order + k];
        ASSERT_EQ(dot, i == j ? order : 0) << i << ", " << j;
      }
  }
}

TEST(Hadamard, Orders) {
  for (int64_t order : {0, -4, 3, 6, 9, 10, 14, 18, 44, 52, 60, 100})
    EXPECT_FALSE(hasHadamardOrder(order)) << order;
  EXPECT_TRUE(getHadamardMatrix(44).empty());
  EXPECT_EQ(getHadamardBlock(576), 576);   // 16 x 36
  EXPECT_EQ(getHadamardBlock(1536), 1536); // 128 x 12
  EXPECT_EQ(getHadamardBlock(11008), 256); // 43 x 256
  EXPECT_EQ(getHadamardBlock(60), 20);     // Of 4, 12 and 20.
  EXPECT_EQ(getHadamardBlock(6), 2);
  EXPECT_EQ(getHadamardBlock(7), 1);
  EXPECT_EQ(getHadamardBlock(0), 1);
}

/// The fast transform is the product with the matrix, and the way back undoes
/// it; also of several vectors side by side, of blocks, and with signs.
TEST(Hadamard, TransformIsTheProduct) {
  struct Case {
    int64_t size, block;
    std::optional<uint64_t> seed;
  };
  for (const Case &c :
       {Case{16, 0, {}}, Case{12, 0, {}}, Case{40, 0, 3}, Case{56, 28, {}},
        Case{72, 0, 1}, Case{44, 0, 7}, Case{96, 8, 5}}) {
    SCOPED_TRACE(c.size);
    HadamardTransform transform = make(c.size, c.seed, c.block);
    int64_t order = transform.getBlock();
    std::vector<int8_t> h = getHadamardMatrix(order);
    for (int64_t width : {1, 3}) {
      Matrix x = makeRandom(c.size, width, 1);
      std::vector<float> y = x.values;
      transform.apply(y, width);
      for (int64_t i = 0; i < c.size; ++i)
        for (int64_t k = 0; k < width; ++k) {
          double sum = 0;
          for (int64_t j = 0; j < order; ++j) {
            int64_t column = i / order * order + j;
            float sign = c.seed ? transform.getSigns()[column] : 1;
            sum += h[i % order * order + j] * sign * x(column, k);
          }
          // f32 sums of at most 96 values of a size of 1.
          EXPECT_NEAR(y[i * width + k], sum / std::sqrt(double(order)), 1e-5);
        }
      transform.applyTranspose(y, width);
      for (int64_t i = 0; i < c.size * width; ++i)
        EXPECT_NEAR(y[i], x.values[i], 1e-5);
    }
  }
}

TEST(Hadamard, SeedDecidesSigns) {
  HadamardTransform a = make(1024, 1), b = make(1024, 1), c = make(1024, 2);
  EXPECT_EQ(a.getSigns(), b.getSigns());
  EXPECT_NE(a.getSigns(), c.getSigns());
  int64_t negative = llvm::count(a.getSigns(), -1.0f);
  EXPECT_NEAR(double(negative), 512, 64); // Four standard deviations.
  EXPECT_TRUE(make(1024).getSigns().empty());
}

Matrix multiply(const Matrix &w, const Matrix &x) { // [out, in], [tokens, in]
  Matrix y(x.rows, w.rows, std::vector<float>(x.rows * w.rows));
  for (int64_t t = 0; t < x.rows; ++t)
    for (int64_t i = 0; i < w.rows; ++i) {
      double sum = 0;
      for (int64_t j = 0; j < w.columns; ++j)
        sum += double(w(i, j)) * x(t, j);
      y.values[t * w.rows + i] = float(sum);
    }
  return y;
}

/// (W Rᵀ)(R x) = W x, and (R W) x = R (W x).
TEST(Hadamard, RotationsChangeNothing) {
  Matrix w = makeRandom(40, 72, 2), x = makeRandom(5, 72, 3);
  Matrix y = multiply(w, x);
  HadamardTransform inputs = make(72, 11), outputs = make(40, 12);
  Matrix turned(40, 72, take(rotateColumns(w, inputs, 2)));
  EXPECT_EQ(turned.values, take(rotateColumns(w, inputs)));
  Matrix turnedInputs(5, 72, take(rotateColumns(x, inputs)));
  Matrix same = multiply(turned, turnedInputs);
  for (size_t i = 0; i < y.values.size(); ++i)
    EXPECT_NEAR(same.values[i], y.values[i], 1e-4);
  Matrix rows(40, 72, take(rotateRows(w, outputs)));
  Matrix turnedOutputs = multiply(rows, x);
  for (int64_t t = 0; t < 5; ++t) {
    std::vector<float> expected(y.values.begin() + t * 40,
                                y.values.begin() + (t + 1) * 40);
    outputs.apply(expected);
    for (int64_t i = 0; i < 40; ++i)
      EXPECT_NEAR(turnedOutputs(t, i), expected[i], 1e-4);
  }
}

/// The Hessian of rotated inputs is the rotated Hessian.
TEST(Hadamard, Hessian) {
  Matrix x = makeCorrelated(50, 24, 4);
  HadamardTransform transform = make(24, 5);
  SecondMoment plain(24), rotated(24);
  ASSERT_EQ(message(plain.add(x)), "");
  ASSERT_EQ(
      message(rotated.add(Matrix(50, 24, take(rotateColumns(x, transform))))),
      "");
  std::vector<double> expected = rotated.getHessian(SecondMoment::Form::Sum);
  std::vector<double> got =
      take(rotateHessian(plain.getHessian(SecondMoment::Form::Sum), transform));
  for (size_t i = 0; i < got.size(); ++i)
    EXPECT_NEAR(got[i], expected[i], 1e-3); // f32 sums of some hundreds.
}

/// Outliers are spread: the incoherence falls to what normally distributed
/// entries have, and rounding to 4 bits per row loses much less.
TEST(Hadamard, SpreadsOutliers) {
  Matrix w = makeRandom(48, 576, 6, 0.05f);
  for (int64_t i = 0; i < 48 * 576; i += 577)
    w.values[i] = 4;
  HadamardTransform transform = make(576, 1);
  Matrix turned(48, 576, take(rotateColumns(w, transform)));
  EXPECT_GT(getIncoherence(w), 20);
  EXPECT_LT(getIncoherence(turned), 5);
  EncodingSpec spec;
  spec.code = NumberType::getSigned(4);
  spec.block = {1, -1};
  spec.scale = NumberType::getF32();
  double before = getSquaredError(
      w, Matrix(48, 576, take(quantizeToNearest(spec, w)).values));
  double after = getSquaredError(
      turned, Matrix(48, 576, take(quantizeToNearest(spec, turned)).values));
  EXPECT_LT(after, 0.2 * before);
  Matrix ones(2, 2, {1, -1, 1, 1});
  EXPECT_NEAR(getIncoherence(ones), 1, 1e-12);
  EXPECT_EQ(getIncoherence(Matrix(1, 2, {0, 0})), 0);
}

TEST(Hadamard, Errors) {
  auto create = [](int64_t size, int64_t block) {
    HadamardOptions options;
    options.block = block;
    llvm::Expected<HadamardTransform> result =
        HadamardTransform::create(size, options);
    return message(result.takeError());
  };
  EXPECT_EQ(create(7, 0), "hadamard: no order of 2^k x {1, 12, 20, 28, 36} but "
                          "1 divides 7; leave this dimension as it is");
  std::string wrong = " values must have an order of 2^k x {1, 12, 20, 28, 36} "
                      "above 1 that divides them; the largest is ";
  EXPECT_EQ(create(64, 6), "hadamard: blocks of 6 for 64" + wrong + "64");
  EXPECT_EQ(create(60, 8), "hadamard: blocks of 8 for 60" + wrong + "20");
  EXPECT_EQ(create(60, -2), "hadamard: blocks of -2 for 60" + wrong + "20");
  HadamardTransform transform = make(8);
  Matrix w = makeRandom(4, 6, 7);
  expectError(rotateColumns(w, transform),
              "weights of 4 x 6 do not fit a rotation of 8 values");
  expectError(rotateRows(w, transform),
              "weights of 4 x 6 do not fit a rotation of 8 values");
  expectError(rotateHessian(std::vector<double>(36), transform),
              "a Hessian of 36 elements does not fit a rotation of 8 values");
  Matrix bad = makeRandom(2, 8, 8);
  bad.values[9] = INFINITY;
  expectError(rotateColumns(bad, transform), "row 1, column 1 is infinite");
}

} // namespace
