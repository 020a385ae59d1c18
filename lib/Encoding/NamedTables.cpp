//===- NamedTables.cpp - Tables of well-known codebooks ---------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Encoding/EncodingSpec.h"

#include <algorithm>
#include <array>
#include <cmath>

using namespace mlir::compress;

/// NormalFloat4 (Dettmers et al., QLoRA, arXiv 2305.14314): quantiles of the
/// standard normal distribution, 8 upper and 7 lower ones and an exact zero,
/// divided by the largest. The unit test derives them again from the quantile
/// function.
static constexpr std::array<float, 16> kNF4 = {-1.0f,
                                               -0.6961928009986877f,
                                               -0.5250730514526367f,
                                               -0.39491748809814453f,
                                               -0.28444138169288635f,
                                               -0.18477343022823334f,
                                               -0.09105003625154495f,
                                               0.0f,
                                               0.07958029955625534f,
                                               0.16093020141124725f,
                                               0.24611230194568634f,
                                               0.33791524171829224f,
                                               0.44070982933044434f,
                                               0.5626170039176941f,
                                               0.7229568362236023f,
                                               1.0f};

/// The non-linear 4-bit grid of ggml's IQ4_NL and IQ4_XS blocks.
static constexpr std::array<float, 16> kIQ4NL = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

/// The values of FP4 E2M1 (OCP Microscaling Formats, version 1.0), where both
/// codes of zero are positive, as ggml has them in its MXFP4 and NVFP4 blocks.
static constexpr std::array<float, 16> kE2M1 = {
    0, 0.5f, 1, 1.5f, 2, 3, 4, 6, 0, -0.5f, -1, -1.5f, -2, -3, -4, -6};

/// The signed dynamic 8-bit data type (Dettmers, 8-Bit Approximations for
/// Parallelism in Deep Learning, arXiv 1511.04561, as used for quantized
/// optimizer states in arXiv 2110.02861): the codes are spread over seven
/// decades, 10^-6 to 1. Decade i of seven has 2^i values per sign, the middles
/// of as many equal parts of [0.1, 1], times 10^(i-6). With 0 and 1 these are
/// 2 * 127 + 2 values, sorted. Computed in double and rounded once.
static std::array<float, 256> makeDynamic8() {
  std::array<float, 256> table;
  unsigned next = 0;
  for (int decade = 0; decade < 7; ++decade) {
    int parts = 1 << decade;
    double power = std::pow(10.0, 6 - decade);
    for (int part = 0; part < parts; ++part) {
      double middle = 0.1 + 0.9 * (part + 0.5) / parts;
      table[next++] = float(middle / power);
      table[next++] = float(-middle / power);
    }
  }
  table[next++] = 0.0f;
  table[next++] = 1.0f;
  std::sort(table.begin(), table.end());
  return table;
}

llvm::ArrayRef<float> mlir::compress::getNamedTable(llvm::StringRef name) {
  if (name == "nf4")
    return kNF4;
  if (name == "iq4_nl")
    return kIQ4NL;
  if (name == "e2m1")
    return kE2M1;
  if (name == "dynamic8") {
    static const std::array<float, 256> table = makeDynamic8();
    return table;
  }
  return {};
}
