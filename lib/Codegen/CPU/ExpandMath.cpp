//===- ExpandMath.cpp - Functions of one variable as arithmetic -----------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Codegen/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

#include <cmath>

namespace mlir::compress {
#define GEN_PASS_DEF_EXPANDMATH
#include "compress/Codegen/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;

namespace {

/// `value` as a number or vector of the op's type.
Value constant(ImplicitLocOpBuilder &b, Type type, float value) {
  Attribute attribute = b.getF32FloatAttr(value);
  if (auto shaped = dyn_cast<ShapedType>(type))
    attribute = DenseElementsAttr::get(shaped, attribute);
  return arith::ConstantOp::create(b, cast<TypedAttr>(attribute));
}

/// A polynomial in x by fmas from the highest coefficient on.
Value polynomial(ImplicitLocOpBuilder &b, Value x, ArrayRef<float> highToLow) {
  Value p = constant(b, x.getType(), highToLow.front());
  for (float c : highToLow.drop_front())
    p = math::FmaOp::create(b, p, x, constant(b, x.getType(), c));
  return p;
}

/// exp of f32, as docs/numerics.md defines it: 2^n * p(r) with x = n ln 2 + r,
/// n an integer and p a polynomial of degree 6 (minimax of the relative error
/// with p = 1 + r + ..., 2^-28). Results below 2^-126 are zero.
struct ExpandExp : OpRewritePattern<math::ExpOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::ExpOp op,
                                PatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(op.getType()).isF32())
      return failure();
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Value x = op.getOperand();
    Value low = constant(b, op.getType(), kExpLowest),
          high = constant(b, op.getType(), kExpHighest);
    // Within the range, so that n is an integer for NaN and infinities too.
    Value inside =
        arith::MinNumFOp::create(b, arith::MaxNumFOp::create(b, x, low), high);
    Value n = math::RoundEvenOp::create(
        b, arith::MulFOp::create(b, inside,
                                 constant(b, op.getType(), 1.44269504f)));
    // ln 2 in two parts, of which the first times n is exact.
    Value r = math::FmaOp::create(
        b, n, constant(b, op.getType(), -0.693359375f), inside);
    r = math::FmaOp::create(b, n, constant(b, op.getType(), 2.12194440e-4f), r);
    Value p = polynomial(b, r,
                         {0.001381459878757596f, 0.008368716575205326f,
                          0.04166838899254799f, 0.1666652113199234f,
                          0.4999999403953552f, 1.0f, 1.0f});
    // p lies within [0.7, 1.42]: n is added to its exponent.
    Type words = getWords(op.getType());
    Value exponent = arith::ShLIOp::create(
        b, arith::FPToSIOp::create(b, words, n),
        arith::ConstantOp::create(b, getInteger(words, 23)));
    Value bits = arith::BitcastOp::create(b, words, p);
    Value result = arith::BitcastOp::create(
        b, op.getType(), arith::AddIOp::create(b, bits, exponent));
    auto select = [&](arith::CmpFPredicate predicate, Value bound, Value then) {
      Value is = arith::CmpFOp::create(b, predicate, x, bound);
      result = arith::SelectOp::create(b, is, then, result);
    };
    select(arith::CmpFPredicate::OLT, low, constant(b, op.getType(), 0));
    select(arith::CmpFPredicate::OGT, high,
           constant(b, op.getType(), INFINITY));
    select(arith::CmpFPredicate::UNO, x, x);
    rewriter.replaceOp(op, result);
    return success();
  }

private:
  /// ln of the least normal number and of the largest one.
  static constexpr float kExpLowest = -87.336540f, kExpHighest = 88.722832f;

  static Type getWords(Type type) {
    Type i32 = IntegerType::get(type.getContext(), 32);
    auto shaped = dyn_cast<ShapedType>(type);
    return shaped ? Type(shaped.clone(i32)) : i32;
  }
  static TypedAttr getInteger(Type type, int64_t value) {
    auto attribute = IntegerAttr::get(getElementTypeOrSelf(type), value);
    if (auto shaped = dyn_cast<ShapedType>(type))
      return DenseElementsAttr::get(shaped, Attribute(attribute));
    return attribute;
  }
};

/// tanh of f32, as docs/numerics.md defines it: x p(x^2) / q(x^2), of degrees 6
/// and 3, within 5 units in the last place.
struct ExpandTanh : OpRewritePattern<math::TanhOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::TanhOp op,
                                PatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(op.getType()).isF32())
      return failure();
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Value x = op.getOperand();
    Type type = x.getType();
    Value inside = arith::MinNumFOp::create(
        b, arith::MaxNumFOp::create(b, x, constant(b, type, -kOne)),
        constant(b, type, kOne));
    Value square = arith::MulFOp::create(b, inside, inside);
    Value p = polynomial(b, square,
                         {-2.76076847742355e-16f, 2.00018790482477e-13f,
                          -8.60467152213735e-11f, 5.12229709037114e-08f,
                          1.48572235717979e-05f, 6.37261928875436e-04f,
                          4.89352455891786e-03f});
    Value q = polynomial(b, square,
                         {1.19825839466702e-06f, 1.18534705686654e-04f,
                          2.26843463243900e-03f, 4.89352518554385e-03f});
    Value result =
        arith::DivFOp::create(b, arith::MulFOp::create(b, inside, p), q);
    // Also where x is no number.
    Value isItself = arith::CmpFOp::create(b, arith::CmpFPredicate::ULT,
                                           math::AbsFOp::create(b, x),
                                           constant(b, type, kItself));
    rewriter.replaceOpWithNewOp<arith::SelectOp>(op, isItself, x, result);
    return success();
  }

private:
  /// From where on the result is 1, and below which tanh(x) rounds to x.
  static constexpr float kOne = 7.99881172180175781f, kItself = 0.0004f;
};

struct ExpandMath : compress::impl::ExpandMathBase<ExpandMath> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    auto isExpanded = [](StringRef name) {
      return llvm::is_contained({"math.exp", "math.log", "math.log2",
                                 "math.log1p", "math.expm1", "math.tanh",
                                 "math.erf"},
                                name);
    };
    populateMathPolynomialApproximationPatterns(patterns, isExpanded);
    patterns.add<ExpandExp, ExpandTanh>(&getContext(), /*benefit=*/2);
    populateMathF32ExpansionPatterns(patterns, isExpanded);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
