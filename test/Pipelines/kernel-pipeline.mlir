// RUN: compress-opt %s --compress-kernel-pipeline | FileCheck %s
// RUN: compress-opt %s --compress-kernel-pipeline --compress-select-strategies=target=x86-64-v3 \
// RUN:   --compress-verify-strategies=target=x86-64-v3 --compress-lower-groups=target=x86-64-v3 \
// RUN:   --compress-plan-workspace --compress-lower-entry-points | FileCheck %s --check-prefix=LOWERED

// Two layers of the same shape: one kernel each for encoding and product, called twice, on the parameters of each.
// CHECK: module attributes {compress.parameters = [
// CHECK-SAME: "v", component = "codes.4"
// CHECK-SAME: "v", component = "scale"
// CHECK-SAME: "w", component = "codes.4"
// CHECK-SAME: "w", component = "scale"
// CHECK-LABEL: func.func @f(
// CHECK-SAME: %[[X:.*]]: memref<?x64xf32>, %[[D:.*]]: memref<?x64xf32>) {
// CHECK-DAG: %[[VC:.*]] = compress.parameter 0 : memref<2048xi8>
// CHECK-DAG: %[[VS:.*]] = compress.parameter 1 : memref<128xf16>
// CHECK: call @kernel_encode(%[[X]], %[[C:[^,]*]], %[[S:[^,]*]], %
// CHECK-NEXT: compress.barrier
// CHECK: call @kernel_matmul(%[[C]], %[[S]], %[[VC]], %[[VS]], %[[H:[^,]*]], %
// CHECK-NEXT: compress.barrier
// CHECK-DAG: %[[WC:.*]] = compress.parameter 2 : memref<2048xi8>
// CHECK-DAG: %[[WS:.*]] = compress.parameter 3 : memref<128xf16>
// CHECK: call @kernel_encode(%[[H]], %[[C2:[^,]*]], %[[S2:[^,]*]], %
// CHECK-NEXT: compress.barrier
// CHECK: call @kernel_matmul(%[[C2]], %[[S2]], %[[WC]], %[[WS]], %[[D]], %
// CHECK-NEXT: compress.barrier
// CHECK-NEXT: return{{$}}
// CHECK: func.func private @kernel_encode(
// CHECK: compress.encode
// CHECK: func.func private @kernel_matmul(
// CHECK: linalg.matmul
// CHECK-NOT: func.func

// LOWERED-NOT: compress.{{group|barrier|thread|scratch |workspace :|encode|assemble}}
// LOWERED-DAG: func.func @compress_f(%{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr, %{{.*}}: i64, %{{.*}}: i64)
// LOWERED-DAG: func.func @compress_f_workspace(%{{.*}}: !llvm.ptr, %{{.*}}: i64) -> i64

#q4 = #quantized.affine<i4, block = [1, 32], scale = f16>
#p4 = #compress.panel<#q4, rows = 16, row_dim = 0, reduction_dim = 1>
#a8 = #quantized.affine<i8, block = [1, 32], scale = f32, narrow = true>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
ml_program.global private @v(#compress.parameter<"m", "v">) : tensor<64x64xf32, #p4>
ml_program.global private @w(#compress.parameter<"m", "w">) : tensor<64x64xf32, #p4>
func.func @f(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %c0 = arith.constant 0 : index
  %m = tensor.dim %x, %c0 : tensor<?x64xf32>
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty(%m) : tensor<?x64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x64xf32>) -> tensor<?x64xf32>
  %v = ml_program.global_load_const @v : tensor<64x64xf32, #p4>
  %xe = compress.encode %x : tensor<?x64xf32> to tensor<?x64xf32, #a8>
  %h = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%xe, %v : tensor<?x64xf32, #a8>, tensor<64x64xf32, #p4>) outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  %w = ml_program.global_load_const @w : tensor<64x64xf32, #p4>
  %he = compress.encode %h : tensor<?x64xf32> to tensor<?x64xf32, #a8>
  %y = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%he, %w : tensor<?x64xf32, #a8>, tensor<64x64xf32, #p4>) outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}
