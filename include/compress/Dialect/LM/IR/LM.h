//===- LM.h - The lm dialect ------------------------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_LM_IR_LM_H
#define COMPRESS_DIALECT_LM_IR_LM_H

#include "compress/Dialect/Compress/IR/Compress.h"
#include "compress/Encoding/Layout.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "compress/Dialect/LM/IR/LMOpsDialect.h.inc"
#define GET_TYPEDEF_CLASSES
#include "compress/Dialect/LM/IR/LMOpsTypes.h.inc"
#define GET_OP_CLASSES
#include "compress/Dialect/LM/IR/LMOps.h.inc"

namespace mlir::lm {
/// The encoding of what lm.gather_experts takes from such weights.
Attribute getGatheredEncoding(RankedTensorType weights);
} // namespace mlir::lm

#endif // COMPRESS_DIALECT_LM_IR_LM_H
