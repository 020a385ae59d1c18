//===- Elementwise.cpp - Elementwise ops in registers ---------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel.h"

using namespace mlir;
using namespace mlir::compress;

/// An element of a tensor that a body reads at indices of its own.
static Value extract(Kernel &kernel, tensor::ExtractOp op, ValueRange indices) {
  Value tensor = op.getTensor();
  if (!getEncoding(tensor.getType()))
    return kernel.e.load(kernel.buffer(tensor), indices);
  SmallVector<Coord> at(indices.begin(), indices.end());
  return kernel.operand(tensor).read(kernel.e, at);
}

Value compress::inlineBody(Kernel &kernel, linalg::LinalgOp op,
                           ArrayRef<Value> arguments, int64_t lanes,
                           function_ref<Value(int64_t)> index) {
  Emitter &e = kernel.e;
  Block *body = op.getBlock();
  DenseMap<Value, Value> map;
  for (auto [argument, value] : llvm::zip(body->getArguments(), arguments))
    map[argument] = value;
  auto lookup = [&](Value v) -> Value {
    if (auto found = map.find(v); found != map.end())
      return found->second;
    // A constant or an argument of the group, which goes away with it.
    Operation *op = v.getDefiningOp();
    if (!op && cast<BlockArgument>(v).getOwner() == &kernel.group.getBlock())
      return map[v] = kernel.buffer(v);
    if (!op || !op->hasTrait<OpTrait::ConstantLike>())
      return v;
    return map[v] = e.clone(*op)->getResult(0);
  };
  for (Operation &inner : body->without_terminator()) {
    if (auto at = dyn_cast<linalg::IndexOp>(inner)) {
      map[at.getResult()] = index(at.getDim());
      continue;
    }
    if (inner.hasTrait<OpTrait::ConstantLike>()) {
      map[inner.getResult(0)] = e.clone(inner)->getResult(0);
      continue;
    }
    // Elementwise ops take vectors as they take scalars; where one operand is a
    // vector, all are.
    if (auto read = dyn_cast<tensor::ExtractOp>(inner)) {
      SmallVector<Value> indices =
          llvm::map_to_vector(read.getIndices(), lookup);
      map[read.getResult()] = extract(kernel, read, indices);
      continue;
    }
    SmallVector<Value> operands;
    int64_t width = 0;
    for (Value operand : inner.getOperands()) {
      operands.push_back(lookup(operand));
      width = std::max(width, Emitter::getLanes(operands.back()));
    }
    for (Value &operand : operands)
      operand = e.splat(operand, width);
    SmallVector<Type> types;
    for (Type type : inner.getResultTypes())
      types.push_back(Emitter::lanesOf(type, width));
    Operation *copy = e.insert(
        Operation::create(inner.getLoc(), inner.getName(), types, operands,
                          inner.getDiscardableAttrDictionary(),
                          inner.getPropertiesStorage(), BlockRange(), 0));
    for (auto [from, to] : llvm::zip(inner.getResults(), copy->getResults()))
      map[from] = to;
  }
  return lookup(body->getTerminator()->getOperand(0));
}

Value ElementwiseEvaluator::loadAt(Value tensor, AffineMap map) {
  // Dimension 0 is the row, dimension 1 the column.
  SmallVector<Value> at;
  bool alongColumns = false;
  for (AffineExpr result : map.getResults()) {
    unsigned dim = cast<AffineDimExpr>(result).getPosition();
    alongColumns = dim == 1;
    at.push_back(dim == 0 ? row : column);
  }
  auto type = cast<RankedTensorType>(tensor.getType());
  if (type.getEncoding() || tensor.getDefiningOp<AssembleOp>()) {
    EncodedOperand operand = kernel.operand(tensor);
    SmallVector<Coord> coords(at.begin(), at.end());
    return operand.read(e, coords);
  }
  Value memref = kernel.buffer(tensor);
  if (!alongColumns)
    return e.load(memref, at);
  if (!count)
    return e.load(memref, at, lanes);
  auto vector = VectorType::get({lanes}, type.getElementType());
  Value mask = vector::CreateMaskOp::create(
      e, VectorType::get({lanes}, e.getI1Type()), count);
  Value zero =
      arith::ConstantOp::create(e, cast<TypedAttr>(e.getZeroAttr(vector)));
  return vector::MaskedLoadOp::create(e, vector, memref, at, mask, zero);
}

Value ElementwiseEvaluator::evaluateOperand(linalg::LinalgOp op,
                                            OpOperand &operand) {
  Value source = operand.get();
  if (!isa<RankedTensorType>(source.getType()))
    return source;
  AffineMap map = op.getMatchingIndexingMap(&operand);
  if (map.isIdentity() &&
      (known.contains(source) || source.getDefiningOp<linalg::LinalgOp>()))
    return evaluate(source);
  return loadAt(source, map);
}

Value ElementwiseEvaluator::evaluateOp(linalg::LinalgOp op) {
  SmallVector<Value> arguments;
  for (OpOperand &operand : op->getOpOperands()) {
    BlockArgument argument = op.getMatchingBlockArgument(&operand);
    if (argument.use_empty())
      arguments.push_back(Value());
    else if (Attribute fill = getFillValue(operand.get()))
      arguments.push_back(arith::ConstantOp::create(e, cast<TypedAttr>(fill)));
    else
      arguments.push_back(evaluateOperand(op, operand));
  }
  return inlineBody(kernel, op, arguments, lanes, [&](int64_t dim) -> Value {
    if (dim == 0)
      return row;
    return e.add(
        e.splat(column, lanes),
        vector::StepOp::create(e, VectorType::get({lanes}, e.getIndexType())));
  });
}

Value ElementwiseEvaluator::evaluate(Value tensor) {
  if (auto found = known.find(tensor); found != known.end())
    return found->second;
  Value value;
  if (auto op = tensor.getDefiningOp<linalg::LinalgOp>())
    value = evaluateOp(op);
  else
    value =
        loadAt(tensor, AffineMap::getMultiDimIdentityMap(2, e.getContext()));
  known[tensor] = value;
  return value;
}

//===----------------------------------------------------------------------===//
// Functions of one variable
//===----------------------------------------------------------------------===//

Value compress::emitExp(Emitter &e, Value x) {
  return math::ExpOp::create(e, x);
}

/// a0 + a1 x + a2 x^2 + ...
static Value polynomial(Emitter &e, Value x, ArrayRef<double> coefficients) {
  int64_t lanes = Emitter::getLanes(x);
  auto constant = [&](double value) {
    return e.splat(arith::ConstantOp::create(e, e.getF64FloatAttr(value)),
                   lanes);
  };
  Value sum = constant(coefficients.back());
  for (double c : llvm::reverse(coefficients.drop_back()))
    sum = e.fma(sum, x, constant(c));
  return sum;
}

std::pair<Value, Value> compress::emitCosSin(Emitter &e, Value angle) {
  int64_t lanes = Emitter::getLanes(angle);
  auto constant = [&](double value) {
    return e.splat(arith::ConstantOp::create(e, e.getF64FloatAttr(value)),
                   lanes);
  };
  // angle = n pi/2 + r with |r| <= pi/4; pi/2 in two parts (Cody and Waite).
  Value n = math::RoundEvenOp::create(
      e, e.mul(angle, constant(0.63661977236758134308)));
  Value r = e.fma(n, constant(-1.57079632679489655800), angle);
  r = e.fma(n, constant(-6.12323399573676603587e-17), r);
  Value r2 = e.mul(r, r);
  // Taylor series; the terms left out are below 2^-54 of the result, so that
  // only the rounding to f32 is seen.
  SmallVector<double> sinTerms, cosTerms;
  double inverse = 1; // of n!, with the series' sign
  for (int n = 0; n <= 17; ++n) {
    (n % 2 ? sinTerms : cosTerms).push_back(inverse);
    inverse /= n % 2 ? -(n + 1) : n + 1;
  }
  Value sin = e.mul(r, polynomial(e, r2, sinTerms));
  Value cos = polynomial(e, r2, cosTerms);
  Value quadrant =
      arith::FPToSIOp::create(e, Emitter::lanesOf(e.getI32Type(), lanes), n);
  auto bit = [&](Value v, int64_t mask) -> Value {
    Value masked = arith::AndIOp::create(e, v, e.constantI32(mask, lanes));
    return arith::CmpIOp::create(e, arith::CmpIPredicate::ne, masked,
                                 e.constantI32(0, lanes));
  };
  Value swap = bit(quadrant, 1);
  Value c = arith::SelectOp::create(e, swap, sin, cos);
  Value s = arith::SelectOp::create(e, swap, cos, sin);
  Value negateCos = bit(e.add(quadrant, e.constantI32(1, lanes)), 2);
  Value negateSin = bit(quadrant, 2);
  c = arith::SelectOp::create(e, negateCos, arith::NegFOp::create(e, c), c);
  s = arith::SelectOp::create(e, negateSin, arith::NegFOp::create(e, s), s);
  Type f32 = Emitter::lanesOf(e.getF32Type(), lanes);
  return {arith::TruncFOp::create(e, f32, c),
          arith::TruncFOp::create(e, f32, s)};
}
