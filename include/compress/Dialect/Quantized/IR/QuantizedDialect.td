//===- QuantizedDialect.td - The quantized dialect ---------*- tablegen -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_QUANTIZED_IR_QUANTIZEDDIALECT_TD
#define COMPRESS_DIALECT_QUANTIZED_IR_QUANTIZEDDIALECT_TD

include "mlir/IR/DialectBase.td"

def Quantized_Dialect : Dialect {
  let name = "quantized";
  let summary = "Number formats as encodings";
  let description = [{
    Encodings that store each value as a short code: affine integers, narrow
    floats, codebooks. A code's value is scaled, and perhaps shifted, by numbers
    that a block of values shares. Those numbers may be encoded themselves.
  }];
  let cppNamespace = "::mlir::quantized";
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = ["::mlir::compress::CompressDialect"];
}

#endif // COMPRESS_DIALECT_QUANTIZED_IR_QUANTIZEDDIALECT_TD
