//===- Passes.td - Modules of other front ends ------------*- tablegen -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_FRONTEND_PASSES_TD
#define COMPRESS_FRONTEND_PASSES_TD

include "mlir/Pass/PassBase.td"

def OutlineParameters : Pass<"compress-outline-parameters", "::mlir::ModuleOp"> {
  let summary = "Makes parameters of the constants that a program holds";
  let description = [{
    A constant tensor with values of its own, given as `dense<>` or as
    `dense_resource<>`, becomes an `ml_program.global` that the program loads.
    From then on it is a weight like any other: it can get an encoding, and ends
    in the ledger. Its name is that of the resource, or of the constant's
    location, or `constant` and a number. Splats, scalars and tensors of
    booleans stay what they are.

    Example:

    ```mlir
    func.func @f() -> tensor<2xf32> {
      %w = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
      return %w : tensor<2xf32>
    }
    ```

    becomes

    ```mlir
    ml_program.global private @constant(dense<[1.0, 2.0]> : tensor<2xf32>) : tensor<2xf32>
    func.func @f() -> tensor<2xf32> {
      %w = ml_program.global_load_const @constant : tensor<2xf32>
      return %w : tensor<2xf32>
    }
    ```
  }];
  let options = [Option<"minElements", "min-elements", "int64_t", "2",
                        "Constants of fewer elements stay">];
  let statistics = [Statistic<"numOutlined", "outlined", "Constants that became parameters">];
  let dependentDialects = ["::mlir::ml_program::MLProgramDialect"];
}

def RelateSizes : Pass<"compress-relate-sizes", "::mlir::ModuleOp"> {
  let summary = "Finds which sizes are equal, and what is asserted of them";
  let description = [{
    Sizes of a program's tensors follow from those of its arguments. This pass
    writes each as a function of them, so that equal sizes are one value, and
    removes the checks that hold for all arguments. That two arguments have a
    size in common is not checked by programs but by who calls them: equal sizes
    get one name in the attribute `compress.sizes` of arguments and results,
    which ends in the signature. Other checks can't be kept, since programs
    can't fail, and are errors.

    Where a body asks whether a size is 1, to broadcast it, and the answer makes
    no difference, it asks no more.

    Example: both arguments have as many rows as the result.

    ```mlir
    func.func @f(%a: tensor<?x4xf32>, %b: tensor<?x4xf32>) -> tensor<?x4xf32> {
      %c0 = arith.constant 0 : index
      %m = tensor.dim %a, %c0 : tensor<?x4xf32>
      %n = tensor.dim %b, %c0 : tensor<?x4xf32>
      %equal = arith.cmpi eq, %m, %n : index
      cf.assert %equal, "mismatched size for broadcast"
      %empty = tensor.empty(%n) : tensor<?x4xf32>
      %0 = linalg.add ins(%a, %b : tensor<?x4xf32>, tensor<?x4xf32>)
        outs(%empty : tensor<?x4xf32>) -> tensor<?x4xf32>
      return %0 : tensor<?x4xf32>
    }
    ```

    becomes

    ```mlir
    func.func @f(%a: tensor<?x4xf32> {compress.sizes = ["s0", ""]},
                 %b: tensor<?x4xf32> {compress.sizes = ["s0", ""]})
        -> (tensor<?x4xf32> {compress.sizes = ["s0", ""]}) {
      %c0 = arith.constant 0 : index
      %m = tensor.dim %a, %c0 : tensor<?x4xf32>
      %empty = tensor.empty(%m) : tensor<?x4xf32>
      %0 = linalg.add ins(%a, %b : tensor<?x4xf32>, tensor<?x4xf32>)
        outs(%empty : tensor<?x4xf32>) -> tensor<?x4xf32>
      return %0 : tensor<?x4xf32>
    }
    ```
  }];
  let statistics = [
    Statistic<"numChecks", "checks", "Checks that hold, or that callers do">,
    Statistic<"numSizes", "sizes", "Sizes written in terms of the arguments'">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::affine::AffineDialect",
                           "::mlir::tensor::TensorDialect"];
}

def LowerConvolutions : Pass<"compress-lower-convolutions", "::mlir::func::FuncOp"> {
  let summary = "Makes products of convolutions, and structured ops of padding";
  let description = [{
    A convolution multiplies each patch of its input with the filters: the
    patches are written out as rows (im2col), so that what remains is a product
    of rows and weights, with every encoding and kernel that products have. Any
    number of dimensions, order of channels, strides, dilations and groups
    will do. What the sums begin with is added afterwards.

    `tensor.pad` becomes an op that reads the inside and gives the padding
    elsewhere.

    Before: convolutions as `linalg` has them, or as `linalg.generic`. After:
    ops that read along affine maps, products, and elementwise ops.

    Example: 8 filters of 3 x 3 over 4 channels become 8 rows of 36 weights.

    ```mlir
    func.func @f(%x: tensor<?x4x10x10xf32>, %w: tensor<8x4x3x3xf32>, %y: tensor<?x8x8x8xf32>) -> tensor<?x8x8x8xf32> {
      %0 = linalg.conv_2d_nchw_fchw ins(%x, %w : tensor<?x4x10x10xf32>, tensor<8x4x3x3xf32>)
        outs(%y : tensor<?x8x8x8xf32>) -> tensor<?x8x8x8xf32>
      return %0 : tensor<?x8x8x8xf32>
    }
    ```
  }];
  let statistics = [Statistic<"numConvolutions", "convolutions", "Convolutions that became products">,
                    Statistic<"numPads", "pads", "Paddings that became structured ops">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def NormalizeProducts : Pass<"compress-normalize-products", "::mlir::func::FuncOp"> {
  let summary = "Brings products into the form that weights and kernels have";
  let description = [{
    A product reads a transposed or broadcast operand where it lies, instead of
    a copy of it, and several dimensions of one kind that lie side by side
    become one: what remains has at most one each of batch, m, n and k.

    Example: a batch of matrices times one transposed weight is a product of
    rows with the weight.

    ```mlir
    func.func @f(%x: tensor<?x7x64xf32>, %w: tensor<32x64xf32>, %t: tensor<64x32xf32>,
                 %b: tensor<?x64x32xf32>, %y: tensor<?x7x32xf32>) -> tensor<?x7x32xf32> {
      %0 = linalg.transpose ins(%w : tensor<32x64xf32>) outs(%t : tensor<64x32xf32>) permutation = [1, 0]
      %1 = linalg.broadcast ins(%0 : tensor<64x32xf32>) outs(%b : tensor<?x64x32xf32>) dimensions = [0]
      %2 = linalg.batch_matmul ins(%x, %1 : tensor<?x7x64xf32>, tensor<?x64x32xf32>)
        outs(%y : tensor<?x7x32xf32>) -> tensor<?x7x32xf32>
      return %2 : tensor<?x7x32xf32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"];
}

def ReshapeParameters : Pass<"compress-reshape-parameters", "::mlir::ModuleOp"> {
  let summary = "Gives parameters the shape in which programs read them";
  let description = [{
    A parameter whose value stands in the module, and which is only read through
    one reshape, gets that shape.

    Example: filters as the rows of a matrix.

    ```mlir
    ml_program.global private @w(dense<1.0> : tensor<8x4x3x3xf32>) : tensor<8x4x3x3xf32>
    func.func @f() -> tensor<8x36xf32> {
      %0 = ml_program.global_load_const @w : tensor<8x4x3x3xf32>
      %1 = tensor.collapse_shape %0 [[0], [1, 2, 3]] : tensor<8x4x3x3xf32> into tensor<8x36xf32>
      return %1 : tensor<8x36xf32>
    }
    ```

    becomes

    ```mlir
    ml_program.global private @w(dense<1.0> : tensor<8x36xf32>) : tensor<8x36xf32>
    func.func @f() -> tensor<8x36xf32> {
      %0 = ml_program.global_load_const @w : tensor<8x36xf32>
      return %0 : tensor<8x36xf32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::ml_program::MLProgramDialect", "::mlir::tensor::TensorDialect"];
}

def FuseElementwise : Pass<"compress-fuse-elementwise", "::mlir::func::FuncOp"> {
  let summary = "Makes one op of elementwise ops that follow each other";
  let description = [{
    An elementwise op joins its only reader, if that is elementwise as well or
    reduces what it reads; products keep plain operands, which kernels need.
    Leading dimensions that an op only runs through become one, so that ops
    that work row by row are seen as such.

    Example: a bias and a ReLU become one op on rows.

    ```mlir
    func.func @f(%x: tensor<?x7x64xf32>, %b: tensor<64xf32>, %y: tensor<?x7x64xf32>) -> tensor<?x7x64xf32> {
      %zero = arith.constant 0.0 : f32
      %0 = linalg.broadcast ins(%b : tensor<64xf32>) outs(%y : tensor<?x7x64xf32>) dimensions = [0, 1]
      %1 = linalg.add ins(%x, %0 : tensor<?x7x64xf32>, tensor<?x7x64xf32>) outs(%y : tensor<?x7x64xf32>) -> tensor<?x7x64xf32>
      %2 = linalg.map ins(%1 : tensor<?x7x64xf32>) outs(%y : tensor<?x7x64xf32>) (%v: f32, %old: f32) {
        %m = arith.maximumf %v, %zero : f32
        linalg.yield %m : f32
      }
      return %2 : tensor<?x7x64xf32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"];
}

def RaiseOps : Pass<"lm-raise", "::mlir::func::FuncOp"> {
  let summary = "Finds ops of the lm dialect in what they were decomposed to";
  let description = [{
    An op that reads rows of a table by their numbers becomes `lm.gather_rows`,
    so that the table can be encoded. Numbers that the source says to be out of
    range read the nearest row: programs can't fail.

    Norms along the last dimension become `lm.layer_norm` and `lm.rms_norm`,
    however many ops, copies, reshapes and casts to f64 they are written with:
    what counts is the expression that gives an element.

    Example:

    ```mlir
    func.func @f(%table: tensor<100x64xf32>, %ids: tensor<?x7xi64>, %y: tensor<?x7x64xf32>) -> tensor<?x7x64xf32> {
      %0 = linalg.generic {
        indexing_maps = [affine_map<(b, t, d) -> (b, t)>, affine_map<(b, t, d) -> (b, t, d)>],
        iterator_types = ["parallel", "parallel", "parallel"]}
        ins(%ids : tensor<?x7xi64>) outs(%y : tensor<?x7x64xf32>) {
      ^bb0(%id: i64, %old: f32):
        %row = arith.index_cast %id : i64 to index
        %column = linalg.index 2 : index
        %value = tensor.extract %table[%row, %column] : tensor<100x64xf32>
        linalg.yield %value : f32
      } -> tensor<?x7x64xf32>
      return %0 : tensor<?x7x64xf32>
    }
    ```
  }];
  let statistics = [Statistic<"numGathers", "gathers", "Ops that became lm.gather_rows">,
                    Statistic<"numNorms", "norms", "Norms found">];
  let dependentDialects = ["::mlir::lm::LMDialect", "::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"];
}

def QuantizedFromQuant : Pass<"quantized-from-quant"> {
  let summary = "Makes encodings of upstream's quantized types";
  let description = [{
    Integers that `quant.scast` gives a `!quant.uniform` type, per tensor, axis
    or sub-channel, become the codes of a `#quantized.affine` encoding, and the
    type's scales and zero points constants beside them. `quant.dcast` becomes
    `compress.decode`, and a cast back to integers the integers. The values are
    the same.

    Refused are: `quant.qcast`, since `compress.encode` chooses scales itself;
    quantized tensors that come from elsewhere; numbers other than f32;
    integers of more than 8 bits, or of fewer that are no constants; ranges of
    codes other than all, or all but the lowest; scales that f32 can't hold.

    Example:

    ```mlir
    func.func @f(%c: tensor<2x4xi8>) -> tensor<2x4xf32> {
      %q = quant.scast %c : tensor<2x4xi8> to tensor<2x4x!quant.uniform<i8:f32, 0.5>>
      %w = quant.dcast %q : tensor<2x4x!quant.uniform<i8:f32, 0.5>> to tensor<2x4xf32>
      return %w : tensor<2x4xf32>
    }
    ```

    becomes

    ```mlir
    func.func @f(%c: tensor<2x4xi8>) -> tensor<2x4xf32> {
      %s = arith.constant dense<0.5> : tensor<1x1xf32>
      %q = compress.assemble %c, %s : tensor<2x4xi8>, tensor<1x1xf32> to tensor<2x4xf32, #quantized.affine<i8, block = [2, 4], scale = f32>>
      %w = compress.decode %q : tensor<2x4xf32, #quantized.affine<i8, block = [2, 4], scale = f32>> to tensor<2x4xf32>
      return %w : tensor<2x4xf32>
    }
    ```
  }];
  let statistics = [Statistic<"numConverted", "converted", "Casts that became encoded tensors">];
  let dependentDialects = ["::mlir::compress::CompressDialect", "::mlir::quantized::QuantizedDialect",
                           "::mlir::arith::ArithDialect"];
}

def QuantizedToQuant : Pass<"quantized-to-quant"> {
  let summary = "Makes upstream's quantized types of encodings";
  let description = [{
    The inverse of `quantized-from-quant`: `compress.assemble` of codes with
    constant scales and zero points becomes `quant.scast` to a `!quant.uniform`
    type that has them, and `compress.decode` of it `quant.dcast`.

    Refused are encoded tensors that come from elsewhere (parameters,
    `compress.encode`), since their scales are data; encodings with minima,
    floats, codebooks or structure; blocks that leave a smaller last one; scales
    that are not positive; codes of fewer than 8 bits that are no constants.

    Example:

    ```mlir
    func.func @f(%c: tensor<2x4xi8>) -> tensor<2x4xf32> {
      %s = arith.constant dense<[[0.5], [0.25]]> : tensor<2x1xf32>
      %q = compress.assemble %c, %s : tensor<2x4xi8>, tensor<2x1xf32> to tensor<2x4xf32, #quantized.affine<i8, block = [1, -1], scale = f32>>
      %w = compress.decode %q : tensor<2x4xf32, #quantized.affine<i8, block = [1, -1], scale = f32>> to tensor<2x4xf32>
      return %w : tensor<2x4xf32>
    }
    ```

    becomes

    ```mlir
    func.func @f(%c: tensor<2x4xi8>) -> tensor<2x4xf32> {
      %q = quant.scast %c : tensor<2x4xi8> to tensor<2x4x!quant.uniform<i8:f32:0, {0.5, 0.25}>>
      %w = quant.dcast %q : tensor<2x4x!quant.uniform<i8:f32:0, {0.5, 0.25}>> to tensor<2x4xf32>
      return %w : tensor<2x4xf32>
    }
    ```
  }];
  let statistics = [Statistic<"numConverted", "converted", "Encoded tensors that became casts">];
  let dependentDialects = ["::mlir::quant::QuantDialect", "::mlir::arith::ArithDialect"];
}

#endif // COMPRESS_FRONTEND_PASSES_TD
