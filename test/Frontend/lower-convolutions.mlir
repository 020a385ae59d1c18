// RUN: compress-opt %s --compress-lower-convolutions --split-input-file | FileCheck %s
// RUN: compress-opt %s --compress-frontend-pipeline --split-input-file | FileCheck %s --check-prefix=ALL

// What filters are multiplied with, then the product; sums begin with zero, and what they began with is added.
// CHECK-DAG: #[[PATCH:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d3, d1 * 2 + d4, d2 * 2 + d5)>
// CHECK-DAG: #[[SIX:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1, d2, d3, d4, d5)>
// CHECK-DAG: #[[LHS:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1, d2, d4, d5, d6)>
// CHECK-DAG: #[[RHS:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d3, d4, d5, d6)>
// CHECK-DAG: #[[OUT:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1, d2, d3)>
// CHECK-DAG: #[[TURNED:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d2, d3, d1)>
// CHECK-DAG: #[[SAME:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
// CHECK-LABEL: func.func @convolution(
// CHECK-SAME: %[[X:.*]]: tensor<?x4x9x9xf32>, %[[W:.*]]: tensor<8x4x3x3xf32>, %[[Y:.*]]: tensor<?x8x4x4xf32>
// CHECK: %[[P:.*]] = linalg.generic {indexing_maps = [#[[PATCH]], #[[SIX]]]{{.*}} ins(%[[X]] : tensor<?x4x9x9xf32>) outs(%{{.*}} : tensor<?x4x4x4x3x3xf32>)
// CHECK: %[[S:.*]] = linalg.generic {indexing_maps = [#[[LHS]], #[[RHS]], #[[OUT]]]{{.*}} ins(%[[P]], %[[W]] : tensor<?x4x4x4x3x3xf32>, tensor<8x4x3x3xf32>) outs(%{{.*}} : tensor<?x4x4x8xf32>)
// CHECK: linalg.generic {indexing_maps = [#[[TURNED]], #[[SAME]], #[[SAME]]]{{.*}} ins(%[[S]], %[[Y]] :
// CHECK: arith.addf
// The product is one of rows and a matrix.
// ALL-DAG: #[[MK:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// ALL-DAG: #[[NK:.*]] = affine_map<(d0, d1, d2) -> (d1, d2)>
// ALL-DAG: #[[MN:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// ALL: linalg.generic {indexing_maps = [#[[MK]], #[[NK]], #[[MN]]]{{.*}} ins(%{{.*}}, %{{.*}} : tensor<?x36xf32>, tensor<8x36xf32>)
func.func @convolution(%x: tensor<?x4x9x9xf32>, %w: tensor<8x4x3x3xf32>, %y: tensor<?x8x4x4xf32>) -> tensor<?x8x4x4xf32> {
  %0 = linalg.conv_2d_nchw_fchw {dilations = dense<1> : tensor<2xi64>, strides = dense<2> : tensor<2xi64>}
    ins(%x, %w : tensor<?x4x9x9xf32>, tensor<8x4x3x3xf32>) outs(%y : tensor<?x8x4x4xf32>) -> tensor<?x8x4x4xf32>
  return %0 : tensor<?x8x4x4xf32>
}

// -----

// Pooling is no product, nor is a convolution of integers one of floats.
// CHECK-LABEL: func.func @others
// CHECK: linalg.pooling_nhwc_max
// CHECK: linalg.conv_2d
func.func @others(%x: tensor<1x4x4x1xf32>, %window: tensor<2x2xf32>, %y: tensor<1x3x3x1xf32>,
                  %a: tensor<4x4xi32>, %b: tensor<2x2xi32>, %c: tensor<3x3xi32>) -> (tensor<1x3x3x1xf32>, tensor<3x3xi32>) {
  %0 = linalg.pooling_nhwc_max ins(%x, %window : tensor<1x4x4x1xf32>, tensor<2x2xf32>)
    outs(%y : tensor<1x3x3x1xf32>) -> tensor<1x3x3x1xf32>
  %1 = linalg.conv_2d ins(%a, %b : tensor<4x4xi32>, tensor<2x2xi32>) outs(%c : tensor<3x3xi32>) -> tensor<3x3xi32>
  return %0, %1 : tensor<1x3x3x1xf32>, tensor<3x3xi32>
}

// -----

// Reads stay inside; a dimension that is not padded needs no care. What depends on the place stays.
// CHECK-LABEL: func.func @pad(
// CHECK-SAME: %[[X:.*]]: tensor<?x5xf32>
// CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<?x8xf32>)
// CHECK: %[[I:.*]] = linalg.index 0
// CHECK: %[[J:.*]] = linalg.index 1
// CHECK: %[[K:.*]] = arith.subi %[[J]], %c1
// CHECK: %[[IN:.*]] = arith.cmpi ult, %[[K]], %c5
// CHECK: %[[AT:.*]] = arith.select %[[IN]], %[[K]], %c0
// CHECK: %[[V:.*]] = tensor.extract %[[X]][%[[I]], %[[AT]]]
// CHECK: arith.select %[[IN]], %[[V]], %cst
// CHECK: tensor.pad
func.func @pad(%x: tensor<?x5xf32>, %table: tensor<9xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>) {
  %v = arith.constant -1.5 : f32
  %0 = tensor.pad %x low[0, 1] high[0, 2] {
  ^bb0(%i: index, %j: index):
    tensor.yield %v : f32
  } : tensor<?x5xf32> to tensor<?x8xf32>
  %1 = tensor.pad %x low[0, 1] high[0, 2] {
  ^bb0(%i: index, %j: index):
    %u = tensor.extract %table[%j] : tensor<9xf32>
    tensor.yield %u : f32
  } : tensor<?x5xf32> to tensor<?x8xf32>
  return %0, %1 : tensor<?x8xf32>, tensor<?x8xf32>
}
