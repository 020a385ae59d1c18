//===- QuantizedAttrs.td - Number formats as encodings -----*- tablegen -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_QUANTIZED_IR_QUANTIZEDATTRS_TD
#define COMPRESS_DIALECT_QUANTIZED_IR_QUANTIZEDATTRS_TD

include "compress/Dialect/Compress/IR/CompressAttrs.td"
include "compress/Dialect/Quantized/IR/QuantizedDialect.td"

def Quantized_AffineAttr : Compress_Encoding<Quantized_Dialect, "Affine"> {
  let mnemonic = "affine";
  let summary = "Integer codes with a scale per block";
  let description = [{
    `x = scale * (code - zero) + min`, per block.

    * `code`: `i1` to `i8` (signed) or `ui1` to `ui8`.
    * `block`: the size of a block per dimension; -1 spans the dimension.
    * `scale`, `zero`, `min`: a number type or another encoding, over the grid
      of blocks.
    * `narrow`: the lowest signed code is not used.
    * `sums`: the sum of each block's codes is stored as well.

    Example:

    ```mlir
    #q4_0 = #quantized.affine<i4, block = [1, 32], scale = f16>
    #q4_k = #quantized.affine<ui4, block = [1, 32],
      scale = #quantized.affine<ui6, block = [1, 8], scale = f16>,
      min = #quantized.affine<ui6, block = [1, 8], scale = f16>>
    #w8 = #quantized.affine<i8, block = [1, -1], scale = f32, zero = i8>
    ```
  }];
  let parameters = (ins
    "::mlir::Type":$code,
    "::mlir::DenseI64ArrayAttr":$block,
    OptionalParameter<"::mlir::Attribute">:$scale,
    OptionalParameter<"::mlir::Attribute">:$zero,
    OptionalParameter<"::mlir::Attribute">:$min,
    DefaultValuedParameter<"bool", "false">:$narrow,
    DefaultValuedParameter<"bool", "false">:$sums);
  let assemblyFormat = "`<` $code `,` struct($block, $scale, $zero, $min, $narrow, $sums) `>`";
}

def Quantized_FloatAttr : Compress_Encoding<Quantized_Dialect, "Float"> {
  let mnemonic = "float";
  let summary = "Float codes, with or without a scale per block";
  let description = [{
    `x = scale * code`. Codes are `f32`, `f16`, `bf16`, `f8E4M3FN`, `f8E5M2`,
    `f8E8M0FNU` or `f4E2M1FN`.

    Example:

    ```mlir
    #half = #quantized.float<f16>
    #f8 = #quantized.float<f8E4M3FN, block = [1, 32], scale = f32>
    ```
  }];
  let parameters = (ins
    "::mlir::Type":$code,
    OptionalParameter<"::mlir::DenseI64ArrayAttr">:$block,
    OptionalParameter<"::mlir::Attribute">:$scale);
  let assemblyFormat = "`<` $code (`,` struct($block, $scale)^)? `>`";
}

def Quantized_CodebookAttr : Compress_Encoding<Quantized_Dialect, "Codebook"> {
  let mnemonic = "codebook";
  let summary = "Codes that index a table, with a scale per block";
  let description = [{
    `x = scale * table[code] + min`. The table is one that is known by name
    (`"nf4"`, `"iq4_nl"`, `"e2m1"`, `"dynamic8"`), one that is written out (2, 4, 8, ...
    256 entries), or, where an unsigned integer type is given, a component of
    2^bits f32 entries.

    Example:

    ```mlir
    #nf4 = #quantized.codebook<"nf4", block = [1, 64], scale = f16>
    #own = #quantized.codebook<array<f32: -1.0, -0.25, 0.25, 1.0>, block = [1, 32], scale = f16>
    #fit = #quantized.codebook<ui3, block = [1, -1], scale = f32>
    ```
  }];
  let parameters = (ins
    "::mlir::Attribute":$table,
    "::mlir::DenseI64ArrayAttr":$block,
    OptionalParameter<"::mlir::Attribute">:$scale,
    OptionalParameter<"::mlir::Attribute">:$min);
  let assemblyFormat = "`<` $table `,` struct($block, $scale, $min) `>`";
}

#endif // COMPRESS_DIALECT_QUANTIZED_IR_QUANTIZEDATTRS_TD
