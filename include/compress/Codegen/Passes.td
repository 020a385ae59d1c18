//===- Passes.td - Passes that make kernels ----------------*- tablegen -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CODEGEN_PASSES_TD
#define COMPRESS_CODEGEN_PASSES_TD

include "mlir/Pass/PassBase.td"

/// The passes of one target take its name in the same form.
defvar targetOption = Option<"target", "target", "std::string", "\"native\"",
    "Processor and features: native, x86-64-v3, x86-64-v4+avx512vnni, ...">;

def SelectStrategies : Pass<"compress-select-strategies", "::mlir::ModuleOp"> {
  let summary = "Chooses how each kernel's group becomes code";
  let description = [{
    Gives every `compress.group` a `#compress.strategy`, which says the form, the
    vector width, the integer dot and the tiles. The choice depends on the group
    and on the target only. A group that has a strategy keeps it.

    Example: the group below gets
    `#compress.strategy<form = rows, dot = none, lanes = 8>` for x86-64-v3. A
    product of 4-bit weights and 8-bit activations gets
    `#compress.strategy<form = integer, dot = maddubs, lanes = 8, tile = 4>`.

    ```mlir
    func.func private @kernel(%x: memref<4x64xf32>, %g: memref<64xf32>, %y: memref<4x64xf32>, %thread: index, %threads: index, %scratch: memref<?xi8>) attributes {compress.kernel} {
      compress.group ins(%x, %g : memref<4x64xf32>, memref<64xf32>) outs(%y : memref<4x64xf32>) {
      ^bb0(%a: tensor<4x64xf32>, %b: tensor<64xf32>):
        %0 = lm.rms_norm %a, %b {epsilon = 1.0e-5 : f32} : tensor<4x64xf32>, tensor<64xf32>
        compress.yield %0 : tensor<4x64xf32>
      }
      return
    }
    ```
  }];
  let options = [targetOption];
  let statistics = [
    Statistic<"numInteger", "integer", "Contractions of integer codes">,
    Statistic<"numFloat", "float", "Contractions in f32 on panels">,
    Statistic<"numScalar", "scalar", "Groups computed one value at a time">];
}

def VerifyStrategies : Pass<"compress-verify-strategies", "::mlir::ModuleOp"> {
  let summary = "Refuses strategies that the target can't carry out exactly";
  let description = [{
    Fails at a group without a strategy, with one whose form does not fit what
    the group computes, with an integer dot that the target lacks or that could
    overflow, or with tiles that do not divide the weights' panels.

    Example: no processor computes 64 values at once.

    ```mlir
    func.func private @kernel(%x: memref<4x64xf32>, %g: memref<64xf32>, %y: memref<4x64xf32>, %thread: index, %threads: index, %scratch: memref<?xi8>) attributes {compress.kernel} {
      // expected-error @below {{has a strategy of 64 lanes}}
      compress.group ins(%x, %g : memref<4x64xf32>, memref<64xf32>) outs(%y : memref<4x64xf32>)
          attributes {strategy = #compress.strategy<form = rows, dot = none, lanes = 64>} {
      ^bb0(%a: tensor<4x64xf32>, %b: tensor<64xf32>):
        %0 = lm.rms_norm %a, %b {epsilon = 1.0e-5 : f32} : tensor<4x64xf32>, tensor<64xf32>
        compress.yield %0 : tensor<4x64xf32>
      }
      return
    }
    ```
  }];
  let options = [targetOption];
}

/// What is known of the machine beyond its processor's name.
defvar machineOptions = [
  Option<"clock", "clock", "double", "0.0",
         "GHz of the processor; 0: typical of its family">,
  Option<"bandwidth", "bandwidth", "double", "0.0",
         "GB/s that one thread reads from memory; 0: typical of its family">];

def PrintStrategy : Pass<"compress-print-strategy", "::mlir::ModuleOp"> {
  let summary = "Tells what was chosen for each kernel, and how long it takes";
  let description = [{
    Prints a table of all kernels to standard error: what each computes and how its
    operands are stored, its strategy, and for 1, 16 and 512 rows the predicted
    time of one thread, what limits it, and the bytes of parameters per row. The
    prediction is made from the code that the kernel's group becomes: its vector
    operations, multiplied by the loops' counts, over what a machine model says
    the processor does per cycle; the latency of what loops carry; and the bytes
    of parameters over the bandwidth of the nearest cache that holds them. A time
    after `>=` has loops whose length is known only when the program runs. The
    module stays as it is.

    Example: the norm of 64 values of a row is done in some nanoseconds.

    ```mlir
    func.func private @kernel(%x: memref<4x64xf32>, %g: memref<64xf32>, %y: memref<4x64xf32>, %thread: index, %threads: index, %scratch: memref<?xi8>) attributes {compress.kernel} {
      compress.group ins(%x, %g : memref<4x64xf32>, memref<64xf32>) outs(%y : memref<4x64xf32>)
          attributes {strategy = #compress.strategy<form = rows, dot = none, lanes = 4>} {
      ^bb0(%a: tensor<4x64xf32>, %b: tensor<64xf32>):
        %0 = lm.rms_norm %a, %b {epsilon = 1.0e-5 : f32} : tensor<4x64xf32>, tensor<64xf32>
        compress.yield %0 : tensor<4x64xf32>
      }
      return
    }
    ```
  }];
  let options = !listconcat([targetOption], machineOptions);
  let dependentDialects = ["::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect",
    "::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::LLVM::LLVMDialect", "::mlir::lm::LMDialect"];
}

def VerifySparsity : Pass<"compress-verify-sparsity", "::mlir::ModuleOp"> {
  let summary = "Refuses structure that makes weights neither smaller nor faster";
  let description = [{
    Compares each contraction whose weights have structure (N:M, blocks) with the
    same number format stored for all values, in the same kernel: the bytes of the
    weights, and the predicted time of one thread for 1, 16 and 512 rows with
    weights that come from memory (see `compress-print-strategy`). What has no
    fewer bytes and is faster for none of them is an error that has the figures,
    the parameter's archive and name, and what to do. Weights whose number of
    stored values is known only with the data are left alone. Groups must have
    strategies.

    Example: of four values three are kept, in 4 bits each; with 2 bits for the
    position of each that is more than four values of 4 bits.

    ```mlir
    #s34 = #sparse.nm<3 : 4, values = #quantized.affine<i4, block = [1, -1], scale = f32>>
    #p = #compress.panel<#s34, rows = 16, row_dim = 0, reduction_dim = 1>
    func.func private @kernel(%x: memref<?x64xf32>, %c: memref<1024xi8>, %s: memref<32xf32>, %i: memref<512xi8>, %y: memref<?x32xf32>, %thread: index, %threads: index, %scratch: memref<?xi8>) attributes {compress.kernel} {
      // expected-error @below {{would be neither smaller nor faster than without its structure}}
      compress.group ins(%x, %c, %s, %i : memref<?x64xf32>, memref<1024xi8>, memref<32xf32>, memref<512xi8>) outs(%y : memref<?x32xf32>)
          attributes {strategy = #compress.strategy<form = float, dot = none, lanes = 8, tile = 6>} {
      ^bb0(%a: tensor<?x64xf32>, %codes: tensor<1024xi8>, %scales: tensor<32xf32>, %index: tensor<512xi8>):
        %w = compress.assemble %codes, %scales, %index : tensor<1024xi8>, tensor<32xf32>, tensor<512xi8> to tensor<32x64xf32, #p>
        %c0 = arith.constant 0 : index
        %m = tensor.dim %a, %c0 : tensor<?x64xf32>
        %zero = arith.constant 0.0 : f32
        %empty = tensor.empty(%m) : tensor<?x32xf32>
        %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x32xf32>) -> tensor<?x32xf32>
        %r = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
          ins(%a, %w : tensor<?x64xf32>, tensor<32x64xf32, #p>) outs(%init : tensor<?x32xf32>) -> tensor<?x32xf32>
        compress.yield %r : tensor<?x32xf32>
      }
      return
    }
    ```
  }];
  let options = !listconcat([targetOption], machineOptions);
  let statistics = [
    Statistic<"numSmaller", "smaller", "Weights that structure makes smaller">,
    Statistic<"numFaster", "faster", "Other weights that it makes faster">];
  let dependentDialects = ["::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect",
    "::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::LLVM::LLVMDialect", "::mlir::lm::LMDialect",
    "::mlir::quantized::QuantizedDialect"];
}

def LowerGroups : Pass<"compress-lower-groups", "::mlir::ModuleOp"> {
  let summary = "Emits the code of each kernel";
  let description = [{
    Replaces the group in every kernel (`compress.kernel`) by `scf`, `vector`,
    `arith` and `memref` ops on its operands, as its strategy says. The kernel's
    attribute `compress.scratch` tells the bytes of scratch memory that it uses.

    Example: the norm becomes a loop over this thread's rows and loops over vectors
    of columns.

    ```mlir
    func.func private @kernel(%x: memref<4x64xf32>, %g: memref<64xf32>, %y: memref<4x64xf32>, %thread: index, %threads: index, %scratch: memref<?xi8>) attributes {compress.kernel} {
      compress.group ins(%x, %g : memref<4x64xf32>, memref<64xf32>) outs(%y : memref<4x64xf32>)
          attributes {strategy = #compress.strategy<form = rows, dot = none, lanes = 4>} {
      ^bb0(%a: tensor<4x64xf32>, %b: tensor<64xf32>):
        %0 = lm.rms_norm %a, %b {epsilon = 1.0e-5 : f32} : tensor<4x64xf32>, tensor<64xf32>
        compress.yield %0 : tensor<4x64xf32>
      }
      return
    }
    ```
  }];
  let options = [targetOption];
  let dependentDialects = ["::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect",
    "::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::LLVM::LLVMDialect", "::mlir::lm::LMDialect"];
}

def LowerGroupsToGPU : Pass<"compress-lower-groups-to-gpu", "::mlir::ModuleOp"> {
  let summary = "Emits each kernel for a GPU";
  let description = [{
    Makes a `gpu.func` in the `gpu.module` `@kernels` of every kernel
    (`compress.kernel`), and a `gpu.launch_func` of each call of one. The module
    has the `#nvvm.target` that the options name. A group is one contraction of
    plain activations (m x k) with weights (n x k) of any encoding, and nothing
    else; any other is an error. There is one form: a warp of 32 lanes computes a
    column of the result, so there is no strategy to select.

    Example: each of four warps of a block decodes a row of 4-bit weights as it
    multiplies; 32 partial sums are added by shuffles.

    ```mlir
    #q4 = #quantized.affine<i4, block = [1, 32], scale = f16>
    func.func private @kernel(%x: memref<?x64xf32>, %c: memref<8x32xi8>, %s: memref<8x2xf16>, %y: memref<?x8xf32>, %thread: index, %threads: index, %scratch: memref<?xi8>) attributes {compress.kernel} {
      compress.group ins(%x, %c, %s : memref<?x64xf32>, memref<8x32xi8>, memref<8x2xf16>) outs(%y : memref<?x8xf32>) {
      ^bb0(%a: tensor<?x64xf32>, %codes: tensor<8x32xi8>, %scales: tensor<8x2xf16>):
        %w = compress.assemble %codes, %scales : tensor<8x32xi8>, tensor<8x2xf16> to tensor<8x64xf32, #q4>
        %c0 = arith.constant 0 : index
        %m = tensor.dim %a, %c0 : tensor<?x64xf32>
        %zero = arith.constant 0.0 : f32
        %empty = tensor.empty(%m) : tensor<?x8xf32>
        %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x8xf32>) -> tensor<?x8xf32>
        %r = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
          ins(%a, %w : tensor<?x64xf32>, tensor<8x64xf32, #q4>) outs(%init : tensor<?x8xf32>) -> tensor<?x8xf32>
        compress.yield %r : tensor<?x8xf32>
      }
      return
    }
    ```
  }];
  let options = [
    Option<"chip", "chip", "std::string", "\"sm_80\"",
           "The GPU that the module is for: sm_80, sm_90, ...">,
    Option<"features", "features", "std::string", "\"\"",
           "Features beyond the chip's own: +ptx80, ...">];
  let statistics = [
    Statistic<"numKernels", "kernels", "Kernels emitted">,
    Statistic<"numLaunches", "launches", "Calls that became launches">];
  let dependentDialects = ["::mlir::gpu::GPUDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect", "::mlir::arith::ArithDialect",
    "::mlir::math::MathDialect", "::mlir::memref::MemRefDialect",
    "::mlir::NVVM::NVVMDialect"];
}

def ExpandMath : Pass<"compress-expand-math", "::mlir::ModuleOp"> {
  let summary = "Replaces functions of one variable by arithmetic";
  let description = [{
    Exponentials, logarithms, hyperbolic tangents and the error function become
    polynomials on vectors and scalars, so that they are computed a vector at a
    time and equally everywhere.

    Example: the exponential becomes a range reduction, a polynomial and a scaling
    by a power of two, the steps that docs/numerics.md fixes for f32.

    ```mlir
    func.func @f(%x: vector<16xf32>) -> vector<16xf32> {
      %0 = math.exp %x : vector<16xf32>
      return %0 : vector<16xf32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
                           "::mlir::vector::VectorDialect"];
}

#endif // COMPRESS_CODEGEN_PASSES_TD
