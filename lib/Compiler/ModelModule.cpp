//===- ModelModule.cpp - What modules tell of their model -----------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Compiler/ModelModule.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"

using namespace llvm;
using namespace mlir;
using namespace mlir::compress;

static constexpr StringLiteral kAttribute = "compress.model";

void compress::describeModel(ImportedModel &model) {
  Builder b(model.module->getContext());
  model.module.get()->setAttr(
      kAttribute,
      b.getDictionaryAttr(
          {b.getNamedAttr("name", b.getStringAttr(model.name)),
           b.getNamedAttr("architecture", b.getStringAttr(model.architecture)),
           b.getNamedAttr("vocabulary", b.getI64IntegerAttr(model.vocabulary)),
           b.getNamedAttr("context_length",
                          b.getI64IntegerAttr(model.contextLength)),
           b.getNamedAttr("layers", b.getI64IntegerAttr(model.cache.layers))}));
}

void compress::readModelInfo(ModuleOp module, ModelInfo &info) {
  auto model = module->getAttrOfType<DictionaryAttr>(kAttribute);
  if (!model)
    return;
  auto getText = [&](StringRef name, std::string &text) {
    if (auto value = model.getAs<StringAttr>(name))
      text = value.str();
  };
  auto getSize = [&](StringRef name, int64_t &size) {
    if (auto value = model.getAs<IntegerAttr>(name))
      size = value.getInt();
  };
  getText("name", info.name);
  getText("architecture", info.architecture);
  getSize("vocabulary", info.vocabulary);
  getSize("context_length", info.contextLength);
  getSize("layers", info.layers);
}
