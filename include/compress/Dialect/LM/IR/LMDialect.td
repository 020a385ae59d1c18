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
    of the stored values, and of the stored keys where there is no `keys`. An
    encoding is one of a head's `positions x head_dim` numbers.

    Blocks of values have one position: a token is encoded when it is appended.
    So may those of keys; or they have a group of G positions, which share a
    scale (and a minimum or zero point) for a column, or some columns (Liu et al.
    2024, KIVI). Then keys are rounded to f16 when they are appended, and a group
    is encoded, from those f16 numbers, once it is complete. Which of the two a
    query sees depends on positions alone: a query at position p sees f16 keys
    of its own group, floor(p / G), and encoded ones of the groups before. It is
    the same whether tokens came one by one or many at a time.

    Constraints:
    * C1: layers, heads and columns are positive.
    * C2: values, and keys, have a number type or an encoding of head_dim columns
      whose blocks have one position.
    * C3: blocks of keys may have a multiple of 16 positions, up to 256, and then
      a number of columns that divides head_dim, or all.

    Example:

    ```mlir
    #int8 = #quantized.affine<i8, block = [1, 32], scale = f16>
    #keys = #quantized.affine<ui4, block = [32, 1], scale = f16, min = f16>
    func.func private @f(%cache: !lm.cache<layers = 30, heads = 3, head_dim = 64, values = f16>)
    func.func private @g(%cache: !lm.cache<layers = 30, heads = 3, head_dim = 64, values = #int8>)
    func.func private @h(%cache: !lm.cache<layers = 30, heads = 3, head_dim = 64, keys = #keys, values = #int8>)
    ```
  }];
  let parameters = (ins "int64_t":$layers, "int64_t":$heads,
                        "int64_t":$head_dim,
                        OptionalParameter<"::mlir::Attribute">:$keys,
                        "::mlir::Attribute":$values);
  let assemblyFormat = "`<` struct(params) `>`";
  let extraClassDeclaration = [{
    /// The type or encoding of one side.
    ::mlir::Attribute getFormat(::mlir::compress::CacheSide side) const;
    /// The same as a number format; a plain type is one without blocks.
    ::mlir::compress::EncodingSpec getSpec(::mlir::compress::CacheSide side) const;
    /// How many positions share a block of keys.
    int64_t getKeyGroup() const;
  }];
  let genVerifyDecl = 1;
}

#endif // COMPRESS_DIALECT_LM_IR_LMDIALECT_TD
