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

LogicalResult CacheType::verify(function_ref<InFlightDiagnostic()> emitError,
                                int64_t layers, int64_t heads, int64_t headDim,
                                Attribute values) {
  if (layers < 1 || heads < 1 || headDim < 1)
    return emitError() << "a cache has at least one layer, head and column";
  if (!values || !compress::isPart(values))
    return emitError()
           << "expected a number type or an encoding as values, got " << values;
  return success();
}
