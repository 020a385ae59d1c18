//===- Compress.h - The compress dialect ------------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_COMPRESS_IR_COMPRESS_H
#define COMPRESS_DIALECT_COMPRESS_IR_COMPRESS_H

#include "compress/Encoding/EncodingSpec.h"
#include "compress/Encoding/Layout.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/TensorEncoding.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "compress/Dialect/Compress/IR/CompressEnums.h.inc"
#include "compress/Dialect/Compress/IR/CompressInterfaces.h.inc"
#include "compress/Dialect/Compress/IR/CompressOpsDialect.h.inc"
#define GET_ATTRDEF_CLASSES
#include "compress/Dialect/Compress/IR/CompressAttrs.h.inc"
#define GET_OP_CLASSES
#include "compress/Dialect/Compress/IR/CompressOps.h.inc"

namespace mlir::compress {

/// One stored part of an encoded tensor, as a tensor type of its own.
struct Component {
  std::string name;
  RankedTensorType type;
};

/// The encoding of a tensor type, or null.
EncodingAttrInterface getEncoding(Type type);

/// `type` with another encoding, or none.
RankedTensorType withEncoding(RankedTensorType type, Attribute encoding);

/// The stored parts of an encoded tensor type. Bytes are signless `i8`; in a
/// layout of their own they are flat arrays.
SmallVector<Component> getComponents(RankedTensorType type);

/// Bits of all stored parts of a type whose shape is static.
int64_t getStorageBits(RankedTensorType type);

/// MLIR's type of a stored element (`i8` for bytes).
Type getStorageType(MLIRContext *context, NumberType number);

/// The number format that `type` spells, if it is one: `i4`, `ui6`, `f16`, ...
std::optional<NumberType> getNumberType(Type type);

/// A part of an encoding given as an attribute: null, a type, or an encoding.
Part getPart(Attribute part);
/// Whether `part` is null, a number type, or an encoding.
bool isPart(Attribute part);

/// Shared body of VerifiableTensorEncoding: checks the encoding's spec against
/// the tensor.
LogicalResult
verifyTensorEncoding(EncodingAttrInterface encoding, ArrayRef<int64_t> shape,
                     Type elementType,
                     function_ref<InFlightDiagnostic()> emitError);

/// Reports an llvm::Error through `emitError`.
LogicalResult reportError(llvm::Error error,
                          function_ref<InFlightDiagnostic()> emitError);

} // namespace mlir::compress

#endif // COMPRESS_DIALECT_COMPRESS_IR_COMPRESS_H
