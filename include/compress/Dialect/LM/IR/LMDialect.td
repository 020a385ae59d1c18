//===- LMDialect.td - The lm dialect --------------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_LM_IR_LMDIALECT_TD
#define COMPRESS_DIALECT_LM_IR_LMDIALECT_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/DialectBase.td"

def LM_Dialect : Dialect {
  let name = "lm";
  let summary = "The transformer ops that must stay whole";
  let description = [{
    What a language model needs beside `linalg`: ops that a compiler can fuse
    well only as long as it can see them whole, and the key-value cache. The
    reference evaluator (lib/Reference) executes each as its description says.

    Activations are two-dimensional: one row per token of a ragged batch, in
    which the tokens of all sequences stand one after the other. `sequence` and
    `position` say, per row, to which sequence a token belongs and where in it
    the token stands.
  }];
  let cppNamespace = "::mlir::lm";
  let useDefaultTypePrinterParser = 1;
  let dependentDialects = ["::mlir::compress::CompressDialect"];
}

def LM_CacheType : TypeDef<LM_Dialect, "Cache"> {
  let mnemonic = "cache";
  let summary = "Handle of a key-value cache";
  let description = [{
    An opaque handle with memory effects, not a tensor: the cache is written in
    place. `heads` counts key-value heads; `values` is the type or the encoding
    of the stored keys and values: of one token's `heads x head_dim` numbers.

    Example:

    ```mlir
    #int8 = #quantized.affine<i8, block = [1, 32], scale = f16>
    func.func private @f(%cache: !lm.cache<layers = 30, heads = 3, head_dim = 64, values = f16>)
    func.func private @g(%cache: !lm.cache<layers = 30, heads = 3, head_dim = 64, values = #int8>)
    ```
  }];
  let parameters = (ins "int64_t":$layers, "int64_t":$heads,
                        "int64_t":$head_dim, "::mlir::Attribute":$values);
  let assemblyFormat = "`<` struct(params) `>`";
  let extraClassDeclaration = [{
    /// The number format of keys and values, over one token's heads x head_dim;
    /// a plain type is one without blocks.
    ::mlir::compress::EncodingSpec getSpec() const;
  }];
  let genVerifyDecl = 1;
}

#endif // COMPRESS_DIALECT_LM_IR_LMDIALECT_TD
