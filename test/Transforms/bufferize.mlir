// RUN: compress-opt %s --compress-bufferize --split-input-file --verify-diagnostics | FileCheck %s

// A group's operands are buffers, while its region says on tensors what is computed.
// CHECK-LABEL: func.func @groups
// CHECK-SAME: (%[[X:.*]]: memref<?x64xf32>, %[[G:.*]]: memref<64xf32>, %[[D:.*]]: memref<?x64xf32>, %[[N:.*]]: index)
// CHECK: %[[B:.*]] = memref.alloc(%[[N]]) {{.*}} : memref<?x64xf32>
// CHECK: compress.group ins(%[[X]], %[[G]] : memref<?x64xf32>, memref<64xf32>) outs(%[[B]] : memref<?x64xf32>) attributes {note = "kept"
// CHECK-SAME: strategy = #compress.strategy<form = rows, dot = none, lanes = 8>
// CHECK-NEXT: ^bb0(%[[XI:.*]]: tensor<?x64xf32>, %[[GI:.*]]: tensor<64xf32>):
// CHECK-NEXT: lm.rms_norm %[[XI]], %[[GI]]
// CHECK: compress.group ins(%[[B]], %[[G]] : {{.*}}) outs(%[[D]] : memref<?x64xf32>)
// CHECK-NOT: memref.copy
// CHECK: return %[[D]] : memref<?x64xf32>
func.func @groups(%x: tensor<?x64xf32>, %g: tensor<64xf32>, %d: tensor<?x64xf32>, %n: index) -> tensor<?x64xf32> {
  %e = tensor.empty(%n) : tensor<?x64xf32>
  %0 = compress.group ins(%x, %g : tensor<?x64xf32>, tensor<64xf32>) outs(%e : tensor<?x64xf32>)
      attributes {strategy = #compress.strategy<form = rows, dot = none, lanes = 8>, note = "kept"} {
  ^bb0(%a: tensor<?x64xf32>, %b: tensor<64xf32>):
    %1 = lm.rms_norm %a, %b {epsilon = 1.0e-5 : f32} : tensor<?x64xf32>, tensor<64xf32>
    compress.yield %1 : tensor<?x64xf32>
  } -> tensor<?x64xf32>
  %2 = compress.group ins(%0, %g : tensor<?x64xf32>, tensor<64xf32>) outs(%d : tensor<?x64xf32>) {
  ^bb0(%a: tensor<?x64xf32>, %b: tensor<64xf32>):
    %3 = lm.rms_norm %a, %b {epsilon = 1.0e-5 : f32} : tensor<?x64xf32>, tensor<64xf32>
    compress.yield %3 : tensor<?x64xf32>
  } -> tensor<?x64xf32>
  return %2 : tensor<?x64xf32>
}

// A destination that somebody reads afterwards is not written: a copy is made.
// CHECK-LABEL: func.func @read_later
// CHECK-SAME: (%[[X:.*]]: memref<4xf32>, %[[D:.*]]: memref<4xf32>)
// CHECK: %[[B:.*]] = memref.alloc()
// CHECK: compress.group ins(%[[X]] : memref<4xf32>) outs(%[[B]] : memref<4xf32>)
// CHECK: return %[[B]], %[[D]]
func.func @read_later(%x: tensor<4xf32>, %d: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = compress.group ins(%x : tensor<4xf32>) outs(%d : tensor<4xf32>) {
  ^bb0(%a: tensor<4xf32>):
    compress.yield %a : tensor<4xf32>
  } -> tensor<4xf32>
  return %0, %d : tensor<4xf32>, tensor<4xf32>
}

// -----

#q4 = #quantized.affine<i4, block = [1, 32], scale = f16>
func.func @encoded(%codes: tensor<4x16xi8>, %scale: tensor<4x1xf16>) {
  // expected-error @below {{has an encoded result, which bufferization would lose; run compress-split-components first}}
  %0 = compress.assemble %codes, %scale : tensor<4x16xi8>, tensor<4x1xf16> to tensor<4x32xf32, #q4>
  return
}

// -----

#q4 = #quantized.affine<i4, block = [1, 32], scale = f16>
// expected-error @below {{has an encoded argument, which bufferization would lose; run compress-split-components first}}
func.func @encoded_argument(%w: tensor<4x32xf32, #q4>) {
  return
}
