//===- SafetensorsTest.cpp - Archives of named tensors --------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestFiles.h"

#include "compress/Support/Safetensors.h"
#include "llvm/Support/Endian.h"

using namespace mlir::compress;
using namespace mlir::compress::test;

namespace {

/// A file with this header and so many bytes of data.
std::string makeFile(llvm::StringRef header, size_t dataBytes) {
  std::string file(8, '\0');
  llvm::support::endian::write64le(file.data(), header.size());
  return file + header.str() + std::string(dataBytes, '\1');
}

std::vector<uint8_t> makeBytes(size_t count, uint8_t first) {
  std::vector<uint8_t> bytes(count);
  for (size_t i = 0; i != count; ++i)
    bytes[i] = static_cast<uint8_t>(first + i);
  return bytes;
}

TEST(SafetensorsTest, RoundTripIsAligned) {
  TestFolder folder;
  std::string path = folder.getPath("a.safetensors");
  std::vector<SafetensorsWriter::Declaration> tensors = {
      {"odd", ElementType::U8, {5}},
      {"empty", ElementType::F32, {0, 4}},
      {"scalar \"q\"", ElementType::F32, {}},
      {"even", ElementType::F16, {8, 4}},
      {"last", ElementType::BF16, {3}}};
  ASSERT_VALUE(writer,
               SafetensorsWriter::create(path, tensors, {{"kind", "test"}}));
  ASSERT_OK(writer.append(makeBytes(2, 0)));
  ASSERT_OK(writer.append(makeBytes(3, 2)));
  ASSERT_OK(writer.append(makeBytes(4, 10)));
  ASSERT_OK(writer.append(makeBytes(64, 20)));
  ASSERT_OK(writer.append(makeBytes(6, 30)));
  ASSERT_OK(writer.commit());

  ASSERT_VALUE(file, SafetensorsFile::open(path));
  ASSERT_EQ(file.getTensors().size(), 5u);
  EXPECT_EQ(file.getMetadata().lookup("kind"), "test");
  const SafetensorsTensor *odd = file.find("odd");
  ASSERT_TRUE(odd);
  EXPECT_EQ(odd->data, llvm::ArrayRef(makeBytes(5, 0)));
  EXPECT_EQ(file.find("scalar \"q\"")->data, llvm::ArrayRef(makeBytes(4, 10)));
  EXPECT_EQ(file.find("even")->shape, (llvm::SmallVector<int64_t>{8, 4}));
  EXPECT_EQ(file.find("last")->type, ElementType::BF16);
  EXPECT_EQ(file.find("last")->data, llvm::ArrayRef(makeBytes(6, 30)));
  EXPECT_EQ(file.find("none"), nullptr);
  for (const SafetensorsTensor &tensor : file.getTensors())
    EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.data.data()) % 64, 0u)
        << tensor.name;
}

TEST(SafetensorsTest, WritesTheSameBytesTwice) {
  TestFolder folder;
  for (llvm::StringRef name : {"a", "b"}) {
    ASSERT_VALUE(writer,
                 SafetensorsWriter::create(
                     folder.getPath(name),
                     {{"y", ElementType::U8, {3}}, {"x", ElementType::U8, {2}}},
                     {{"q", "1"}, {"p", "2"}}));
    ASSERT_OK(writer.append(makeBytes(3, 0)));
    ASSERT_OK(writer.append(makeBytes(2, 0)));
    ASSERT_OK(writer.commit());
  }
  EXPECT_EQ(folder.read("a"), folder.read("b"));
}

TEST(SafetensorsTest, WriterChecksWhatItIsGiven) {
  TestFolder folder;
  std::string path = folder.getPath("a");
  using Declarations = std::vector<SafetensorsWriter::Declaration>;
  auto create = [&](Declarations tensors) {
    return getMessage(SafetensorsWriter::create(path, tensors));
  };
  EXPECT_NE(create({{"x", ElementType::U8, {1}}, {"x", ElementType::U8, {1}}})
                .find("two tensors are named \"x\""),
            std::string::npos);
  EXPECT_NE(create({{"x", ElementType::U8, {-1}}}).find("can't have the shape"),
            std::string::npos);
  EXPECT_NE(
      create({{"__pad.0", ElementType::U8, {1}}}).find("is a reserved name"),
      std::string::npos);
  EXPECT_NE(create({{"__metadata__", ElementType::U8, {1}}})
                .find("is a reserved name"),
            std::string::npos);
  EXPECT_NE(create({{"\xff", ElementType::U8, {1}}}).find("not UTF-8"),
            std::string::npos);

  ASSERT_VALUE(writer, SafetensorsWriter::create(
                           path, Declarations{{"x", ElementType::U8, {4}}}));
  EXPECT_ERROR(writer.append(makeBytes(5, 0)), "has 4 bytes, but 5");
  ASSERT_OK(writer.append(makeBytes(3, 0)));
  EXPECT_ERROR(writer.commit(), "\"x\" is not complete: 3 of 4");
  ASSERT_OK(writer.append(makeBytes(1, 0)));
  EXPECT_ERROR(writer.append(makeBytes(1, 0)), "after the last tensor");
  ASSERT_OK(writer.commit());
}

struct Damage {
  const char *header;
  size_t dataBytes;
  const char *message;
};

class SafetensorsDamageTest : public testing::TestWithParam<Damage> {};

TEST_P(SafetensorsDamageTest, IsAnError) {
  TestFolder folder;
  std::string path =
      folder.write("a", makeFile(GetParam().header, GetParam().dataBytes));
  EXPECT_ERROR(SafetensorsFile::open(path), GetParam().message);
  EXPECT_ERROR(SafetensorsFile::open(path), path);
}

INSTANTIATE_TEST_SUITE_P(
    All, SafetensorsDamageTest,
    testing::Values(
        Damage{"", 0, "is not JSON"}, Damage{"[]", 0, "is not a JSON object"},
        Damage{"{\"a\"", 0, "is not JSON"},
        Damage{R"({"a":1})", 0, "its entry is not an object"},
        Damage{R"({"a":{}})", 0, "has no \"dtype\""},
        Damage{R"({"a":{"dtype":"Q9"}})", 0, "dtype \"Q9\" is not supported"},
        Damage{R"({"a":{"dtype":"U8"}})", 0, "\"shape\""},
        Damage{R"({"a":{"dtype":"U8","shape":[-1]}})", 0, "\"shape\""},
        Damage{R"({"a":{"dtype":"U8","shape":["1"]}})", 0, "\"shape\""},
        Damage{R"({"a":{"dtype":"U8","shape":[1]}})", 1, "\"data_offsets\""},
        Damage{R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0]}})", 1,
               "its \"data_offsets\" are not two offsets"},
        Damage{R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,2]}})", 1,
               "are not within"},
        Damage{R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}})", 1,
               "are not within"},
        Damage{R"({"a":{"dtype":"U8","shape":[1],
                   "data_offsets":[0,9223372036854775807]}})",
               1, "are not within"},
        Damage{R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,2]}})", 2,
               "has 2 bytes, which do not fit F32 of shape [1]"},
        Damage{R"({"a":{"dtype":"F32","shape":[4611686018427387904,4],
                   "data_offsets":[0,0]}})",
               0, "do not fit"},
        Damage{R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},
                   "b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
               3, "overlaps the tensor before it"},
        Damage{R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},
                   "b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}})",
               3, "does not start where"},
        Damage{R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},
                   "a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
               2, "occurs twice"},
        Damage{R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 2,
               "belong to none"},
        Damage{R"({"__metadata__":1})", 0, "\"__metadata__\" is not an object"},
        Damage{R"({"__metadata__":{"a":1}})", 0, "is not a string"}));

TEST(SafetensorsTest, EveryCutIsAnError) {
  TestFolder folder;
  std::string whole =
      makeFile(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8);
  EXPECT_OK(SafetensorsFile::open(folder.write("a", whole)));
  for (size_t size = 0; size != whole.size(); ++size)
    EXPECT_NE(getMessage(SafetensorsFile::open(
                  folder.write("a", llvm::StringRef(whole).take_front(size)))),
              "")
        << size;
}

TEST(SafetensorsTest, TooShort) {
  TestFolder folder;
  EXPECT_ERROR(SafetensorsFile::open(folder.write("a", "1234567")),
               "is too short for a safetensors file");
}

TEST(SafetensorsTest, HeaderLengthBeyondTheFile) {
  TestFolder folder;
  std::string whole = makeFile("{}", 0);
  for (uint64_t length : {uint64_t(3), uint64_t(INT64_MAX), UINT64_MAX}) {
    llvm::support::endian::write64le(whole.data(), length);
    EXPECT_ERROR(SafetensorsFile::open(folder.write("a", whole)),
                 "the file is cut");
  }
}

} // namespace
