//===- ArithOps.cpp - Meaning of arith ------------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Floats are computed in double precision and rounded to their type by the
// caller; for +, -, *, / and square roots of types of at most 24 bits of
// precision this equals a correctly rounded operation of the type itself.
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include "llvm/Support/MathExtras.h"

#include <cmath>

using namespace mlir;
using namespace mlir::compress;

using Operands = ArrayRef<Scalar>;

/// Operands for which an op's result is poison or undefined behaviour.
static llvm::Error makeUndefinedError(Operation *op) {
  return makeOpError(op, "has no defined result for these operands");
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

/// Registers an op on integers given by an expression of the sign-extended x, y
/// and the zero-extended ux, uy.
#define INTEGER(NAME, EXPRESSION)                                              \
  registry.scalars["arith." NAME] = [](Operation *, Operands operands,         \
                                       Scalar &result) -> llvm::Error {        \
    int64_t x = operands[0].integer, y = operands[1].integer;                  \
    uint64_t ux = operands[0].getUnsigned(), uy = operands[1].getUnsigned();   \
    (void)x, (void)y, (void)ux, (void)uy;                                      \
    result.integer = static_cast<int64_t>(EXPRESSION);                         \
    return llvm::Error::success();                                             \
  }

/// The same with a condition under which the result is defined.
#define PARTIAL_INTEGER(NAME, DEFINED, EXPRESSION)                             \
  registry.scalars["arith." NAME] = [](Operation *op, Operands operands,       \
                                       Scalar &result) -> llvm::Error {        \
    int64_t x = operands[0].integer, y = operands[1].integer;                  \
    uint64_t ux = operands[0].getUnsigned(), uy = operands[1].getUnsigned();   \
    (void)x, (void)y, (void)ux, (void)uy;                                      \
    if (!(DEFINED))                                                            \
      return makeUndefinedError(op);                                           \
    result.integer = static_cast<int64_t>(EXPRESSION);                         \
    return llvm::Error::success();                                             \
  }

/// Whether x / y neither divides by zero nor overflows.
static bool canDivide(Operands operands) {
  uint64_t lowest = uint64_t(1)
                    << (llvm::popcount(Scalar::getInteger(operands[0].type, -1)
                                           .getUnsigned()) -
                        1);
  return operands[1].integer != 0 &&
         !(operands[1].integer == -1 && operands[0].getUnsigned() == lowest);
}

static bool canShift(Operands operands) {
  return operands[1].getUnsigned() <
         static_cast<uint64_t>(llvm::popcount(
             Scalar::getInteger(operands[0].type, -1).getUnsigned()));
}

static void registerIntegers(OpRegistry &registry) {
  INTEGER("addi", ux + uy);
  INTEGER("subi", ux - uy);
  INTEGER("muli", ux * uy);
  INTEGER("andi", ux & uy);
  INTEGER("ori", ux | uy);
  INTEGER("xori", ux ^ uy);
  INTEGER("maxsi", std::max(x, y));
  INTEGER("minsi", std::min(x, y));
  INTEGER("maxui", std::max(ux, uy));
  INTEGER("minui", std::min(ux, uy));
  PARTIAL_INTEGER("divsi", canDivide(operands), x / y);
  PARTIAL_INTEGER("remsi", canDivide(operands), x % y);
  PARTIAL_INTEGER("floordivsi", canDivide(operands),
                  llvm::divideFloorSigned(x, y));
  PARTIAL_INTEGER("ceildivsi", canDivide(operands),
                  llvm::divideCeilSigned(x, y));
  PARTIAL_INTEGER("divui", uy != 0, ux / uy);
  PARTIAL_INTEGER("remui", uy != 0, ux % uy);
  PARTIAL_INTEGER("ceildivui", uy != 0, llvm::divideCeil(ux, uy));
  PARTIAL_INTEGER("shli", canShift(operands), ux << uy);
  PARTIAL_INTEGER("shrsi", canShift(operands), x >> uy);
  PARTIAL_INTEGER("shrui", canShift(operands), ux >> uy);
}

//===----------------------------------------------------------------------===//
// Floats
//===----------------------------------------------------------------------===//

#define FLOAT(NAME, EXPRESSION)                                                \
  registry.scalars["arith." NAME] = [](Operation *, Operands operands,         \
                                       Scalar &result) -> llvm::Error {        \
    double x = operands[0].number, y = operands.back().number;                 \
    (void)y;                                                                   \
    result.number = EXPRESSION;                                                \
    return llvm::Error::success();                                             \
  }

static double maximum(double x, double y) {
  if (std::isnan(x) || std::isnan(y))
    return std::nan("");
  if (x == y)
    return std::signbit(x) ? y : x;
  return std::max(x, y);
}

static void registerFloats(OpRegistry &registry) {
  FLOAT("addf", x + y);
  FLOAT("subf", x - y);
  FLOAT("mulf", x * y);
  FLOAT("divf", x / y);
  FLOAT("remf", std::fmod(x, y));
  FLOAT("negf", -x);
  FLOAT("maximumf", maximum(x, y));
  FLOAT("minimumf", -maximum(-x, -y));
  FLOAT("maxnumf", std::fmax(x, y));
  FLOAT("minnumf", std::fmin(x, y));
}

//===----------------------------------------------------------------------===//
// Comparisons
//===----------------------------------------------------------------------===//

static bool compare(arith::CmpIPredicate predicate, const Scalar &x,
                    const Scalar &y) {
  using P = arith::CmpIPredicate;
  switch (predicate) {
  case P::eq:
    return x.integer == y.integer;
  case P::ne:
    return x.integer != y.integer;
  case P::slt:
    return x.integer < y.integer;
  case P::sle:
    return x.integer <= y.integer;
  case P::sgt:
    return x.integer > y.integer;
  case P::sge:
    return x.integer >= y.integer;
  case P::ult:
    return x.getUnsigned() < y.getUnsigned();
  case P::ule:
    return x.getUnsigned() <= y.getUnsigned();
  case P::ugt:
    return x.getUnsigned() > y.getUnsigned();
  case P::uge:
    return x.getUnsigned() >= y.getUnsigned();
  }
  llvm_unreachable("all predicates are covered");
}

static bool compare(arith::CmpFPredicate predicate, double x, double y) {
  using P = arith::CmpFPredicate;
  bool unordered = std::isnan(x) || std::isnan(y);
  switch (predicate) {
  case P::AlwaysFalse:
    return false;
  case P::AlwaysTrue:
    return true;
  case P::ORD:
    return !unordered;
  case P::UNO:
    return unordered;
  case P::OEQ:
    return x == y;
  case P::OGT:
    return x > y;
  case P::OGE:
    return x >= y;
  case P::OLT:
    return x < y;
  case P::OLE:
    return x <= y;
  case P::ONE:
    return !unordered && x != y;
  case P::UEQ:
    return unordered || x == y;
  case P::UGT:
    return !(x <= y);
  case P::UGE:
    return !(x < y);
  case P::ULT:
    return !(x >= y);
  case P::ULE:
    return !(x > y);
  case P::UNE:
    return x != y;
  }
  llvm_unreachable("all predicates are covered");
}

static void registerComparisons(OpRegistry &registry) {
  registry.scalars["arith.cmpi"] = [](Operation *op, Operands operands,
                                      Scalar &result) -> llvm::Error {
    result.integer = compare(cast<arith::CmpIOp>(op).getPredicate(),
                             operands[0], operands[1]);
    return llvm::Error::success();
  };
  registry.scalars["arith.cmpf"] = [](Operation *op, Operands operands,
                                      Scalar &result) -> llvm::Error {
    result.integer = compare(cast<arith::CmpFOp>(op).getPredicate(),
                             operands[0].number, operands[1].number);
    return llvm::Error::success();
  };
  registry.scalars["arith.select"] = [](Operation *, Operands operands,
                                        Scalar &result) -> llvm::Error {
    result = operands[0].integer ? operands[1] : operands[2];
    return llvm::Error::success();
  };
}

//===----------------------------------------------------------------------===//
// Conversions
//===----------------------------------------------------------------------===//

/// Toward zero; values beyond the type's range have no defined result.
static llvm::Error floatToInteger(Operation *op, Operands operands,
                                  Scalar &result, bool isSigned) {
  double value = std::trunc(operands[0].number);
  unsigned width = result.type.getIntOrFloatBitWidth();
  double lowest = isSigned ? -std::ldexp(1.0, width - 1) : 0.0;
  double end = std::ldexp(1.0, isSigned ? width - 1 : width);
  if (!(value >= lowest && value < end))
    return makeUndefinedError(op);
  result.integer = isSigned
                       ? static_cast<int64_t>(value)
                       : static_cast<int64_t>(static_cast<uint64_t>(value));
  return llvm::Error::success();
}

static llvm::Error convertBits(Operation *, Operands operands, Scalar &result) {
  auto asTensor = [](Type type) {
    return HostTensor(RankedTensorType::get({1}, type));
  };
  HostTensor from = asTensor(operands[0].type), to = asTensor(result.type);
  from.set(0, operands[0]);
  llvm::copy(from.getBytes(), to.getMutableBytes().begin());
  result = to.get(0);
  return llvm::Error::success();
}

static void registerConversions(OpRegistry &registry) {
  // Sign-extension and truncation are what a Scalar's form does by itself.
  for (StringRef name : {"extsi", "trunci", "index_cast"})
    registry.scalars[("arith." + name).str()] =
        [](Operation *, Operands operands, Scalar &result) -> llvm::Error {
      result.integer = operands[0].integer;
      return llvm::Error::success();
    };
  for (StringRef name : {"extui", "index_castui"})
    registry.scalars[("arith." + name).str()] =
        [](Operation *, Operands operands, Scalar &result) -> llvm::Error {
      result.integer = static_cast<int64_t>(operands[0].getUnsigned());
      return llvm::Error::success();
    };
  registry.scalars["arith.extf"] = [](Operation *, Operands operands,
                                      Scalar &result) -> llvm::Error {
    result.number = operands[0].number;
    return llvm::Error::success();
  };
  registry.scalars["arith.truncf"] = [](Operation *op, Operands operands,
                                        Scalar &result) -> llvm::Error {
    auto mode = cast<arith::TruncFOp>(op).getRoundingmode();
    if (mode && *mode != arith::RoundingMode::to_nearest_even)
      return makeOpError(op,
                         "only rounding to nearest, ties to even, is known");
    result.number = operands[0].number;
    return llvm::Error::success();
  };
  registry.scalars["arith.sitofp"] = [](Operation *, Operands operands,
                                        Scalar &result) -> llvm::Error {
    result.number = static_cast<double>(operands[0].integer);
    return llvm::Error::success();
  };
  registry.scalars["arith.uitofp"] = [](Operation *, Operands operands,
                                        Scalar &result) -> llvm::Error {
    result.number = static_cast<double>(operands[0].getUnsigned());
    return llvm::Error::success();
  };
  registry.scalars["arith.fptosi"] = [](Operation *op, Operands operands,
                                        Scalar &result) -> llvm::Error {
    return floatToInteger(op, operands, result, /*isSigned=*/true);
  };
  registry.scalars["arith.fptoui"] = [](Operation *op, Operands operands,
                                        Scalar &result) -> llvm::Error {
    return floatToInteger(op, operands, result, /*isSigned=*/false);
  };
  registry.scalars["arith.bitcast"] = convertBits;
}

void compress::registerArithOps(OpRegistry &registry) {
  registerIntegers(registry);
  registerFloats(registry);
  registerComparisons(registry);
  registerConversions(registry);
}
