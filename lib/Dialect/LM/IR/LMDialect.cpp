//===- LMDialect.cpp - The lm dialect -------------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Dialect/LM/IR/LM.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::lm;

#include "compress/Dialect/LM/IR/LMOpsDialect.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "compress/Dialect/LM/IR/LMOpsTypes.cpp.inc"

void LMDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "compress/Dialect/LM/IR/LMOpsTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "compress/Dialect/LM/IR/LMOps.cpp.inc"
      >();
}

/// The format of numbers that `values` names.
static compress::EncodingSpec getFormat(Attribute values) {
  compress::Part part = compress::getPart(values);
  if (part.isEncoding())
    return part.getEncoding();
  compress::EncodingSpec spec;
  spec.code = part.getNumber();
  if (spec.code.isFloat())
    spec.kind = compress::EncodingSpec::Kind::Float;
  return spec;
}

compress::EncodingSpec CacheType::getSpec() const {
  return getFormat(getValues());
}

LogicalResult CacheType::verify(function_ref<InFlightDiagnostic()> emitError,
                                int64_t layers, int64_t heads, int64_t headDim,
                                Attribute values) {
  if (layers < 1 || heads < 1 || headDim < 1)
    return emitError() << "a cache has at least one layer, head and column";
  if (!values || !compress::isPart(values))
    return emitError()
           << "expected a number type or an encoding as values, got " << values;
  if (!isa<compress::EncodingAttrInterface>(values))
    return success();
  if (llvm::Error error = compress::verify(getFormat(values), {heads, headDim}))
    return emitError() << "a token's " << heads << " x " << headDim
                       << " keys or values can't be stored as " << values
                       << ": " << llvm::toString(std::move(error));
  return success();
}
