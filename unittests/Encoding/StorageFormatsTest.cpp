//===- StorageFormatsTest.cpp - Tests of block types ------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestUtils.h"

#include "compress/Encoding/StorageFormats.h"

#include "llvm/ADT/StringExtras.h"

#include <cstring>

using namespace mlir::compress;
using namespace mlir::compress::test;

namespace {

struct Golden {
  const char *type;
  int64_t rows, columns;
  const char *blocks, *values;
};

const Golden kGoldens[] = {
#include "ggml_goldens.inc"
};

struct QuantizedGolden {
  const char *type;
  const char *blocks;
};

/// What the package gguf makes of the values of the first entry.
const QuantizedGolden kQuantized[] = {
#include "ggml_quantized.inc"
};

std::vector<uint8_t> fromHex(llvm::StringRef text) {
  std::string bytes = llvm::fromHex(text);
  return {bytes.begin(), bytes.end()};
}

std::vector<uint8_t> makeRandomBytes(int64_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<uint8_t> bytes(size);
  for (uint8_t &byte : bytes)
    byte = uint8_t(random());
  return bytes;
}

TEST(StorageFormats, DecodeBitForBit) {
  for (const Golden &golden : kGoldens) {
    SCOPED_TRACE(golden.type);
    const StorageFormat *format = findStorageFormat(golden.type);
    ASSERT_TRUE(format);
    Shape shape = {golden.rows, golden.columns};
    auto components = unpackBlocks(*format, shape, fromHex(golden.blocks));
    ASSERT_TRUE(bool(components)) << llvm::toString(components.takeError());
    auto values = decodeAll(format->getEncoding(2), shape, *components);
    auto expected = fromHex(golden.values);
    ASSERT_EQ(expected.size(), values.size() * 4);
    for (size_t i = 0; i < values.size(); ++i)
      ASSERT_EQ(std::memcmp(&values[i], &expected[i * 4], 4), 0) << i;
  }
}

TEST(StorageFormats, EveryFormatHasAGolden) {
  for (const StorageFormat &format : getStorageFormats())
    EXPECT_TRUE(llvm::any_of(kGoldens, [&](const Golden &golden) {
      return format.name == golden.type;
    })) << format.name.str();
}

/// Whether several blocks may stand for the same codes.
bool hasDigits(const StorageFormat &format) {
  return llvm::any_of(format.components, [](const BlockComponent &component) {
    return !component.radixFields.empty();
  });
}

/// Random bits, also of floats: whatever the values mean, nothing is lost.
TEST(StorageFormats, PackingIsTheExactInverse) {
  for (const StorageFormat &format : getStorageFormats())
    for (Shape shape : {Shape{256}, Shape{3, 512}, Shape{2, 3, 256},
                        Shape{0, 256}, Shape{2, 0}}) {
      SCOPED_TRACE(format.name.str());
      auto bytes = format.getBytes(shape);
      ASSERT_TRUE(bool(bytes));
      auto blocks = makeRandomBytes(*bytes, 1);
      auto components = unpackBlocks(format, shape, blocks);
      ASSERT_TRUE(bool(components)) << llvm::toString(components.takeError());
      EncodingSpec spec = format.getEncoding(shape.size());
      EXPECT_EQ(message(verify(spec, shape)), "");
      auto again = packBlocks(format, shape, refs(*components));
      ASSERT_TRUE(bool(again)) << llvm::toString(again.takeError());
      if (!hasDigits(format)) {
        EXPECT_EQ(*again, blocks);
        continue;
      }
      auto same = unpackBlocks(format, shape, *again);
      ASSERT_TRUE(bool(same)) << llvm::toString(same.takeError());
      EXPECT_EQ(*same, *components);
      auto third = packBlocks(format, shape, refs(*same));
      ASSERT_TRUE(bool(third)) << llvm::toString(third.takeError());
      EXPECT_EQ(*third, *again);
    }
}

/// How often each bit of a block is used, and which bits of each element of one
/// component are filled.
class Coverage {
public:
  explicit Coverage(const StorageFormat &format)
      : used(format.bytesPerBlock * 8, 0) {}

  std::vector<uint32_t> add(const BlockComponent &component) {
    std::vector<uint32_t> filled(component.elementsPerBlock, 0);
    for (const BlockField &field : component.fields)
      for (unsigned i = 0; i < field.count; ++i) {
        use(getPosition(field, i), field.width);
        fill(filled[field.firstElement + i], ((uint64_t(1) << field.width) - 1)
                                                 << field.shift);
      }
    for (const RadixField &field : component.radixFields) {
      use(field.firstByte * 8, field.bytes * 8);
      uint32_t bits = llvm::NextPowerOf2(field.radix - 1) - 1;
      for (unsigned i = 0; i < field.bytes * field.digits; ++i)
        fill(filled[field.firstElement + i], bits);
    }
    return filled;
  }

  std::vector<unsigned> used;

private:
  static int64_t getPosition(const BlockField &field, int64_t element) {
    int64_t position = field.start;
    for (const BlockField::Digit &digit : field.digits) {
      position += element % digit.extent * digit.step;
      element /= digit.extent;
    }
    EXPECT_EQ(element, 0);
    return position;
  }
  void use(int64_t first, int64_t count) {
    ASSERT_LE(size_t(first + count), used.size());
    for (int64_t bit = first; bit < first + count; ++bit)
      ++used[bit];
  }
  static void fill(uint32_t &filled, uint64_t bits) {
    EXPECT_FALSE(filled & bits);
    filled |= uint32_t(bits);
  }
};

/// Each bit of a block belongs to exactly one element, or to digits of several,
/// and each bit of an element comes from somewhere, unless all are constant.
TEST(StorageFormats, FieldsCoverBlocksExactly) {
  for (const StorageFormat &format : getStorageFormats()) {
    SCOPED_TRACE(format.name.str());
    auto specs = getComponents(format.matrixEncoding,
                               {1, int64_t(format.valuesPerBlock)});
    ASSERT_EQ(format.components.size(), specs.size());
    Coverage coverage(format);
    for (const BlockComponent &component : format.components) {
      const ComponentSpec &spec = specs[component.component];
      ASSERT_EQ(int64_t(component.elementsPerBlock), spec.logicalShape.back());
      bool constant = component.fields.empty() && component.radixFields.empty();
      uint32_t all = uint32_t((uint64_t(1) << spec.number.getBits()) - 1);
      for (uint32_t bits : coverage.add(component))
        EXPECT_EQ(bits, constant ? 0 : all) << spec.name;
    }
    for (unsigned count : coverage.used)
      EXPECT_EQ(count, 1u);
  }
}

/// Every byte of five base-3 digits, by arithmetic on whole numbers: a byte B
/// holds floor(B * 3^5 / 2^8), and is the smallest that does.
TEST(StorageFormats, EveryByteOfTernaryDigits) {
  const StorageFormat &format = *findStorageFormat("TQ1_0");
  Shape shape = {8, 256}; // 32 bytes of five digits in each block.
  std::vector<uint8_t> blocks(*format.getBytes(shape), 0);
  for (unsigned byte = 0; byte < 256; ++byte)
    blocks[byte / 32 * format.bytesPerBlock + byte % 32] = uint8_t(byte);
  auto components = unpackBlocks(format, shape, blocks);
  ASSERT_TRUE(bool(components)) << llvm::toString(components.takeError());
  auto again = packBlocks(format, shape, refs(*components));
  ASSERT_TRUE(bool(again)) << llvm::toString(again.takeError());
  for (unsigned byte = 0; byte < 256; ++byte) {
    unsigned number = byte * 243 / 256;
    EXPECT_EQ((*again)[byte / 32 * format.bytesPerBlock + byte % 32],
              (number * 256 + 242) / 243);
    for (int digit = 4; digit >= 0; --digit, number /= 3)
      EXPECT_EQ(unpackBits((*components)[0].data() + byte / 32 * 64, 2,
                           digit * 32 + byte % 32),
                number % 3)
          << byte;
  }
}

/// The scales that ggml takes where ours are others; `zero` is given with them.
struct GivenParts {
  std::vector<float> scale, zero;
};

GivenParts getGgmlParts(llvm::StringRef type, llvm::ArrayRef<float> values,
                        int64_t block) {
  GivenParts parts;
  for (size_t i = 0; i < values.size(); i += block) {
    float extreme = *std::max_element(
        values.begin() + i, values.begin() + i + block,
        [](float a, float b) { return std::fabs(a) < std::fabs(b); });
    if (type == "Q4_0" || type == "Q5_0") {
      parts.scale.push_back(extreme / (type == "Q4_0" ? -8 : -16));
    } else if (type == "TQ1_0" || type == "TQ2_0") {
      parts.scale.push_back(std::fabs(extreme));
      parts.zero.push_back(1);
    } else if (type == "MXFP4") {
      parts.scale.push_back(std::ldexp(1.0f, std::ilogb(extreme) - 2));
    }
  }
  return parts;
}

/// Given its scales, we write what ggml writes, but for codes between which a
/// value lies in the middle, nearly: ggml chooses codes for the scale in f32,
/// and we for the one that is stored, which is what they are decoded with. So a
/// code may be one less or more, where rounding the scale to f16, by up to
/// 2^-11 of it, moves the quotient over the middle. Floats and scales that are
/// powers of two are stored exactly.
TEST(StorageFormats, EncodesLikeGgml) {
  Shape shape = {2, 256};
  auto bytes = fromHex(kQuantized[0].blocks);
  std::vector<float> values(bytes.size() / 4);
  std::memcpy(values.data(), bytes.data(), bytes.size());
  for (const QuantizedGolden &golden : kQuantized) {
    SCOPED_TRACE(golden.type);
    const StorageFormat &format = *findStorageFormat(golden.type);
    EncodingSpec spec = format.getEncoding(2);
    GivenParts parts = getGgmlParts(format.name, values,
                                    spec.block.empty() ? 1 : spec.block.back());
    EncodeInputs inputs;
    inputs.scale = parts.scale;
    inputs.zero = parts.zero;
    auto ours = encode(spec, shape, values, inputs);
    ASSERT_TRUE(bool(ours)) << llvm::toString(ours.takeError());
    auto theirs = unpackBlocks(format, shape, fromHex(golden.blocks));
    ASSERT_TRUE(bool(theirs)) << llvm::toString(theirs.takeError());
    for (size_t i = 1; i < ours->size(); ++i)
      EXPECT_EQ((*ours)[i], (*theirs)[i]) << i;
    bool exact = spec.kind != EncodingSpec::Kind::Affine;
    if (exact) {
      EXPECT_EQ((*ours)[0], (*theirs)[0]);
      continue;
    }
    // Codes 0, 1, 2, ... reach 2^bits, so quotients move by 2^(bits - 12).
    unsigned bits = spec.code.getBits(), different = 0;
    for (int64_t i = 0; i < 512; ++i) {
      unsigned a = unpackBits((*ours)[0].data(), bits, i);
      unsigned b = unpackBits((*theirs)[0].data(), bits, i);
      different += a != b;
      float step = spec.code.decode(a) - spec.code.decode(b);
      EXPECT_LE(std::fabs(step), 1) << i;
    }
    EXPECT_LE(different, 512 * std::ldexp(1.0, int(bits) - 12) + 1);
  }
}

/// The ramp (j - 16) / 4 as ggml quantizes it to Q4_0: d = 0.5.
TEST(StorageFormats, RampInQ4_0) {
  auto blocks = fromHex("003880"
                        "9191a2a2b3b3c4c4d5d5e6e6f7f7f8");
  const StorageFormat *format = findStorageFormat(2);
  ASSERT_TRUE(format);
  auto components = unpackBlocks(*format, {1, 32}, blocks);
  ASSERT_TRUE(bool(components)) << llvm::toString(components.takeError());
  EXPECT_EQ((*components)[1], (ComponentData{0x00, 0x38}));
  auto values = decodeAll(format->getEncoding(2), {1, 32}, *components);
  for (int j = 0; j < 32; ++j) {
    float value = float(j - 16) / 4;
    EXPECT_LE(std::fabs(values[j] - value), 0.25f) << j;
  }
  EXPECT_EQ(values[0], -4.0f);
  EXPECT_EQ(values[16], 0.0f);
  EXPECT_EQ(values[31], 3.5f);
}

TEST(StorageFormats, Lookup) {
  for (const StorageFormat &format : getStorageFormats()) {
    EXPECT_EQ(findStorageFormat(format.ggmlType), &format);
    EXPECT_EQ(findStorageFormat(format.name), &format);
  }
  EXPECT_EQ(findStorageFormat(9999), nullptr);
  EXPECT_EQ(findStorageFormat("Q9_9"), nullptr);
  EXPECT_EQ(findStorageFormat(12)->name, "Q4_K");
}

TEST(StorageFormats, EncodingsOfEveryRank) {
  const StorageFormat *format = findStorageFormat("Q4_K");
  EXPECT_EQ(str(format->getEncoding(3)),
            "affine<ui4, block = [1, 1, 32], scale = affine<ui6, block = [1, "
            "1, 8], scale = f16>, min = affine<ui6, block = [1, 1, 8], scale "
            "= f16>>");
  EXPECT_EQ(str(findStorageFormat("Q8_0")->getEncoding(1)),
            "affine<i8, block = [32], scale = f16>");
  EXPECT_EQ(str(findStorageFormat("F16")->getEncoding(1)), "float<f16>");
}

template <typename T>
void expectError(llvm::Expected<T> result, llvm::StringRef part) {
  ASSERT_FALSE(bool(result));
  std::string error = llvm::toString(result.takeError());
  EXPECT_NE(error.find(part.str()), std::string::npos) << error;
}

TEST(StorageFormats, Errors) {
  const StorageFormat &format = *findStorageFormat("Q4_0");
  expectError(format.getBytes({}), "a tensor of type Q4_0 has no dimensions");
  expectError(format.getBytes({-1, 32}), "static shape");
  expectError(format.getBytes({2, 48}), "do not divide rows of 48");
  expectError(format.getBytes({int64_t(1) << 40, int64_t(1) << 40}),
              "larger than memory can be");
  expectError(unpackBlocks(format, {2, 32}, ComponentData(35)),
              "has 36 bytes, but 35 are there");
  expectError(unpackBlocks(format, {2, 33}, ComponentData(36)),
              "do not divide");
  ComponentData codes(32), scale(4);
  expectError(packBlocks(format, {2, 33}, {codes, scale}), "do not divide");
  expectError(packBlocks(format, {2, 32}, {codes}), "has 2 components");
  expectError(packBlocks(format, {2, 32}, {codes, codes}),
              "component `scale` of a tensor of shape [2, 32]");
}

TEST(StorageFormats, CodesThatATypeCannotHold) {
  const StorageFormat &format = *findStorageFormat("TQ1_0");
  ComponentData codes(2 * 64), scale(2 * 2), zero = {1, 1};
  Shape shape = {2, 256};
  EXPECT_TRUE(bool(packBlocks(format, shape, {codes, scale, zero})));
  codes[64 + 3] = 0xC0; // Code 3 of element 15.
  expectError(packBlocks(format, shape, {codes, scale, zero}),
              "type TQ1_0 can't hold code 3 of component `codes`, row 1, "
              "column 15");
  codes[64 + 3] = 0;
  zero[0] = 2;
  expectError(packBlocks(format, shape, {codes, scale, zero}),
              "can't hold code 2 of component `zero`, row 0, column 0");
}

} // namespace
