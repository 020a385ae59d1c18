//===- Quantized.h - The quantized dialect ----------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_QUANTIZED_IR_QUANTIZED_H
#define COMPRESS_DIALECT_QUANTIZED_IR_QUANTIZED_H

#include "compress/Dialect/Compress/IR/Compress.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "compress/Dialect/Quantized/IR/QuantizedDialect.h.inc"
#define GET_ATTRDEF_CLASSES
#include "compress/Dialect/Quantized/IR/QuantizedAttrs.h.inc"
#define GET_OP_CLASSES
#include "compress/Dialect/Quantized/IR/QuantizedOps.h.inc"

#endif // COMPRESS_DIALECT_QUANTIZED_IR_QUANTIZED_H
