//===- SparseDialect.td - The sparse dialect ---------------*- tablegen -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_SPARSE_IR_SPARSEDIALECT_TD
#define COMPRESS_DIALECT_SPARSE_IR_SPARSEDIALECT_TD

include "mlir/IR/DialectBase.td"

def Sparse_Dialect : Dialect {
  let name = "sparse";
  let summary = "Structure as encodings";
  let description = [{
    Encodings that store only some of a tensor's values, in a pattern that a
    kernel can use. The values that are kept have a number format of their own.
  }];
  let cppNamespace = "::mlir::sparse";
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = ["::mlir::compress::CompressDialect"];
}

#endif // COMPRESS_DIALECT_SPARSE_IR_SPARSEDIALECT_TD
