//===- DescribeCodeTest.cpp - What manifests say of code ------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Compiler/Compiler.h"

#include "gtest/gtest.h"

using namespace llvm;
using namespace mlir::compress;

namespace {

/// An embedding of which rows are read, and a weight.
PreparedModel makeModel() {
  PreparedModel model;
  for (StringRef symbol : {"embedding", "weight"}) {
    ParameterPlan plan;
    plan.symbol = symbol.str();
    plan.shape = {4, 32};
    model.parameters.push_back(plan);
  }
  Expected<EncodingSpec> spec =
      parseEncoding("affine<i8, block = [1, 32], scale = f16>");
  if (spec)
    model.parameters[1].encoding = *spec;
  else
    ADD_FAILURE() << toString(spec.takeError());
  model.gathered = {true, false};
  return model;
}

CompiledCode makeCode(std::vector<ParameterEntry> parameters) {
  CompiledCode code;
  code.target.cpu = "cpu" + std::to_string(parameters.size());
  code.parameters = std::move(parameters);
  code.functions.emplace_back();
  return code;
}

std::string describe(PreparedModel &model, ArrayRef<CompiledCode> code) {
  return toString(describeCode(model, code));
}

TEST(DescribeCodeTest, ParametersAreInTheCodesOrder) {
  PreparedModel model = makeModel();
  EXPECT_EQ(describe(model, makeCode({{"weight", "scale"},
                                      {"embedding", ""},
                                      {"weight", "codes"}})),
            "");
  const Manifest &manifest = model.manifest;
  EXPECT_EQ(manifest.functions.size(), 1u);
  ASSERT_EQ(manifest.parameters.size(), 3u);
  EXPECT_EQ(manifest.parameters[0].key, "weight.scale");
  EXPECT_EQ(manifest.parameters[1].key, "embedding");
  EXPECT_EQ(manifest.parameters[2].key, "weight.codes");
  EXPECT_FALSE(manifest.parameters[0].isGathered);
  EXPECT_TRUE(manifest.parameters[1].isGathered);
}

TEST(DescribeCodeTest, CodeMustFitTheModel) {
  PreparedModel model = makeModel();
  EXPECT_EQ(describe(model, {}),
            "a program needs code for at least one target");
  EXPECT_EQ(describe(model, {makeCode({{"weight", "codes"}}), makeCode({})}),
            "the code for cpu0 reads other parameters than that for cpu1");
  EXPECT_EQ(describe(model, makeCode({{"norm", ""}})),
            "the code reads a parameter 'norm' that the model does not have");
  EXPECT_EQ(describe(model, makeCode({{"weight", "min"}})),
            "the code reads 'min', which is no component of parameter "
            "'weight'");
}

} // namespace
