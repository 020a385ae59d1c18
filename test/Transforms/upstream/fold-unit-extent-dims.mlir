// Structured ops on encoded tensors stay as they are, slices lose their encoding on the way.

// RUN: compress-opt %s --linalg-fold-unit-extent-dims | FileCheck %s
// RUN: not compress-opt %s --linalg-fold-unit-extent-dims --compress-verify-encodings 2>&1 | FileCheck %s --check-prefix=REFUSED

#q = #quantized.affine<i8, block = [1, 32], scale = f32>

// CHECK-LABEL: func.func @contraction
func.func @contraction(%x: tensor<4x32xf32>, %w: tensor<1x32xf32, #q>, %y: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: ins({{.*}} : tensor<4x32xf32>, tensor<1x32xf32, #{{.*}}>)
  %0 = linalg.generic {
      indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m)>],
      iterator_types = ["parallel", "reduction", "reduction"]}
      ins(%x, %w : tensor<4x32xf32>, tensor<1x32xf32, #q>) outs(%y : tensor<4xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %1 = arith.mulf %a, %b : f32
      %2 = arith.addf %c, %1 : f32
      linalg.yield %2 : f32
  } -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: func.func @slice
func.func @slice(%w: tensor<1x64xf32, #q>) -> tensor<1x32xf32, #q> {
  // CHECK: tensor.extract_slice {{.*}} : tensor<1x64xf32, #{{.*}}> to tensor<32xf32>
  // CHECK: tensor.expand_shape {{.*}} : tensor<32xf32> into tensor<1x32xf32, #{{.*}}>
  // REFUSED: error: 'tensor.extract_slice' op would lose the encoding
  %0 = tensor.extract_slice %w[0, 0] [1, 32] [1, 1] : tensor<1x64xf32, #q> to tensor<1x32xf32, #q>
  return %0 : tensor<1x32xf32, #q>
}
