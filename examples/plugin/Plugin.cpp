//===- Plugin.cpp - The project's passes in a stock mlir-opt --------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Usage: mlir-opt-22 --load-dialect-plugin=compress-plugin.so
//          --load-pass-plugin=compress-plugin.so
//          --pass-pipeline='builtin.module(example-report-storage)' IN.mlir
// The dialects are registered by the first option only, and flags of single
// passes are made before a plugin is loaded; so both options and the textual
// pipeline are needed.
//
//===----------------------------------------------------------------------===//

#include "compress/InitAllDialects.h"
#include "compress/InitAllPasses.h"

#include "mlir/Dialect/MLProgram/IR/MLProgram.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"

using namespace mlir;

namespace {

/// A pass of the plugin's own, over the project's types: a remark at each
/// parameter says how many bits it takes.
struct ReportStorage : PassWrapper<ReportStorage, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ReportStorage)

  StringRef getArgument() const final { return "example-report-storage"; }
  StringRef getDescription() const final {
    return "Remarks on the size of each encoded parameter";
  }
  void runOnOperation() final {
    for (auto global : getOperation().getOps<ml_program::GlobalOp>()) {
      auto type = dyn_cast<RankedTensorType>(global.getType());
      if (compress::getEncoding(type))
        global.emitRemark()
            << "takes " << compress::getStorageBits(type) << " bits";
    }
  }
};

} // namespace

extern "C" LLVM_ATTRIBUTE_VISIBILITY_DEFAULT DialectPluginLibraryInfo
mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "Compress", "0.1",
          [](DialectRegistry *registry) {
            compress::registerAllDialects(*registry);
          }};
}

extern "C" LLVM_ATTRIBUTE_VISIBILITY_DEFAULT PassPluginLibraryInfo
mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "Compress", "0.1", [] {
            compress::registerAllPasses();
            PassRegistration<ReportStorage>();
          }};
}
