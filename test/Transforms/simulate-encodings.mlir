// RUN: compress-opt %s --compress-simulate-encodings --compress-verify-encodings | FileCheck %s

#w = #quantized.affine<i4, block = [1, 32], scale = f16>
#x = #quantized.affine<i8, block = [1, 32], scale = f32>
#nk = affine_map<(m, n, k) -> (n, k)>
#mk = affine_map<(m, n, k) -> (m, k)>
#mn = affine_map<(m, n, k) -> (m, n)>

// CHECK-DAG: #[[W:.*]] = #quantized.affine<i4, block = [1, 32], scale = f16>
// CHECK-DAG: #[[X:.*]] = #quantized.affine<i8, block = [1, 32], scale = f32>
// CHECK-DAG: #[[F16:.*]] = #quantized.float<f16>

// What the archive holds is remembered beside what the values are rounded to.
// CHECK: ml_program.global private @w(#compress.parameter<"m.gguf", "w", stored = #[[W]]>) : tensor<32x64xf32> {compress.simulated = #[[W]]}
ml_program.global private @w(#compress.parameter<"m.gguf", "w">) : tensor<32x64xf32, #w>
// CHECK: ml_program.global private @half(#compress.parameter<"m.gguf", "half", stored = #[[F16]]>) : tensor<32x64xf32> {compress.simulated = #[[W]]}
ml_program.global private @half(#compress.parameter<"m.gguf", "half", stored = #quantized.float<f16>>) : tensor<32x64xf32, #w>
// CHECK: ml_program.global private @plain(#compress.parameter<"m.gguf", "plain">) : tensor<64xf32>
ml_program.global private @plain(#compress.parameter<"m.gguf", "plain">) : tensor<64xf32>

// CHECK-LABEL: func.func @f(
// CHECK-SAME: %[[ARG:.*]]: tensor<?x64xf32>
// CHECK: %[[LOAD:.*]] = ml_program.global_load_const @w : tensor<32x64xf32>
// CHECK: %[[E:.*]] = compress.encode %[[ARG]] : tensor<?x64xf32> to tensor<?x64xf32, #[[X]]>
// CHECK: %[[D:.*]] = compress.decode %[[E]] : tensor<?x64xf32, #[[X]]> to tensor<?x64xf32>
// CHECK: linalg.matmul {{.*}} ins(%[[D]], %[[LOAD]] : tensor<?x64xf32>, tensor<32x64xf32>)
// CHECK: %[[HALF:.*]] = ml_program.global_load_const @half : tensor<32x64xf32>
// CHECK: return %{{.*}}, %[[HALF]]
func.func @f(%x: tensor<?x64xf32>, %init: tensor<?x32xf32>) -> (tensor<?x32xf32>, tensor<32x64xf32>) {
  %w = ml_program.global_load_const @w : tensor<32x64xf32, #w>
  %e = compress.encode %x : tensor<?x64xf32> to tensor<?x64xf32, #x>
  %0 = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%e, %w : tensor<?x64xf32, #x>, tensor<32x64xf32, #w>) outs(%init : tensor<?x32xf32>) -> tensor<?x32xf32>
  %half = ml_program.global_load_const @half : tensor<32x64xf32, #w>
  %decoded = compress.decode %half : tensor<32x64xf32, #w> to tensor<32x64xf32>
  return %0, %decoded : tensor<?x32xf32>, tensor<32x64xf32>
}
