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

/// The number format of a type or an encoding.
static compress::EncodingSpec getNumberFormat(Attribute format) {
  compress::Part part = compress::getPart(format);
  if (part.isEncoding())
    return part.getEncoding();
  compress::EncodingSpec spec;
  spec.code = part.getNumber();
  if (spec.code.isFloat())
    spec.kind = compress::EncodingSpec::Kind::Float;
  return spec;
}

Attribute CacheType::getFormat(compress::CacheSide side) const {
  bool isOwn = side == compress::CacheSide::Keys && getKeys();
  return isOwn ? getKeys() : getValues();
}

compress::EncodingSpec CacheType::getSpec(compress::CacheSide side) const {
  return getNumberFormat(getFormat(side));
}

int64_t CacheType::getKeyGroup() const {
  return compress::getCacheGroup(getSpec(compress::CacheSide::Keys));
}

/// Checks what keys or values, as `name` says, are stored as.
static LogicalResult verifySide(function_ref<InFlightDiagnostic()> emitError,
                                StringRef name, Attribute format,
                                int64_t headDim, compress::CacheSide side) {
  if (!format || !compress::isPart(format)) // cache_c2
    return emitError() << "expected a number type or an encoding as " << name
                       << ", got " << format;
  if (!isa<compress::EncodingAttrInterface>(format))
    return success();
  if (llvm::Error error = compress::verifyCacheEncoding(
          getNumberFormat(format), headDim, side)) // cache_c2, cache_c3
    return emitError() << "a head's " << headDim << " columns of " << name
                       << " can't be stored as " << format << ": "
                       << llvm::toString(std::move(error));
  return success();
}

LogicalResult CacheType::verify(function_ref<InFlightDiagnostic()> emitError,
                                int64_t layers, int64_t heads, int64_t headDim,
                                Attribute keys, Attribute values) {
  if (layers < 1 || heads < 1 || headDim < 1) // cache_c1
    return emitError() << "a cache has at least one layer, head and column";
  if (failed(verifySide(emitError, "values", values, headDim,
                        compress::CacheSide::Values)))
    return failure();
  // Without keys, those are stored as values are: token by token.
  return keys ? verifySide(emitError, "keys", keys, headDim,
                           compress::CacheSide::Keys)
              : success();
}
