// The machine code of a product with blocks of 4-bit weights has a loop over the stored blocks of a row of blocks, with the
// integer dot of its target and no vector that leaves the registers.

// RUN: compress-opt %s --compress-assign-layouts --compress-cpu-pipeline=target=x86-64-v4+avx512vnni \
// RUN:   | mlir-translate --mlir-to-llvmir --allow-unregistered-dialect \
// RUN:   | opt -O3 -mcpu=x86-64-v4 -mattr=+avx512vnni | llc -O3 -mcpu=x86-64-v4 -mattr=+avx512vnni \
// RUN:   | FileCheck %s
// RUN: compress-opt %s --compress-assign-layouts --compress-cpu-pipeline=target=x86-64-v4+avx512vnni \
// RUN:   --mlir-print-ir-after=compress-lower-groups -o /dev/null 2>&1 | FileCheck %s --check-prefix=IR

// CHECK: {{^}}kernel_matmul:
// CHECK-NOT: {{mm[0-9]+.*(Spill|Reload)}}
// CHECK: vpdpbusd {{.*}}%zmm
// CHECK-NOT: {{mm[0-9]+.*(Spill|Reload)}}
// CHECK: {{^}}.Lfunc_end

// IR-LABEL: func.func private @kernel_matmul
// IR: %[[FROM:.*]] = memref.load %[[OFFSETS:.*]][%[[UNIT:.*]]] : memref<65xi32>
// IR: %[[BEGIN:.*]] = arith.index_castui %[[FROM]] : i32 to index
// IR: %[[TO:.*]] = memref.load %[[OFFSETS]][%{{.*}}] : memref<65xi32>
// IR: %[[END:.*]] = arith.index_castui %[[TO]] : i32 to index
// IR: scf.for %[[BLOCK:.*]] = %[[BEGIN]] to %[[END]]
// IR: memref.load %{{.*}}[%[[BLOCK]]] : memref<?xi32>

#q4 = #quantized.affine<i4, block = [1, 32], scale = f16>
#blocks = #sparse.block<[16, 32], values = #q4>
#a8 = #quantized.affine<i8, block = [1, 32], scale = f32, narrow = true, sums = true>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
ml_program.global private @w(#compress.parameter<"m.gguf", "w">) : tensor<1024x1024xf32, #blocks>
func.func @f(%x: tensor<?x1024xf32>) -> tensor<?x1024xf32> {
  %c0 = arith.constant 0 : index
  %m = tensor.dim %x, %c0 : tensor<?x1024xf32>
  %w = ml_program.global_load_const @w : tensor<1024x1024xf32, #blocks>
  %e = compress.encode %x : tensor<?x1024xf32> to tensor<?x1024xf32, #a8>
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty(%m) : tensor<?x1024xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x1024xf32>) -> tensor<?x1024xf32>
  %y = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%e, %w : tensor<?x1024xf32, #a8>, tensor<1024x1024xf32, #blocks>) outs(%init : tensor<?x1024xf32>) -> tensor<?x1024xf32>
  %r = linalg.add ins(%y, %x : tensor<?x1024xf32>, tensor<?x1024xf32>) outs(%empty : tensor<?x1024xf32>) -> tensor<?x1024xf32>
  return %r : tensor<?x1024xf32>
}
