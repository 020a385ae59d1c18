//===- BlockTypesTest.cpp - Products of weights as files store them -------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ContractionCase.h"

#include "compress/Encoding/StorageFormats.h"
#include "compress/Import/EncodingAttributes.h"

#include "gtest/gtest.h"

#include <random>

using namespace mlir;
using namespace mlir::compress;
using namespace mlir::compress::test;

namespace {

const char *kInt8 = "#quantized.affine<i8, block = [1, 32], scale = f32, "
                    "narrow = true, sums = true>";

std::string getAttributeText(const StorageFormat &format) {
  DialectRegistry registry;
  registerCodegenDialects(registry);
  MLIRContext context(registry);
  context.loadAllAvailableDialects();
  std::string text;
  llvm::raw_string_ostream(text)
      << llvm::cantFail(getEncodingAttr(&context, format.getEncoding(2)));
  return text;
}

/// Random floats of a component that holds scales, minima or plain values.
void fillFloats(const ComponentSpec &spec, std::mt19937 &random,
                ComponentData &bytes) {
  bool hasSign = spec.number.getKind() != NumberType::Kind::F8E8M0FNU;
  size_t size = spec.number.getBits() / 8;
  for (size_t at = 0; at < bytes.size(); at += size) {
    float value =
        std::ldexp(1 + float(random() % 1000) / 1000, int(random() % 4) - 6);
    uint32_t code =
        spec.number.encode(hasSign && random() % 4 == 0 ? -value : value);
    std::memcpy(&bytes[at], &code, size);
  }
}

/// The components of random blocks: every code occurs. Bits of floats are those
/// of common numbers.
SmallVector<ComponentData> makeComponents(const StorageFormat &format,
                                          ArrayRef<int64_t> shape) {
  std::mt19937 random(7);
  std::vector<uint8_t> blocks(llvm::cantFail(format.getBytes(shape)));
  for (uint8_t &byte : blocks)
    byte = uint8_t(random());
  SmallVector<ComponentData> components =
      llvm::cantFail(unpackBlocks(format, shape, blocks));
  auto specs = compress::getComponents(format.getEncoding(2), shape);
  for (auto [spec, bytes] : llvm::zip_equal(specs, components))
    if (spec.number.isFloat())
      fillFloats(spec, random, bytes);
  return components;
}

class BlockTypesTest : public testing::TestWithParam<StorageFormat> {
protected:
  ContractionCase makeCase(StringRef activations, StringRef target) {
    ContractionCase c;
    c.name = GetParam().name.str();
    c.weights = getAttributeText(GetParam());
    c.activations = activations.str();
    c.n = 20;
    c.k = 512;
    c.target = target.str();
    return c;
  }

  /// The bits of products with random blocks.
  void checkBlocks(const ContractionCase &c) {
    SCOPED_TRACE(c.target + ", activations " + c.activations);
    auto module = CompiledModule::create(c.getText(), c.target);
    ASSERT_TRUE(bool(module)) << llvm::toString(module.takeError());
    RankedTensorType type = (*module)->getParameterType("w");
    auto weights =
        HostTensor::get(type, makeComponents(GetParam(), c.getWeightShape()));
    ASSERT_TRUE(bool(weights)) << llvm::toString(weights.takeError());
    ASSERT_FALSE(bool((*module)->bind({{"w", *weights}})));
    for (int64_t m : {1, 6}) {
      std::mt19937 random(m);
      std::vector<float> x(m * c.k);
      for (float &value : x)
        value = float(int(random() % 2001) - 1000) / 700;
      auto expected =
          (*module)->evaluate("f", {m, c.k}, x, Arithmetic::Generated);
      ASSERT_TRUE(bool(expected)) << llvm::toString(expected.takeError());
      auto result = (*module)->run("f", {m, c.k}, x, {m, c.n}, /*threads=*/2);
      ASSERT_TRUE(bool(result)) << llvm::toString(result.takeError());
      EXPECT_EQ(*result, expected->values) << "m = " << m;
    }
  }
};

TEST_P(BlockTypesTest, GeneratedCodeHasTheReferencesBits) {
  for (const char *target : {"native", "x86-64-v3"})
    for (const char *activations : {"", kInt8})
      checkBlocks(makeCase(activations, target));
}

TEST_P(BlockTypesTest, AgreesWithReference) {
  for (const char *activations : {"", kInt8})
    checkContraction(makeCase(activations, "native"));
}

TEST_P(BlockTypesTest, AgreesWithReferenceOnLanes) {
  checkContractionOnLanes(makeCase("", "native"));
}

INSTANTIATE_TEST_SUITE_P(All, BlockTypesTest,
                         testing::ValuesIn(getStorageFormats()),
                         [](const auto &info) {
                           return info.param.name.str();
                         });

} // namespace
