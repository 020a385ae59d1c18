//===- Emitter.cpp - Builds the small ops of kernels ----------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Codegen/Common/Emitter.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::compress;

int64_t Emitter::getLanes(Value value) {
  auto type = dyn_cast<VectorType>(value.getType());
  return type ? type.getNumElements() : 0;
}

Value Emitter::index(int64_t value) {
  return arith::ConstantIndexOp::create(*this, value);
}

/// A constant of `type`, every lane the same.
static Value constant(Emitter &e, Type type, Attribute element) {
  if (auto vector = dyn_cast<VectorType>(type))
    return arith::ConstantOp::create(
        e, cast<TypedAttr>(Attribute(SplatElementsAttr::get(vector, element))));
  return arith::ConstantOp::create(e, cast<TypedAttr>(element));
}

Value Emitter::constantF32(float value, int64_t lanes) {
  return constant(*this, lanesOf(getF32Type(), lanes), getF32FloatAttr(value));
}

Value Emitter::constantI32(int64_t value, int64_t lanes) {
  return constant(*this, lanesOf(getI32Type(), lanes),
                  getI32IntegerAttr(static_cast<int32_t>(value)));
}

Value Emitter::splat(Value scalar, int64_t lanes) {
  if (!lanes || isa<VectorType>(scalar.getType()))
    return scalar;
  return vector::BroadcastOp::create(
      *this, VectorType::get({lanes}, scalar.getType()), scalar);
}

/// Gives both operands the lanes of the wider one.
static void match(Emitter &e, Value &a, Value &b) {
  int64_t lanes = std::max(Emitter::getLanes(a), Emitter::getLanes(b));
  a = e.splat(a, lanes);
  b = e.splat(b, lanes);
}

static bool isFloat(Value value) {
  return isa<FloatType>(getElementTypeOrSelf(value.getType()));
}

template <typename FloatOp, typename IntOp>
static Value binary(Emitter &e, Value a, Value b) {
  match(e, a, b);
  return isFloat(a) ? e.createOrFold<FloatOp>(a, b)
                    : e.createOrFold<IntOp>(a, b);
}

Value Emitter::add(Value a, Value b) {
  return binary<arith::AddFOp, arith::AddIOp>(*this, a, b);
}
Value Emitter::sub(Value a, Value b) {
  return binary<arith::SubFOp, arith::SubIOp>(*this, a, b);
}
Value Emitter::mul(Value a, Value b) {
  return binary<arith::MulFOp, arith::MulIOp>(*this, a, b);
}
Value Emitter::divF(Value a, Value b) {
  match(*this, a, b);
  return createOrFold<arith::DivFOp>(a, b);
}
Value Emitter::maxF(Value a, Value b) {
  match(*this, a, b);
  return arith::MaxNumFOp::create(*this, a, b);
}

Value Emitter::fma(Value a, Value b, Value c) {
  int64_t lanes = std::max({getLanes(a), getLanes(b), getLanes(c)});
  return math::FmaOp::create(*this, splat(a, lanes), splat(b, lanes),
                             splat(c, lanes));
}

Value Emitter::divIndex(Value a, int64_t by) {
  return by == 1 ? a : createOrFold<arith::DivUIOp>(a, index(by));
}
Value Emitter::remIndex(Value a, int64_t by) {
  return createOrFold<arith::RemUIOp>(a, index(by));
}
Value Emitter::ceilDivIndex(Value a, int64_t by) {
  return divIndex(addIndex(a, by - 1), by);
}
Value Emitter::minIndex(Value a, Value b) {
  return createOrFold<arith::MinUIOp>(a, b);
}

Value Emitter::extractBits(Value words, unsigned shift, unsigned width) {
  int64_t lanes = getLanes(words);
  if (shift)
    words = arith::ShRUIOp::create(*this, words, constantI32(shift, lanes));
  if (shift + width < 32)
    words = arith::AndIOp::create(
        *this, words, constantI32((int64_t(1) << width) - 1, lanes));
  return words;
}

Value Emitter::toF32(Value value, bool isSigned) {
  Type element = getElementTypeOrSelf(value.getType());
  Type type = lanesOf(getF32Type(), getLanes(value));
  if (element.isF32())
    return value;
  if (isa<FloatType>(element))
    return arith::ExtFOp::create(*this, type, value);
  if (isSigned)
    return arith::SIToFPOp::create(*this, type, value);
  return arith::UIToFPOp::create(*this, type, value);
}

Value Emitter::fromF32(Value value, Type element) {
  if (element.isF32())
    return value;
  int64_t lanes = getLanes(value);
  if (!element.isBF16())
    return arith::TruncFOp::create(*this, lanesOf(element, lanes), value);
  // Few processors can; the upper half of the bits, rounded to nearest even.
  Value bits = bitcast(value, getI32Type());
  Value odd = extractBits(bits, 16, 1);
  Value rounded = add(bits, add(odd, constantI32(0x7fff, lanes)));
  Value isNaN =
      arith::CmpFOp::create(*this, arith::CmpFPredicate::UNO, value, value);
  rounded = arith::SelectOp::create(*this, isNaN,
                                    constantI32(0x7fc00000, lanes), rounded);
  Value upper = arith::ShRUIOp::create(*this, rounded, constantI32(16, lanes));
  return bitcast(
      arith::TruncIOp::create(*this, lanesOf(getI16Type(), lanes), upper),
      element);
}

Value Emitter::bitcast(Value value, Type element) {
  int64_t lanes = getLanes(value);
  if (!lanes)
    return arith::BitcastOp::create(*this, element, value);
  return vector::BitCastOp::create(*this, VectorType::get({lanes}, element),
                                   value);
}

Value Emitter::dim(Value memref, unsigned i) {
  return createOrFold<memref::DimOp>(memref, i);
}

Value Emitter::load(Value memref, ValueRange indices, int64_t lanes) {
  if (!lanes)
    return memref::LoadOp::create(*this, memref, indices);
  Type element = cast<MemRefType>(memref.getType()).getElementType();
  return vector::LoadOp::create(*this, VectorType::get({lanes}, element),
                                memref, indices);
}

void Emitter::prefetch(Value memref, ValueRange indices, unsigned locality) {
  memref::PrefetchOp::create(*this, memref, indices, /*isWrite=*/false,
                             locality, /*isDataCache=*/true);
}

void Emitter::store(Value value, Value memref, ValueRange indices) {
  if (isa<VectorType>(value.getType()))
    vector::StoreOp::create(*this, value, memref, indices);
  else
    memref::StoreOp::create(*this, value, memref, indices);
}

/// A mask with the first `count` of `lanes` set.
static Value firstMask(Emitter &e, int64_t lanes, int64_t count) {
  SmallVector<bool> bits(lanes, false);
  std::fill_n(bits.begin(), std::min(count, lanes), true);
  auto type = VectorType::get({lanes}, e.getI1Type());
  return arith::ConstantOp::create(e, DenseElementsAttr::get(type, bits));
}

Value Emitter::loadFirst(Value memref, ValueRange indices, int64_t lanes,
                         int64_t count) {
  if (count >= lanes)
    return load(memref, indices, lanes);
  Type element = cast<MemRefType>(memref.getType()).getElementType();
  auto type = VectorType::get({lanes}, element);
  Value zero =
      arith::ConstantOp::create(*this, cast<TypedAttr>(getZeroAttr(type)));
  return vector::MaskedLoadOp::create(*this, type, memref, indices,
                                      firstMask(*this, lanes, count), zero);
}

void Emitter::storeFirst(Value value, Value memref, ValueRange indices,
                         int64_t count) {
  int64_t lanes = getLanes(value);
  if (count >= lanes)
    return store(value, memref, indices);
  vector::MaskedStoreOp::create(*this, memref, indices,
                                firstMask(*this, lanes, count), value);
}

Value Emitter::flatten(Value memref) {
  auto type = cast<MemRefType>(memref.getType());
  if (type.getRank() == 1)
    return memref;
  ReassociationIndices all =
      llvm::to_vector(llvm::seq<int64_t>(type.getRank()));
  return memref::CollapseShapeOp::create(
      *this, memref, SmallVector<ReassociationIndices>{all});
}

SmallVector<Value>
Emitter::loop(Value from, Value to, int64_t step, ValueRange init,
              function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  auto op = scf::ForOp::create(*this, from, to, index(step), init);
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(op.getBody());
  SmallVector<Value> next = body(op.getInductionVar(), op.getRegionIterArgs());
  if (!init.empty())
    scf::YieldOp::create(*this, next);
  return op.getResults();
}

void Emitter::loop(Value from, Value to, int64_t step,
                   function_ref<void(Value)> body) {
  loop(from, to, step, ValueRange(), [&](Value i, ValueRange) {
    body(i);
    return SmallVector<Value>();
  });
}

SmallVector<Value>
Emitter::choose(Value condition, TypeRange types,
                function_ref<SmallVector<Value>()> then,
                function_ref<SmallVector<Value>()> otherwise) {
  auto op = scf::IfOp::create(*this, types, condition, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(*this);
  for (auto [block, branch] : {std::make_pair(op.thenBlock(), then),
                               std::make_pair(op.elseBlock(), otherwise)}) {
    setInsertionPointToStart(block);
    SmallVector<Value> values = branch();
    if (!types.empty())
      scf::YieldOp::create(*this, values);
  }
  return op.getResults();
}

void Emitter::ifThenElse(Value condition, function_ref<void()> then,
                         function_ref<void()> otherwise) {
  auto op = scf::IfOp::create(*this, condition, bool(otherwise));
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(op.thenBlock());
  then();
  if (otherwise) {
    setInsertionPointToStart(op.elseBlock());
    otherwise();
  }
}

std::pair<Value, Value> Emitter::share(Value total, Value thread,
                                       Value threads) {
  auto bound = [&](Value i) -> Value {
    return createOrFold<arith::DivUIOp>(mul(total, i), threads);
  };
  return {bound(thread), bound(addIndex(thread, 1))};
}
