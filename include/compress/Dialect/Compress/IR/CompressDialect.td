//===- CompressDialect.td - The compress dialect -----------*- tablegen -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_COMPRESS_IR_COMPRESSDIALECT_TD
#define COMPRESS_DIALECT_COMPRESS_IR_COMPRESSDIALECT_TD

include "mlir/IR/DialectBase.td"

def Compress_Dialect : Dialect {
  let name = "compress";
  let summary = "What all compressed tensors share";
  let description = [{
    Compression is a change of a tensor's type: a weight stays
    `tensor<1536x576xf32>` for everything that reasons about the model, and an
    encoding on the type says how its values are stored. This dialect has what
    does not depend on the encoding: the interface of encodings, conversion to
    and from plain tensors and stored components, parameters, layouts, and the
    groups of ops that become one kernel.
  }];
  let cppNamespace = "::mlir::compress";
  let useDefaultAttributePrinterParser = 1;
}

#endif // COMPRESS_DIALECT_COMPRESS_IR_COMPRESSDIALECT_TD
