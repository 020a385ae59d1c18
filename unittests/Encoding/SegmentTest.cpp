//===- SegmentTest.cpp - Sizes of segments of products --------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Encoding/IntegerProduct.h"

#include "TestUtils.h"

using namespace mlir::compress;
using namespace mlir::compress::test;

namespace {

/// The length of the segments that sums of products with a matrix of weights
/// are scaled by; 0 where there are none.
int64_t getScaled(const char *text, int64_t depth, unsigned dim = 1) {
  EncodingSpec spec = parse(text);
  return getScaledSegment({spec, dim, 2}, depth).value_or(0);
}

TEST(ScaledSegment, AreBlocksAlongK) {
  EXPECT_EQ(getScaled("codebook<nf4, block = [1, 64], scale = f16>", 4096), 64);
  EXPECT_EQ(
      getScaled("float<f4E2M1FN, block = [1, 32], scale = f8E8M0FNU>", 100),
      32);
  EXPECT_EQ(getScaled("float<f8E4M3FN, block = [128, 128], scale = f32>", 512),
            128);
  EXPECT_EQ(getScaled("codebook<nf4, block = [32, 1], scale = f16>", 64, 0),
            32);
}

TEST(ScaledSegment, EndWithK) {
  // A block that k cuts short, or that spans it, of any length.
  EXPECT_EQ(getScaled("codebook<nf4, block = [1, 64], scale = f16>", 37), 37);
  EXPECT_EQ(getScaled("float<f8E4M3FN, block = [1, -1], scale = f32>", 250),
            250);
  EXPECT_EQ(getScaled("float<f8E4M3FN, block = [1, -1], scale = f32>", 257), 0);
}

TEST(ScaledSegment, AreMultiplesOf16UpTo256) {
  EXPECT_EQ(getScaled("codebook<nf4, block = [1, 24], scale = f16>", 96), 0);
  EXPECT_EQ(getScaled("codebook<nf4, block = [1, 48], scale = f16>", 96), 48);
  EXPECT_EQ(getScaled("codebook<nf4, block = [1, 256], scale = f16>", 512),
            256);
  EXPECT_EQ(getScaled("codebook<nf4, block = [1, 512], scale = f16>", 1024), 0);
}

TEST(ScaledSegment, HaveScalesAlone) {
  EXPECT_EQ(getScaled("float<f16>", 64), 0);
  EXPECT_EQ(
      getScaled("codebook<nf4, block = [1, 32], scale = f16, min = f16>", 64),
      0);
  EXPECT_EQ(getScaled("affine<i4, block = [1, 32], scale = f16>", 64), 0);
}

TEST(ScaledSegment, AreWholeInStoredBlocks) {
  const char *inPanels = "block<[16, 64], values = codebook<nf4, block = [1, "
                         "32], scale = f16>>";
  EXPECT_EQ(getScaled(inPanels, 256), 32);
  EXPECT_EQ(getScaled("block<[16, 64], values = codebook<nf4, block = [1, "
                      "-1], scale = f16>>",
                      256),
            64);
  EXPECT_EQ(getScaled("block<[8, 64], values = codebook<nf4, block = [1, "
                      "32], scale = f16>>",
                      256),
            0);
  EXPECT_EQ(getScaled("nm<2 : 4, values = codebook<nf4, block = [1, 32], "
                      "scale = f16>>",
                      256),
            0);
}

} // namespace
