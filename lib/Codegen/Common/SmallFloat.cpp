//===- SmallFloat.cpp - Floats of eight bits as wider ones ----------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SmallFloat.h"

#include <cmath>

using namespace mlir;
using namespace mlir::compress;

namespace {

constexpr uint32_t kCodes = 256;

/// A code's magnitude, shifted, is the magnitude of a wider float whose value
/// times `factor` is the code's, apart from some codes.
struct Rule {
  NumberType wide;
  bool isSigned;
  unsigned shift;
  float factor = 1;
  SmallVector<uint32_t, 2> exceptions;

  uint32_t move(uint32_t code) const {
    if (!isSigned)
      return code << shift;
    return (code & 0x7F) << shift | (code & 0x80) << (wide.getBits() - 8);
  }
  float apply(uint32_t code) const { return wide.decode(move(code)) * factor; }
};

} // namespace

static bool isSame(float a, float b) {
  return (std::isnan(a) && std::isnan(b)) ||
         (a == b && std::signbit(a) == std::signbit(b));
}

/// Finds the codes that `rule` does not hold for; false if there are many.
static bool findExceptions(Rule &rule, NumberType type) {
  for (uint32_t code = 0; code < kCodes; ++code) {
    if (isSame(rule.apply(code), type.decode(code)))
      continue;
    rule.exceptions.push_back(code);
    if (rule.exceptions.size() > 2)
      return false;
  }
  return true;
}

static std::optional<Rule> findRule(NumberType type) {
  // A value in the middle of the range tells the factor.
  constexpr uint32_t kMiddle = 0x38;
  for (NumberType wide : {NumberType::getF16(), NumberType::getF32()})
    for (bool isSigned : {true, false})
      for (unsigned shift = 0; shift + 8 <= wide.getBits(); ++shift) {
        Rule rule{wide, isSigned, shift, 1, {}};
        rule.factor = type.decode(kMiddle) / rule.apply(kMiddle);
        // Subnormal operands are slow.
        int exponent;
        bool isPowerOfTwo = std::frexp(rule.factor, &exponent) == 0.5f;
        bool isCheap = wide == NumberType::getF16() || rule.factor == 1;
        if (isPowerOfTwo && isCheap && findExceptions(rule, type))
          return rule;
      }
  return std::nullopt;
}

std::optional<Value> compress::emitSmallFloat(Emitter &e, NumberType type,
                                              Value code) {
  if (type.getBits() != 8)
    return std::nullopt;
  std::optional<Rule> rule = findRule(type);
  if (!rule)
    return std::nullopt;
  int64_t lanes = Emitter::getLanes(code);
  unsigned bits = rule->wide.getBits();
  auto constant = [&](uint32_t value) { return e.constantI32(value, lanes); };
  auto shiftLeft = [&](Value value, unsigned by) -> Value {
    return by ? Value(arith::ShLIOp::create(e, value, constant(by))) : value;
  };
  Value moved = shiftLeft(code, rule->shift);
  if (rule->isSigned) {
    Value magnitude = arith::AndIOp::create(e, code, constant(0x7F));
    Value sign = arith::AndIOp::create(e, code, constant(0x80));
    moved = arith::OrIOp::create(e, shiftLeft(magnitude, rule->shift),
                                 shiftLeft(sign, bits - 8));
  }
  if (bits == 16)
    moved = arith::TruncIOp::create(
        e, Emitter::lanesOf(e.getIntegerType(16), lanes), moved);
  Value value = e.toF32(
      e.bitcast(moved, bits == 16 ? Type(e.getF16Type()) : e.getF32Type()));
  if (rule->factor != 1)
    value = e.mul(value, e.constantF32(rule->factor, lanes));
  for (uint32_t exception : rule->exceptions) {
    Value isException = arith::CmpIOp::create(e, arith::CmpIPredicate::eq, code,
                                              constant(exception));
    value = arith::SelectOp::create(
        e, isException, e.constantF32(type.decode(exception), lanes), value);
  }
  return value;
}
