// The machine code of a product of 4-bit weights and 8-bit activations has the integer dot of its target.

// RUN: compress-opt %s --compress-assign-layouts --compress-cpu-pipeline=target=x86-64-v4+avx512vnni \
// RUN:   | mlir-translate --mlir-to-llvmir --allow-unregistered-dialect \
// RUN:   | opt -O3 -mcpu=x86-64-v4 -mattr=+avx512vnni | llc -O3 -mcpu=x86-64-v4 -mattr=+avx512vnni \
// RUN:   | FileCheck %s --check-prefix=VNNI
// RUN: compress-opt %s --compress-assign-layouts --compress-cpu-pipeline=target=x86-64-v3 \
// RUN:   | mlir-translate --mlir-to-llvmir --allow-unregistered-dialect \
// RUN:   | opt -O3 -mcpu=x86-64-v3 | llc -O3 -mcpu=x86-64-v3 \
// RUN:   | FileCheck %s --check-prefix=AVX2

// No vector leaves the registers.
// VNNI: {{^}}kernel_matmul:
// VNNI-NOT: {{mm[0-9]+.*(Spill|Reload)}}
// VNNI: vpdpbusd {{.*}}%zmm
// VNNI-NOT: {{mm[0-9]+.*(Spill|Reload)}}
// VNNI: {{^}}.Lfunc_end

// AVX2: {{^}}kernel_matmul:
// AVX2-NOT: vpdpbusd
// AVX2: vpmaddubsw {{.*}}%ymm
// AVX2: vpmaddwd {{.*}}%ymm
// AVX2: {{^}}.Lfunc_end

#q4 = #quantized.affine<i4, block = [1, 32], scale = f16>
#a8 = #quantized.affine<i8, block = [1, 32], scale = f32, narrow = true, sums = true>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
ml_program.global private @w(#compress.parameter<"m.gguf", "w">) : tensor<1024x1024xf32, #q4>
func.func @f(%x: tensor<?x1024xf32>) -> tensor<?x1024xf32> {
  %c0 = arith.constant 0 : index
  %m = tensor.dim %x, %c0 : tensor<?x1024xf32>
  %w = ml_program.global_load_const @w : tensor<1024x1024xf32, #q4>
  %e = compress.encode %x : tensor<?x1024xf32> to tensor<?x1024xf32, #a8>
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty(%m) : tensor<?x1024xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x1024xf32>) -> tensor<?x1024xf32>
  %y = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%e, %w : tensor<?x1024xf32, #a8>, tensor<1024x1024xf32, #q4>) outs(%init : tensor<?x1024xf32>) -> tensor<?x1024xf32>
  %r = linalg.add ins(%y, %x : tensor<?x1024xf32>, tensor<?x1024xf32>) outs(%empty : tensor<?x1024xf32>) -> tensor<?x1024xf32>
  return %r : tensor<?x1024xf32>
}
