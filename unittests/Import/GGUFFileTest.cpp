//===- GGUFFileTest.cpp - Whole and damaged GGUF files --------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../Support/TestFiles.h"
#include "GGUFWriter.h"

#include "compress/Encoding/StorageFormats.h"
#include "compress/Import/GGUF/GGUFFile.h"
#include "compress/Support/Error.h"

using namespace mlir::compress;
using namespace mlir::compress::test;

namespace {

/// One entry of every kind and two tensors.
GGUFWriter makeSample() {
  GGUFWriter writer;
  writer.addRaw("u8", 0, GGUFWriter::bytes<uint8_t>(200));
  writer.addRaw("i8", 1, GGUFWriter::bytes<int8_t>(-3));
  writer.addRaw("u16", 2, GGUFWriter::bytes<uint16_t>(65535));
  writer.addRaw("i16", 3, GGUFWriter::bytes<int16_t>(-4));
  writer.add("u32", uint32_t(4000000000));
  writer.addRaw("i32", 5, GGUFWriter::bytes<int32_t>(-5));
  writer.add("f32", 0.5f);
  writer.add("bool", true);
  writer.add("string", "text");
  writer.addRaw("u64", 10, GGUFWriter::bytes<uint64_t>(UINT64_MAX));
  writer.addRaw("i64", 11, GGUFWriter::bytes<int64_t>(-6));
  writer.addRaw("f64", 12, GGUFWriter::bytes<double>(0.25));
  writer.add("strings", std::vector<std::string>{"a", "", "c"});
  writer.add("floats", std::vector<float>{1, 2});
  writer.add("integers", std::vector<int32_t>{-1, 1});
  // [[7], []]: an array of arrays of u8.
  writer.addRaw(
      "nested", 9,
      GGUFWriter::bytes<uint32_t>(9) + GGUFWriter::bytes<uint64_t>(2) +
          GGUFWriter::bytes<uint32_t>(0) + GGUFWriter::bytes<uint64_t>(1) +
          std::string(1, 7) + GGUFWriter::bytes<uint32_t>(0) +
          GGUFWriter::bytes<uint64_t>(0));
  writer.addTensor("m", {3, 2}, 0, 24);
  writer.addTensor("q", {2, 32}, 2, 36);
  return writer;
}

std::string openMessage(const TestFolder &folder, const std::string &contents) {
  return getMessage(GGUFFile::open(folder.write("a.gguf", contents)));
}

TEST(GGUFFileTest, ReadsMetadata) {
  TestFolder folder;
  for (uint32_t version : {2u, 3u}) {
    GGUFWriter writer = makeSample();
    writer.version = version;
    ASSERT_VALUE(file, GGUFFile::open(folder.write("a.gguf", writer.write())));
    EXPECT_EQ(file.getVersion(), version);
    EXPECT_EQ(file.getKeys().size(), 16u);
    EXPECT_EQ(file.find("u8")->getInteger(), 200);
    EXPECT_EQ(file.find("i8")->getInteger(), -3);
    EXPECT_EQ(file.find("u16")->getInteger(), 65535);
    EXPECT_EQ(file.find("i16")->getInteger(), -4);
    EXPECT_EQ(file.find("u32")->getInteger(), 4000000000);
    EXPECT_EQ(file.find("i32")->getInteger(), -5);
    EXPECT_EQ(file.find("i64")->getInteger(), -6);
    EXPECT_EQ(file.find("u64")->getInteger(), std::nullopt);
    EXPECT_EQ(file.find("u64")->getNumber(), 18446744073709551616.0);
    EXPECT_EQ(file.find("f32")->getNumber(), 0.5);
    EXPECT_EQ(file.find("f32")->getInteger(), std::nullopt);
    EXPECT_EQ(file.find("f64")->getNumber(), 0.25);
    EXPECT_EQ(file.find("bool")->getBool(), true);
    EXPECT_EQ(file.find("bool")->getNumber(), std::nullopt);
    EXPECT_EQ(file.find("string")->getString(), llvm::StringRef("text"));
    EXPECT_EQ(file.find("string")->getStrings(), std::nullopt);
    EXPECT_EQ(file.find("none"), nullptr);
    EXPECT_EQ(file.find("strings")->getStrings(),
              (std::vector<llvm::StringRef>{"a", "", "c"}));
    EXPECT_EQ(file.find("strings")->getIntegers(), std::nullopt);
    EXPECT_EQ(file.find("floats")->getNumbers(), (std::vector<double>{1, 2}));
    EXPECT_EQ(file.find("integers")->getIntegers(),
              (std::vector<int64_t>{-1, 1}));
    const GGUFValue *nested = file.find("nested");
    ASSERT_EQ(nested->size(), 2u);
    EXPECT_EQ(nested->getElement(0).getElement(0).getInteger(), 7);
    EXPECT_EQ(nested->getElement(1).size(), 0u);
  }
}

TEST(GGUFFileTest, ReadsTensors) {
  TestFolder folder;
  GGUFWriter writer = makeSample();
  ASSERT_VALUE(file, GGUFFile::open(folder.write("a.gguf", writer.write())));
  ASSERT_EQ(file.getTensors().size(), 2u);
  const GGUFTensor *tensor = file.findTensor("m");
  ASSERT_TRUE(tensor);
  EXPECT_EQ(tensor->shape, (llvm::SmallVector<int64_t>{3, 2}));
  EXPECT_EQ(tensor->type->name, "F32");
  EXPECT_EQ(tensor->data, llvm::ArrayRef(writer.tensors[0].data));
  EXPECT_EQ(file.findTensor("q")->data, llvm::ArrayRef(writer.tensors[1].data));
  EXPECT_EQ(file.findTensor("none"), nullptr);
}

TEST(GGUFFileTest, ObeysAlignment) {
  TestFolder folder;
  GGUFWriter writer = makeSample();
  writer.alignment = 256;
  writer.add("general.alignment", uint32_t(256));
  ASSERT_VALUE(file, GGUFFile::open(folder.write("a.gguf", writer.write())));
  EXPECT_EQ(file.findTensor("q")->data, llvm::ArrayRef(writer.tensors[1].data));
}

TEST(GGUFFileTest, MayHaveNoTensors) {
  TestFolder folder;
  GGUFWriter writer;
  writer.add("a", "b");
  std::string whole = writer.write();
  EXPECT_EQ(openMessage(folder, whole), "");
  // Without the padding, too.
  EXPECT_EQ(openMessage(folder, whole.substr(0, 24 + 8 + 1 + 4 + 8 + 1)), "");
}

TEST(GGUFFileTest, EveryCutIsAnError) {
  TestFolder folder;
  std::string whole = makeSample().write();
  // The last tensor's padding may be missing.
  size_t needed = whole.size() - (64 - 36);
  EXPECT_EQ(openMessage(folder, whole.substr(0, needed)), "");
  for (size_t size = 0; size != needed; ++size) {
    std::string message = openMessage(folder, whole.substr(0, size));
    EXPECT_NE(message.find("a.gguf: "), std::string::npos) << size;
  }
}

/// No byte, whatever it becomes, makes the reader do more than return an error
/// (the sanitizer build watches the bytes that it touches).
TEST(GGUFFileTest, EveryChangedByteIsSurvived) {
  TestFolder folder;
  std::string whole = makeSample().write();
  size_t errors = 0;
  for (size_t i = 0; i < whole.size() - 128; ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(0xff);
    errors += !openMessage(folder, damaged).empty();
  }
  EXPECT_GT(errors, 0u);
}

struct Damage {
  const char *name;
  void (*apply)(GGUFWriter &);
  const char *message;
};

class GGUFDamageTest : public testing::TestWithParam<Damage> {};

TEST_P(GGUFDamageTest, IsAnError) {
  TestFolder folder;
  GGUFWriter writer = makeSample();
  GetParam().apply(writer);
  std::string message = openMessage(folder, writer.write());
  EXPECT_NE(message.find(GetParam().message), std::string::npos) << message;
  EXPECT_EQ(message.find(folder.getPath("a.gguf") + ": "), 0u) << message;
}

constexpr Damage damages[] = {
    {"Version1", [](GGUFWriter &w) { w.version = 1; },
     "has GGUF version 1; supported are 2 and 3: convert"},
    {"BigEndian", [](GGUFWriter &w) { w.version = 3u << 24; },
     "is a big-endian GGUF file"},
    {"TooManyTensors", [](GGUFWriter &w) { w.tensorCount = UINT64_MAX; },
     "the number of tensors is 18446744073709551615, which the file has no "
     "room "
     "for"},
    {"TooManyKeys", [](GGUFWriter &w) { w.keyCount = 1u << 30; },
     "the number of metadata entries"},
    {"MissingTensorInfo", [](GGUFWriter &w) { w.tensorCount = 3; }, ""},
    {"DuplicateKey", [](GGUFWriter &w) { w.duplicate("u8"); },
     "metadata \"u8\" occurs twice"},
    {"UnknownValueType", [](GGUFWriter &w) { w.addRaw("x", 13, "1234"); },
     "metadata \"x\" has the type 13"},
    {"UnknownElementType",
     [](GGUFWriter &w) {
       w.addRaw("x", 9,
                GGUFWriter::bytes<uint32_t>(99) +
                    GGUFWriter::bytes<uint64_t>(1));
     },
     "element 0 of metadata \"x\" has the type 99"},
    {"LongString",
     [](GGUFWriter &w) {
       w.addRaw("x", 8, GGUFWriter::bytes<uint64_t>(UINT64_MAX));
     },
     "metadata \"x\" needs 18446744073709551615 bytes"},
    {"LongArray",
     [](GGUFWriter &w) {
       w.addRaw("x", 9,
                GGUFWriter::bytes<uint32_t>(10) +
                    GGUFWriter::bytes<uint64_t>(uint64_t(1) << 61));
     },
     "the length of metadata \"x\" is"},
    {"LongStringArray",
     [](GGUFWriter &w) {
       w.addRaw("x", 9,
                GGUFWriter::bytes<uint32_t>(8) +
                    GGUFWriter::bytes<uint64_t>(uint64_t(1) << 61));
     },
     "the length of metadata \"x\" is"},
    {"DeepArray",
     [](GGUFWriter &w) {
       std::string payload;
       for (int i = 0; i != 1000; ++i)
         payload +=
             GGUFWriter::bytes<uint32_t>(9) + GGUFWriter::bytes<uint64_t>(1);
       w.addRaw("x", 9, payload);
     },
     "is an array nested too deeply"},
    {"DuplicateTensor", [](GGUFWriter &w) { w.tensors[1].name = "m"; },
     "tensor \"m\" occurs twice"},
    {"Rank5", [](GGUFWriter &w) { w.tensors[0].rank = 5; },
     "tensor \"m\" has 5 dimensions; GGUF has at most 4"},
    {"HugeRank", [](GGUFWriter &w) { w.tensors[0].rank = UINT32_MAX; },
     "tensor \"m\" has 4294967295 dimensions"},
    {"NegativeSize", [](GGUFWriter &w) { w.tensors[0].shape[0] = -1; },
     "tensor \"m\" has a dimension of size 18446744073709551615"},
    {"OverflowingShape",
     [](GGUFWriter &w) { w.tensors[0].shape = {int64_t(1) << 62, 4}; },
     "has the impossible shape"},
    {"OverflowingBytes",
     [](GGUFWriter &w) { w.tensors[0].shape = {int64_t(1) << 61, 2}; },
     "has the impossible shape"},
    {"UnknownType", [](GGUFWriter &w) { w.tensors[0].type = 77; },
     "tensor \"m\" has the ggml type number 77"},
    {"WithdrawnType", [](GGUFWriter &w) { w.tensors[0].type = 4; },
     "ggml type number 4"},
    {"PartOfABlock", [](GGUFWriter &w) { w.tensors[1].shape = {2, 31}; },
     "rows of 31 values, which are not whole blocks of Q4_0"},
    {"UnalignedOffset", [](GGUFWriter &w) { w.tensors[1].offset = 36; },
     "not a multiple of the alignment 32"},
    {"OffsetBeyondTheEnd", [](GGUFWriter &w) { w.tensors[1].offset = 4096; },
     "the file is cut"},
    {"OverflowingOffset",
     [](GGUFWriter &w) { w.tensors[1].offset = UINT64_MAX - 31; },
     "the file is cut"},
    {"Overlap", [](GGUFWriter &w) { w.tensors[1].offset = 0; },
     "overlaps tensor \"m\": the file is damaged"},
    {"AlignmentZero",
     [](GGUFWriter &w) { w.add("general.alignment", uint32_t(0)); },
     "is not a power of two"},
    {"AlignmentThree",
     [](GGUFWriter &w) { w.add("general.alignment", uint32_t(3)); },
     "is not a power of two"},
    {"AlignmentText", [](GGUFWriter &w) { w.add("general.alignment", "32"); },
     "is not a power of two"}};

INSTANTIATE_TEST_SUITE_P(All, GGUFDamageTest, testing::ValuesIn(damages),
                         [](const auto &info) { return info.param.name; });

TEST(GGUFFileTest, OtherFilesAreRefused) {
  TestFolder folder;
  EXPECT_NE(openMessage(folder, "not a model").find("is not a GGUF file"),
            std::string::npos);
}

/// The sizes here and those of the formats that decode must not drift apart.
TEST(GGMLTypesTest, AgreesWithTheStorageFormats) {
  ASSERT_FALSE(getStorageFormats().empty());
  for (const StorageFormat &format : getStorageFormats()) {
    const GGMLType *type = findGGMLType(format.ggmlType);
    ASSERT_TRUE(type) << format.name.str();
    EXPECT_EQ(type->name, format.name);
    EXPECT_EQ(type->valuesPerBlock, int64_t(format.valuesPerBlock));
    EXPECT_EQ(type->bytesPerBlock, int64_t(format.bytesPerBlock));
  }
  EXPECT_EQ(findGGMLType(4), nullptr);
}

} // namespace
