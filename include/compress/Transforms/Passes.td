//===- Passes.td - Passes over several dialects ------------*- tablegen -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_TRANSFORMS_PASSES_TD
#define COMPRESS_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def VerifyEncodings : Pass<"compress-verify-encodings", "::mlir::ModuleOp"> {
  let summary = "Fails where an op would drop or reinterpret an encoding";
  let description = [{
    Upstream ops accept tensors with encodings and many of them ignore, drop or
    invent one without a word: a cast from one encoding to another verifies, and
    so does an elementwise op on codes that it can't read. This pass fails at
    each op that takes or gives an encoded tensor and is not known to keep its
    meaning. It stands before and after every upstream pass in the project's
    pipelines.

    Allowed are: the conversions of the compress dialect, groups, inputs of
    contractions (`linalg` structured ops with a reduction), `lm.gather_rows`,
    `tensor.empty`, loads of parameters, calls, returns, and structured control
    flow that hands a tensor through with its type.

    Example: this is refused, since the cast drops the encoding.

    ```mlir
    func.func @f(%x: tensor<4x32xf32, #quantized.float<f16>>) -> tensor<4x32xf32> {
      // expected-error @below {{would lose the encoding}}
      %0 = tensor.cast %x : tensor<4x32xf32, #quantized.float<f16>> to tensor<4x32xf32>
      return %0 : tensor<4x32xf32>
    }
    ```
  }];
  let statistics = [Statistic<"numUses", "encoded-uses", "Uses of encoded tensors looked at">];
}

#endif // COMPRESS_TRANSFORMS_PASSES_TD
