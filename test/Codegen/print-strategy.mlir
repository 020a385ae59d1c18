// RUN: compress-opt %s --compress-assign-layouts --compress-cpu-pipeline='target=x86-64-v4+avx512vnni print-strategy bandwidth=1' -o /dev/null 2>&1 | FileCheck %s --strict-whitespace
// RUN: compress-opt %s --compress-assign-layouts --compress-cpu-pipeline='target=x86-64-v4+avx512vnni print-strategy bandwidth=1000 clock=1' -o /dev/null 2>&1 | FileCheck %s --check-prefix=FAST
// RUN: compress-opt %s --compress-assign-layouts --compress-cpu-pipeline='target=znver3 print-strategy' -o /dev/null 2>&1 | FileCheck %s --check-prefix=FAMILY
// RUN: compress-opt %s --compress-assign-layouts --compress-kernel-pipeline --compress-select-strategies=target=x86-64-v3 -o %t.mlir
// RUN: compress-opt %t.mlir --compress-print-strategy=target=x86-64-v3 -o %t.same.mlir 2>%t.1
// RUN: diff %t.mlir %t.same.mlir
// RUN: compress-opt %t.mlir --compress-print-strategy=target=x86-64-v3 -o /dev/null 2>%t.2
// RUN: diff %t.1 %t.2
// RUN: not compress-opt %t.mlir --compress-print-strategy=target=i7-fantasy 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not compress-opt %t.mlir --compress-lower-groups=target=x86-64-v3 --compress-print-strategy=target=x86-64-v3 2>&1 | FileCheck %s --check-prefix=LOWERED
// UNKNOWN: error: unknown target 'i7-fantasy'
// LOWERED: error: {{.*}} has no group; strategies are printed before groups are lowered

#q4 = #quantized.affine<i4, block = [1, 32], scale = f16>
#a8 = #quantized.affine<i8, block = [1, 32], scale = f32, narrow = true, sums = true>
#blocks = #sparse.block<[16, 32], values = f16>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
ml_program.global private @codes(#compress.parameter<"m", "codes">) : tensor<8192x4096xf32, #q4>
ml_program.global private @values(#compress.parameter<"m", "values">) : tensor<4096x4096xf32>

// What is known of the machine, and where a call's parameters fit: 18.9 and 67.1 MB in no cache.
// CHECK:      {{^}}strategies for x86-64-v4 (x86 with AVX-512): 16 lanes, 32 registers, 2.50 GHz; one thread reads parameters from memory at 1.0 GB/s{{$}}
// FAST: 1.00 GHz; one thread reads parameters from memory at 1000.0 GB/s
// FAMILY: strategies for znver3 (Zen 3): 8 lanes, 16 registers, 3.20 GHz; one thread reads parameters from memory at 22.0 GB/s

// The encoder has no parameters to read.
// CHECK-LABEL: {{^}}kernel_encode: called 1 time{{$}}
// CHECK-NEXT:  {{^}}  computes encode{{$}}
// CHECK-NEXT:  {{^}}  strategy form rows, dot none, lanes 16, tile 1, panels 1{{$}}
// CHECK-NEXT:  {{^}}       1 rows {{ +[0-9.]+ us  [a-z]+ +}} 0 B a row{{$}}

// One row takes as long as its weights need from memory: 18874368 bytes at 1 GB/s. 512 rows read the same bytes and wait for
// the processor.
// CHECK-LABEL: {{^}}kernel_matmul: called 2 times{{$}}
// CHECK-NEXT:  {{^}}  computes matmul{{$}}
// CHECK-NEXT:  {{^}}  of       [? x 4096] affine<i8, block = [1, 32], scale = f32, narrow, sums>{{$}}
// CHECK-NEXT:  {{^}}  with     [8192 x 4096] affine<i4, block = [1, 32], scale = f16>{{$}}
// CHECK-NEXT:  {{^}}  strategy form integer, dot vnni, lanes 16, tile 6, panels 2, prefetch 512 (one row) and 32 (tiles){{$}}
// CHECK-NEXT:  {{^}}       1 rows       18.87 ms  memory        18.87 MB a row{{$}}
// CHECK-NEXT:  {{^}}      16 rows       18.87 ms  memory         1.18 MB a row{{$}}
// CHECK-NEXT:  {{^}}     512 rows {{ +[0-9.]+ ms  vector +}}36.86 kB a row{{$}}

// Without waiting for memory, 2^25 products a row are at least 2^25 / (64 * 2) cycles, 262 us at 1 GHz; unpacking the codes and
// scaling the sums takes some more of the same ports.
// FAST-LABEL: kernel_matmul:
// FAST: 1 rows {{([3-9][0-9][0-9]|1[0-9][0-9][0-9])}}.{{[0-9]+}} us vector 18.87 MB a row
// FAMILY-LABEL: kernel_matmul:
// FAMILY: strategy form integer, dot maddubs, lanes 8, tile 4, panels 1

// CHECK-LABEL: {{^}}kernel_matmul_0: called 1 time{{$}}
// CHECK:       {{^}}  with     [4096 x 4096] float<f32>{{$}}
// CHECK-NEXT:  {{^}}  strategy form float, dot none, lanes 16, tile 6, panels 4, prefetch 0 (one row) and 16 (tiles){{$}}
// CHECK-NEXT:  {{^}}       1 rows       67.11 ms  memory        67.11 MB a row{{$}}
// A row is 2^24 products, at 2 * 16 a cycle of 1 ns half a ms and thus 268 ms for 512.
// FAST-LABEL: kernel_matmul_0:
// FAST: 512 rows {{(2[6-9][0-9]|3[0-9][0-9])}}.{{[0-9]+}} ms vector 131.07 kB a row

// How many blocks are stored is known when the program runs: all of them count, 8192 bytes and 52 that say where they
// are.
// CHECK-LABEL: {{^}}kernel_matmul_1: called 1 time{{$}}
// CHECK:       {{^}}  with     [64 x 64] block<[16, 32], values = f16>{{$}}
// CHECK-NEXT:  {{^}}  strategy form scalar, dot none, lanes 16, tile 1, panels 1{{$}}
// CHECK-NEXT:  {{^}}       1 rows {{ +}}<= {{[0-9.]+ us  [a-z]+ +}}8.24 kB a row{{$}}

// CHECK-LABEL: {{^}}all calls of f{{$}}
// CHECK-NEXT:  {{^}}       1 rows {{ +}}<= 104.89 ms  memory       104.87 MB a row{{$}}
func.func @f(%x: tensor<?x4096xf32>, %z: tensor<?x64xf32>, %b: tensor<64x64xf32, #blocks>)
    -> (tensor<?x8192xf32>, tensor<?x8192xf32>, tensor<?x4096xf32>, tensor<?x64xf32>) {
  %c0 = arith.constant 0 : index
  %m = tensor.dim %x, %c0 : tensor<?x4096xf32>
  %codes = ml_program.global_load_const @codes : tensor<8192x4096xf32, #q4>
  %values = ml_program.global_load_const @values : tensor<4096x4096xf32>
  %e = compress.encode %x : tensor<?x4096xf32> to tensor<?x4096xf32, #a8>
  %zero = arith.constant 0.0 : f32
  %empty8 = tensor.empty(%m) : tensor<?x8192xf32>
  %empty4 = tensor.empty(%m) : tensor<?x4096xf32>
  %empty = tensor.empty(%m) : tensor<?x64xf32>
  %init8 = linalg.fill ins(%zero : f32) outs(%empty8 : tensor<?x8192xf32>) -> tensor<?x8192xf32>
  %init4 = linalg.fill ins(%zero : f32) outs(%empty4 : tensor<?x4096xf32>) -> tensor<?x4096xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x64xf32>) -> tensor<?x64xf32>
  %0 = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%e, %codes : tensor<?x4096xf32, #a8>, tensor<8192x4096xf32, #q4>) outs(%init8 : tensor<?x8192xf32>) -> tensor<?x8192xf32>
  %1 = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%e, %codes : tensor<?x4096xf32, #a8>, tensor<8192x4096xf32, #q4>) outs(%init8 : tensor<?x8192xf32>) -> tensor<?x8192xf32>
  %2 = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%x, %values : tensor<?x4096xf32>, tensor<4096x4096xf32>) outs(%init4 : tensor<?x4096xf32>) -> tensor<?x4096xf32>
  %3 = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%z, %b : tensor<?x64xf32>, tensor<64x64xf32, #blocks>) outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %0, %1, %2, %3 : tensor<?x8192xf32>, tensor<?x8192xf32>, tensor<?x4096xf32>, tensor<?x64xf32>
}
