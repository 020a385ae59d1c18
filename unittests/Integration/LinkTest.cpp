//===- LinkTest.cpp - Shared objects --------------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Compiler/Codegen.h"

#include "gtest/gtest.h"

using namespace mlir;

namespace {

TEST(LinkTest, ReportsWhatIsNoObject) {
  std::vector<char> garbage(64, 'x');
  llvm::Error error =
      compress::linkSharedObject(garbage, testing::TempDir() + "none.so");
  std::string message = llvm::toString(std::move(error));
  EXPECT_NE(message.find("the linker failed"), std::string::npos) << message;
}

} // namespace
