// Upstream passes that leave encodings alone.

// RUN: compress-opt %s | FileCheck %s
// RUN: compress-opt %s --pass-pipeline='builtin.module(compress-verify-encodings{snapshot=record}, linalg-generalize-named-ops, canonicalize, cse, linalg-fuse-elementwise-ops, symbol-dce, compress-verify-encodings)' \
// RUN:   | FileCheck %s

#q = #quantized.affine<i8, block = [1, 32], scale = f32>

// CHECK: #[[Q:.*]] = #quantized.affine<i8, block = [1, 32], scale = f32>
// CHECK-LABEL: func.func @f
// CHECK-SAME: tensor<8x32xf32, #[[Q]]>
func.func @f(%x: tensor<4x32xf32>, %w: tensor<8x32xf32, #q>, %y: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %e = tensor.empty() : tensor<4x32xf32>
  %s = linalg.square ins(%x : tensor<4x32xf32>) outs(%e : tensor<4x32xf32>) -> tensor<4x32xf32>
  // CHECK: linalg.{{matmul|generic}} {{.*}} ins({{.*}} : tensor<4x32xf32>, tensor<8x32xf32, #[[Q]]>)
  %0 = linalg.matmul
      indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
      ins(%s, %w : tensor<4x32xf32>, tensor<8x32xf32, #q>) outs(%y : tensor<4x8xf32>) -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}
