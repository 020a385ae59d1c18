//===- NumberType.cpp - Number formats --------------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Numbers.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>
#include <limits>

using namespace mlir::compress;
using llvm::bit_cast;

FloatLayout mlir::compress::getFloatLayout(NumberType::Kind kind) {
  switch (kind) {
  case NumberType::Kind::F16:
    return {5, 10, 15, 0x7BFF, 0x7E00, true, true};
  case NumberType::Kind::BF16:
    return {8, 7, 127, 0x7F7F, 0x7FC0, true, true};
  case NumberType::Kind::F8E4M3FN:
    return {4, 3, 7, 0x7E, 0x7F, false, false};
  case NumberType::Kind::F8E5M2:
    return {5, 2, 15, 0x7B, 0x7E, true, false};
  case NumberType::Kind::F4E2M1FN:
    return {2, 1, 1, 0x7, 0, false, false};
  default:
    llvm_unreachable("not an IEEE-like format narrower than f32");
  }
}

NumberType NumberType::getFloat(Kind kind) {
  switch (kind) {
  case Kind::F32:
    return NumberType(kind, 32);
  case Kind::F16:
  case Kind::BF16:
    return NumberType(kind, 16);
  case Kind::F8E4M3FN:
  case Kind::F8E5M2:
  case Kind::F8E8M0FNU:
    return NumberType(kind, 8);
  case Kind::F4E2M1FN:
    return NumberType(kind, 4);
  case Kind::SignedInteger:
  case Kind::UnsignedInteger:
    break;
  }
  llvm_unreachable("an integer format needs a width");
}

int64_t NumberType::getMin() const {
  return kind == Kind::SignedInteger ? -(int64_t(1) << (bits - 1)) : 0;
}

int64_t NumberType::getMax() const {
  return (int64_t(1) << (kind == Kind::SignedInteger ? bits - 1 : bits)) - 1;
}

double NumberType::getLargest() const {
  if (isInteger())
    return std::max(double(getMax()), -double(getMin()));
  if (kind == Kind::F32)
    return std::numeric_limits<float>::max();
  if (kind == Kind::F8E8M0FNU)
    return std::ldexp(1.0, 127);
  return decode(getFloatLayout(kind).largest);
}

std::string NumberType::str() const {
  switch (kind) {
  case Kind::SignedInteger:
    return "i" + std::to_string(bits);
  case Kind::UnsignedInteger:
    return "ui" + std::to_string(bits);
  case Kind::F32:
    return "f32";
  case Kind::F16:
    return "f16";
  case Kind::BF16:
    return "bf16";
  case Kind::F8E4M3FN:
    return "f8E4M3FN";
  case Kind::F8E5M2:
    return "f8E5M2";
  case Kind::F8E8M0FNU:
    return "f8E8M0FNU";
  case Kind::F4E2M1FN:
    return "f4E2M1FN";
  }
  llvm_unreachable("unknown kind");
}

std::optional<NumberType> NumberType::parse(llvm::StringRef text) {
  for (Kind kind : {Kind::F32, Kind::F16, Kind::BF16, Kind::F8E4M3FN,
                    Kind::F8E5M2, Kind::F8E8M0FNU, Kind::F4E2M1FN})
    if (text == getFloat(kind).str())
      return getFloat(kind);
  // `si4` is `i4` to us: our integers without a sign of their own are signed.
  bool isUnsigned = text.consume_front("u");
  if (!isUnsigned)
    text.consume_front("s");
  unsigned bits;
  if (!text.consume_front("i") || text.getAsInteger(10, bits) || bits < 1 ||
      bits > 32)
    return std::nullopt;
  return isUnsigned ? getUnsigned(bits) : getSigned(bits);
}

//===----------------------------------------------------------------------===//
// Values of codes
//===----------------------------------------------------------------------===//

static float decodeSmallFloat(const FloatLayout &layout, uint32_t code) {
  uint32_t mantissaMask = llvm::maskTrailingOnes<uint32_t>(layout.mantissaBits);
  uint32_t exponentMask = llvm::maskTrailingOnes<uint32_t>(layout.exponentBits);
  uint32_t mantissa = code & mantissaMask;
  uint32_t exponent = (code >> layout.mantissaBits) & exponentMask;
  bool negative = (code >> (layout.mantissaBits + layout.exponentBits)) & 1;
  uint32_t magnitudeCode =
      code & ((exponentMask << layout.mantissaBits) | mantissaMask);
  float magnitude;
  if (layout.ieee && exponent == exponentMask)
    magnitude = mantissa ? std::numeric_limits<float>::quiet_NaN()
                         : std::numeric_limits<float>::infinity();
  else if (!layout.ieee && layout.nan && magnitudeCode == layout.nan)
    magnitude = std::numeric_limits<float>::quiet_NaN();
  else if (exponent == 0)
    magnitude =
        std::ldexp(float(mantissa), 1 - layout.bias - int(layout.mantissaBits));
  else
    magnitude =
        std::ldexp(float(mantissa | (mantissaMask + 1)),
                   int(exponent) - layout.bias - int(layout.mantissaBits));
  return negative ? -magnitude : magnitude;
}

float NumberType::decode(uint32_t code) const {
  switch (kind) {
  case Kind::SignedInteger:
    return float(llvm::SignExtend32(code, bits));
  case Kind::UnsignedInteger:
    return float(code & llvm::maskTrailingOnes<uint32_t>(bits));
  case Kind::F32:
    return bit_cast<float>(code);
  case Kind::F16:
    return decodeF16(uint16_t(code));
  case Kind::BF16:
    return decodeBF16(uint16_t(code));
  case Kind::F8E8M0FNU:
    if ((code & 0xFF) == 0xFF)
      return std::numeric_limits<float>::quiet_NaN();
    return std::ldexp(1.0f, int(code & 0xFF) - 127);
  default:
    return decodeSmallFloat(getFloatLayout(kind), code);
  }
}

//===----------------------------------------------------------------------===//
// Codes of values
//===----------------------------------------------------------------------===//

static uint32_t encodeE8M0(float value) {
  uint32_t bits = bit_cast<uint32_t>(value);
  if ((bits & 0x7FFFFFFF) > 0x7F800000)
    return 0xFF;
  if (bits >> 31)
    return 0; // Below the range.
  // 2^-127 is a subnormal f32, so the first step is not a binade.
  if (bits < 0x00800000)
    return bits > 0x00600000 ? 1 : 0;
  uint32_t odd = (bits >> 23) & 1;
  return std::min<uint32_t>((bits + 0x3FFFFF + odd) >> 23, 0xFE);
}

static uint32_t encodeInteger(const NumberType &type, float value) {
  if (std::isnan(value))
    return 0;
  // In double, which holds every code of up to 32 bits exactly.
  double clamped = std::min(std::max(double(value), double(type.getMin())),
                            double(type.getMax()));
  int64_t rounded = std::llrint(clamped);
  return uint32_t(rounded) & llvm::maskTrailingOnes<uint32_t>(type.getBits());
}

uint32_t NumberType::encode(float value) const {
  switch (kind) {
  case Kind::SignedInteger:
  case Kind::UnsignedInteger:
    return encodeInteger(*this, value);
  case Kind::F32:
    return bit_cast<uint32_t>(value);
  case Kind::F8E8M0FNU:
    return encodeE8M0(value);
  default:
    return encodeSmallFloat(getFloatLayout(kind), value);
  }
}
