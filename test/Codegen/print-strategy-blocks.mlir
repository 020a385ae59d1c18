// How many blocks of a parameter are stored is known when it is loaded: predictions count all of them. In panels that are
// 16777216 bytes of codes, 2097152 of scales, 262144 of columns and 2052 of offsets.

// RUN: compress-opt %s --compress-assign-layouts --compress-cpu-pipeline='target=x86-64-v4+avx512vnni print-strategy bandwidth=1' -o /dev/null 2>&1 | FileCheck %s

// CHECK: with [8192 x 4096] block<[16, 32], values = affine<i4, block = [1, 32], scale = f16>>
// CHECK: strategy form integer, dot vnni, lanes 16, tile 8, panels 1
// CHECK-NEXT: 1 rows <= 19.14 ms memory 19.14 MB a row

#q4 = #quantized.affine<i4, block = [1, 32], scale = f16>
#blocks = #sparse.block<[16, 32], values = #q4>
#a8 = #quantized.affine<i8, block = [1, 32], scale = f32, narrow = true, sums = true>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
ml_program.global private @w(#compress.parameter<"m", "w">) : tensor<8192x4096xf32, #blocks>
func.func @f(%x: tensor<?x4096xf32>) -> tensor<?x8192xf32> {
  %c0 = arith.constant 0 : index
  %m = tensor.dim %x, %c0 : tensor<?x4096xf32>
  %w = ml_program.global_load_const @w : tensor<8192x4096xf32, #blocks>
  %e = compress.encode %x : tensor<?x4096xf32> to tensor<?x4096xf32, #a8>
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty(%m) : tensor<?x8192xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x8192xf32>) -> tensor<?x8192xf32>
  %y = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%e, %w : tensor<?x4096xf32, #a8>, tensor<8192x4096xf32, #blocks>) outs(%init : tensor<?x8192xf32>) -> tensor<?x8192xf32>
  return %y : tensor<?x8192xf32>
}
