//===- EncodingAttributes.h - From specs to attributes ----------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_IMPORT_ENCODINGATTRIBUTES_H
#define COMPRESS_IMPORT_ENCODINGATTRIBUTES_H

#include "compress/Encoding/EncodingSpec.h"
#include "mlir/IR/Attributes.h"
#include "mlir/IR/Types.h"

namespace mlir::compress {

/// The type that spells a number format: `i4`, `ui6`, `f8E4M3FN`.
Type getType(MLIRContext *context, NumberType number);

/// The attribute whose getSpec() is `spec`, for number formats and those with
/// their columns in another order; an error names the spec otherwise. The
/// context must have the dialects compress and quantized loaded.
llvm::Expected<Attribute> getEncodingAttr(MLIRContext *context,
                                          const EncodingSpec &spec);

} // namespace mlir::compress

#endif // COMPRESS_IMPORT_ENCODINGATTRIBUTES_H
