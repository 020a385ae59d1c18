//===- Embed.cpp - A program that uses the libraries ----------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Usage: compress-embed MODULE.mlir
// Parses a module, runs a pass of the project over it, and prints for each
// encoded parameter its size and what the encoding does to normally distributed
// values.
//
//===----------------------------------------------------------------------===//

#include "compress/Encoding/Codec.h"
#include "compress/InitAllDialects.h"
#include "compress/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MLProgram/IR/MLProgram.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>
#include <random>

using namespace mlir;

/// Relative root mean square error of normally distributed values that are
/// encoded and decoded.
static llvm::Expected<double> measureError(const compress::EncodingSpec &spec,
                                           ArrayRef<int64_t> shape) {
  std::mt19937 generator(1);
  std::normal_distribution<float> distribution;
  std::vector<float> values(ShapedType::getNumElements(shape));
  for (float &value : values)
    value = distribution(generator);

  auto components = compress::encode(spec, shape, values);
  if (!components)
    return components.takeError();
  SmallVector<ArrayRef<uint8_t>> views(components->begin(), components->end());
  std::vector<float> decoded(values.size());
  if (llvm::Error error = compress::decode(spec, shape, views, decoded))
    return std::move(error);

  double squares = 0, total = 0;
  for (auto [value, back] : llvm::zip_equal(values, decoded)) {
    squares += std::pow(value - back, 2.0);
    total += std::pow(value, 2.0);
  }
  return std::sqrt(squares / total);
}

/// Prints a line for each parameter with an encoding.
static LogicalResult report(ModuleOp module) {
  for (auto global : module.getOps<ml_program::GlobalOp>()) {
    auto type = dyn_cast<RankedTensorType>(global.getType());
    compress::EncodingAttrInterface encoding = compress::getEncoding(type);
    if (!encoding)
      continue;
    compress::EncodingSpec spec = encoding.getSpec();
    llvm::Expected<double> error = measureError(spec, type.getShape());
    if (!error)
      return global.emitError(llvm::toString(error.takeError()));
    int64_t bits = compress::getStorageBits(type);
    llvm::outs() << global.getSymName() << ": " << compress::str(spec) << ", "
                 << bits / 8 << " bytes, "
                 << llvm::format("%.3f bits per value, error %.4f\n",
                                 double(bits) / type.getNumElements(), *error);
  }
  return success();
}

int main(int argc, char **argv) {
  if (argc != 2) {
    llvm::errs() << "usage: compress-embed MODULE.mlir\n";
    return 2;
  }
  DialectRegistry registry;
  compress::registerAllDialects(registry);
  registry.insert<func::FuncDialect, linalg::LinalgDialect,
                  ml_program::MLProgramDialect, tensor::TensorDialect>();
  MLIRContext context(registry);
  llvm::SourceMgr sources;
  SourceMgrDiagnosticHandler handler(sources, &context);
  auto module = parseSourceFile<ModuleOp>(argv[1], sources, &context);
  if (!module)
    return 1;
  PassManager manager(&context);
  manager.addPass(compress::createVerifyEncodings());
  if (failed(manager.run(*module)) || failed(report(*module)))
    return 1;
  return 0;
}
