//===- NpyTest.cpp - NumPy arrays in files --------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestFiles.h"

#include "compress/Support/Npy.h"

using namespace mlir::compress;
using namespace mlir::compress::test;

namespace {

std::string makeFile(uint8_t version, llvm::StringRef header,
                     size_t dataBytes) {
  std::string file = "\x93NUMPY";
  file += char(version);
  file += '\0';
  for (unsigned i = 0; i != (version == 1 ? 2 : 4); ++i)
    file += char(header.size() >> (8 * i));
  return file + header.str() + std::string(dataBytes, '\0');
}

TEST(NpyTest, RoundTrips) {
  TestFolder folder;
  std::string path = folder.getPath("a.npy");
  for (ElementType type : {ElementType::F32, ElementType::F16, ElementType::I8,
                           ElementType::U8, ElementType::I32, ElementType::I64})
    for (llvm::SmallVector<int64_t> shape :
         {llvm::SmallVector<int64_t>{}, {3}, {0}, {2, 3, 1}}) {
      std::vector<uint8_t> data(*countBytes(type, shape));
      for (size_t i = 0; i != data.size(); ++i)
        data[i] = static_cast<uint8_t>(7 * i);
      ASSERT_OK(writeNpy(path, type, shape, data));
      ASSERT_VALUE(array, readNpy(path));
      EXPECT_EQ(array.type, type);
      EXPECT_EQ(array.shape, shape);
      EXPECT_EQ(array.data, data);
      EXPECT_EQ((folder.read("a.npy").size() - data.size()) % 64, 0u);
    }
}

/// As numpy.save wrote it: numpy.arange(3, dtype=numpy.int32).
TEST(NpyTest, ReadsWhatNumPyWrites) {
  TestFolder folder;
  std::string header =
      "{'descr': '<i4', 'fortran_order': False, 'shape': (3,), }";
  header.resize(117, ' ');
  header += '\n';
  std::string file = makeFile(1, header, 0);
  for (char value : {0, 1, 2})
    file += std::string{value, 0, 0, 0};
  ASSERT_VALUE(array, readNpy(folder.write("a.npy", file)));
  EXPECT_EQ(array.shape, (llvm::SmallVector<int64_t>{3}));
  EXPECT_EQ(array.data[8], 2);
}

TEST(NpyTest, ReadsVersion2) {
  TestFolder folder;
  ASSERT_VALUE(array, readNpy(folder.write(
                          "a", makeFile(2,
                                        "{'descr':'|u1','fortran_order':False,"
                                        "'shape':(2,2)}\n",
                                        4))));
  EXPECT_EQ(array.shape, (llvm::SmallVector<int64_t>{2, 2}));
}

struct Damage {
  uint8_t version;
  const char *header;
  size_t dataBytes;
  const char *message;
};

class NpyDamageTest : public testing::TestWithParam<Damage> {};

TEST_P(NpyDamageTest, IsAnError) {
  TestFolder folder;
  Damage damage = GetParam();
  std::string path = folder.write(
      "a.npy", makeFile(damage.version, damage.header, damage.dataBytes));
  EXPECT_ERROR(readNpy(path), damage.message);
  EXPECT_ERROR(readNpy(path), path);
}

INSTANTIATE_TEST_SUITE_P(
    All, NpyDamageTest,
    testing::Values(
        Damage{3, "", 0, "has .npy version 3; supported are 1 and 2"},
        Damage{1, "", 0, "its header can't be understood"},
        Damage{1, "{", 0, "can't be understood"},
        Damage{1, "{'descr': '<f4'}", 0, "can't be understood"},
        Damage{1, "{'descr': '<f4, }", 0, "can't be understood"},
        Damage{1, "{'descr': '<f4', 'fortran_order': No, 'shape': ()}", 0,
               "can't be understood"},
        Damage{1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2 3)}", 0,
               "can't be understood"},
        Damage{1,
               "{'descr': '<f4', 'fortran_order': False, 'shape': (), 'x': "
               "1}",
               4, "can't be understood"},
        Damage{1, "{'descr': '>f4', 'fortran_order': False, 'shape': ()}", 4,
               "has elements '>f4'; convert with astype() to"},
        Damage{1, "{'descr': '<f4', 'fortran_order': True, 'shape': ()}", 4,
               "is in Fortran order; store"},
        Damage{1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", 4,
               "has 4 bytes of data, which do not fit f32 of shape [2]"},
        Damage{1, "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", 4,
               "do not fit"},
        Damage{1,
               "{'descr': '<f4', 'fortran_order': False, 'shape': "
               "(9223372036854775807, 9223372036854775807)}",
               4, "do not fit"}));

TEST(NpyTest, EveryCutIsAnError) {
  TestFolder folder;
  std::string whole = makeFile(
      1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}\n", 8);
  EXPECT_OK(readNpy(folder.write("a", whole)));
  for (size_t size = 0; size != whole.size(); ++size)
    EXPECT_NE(getMessage(readNpy(
                  folder.write("a", llvm::StringRef(whole).take_front(size)))),
              "")
        << size;
}

TEST(NpyTest, OtherFilesAreRefused) {
  TestFolder folder;
  EXPECT_ERROR(readNpy(folder.write("a", "something else")),
               "is not a NumPy array (.npy)");
  EXPECT_ERROR(readNpy(folder.write("a", makeFile(1, "{}", 0).substr(0, 11))),
               "is cut within its header");
}

TEST(NpyTest, WriterChecksWhatItIsGiven) {
  TestFolder folder;
  std::string path = folder.getPath("a.npy");
  EXPECT_ERROR(writeNpy(path, ElementType::BF16, {1}, std::vector<uint8_t>(2)),
               "arrays of bf16 can't be written");
  EXPECT_ERROR(writeNpy(path, ElementType::F32, {1}, std::vector<uint8_t>(2)),
               "2 bytes of data do not fit");
  EXPECT_ERROR(writeNpy(path, ElementType::U8,
                        llvm::SmallVector<int64_t>(30000, 1),
                        std::vector<uint8_t>(1)),
               "has too many dimensions for a .npy file");
  EXPECT_TRUE(folder.list().empty());
}

} // namespace
