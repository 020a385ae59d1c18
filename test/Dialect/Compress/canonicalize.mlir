// RUN: compress-opt %s --canonicalize | FileCheck %s

#q4 = #quantized.affine<i4, block = [1, 32], scale = f16>

// CHECK-LABEL: func.func @parts_of_whole
// CHECK-SAME: (%[[CODES:.*]]: tensor<4x16xi8>, %[[SCALE:.*]]: tensor<4x1xf16>)
func.func @parts_of_whole(%codes: tensor<4x16xi8>, %scale: tensor<4x1xf16>) -> (tensor<4x16xi8>, tensor<4x1xf16>) {
  %0 = compress.assemble %codes, %scale : tensor<4x16xi8>, tensor<4x1xf16> to tensor<4x32xf32, #q4>
  %1:2 = compress.components %0 : tensor<4x32xf32, #q4> to tensor<4x16xi8>, tensor<4x1xf16>
  // CHECK-NEXT: return %[[CODES]], %[[SCALE]]
  return %1#0, %1#1 : tensor<4x16xi8>, tensor<4x1xf16>
}

// Types that say less or more keep the op.
// CHECK-LABEL: func.func @other_types
func.func @other_types(%codes: tensor<4x16xi8>, %scale: tensor<4x1xf16>) -> (tensor<?x16xi8>, tensor<4x1xf16>) {
  %0 = compress.assemble %codes, %scale : tensor<4x16xi8>, tensor<4x1xf16> to tensor<4x32xf32, #q4>
  // CHECK: compress.components
  %1:2 = compress.components %0 : tensor<4x32xf32, #q4> to tensor<?x16xi8>, tensor<4x1xf16>
  return %1#0, %1#1 : tensor<?x16xi8>, tensor<4x1xf16>
}

// The values of an encoded tensor are rounded: what is decoded is not what was
// encoded.
// CHECK-LABEL: func.func @rounding_stays
func.func @rounding_stays(%x: tensor<4x32xf32>) -> tensor<4x32xf32> {
  // CHECK: compress.encode
  // CHECK: compress.decode
  %0 = compress.encode %x : tensor<4x32xf32> to tensor<4x32xf32, #q4>
  %1 = compress.decode %0 : tensor<4x32xf32, #q4> to tensor<4x32xf32>
  return %1 : tensor<4x32xf32>
}

// CHECK-LABEL: func.func @unused
func.func @unused(%x: tensor<4x32xf32>) {
  // CHECK-NEXT: return
  %0 = compress.encode %x : tensor<4x32xf32> to tensor<4x32xf32, #q4>
  return
}

// A group on tensors that nothing reads goes; one that writes to memory stays.
// CHECK-LABEL: func.func @groups
func.func @groups(%x: tensor<4xf32>, %e: tensor<4xf32>, %a: memref<4xf32>, %b: memref<4xf32>) {
  // CHECK-NOT: tensor<4xf32>)
  %0 = compress.group ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%y: tensor<4xf32>):
    compress.yield %y : tensor<4xf32>
  } -> tensor<4xf32>
  // CHECK: compress.group ins(%{{.*}} : memref<4xf32>)
  compress.group ins(%a : memref<4xf32>) outs(%b : memref<4xf32>) {
  ^bb0(%y: tensor<4xf32>):
    compress.yield %y : tensor<4xf32>
  }
  return
}
