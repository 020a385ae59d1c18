//===- LMOps.cpp - Ops of the lm dialect ----------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Dialect/LM/IR/LM.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mlir::lm;

/// A type that is not written because it equals another.
static ParseResult parseSameType(OpAsmParser &, Type given, Type &result) {
  result = given;
  return success();
}
static void printSameType(OpAsmPrinter &, Operation *, Type, Type) {}

#define GET_OP_CLASSES
#include "compress/Dialect/LM/IR/LMOps.cpp.inc"

static int64_t size(Value value, unsigned dim) {
  return cast<RankedTensorType>(value.getType()).getDimSize(dim);
}

/// Whether two sizes are equal as far as they are known.
static bool agree(int64_t a, int64_t b) {
  return a == b || ShapedType::isDynamic(a) || ShapedType::isDynamic(b);
}

/// Whether all known numbers of rows are equal.
static bool rowsAgree(ValueRange values) {
  int64_t known = ShapedType::kDynamic;
  for (Value value : values) {
    if (!agree(known, size(value, 0)))
      return false;
    if (!ShapedType::isDynamic(size(value, 0)))
      known = size(value, 0);
  }
  return true;
}

/// Size `dim` of `value` for a result's shape.
static OpFoldResult sizeOf(OpBuilder &b, Location loc, Value value,
                           unsigned dim) {
  return tensor::getMixedSize(b, loc, value, dim);
}

//===----------------------------------------------------------------------===//
// Verifiers
//===----------------------------------------------------------------------===//

LogicalResult GatherRowsOp::verify() {
  auto table = getTable().getType(), result = getResult().getType();
  if (table.getRank() != 2 || result.getRank() != 2 ||
      table.getDimSize(1) != result.getDimSize(1) || result.getEncoding())
    return emitOpError("takes rows of a table, got ") // gather_rows_c1
           << table << " and " << result;
  if (!rowsAgree({getRows(), getResult()})) // gather_rows_c2
    return emitOpError("gives one row per row number");
  return success();
}

LogicalResult RMSNormOp::verify() {
  if (size(getWeight(), 0) != size(getInput(), 1)) // rms_norm_c1
    return emitOpError("needs one weight per column, got ")
           << size(getWeight(), 0) << " for " << size(getInput(), 1);
  return success();
}

LogicalResult LayerNormOp::verify() {
  for (Value vector : {Value(getWeight()), Value(getBias())})
    if (vector && size(vector, 0) != size(getInput(), 1)) // layer_norm_c1
      return emitOpError("needs one weight and bias per column, got ")
             << size(vector, 0) << " for " << size(getInput(), 1);
  return success();
}

LogicalResult RotaryTableOp::verify() {
  if (size(getResult(), 1) != 2 * size(getFrequencies(), 0) ||
      !rowsAgree({getPosition(), getResult()})) // rotary_table_c1
    return emitOpError(
        "gives one row per position and two columns per frequency");
  return success();
}

LogicalResult RopeOp::verify() {
  auto headDim = static_cast<int64_t>(getHeadDim());
  if (headDim < 1 || size(getInput(), 1) % headDim != 0) // rope_c1
    return emitOpError("needs whole heads of ")
           << headDim << " columns, got " << size(getInput(), 1);
  if (size(getTable(), 1) % 2 != 0 || size(getTable(), 1) > headDim) // rope_c2
    return emitOpError("needs a table of pairs that fit a head of ")
           << headDim << " columns, got " << size(getTable(), 1);
  if (!rowsAgree({getInput(), getTable()})) // rope_c3
    return emitOpError("needs one row of the table per row of the input");
  return success();
}

LogicalResult KVAppendOp::verify() {
  CacheType cache = getCache().getType();
  int64_t columns = cache.getHeads() * cache.getHeadDim();
  if (size(getKeys(), 1) != columns ||
      size(getValues(), 1) != columns) // kv_append_c1
    return emitOpError("needs keys and values of ") << columns << " columns";
  if (!rowsAgree({getKeys(), getValues(), getSequence(),
                  getPosition()})) // kv_append_c2
    return emitOpError("needs one sequence and position per row");
  return success();
}

LogicalResult KVEncodeOp::verify() {
  if (!rowsAgree({getSequence(), getPosition()})) // kv_encode_c1
    return emitOpError("needs one sequence and position per row");
  if (getCache().getType().getKeyGroup() == 1) // kv_encode_c2
    return emitOpError(
               "needs a cache whose keys have groups of positions, got ")
           << getCache().getType();
  return success();
}

/// Window and soft cap are positive where there are any.
template <typename OpTy> static LogicalResult verifyScores(OpTy op) {
  if (op.getWindow() && static_cast<int64_t>(*op.getWindow()) < 1)
    return op.emitOpError("needs a positive window, got ")
           << static_cast<int64_t>(*op.getWindow());
  if (op.getSoftCap() &&
      !(op.getSoftCap()->isFiniteNonZero() && !op.getSoftCap()->isNegative()))
    return op.emitOpError("needs a positive soft cap, got ")
           << op.getSoftCapAttr();
  return success();
}

LogicalResult CachedAttentionOp::verify() {
  CacheType cache = getCache().getType();
  if (size(getQuery(), 1) % (cache.getHeads() * cache.getHeadDim()) !=
      0) // cached_attention_c1
    return emitOpError("needs a query of whole groups of ")
           << cache.getHeads() << " heads of " << cache.getHeadDim()
           << " columns, got " << size(getQuery(), 1);
  if (getQuery().getType() != getResult().getType() ||
      !rowsAgree(
          {getQuery(), getSequence(), getPosition()})) // cached_attention_c2
    return emitOpError("needs one sequence, position and result per row");
  return verifyScores(*this); // cached_attention_c3
}

LogicalResult AttentionOp::verify() {
  if (getKeys().getType() != getValues().getType() ||
      !agree(size(getQuery(), 0), size(getKeys(), 0)) ||
      !agree(size(getQuery(), 1), size(getKeys(), 1))) // attention_c1
    return emitOpError("needs keys and values of the query's batch and tokens");
  auto headDim = static_cast<int64_t>(getHeadDim());
  int64_t query = size(getQuery(), 2), keys = size(getKeys(), 2);
  if (headDim < 1 || query % headDim || keys % headDim ||
      query % keys) // attention_c2
    return emitOpError("needs whole heads of ")
           << headDim << " columns, the query's a multiple of the keys', got "
           << query << " and " << keys << " columns";
  if (failed(verifyScores(*this))) // attention_c3
    return failure();
  if (getBidirectional() && getWindow()) // attention_c4
    return emitOpError("is bidirectional, and so can't have a window");
  return success();
}

LogicalResult RouteOp::verify() {
  auto weights = getWeights().getType(), experts = getExperts().getType();
  if (weights.getShape() != experts.getShape() ||
      !rowsAgree({getLogits(), getWeights()})) // route_c1
    return emitOpError("gives weights and experts of one shape, a row for each "
                       "row of logits");
  int64_t count = weights.getDimSize(1);
  if (ShapedType::isDynamic(count) || count < 1 ||
      count > size(getLogits(), 1)) // route_c2
    return emitOpError("takes from 1 to ")
           << size(getLogits(), 1) << " experts, got " << weights;
  return success();
}

/// Whether `rows` has a row for each element of `pairs`, whose columns are
/// known.
static bool hasRowPerPair(Value rows, Value pairs) {
  int64_t columns = size(pairs, 1), tokens = size(pairs, 0);
  if (ShapedType::isDynamic(columns))
    return false;
  return ShapedType::isDynamic(tokens) ||
         agree(size(rows, 0), tokens * columns);
}

/// Whether an encoding is that of a tensor without one: layouts are of tensors
/// that have one.
static bool isPlain(Attribute attribute) {
  auto encoding =
      dyn_cast_if_present<compress::EncodingAttrInterface>(attribute);
  if (!encoding)
    return !attribute;
  compress::EncodingSpec spec = encoding.getSpec();
  return spec.kind == compress::EncodingSpec::Kind::Float && !spec.scale &&
         spec.code == compress::NumberType::getF32();
}

LogicalResult DispatchOp::verify() {
  if (size(getInput(), 1) != size(getResult(), 1) ||
      !rowsAgree({getInput(), getExperts()}) ||
      !hasRowPerPair(getResult(), getExperts())) // dispatch_c1
    return emitOpError("gives a row of the input for each expert of its token");
  return success();
}

LogicalResult GatherExpertsOp::verify() {
  auto weights = getWeights().getType(), result = getResult().getType();
  if (weights.getRank() != 3 || result.getRank() != 3 ||
      weights.getShape().drop_front() !=
          result.getShape().drop_front()) // gather_experts_c1
    return emitOpError("takes matrices of stacked ones, got ")
           << weights << " and " << result;
  if (!hasRowPerPair(getResult(), getExperts())) // gather_experts_c2
    return emitOpError("gives one matrix per expert of a token");
  Attribute expected = getGatheredEncoding(weights);
  if (result.getEncoding() != expected &&
      !(isPlain(result.getEncoding()) &&
        isPlain(expected))) // gather_experts_c3
    return emitOpError("keeps the weights' encoding without its layout, got ")
           << weights << " and " << result;
  return success();
}

LogicalResult CombineOp::verify() {
  if (size(getInput(), 1) != size(getResult(), 1) ||
      !rowsAgree({getResult(), getWeights()}) ||
      !hasRowPerPair(getInput(), getWeights())) // combine_c1
    return emitOpError("takes a row of the input for each weight of a token");
  return success();
}

Attribute lm::getGatheredEncoding(RankedTensorType weights) {
  if (auto panel =
          dyn_cast_if_present<compress::PanelAttr>(weights.getEncoding()))
    return panel.getValues();
  return weights.getEncoding();
}

//===----------------------------------------------------------------------===//
// Shapes of results
//===----------------------------------------------------------------------===//

LogicalResult
GatherRowsOp::reifyResultShapes(OpBuilder &b,
                                ReifiedRankedShapedTypeDims &shapes) {
  shapes.push_back(
      {sizeOf(b, getLoc(), getRows(), 0), sizeOf(b, getLoc(), getTable(), 1)});
  return success();
}

LogicalResult
RotaryTableOp::reifyResultShapes(OpBuilder &b,
                                 ReifiedRankedShapedTypeDims &shapes) {
  shapes.push_back({sizeOf(b, getLoc(), getPosition(), 0),
                    b.getIndexAttr(getResult().getType().getDimSize(1))});
  return success();
}

/// The result has the shape of `value`.
static LogicalResult reifyLike(OpBuilder &b, Location loc, Value value,
                               ReifiedRankedShapedTypeDims &shapes) {
  shapes.push_back(tensor::getMixedSizes(b, loc, value));
  return success();
}

LogicalResult
RMSNormOp::reifyResultShapes(OpBuilder &b,
                             ReifiedRankedShapedTypeDims &shapes) {
  return reifyLike(b, getLoc(), getInput(), shapes);
}

LogicalResult
LayerNormOp::reifyResultShapes(OpBuilder &b,
                               ReifiedRankedShapedTypeDims &shapes) {
  return reifyLike(b, getLoc(), getInput(), shapes);
}

LogicalResult RopeOp::reifyResultShapes(OpBuilder &b,
                                        ReifiedRankedShapedTypeDims &shapes) {
  return reifyLike(b, getLoc(), getInput(), shapes);
}

LogicalResult
CachedAttentionOp::reifyResultShapes(OpBuilder &b,
                                     ReifiedRankedShapedTypeDims &shapes) {
  return reifyLike(b, getLoc(), getQuery(), shapes);
}

LogicalResult
AttentionOp::reifyResultShapes(OpBuilder &b,
                               ReifiedRankedShapedTypeDims &shapes) {
  return reifyLike(b, getLoc(), getQuery(), shapes);
}

LogicalResult RouteOp::reifyResultShapes(OpBuilder &b,
                                         ReifiedRankedShapedTypeDims &shapes) {
  OpFoldResult rows = sizeOf(b, getLoc(), getLogits(), 0);
  int64_t count = getExperts().getType().getDimSize(1);
  shapes.assign(2, {rows, b.getIndexAttr(count)});
  return success();
}

/// The number of elements of `pairs`, whose columns are known.
static OpFoldResult countPairs(OpBuilder &b, Location loc, Value pairs) {
  OpFoldResult rows = sizeOf(b, loc, pairs, 0);
  int64_t columns = size(pairs, 1);
  if (std::optional<int64_t> known = getConstantIntValue(rows))
    return b.getIndexAttr(*known * columns);
  return arith::MulIOp::create(b, loc, cast<Value>(rows),
                               arith::ConstantIndexOp::create(b, loc, columns))
      .getResult();
}

LogicalResult
DispatchOp::reifyResultShapes(OpBuilder &b,
                              ReifiedRankedShapedTypeDims &shapes) {
  shapes.push_back({countPairs(b, getLoc(), getExperts()),
                    sizeOf(b, getLoc(), getInput(), 1)});
  return success();
}

LogicalResult
GatherExpertsOp::reifyResultShapes(OpBuilder &b,
                                   ReifiedRankedShapedTypeDims &shapes) {
  shapes.push_back({countPairs(b, getLoc(), getExperts()),
                    sizeOf(b, getLoc(), getWeights(), 1),
                    sizeOf(b, getLoc(), getWeights(), 2)});
  return success();
}

LogicalResult
CombineOp::reifyResultShapes(OpBuilder &b,
                             ReifiedRankedShapedTypeDims &shapes) {
  shapes.push_back({sizeOf(b, getLoc(), getWeights(), 0),
                    sizeOf(b, getLoc(), getInput(), 1)});
  return success();
}

//===----------------------------------------------------------------------===//
// Memory effects
//===----------------------------------------------------------------------===//

void KVAppendOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  effects.emplace_back(MemoryEffects::Write::get(), &getCacheMutable());
}

void KVEncodeOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  effects.emplace_back(MemoryEffects::Read::get(), &getCacheMutable());
  effects.emplace_back(MemoryEffects::Write::get(), &getCacheMutable());
}

void CachedAttentionOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  effects.emplace_back(MemoryEffects::Read::get(), &getCacheMutable());
}
