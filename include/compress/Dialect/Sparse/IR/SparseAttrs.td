//===- SparseAttrs.td - Structure as encodings -------------*- tablegen -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_SPARSE_IR_SPARSEATTRS_TD
#define COMPRESS_DIALECT_SPARSE_IR_SPARSEATTRS_TD

include "compress/Dialect/Compress/IR/CompressAttrs.td"
include "compress/Dialect/Sparse/IR/SparseDialect.td"

def Sparse_NMAttr : Compress_Encoding<Sparse_Dialect, "NM"> {
  let mnemonic = "nm";
  let summary = "N of every M consecutive values are stored";
  let description = [{
    Of every `m` consecutive values along the last dimension, `n` are stored,
    with their positions in the group. `values` is the type or the encoding of
    the stored values, a tensor whose last dimension is `ceil(K / m) * n`;
    blocks in it count stored values.

    Example:

    ```mlir
    #s24 = #sparse.nm<2 : 4, values = #quantized.affine<i8, block = [1, -1], scale = f32>>
    ```
  }];
  let parameters = (ins "int64_t":$n, "int64_t":$m, "::mlir::Attribute":$values);
  let assemblyFormat = "`<` $n `:` $m `,` `values` `=` $values `>`";
}

def Sparse_BlockAttr : Compress_Encoding<Sparse_Dialect, "Block"> {
  let mnemonic = "block";
  let summary = "Whole blocks are stored or zero";
  let description = [{
    Blocks of `shape` over the last two dimensions are stored, or zero
    throughout, in block compressed row form. `values` is the type or encoding
    of the stored blocks, one above the other: a tensor of
    `(blocks * shape[0]) x shape[1]`.

    Example:

    ```mlir
    #blk = #sparse.block<[16, 64], values = f16>
    ```
  }];
  let parameters = (ins "::mlir::DenseI64ArrayAttr":$shape, "::mlir::Attribute":$values);
  let assemblyFormat = "`<` $shape `,` `values` `=` $values `>`";
}

def Sparse_SplitAttr : Compress_Encoding<Sparse_Dialect, "Split"> {
  let mnemonic = "split";
  let summary = "A base, and few outliers that it does not suit";
  let description = [{
    The sum of two tensors of the same shape. `base` is the type or encoding of
    most values, `outliers` that of the few that would spoil its scales. A type
    stands for compressed rows of plain values, `#sparse.block<[1, 1], values =
    type>`: per row where its outliers begin, and per outlier its column and
    value.

    Example:

    ```mlir
    #out = #sparse.split<base = #quantized.affine<i4, block = [1, 32], scale = f16>, outliers = f16>
    ```
  }];
  let parameters = (ins "::mlir::Attribute":$base, "::mlir::Attribute":$outliers);
  let assemblyFormat = "`<` `base` `=` $base `,` `outliers` `=` $outliers `>`";
}

#endif // COMPRESS_DIALECT_SPARSE_IR_SPARSEATTRS_TD
