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
  int64_t rows;
  const char *blocks;
};

/// What the package gguf makes of the values of the entry of type F32 before
/// it, rows of 256.
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

std::vector<float> toFloats(llvm::ArrayRef<uint8_t> bytes) {
  std::vector<float> values(bytes.size() / 4);
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

/// Calls `body(format, values, shape, blocks)` for each golden.
template <typename Body> void forEachQuantized(Body body) {
  std::vector<float> values;
  for (const QuantizedGolden &golden : kQuantized) {
    const StorageFormat &format = *findStorageFormat(golden.type);
    std::vector<uint8_t> blocks = fromHex(golden.blocks);
    if (format.name == "F32")
      values = toFloats(blocks);
    SCOPED_TRACE(format.name.str() + ", " + std::to_string(golden.rows) +
                 " rows");
    body(format, values, Shape{golden.rows, 256}, blocks);
  }
}

/// Magnitudes for which gguf's exponents wrap around (Rounding::GGML).
void flushForE8M0(std::vector<float> &values) {
  for (size_t i = 0; i < values.size(); i += 32) {
    float largest = 0;
    for (size_t k = i; k < i + 32; ++k)
      largest = std::max(largest, std::fabs(values[k]));
    if (largest < 0x1p-125f)
      std::fill_n(values.begin() + i, 32, 0.0f);
  }
}

/// By default we write what the package gguf writes, byte for byte: normally
/// distributed values, ties, zeros of both signs, magnitudes from the smallest
/// number to the largest scale.
TEST(StorageFormats, WritesLikeGguf) {
  unsigned count = 0;
  forEachQuantized([&](const StorageFormat &format, std::vector<float> values,
                       const Shape &shape, std::vector<uint8_t> expected) {
    EXPECT_EQ(str(format.rounding), "rtn-ggml");
    if (format.name == "MXFP4")
      flushForE8M0(values);
    auto blocks = encodeBlocks(format, shape, values);
    ASSERT_TRUE(bool(blocks)) << llvm::toString(blocks.takeError());
    int64_t rowBytes = expected.size() / shape[0];
    for (int64_t row = 0; row < shape[0]; ++row)
      EXPECT_EQ(
          llvm::toHex(llvm::ArrayRef(*blocks).slice(row * rowBytes, rowBytes)),
          llvm::toHex(llvm::ArrayRef(expected).slice(row * rowBytes, rowBytes)))
          << "row " << row;
    ++count;
  });
  EXPECT_EQ(count, 20u); // 11 types of normal values, 9 of extremes.
}

/// Rounding to nearest chooses codes for the scale that is stored. Where ggml's
/// scales are the same, its codes are as near or one off, at ties or since the
/// scale it divides by is not the stored one; so squared errors are no smaller.
TEST(StorageFormats, NearestIsAsNearAsGguf) {
  forEachQuantized([&](const StorageFormat &format,
                       const std::vector<float> &values, const Shape &shape,
                       const std::vector<uint8_t> &blocks) {
    if (format.name != "Q4_1" && format.name != "Q5_1" && format.name != "Q8_0")
      return;
    EncodingSpec spec = format.getEncoding(2);
    auto ours = encode(spec, shape, values);
    ASSERT_TRUE(bool(ours)) << llvm::toString(ours.takeError());
    auto theirs = unpackBlocks(format, shape, blocks);
    ASSERT_TRUE(bool(theirs)) << llvm::toString(theirs.takeError());
    auto a = decodeAll(spec, shape, *ours), b = decodeAll(spec, shape, *theirs);
    unsigned different = 0;
    for (size_t i = 0; i < values.size(); ++i) {
      different += a[i] != b[i];
      EXPECT_LE(std::fabs(a[i] - values[i]), std::fabs(b[i] - values[i])) << i;
    }
    EXPECT_GT(different, 0u); // Otherwise there would be nothing to name.
  });
}

/// Halves, by hand: s = 1 and r = 1. ggml's Q4_0 rounds them up, Q8_0 away from
/// zero, and rounding to nearest to even codes.
TEST(StorageFormats, TiesByHand) {
  std::vector<float> values(32, 0.0f);
  values[0] = -8;
  values[1] = 0.5;
  values[2] = -0.5;
  values[3] = 1.5;
  values[4] = -1.5;
  auto getCodes = [&](llvm::StringRef type, Rounding rounding, float extreme) {
    const StorageFormat &format = *findStorageFormat(type);
    EncodingSpec spec = format.getEncoding(2);
    values[0] = extreme;
    EncodeInputs inputs;
    inputs.rounding = rounding;
    auto components = encode(spec, {1, 32}, values, inputs);
    EXPECT_TRUE(bool(components));
    std::vector<int> codes;
    for (int i = 0; i < 5; ++i)
      codes.push_back(spec.code.decode(
          unpackBits((*components)[0].data(), spec.code.getBits(), i)));
    return codes;
  };
  using Codes = std::vector<int>;
  EXPECT_EQ(getCodes("Q4_0", Rounding::GGML, -8), (Codes{-8, 1, 0, 2, -1}));
  EXPECT_EQ(getCodes("Q4_0", Rounding::FullRange, -8),
            (Codes{-8, 0, 0, 2, -2}));
  EXPECT_EQ(getCodes("Q4_0", Rounding::Nearest, -7), (Codes{-7, 0, 0, 2, -2}));
  EXPECT_EQ(getCodes("Q8_0", Rounding::GGML, -127),
            (Codes{-127, 1, -1, 2, -2}));
  EXPECT_EQ(getCodes("Q8_0", Rounding::Nearest, -127),
            (Codes{-127, 0, 0, 2, -2}));
}

/// s = 1/3 + 2^-15 is stored as 1365/4096, which is less. A value just below
/// s / 2 has the code 0 by ggml, and is nearer to the stored scale.
TEST(StorageFormats, CodesForTheScaleThatIsNotStored) {
  const StorageFormat &format = *findStorageFormat("Q8_0");
  float s = 1.0f / 3 + 0x1p-15f;
  std::vector<float> values(32, s * 0.5f * (1 - 0x1p-16f));
  values[0] = s * 127;
  auto blocks = encodeBlocks(format, {1, 32}, values);
  ASSERT_TRUE(bool(blocks));
  auto nearest = encodeBlocks(format, {1, 32}, values, EncodeInputs());
  ASSERT_TRUE(bool(nearest));
  EXPECT_EQ((*blocks)[3], 0);
  EXPECT_EQ((*nearest)[3], 1);
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

/// ggml writes infinity; a file of ours has none.
TEST(StorageFormats, ScalesBeyondTheFormat) {
  std::vector<float> values(32, 2e6f);
  values[1] = -2e6f;
  for (llvm::StringRef type : {"Q4_0", "Q4_1", "Q5_0", "Q5_1"})
    expectError(encodeBlocks(*findStorageFormat(type), {1, 32}, values),
                "beyond the range of f16");
  std::vector<float> ternary(256, 1e6f);
  expectError(encodeBlocks(*findStorageFormat("TQ2_0"), {1, 256}, ternary),
              "beyond the range of f16");
}

/// Exponents below the range of an E8M0 scale become the lowest.
TEST(StorageFormats, SmallestMXFP4) {
  std::vector<float> values(32, 0.0f);
  values[0] = 0x1p-126f;
  auto blocks = encodeBlocks(*findStorageFormat("MXFP4"), {1, 32}, values);
  ASSERT_TRUE(bool(blocks)) << llvm::toString(blocks.takeError());
  EXPECT_EQ((*blocks)[0], 0);
  EXPECT_EQ((*blocks)[1], 4); // 2 * 2^-127.
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
