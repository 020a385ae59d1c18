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
  NamedAttrList attributes;
  attributes.set("name", b.getStringAttr(model.name));
  attributes.set("architecture", b.getStringAttr(model.architecture));
  attributes.set("vocabulary", b.getI64IntegerAttr(model.vocabulary));
  attributes.set("context_length", b.getI64IntegerAttr(model.contextLength));
  attributes.set("layers", b.getI64IntegerAttr(model.layers));
  if (model.pooling) {
    attributes.set("pooling", b.getStringAttr(str(model.pooling->mode)));
    attributes.set("normalize", b.getBoolAttr(model.pooling->normalize));
    attributes.set("max_tokens", b.getI64IntegerAttr(model.pooling->maxTokens));
  }
  model.module.get()->setAttr(kAttribute,
                              attributes.getDictionary(b.getContext()));
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
  std::string pooling;
  getText("pooling", pooling);
  std::optional<PoolingInfo::Mode> mode = parsePoolingMode(pooling);
  if (!mode)
    return;
  info.pooling = PoolingInfo{*mode};
  if (auto normalize = model.getAs<BoolAttr>("normalize"))
    info.pooling->normalize = normalize.getValue();
  getSize("max_tokens", info.pooling->maxTokens);
}
