//===- QuantizedOps.td - Ops of the quantized dialect ------*- tablegen -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_QUANTIZED_IR_QUANTIZEDOPS_TD
#define COMPRESS_DIALECT_QUANTIZED_IR_QUANTIZEDOPS_TD

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "compress/Dialect/Quantized/IR/QuantizedAttrs.td"

def Quantized_ObserveOp : Op<Quantized_Dialect, "observe",
    [Pure, AllTypesMatch<["input", "result"]>]> {
  let summary = "A value that calibration looks at";
  let description = [{
    The result is the input. `parameters` names the weights that the value is
    multiplied with: what is learnt of it belongs to them.

    Constraints:
    * C1: there is a name, and no name occurs twice.

    Example:

    ```mlir
    %0 = quantized.observe %x for ["blk.0.attn_q", "blk.0.attn_k"] : tensor<?x64xf32>
    ```
  }];
  let arguments = (ins RankedTensorOf<[F32]>:$input, StrArrayAttr:$parameters);
  let results = (outs RankedTensorOf<[F32]>:$result);
  let assemblyFormat = "$input `for` $parameters attr-dict `:` type($input)";
  let hasVerifier = 1;
}

#endif // COMPRESS_DIALECT_QUANTIZED_IR_QUANTIZEDOPS_TD
