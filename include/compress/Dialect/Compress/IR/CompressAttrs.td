//===- CompressAttrs.td - Attributes of encodings ----------*- tablegen -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_COMPRESS_IR_COMPRESSATTRS_TD
#define COMPRESS_DIALECT_COMPRESS_IR_COMPRESSATTRS_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/TensorEncoding.td"
include "compress/Dialect/Compress/IR/CompressDialect.td"
include "compress/Dialect/Compress/IR/CompressInterfaces.td"

/// An attribute that is the encoding of a tensor type.
class Compress_Encoding<Dialect dialect, string name, list<string> overridden = []>
    : AttrDef<dialect, name, [
        DeclareAttrInterfaceMethods<EncodingAttrInterface, overridden>,
        DeclareAttrInterfaceMethods<VerifiableTensorEncoding,
                                    ["verifyEncoding"]>]> {
  let genVerifyDecl = 1;
  // `#affine`, `#affine1` instead of 60 characters in every type.
  let genMnemonicAlias = 1;
}

def Compress_ParameterAttr : AttrDef<Compress_Dialect, "Parameter"> {
  let mnemonic = "parameter";
  let summary = "A value that lies in an archive";
  let description = [{
    The value of an `ml_program.global` whose bytes lie in the file `archive`
    under `key`. `stored` is the encoding that they have there, where it is not
    that of the global's type: the parameter is then converted when a bundle is
    written. `component` names one stored part, after
    `compress-split-components`.

    Example:

    ```mlir
    ml_program.global private @"blk.0.ffn_up"(#compress.parameter<"model.gguf", "blk.0.ffn_up.weight">) : tensor<1536x576xf32>
    ```
  }];
  let parameters = (ins StringRefParameter<>:$archive, StringRefParameter<>:$key,
                        OptionalParameter<"::mlir::StringAttr">:$component,
                        OptionalParameter<"::mlir::Attribute">:$stored);
  let assemblyFormat = "`<` $archive `,` $key (`,` struct($component, $stored)^)? `>`";
  let genVerifyDecl = 1;
}

def Compress_PermutedAttr : Compress_Encoding<Compress_Dialect, "Permuted"> {
  let mnemonic = "permuted";
  let summary = "Columns stored in another order";
  let description = [{
    The last dimension is stored in another order: stored column `j` holds
    logical column `order[j]`, where `order` is a component (i32). Made by
    activation-ordered quantization and by permutations that raise what N:M
    pruning keeps.

    Example:

    ```mlir
    !w = tensor<64x128xf32, #compress.permuted<#quantized.affine<i4, block = [1, 32], scale = f16>>>
    ```
  }];
  let parameters = (ins "::mlir::Attribute":$values);
  let assemblyFormat = "`<` $values `>`";
}

def Compress_PanelAttr : Compress_Encoding<Compress_Dialect, "Panel", ["getLayouts", "isLaidOut"]> {
  let mnemonic = "panel";
  let summary = "Stored parts in the order in which contraction kernels read them";
  let description = [{
    A layout around an encoding: `rows` values along dimension `row_dim` lie
    next to each other for every step along dimension `reduction_dim`, codes of
    fewer than eight bits in planes of 4, 2 and 1 bits (see `PanelLayout` in
    compress/Encoding/Layout.h). The values are those of `values`; only where
    they lie differs. Components are flat arrays.

    Example:

    ```mlir
    #q4 = #quantized.affine<i4, block = [1, 32], scale = f16>
    !w = tensor<576x576xf32, #compress.panel<#q4, rows = 16, row_dim = 0, reduction_dim = 1>>
    ```
  }];
  let parameters = (ins "::mlir::Attribute":$values, "int64_t":$rows,
                        "unsigned":$row_dim, "unsigned":$reduction_dim);
  let assemblyFormat = "`<` $values `,` struct($rows, $row_dim, $reduction_dim) `>`";
  let extraClassDeclaration = [{
    ::mlir::compress::PanelLayout getPanel() const {
      return {getRows(), getRowDim(), getReductionDim()};
    }
  }];
}

def Compress_DotKind : I32EnumAttr<"DotKind", "How integer products are summed", [
    I32EnumAttrCase<"None", 0, "none">,
    I32EnumAttrCase<"Pairs", 1, "pairs">,
    I32EnumAttrCase<"MaddUBS", 2, "maddubs">,
    I32EnumAttrCase<"VNNI", 3, "vnni">]> {
  let cppNamespace = "::mlir::compress";
  let genSpecializedAttr = 0;
}

def Compress_FormKind : I32EnumAttr<"FormKind", "The form of a kernel", [
    I32EnumAttrCase<"Rows", 0, "rows">,
    I32EnumAttrCase<"Float", 1, "float">,
    I32EnumAttrCase<"Integer", 2, "integer">,
    I32EnumAttrCase<"Scalar", 3, "scalar">,
    I32EnumAttrCase<"Attention", 4, "attention">]> {
  let cppNamespace = "::mlir::compress";
  let genSpecializedAttr = 0;
}

def Compress_StrategyAttr : AttrDef<Compress_Dialect, "Strategy"> {
  let mnemonic = "strategy";
  let summary = "How a group becomes code";
  let description = [{
    Chosen by `compress-select-strategies`, checked by
    `compress-verify-strategies`, obeyed by the lowering.

    * `form`: `rows` (row by row), `float` (contraction in f32 on decoded
      panels), `integer` (integer dot per block), `scalar` (contraction on any
      layout, one value at a time), `attention`.
    * `dot`: the integer dot: `vnni`, `maddubs`, `pairs`, or `none`.
    * `lanes`: f32 lanes of a vector.
    * `tile`: rows of the left operand per register tile where there are many;
      for attention, query heads that one pass over keys and values serves.
    * `panels`: panels that one pass over a single row reads at once.
    * `prefetch`: how far ahead, in values along the reduction, the weights of a
      single row, in products of integers, are fetched into the nearest cache;
      0: not at all.
    * `tilePrefetch`: the same for weights that tiles of rows read.

    Example:

    ```mlir
    #s = #compress.strategy<form = integer, dot = vnni, lanes = 16, tile = 4, panels = 2>
    ```
  }];
  let parameters = (ins
    EnumParameter<Compress_FormKind>:$form,
    EnumParameter<Compress_DotKind>:$dot,
    "int64_t":$lanes,
    DefaultValuedParameter<"int64_t", "1">:$tile,
    DefaultValuedParameter<"int64_t", "1">:$panels,
    DefaultValuedParameter<"int64_t", "0">:$prefetch,
    DefaultValuedParameter<"int64_t", "0">:$tilePrefetch);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

#endif // COMPRESS_DIALECT_COMPRESS_IR_COMPRESSATTRS_TD
