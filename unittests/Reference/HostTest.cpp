//===- HostTest.cpp - Tensors on the host ---------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EvaluatorTest.h"

using namespace mlir;
using namespace mlir::compress;

namespace {

using HostTest = EvaluatorTest;

TEST_F(HostTest, ElementsKeepTheirValues) {
  struct {
    const char *type;
    unsigned bytes;
    double value;
  } floats[] = {{"f64", 8, 1e300},     {"f32", 4, -0.5},
                {"f16", 2, 65504},     {"bf16", 2, 3.5},
                {"f8E4M3FN", 1, -448}, {"f8E5M2", 1, 57344},
                {"f4E2M1FN", 1, 6},    {"f8E8M0FNU", 1, 0.125}};
  for (auto [name, bytes, value] : floats) {
    HostTensor tensor(RankedTensorType::get({3}, type(name)));
    EXPECT_EQ(tensor.getBytes().size(), 3 * bytes) << name;
    tensor.set(1, number(name, value));
    EXPECT_EQ(tensor.get(1).number, value) << name;
    EXPECT_EQ(getElementBytes(type(name)), bytes);
  }
  struct {
    const char *type;
    unsigned bytes;
    int64_t value;
  } integers[] = {{"i1", 1, -1},         {"i4", 1, -8},
                  {"i8", 1, -128},       {"i12", 2, -2048},
                  {"i32", 4, INT32_MIN}, {"i64", 8, INT64_MIN},
                  {"index", 8, -1}};
  for (auto [name, bytes, value] : integers) {
    HostTensor tensor(RankedTensorType::get({3}, type(name)));
    EXPECT_EQ(tensor.getBytes().size(), 3 * bytes) << name;
    tensor.set(1, integer(name, value));
    EXPECT_EQ(tensor.get(1).integer, value) << name;
    EXPECT_EQ(tensor.getIntegers(), (std::vector<int64_t>{0, value, 0}));
  }
}

TEST_F(HostTest, CopiesAreIndependent) {
  HostTensor a = f32({2}, {1, 2}), b = a;
  EXPECT_EQ(a.getBytes().data(), b.getBytes().data());
  b.getMutableFloats()[0] = 7;
  EXPECT_EQ(a.getFloats()[0], 1);
  EXPECT_EQ(b.getFloats()[0], 7);
}

TEST_F(HostTest, ChecksTypesAndParts) {
  auto message = [&](StringRef typeText,
                     SmallVector<ComponentData> components) {
    auto tensor = HostTensor::get(tensorType(typeText), std::move(components));
    return tensor ? std::string() : llvm::toString(tensor.takeError());
  };
  EXPECT_EQ(message("tensor<2xf32>", {ComponentData(8)}), "");
  EXPECT_EQ(message("tensor<2xf32>", {ComponentData(7)}),
            "component 'values' has 7 bytes, expected 8");
  EXPECT_EQ(message("tensor<2xf32>", {}), "expected 1 components, got 0");
  EXPECT_EQ(message("tensor<?xf32>", {ComponentData(8)}),
            "a tensor in memory needs a static shape, got tensor<?xf32>");
  EXPECT_EQ(message("tensor<2xf128>", {ComponentData(32)}),
            "elements are numbers of at most 64 bits, got tensor<2xf128>");
  EXPECT_EQ(message("tensor<2xcomplex<f32>>", {ComponentData(16)}),
            "elements are numbers of at most 64 bits, got "
            "tensor<2xcomplex<f32>>");
  EXPECT_EQ(message("tensor<2xf32, \"mine\">", {ComponentData(8)}),
            "no codec knows the encoding of tensor<2xf32, \"mine\">");
}

TEST_F(HostTest, EncodesF64AndF16Elements) {
  RankedTensorType target = tensorType("tensor<2xf16, #quantized.float<bf16>>");
  HostTensor tensor(tensorType("tensor<2xf16>"));
  tensor.set(0, number("f16", 1));
  tensor.set(1, number("f16", 1.00390625)); // A tie between bf16 neighbours.
  auto encoded = tensor.encode(target);
  ASSERT_TRUE(bool(encoded));
  EXPECT_EQ(encoded->getType(), target);
  auto decoded = encoded->decode();
  ASSERT_TRUE(bool(decoded));
  EXPECT_EQ(decoded->getType(), tensor.getType());
  EXPECT_EQ(decoded->getDoubles(), (std::vector<double>{1, 1}));
  // Between encodings, by way of the values.
  auto other =
      encoded->encode(tensorType("tensor<2xf16, #quantized.float<f16>>"));
  ASSERT_TRUE(bool(other));
  EXPECT_EQ(other->getComponents()[0], (ComponentData{0x00, 0x3c, 0x00, 0x3c}));
}

} // namespace
