// RUN: compress-opt %s --compress-assign-layouts --compress-cpu-pipeline=target=x86-64-v3 | FileCheck %s
// RUN: not compress-opt %s --compress-cpu-pipeline=target=i7-fantasy 2>&1 | FileCheck %s --check-prefix=TARGET
// RUN: not compress-opt %s --compress-cpu-pipeline='target=x86-64-v3 lanes=3' 2>&1 | FileCheck %s --check-prefix=OPTION
// TARGET: unknown target 'i7-fantasy'
// OPTION: no such option lanes

// Nothing but the LLVM dialect is left, and no other function is asked for.
// CHECK: module attributes {compress.parameters = [#compress.parameter<"m", "w", component = "codes">]}
// CHECK-DAG: llvm.func @compress_f_workspace(%{{.*}}: !llvm.ptr, %{{.*}}: i64) -> i64
// CHECK-DAG: llvm.func @compress_f(%{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr, %{{.*}}: i64, %{{.*}}: i64)
// CHECK-NOT: {{(func|arith|memref|scf|cf|vector|math|linalg|lm|tensor|builtin)\.[a-z_]+ }}
// CHECK: llvm.func @kernel_matmul(
// CHECK-SAME: attributes {{.*}}compress.kernel
// CHECK: llvm.intr.fma
// CHECK-NOT: {{(^| )(func|arith|memref|scf|cf|vector|math|linalg|lm|tensor|builtin)\.[a-z_]+ }}

ml_program.global private @w(#compress.parameter<"m", "w">) : tensor<64x64xf32>
func.func @f(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %c0 = arith.constant 0 : index
  %m = tensor.dim %x, %c0 : tensor<?x64xf32>
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty(%m) : tensor<?x64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x64xf32>) -> tensor<?x64xf32>
  %w = ml_program.global_load_const @w : tensor<64x64xf32>
  %y = linalg.matmul ins(%x, %w : tensor<?x64xf32>, tensor<64x64xf32>) outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}
