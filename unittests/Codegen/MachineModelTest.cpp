//===- MachineModelTest.cpp - How fast a CPU is ---------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Codegen/CPU/MachineModel.h"

#include "gtest/gtest.h"

using namespace mlir::compress;

static MachineModel getModel(llvm::StringRef name,
                             const MachineOptions &options = {}) {
  llvm::Expected<CPUTarget> target = CPUTarget::parse(name);
  if (!target) {
    ADD_FAILURE() << llvm::toString(target.takeError());
    return {};
  }
  return MachineModel::get(*target, options);
}

static double perCycle(const MachineModel &model, Resource resource) {
  return model.perCycle[static_cast<unsigned>(resource)];
}

/// Processors are found by name, all others by the length of their vectors.
TEST(MachineModelTest, Families) {
  EXPECT_EQ(getModel("znver3").family, "Zen 3");
  EXPECT_EQ(getModel("sapphirerapids").family, "Golden Cove with AVX-512");
  EXPECT_EQ(getModel("cascadelake").family, "x86 with AVX-512");
  EXPECT_EQ(getModel("x86-64-v4+avx512vnni").family, "x86 with AVX-512");
  EXPECT_EQ(getModel("haswell").family, "x86 with AVX2");
  EXPECT_EQ(getModel("x86-64").family, "x86 with SSE");
}

/// A model is complete: vectors as long as the target's registers or cut into
/// equal parts, something of every resource that is counted in operations, and
/// caches that grow while bandwidth shrinks.
TEST(MachineModelTest, Complete) {
  for (const char *name :
       {"x86-64", "x86-64-v3", "x86-64-v4", "znver1", "znver2", "znver3",
        "znver4", "znver5", "icelake-server", "sapphirerapids", "alderlake"}) {
    SCOPED_TRACE(name);
    llvm::Expected<CPUTarget> target = CPUTarget::parse(name);
    if (!target) {
      ADD_FAILURE() << llvm::toString(target.takeError());
      continue;
    }
    MachineModel model = MachineModel::get(*target);
    EXPECT_EQ(target->getLanes() * 32 % model.datapathBits, 0);
    for (Resource resource :
         {Resource::Vector, Resource::Multiply, Resource::Shift,
          Resource::Compare, Resource::Shuffle, Resource::Divide,
          Resource::Load, Resource::Store, Resource::Issue})
      EXPECT_GT(perCycle(model, resource), 0) << str(resource).str();
    EXPECT_LE(perCycle(model, Resource::Multiply),
              perCycle(model, Resource::Vector));
    EXPECT_LE(perCycle(model, Resource::Vector),
              perCycle(model, Resource::Issue));
    EXPECT_EQ(model.getLevel(model.l1), Resource::L1);
    EXPECT_EQ(model.getLevel(model.l1 + 1), Resource::L2);
    EXPECT_EQ(model.getLevel(model.l2 + 1), Resource::L3);
    EXPECT_EQ(model.getLevel(model.l3 + 1), Resource::Memory);
    for (auto [near, far] : {std::pair(Resource::L1, Resource::L2),
                             std::pair(Resource::L2, Resource::L3),
                             std::pair(Resource::L3, Resource::Memory)})
      EXPECT_GT(model.getBandwidth(near), model.getBandwidth(far));
  }
}

/// What is known of a machine takes the place of its family's numbers.
TEST(MachineModelTest, Options) {
  MachineModel model = getModel("x86-64-v4", {/*clock=*/2, /*bandwidth=*/7});
  EXPECT_EQ(model.clock, 2);
  EXPECT_EQ(model.getBandwidth(Resource::Memory), 7);
  EXPECT_EQ(model.getBandwidth(Resource::L1), 2 * 64 * 2);
}
