// RUN: compress-opt %s --compress-assign-layouts --compress-nvptx-pipeline='chip=sm_90 features=+ptx80' | FileCheck %s
// RUN: not compress-opt %s --compress-nvptx-pipeline='lanes=3' 2>&1 | FileCheck %s --check-prefix=OPTION
// RUN: not compress-opt %s --compress-nvptx-pipeline=chip= 2>&1 | FileCheck %s --check-prefix=CHIP
// RUN: not compress-opt %s --compress-nvptx-pipeline=features=ptx80 2>&1 | FileCheck %s --check-prefix=FEATURE
// OPTION: no such option lanes
// CHIP: LLVM knows no chip ''; expected sm_80, sm_90 or the like
// FEATURE: LLVM knows no feature 'ptx80'; expected +ptx80 or the like

// Kernels are in the NVVM dialect alone; what launches them is as it was.
// CHECK: module attributes {compress.parameters = [#compress.parameter<"m", "w", component = "codes">], gpu.container_module}
// CHECK: gpu.module @kernels [#nvvm.target<O = 3, chip = "sm_90", features = "+ptx80">]
// CHECK-NOT: {{(^| )(func|arith|memref|scf|cf|vector|math|linalg|tensor|builtin)\.[a-z_]+ }}
// CHECK: llvm.func @kernel_matmul(
// CHECK-SAME: attributes {{.*}}nvvm.kernel{{.*}} {
// CHECK-NOT: {{(^| )(func|arith|memref|scf|cf|vector|math|linalg|gpu|tensor|builtin)\.[a-z_]+ }}
// CHECK: nvvm.shfl.sync bfly
// CHECK-NOT: {{(^| )(arith|memref|scf|cf|vector|math|linalg|gpu|tensor|builtin)\.[a-z_]+ }}
// CHECK: func.func @f(%[[X:.*]]: memref<?x64xf32>, %[[Y:.*]]: memref<?x64xf32>)
// CHECK: %[[W:.*]] = compress.parameter 0
// CHECK: gpu.launch_func @kernels::@kernel_matmul blocks in (%c16, %c1, %c1) threads in (%c128, %c1, %c1)
// CHECK-SAME: args(%[[X]] : memref<?x64xf32>, %[[W]] : {{.*}}, %[[Y]] : memref<?x64xf32>)

ml_program.global private @w(#compress.parameter<"m", "w">) : tensor<64x64xf32>
func.func @f(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %c0 = arith.constant 0 : index
  %m = tensor.dim %x, %c0 : tensor<?x64xf32>
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty(%m) : tensor<?x64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x64xf32>) -> tensor<?x64xf32>
  %w = ml_program.global_load_const @w : tensor<64x64xf32>
  %y = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
    ins(%x, %w : tensor<?x64xf32>, tensor<64x64xf32>) outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}
