//===- VerifyEncodingsTest.cpp - Types that were made unchecked -----------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Transforms/Passes.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"

#include "gtest/gtest.h"

#include "compress/Dialect/Quantized/IR/Quantized.h"

using namespace mlir;
using namespace mlir::compress;

/// A pass can make a type that no parser would accept: RankedTensorType::get
/// does not ask the encoding.
TEST(VerifyEncodingsTest, ChecksTypesAgain) {
  MLIRContext context;
  context.loadDialect<CompressDialect, quantized::QuantizedDialect,
                      tensor::TensorDialect>();
  std::string message;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    if (message.empty())
      message = diagnostic.str();
    return success();
  });
  Attribute encoding = parseAttribute(
      "#quantized.affine<i4, block = [1, 32], scale = f16>", &context);
  ASSERT_TRUE(encoding);
  OpBuilder builder(&context);
  Location loc = builder.getUnknownLoc();
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  builder.setInsertionPointToEnd(module->getBody());
  auto type = RankedTensorType::get({64}, builder.getF32Type(), encoding);
  tensor::EmptyOp::create(builder, loc, type, ValueRange());
  PassManager manager(&context);
  manager.addPass(createVerifyEncodings());
  EXPECT_TRUE(failed(manager.run(*module)));
  EXPECT_NE(message.find("has an illegal type: "), std::string::npos)
      << message;
}
