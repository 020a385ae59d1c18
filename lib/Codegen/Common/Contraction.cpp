//===- Contraction.cpp - Contractions as code generation sees them --------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Codegen/Common/Contraction.h"

#include "compress/Dialect/LM/IR/LM.h"
#include "compress/Encoding/IntegerProduct.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::compress;

Value compress::getSource(Value value) {
  if (auto gather = value.getDefiningOp<lm::GatherExpertsOp>())
    return gather.getWeights();
  return value;
}

int64_t Contraction::getDim(OpOperand *operand, int64_t loop) const {
  if (loop < 0)
    return -1;
  linalg::LinalgOp structured = op;
  AffineMap map = structured.getMatchingIndexingMap(operand);
  for (auto [i, result] : llvm::enumerate(map.getResults()))
    if (auto dim = dyn_cast<AffineDimExpr>(result);
        dim && dim.getPosition() == loop)
      return i;
  return -1;
}

int64_t Contraction::getSize(int64_t loop) const {
  linalg::LinalgOp structured = op;
  return structured.getStaticLoopRanges()[loop];
}

bool Contraction::startsAtZero() const {
  linalg::LinalgOp structured = op;
  Value init = structured.getDpsInitOperand(0)->get();
  if (init.getDefiningOp<tensor::EmptyOp>())
    return true;
  Attribute fill = getFillValue(init);
  return fill &&
         (matchPattern(fill, m_AnyZeroFloat()) || matchPattern(fill, m_Zero()));
}

bool Contraction::isRowMajor() const {
  linalg::LinalgOp structured = op;
  int64_t first = batch >= 0 ? 1 : 0;
  auto is = [&](OpOperand *operand, int64_t inner) {
    return getDim(operand, batch) == first - 1 && getDim(operand, m) == first &&
           getDim(operand, inner) == first + 1;
  };
  return m >= 0 && n >= 0 && k >= 0 && is(lhs, k) &&
         is(structured.getDpsInitOperand(0), n);
}

std::optional<Contraction> compress::getContraction(Operation *op) {
  auto structured = dyn_cast<linalg::LinalgOp>(op);
  if (!structured || !linalg::isaContractionOpInterface(structured) ||
      structured.getNumDpsInits() != 1 || op->getNumResults() != 1)
    return std::nullopt;
  FailureOr<linalg::ContractionDimensions> dims =
      linalg::inferContractionDims(structured);
  if (failed(dims) || dims->k.size() != 1 || dims->batch.size() > 1 ||
      dims->m.size() > 1 || dims->n.size() > 1)
    return std::nullopt;
  auto only = [](ArrayRef<unsigned> loops) -> int64_t {
    return loops.empty() ? -1 : int64_t(loops.front());
  };
  Contraction result;
  result.op = structured;
  result.lhs = structured.getDpsInputOperand(0);
  result.rhs = structured.getDpsInputOperand(1);
  result.batch = only(dims->batch);
  result.m = only(dims->m);
  result.n = only(dims->n);
  result.k = only(dims->k);
  // Products are symmetric: what is laid out, or what alone is encoded, is the
  // weight.
  auto isWeight = [](OpOperand *operand) {
    EncodingAttrInterface encoding =
        getEncoding(getSource(operand->get()).getType());
    return encoding && encoding.isLaidOut();
  };
  if (isWeight(result.lhs) && !isWeight(result.rhs)) {
    std::swap(result.lhs, result.rhs);
    std::swap(result.m, result.n);
  }
  return result;
}

bool compress::isElementwise(Operation *op) {
  auto structured = dyn_cast<linalg::LinalgOp>(op);
  if (!structured || structured.getNumDpsInits() != 1 ||
      op->getNumResults() != 1 ||
      structured.getNumParallelLoops() != structured.getNumLoops())
    return false;
  if (!structured.getMatchingIndexingMap(structured.getDpsInitOperand(0))
           .isIdentity())
    return false;
  // Nor does it read a tensor at places of its own.
  if (!structured.getBlock()->getOps<tensor::ExtractOp>().empty())
    return false;
  return llvm::all_of(structured.getIndexingMapsArray(), [](AffineMap map) {
    return map.isProjectedPermutation();
  });
}

Attribute compress::getFillValue(Value destination) {
  auto fill = destination.getDefiningOp<linalg::FillOp>();
  if (!fill)
    return {};
  Attribute value;
  if (matchPattern(fill.value(), m_Constant(&value)))
    return value;
  return {};
}

/// A float that generated code can round to.
static bool isWideFloat(NumberType number) {
  return number.isFloat() && number.getBits() >= 16;
}

bool compress::isRowEncodable(EncodingAttrInterface encoding) {
  return !encoding.isLaidOut() && isRowEncodable(encoding.getSpec());
}

bool compress::isRowEncodable(const EncodingSpec &spec) {
  for (const Part *part : {&spec.scale, &spec.min})
    if (*part && (!part->isNumber() || !isWideFloat(part->getNumber())))
      return false;
  if (spec.zero &&
      (!spec.zero.isNumber() || (!isWideFloat(spec.zero.getNumber()) &&
                                 spec.zero.getNumber().getBits() != 8)))
    return false;
  // Codes of one sign hold values of both only beside a zero point or minimum.
  bool isInteger = spec.kind == EncodingSpec::Kind::Affine && spec.scale &&
                   (spec.code.isSigned() || spec.zero || spec.min);
  if (!isInteger && spec.kind != EncodingSpec::Kind::Float)
    return false;
  return llvm::all_of(
      ArrayRef(spec.block).drop_back(spec.block.empty() ? 0 : 1),
      [](int64_t size) { return size == 1; });
}

bool compress::isCacheEncodable(const EncodingSpec &spec) {
  // A column's positions of a group are a row to the encoder.
  EncodingSpec ofRow = spec;
  if (getCacheGroup(spec) > 1)
    ofRow.block.front() = 1;
  return isRowEncodable(ofRow);
}

/// `use` as an operand of a sum of products, encoded as `spec` says.
static ProductOperand getOperand(const Contraction &contraction, OpOperand *use,
                                 const EncodingSpec &spec) {
  auto type = cast<RankedTensorType>(use->get().getType());
  return {spec, static_cast<unsigned>(contraction.getDim(use, contraction.k)),
          static_cast<unsigned>(type.getRank())};
}

std::optional<int64_t>
compress::getIntegerSegment(const Contraction &contraction) {
  EncodingAttrInterface lhs = getEncoding(contraction.getLhsType());
  EncodingAttrInterface rhs = getEncoding(contraction.getRhsType());
  if (!lhs || !rhs || lhs.isLaidOut() || !rhs.isLaidOut())
    return std::nullopt;
  EncodingSpec activations = lhs.getSpec(), weights = rhs.getSpec();
  return getIntegerSegment(
      getOperand(contraction, contraction.lhs, activations),
      getOperand(contraction, contraction.rhs, weights),
      contraction.getSize(contraction.k));
}

std::optional<int64_t>
compress::getScaledSegment(const Contraction &contraction) {
  EncodingAttrInterface rhs = getEncoding(contraction.getRhsType());
  if (!rhs || !rhs.isLaidOut())
    return std::nullopt;
  EncodingSpec weights = rhs.getSpec();
  return getScaledSegment(getOperand(contraction, contraction.rhs, weights),
                          contraction.getSize(contraction.k));
}

bool compress::isRowwiseElementwise(Operation *op) {
  if (!isElementwise(op))
    return false;
  SmallVector<int64_t> sizes = cast<linalg::LinalgOp>(op).getStaticLoopRanges();
  return sizes.size() == 2 && !ShapedType::isDynamic(sizes.back());
}

bool compress::isRowOp(Operation *op) {
  if (auto encode = dyn_cast<EncodeOp>(op))
    return isRowEncodable(getEncoding(encode.getResult().getType())) &&
           encode.getSource().getType().getRank() == 2 &&
           !encode.getSource().getType().isDynamicDim(1);
  return isa<lm::GatherRowsOp, lm::RMSNormOp, lm::LayerNormOp,
             lm::RotaryTableOp, lm::RopeOp, lm::KVAppendOp, lm::KVEncodeOp,
             lm::RouteOp, lm::DispatchOp, lm::CombineOp>(op) ||
         isRowwiseElementwise(op);
}

bool compress::readsSameRow(OpOperand &use) {
  Operation *op = use.getOwner();
  if (!isRowOp(op))
    return false;
  if (isa<lm::GatherRowsOp, lm::DispatchOp>(op))
    return false;
  if (auto combine = dyn_cast<lm::CombineOp>(op))
    return use.get() == combine.getWeights();
  auto type = dyn_cast<RankedTensorType>(use.get().getType());
  if (!type || type.getRank() != 2)
    return false;
  if (auto structured = dyn_cast<linalg::LinalgOp>(op))
    return structured.getMatchingIndexingMap(&use).isIdentity() &&
           structured.isDpsInput(&use);
  return true;
}
