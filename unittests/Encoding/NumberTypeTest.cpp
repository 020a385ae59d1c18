//===- NumberTypeTest.cpp - Tests of number formats -------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Encoding/EncodingSpec.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/bit.h"
#include "gtest/gtest.h"

#include <cmath>
#include <random>

using namespace mlir::compress;
using Kind = NumberType::Kind;
using llvm::APFloat;

namespace {

/// LLVM's description of the same format, as an independent reference.
const llvm::fltSemantics &getSemantics(Kind kind) {
  switch (kind) {
  case Kind::F16:
    return APFloat::IEEEhalf();
  case Kind::BF16:
    return APFloat::BFloat();
  case Kind::F8E4M3FN:
    return APFloat::Float8E4M3FN();
  case Kind::F8E5M2:
    return APFloat::Float8E5M2();
  case Kind::F8E8M0FNU:
    return APFloat::Float8E8M0FNU();
  case Kind::F4E2M1FN:
    return APFloat::Float4E2M1FN();
  default:
    return APFloat::IEEEsingle();
  }
}

float decodeReference(NumberType type, uint32_t code) {
  APFloat value(getSemantics(type.getKind()),
                llvm::APInt(type.getBits(), code));
  if (value.isNaN())
    return NAN; // The conversion of an f8E8M0FNU NaN is not one.
  bool losesInfo;
  value.convert(APFloat::IEEEsingle(), APFloat::rmNearestTiesToEven,
                &losesInfo);
  return value.convertToFloat();
}

class FloatFormat : public testing::TestWithParam<Kind> {};

TEST_P(FloatFormat, DecodesEveryCodeAsLLVMDoes) {
  NumberType type = NumberType::getFloat(GetParam());
  for (uint32_t code = 0; code < (1u << type.getBits()); ++code) {
    float expected = decodeReference(type, code), value = type.decode(code);
    if (std::isnan(expected))
      EXPECT_TRUE(std::isnan(value)) << type.str() << " " << code;
    else
      EXPECT_EQ(llvm::bit_cast<uint32_t>(value),
                llvm::bit_cast<uint32_t>(expected))
          << type.str() << " " << code;
  }
}

TEST_P(FloatFormat, EncodesItsOwnValuesExactly) {
  NumberType type = NumberType::getFloat(GetParam());
  for (uint32_t code = 0; code < (1u << type.getBits()); ++code) {
    float value = type.decode(code);
    if (std::isfinite(value)) {
      EXPECT_EQ(type.encode(value), code) << type.str();
    }
  }
}

TEST_P(FloatFormat, RoundsToNearestTiesToEven) {
  NumberType type = NumberType::getFloat(GetParam());
  // Neighbours among the positive finite codes, and points between them.
  for (uint32_t code = 0;; ++code) {
    float low = type.decode(code), high = type.decode(code + 1);
    if (!std::isfinite(low) || !std::isfinite(high) || !(high > low))
      break;
    float middle = float((double(low) + double(high)) / 2);
    EXPECT_EQ(type.encode(middle), code + (code & 1)) << type.str() << code;
    EXPECT_EQ(type.encode(std::nextafter(middle, low)), code);
    EXPECT_EQ(type.encode(std::nextafter(middle, high)), code + 1);
  }
}

TEST_P(FloatFormat, SaturatesOrOverflows) {
  NumberType type = NumberType::getFloat(GetParam());
  bool overflows = type.getBits() == 16;
  float huge = type.decode(type.encode(3e38f));
  if (GetParam() == Kind::F8E8M0FNU) {
    EXPECT_EQ(huge, std::ldexp(1.0f, 127));
  } else if (GetParam() == Kind::F16) {
    EXPECT_TRUE(std::isinf(huge));
  } else if (!overflows) {
    EXPECT_EQ(huge, float(type.getLargest()));
    EXPECT_EQ(type.decode(type.encode(-INFINITY)), -float(type.getLargest()));
  }
  float nan = type.decode(type.encode(NAN));
  if (GetParam() == Kind::F4E2M1FN)
    EXPECT_EQ(type.encode(NAN), 0u);
  else
    EXPECT_TRUE(std::isnan(nan));
}

INSTANTIATE_TEST_SUITE_P(All, FloatFormat,
                         testing::Values(Kind::F16, Kind::BF16, Kind::F8E4M3FN,
                                         Kind::F8E5M2, Kind::F8E8M0FNU,
                                         Kind::F4E2M1FN));

TEST(NumberType, RandomF32RoundAsLLVMDoes) {
  std::mt19937 random(1);
  for (Kind kind : {Kind::F16, Kind::BF16}) {
    NumberType type = NumberType::getFloat(kind);
    for (int i = 0; i < 200000; ++i) {
      float value = llvm::bit_cast<float>(uint32_t(random()));
      if (std::isnan(value))
        continue;
      APFloat reference(value);
      bool losesInfo;
      reference.convert(getSemantics(kind), APFloat::rmNearestTiesToEven,
                        &losesInfo);
      EXPECT_EQ(type.encode(value),
                uint32_t(reference.bitcastToAPInt().getZExtValue()));
    }
  }
}

TEST(NumberType, F32IsTheIdentity) {
  NumberType type = NumberType::getF32();
  EXPECT_EQ(type.encode(-1.5f), 0xBFC00000u);
  EXPECT_EQ(type.decode(0xBFC00000u), -1.5f);
}

TEST(NumberType, Integers) {
  for (unsigned bits = 1; bits <= 8; ++bits) {
    for (NumberType type :
         {NumberType::getSigned(bits), NumberType::getUnsigned(bits)}) {
      for (int64_t value = type.getMin(); value <= type.getMax(); ++value) {
        uint32_t code = type.encode(float(value));
        EXPECT_LT(code, 1u << bits);
        EXPECT_EQ(type.decode(code), float(value)) << type.str();
      }
      EXPECT_EQ(type.decode(type.encode(1e9f)), float(type.getMax()));
      EXPECT_EQ(type.decode(type.encode(-1e9f)), float(type.getMin()));
      EXPECT_EQ(type.encode(NAN), 0u);
    }
  }
  NumberType i8 = NumberType::getSigned(8);
  EXPECT_EQ(i8.decode(i8.encode(2.5f)), 2.0f);
  EXPECT_EQ(i8.decode(i8.encode(3.5f)), 4.0f);
  EXPECT_EQ(i8.decode(i8.encode(-2.5f)), -2.0f);
  EXPECT_EQ(i8.encode(-1), 0xFFu);
}

TEST(NumberType, Text) {
  for (const char *text : {"i4", "ui6", "i8", "i32", "f32", "f16", "bf16",
                           "f8E4M3FN", "f8E5M2", "f8E8M0FNU", "f4E2M1FN"}) {
    std::optional<NumberType> type = NumberType::parse(text);
    ASSERT_TRUE(type) << text;
    EXPECT_EQ(type->str(), text);
  }
  EXPECT_EQ(NumberType::parse("si4"), NumberType::getSigned(4));
  for (const char *text : {"", "i", "i0", "i33", "u4", "f64", "i4 ", "nf4"})
    EXPECT_FALSE(NumberType::parse(text)) << text;
}

//===----------------------------------------------------------------------===//
// Named tables
//===----------------------------------------------------------------------===//

/// The normal distribution's quantile, by bisection of its distribution
/// function.
double getQuantile(double probability) {
  double low = -10, high = 10;
  for (int i = 0; i < 200; ++i) {
    double middle = (low + high) / 2;
    (std::erfc(-middle / std::sqrt(2.0)) / 2 < probability ? low : high) =
        middle;
  }
  return low;
}

TEST(NamedTables, NF4FollowsFromQuantiles) {
  const double offset = 0.9677083;
  std::vector<double> values = {0};
  for (int i = 0; i < 8; ++i)
    values.push_back(getQuantile(offset + (0.5 - offset) * i / 8));
  for (int i = 0; i < 7; ++i)
    values.push_back(-getQuantile(offset + (0.5 - offset) * i / 7));
  std::sort(values.begin(), values.end());
  llvm::ArrayRef<float> table = getNamedTable("nf4");
  ASSERT_EQ(table.size(), values.size());
  for (size_t i = 0; i < values.size(); ++i)
    EXPECT_NEAR(table[i], values[i] / values.back(), 1e-6) << i;
}

TEST(NamedTables, IQ4NL) {
  llvm::ArrayRef<float> table = getNamedTable("iq4_nl");
  ASSERT_EQ(table.size(), 16u);
  EXPECT_EQ(table.front(), -127);
  EXPECT_EQ(table[8], 1);
  EXPECT_EQ(table.back(), 113);
  EXPECT_TRUE(std::is_sorted(table.begin(), table.end()));
}

TEST(NamedTables, Dynamic8) {
  llvm::ArrayRef<float> table = getNamedTable("dynamic8");
  ASSERT_EQ(table.size(), 256u);
  EXPECT_TRUE(std::is_sorted(table.begin(), table.end()));
  EXPECT_EQ(table[127], 0.0f);
  EXPECT_EQ(table.back(), 1.0f);
  // The largest decade has 64 values per sign, 0.9 / 64 apart.
  EXPECT_FLOAT_EQ(table[254], 1.0f - 0.45f / 64);
  EXPECT_NEAR(table[254] - table[253], 0.9 / 64, 1e-7);
  // The smallest has one, the middle of [1e-7, 1e-6].
  EXPECT_FLOAT_EQ(table[128], 0.55e-6f);
  for (int i = 1; i <= 127; ++i)
    EXPECT_EQ(table[127 - i], -table[127 + i]) << i;
  EXPECT_TRUE(getNamedTable("nf5").empty());
}

} // namespace
