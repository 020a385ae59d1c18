// RUN: compress-opt %s --compress-fuse-elementwise --split-input-file | FileCheck %s

// CHECK-DAG: #[[ROWS:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[COLUMN:.*]] = affine_map<(d0, d1) -> (d1)>
// CHECK-LABEL: func.func @chain(
// CHECK-SAME: %[[X:.*]]: tensor<?x7x64xf32>, %[[B:.*]]: tensor<64xf32>
// CHECK: %[[R:.*]] = tensor.collapse_shape %[[X]] {{\[\[}}0, 1], [2]]
// CHECK: linalg.generic {indexing_maps = [#[[ROWS]], #[[COLUMN]], #[[ROWS]]]{{.*}} ins(%[[R]], %[[B]] : tensor<?x64xf32>, tensor<64xf32>)
// CHECK: arith.addf
// CHECK: arith.maximumf
// CHECK-NOT: linalg.generic
func.func @chain(%x: tensor<?x7x64xf32>, %b: tensor<64xf32>, %y: tensor<?x7x64xf32>) -> tensor<?x7x64xf32> {
  %zero = arith.constant 0.0 : f32
  %0 = linalg.broadcast ins(%b : tensor<64xf32>) outs(%y : tensor<?x7x64xf32>) dimensions = [0, 1]
  %1 = linalg.add ins(%x, %0 : tensor<?x7x64xf32>, tensor<?x7x64xf32>) outs(%y : tensor<?x7x64xf32>) -> tensor<?x7x64xf32>
  %2 = linalg.map ins(%1 : tensor<?x7x64xf32>) outs(%y : tensor<?x7x64xf32>) (%v: f32, %old: f32) {
    %m = arith.maximumf %v, %zero : f32
    linalg.yield %m : f32
  }
  return %2 : tensor<?x7x64xf32>
}

// -----

// Products keep plain operands; what two ops read is computed once.
// CHECK-LABEL: func.func @kept
// CHECK: math.exp
// CHECK: linalg.matmul
// CHECK: arith.addf
func.func @kept(%x: tensor<4x8xf32>, %w: tensor<8x8xf32>, %y: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>) {
  %0 = linalg.exp ins(%x : tensor<4x8xf32>) outs(%y : tensor<4x8xf32>) -> tensor<4x8xf32>
  %1 = linalg.matmul ins(%0, %w : tensor<4x8xf32>, tensor<8x8xf32>) outs(%y : tensor<4x8xf32>) -> tensor<4x8xf32>
  %2 = linalg.add ins(%0, %x : tensor<4x8xf32>, tensor<4x8xf32>) outs(%y : tensor<4x8xf32>) -> tensor<4x8xf32>
  return %1, %2 : tensor<4x8xf32>, tensor<4x8xf32>
}

// -----

// Sums that keep a dimension of size 1, and their reader; a small power is a product.
// CHECK-DAG: #[[IN:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[ROW:.*]] = affine_map<(d0, d1) -> (d0)>
// CHECK-LABEL: func.func @units
// CHECK: linalg.generic {indexing_maps = [#[[IN]], #[[ROW]]], iterator_types = ["parallel", "reduction"]}
// CHECK-NOT: math.fpowi
// CHECK: arith.mulf
// CHECK: linalg.generic {indexing_maps = [#[[IN]], #[[ROW]], #[[IN]]]
func.func @units(%x: tensor<4x8xf32>, %s: tensor<4x1xf32>, %y: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %c2 = arith.constant 2 : i32
  %0 = linalg.generic {
    indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, 0)>], iterator_types = ["parallel", "reduction"]}
    ins(%x : tensor<4x8xf32>) outs(%s : tensor<4x1xf32>) {
  ^bb0(%a: f32, %sum: f32):
    %p = math.fpowi %a, %c2 : f32, i32
    %t = arith.addf %p, %sum : f32
    linalg.yield %t : f32
  } -> tensor<4x1xf32>
  %1 = linalg.generic {
    indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, 0)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
    ins(%x, %0 : tensor<4x8xf32>, tensor<4x1xf32>) outs(%y : tensor<4x8xf32>) {
  ^bb0(%a: f32, %b: f32, %old: f32):
    %t = arith.divf %a, %b : f32
    linalg.yield %t : f32
  } -> tensor<4x8xf32>
  return %1 : tensor<4x8xf32>
}
