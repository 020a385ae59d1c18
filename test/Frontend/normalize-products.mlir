// RUN: compress-opt %s --compress-normalize-products --split-input-file | FileCheck %s

// The weight is read where it lies, and the batch is more rows.
// CHECK-DAG: #[[MK:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-DAG: #[[NK:.*]] = affine_map<(d0, d1, d2) -> (d1, d2)>
// CHECK-DAG: #[[MN:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK-LABEL: func.func @f(
// CHECK-SAME: %[[X:.*]]: tensor<?x7x64xf32>, %[[W:.*]]: tensor<32x64xf32>
// CHECK: %[[ROWS:.*]] = tensor.collapse_shape %[[X]] {{\[\[}}0, 1], [2]] : tensor<?x7x64xf32> into tensor<?x64xf32>
// CHECK: linalg.generic {indexing_maps = [#[[MK]], #[[NK]], #[[MN]]]{{.*}} ins(%[[ROWS]], %[[W]] : tensor<?x64xf32>, tensor<32x64xf32>)
// CHECK: tensor.expand_shape
func.func @f(%x: tensor<?x7x64xf32>, %w: tensor<32x64xf32>, %t: tensor<64x32xf32>,
             %b: tensor<?x64x32xf32>, %y: tensor<?x7x32xf32>) -> tensor<?x7x32xf32> {
  %0 = linalg.transpose ins(%w : tensor<32x64xf32>) outs(%t : tensor<64x32xf32>) permutation = [1, 0]
  %1 = linalg.broadcast ins(%0 : tensor<64x32xf32>) outs(%b : tensor<?x64x32xf32>) dimensions = [0]
  %2 = linalg.batch_matmul ins(%x, %1 : tensor<?x7x64xf32>, tensor<?x64x32xf32>)
    outs(%y : tensor<?x7x32xf32>) -> tensor<?x7x32xf32>
  return %2 : tensor<?x7x32xf32>
}

// -----

// A loop that only a broadcast operand runs over keeps it.
// CHECK-LABEL: func.func @needed
// CHECK: %[[W:.*]] = linalg.broadcast {{.*}} dimensions = [0]
// CHECK: linalg.generic {{.*}} ins(%{{.*}}, %[[W]] : tensor<4xf32>, tensor<6x3xf32>)
func.func @needed(%x: tensor<4xf32>, %a: tensor<4x6xf32>, %w: tensor<3xf32>, %b: tensor<6x3xf32>, %y: tensor<4x3xf32>) -> tensor<4x3xf32> {
  %0 = linalg.broadcast ins(%x : tensor<4xf32>) outs(%a : tensor<4x6xf32>) dimensions = [1]
  %1 = linalg.broadcast ins(%w : tensor<3xf32>) outs(%b : tensor<6x3xf32>) dimensions = [0]
  %2 = linalg.matmul ins(%0, %1 : tensor<4x6xf32>, tensor<6x3xf32>) outs(%y : tensor<4x3xf32>) -> tensor<4x3xf32>
  return %2 : tensor<4x3xf32>
}

// -----

// Encoded operands stay what they are.
// CHECK-LABEL: func.func @encoded
// CHECK-NOT: tensor.collapse_shape
// CHECK: linalg.generic
#q8 = #quantized.affine<i8, block = [1, 1, 1, 32], scale = f16>
func.func @encoded(%x: tensor<2x3x4x32xf32>, %w: tensor<2x3x5x32xf32, #q8>, %y: tensor<2x3x4x5xf32>) -> tensor<2x3x4x5xf32> {
  %0 = linalg.generic {
    indexing_maps = [affine_map<(a, b, m, n, k) -> (a, b, m, k)>, affine_map<(a, b, m, n, k) -> (a, b, n, k)>, affine_map<(a, b, m, n, k) -> (a, b, m, n)>],
    iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
    ins(%x, %w : tensor<2x3x4x32xf32>, tensor<2x3x5x32xf32, #q8>) outs(%y : tensor<2x3x4x5xf32>) {
  ^bb0(%a: f32, %b: f32, %s: f32):
    %p = arith.mulf %a, %b : f32
    %t = arith.addf %s, %p : f32
    linalg.yield %t : f32
  } -> tensor<2x3x4x5xf32>
  return %0 : tensor<2x3x4x5xf32>
}
