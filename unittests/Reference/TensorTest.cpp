//===- TensorTest.cpp - Tensors -------------------------------------------===//
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

class TensorTest : public EvaluatorTest {
protected:
  HostTensor matrix = f32({2, 3}, {0, 1, 2, 10, 11, 12});
};

TEST_F(TensorTest, EmptyTensorsShowThatTheyAreRead) {
  load(R"(
    func.func @f(%n: index) -> tensor<?x2xf32> {
      %0 = tensor.empty(%n) : tensor<?x2xf32>
      return %0 : tensor<?x2xf32>
    })");
  std::vector<double> values = floats({integer("index", 3)});
  EXPECT_EQ(values.size(), 6u);
  for (double value : values)
    EXPECT_TRUE(std::isnan(value));
  load(R"(
    func.func @f() -> tensor<2xf32, #quantized.float<f16>> {
      %0 = tensor.empty() : tensor<2xf32, #quantized.float<f16>>
      return %0 : tensor<2xf32, #quantized.float<f16>>
    })");
  expectError("only plain tensors can be made element by element");
}

TEST_F(TensorTest, Sizes) {
  load(R"(
    func.func @f(%x: tensor<?x3xf32>, %i: index) -> index {
      %0 = tensor.dim %x, %i : tensor<?x3xf32>
      return %0 : index
    })");
  EXPECT_EQ(integers({matrix, integer("index", 0)}).at(0), 2);
  EXPECT_EQ(integers({matrix, integer("index", 1)}).at(0), 3);
  expectError("the tensor has no dimension 2", {matrix, integer("index", 2)});
}

TEST_F(TensorTest, Elements) {
  load(R"(
    func.func @f(%x: tensor<?x3xf32>, %i: index, %j: index) -> (tensor<?x3xf32>) {
      %0 = tensor.extract %x[%i, %j] : tensor<?x3xf32>
      %1 = tensor.insert %0 into %x[%j, %i] : tensor<?x3xf32>
      return %1 : tensor<?x3xf32>
    })");
  EXPECT_EQ(floats({matrix, integer("index", 0), integer("index", 1)}),
            (std::vector<double>{0, 1, 2, 1, 11, 12}));
  EXPECT_EQ(matrix.getFloats()[3], 10); // The argument is not written to.
  expectError("index 3 lies outside of dimension 1 of size 3",
              {matrix, integer("index", 1), integer("index", 3)});
  expectError("index 2 lies outside of dimension 0 of size 2",
              {matrix, integer("index", 0), integer("index", 2)});
}

TEST_F(TensorTest, ElementsOfEncodedTensors) {
  load(R"(
    func.func @f(%x: tensor<2xf32, #quantized.float<f16>>, %i: index) -> f32 {
      %0 = tensor.extract %x[%i] : tensor<2xf32, #quantized.float<f16>>
      return %0 : f32
    })");
  auto encoded =
      HostTensor::get(tensorType("tensor<2xf32, #quantized.float<f16>>"),
                      {{0x00, 0x3c, 0x00, 0xc0}});
  ASSERT_TRUE(bool(encoded));
  EXPECT_EQ(floats({*encoded, integer("index", 1)}).at(0), -2);
}

TEST_F(TensorTest, Splats) {
  load(R"(
    func.func @f(%x: f32, %n: index) -> tensor<?x2xf32> {
      %0 = tensor.splat %x[%n] : tensor<?x2xf32>
      return %0 : tensor<?x2xf32>
    })");
  EXPECT_EQ(floats({number("f32", 7), integer("index", 1)}),
            (std::vector<double>{7, 7}));
}

TEST_F(TensorTest, Generates) {
  load(R"(
    func.func @f(%n: index) -> tensor<?x2xindex> {
      %0 = tensor.generate %n {
      ^bb0(%i: index, %j: index):
        %c10 = arith.constant 10 : index
        %1 = arith.muli %i, %c10 : index
        %2 = arith.addi %1, %j : index
        tensor.yield %2 : index
      } : tensor<?x2xindex>
      return %0 : tensor<?x2xindex>
    })");
  EXPECT_EQ(integers({integer("index", 2)}),
            (std::vector<int64_t>{0, 1, 10, 11}));
}

TEST_F(TensorTest, Pads) {
  load(R"(
    func.func @f(%x: tensor<2x3xf32>, %n: index) -> tensor<?x4xf32> {
      %0 = tensor.pad %x low[%n, 1] high[0, 0] {
      ^bb0(%i: index, %j: index):
        %c = arith.constant -1.0 : f32
        tensor.yield %c : f32
      } : tensor<2x3xf32> to tensor<?x4xf32>
      return %0 : tensor<?x4xf32>
    })");
  EXPECT_EQ(floats({matrix, integer("index", 1)}),
            (std::vector<double>{-1, -1, -1, -1, -1, 0, 1, 2, -1, 10, 11, 12}));
  expectError("padding can't be negative", {matrix, integer("index", -1)});
}

TEST_F(TensorTest, Slices) {
  load(R"(
    func.func @f(%x: tensor<2x3xf32>, %o: index, %s: index) -> tensor<?xf32> {
      %0 = tensor.extract_slice %x[1, %o] [1, %s] [1, 2] : tensor<2x3xf32> to tensor<?xf32>
      return %0 : tensor<?xf32>
    })");
  EXPECT_EQ(floats({matrix, integer("index", 0), integer("index", 2)}),
            (std::vector<double>{10, 12}));
  EXPECT_EQ(floats({matrix, integer("index", 1), integer("index", 0)}),
            std::vector<double>{});
  expectError("the slice leaves dimension 1 of size 3",
              {matrix, integer("index", 1), integer("index", 2)});
  expectError("the slice leaves dimension 1 of size 3",
              {matrix, integer("index", -1), integer("index", 1)});
}

TEST_F(TensorTest, InsertsSlices) {
  load(R"(
    func.func @f(%x: tensor<?xf32>, %y: tensor<2x3xf32>, %s: index) -> tensor<2x3xf32> {
      %0 = tensor.insert_slice %x into %y[1, 1] [1, %s] [1, 1] : tensor<?xf32> into tensor<2x3xf32>
      return %0 : tensor<2x3xf32>
    })");
  EXPECT_EQ(floats({f32({2}, {7, 8}), matrix, integer("index", 2)}),
            (std::vector<double>{0, 1, 2, 10, 7, 8}));
  expectError("the source does not fill the slice",
              {f32({1}, {7}), matrix, integer("index", 2)});
  expectError("the slice leaves dimension 1 of size 3",
              {f32({3}, {7, 8, 9}), matrix, integer("index", 3)});
}

TEST_F(TensorTest, Concatenates) {
  load(R"(
    func.func @f(%x: tensor<?x?xf32>, %y: tensor<?x?xf32>) -> tensor<?x?xf32> {
      %0 = tensor.concat dim(1) %x, %y : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
      return %0 : tensor<?x?xf32>
    })");
  EXPECT_EQ(floats({matrix, f32({2, 1}, {7, 8})}),
            (std::vector<double>{0, 1, 2, 7, 10, 11, 12, 8}));
  expectError("parts differ in dimension 0", {matrix, f32({1, 1}, {7})});
}

TEST_F(TensorTest, Reshapes) {
  load(R"(
    func.func @f(%x: tensor<2x3xf32>, %n: index) -> tensor<?x1x2xf32> {
      %0 = tensor.collapse_shape %x [[0, 1]] : tensor<2x3xf32> into tensor<6xf32>
      %1 = tensor.cast %0 : tensor<6xf32> to tensor<?xf32>
      %2 = tensor.expand_shape %1 [[0, 1, 2]] output_shape [%n, 1, 2] : tensor<?xf32> into tensor<?x1x2xf32>
      return %2 : tensor<?x1x2xf32>
    })");
  HostTensor result = tensor({matrix, integer("index", 3)});
  EXPECT_EQ(result.getShape(), (ArrayRef<int64_t>{3, 1, 2}));
  EXPECT_EQ(result.getDoubles(), (std::vector<double>{0, 1, 2, 10, 11, 12}));
  expectError("the new shape has 8 elements, the tensor has 6",
              {matrix, integer("index", 4)});
}

TEST_F(TensorTest, CastsKeepTheEncoding) {
  load(R"(
    func.func @f(%x: tensor<2xf32, #quantized.float<f16>>) -> tensor<2xf32> {
      %0 = tensor.cast %x : tensor<2xf32, #quantized.float<f16>> to tensor<2xf32>
      return %0 : tensor<2xf32>
    })");
  auto encoded =
      HostTensor::get(tensorType("tensor<2xf32, #quantized.float<f16>>"),
                      {{0x00, 0x3c, 0x00, 0xc0}});
  ASSERT_TRUE(bool(encoded));
  expectError("a value of type tensor<2xf32> can't be tensor<2xf32, #quantized",
              {*encoded});
}

} // namespace
