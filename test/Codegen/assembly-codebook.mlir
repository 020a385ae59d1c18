// The machine code of a product with a codebook of 16 entries looks them up in a register, and does not mask the codes:
// the permutation looks at their lowest four bits. Nor does it multiply entries by scales: sums of blocks are.

// RUN: compress-opt %s --compress-assign-layouts --compress-cpu-pipeline=target=x86-64-v4+avx512vnni \
// RUN:   | mlir-translate --mlir-to-llvmir --allow-unregistered-dialect \
// RUN:   | opt -O3 -mcpu=x86-64-v4 -mattr=+avx512vnni | llc -O3 -mcpu=x86-64-v4 -mattr=+avx512vnni \
// RUN:   | FileCheck %s

// CHECK: {{^}}kernel_matmul:
// CHECK-NOT: {{vpand|gather|vmulps}}
// CHECK: vperm{{d|ps}} {{.*}}%zmm
// CHECK-NOT: {{vpand|gather|vmulps}}
// CHECK: {{^}}.Lfunc_end

#nf4 = #quantized.codebook<"nf4", block = [1, 64], scale = f16>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
ml_program.global private @w(#compress.parameter<"m.gguf", "w">) : tensor<1024x1024xf32, #nf4>
func.func @f(%x: tensor<?x1024xf32>) -> tensor<?x1024xf32> {
  %c0 = arith.constant 0 : index
  %m = tensor.dim %x, %c0 : tensor<?x1024xf32>
  %w = ml_program.global_load_const @w : tensor<1024x1024xf32, #nf4>
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty(%m) : tensor<?x1024xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x1024xf32>) -> tensor<?x1024xf32>
  %y = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%x, %w : tensor<?x1024xf32>, tensor<1024x1024xf32, #nf4>) outs(%init : tensor<?x1024xf32>) -> tensor<?x1024xf32>
  %r = linalg.add ins(%y, %x : tensor<?x1024xf32>, tensor<?x1024xf32>) outs(%empty : tensor<?x1024xf32>) -> tensor<?x1024xf32>
  return %r : tensor<?x1024xf32>
}
