//===- TestFiles.h - Files that tests make ----------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_SUPPORT_TESTFILES_H
#define COMPRESS_UNITTESTS_SUPPORT_TESTFILES_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

#include <string>
#include <vector>

namespace mlir::compress::test {

/// A folder of its own for a test; it goes with all that is in it.
class TestFolder {
public:
  TestFolder() {
    std::error_code code =
        llvm::sys::fs::createUniqueDirectory("compress-test", path);
    EXPECT_FALSE(code) << code.message();
  }
  ~TestFolder() { (void)llvm::sys::fs::remove_directories(path); }

  std::string getPath(llvm::StringRef name = "") const {
    llvm::SmallString<128> result(path);
    llvm::sys::path::append(result, name);
    return std::string(result);
  }

  /// Writes a file and returns its path.
  std::string write(llvm::StringRef name, llvm::StringRef contents) const {
    std::string result = getPath(name);
    std::error_code code;
    llvm::raw_fd_ostream stream(result, code);
    EXPECT_FALSE(code) << code.message();
    stream << contents;
    return result;
  }
  std::string write(llvm::StringRef name,
                    llvm::ArrayRef<uint8_t> contents) const {
    return write(name, llvm::toStringRef(contents));
  }

  std::string read(llvm::StringRef name) const {
    auto buffer = llvm::MemoryBuffer::getFile(getPath(name));
    EXPECT_TRUE(bool(buffer)) << name.str();
    return buffer ? (*buffer)->getBuffer().str() : "";
  }

  /// Names of what lies in the folder.
  std::vector<std::string> list() const {
    std::vector<std::string> names;
    std::error_code code;
    for (llvm::sys::fs::directory_iterator it(path, code), end; it != end;
         it.increment(code))
      names.push_back(llvm::sys::path::filename(it->path()).str());
    llvm::sort(names);
    return names;
  }

private:
  llvm::SmallString<128> path;
};

/// The message of an error; empty on success.
inline std::string getMessage(llvm::Error error) {
  return llvm::toString(std::move(error));
}
template <typename T>
std::string getMessage(const llvm::Expected<T> &) = delete;
template <typename T> std::string getMessage(llvm::Expected<T> &&value) {
  return value ? "" : llvm::toString(value.takeError());
}

} // namespace mlir::compress::test

/// Expects an error whose message contains `text`.
#define EXPECT_ERROR(expression, text)                                         \
  do {                                                                         \
    std::string message = ::mlir::compress::test::getMessage(expression);      \
    EXPECT_NE(message.find(text), std::string::npos)                           \
        << "expected an error with \"" << (text) << "\", got \"" << message    \
        << "\"";                                                               \
  } while (false)

/// Expects success.
#define EXPECT_OK(expression)                                                  \
  EXPECT_EQ(::mlir::compress::test::getMessage(expression), "")
#define ASSERT_OK(expression)                                                  \
  ASSERT_EQ(::mlir::compress::test::getMessage(expression), "")

/// Declares `name` with the value of an Expected, or fails the test.
#define ASSERT_VALUE(name, expression)                                         \
  auto name##OrError = (expression);                                           \
  ASSERT_TRUE(bool(name##OrError))                                             \
      << llvm::toString(name##OrError.takeError());                            \
  auto &name = *name##OrError

#endif // COMPRESS_UNITTESTS_SUPPORT_TESTFILES_H
