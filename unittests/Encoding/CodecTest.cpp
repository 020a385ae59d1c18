//===- CodecTest.cpp - Tests of encoding and decoding -----------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestUtils.h"

#include "llvm/ADT/bit.h"

#include <cmath>
#include <cstring>

using namespace mlir::compress;
using namespace mlir::compress::test;

namespace {

//===----------------------------------------------------------------------===//
// An independent, naive reading of the definition x = s * (v(q) - z) + m
//===----------------------------------------------------------------------===//

/// The value at an index, computed one element at a time from the components.
class NaiveReader {
public:
  NaiveReader(const EncodingSpec &spec, llvm::ArrayRef<int64_t> shape,
              const Components &components)
      : components(components), specs(getComponents(spec, shape)) {
    for (size_t i = 0; i < specs.size(); ++i)
      byName[specs[i].name] = i;
  }

  float read(const EncodingSpec &spec, llvm::ArrayRef<int64_t> index,
             const std::string &prefix = "") {
    float value = spec.kind == EncodingSpec::Kind::Codebook
                      ? readEntry(spec, index, prefix)
                      : readNumber(prefix + "codes", index);
    Shape blockIndex;
    for (size_t dim = 0; dim < spec.block.size(); ++dim)
      blockIndex.push_back(spec.block[dim] < 0 ? 0
                                               : index[dim] / spec.block[dim]);
    if (spec.zero)
      value = value - readPart(spec.zero, blockIndex, prefix + "zero");
    if (spec.scale) {
      volatile float product =
          readPart(spec.scale, blockIndex, prefix + "scale") * value;
      value = product;
    }
    if (spec.min)
      value = value + readPart(spec.min, blockIndex, prefix + "min");
    return value;
  }

  uint32_t readCode(const std::string &name, llvm::ArrayRef<int64_t> index) {
    size_t i = byName.at(name);
    const ComponentSpec &spec = specs[i];
    int64_t row = 0;
    for (size_t dim = 0; dim + 1 < index.size(); ++dim)
      row = row * spec.logicalShape[dim] + index[dim];
    unsigned bits = spec.number.getBits();
    int64_t first = row * ((spec.logicalShape.back() * bits + 7) / 8) * 8 +
                    index.back() * bits;
    uint64_t code = 0;
    for (unsigned bit = 0; bit < bits; ++bit)
      code |=
          uint64_t(components[i][(first + bit) / 8] >> ((first + bit) % 8) & 1)
          << bit;
    return uint32_t(code);
  }

private:
  float readNumber(const std::string &name, llvm::ArrayRef<int64_t> index) {
    return specs[byName.at(name)].number.decode(readCode(name, index));
  }
  float readPart(const Part &part, llvm::ArrayRef<int64_t> index,
                 const std::string &name) {
    return part.isEncoding() ? read(part.getEncoding(), index, name + ".")
                             : readNumber(name, index);
  }
  float readEntry(const EncodingSpec &spec, llvm::ArrayRef<int64_t> index,
                  const std::string &prefix) {
    uint32_t code = readCode(prefix + "codes", index);
    return spec.table.empty() ? readNumber(prefix + "table", {code})
                              : spec.table[code];
  }

  const Components &components;
  llvm::SmallVector<ComponentSpec> specs;
  std::map<std::string, size_t> byName;
};

/// The index of an element by its row-major number.
Shape unravel(int64_t number, llvm::ArrayRef<int64_t> shape) {
  Shape index(shape);
  for (int64_t dim = int64_t(shape.size()) - 1; dim >= 0; --dim) {
    index[dim] = number % shape[dim];
    number /= shape[dim];
  }
  return index;
}

struct Case {
  const char *text;
  Shape shape;
};

std::vector<Case> getNumberFormatCases() {
  return {
      {"affine<i4, block = [1, 32], scale = f16>", {5, 72}},
      {"affine<i8, block = [1, -1], scale = f32>", {3, 33}},
      {"affine<i8, block = [-1, -1], scale = f32, narrow>", {3, 33}},
      {"affine<i2, block = [2, 3], scale = bf16>", {5, 10}},
      {"affine<i3, block = [1, 16], scale = f16>", {4, 37}},
      {"affine<i5, block = [3, 8], scale = f32>", {7, 19}},
      {"affine<i6, block = [1, 16], scale = affine<i8, block = [1, 16], scale "
       "= f16>>",
       {3, 530}},
      {"affine<i7, block = [1, 64], scale = f8E4M3FN>", {2, 65}},
      {"affine<i8, block = [1, 32], scale = f16, sums>", {4, 40}},
      {"affine<i8, block = [1, -1], scale = f32, zero = i8>", {6, 21}},
      {"affine<ui4, block = [1, 32], scale = f16, zero = ui4>", {3, 70}},
      {"affine<ui8, block = [2, 8], scale = f32, zero = f16>", {3, 19}},
      {"affine<ui4, block = [1, 32], scale = f16, min = f16>", {4, 96}},
      {"affine<ui1, block = [1, 8], scale = f32, min = f32>", {4, 19}},
      {"affine<i4, block = [4, 4], scale = f32, min = f32>", {9, 9}},
      {"affine<ui4, block = [1, 32], scale = affine<ui6, block = [1, 8], scale "
       "= f16>, min = affine<ui6, block = [1, 8], scale = f16>>",
       {3, 600}},
      {"affine<ui4, block = [1, 16], scale = f16, zero = affine<ui4, block = "
       "[1, 4], scale = f16>>",
       {3, 100}},
      {"affine<i4, block = [1, 2, 8], scale = f16>", {3, 5, 20}},
      {"affine<i4, block = [2, 2, 8], scale = affine<ui8, block = [1, 2, 2], "
       "scale = f16>>",
       {3, 5, 20}},
      {"affine<i4, block = [16], scale = f16>", {37}},
      {"float<f8E4M3FN, block = [4, 8], scale = f32>", {9, 19}},
      {"float<f8E5M2, block = [1, -1], scale = f16>", {9, 19}},
      {"float<f4E2M1FN, block = [1, 32], scale = f8E8M0FNU>", {3, 70}},
      {"float<f4E2M1FN, block = [1, 16], scale = float<f8E4M3FN, block = "
       "[-1, -1], scale = f32>>",
       {3, 70}},
      {"float<f16, block = [1, 16], scale = f32>", {3, 20}},
      {"codebook<nf4, block = [1, 64], scale = f16>", {3, 130}},
      {"codebook<nf4, block = [1, 64], scale = codebook<dynamic8, block = [1, "
       "256], scale = f32, min = f32>>",
       {3, 1000}},
      {"codebook<iq4_nl, block = [1, 32], scale = f16>", {3, 40}},
      {"codebook<ui2, table = [-1.0, 0.0, 0.25, 1.0], block = [1, 8], scale = "
       "f16, min = f16>",
       {3, 20}},
      {"codebook<ui3, table = [3.0, -1.0, 0.5, 0.0, 7.0, -6.5, 0.5, 2.0], "
       "block = [3, 8], scale = f32>",
       {7, 20}},
  };
}

/// All of the codes' values but NaN for the parameters of the block at `index`.
std::vector<float> getReachable(const EncodingSpec &spec,
                                llvm::ArrayRef<int64_t> shape,
                                const Components &components,
                                llvm::ArrayRef<int64_t> index) {
  std::vector<float> values;
  Components changed = components;
  auto codes = getComponents(spec, shape).front();
  int64_t row = 0;
  for (size_t dim = 0; dim + 1 < index.size(); ++dim)
    row = row * shape[dim] + index[dim];
  unsigned bits = spec.code.getBits();
  int64_t rowBytes = (shape.back() * bits + 7) / 8;
  NaiveReader reader(spec, shape, changed);
  for (uint32_t code = 0; code < (1u << bits); ++code) {
    if (spec.narrow && spec.code.decode(code) == float(spec.code.getMin()))
      continue;
    int64_t first = row * rowBytes * 8 + index.back() * bits;
    for (unsigned bit = 0; bit < bits; ++bit) {
      uint8_t &byte = changed[0][(first + bit) / 8];
      byte &= uint8_t(~(1u << ((first + bit) % 8)));
      byte |= uint8_t((code >> bit & 1) << ((first + bit) % 8));
    }
    float value = reader.read(spec, index);
    if (!std::isnan(value))
      values.push_back(value);
  }
  return values;
}

TEST(Codec, DecodesAsDefined) {
  for (const Case &test : getNumberFormatCases()) {
    SCOPED_TRACE(test.text);
    EncodingSpec spec = parse(test.text);
    auto values = makeValues(test.shape, 1);
    Components components = encodeAll(spec, test.shape, values);
    ASSERT_EQ(components.size(), getNumComponents(spec));
    auto decoded = decodeAll(spec, test.shape, components);
    NaiveReader reader(spec, test.shape, components);
    for (size_t i = 0; i < values.size(); ++i)
      ASSERT_EQ(
          llvm::bit_cast<uint32_t>(decoded[i]),
          llvm::bit_cast<uint32_t>(reader.read(spec, unravel(i, test.shape))))
          << i;
  }
}

TEST(Codec, PicksTheNearestCode) {
  for (const Case &test : getNumberFormatCases()) {
    EncodingSpec spec = parse(test.text);
    if (spec.code.getBits() > 8)
      continue;
    SCOPED_TRACE(test.text);
    auto values = makeValues(test.shape, 2);
    Components components = encodeAll(spec, test.shape, values);
    auto decoded = decodeAll(spec, test.shape, components);
    for (size_t i = 0; i < values.size(); i += 7) {
      float error = std::fabs(values[i] - decoded[i]);
      auto reachable =
          getReachable(spec, test.shape, components, unravel(i, test.shape));
      float largest = 0;
      for (float candidate : reachable)
        largest = std::max(largest, std::fabs(candidate));
      // Quotients are rounded to f32: near a tie either neighbour may win.
      float slack = 1e-5f * largest;
      for (float candidate : reachable)
        ASSERT_LE(error, std::fabs(values[i] - candidate) + slack) << i;
    }
  }
}

/// The error that follows from the format: half a step inside of the range,
/// plus what the rounded scales and minima moved the range's ends by.
TEST(Codec, ErrorIsWithinHalfAStep) {
  struct {
    const char *text;
    float steps;   // Codes between the smallest and the largest value.
    float partUlp; // Relative error of the scale's format.
  } cases[] = {
      {"affine<i8, block = [1, 32], scale = f32>", 254, 0},
      {"affine<i4, block = [1, 32], scale = f16>", 14, 0x1p-11f},
      {"affine<ui4, block = [1, 32], scale = f16, min = f16>", 15, 0x1p-11f},
      {"affine<i8, block = [1, 32], scale = f32, zero = i8>", 255, 0},
      {"affine<i5, block = [1, 32], scale = bf16>", 30, 0x1p-8f},
  };
  for (auto &test : cases) {
    EncodingSpec spec = parse(test.text);
    Shape shape = {16, 96};
    auto values = makeValues(shape, 3);
    auto decoded = decodeAll(spec, shape, encodeAll(spec, shape, values));
    for (size_t block = 0; block < values.size(); block += 32) {
      auto begin = values.begin() + block, end = begin + 32;
      float lo = *std::min_element(begin, end);
      float hi = *std::max_element(begin, end);
      bool symmetric = !spec.min && !spec.zero;
      float range = symmetric  ? 2 * std::max(-lo, hi)
                    : spec.min ? hi - lo
                               : std::max(hi, 0.0f) - std::min(lo, 0.0f);
      float largest = std::max(std::fabs(lo), std::fabs(hi));
      // A zero point is a whole number: that moves the range by half a step.
      float halfSteps = spec.zero ? 2 : 1;
      float bound = halfSteps * range / test.steps / 2 +
                    test.partUlp * (range + largest) + 1e-5f * range;
      for (size_t i = block; i < block + 32; ++i)
        ASSERT_LE(std::fabs(values[i] - decoded[i]), bound) << test.text;
    }
  }
}

TEST(Codec, NestedMinimaOfUnsignedCodes) {
  EncodingSpec spec =
      parse("affine<ui4, block = [1, 32], scale = affine<ui6, block = [1, 8], "
            "scale = f16>, min = affine<ui6, block = [1, 8], scale = f16>>");
  Shape shape = {4, 512};
  auto values = makeValues(shape, 4);
  // One block without negative values: its minimum is 0.
  for (int i = 0; i < 32; ++i)
    values[i] = std::fabs(values[i]) + 1;
  Components components = encodeAll(spec, shape, values);
  auto decoded = decodeAll(spec, shape, components);
  for (size_t super = 0; super < values.size(); super += 256) {
    float widest = 0, lowest = 0;
    for (size_t block = super; block < super + 256; block += 32) {
      auto begin = values.begin() + block, end = begin + 32;
      float lo = std::min(0.0f, *std::min_element(begin, end));
      widest = std::max(widest, *std::max_element(begin, end) - lo);
      lowest = std::min(lowest, lo);
    }
    for (size_t i = super; i < super + 256; ++i) {
      auto begin = values.begin() + i / 32 * 32, end = begin + 32;
      float lo = std::min(0.0f, *std::min_element(begin, end));
      float range = *std::max_element(begin, end) - lo;
      // Half a step of the codes, 15 times half a step of the scale's codes,
      // half a step of the minimum's; f16 rounds each outer scale by 2^-11.
      float bound = range / 30 + 15 * (widest / 15 / 63) / 2 - lowest / 63 / 2 +
                    (widest - lowest) * 0x1p-10f;
      ASSERT_LE(std::fabs(values[i] - decoded[i]), bound) << i;
    }
  }
  // The minima's outer scale holds the sign.
  auto scales = find(spec, shape, components, "min.scale");
  for (size_t i = 1; i < scales.size(); i += 2)
    EXPECT_TRUE(scales[i] & 0x80);
}

TEST(Codec, ReencodingIsIdempotent) {
  // Formats whose scale is recovered exactly from the decoded values: f32
  // scales that are powers of two.
  for (const char *text : {"affine<i8, block = [1, 16], scale = f32>",
                           "affine<i4, block = [1, 16], scale = f16>",
                           "float<f8E4M3FN, block = [1, 16], scale = f32>",
                           "codebook<nf4, block = [1, 16], scale = f32>"}) {
    EncodingSpec spec = parse(text);
    Shape shape = {8, 48};
    auto values = makeValues(shape, 5);
    auto range =
        spec.kind == EncodingSpec::Kind::Affine  ? float(spec.code.getMax())
        : spec.kind == EncodingSpec::Kind::Float ? float(spec.code.getLargest())
                                                 : 1.0f;
    for (size_t i = 0; i < values.size(); i += 16)
      values[i] = std::ldexp(range, int(i % 5)) * 2; // Above all others.
    Components first = encodeAll(spec, shape, values);
    auto decoded = decodeAll(spec, shape, first);
    EXPECT_EQ(encodeAll(spec, shape, decoded), first) << text;
  }
}

TEST(Codec, ZeroBlocksHaveZeroScaleAndCode) {
  Shape shape = {2, 64};
  std::vector<float> zeros(128, 0.0f);
  for (const char *text :
       {"affine<i4, block = [1, 32], scale = f16>",
        "affine<ui4, block = [1, 32], scale = f16, min = f16>",
        "affine<ui8, block = [1, 32], scale = f16, zero = ui8>",
        "float<f8E5M2, block = [1, 32], scale = f32>",
        "codebook<nf4, block = [1, 32], scale = f16>"}) {
    EncodingSpec spec = parse(text);
    Components components = encodeAll(spec, shape, zeros);
    for (const ComponentData &data : components)
      for (uint8_t byte : data)
        EXPECT_EQ(byte, 0) << text;
    for (float value : decodeAll(spec, shape, components))
      EXPECT_EQ(value, 0.0f) << text;
  }
}

TEST(Codec, ZeroScaleTakesTheZeroPointsCode) {
  EncodingSpec spec =
      parse("affine<ui4, block = [1, 8], scale = f16, zero = ui4>");
  std::vector<float> values(8, 0.0f), zero = {9};
  EncodeInputs inputs;
  inputs.zero = zero;
  Components components = encodeAll(spec, {1, 8}, values, inputs);
  for (uint8_t byte : components[0])
    EXPECT_EQ(byte, 0x99);
  EXPECT_EQ(decodeAll(spec, {1, 8}, components), values);
}

TEST(Codec, OneOutlier) {
  EncodingSpec spec = parse("affine<i8, block = [1, 32], scale = f32>");
  std::vector<float> values(32, 0.001f);
  values[17] = -127.0f;
  Components components = encodeAll(spec, {1, 32}, values);
  auto decoded = decodeAll(spec, {1, 32}, components);
  for (int i = 0; i < 32; ++i)
    EXPECT_EQ(decoded[i], i == 17 ? -127.0f : 0.0f);
}

TEST(Codec, UnsignedCodesOfNegativeValues) {
  EncodingSpec spec = parse("affine<ui8, block = [1, 4], scale = f32>");
  std::vector<float> values = {-255, -1, 0, -128, 51, 0, 1, 255};
  Components components = encodeAll(spec, {1, 8}, values);
  EXPECT_EQ(decodeAll(spec, {1, 8}, components), values);
  EXPECT_EQ(components[0], (ComponentData{255, 1, 0, 128, 51, 0, 1, 255}));
}

/// Values at and next to the points between neighbouring entries.
TEST(Codec, CodebookTies) {
  for (const char *text : {"codebook<nf4, block = [1, 4], scale = f32>",
                           "codebook<dynamic8, block = [1, 4], scale = f32>",
                           "codebook<ui2, table = [1.0, -1.0, 0.0, -0.5], "
                           "block = [1, 4], scale = f32>"}) {
    EncodingSpec spec = parse(text);
    std::vector<float> sorted = spec.table;
    std::sort(sorted.begin(), sorted.end());
    std::vector<float> values, scales;
    for (size_t i = 0; i + 1 < sorted.size(); ++i) {
      float middle = float((double(sorted[i]) + sorted[i + 1]) / 2);
      values.insert(values.end(), {middle, std::nextafter(middle, -2.0f),
                                   std::nextafter(middle, 2.0f), sorted[i]});
      scales.push_back(1);
    }
    EncodeInputs inputs;
    inputs.scale = scales;
    Shape shape = {1, int64_t(values.size())};
    auto decoded =
        decodeAll(spec, shape, encodeAll(spec, shape, values, inputs));
    for (size_t i = 0; i < values.size(); ++i) {
      size_t expected = 0;
      for (size_t code = 1; code < spec.table.size(); ++code)
        if (std::fabs(values[i] - spec.table[code]) <
            std::fabs(values[i] - spec.table[expected]))
          expected = code;
      EXPECT_EQ(decoded[i], spec.table[expected]) << text << " " << values[i];
    }
  }
}

TEST(Codec, SumsOfCodes) {
  EncodingSpec spec = parse("affine<i8, block = [2, 4], scale = f32, sums>");
  Shape shape = {3, 6};
  auto values = makeValues(shape, 6);
  Components components = encodeAll(spec, shape, values);
  auto sums = find(spec, shape, components, "sums");
  ASSERT_EQ(sums.size(), 16u);
  int32_t expected[4] = {};
  for (int row = 0; row < 3; ++row)
    for (int column = 0; column < 6; ++column)
      expected[row / 2 * 2 + column / 4] +=
          int8_t(components[0][row * 6 + column]);
  EXPECT_EQ(std::memcmp(sums.data(), expected, 16), 0);
}

TEST(Codec, RoundsTiesToEven) {
  EncodingSpec spec = parse("affine<i8, block = [1, 4], scale = f32>");
  std::vector<float> values = {127, 2.5f, 3.5f, -2.5f};
  Components components = encodeAll(spec, {1, 4}, values);
  EXPECT_EQ(components[0], (ComponentData{127, 2, 4, 254}));
}

/// A ramp (j - 16) / 4, where the rule of ggml's Q4_1 and ours agree: its range
/// is 7.75 from -4 on, and the scale in f16 is the same.
TEST(Codec, RampAsInGGML) {
  EncodingSpec spec =
      parse("affine<ui4, block = [1, 32], scale = f16, min = f16>");
  std::vector<float> values(32);
  for (int j = 0; j < 32; ++j)
    values[j] = float(j - 16) / 4;
  Components components = encodeAll(spec, {1, 32}, values);
  EXPECT_EQ(components[1], (ComponentData{0x22, 0x38}));
  EXPECT_EQ(components[2], (ComponentData{0x00, 0xC4}));
  // Two neighbours share a code: 0 0 1 1 2 2 ...
  for (int i = 0; i < 16; ++i)
    EXPECT_EQ(components[0][i], i * 0x11);
}

/// The same ramp in Q8_0: d = 4 / 127 = 0x2808 as f16.
TEST(Codec, RampInEightBits) {
  EncodingSpec spec = parse("affine<i8, block = [1, 32], scale = f16>");
  std::vector<float> values(32);
  for (int j = 0; j < 32; ++j)
    values[j] = float(j - 16) / 4;
  Components components = encodeAll(spec, {1, 32}, values);
  EXPECT_EQ(components[1], (ComponentData{0x08, 0x28}));
  const int8_t expected[32] = {-127, -119, -111, -103, -95, -87, -79, -71,
                               -64,  -56,  -48,  -40,  -32, -24, -16, -8,
                               0,    8,    16,   24,   32,  40,  48,  56,
                               64,   71,   79,   87,   95,  103, 111, 119};
  for (int j = 0; j < 32; ++j)
    EXPECT_EQ(int8_t(components[0][j]), expected[j]) << j;
}

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

TEST(Codec, DecodesRanges) {
  std::vector<Case> cases = getNumberFormatCases();
  cases.push_back({"nm<2 : 4, values = affine<i8, block = [2, 8], scale = "
                   "f16>>",
                   {7, 30}});
  cases.push_back({"block<[2, 4], values = affine<i4, block = [1, 4], scale = "
                   "f16>>",
                   {3, 5, 9}});
  cases.push_back({"permuted<values = f16>", {7, 9}});
  for (const Case &test : cases) {
    SCOPED_TRACE(test.text);
    EncodingSpec spec = parse(test.text);
    auto values = makeValues(test.shape, 7);
    Components components = encodeAll(spec, test.shape, values);
    auto decoded = decodeAll(spec, test.shape, components);
    int64_t columns = test.shape.back(), rows = count(test.shape) / columns;
    for (int64_t first = 0; first <= rows; ++first)
      for (int64_t number = 0; first + number <= rows; ++number) {
        std::vector<float> part(number * columns);
        ASSERT_EQ(message(decodeRows(spec, test.shape, refs(components), first,
                                     number, part)),
                  "");
        ASSERT_TRUE(std::equal(part.begin(), part.end(),
                               decoded.begin() + first * columns));
      }
  }
}

TEST(Codec, EncodesRanges) {
  for (const Case &test : std::vector<Case>{
           {"affine<ui4, block = [1, 32], scale = affine<ui6, block = [1, 8], "
            "scale = f16>, min = f16>",
            {7, 100}},
           {"affine<i4, block = [1, 1, 8], scale = f16, sums>", {2, 3, 20}},
           {"nm<2 : 4, values = affine<i8, block = [1, 8], scale = f16>>",
            {7, 30}},
           {"float<bf16>", {4, 5}}}) {
    SCOPED_TRACE(test.text);
    EncodingSpec spec = parse(test.text);
    auto values = makeValues(test.shape, 8);
    Components whole = encodeAll(spec, test.shape, values), parts = whole;
    for (ComponentData &data : parts)
      std::fill(data.begin(), data.end(), 0xAA);
    llvm::SmallVector<llvm::MutableArrayRef<uint8_t>> targets(parts.begin(),
                                                              parts.end());
    int64_t columns = test.shape.back(), rows = count(test.shape) / columns;
    for (int64_t first = 0; first < rows; first += 2) {
      int64_t number = std::min<int64_t>(2, rows - first);
      ASSERT_EQ(message(encodeRows(spec, test.shape,
                                   llvm::ArrayRef<float>(values).slice(
                                       first * columns, number * columns),
                                   first, number, targets)),
                "");
    }
    EXPECT_EQ(parts, whole);
  }
}

TEST(Codec, RefusesRangesThatShareBlocks) {
  EncodingSpec spec = parse("affine<i4, block = [2, 8], scale = f16>");
  std::vector<float> values(8);
  ComponentData codes(16), scale(4);
  std::string error =
      message(encodeRows(spec, {4, 8}, values, 0, 1, {codes, scale}));
  EXPECT_NE(error.find("share blocks; encode the whole tensor"),
            std::string::npos)
      << error;
  error = message(encodeRows(spec, {4, 8}, values, 3, 2, {codes, scale}));
  EXPECT_NE(error.find("are not all among"), std::string::npos) << error;
  spec = parse("affine<i4, block = [1, 8], scale = f16>");
  error = message(encodeRows(spec, {4, 8}, values, 1, 1, {codes}));
  EXPECT_NE(error.find("the encoding has 2 components, 1"), std::string::npos)
      << error;
  error = message(encodeRows(spec, {4, 8}, values, 1, 1, {codes, codes}));
  EXPECT_NE(error.find("`scale` has room for 16 bytes, not 8"),
            std::string::npos)
      << error;
}

TEST(Codec, EncodesNoRows) {
  EncodingSpec spec = parse("affine<i4, block = [4], scale = f16>");
  ComponentData codes(4), scale(4);
  EXPECT_EQ(message(encodeRows(spec, {8}, {}, 0, 0, {codes, scale})), "");
}

//===----------------------------------------------------------------------===//
// Structures
//===----------------------------------------------------------------------===//

TEST(Codec, NMKeepsTheLargest) {
  EncodingSpec spec = parse("nm<2 : 4, values = f32>");
  std::vector<float> values = {0, 3, 0, 5, 7, -7, 7, 2, -1, 4};
  Components components = encodeAll(spec, {1, 10}, values);
  // A tie goes to the first ones; of the ragged group both are kept.
  EXPECT_EQ(decodeAll(spec, {1, 10}, components),
            (std::vector<float>{0, 3, 0, 5, 7, -7, 0, 0, -1, 4}));
  // Positions 1 3, 0 1, 0 1 at two bits each.
  EXPECT_EQ(components[1], (ComponentData{0x4D, 0x04}));
}

TEST(Codec, NMOfEveryKind) {
  for (int64_t m = 2; m <= 16; ++m)
    for (int64_t n = 1; n < m; ++n)
      for (int64_t columns : {1, 15, 16, 49}) {
        EncodingSpec spec;
        spec.kind = EncodingSpec::Kind::NM;
        spec.n = n;
        spec.m = m;
        spec.values = NumberType::getF32();
        Shape shape = {2, columns};
        auto values = makeValues(shape, unsigned(m * 16 + n));
        auto decoded = decodeAll(spec, shape, encodeAll(spec, shape, values));
        for (int64_t i = 0; i < count(shape); ++i) {
          int64_t row = i / columns, column = i % columns;
          int64_t larger = 0;
          for (int64_t k = column / m * m;
               k < std::min(columns, column / m * m + m); ++k)
            larger +=
                std::fabs(values[row * columns + k]) > std::fabs(values[i]);
          ASSERT_EQ(decoded[i], larger < n ? values[i] : 0.0f);
        }
      }
}

TEST(Codec, BlockDropsZeroBlocks) {
  EncodingSpec spec = parse("block<[2, 3], values = f32>");
  Shape shape = {2, 3, 7};
  std::vector<float> values(42, 0.0f);
  values[0 * 21 + 1 * 7 + 4] = 1;  // Matrix 0, block row 0, column 1.
  values[1 * 21 + 2 * 7 + 6] = -2; // Matrix 1, block row 1, column 2 (ragged).
  Components components = encodeAll(spec, shape, values);
  const int32_t offset[] = {0, 1, 1, 1, 2}, column[] = {1, 2};
  ASSERT_EQ(components[0].size(), sizeof(offset));
  EXPECT_EQ(std::memcmp(components[0].data(), offset, sizeof(offset)), 0);
  ASSERT_EQ(components[1].size(), sizeof(column));
  EXPECT_EQ(std::memcmp(components[1].data(), column, sizeof(column)), 0);
  EXPECT_EQ(components[2].size(), 2u * 2 * 3 * 4);
  EXPECT_EQ(decodeAll(spec, shape, components), values);
}

TEST(Codec, BlockWithoutStoredBlocks) {
  for (const char *text :
       {"block<[2, 4], values = f16>",
        "block<[2, 4], values = affine<i4, block = [-1, 4], scale = f16>>"}) {
    EncodingSpec spec = parse(text);
    std::vector<float> zeros(40, 0.0f);
    Components components = encodeAll(spec, {5, 8}, zeros);
    EXPECT_EQ(components[1].size(), 0u);
    EXPECT_EQ(decodeAll(spec, {5, 8}, components), zeros);
  }
}

/// The largest of 200 values is the only outlier; the others' scale does not
/// reach it.
TEST(Codec, SplitKeepsTheLargestApart) {
  EncodingSpec spec =
      parse("split<base = affine<i8, block = [1, -1], scale = f32>, outliers = "
            "f16>");
  Shape shape = {4, 50};
  std::vector<float> values(200);
  for (int i = 0; i < 200; ++i)
    values[i] = float(i % 100) - 50;
  values[3] = 127; // The largest of the rest: a scale of 1 in row 0.
  values[50 + 7] = values[150 + 7] = -1000.5f;
  Components components = encodeAll(spec, shape, values);
  ASSERT_EQ(components.size(), 5u);
  const int32_t offset[] = {0, 0, 1, 1, 1}, column[] = {7};
  ASSERT_EQ(components[2].size(), sizeof(offset));
  EXPECT_EQ(std::memcmp(components[2].data(), offset, sizeof(offset)), 0);
  ASSERT_EQ(components[3].size(), sizeof(column));
  EXPECT_EQ(std::memcmp(components[3].data(), column, sizeof(column)), 0);
  EXPECT_EQ(components[4].size(), 2u);
  std::vector<float> decoded = decodeAll(spec, shape, components);
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(decoded[i], values[i]);
  EXPECT_EQ(decoded[57], -1000.5f);
  EXPECT_NEAR(decoded[58], values[58], 0.5 * 49 / 127);
  // The second outlier is too many, and its row has its scale.
  EXPECT_NEAR(decoded[157], -1000.5f, 1e-3);
  EXPECT_NEAR(decoded[158], values[158], 0.5 * 1000.5 / 127);
  // Both, if it is said so.
  std::vector<int64_t> places = {57, 157};
  EncodeInputs inputs;
  inputs.outliers = places;
  decoded = decodeAll(spec, shape, encodeAll(spec, shape, values, inputs));
  EXPECT_EQ(decoded[157], -1000.5f);
  EXPECT_NEAR(decoded[158], values[158], 0.5 * 50 / 127);
}

/// What a minimum has for 0 is made up for; no outlier is fine too; rows can be
/// decoded alone.
TEST(Codec, SplitOfAnyBase) {
  Shape shape = {3, 5, 16};
  auto values = makeValues(shape, 3);
  for (float &value : values)
    value += 9;
  std::vector<int64_t> places = {0, 17, 18, 200, 239};
  for (const char *text :
       {"split<base = affine<ui4, block = [1, 1, 8], scale = f32, min = f32>, "
        "outliers = f32>",
        "split<base = nm<2 : 4, values = f32>, outliers = f32>",
        "split<base = f16, outliers = block<[1, 4], values = f32>>",
        "split<base = block<[2, 4], values = f32>, outliers = nm<4 : 8, values "
        "= f32>>",
        "split<base = split<base = affine<i4, block = [1, 1, 8], scale = f32>, "
        "outliers = f16>, outliers = f32>"}) {
    SCOPED_TRACE(text);
    EncodingSpec spec = parse(text);
    EncodeInputs inputs;
    inputs.outliers = places;
    Components components = encodeAll(spec, shape, values, inputs);
    auto decoded = decodeAll(spec, shape, components);
    for (int64_t place : places)
      EXPECT_NEAR(decoded[place], values[place], 1e-5);
    std::vector<float> row(32);
    llvm::SmallVector<llvm::ArrayRef<uint8_t>> views(components.begin(),
                                                     components.end());
    ASSERT_EQ(message(decodeRows(spec, shape, views, 12, 2, row)), "");
    EXPECT_EQ(row, std::vector<float>(decoded.begin() + 12 * 16,
                                      decoded.begin() + 14 * 16));
    inputs.outliers = llvm::ArrayRef<int64_t>();
    decodeAll(spec, shape, encodeAll(spec, shape, values, inputs));
  }
}

TEST(Codec, SplitErrors) {
  EncodingSpec spec = parse("split<base = f32, outliers = f16>");
  std::vector<float> values = {1, 2, 3, 4};
  for (std::vector<int64_t> places :
       {std::vector<int64_t>{4}, {-1}, {1, 1}, {2, 0}}) {
    EncodeInputs inputs;
    inputs.outliers = places;
    std::string error =
        llvm::toString(encode(spec, {2, 2}, values, inputs).takeError());
    EXPECT_NE(error.find("outliers: places must ascend and be less than 4, "
                         "unlike entry"),
              std::string::npos)
        << error;
  }
  EncodeInputs places;
  places.outliers = llvm::ArrayRef<int64_t>();
  EXPECT_EQ(
      llvm::toString(
          encode(parse("float<f16>"), {2, 2}, values, places).takeError()),
      "places of outliers are given for float<f16>, which is no split; "
      "leave them out");
  Components components = encodeAll(spec, {2, 2}, values);
  auto getError = [&] {
    std::vector<float> result(4);
    llvm::SmallVector<llvm::ArrayRef<uint8_t>> views(components.begin(),
                                                     components.end());
    return message(decode(spec, {2, 2}, views, result));
  };
  EXPECT_EQ(getError(), "");
  // An outlier that has no value.
  components[2].resize(4);
  components[1][8] = 1;
  EXPECT_NE(getError().find("component `values` has 0 bytes"),
            std::string::npos);
  components[3].resize(2);
  EXPECT_EQ(getError(), "");
  // One beyond the row's end.
  components[2][0] = 2;
  EXPECT_NE(getError().find("`column` of block row 1 must ascend and be less "
                            "than 2"),
            std::string::npos);
}

TEST(Codec, StructuresNest) {
  EncodingSpec spec =
      parse("permuted<values = nm<2 : 4, values = block<[2, 2], "
            "values = f32>>>");
  Shape shape = {4, 8};
  std::vector<float> values(32, 0.0f);
  for (int i = 0; i < 16; ++i)
    values[i] = float(i % 3 == 0 ? i : 0);
  std::vector<int32_t> order = {7, 6, 5, 4, 3, 2, 1, 0};
  EncodeInputs inputs;
  inputs.order = order;
  auto decoded = decodeAll(spec, shape, encodeAll(spec, shape, values, inputs));
  EXPECT_EQ(decoded, values);
}

TEST(Codec, PermutedStoresInOrder) {
  EncodingSpec spec = parse("permuted<values = float<f32>>");
  std::vector<float> values = {10, 11, 12, 20, 21, 22};
  std::vector<int32_t> order = {2, 0, 1};
  EncodeInputs inputs;
  inputs.order = order;
  Components components = encodeAll(spec, {2, 3}, values, inputs);
  const float stored[] = {12, 10, 11, 22, 20, 21};
  EXPECT_EQ(std::memcmp(components[1].data(), stored, sizeof(stored)), 0);
  EXPECT_EQ(decodeAll(spec, {2, 3}, components), values);
  // Without an order it is the identity.
  components = encodeAll(spec, {2, 3}, values);
  EXPECT_EQ(components[0][4], 1);
}

//===----------------------------------------------------------------------===//
// Given parts
//===----------------------------------------------------------------------===//

TEST(Codec, StoredTables) {
  EncodingSpec spec = parse("codebook<ui2, block = [1, 4], scale = f32>");
  std::vector<float> values = {4, -4, 1, 0, 8, 2, -3, -8};
  std::vector<float> table = {0.25f, -1, 1, 0};
  EncodeInputs inputs;
  inputs.table = table;
  Components components = encodeAll(spec, {1, 8}, values, inputs);
  EXPECT_EQ(components[0], (ComponentData{0xC6, 0x72}));
  EXPECT_EQ(decodeAll(spec, {1, 8}, components),
            (std::vector<float>{4, -4, 1, 0, 8, 2, 0, -8}));
  llvm::Expected<Components> refused = encode(spec, {1, 8}, values);
  ASSERT_FALSE(bool(refused));
  EXPECT_NE(
      llvm::toString(refused.takeError())
          .find("is a component, and rounding fits none; give its 4 entries"),
      std::string::npos);
}

TEST(Codec, StaticQuantization) {
  EncodingSpec spec =
      parse("affine<i8, block = [1, 4], scale = f32, zero = i8>");
  std::vector<float> values = {0, 1, 100, -100}, scale = {0.5f}, zero = {3};
  EncodeInputs inputs;
  inputs.scale = scale;
  inputs.zero = zero;
  Components components = encodeAll(spec, {1, 4}, values, inputs);
  EXPECT_EQ(components[0], (ComponentData{3, 5, 127, 128}));
  EXPECT_EQ(decodeAll(spec, {1, 4}, components),
            (std::vector<float>{0, 1, 62, -65.5f}));
}

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

void expectEncodeError(llvm::StringRef text, llvm::ArrayRef<int64_t> shape,
                       llvm::ArrayRef<float> values, llvm::StringRef part,
                       const EncodeInputs &inputs = {}) {
  llvm::Expected<Components> result =
      encode(parse(text), shape, values, inputs);
  ASSERT_FALSE(bool(result)) << text.str();
  std::string error = llvm::toString(result.takeError());
  EXPECT_NE(error.find(part.str()), std::string::npos) << error;
}

TEST(Codec, EncodeErrors) {
  const char *text = "affine<i8, block = [1, 2], scale = f16>";
  expectEncodeError(text, {1, 4}, {1, 2, NAN, 4}, "index 2 is NaN");
  expectEncodeError(text, {1, 4}, {1, INFINITY, 2, 4},
                    "index 1 is infinite; an encoding holds finite values");
  expectEncodeError(text, {1, 4}, {1, 2}, "2 values do not fill");
  expectEncodeError(text, {-1, 4}, {1, 2, 3, 4},
                    "values need a static shape, not [-1, 4]");
  expectEncodeError(text, {4}, {1, 2, 3, 4}, "has 2 sizes");
  expectEncodeError(text, {1, 4}, {1, 2, 3e7f, 4}, "`scale`: value");
  expectEncodeError("float<f16>", {1, 2}, {1, 70000},
                    "at index 1 of shape [1, 2] is beyond the range of f16");
  expectEncodeError("affine<ui8, block = [1, 2], scale = f16>", {1, 4},
                    {1, 2, -1, 2}, "block [0, 1] holds values of both signs");
  expectEncodeError("affine<ui8, block = [1, 2], scale = f8E8M0FNU>", {1, 2},
                    {-1, -2}, "can't be held as f8E8M0FNU");
  std::vector<int32_t> order = {0, 0};
  EncodeInputs inputs;
  inputs.order = order;
  expectEncodeError("permuted<values = f16>", {1, 2}, {1, 2},
                    "`order` is not a permutation", inputs);
  std::vector<float> scale = {1};
  inputs = {};
  inputs.scale = scale;
  expectEncodeError(text, {1, 4}, {1, 2, 3, 4},
                    "1 values of `scale` were given for a block grid of [1, 2]",
                    inputs);
}

void expectDecodeError(llvm::StringRef text, llvm::ArrayRef<int64_t> shape,
                       const Components &components, llvm::StringRef part) {
  std::vector<float> values(count(shape));
  std::string error =
      message(decode(parse(text), shape, refs(components), values));
  EXPECT_NE(error.find(part.str()), std::string::npos) << error;
}

ComponentData bytesOf(llvm::ArrayRef<int32_t> values) {
  ComponentData bytes(values.size() * 4);
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

TEST(Codec, DecodeErrors) {
  const char *affine = "affine<i8, block = [1, 2], scale = f16>";
  ComponentData codes(4), scale(4);
  expectDecodeError(affine, {1, 4}, {codes},
                    "the encoding has 2 components, 1 were given");
  expectDecodeError(affine, {1, 4}, {codes, codes, codes}, "3 were given");
  expectDecodeError(affine, {1, 4}, {codes, ComponentData(3)},
                    "`scale` has 3 bytes, but [1, 2] of f16 needs 4");
  std::vector<float> room(3);
  EXPECT_NE(message(decode(parse(affine), {1, 4}, {codes, scale}, room))
                .find("the result has room for 3"),
            std::string::npos);
  EXPECT_NE(
      message(decodeRows(parse(affine), {1, 4}, {codes, scale}, 1, 1, room))
          .find("are not all among"),
      std::string::npos);
  expectDecodeError("nm<2 : 4, values = f16>", {1, 4},
                    {ComponentData(4), ComponentData{0x05}},
                    "positions must ascend");
  expectDecodeError("nm<1 : 3, values = f16>", {1, 3},
                    {ComponentData(2), ComponentData{0x03}},
                    "positions must ascend and be less than 3");
  expectDecodeError("permuted<values = f16>", {1, 2},
                    {bytesOf({1, 2}), ComponentData(4)},
                    "`order` is not a permutation");
}

TEST(Codec, BlockDecodeErrors) {
  const char *block = "block<[1, 2], values = f16>";
  Shape shape = {2, 6};
  ComponentData values(12);
  expectDecodeError(block, shape,
                    {bytesOf({0, 2, 2}), bytesOf({0, 1, 2}), values},
                    "`offset` must run from 0");
  expectDecodeError(block, shape,
                    {bytesOf({0, 4, 3}), bytesOf({0, 1, 2}), values},
                    "`offset` descends after block row 0");
  expectDecodeError(block, shape,
                    {bytesOf({0, 2, 3}), bytesOf({1, 1, 2}), values},
                    "`column` of block row 0");
  expectDecodeError(block, shape,
                    {bytesOf({0, 2, 3}), bytesOf({0, 1, 3}), values},
                    "`column` of block row 1");
  expectDecodeError(block, shape,
                    {bytesOf({0, 2, 3}), bytesOf({0, 1, 2}), ComponentData(10)},
                    "component `values` has 10 bytes, but");
  expectDecodeError("block<[1, 2], values = float<f16>>", shape,
                    {bytesOf({0, 2, 3}), bytesOf({0, 1, 2}), ComponentData(10)},
                    "`codes` has 10 bytes");
}

TEST(Codec, PackedBits) {
  for (unsigned bits = 1; bits <= 32; ++bits) {
    std::vector<uint32_t> codes(37);
    for (size_t i = 0; i < codes.size(); ++i)
      codes[i] = uint32_t(i * 2654435761u) >> (32 - bits);
    std::vector<uint8_t> bytes((codes.size() * bits + 7) / 8, 0xFF);
    packBits(codes, bits, bytes.data());
    for (size_t i = 0; i < codes.size(); ++i)
      ASSERT_EQ(unpackBits(bytes.data(), bits, i), codes[i]) << bits;
  }
}

/// Names, and which encodings they mean something for.
TEST(Codec, Roundings) {
  EXPECT_EQ(str(Rounding::Nearest), "rtn");
  EXPECT_EQ(str(Rounding::FullRange), "rtn-full-range");
  EXPECT_EQ(str(Rounding::GGML), "rtn-ggml");
  struct Case {
    const char *encoding;
    bool fullRange, ggml;
  };
  for (auto [text, fullRange, ggml] :
       {Case{"affine<i4, block = [1, 32], scale = f16>", true, true},
        Case{"affine<i8, block = [16, 64], scale = bf16>", true, true},
        Case{"affine<i4, block = [1, 32], scale = f16, narrow>", false, false},
        Case{"affine<ui4, block = [1, 32], scale = f16, min = f16>", false,
             true},
        Case{"affine<ui4, block = [1, 32], scale = f16, zero = ui4>", false,
             false},
        Case{"affine<ui2, block = [1, 64], scale = f16, zero = ui2>", false,
             true},
        Case{"affine<i4, block = [1, 4], scale = affine<ui6, block = [1, 8], "
             "scale = f16>>",
             false, false},
        Case{"codebook<\"e2m1\", block = [1, 32], scale = f8E8M0FNU>", false,
             true},
        Case{"codebook<\"nf4\", block = [1, 32], scale = f16>", false, false},
        Case{"float<bf16>", false, true},
        Case{"nm<2 : 4, values = affine<i4, block = [1, 32], scale = f16>>",
             true, true}}) {
    SCOPED_TRACE(text);
    EncodingSpec spec = parse(text);
    EXPECT_TRUE(hasRounding(spec, Rounding::Nearest));
    EXPECT_EQ(hasRounding(spec, Rounding::FullRange), fullRange);
    EXPECT_EQ(hasRounding(spec, Rounding::GGML), ggml);
  }
  EncodeInputs inputs;
  inputs.rounding = Rounding::GGML;
  EXPECT_EQ(
      message(encode(parse("codebook<\"nf4\", block = [1, 2], scale = f16>"),
                     {1, 2}, {1.0f, 2.0f}, inputs)
                  .takeError()),
      "rounding `rtn-ggml` means nothing for codebook<nf4, block = [1, 2], "
      "scale = f16>; use `rtn`");
}

/// The first value of largest magnitude of a block of several rows becomes the
/// lowest code, also where one of the other sign comes later.
TEST(Codec, FullRangeInBlocksOfRows) {
  EncodingSpec spec = parse("affine<i4, block = [2, 2], scale = f32>");
  EncodeInputs inputs;
  inputs.rounding = Rounding::FullRange;
  std::vector<float> values = {1, 2, 0, -3, -4, 4, 3, 1};
  auto components = encode(spec, {2, 4}, values, inputs);
  ASSERT_TRUE(bool(components)) << llvm::toString(components.takeError());
  EXPECT_EQ(decodeAll(spec, {2, 4}, *components),
            (std::vector<float>{1, 2, 0, -3, -4, 3.5, 2.625, 1.125}));
}

} // namespace
