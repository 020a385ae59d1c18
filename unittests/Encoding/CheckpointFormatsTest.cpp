//===- CheckpointFormatsTest.cpp - Weights of quantized checkpoints -------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestUtils.h"

#include "compress/Encoding/CheckpointFormats.h"

#include "../Support/TestFiles.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"

#include <list>
#include <numeric>

using namespace mlir::compress;
using namespace mlir::compress::test;
using llvm::ArrayRef;
using llvm::StringRef;

namespace {

//===----------------------------------------------------------------------===//
// Words
//===----------------------------------------------------------------------===//

const CheckpointFormat &getFormat(StringRef name) {
  llvm::Expected<const CheckpointFormat *> format = findCheckpointFormat(name);
  EXPECT_TRUE(bool(format)) << llvm::toString(format.takeError());
  return **format;
}

/// The words of a line of stored fields.
std::vector<uint32_t> packLine(const IntegerPacking &packing, unsigned bits,
                               std::vector<uint8_t> fields) {
  int64_t count = fields.size();
  int64_t rows = packing.axis ? 1 : count, columns = packing.axis ? count : 1;
  std::vector<uint8_t> array =
      packIntegers(packing, bits, rows, columns, fields);
  EXPECT_EQ(unpackIntegers(packing, bits, rows, columns, array), fields);
  std::vector<uint32_t> words;
  for (size_t i = 0; i < array.size(); i += 4)
    words.push_back(llvm::support::endian::read32le(&array[i]));
  return words;
}

/// The words of the codes `values` in a format that has an offset.
std::vector<uint32_t> packSigned(unsigned bits, ArrayRef<int> values) {
  std::vector<uint8_t> fields;
  for (int value : values)
    fields.push_back(value + (1 << (bits - 1)));
  return packLine(getFormat("pack-quantized").codes.packing, bits, fields);
}

using Words = std::vector<uint32_t>;

TEST(CheckpointWordsTest, CompressedTensorsInt4) {
  EXPECT_EQ(packSigned(4, {-8, -7, -6, -5, -4, -3, -2, -1}), Words{0x76543210});
  EXPECT_EQ(packSigned(4, {0, 1, 2, 3, 4, 5, 6, 7}), Words{0xfedcba98});
}

TEST(CheckpointWordsTest, CompressedTensorsInt8) {
  EXPECT_EQ(packSigned(8, {-128, -1, 0, 127}), Words{0xff807f00});
}

TEST(CheckpointWordsTest, CompressedTensorsInt3StraddlesWords) {
  std::vector<int> values;
  for (int i = 0; i < 32; ++i)
    values.push_back(i % 8 - 4);
  EXPECT_EQ(packSigned(3, values), (Words{0x88fac688, 0xc688fac6, 0xfac688fa}));
}

TEST(CheckpointWordsTest, CompressedTensorsOldInt3PadsWords) {
  IntegerPacking packing = getFormat("pack-quantized").codes.packing;
  packing.padded = true;
  std::vector<uint8_t> fields(12);
  std::iota(fields.begin(), fields.end(), 0);
  for (uint8_t &field : fields)
    field %= 8;
  EXPECT_EQ(packLine(packing, 3, fields), (Words{076543210 | 010u << 24, 032}));
}

TEST(CheckpointWordsTest, GPTQInt4) {
  EXPECT_EQ(
      packLine(getFormat("gptq").codes.packing, 4, {0, 1, 2, 3, 4, 5, 6, 7}),
      Words{0x76543210});
}

TEST(CheckpointWordsTest, GPTQInt3SplitsValues10And21) {
  for (unsigned split : {10, 21}) {
    std::vector<uint8_t> fields(32, 0);
    fields[split] = 7;
    Words words = packLine(getFormat("gptq").codes.packing, 3, fields);
    ASSERT_EQ(words.size(), 3u);
    EXPECT_EQ(words[split / 11], split == 10 ? 0xc0000000 : 0x80000000);
    EXPECT_EQ(words[split / 11 + 1], split == 10 ? 1u : 3u);
  }
}

TEST(CheckpointWordsTest, AWQGemmOrder) {
  EXPECT_EQ(
      packLine(getFormat("awq").codes.packing, 4, {0, 1, 2, 3, 4, 5, 6, 7}),
      Words{0x75316420});
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

struct NamedArray {
  std::string suffix;
  CheckpointArray array;
};

llvm::Expected<CheckpointWeight> create(const CheckpointScheme &scheme,
                                        ArrayRef<NamedArray> arrays) {
  return CheckpointWeight::create(
      scheme, [&](StringRef suffix) -> const CheckpointArray * {
        for (const NamedArray &entry : arrays)
          if (entry.suffix == suffix)
            return &entry.array;
        return nullptr;
      });
}

std::vector<NamedArray> getViews(ArrayRef<OwnedCheckpointArray> arrays) {
  std::vector<NamedArray> views;
  for (const OwnedCheckpointArray &array : arrays)
    views.push_back(
        {array.suffix.str(), {array.type, array.shape, array.data}});
  return views;
}

llvm::SmallVector<ArrayRef<uint8_t>> getViews(const Components &components) {
  return {components.begin(), components.end()};
}

std::vector<float> decodeAll(const EncodingSpec &spec, ArrayRef<int64_t> shape,
                             const Components &components) {
  std::vector<float> values(count(shape));
  EXPECT_EQ(message(decode(spec, shape, getViews(components), values)), "");
  return values;
}

struct GoldenArray {
  const char *suffix;
  ElementType type;
  Shape shape;
  const char *data;
};

/// A small matrix that another program wrote.
struct Golden {
  const char *format;
  unsigned bits;
  llvm::SmallVector<int64_t, 2> block;
  bool symmetric;
  int64_t rows, columns;
  std::vector<GoldenArray> arrays;
  const char *values;
};

const Golden goldens[] = {
#include "checkpoint_goldens.inc"
};

class CheckpointGoldenTest : public testing::TestWithParam<size_t> {
protected:
  void SetUp() override {
    scheme = {&getFormat(golden.format), golden.bits, golden.block,
              golden.symmetric};
    for (const GoldenArray &array : golden.arrays) {
      data.push_back(llvm::fromHex(array.data));
      arrays.push_back({array.suffix,
                        {array.type, array.shape,
                         llvm::arrayRefFromStringRef(data.back())}});
    }
  }

  const Golden &golden = goldens[GetParam()];
  CheckpointScheme scheme;
  std::list<std::string> data;
  std::vector<NamedArray> arrays;
};

/// The values are those that another program computes from the same bytes.
TEST_P(CheckpointGoldenTest, DecodesAsItsProgram) {
  ASSERT_VALUE(weight, create(scheme, arrays));
  EXPECT_EQ(weight.getShape(),
            ArrayRef<int64_t>({golden.rows, golden.columns}));
  int64_t bytes = 0;
  for (const std::string &array : data)
    bytes += array.size();
  EXPECT_EQ(weight.getBytes(), bytes);
  ASSERT_VALUE(components, weight.unpack());
  std::vector<float> values =
      decodeAll(weight.getEncoding(), weight.getShape(), components);
  EXPECT_EQ(llvm::toHex(ArrayRef(reinterpret_cast<uint8_t *>(values.data()),
                                 values.size() * sizeof(float)),
                        /*LowerCase=*/true),
            golden.values);
}

/// What is written is what was read, byte for byte.
TEST_P(CheckpointGoldenTest, IsWrittenAsItWas) {
  ASSERT_VALUE(weight, create(scheme, arrays));
  ASSERT_VALUE(components, weight.unpack());
  ASSERT_VALUE(written,
               packCheckpoint(*scheme.format, weight.getEncoding(),
                              weight.getShape(), getViews(components)));
  EXPECT_EQ(written.size(), arrays.size());
  for (const OwnedCheckpointArray &array : written)
    for (auto [wanted, text] : llvm::zip_equal(arrays, data)) {
      if (wanted.suffix != array.suffix)
        continue;
      EXPECT_EQ(array.type, wanted.array.type) << wanted.suffix;
      EXPECT_EQ(array.shape, wanted.array.shape) << wanted.suffix;
      EXPECT_EQ(array.data, wanted.array.data.vec()) << wanted.suffix;
    }
}

std::string nameGolden(const testing::TestParamInfo<size_t> &info) {
  const Golden &golden = goldens[info.param];
  std::string name = std::string(golden.format) + "_" +
                     std::to_string(golden.bits) + "_bits_" +
                     std::to_string(info.param);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, CheckpointGoldenTest,
                         testing::Range<size_t>(0, std::size(goldens)),
                         nameGolden);

//===----------------------------------------------------------------------===//
// Encodings
//===----------------------------------------------------------------------===//

/// An encoded matrix, and whether columns are stored in another order.
struct Encoded {
  EncodingSpec spec;
  Shape shape;
  Components components;
};

Encoded encodeMatrix(StringRef text, Shape shape, bool isPermuted = false) {
  Encoded result{parse(text), shape, {}};
  std::vector<int32_t> order(shape.back());
  std::iota(order.begin(), order.end(), 0);
  EncodeInputs inputs;
  if (isPermuted) {
    std::mt19937 random(5);
    for (size_t i = order.size(); i > 1; --i)
      std::swap(order[i - 1], order[random() % i]);
    // Within a group the order is lost, since it means nothing.
    int64_t width = result.spec.values.getEncoding().block[1];
    for (size_t i = 0; i < order.size(); i += width)
      std::sort(order.begin() + i, order.begin() + i + width);
    inputs.order = order;
  }
  llvm::Expected<Components> components =
      encode(result.spec, shape, makeValues(shape, 3), inputs);
  if (!components)
    ADD_FAILURE() << llvm::toString(components.takeError());
  else
    result.components = std::move(*components);
  return result;
}

struct RoundTrip {
  const char *format, *encoding;
  Shape shape;
};

class CheckpointRoundTripTest : public testing::TestWithParam<RoundTrip> {};

/// Encoding, codes, scales and zero points come back as they were.
TEST_P(CheckpointRoundTripTest, IsLossless) {
  const RoundTrip &param = GetParam();
  bool isPermuted = StringRef(param.encoding).starts_with("permuted");
  Encoded source = encodeMatrix(param.encoding, param.shape, isPermuted);
  const CheckpointFormat &format = getFormat(param.format);
  ASSERT_VALUE(scheme, getCheckpointScheme(format, source.spec, source.shape));
  ASSERT_VALUE(arrays, packCheckpoint(format, source.spec, source.shape,
                                      getViews(source.components)));
  std::vector<NamedArray> views = getViews(arrays);
  ASSERT_VALUE(weight, create(scheme, views));
  EXPECT_EQ(weight.getShape(), ArrayRef<int64_t>(source.shape));
  ASSERT_VALUE(components, weight.unpack());
  EXPECT_EQ(decodeAll(weight.getEncoding(), source.shape, components),
            decodeAll(source.spec, source.shape, source.components));
  if (weight.getEncoding() == source.spec)
    EXPECT_EQ(components, source.components);
  else // Codes of the other sign.
    EXPECT_EQ(source.spec.code.isSigned(),
              !weight.getEncoding().code.isSigned());
}

const char *const symmetric4 = "affine<i4, block = [1, 8], scale = f16>";
const char *const zero4 =
    "affine<ui4, block = [1, 8], scale = f16, zero = ui4>";
const char *const zero3 =
    "affine<ui3, block = [1, -1], scale = f16, zero = ui3>";

INSTANTIATE_TEST_SUITE_P(
    All, CheckpointRoundTripTest,
    testing::Values(
        RoundTrip{"pack-quantized", symmetric4, {5, 24}},
        RoundTrip{"pack-quantized", zero4, {5, 24}},
        RoundTrip{"pack-quantized",
                  "permuted<values = affine<i4, block = [1, 8], scale = bf16>>",
                  {5, 24}},
        RoundTrip{"pack-quantized", zero3, {13, 50}},
        RoundTrip{"int-quantized",
                  "affine<i8, block = [-1, -1], scale = f32, zero = i8>",
                  {3, 5}},
        RoundTrip{
            "int-quantized", "affine<i5, block = [4, 2], scale = f32>", {8, 6}},
        RoundTrip{"float-quantized",
                  "float<f8E4M3FN, block = [1, -1], scale = f32>",
                  {3, 5}},
        RoundTrip{"gptq", symmetric4, {8, 24}},
        RoundTrip{"gptq-v2", zero4, {8, 24}},
        RoundTrip{
            "gptq-v2",
            "permuted<values = affine<ui4, block = [1, 8], scale = f16, zero = "
            "ui4>>",
            {8, 24}},
        RoundTrip{"gptq-v2", zero3, {32, 32}},
        RoundTrip{"gptq", "affine<i2, block = [1, 32], scale = f16>", {16, 64}},
        RoundTrip{"awq", symmetric4, {16, 24}},
        RoundTrip{"awq", zero4, {16, 24}}));

/// Matrices whose every zero point is the middle code are symmetric, whichever
/// way they are stored.
TEST(CheckpointFormatsTest, MiddleZeroPointsAreNone) {
  for (StringRef name : {"gptq", "gptq-v2", "awq"}) {
    Encoded source = encodeMatrix(symmetric4, {8, 8});
    const CheckpointFormat &format = getFormat(name);
    ASSERT_VALUE(arrays, packCheckpoint(format, source.spec, source.shape,
                                        getViews(source.components)));
    std::vector<NamedArray> views = getViews(arrays);
    // Version 1 stores 7, version 2 and AWQ 8.
    EXPECT_EQ(views[2].array.data[0], name == "gptq" ? 0x77 : 0x88);
    ASSERT_VALUE(weight, create({&format, 4, {1, 8}, false}, views));
    EXPECT_EQ(weight.getEncoding(), source.spec) << name.str();
  }
}

/// Version 1 of GPTQ says 2^b with the field of all ones, for which b bits are
/// too few.
TEST(CheckpointFormatsTest, LargestZeroPointOfGPTQ) {
  for (auto [bits, zero] : {std::pair(2u, "ui3"), {4u, "ui5"}, {8u, "f32"}}) {
    Shape shape = {int64_t(32 / bits), int64_t(32 / bits)};
    std::vector<uint8_t> codes(4 * shape[0], 0), zeros(4, 0xff),
        scales(2 * shape[0], 0x3c);
    std::vector<int32_t> groups(shape[1], -1);
    std::vector<NamedArray> arrays = {
        {"qweight", {ElementType::I32, {1, shape[0]}, codes}},
        {"qzeros", {ElementType::I32, {1, 1}, zeros}},
        {"scales", {ElementType::F16, {1, shape[0]}, scales}},
        {"g_idx",
         {ElementType::I32,
          {shape[1]},
          {reinterpret_cast<uint8_t *>(groups.data()), groups.size() * 4}}}};
    CheckpointScheme scheme{&getFormat("gptq"), bits, {1, -1}, false};
    ASSERT_VALUE(weight, create(scheme, arrays));
    EXPECT_EQ(str(weight.getEncoding().zero), zero);
    ASSERT_VALUE(components, weight.unpack());
    float scale = 0x1.0f0p+0f; // 0x3c3c
    EXPECT_EQ(decodeAll(weight.getEncoding(), shape, components)[0],
              -float(1 << bits) * scale);
    ASSERT_VALUE(written, packCheckpoint(*scheme.format, weight.getEncoding(),
                                         shape, getViews(components)));
    EXPECT_EQ(written[2].data, zeros);
    EXPECT_ERROR(packCheckpoint(getFormat("gptq-v2"), weight.getEncoding(),
                                shape, getViews(components)),
                 "gptq-v2 can't hold the zero point " +
                     std::to_string(1 << bits) + " of block 0");
  }
}

/// Words of older versions have whole integers only.
TEST(CheckpointFormatsTest, ReadsPaddedWords) {
  Encoded source = encodeMatrix("affine<i3, block = [1, -1], scale = f32, zero "
                                "= i3>",
                                {12, 170});
  const CheckpointFormat &format = getFormat("pack-quantized");
  ASSERT_VALUE(arrays, packCheckpoint(format, source.spec, source.shape,
                                      getViews(source.components)));
  CheckpointScheme scheme{&format, 3, {1, -1}, false};
  auto pad = [&](OwnedCheckpointArray &array,
                 const CheckpointIntegers &integers, int64_t rows,
                 int64_t columns) {
    std::vector<uint8_t> fields =
        unpackIntegers(integers.packing, 3, rows, columns, array.data);
    IntegerPacking padded = integers.packing;
    padded.padded = true;
    auto shape = getPackedShape(padded, 3, rows, columns);
    array.shape.assign(shape.begin(), shape.end());
    array.data = packIntegers(padded, 3, rows, columns, fields);
  };
  std::vector<uint8_t> dense = arrays[0].data;
  pad(arrays[0], format.codes, 12, 170);
  pad(arrays[2], format.zeros, 12, 1);
  EXPECT_NE(arrays[0].data, dense);
  ASSERT_VALUE(weight, create(scheme, getViews(arrays)));
  ASSERT_VALUE(components, weight.unpack());
  EXPECT_EQ(components, source.components);
}

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

class CheckpointErrorsTest : public testing::Test {
protected:
  void SetUp() override {
    Encoded source = encodeMatrix(zero4, {8, 16});
    ASSERT_VALUE(packed,
                 packCheckpoint(getFormat("gptq-v2"), source.spec, source.shape,
                                getViews(source.components)));
    owned = std::move(packed);
  }
  /// The message after `change` was made to the array of this name.
  std::string damage(StringRef suffix,
                     llvm::function_ref<void(NamedArray &)> change) {
    std::vector<NamedArray> arrays = getViews(owned);
    for (NamedArray &entry : arrays)
      if (entry.suffix == suffix)
        change(entry);
    llvm::Expected<CheckpointWeight> weight = create(scheme, arrays);
    return weight ? "" : llvm::toString(weight.takeError());
  }

  CheckpointScheme scheme{&getFormat("gptq-v2"), 4, {1, 8}, false};
  std::vector<OwnedCheckpointArray> owned;
};

#define EXPECT_MESSAGE(expression, text)                                       \
  EXPECT_NE(std::string(expression).find(text), std::string::npos)             \
      << (expression)

TEST_F(CheckpointErrorsTest, ArraysThatDoNotFit) {
  EXPECT_EQ(damage("", [](NamedArray &) {}), "");
  EXPECT_MESSAGE(damage("scales", [](NamedArray &a) { a.suffix = "x"; }),
                 "array \"scales\": is missing; the checkpoint is incomplete");
  EXPECT_MESSAGE(
      damage("qweight", [](NamedArray &a) { a.array.type = ElementType::F32; }),
      "array \"qweight\": is of F32, not of I32");
  EXPECT_MESSAGE(damage("qweight", [](NamedArray &a) { a.array.shape = {16}; }),
                 "has the shape [16], not a matrix's");
  EXPECT_MESSAGE(
      damage("qweight", [](NamedArray &a) { a.array.shape = {0, 8}; }),
      "array \"qweight\": is empty");
  EXPECT_MESSAGE(
      damage("scales", [](NamedArray &a) { a.array.shape = {8, 2}; }),
      "array \"scales\": has the shape [8, 2], but blocks of [1, 8] in [8, 16] "
      "have [2, 8]");
  EXPECT_MESSAGE(
      damage("qzeros", [](NamedArray &a) { a.array.shape = {1, 2}; }),
      "array \"qzeros\": has the shape [1, 2], but 8 x 2 integers of 4 bits "
      "take [2, 1]");
  EXPECT_MESSAGE(
      damage("g_idx", [](NamedArray &a) { a.array.shape = {4, 4}; }),
      "array \"g_idx\": has the shape [4, 4], but there are 16 columns");
}

TEST_F(CheckpointErrorsTest, GroupsThatCanNotBe) {
  std::vector<uint8_t> groups(64, 0);
  auto useGroups = [&](NamedArray &a) { a.array.data = groups; };
  EXPECT_MESSAGE(damage("g_idx", useGroups),
                 "group 1 has not the 8 columns that belong to it");
  groups[8] = 7;
  EXPECT_MESSAGE(damage("g_idx", useGroups),
                 "column 2 is in group 7, but there are 2");
}

TEST_F(CheckpointErrorsTest, SchemesThatFormatsDoNotHave) {
  scheme.bits = 5;
  EXPECT_MESSAGE(damage("", [](NamedArray &) {}),
                 "integers of 5 bits are not known to the format gptq-v2; it "
                 "has 2, 3, 4, 8");
  scheme.bits = 3;
  EXPECT_MESSAGE(damage("", [](NamedArray &) {}),
                 "has 2 words in a line, which are no whole number of integers "
                 "of 3 bits");
  EXPECT_ERROR(findCheckpointFormat("marlin"),
               "unknown format 'marlin'; there are pack-quantized, "
               "int-quantized, float-quantized, gptq, gptq-v2, awq");
}

TEST(CheckpointFormatsTest, SizesThatCanNotBe) {
  std::vector<int64_t> sizes = {2, -4};
  std::vector<uint8_t> bytes(64);
  std::vector<NamedArray> arrays = {
      {"weight_packed",
       {ElementType::I32, {2, 1}, ArrayRef(bytes).take_front(8)}},
      {"weight_shape",
       {ElementType::I64,
        {2},
        {reinterpret_cast<uint8_t *>(sizes.data()), 16}}},
      {"weight_scale",
       {ElementType::F32, {2, 1}, ArrayRef(bytes).take_front(8)}}};
  CheckpointScheme scheme{&getFormat("pack-quantized"), 4, {1, -1}, true};
  EXPECT_ERROR(create(scheme, arrays),
               "array \"weight_shape\": does not hold the two sizes");
  sizes[1] = int64_t(1) << 40;
  EXPECT_ERROR(create(scheme, arrays), "does not hold the two sizes");
  sizes[1] = 8;
  EXPECT_OK(create(scheme, arrays).takeError());
  // 12 integers of 3 bits take two words either way.
  scheme.bits = 3;
  sizes = {1, 12};
  arrays[0].array.shape = {1, 2};
  arrays[2].array = {ElementType::F32, {1}, ArrayRef(bytes).take_front(4)};
  EXPECT_ERROR(create(scheme, arrays),
               "its words may be padded or not, which neither their number nor "
               "what they hold tells");
}

TEST(CheckpointFormatsTest, BytesThatBitsCanNotHold) {
  std::vector<uint8_t> codes = {7, 0xf8, 8, 0}, scale(4);
  std::vector<NamedArray> arrays = {
      {"weight", {ElementType::I8, {1, 4}, codes}},
      {"weight_scale", {ElementType::F32, {1}, scale}}};
  ASSERT_VALUE(
      weight, create({&getFormat("int-quantized"), 4, {-1, -1}, true}, arrays));
  EXPECT_ERROR(weight.unpack(),
               "array \"weight\": holds 8, which integers of 4 bits can't");
}

/// What each format refuses, and how it says it.
TEST(CheckpointFormatsTest, EncodingsThatFormatsCanNotHold) {
  struct Case {
    const char *format, *encoding;
    Shape shape;
    const char *message;
  };
  for (const Case &c : std::initializer_list<Case>{
           {"gptq", symmetric4, {2, 8, 8}, "holds matrices, not tensors of"},
           {"awq",
            "permuted<values = affine<i4, block = [1, 8], scale = f16>>",
            {8, 8},
            "awq has no order of columns"},
           {"float-quantized", symmetric4, {8, 8}, "it has f8E4M3FN codes"},
           {"awq",
            "codebook<\"nf4\", block = [1, 8], scale = f16>",
            {8, 8},
            "it has integer codes with a scale per block"},
           {"pack-quantized",
            "affine<ui4, block = [1, 8], scale = f16, min = f16>",
            {8, 8},
            "it has zero points, and no minima"},
           {"awq",
            "affine<i8, block = [1, 8], scale = f16>",
            {8, 8},
            "it has no codes of 8 bits"},
           {"gptq",
            "affine<ui4, block = [1, 8], scale = f16, zero = affine<ui4, block "
            "= [1, 1], scale = f16>>",
            {8, 8},
            "its zero points are integers"},
           {"gptq",
            "affine<i4, block = [1, 8], scale = f16, sums>",
            {8, 8},
            "it has no sums of codes"},
           {"gptq",
            "affine<i4, block = [1, 8], scale = f8E8M0FNU>",
            {8, 8},
            "its scales are f16, bf16 or f32"},
           {"pack-quantized", symmetric4, {8, 12}, "has no smaller last block"},
           {"gptq",
            "affine<i4, block = [2, 8], scale = f16>",
            {8, 8},
            "gptq has a scale for every row"},
           {"pack-quantized",
            "affine<i4, block = [-1, 8], scale = f16>",
            {8, 16},
            "pack-quantized has no blocks of [-1, 8] in [8, 16]"},
           {"gptq",
            "affine<i4, block = [1, 4], scale = f16>",
            {8, 12},
            "gptq packs 4-bit integers into words of 32 bits, which 12 do not"},
           {"pack-quantized",
            "affine<i4, block = [-1, -1], scale = f16, zero = i4>",
            {8, 8},
            "has no zero points of whole tensors; int-quantized has"},
           {"int-quantized",
            "permuted<values = affine<i8, block = [-1, -1], scale = f16>>",
            {8, 8},
            "has an order of columns for groups only"}})
    EXPECT_ERROR(
        getCheckpointScheme(getFormat(c.format), parse(c.encoding), c.shape),
        c.message);
}

TEST(CheckpointFormatsTest, ComponentsThatAreDamaged) {
  Encoded source = encodeMatrix(
      "permuted<values = affine<i4, block = [1, 8], scale = f16, zero = f32>>",
      {8, 16});
  auto pack = [&] {
    return packCheckpoint(getFormat("gptq-v2"), source.spec, source.shape,
                          getViews(source.components));
  };
  float half = 0.5;
  std::memcpy(source.components[3].data(), &half, sizeof(half));
  EXPECT_ERROR(pack(), "gptq-v2: its zero point 0.500000 is no small integer");
  source.components[0][0] ^= 1;
  EXPECT_ERROR(pack(), "the order of columns is no permutation");
  source.components[1].pop_back();
  EXPECT_ERROR(pack(), "the components are not those of permuted<");
}

} // namespace
