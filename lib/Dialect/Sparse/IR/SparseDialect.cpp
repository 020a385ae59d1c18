//===- SparseDialect.cpp - Structure as encodings -------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Dialect/Sparse/IR/Sparse.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::sparse;
using namespace mlir::compress;

#include "compress/Dialect/Sparse/IR/SparseDialect.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "compress/Dialect/Sparse/IR/SparseAttrs.cpp.inc"

void SparseDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "compress/Dialect/Sparse/IR/SparseAttrs.cpp.inc"
      >();
}

LogicalResult NMAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                             int64_t n, int64_t m, Attribute values) {
  if (!values || !isPart(values))
    return emitError()
           << "expected a number type or an encoding as values, got " << values;
  return success();
}

EncodingSpec NMAttr::getSpec() const {
  EncodingSpec spec;
  spec.kind = EncodingSpec::Kind::NM;
  spec.n = getN();
  spec.m = getM();
  spec.values = getPart(getValues());
  return spec;
}

LogicalResult
NMAttr::verifyEncoding(ArrayRef<int64_t> shape, Type elementType,
                       function_ref<InFlightDiagnostic()> emitError) const {
  return verifyTensorEncoding(*this, shape, elementType, emitError);
}

LogicalResult BlockAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                DenseI64ArrayAttr shape, Attribute values) {
  if (!values || !isPart(values))
    return emitError()
           << "expected a number type or an encoding as values, got " << values;
  return success();
}

EncodingSpec BlockAttr::getSpec() const {
  EncodingSpec spec;
  spec.kind = EncodingSpec::Kind::Block;
  spec.block.assign(getShape().asArrayRef().begin(),
                    getShape().asArrayRef().end());
  spec.values = getPart(getValues());
  return spec;
}

LogicalResult
BlockAttr::verifyEncoding(ArrayRef<int64_t> shape, Type elementType,
                          function_ref<InFlightDiagnostic()> emitError) const {
  return verifyTensorEncoding(*this, shape, elementType, emitError);
}

LogicalResult SplitAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                Attribute base, Attribute outliers) {
  if (!base || !isPart(base))
    return emitError() << "expected a number type or an encoding as base, got "
                       << base;
  if (!outliers || !isPart(outliers))
    return emitError()
           << "expected a number type or an encoding as outliers, got "
           << outliers;
  return success();
}

EncodingSpec SplitAttr::getSpec() const {
  EncodingSpec spec;
  spec.kind = EncodingSpec::Kind::Split;
  spec.values = getPart(getBase());
  spec.outliers = makeOutlierRows(getPart(getOutliers()));
  return spec;
}

LogicalResult
SplitAttr::verifyEncoding(ArrayRef<int64_t> shape, Type elementType,
                          function_ref<InFlightDiagnostic()> emitError) const {
  return verifyTensorEncoding(*this, shape, elementType, emitError);
}
