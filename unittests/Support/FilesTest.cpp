//===- FilesTest.cpp - Files, folders, JSON, globs, hashes ----------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestFiles.h"

#include "compress/Support/ElementType.h"
#include "compress/Support/FileHashes.h"
#include "compress/Support/Hash.h"
#include "compress/Support/JSON.h"
#include "compress/Support/MappedFile.h"
#include "compress/Support/NameGlob.h"
#include "compress/Support/Output.h"
#include "compress/Support/Progress.h"

#include <csignal>
#include <sys/resource.h>

using namespace mlir::compress;
using namespace mlir::compress::test;

namespace {

/// A wrong hash shows whether the file or the record was read.
TEST(FileHashesTest, RemembersUntilTheFileChanges) {
  TestFolder folder;
  std::string path = folder.write("a", "hello");
  FileHashes hashes(folder.getPath("hashes"));
  ASSERT_VALUE(first, hashes.get(path));
  EXPECT_EQ(first.sha256, sha256(llvm::arrayRefFromStringRef("hello")));
  FileHash wrong{std::string(64, '0'), first.state};
  hashes.remember(path, wrong);
  ASSERT_VALUE(remembered, hashes.get(path));
  EXPECT_EQ(remembered.sha256, wrong.sha256);
  ASSERT_VALUE(reread,
               FileHashes(folder.getPath("hashes"), /*reread=*/true).get(path));
  EXPECT_EQ(reread.sha256, first.sha256);
  hashes.remember(path, wrong);
  folder.write("a", "other words");
  ASSERT_VALUE(changed, hashes.get(path));
  EXPECT_EQ(changed.sha256, sha256(llvm::arrayRefFromStringRef("other words")));
}

TEST(FileHashesTest, DamagedRecordsCountAsAbsent) {
  TestFolder folder;
  std::string path = folder.write("a", "hello");
  FileHashes hashes(folder.getPath("hashes"));
  ASSERT_VALUE(hash, hashes.get(path));
  hashes.remember(path, {std::string(64, '0'), hash.state});
  std::error_code code;
  llvm::sys::fs::directory_iterator record(folder.getPath("hashes"), code);
  ASSERT_FALSE(code);
  std::string file = record->path();
  std::string text = MappedFile::open(file)->getText().str();
  text[70] = '1';
  ASSERT_FALSE(llvm::errorToBool(writeFile(file, text)));
  ASSERT_VALUE(again, hashes.get(path));
  EXPECT_EQ(again.sha256, hash.sha256);
}

TEST(FileHashesTest, PrunesRecordsOfFilesThatAreGone) {
  TestFolder folder;
  std::string path = folder.write("a", "hello"), kept = folder.write("b", "");
  FileHashes hashes(folder.getPath("hashes"));
  for (const std::string &file : {path, kept}) {
    ASSERT_VALUE(hash, hashes.get(file));
    hashes.remember(file, hash);
  }
  ASSERT_FALSE(llvm::sys::fs::remove(path));
  hashes.prune();
  std::error_code code;
  size_t count = 0;
  for (llvm::sys::fs::directory_iterator it(folder.getPath("hashes"), code),
       end;
       it != end && !code; it.increment(code))
    ++count;
  EXPECT_EQ(count, 1u);
}

TEST(FileHashesTest, ErrorsNameTheFile) {
  TestFolder folder;
  EXPECT_ERROR(FileHashes("").get(folder.getPath("missing")),
               folder.getPath("missing") + ": ");
}

TEST(MappedFileTest, HoldsTheBytes) {
  TestFolder folder;
  ASSERT_VALUE(file, MappedFile::open(folder.write("a", "hello")));
  EXPECT_EQ(file.getText(), "hello");
  MappedFile moved = std::move(file);
  EXPECT_EQ(moved.getBytes()[4], 'o');
}

TEST(MappedFileTest, EmptyFileHasNoBytes) {
  TestFolder folder;
  ASSERT_VALUE(file, MappedFile::open(folder.write("a", "")));
  EXPECT_EQ(file.size(), 0u);
}

TEST(MappedFileTest, ErrorsNameTheFile) {
  TestFolder folder;
  EXPECT_ERROR(MappedFile::open(folder.getPath("missing")),
               folder.getPath("missing") + ": ");
  EXPECT_ERROR(MappedFile::open(folder.getPath()), "is not a regular file");
}

/// A limit on the address space stands in for a file that is too large.
TEST(MappedFileTest, FailedMappingIsAnError) {
  TestFolder folder;
  std::string path = folder.write("a", "");
  int descriptor;
  ASSERT_FALSE(llvm::sys::fs::openFileForWrite(path, descriptor,
                                               llvm::sys::fs::CD_OpenExisting));
  // Sparse: takes no room on the disk.
  ASSERT_FALSE(llvm::sys::fs::resize_file_sparse(descriptor, 1ull << 36));
  llvm::sys::fs::file_t file = llvm::sys::fs::convertFDToNativeFile(descriptor);
  ASSERT_FALSE(llvm::sys::fs::closeFile(file));
  rlimit old;
  ASSERT_EQ(getrlimit(RLIMIT_AS, &old), 0);
  rlimit small = old;
  small.rlim_cur = 1ull << 34;
  ASSERT_EQ(setrlimit(RLIMIT_AS, &small), 0);
  std::string message = getMessage(MappedFile::open(path));
  setrlimit(RLIMIT_AS, &old);
  EXPECT_NE(message.find("a: can't be mapped: "), std::string::npos) << message;
}

TEST(OutputFileTest, AppearsAtCommitOnly) {
  TestFolder folder;
  ASSERT_VALUE(file, OutputFile::create(folder.getPath("a")));
  ASSERT_OK(file.write("one "));
  ASSERT_OK(file.write("two"));
  EXPECT_EQ(file.tell(), 7u);
  EXPECT_FALSE(llvm::sys::fs::exists(folder.getPath("a")));
  ASSERT_OK(file.commit());
  EXPECT_EQ(folder.read("a"), "one two");
  EXPECT_EQ(folder.list(), std::vector<std::string>{"a"});
  EXPECT_ERROR(file.write("more"), "is closed after an earlier error");
}

TEST(OutputFileTest, LeavesNothingWithoutCommit) {
  TestFolder folder;
  folder.write("a", "old");
  {
    ASSERT_VALUE(file, OutputFile::create(folder.getPath("a")));
    ASSERT_OK(file.write("new"));
    OutputFile moved = std::move(file);
    ASSERT_OK(moved.write("er"));
  }
  EXPECT_EQ(folder.read("a"), "old");
  EXPECT_EQ(folder.list(), std::vector<std::string>{"a"});
}

TEST(OutputFileTest, RefusesFoldersAndMissingFolders) {
  TestFolder folder;
  EXPECT_ERROR(OutputFile::create(folder.getPath()),
               "is a folder; name a file to write");
  EXPECT_ERROR(OutputFile::create(folder.getPath("no/file")),
               "can't be written");
}

TEST(OutputFileTest, TargetThatBecameAFolderIsAnError) {
  TestFolder folder;
  std::string path = folder.getPath("a");
  ASSERT_VALUE(file, OutputFile::create(path));
  ASSERT_FALSE(llvm::sys::fs::create_directory(path));
  EXPECT_ERROR(file.commit(), "a: can't be replaced");
  EXPECT_EQ(folder.list(), std::vector<std::string>{"a"});
}

/// A limit on file sizes stands in for a full disk: writes fail the same way.
TEST(OutputFileTest, FullDiskIsAnError) {
  TestFolder folder;
  rlimit old;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old), 0);
  auto *handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = old;
  small.rlim_cur = 4096;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  std::string message;
  {
    ASSERT_VALUE(file, OutputFile::create(folder.getPath("big")));
    std::string chunk(1 << 16, 'x');
    for (int i = 0; i != 4 && message.empty(); ++i)
      message = getMessage(file.write(chunk));
    if (message.empty())
      message = getMessage(file.commit());
  }
  setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, handler);
  EXPECT_NE(message.find("big: can't be written"), std::string::npos)
      << message;
  EXPECT_TRUE(folder.list().empty());
}

TEST(OutputFolderTest, AppearsAtCommitOnly) {
  TestFolder folder;
  std::string path = folder.getPath("bundle");
  ASSERT_VALUE(output, OutputFolder::create(path + "/", "our-kind"));
  ASSERT_OK(writeFile(output.getPath("x"), "1"));
  EXPECT_FALSE(llvm::sys::fs::exists(path));
  ASSERT_OK(output.commit());
  EXPECT_EQ(folder.read("bundle/x"), "1");
  EXPECT_EQ(folder.list(), std::vector<std::string>{"bundle"});
}

TEST(OutputFolderTest, IsRemovedWithoutCommit) {
  TestFolder folder;
  {
    ASSERT_VALUE(output, OutputFolder::create(folder.getPath("b"), "kind"));
    ASSERT_OK(writeFile(output.getPath("x"), "1"));
  }
  EXPECT_TRUE(folder.list().empty());
}

TEST(OutputFolderTest, ReplacesItsOwnKindOnly) {
  TestFolder folder;
  std::string path = folder.getPath("b");
  for (llvm::StringRef text : {"first", "second"}) {
    ASSERT_VALUE(output, OutputFolder::create(path, "kind"));
    ASSERT_OK(
        writeFile(output.getPath("manifest.json"), "{\"format\": \"kind\"}"));
    ASSERT_OK(writeFile(output.getPath("x"), text));
    ASSERT_OK(output.commit());
    EXPECT_EQ(folder.read("b/x"), text);
  }
  EXPECT_EQ(folder.list(), std::vector<std::string>{"b"});
  EXPECT_ERROR(OutputFolder::create(path, "another"),
               "exists and is not a another; remove it or choose another name");
  folder.write("b/manifest.json", "no JSON");
  EXPECT_ERROR(OutputFolder::create(path, "kind"), "is not a kind");
  ASSERT_FALSE(llvm::sys::fs::remove(folder.getPath("b/manifest.json")));
  EXPECT_ERROR(OutputFolder::create(path, "kind"), "is not a kind");
  folder.write("file", "");
  EXPECT_ERROR(OutputFolder::create(folder.getPath("file"), "kind"),
               "is a file; remove it or choose another name");
  EXPECT_ERROR(OutputFolder::create("", "kind"),
               "the output folder needs a name");
  EXPECT_EQ(folder.read("b/x"), "second");
}

TEST(OutputFolderTest, ReplacesAnEmptyFolder) {
  TestFolder folder;
  ASSERT_FALSE(llvm::sys::fs::create_directory(folder.getPath("b")));
  ASSERT_VALUE(output, OutputFolder::create(folder.getPath("b"), "kind"));
  ASSERT_OK(writeFile(output.getPath("x"), "1"));
  ASSERT_OK(output.commit());
  EXPECT_EQ(folder.read("b/x"), "1");
}

TEST(JSONTest, RefusesWhatTheParserLeavesOpen) {
  EXPECT_ERROR(parseJSON("{\"a\": 1, \"b\": {}, \"a\": 2}", "f"),
               "f: the key \"a\" occurs twice in one object");
  EXPECT_ERROR(
      parseJSON("[{\"k\": {\"a\": 1}}, {\"a\": 1, \"\\u0061\": 2}]", "f"),
      "f: a key occurs twice in one object, once with characters");
  EXPECT_ERROR(parseJSON(std::string(100000, '['), "f"), "is nested more than");
  EXPECT_EQ(blankMembers(R"({"a": [1, "}]\"", {}],
"b" : {"a": 2}, "c": tru, "d": 5, "e": "xyz,"})",
                         {"a", "c", "d", "e"}),
            R"({"a": null           ,
"b" : {"a": 2}, "c": tru, "d": 5, "e": null  })");
  EXPECT_EQ(blankMembers("", {"a"}), "");
  EXPECT_EQ(blankMembers("\"a", {"a"}), "\"a");
  EXPECT_EQ(blankMembers("{\"a", {"a"}), "{\"a");
  EXPECT_EQ(blankMembers("{\"a\":[1,2", {"a"}), "{\"a\":null");
  EXPECT_ERROR(parseJSON("{\"a\": ", "f"), "f: is not JSON");
  EXPECT_ERROR(parseJSON("\"\\", "f"), "is not JSON");
}

TEST(JSONTest, AcceptsEqualKeysOfDifferentObjects) {
  EXPECT_OK(parseJSON("[{\"a\": 1}, {\"a\": {\"a\": \"a\"}}]", "f"));
  EXPECT_OK(parseJSON("{\"a\\\"\": \"[[[{{\", \"b\": [1, 2]}", "f"));
}

TEST(NameGlobTest, Matches) {
  ASSERT_VALUE(glob, NameGlob::create("blk.*.{ffn_up,ffn_down}"));
  NameGlob copy = glob;
  EXPECT_TRUE(copy.match("blk.12.ffn_up"));
  EXPECT_FALSE(copy.match("blk.12.ffn_gate"));
  EXPECT_EQ(copy.getPattern(), "blk.*.{ffn_up,ffn_down}");
}

TEST(NameGlobTest, ErrorsQuoteThePattern) {
  EXPECT_ERROR(NameGlob::create("blk.[0"), "\"blk.[0\" is not a pattern");
}

TEST(HashTest, KnownAnswer) {
  // FIPS 180-4 example: "abc".
  const char *expected =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  EXPECT_EQ(sha256(llvm::arrayRefFromStringRef("abc")), expected);
  TestFolder folder;
  ASSERT_VALUE(hash, sha256File(folder.write("a", "abc")));
  EXPECT_EQ(hash, expected);
  EXPECT_ERROR(sha256File(folder.getPath("none")), "none: ");
}

/// Every length around the ends of blocks, against coreutils' sha256sum over
/// the concatenated hashes of `a` * n (n = 0 to 199).
TEST(HashTest, PadsEveryLength) {
  std::string hashes;
  for (size_t length = 0; length < 200; ++length)
    hashes += sha256(llvm::arrayRefFromStringRef(std::string(length, 'a')));
  EXPECT_EQ(sha256(llvm::arrayRefFromStringRef(hashes)),
            "019f2b9f1af27a53a1f046da7e98af2c179f431e4b5bebb000e74040917a4123");
}

/// More bits than 32 bits count, in pieces that cross blocks, against
/// coreutils' sha256sum.
TEST(HashTest, LongInput) {
  const std::vector<uint8_t> piece((1 << 20) - 1);
  SHA256Hasher hasher;
  size_t left = size_t(1) << 29;
  for (; left > piece.size(); left -= piece.size())
    hasher.update(piece);
  hasher.update(llvm::ArrayRef(piece).take_front(left));
  EXPECT_EQ(hasher.finish(),
            "9acca8e8c22201155389f65abbf6bc9723edc7384ead80503839f49dcc56d767");
}

TEST(ElementTypeTest, CountsWithoutOverflow) {
  EXPECT_EQ(countElements({2, 3}), 6);
  EXPECT_EQ(countElements({}), 1);
  EXPECT_EQ(countElements({2, -1}), std::nullopt);
  EXPECT_EQ(countElements({INT64_MAX, 2}), std::nullopt);
  EXPECT_EQ(countBytes(ElementType::F32, {INT64_MAX / 2}), std::nullopt);
  EXPECT_EQ(countBytes(ElementType::BF16, {4, 5}), 40);
}

TEST(ProgressTest, TellsShareAndTimeLeft) {
  EXPECT_EQ(Progress::format("work", 25, 100, 20, "blk.1"),
            "work:  25%, 1:00 left, blk.1");
  EXPECT_EQ(Progress::format("work", 0, 100, 1, ""), "work:   0%");
  EXPECT_EQ(Progress::format("work", 100, 100, 1, ""), "work: 100%");
  EXPECT_EQ(Progress::format("work", 7, 0, 1, ""), "work: 7");
}

TEST(ProgressTest, StaysSilentInShortLogs) {
  TestFolder folder;
  {
    std::error_code code;
    llvm::raw_fd_ostream stream(folder.getPath("log"), code);
    ASSERT_FALSE(code);
    Progress progress("work", 2, stream);
    progress.advance(1, "a");
    progress.advance(1, "b");
  }
  EXPECT_EQ(folder.read("log"), "");
}

} // namespace
