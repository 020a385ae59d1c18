// RUN: compress-opt %s --compress-results-to-destinations --split-input-file --verify-diagnostics | FileCheck %s

// The group that makes the result writes to the destination.
// CHECK-LABEL: func.func @made_by_group
// CHECK-SAME: (%[[X:.*]]: tensor<4x64xf32>, %[[G:.*]]: tensor<64xf32>, %[[D:.*]]: tensor<4x64xf32>) -> tensor<4x64xf32>
// CHECK: %[[R:.*]] = compress.group ins(%[[X]], %[[G]] : {{.*}}) outs(%[[D]] : tensor<4x64xf32>)
// CHECK-NOT: compress.group
// CHECK: return %[[R]]
func.func @made_by_group(%x: tensor<4x64xf32>, %g: tensor<64xf32>) -> tensor<4x64xf32> {
  %e = tensor.empty() : tensor<4x64xf32>
  %0 = compress.group ins(%x, %g : tensor<4x64xf32>, tensor<64xf32>) outs(%e : tensor<4x64xf32>) {
  ^bb0(%a: tensor<4x64xf32>, %b: tensor<64xf32>):
    %n = lm.rms_norm %a, %b {epsilon = 1.0e-5 : f32} : tensor<4x64xf32>, tensor<64xf32>
    compress.yield %n : tensor<4x64xf32>
  } -> tensor<4x64xf32>
  return %0 : tensor<4x64xf32>
}

// What no group makes is copied, as is a result that is returned twice.
// CHECK-LABEL: func.func @copied
// CHECK-SAME: (%[[X:.*]]: tensor<?xf32>, %[[D:.*]]: tensor<?xf32>, %[[D2:.*]]: tensor<?xf32>)
// CHECK: %[[R:.*]] = compress.group ins(%[[X]] : tensor<?xf32>) outs(%[[D]] : tensor<?xf32>)
// CHECK-NEXT: ^bb0(%[[FROM:.*]]: tensor<?xf32>):
// CHECK: %[[C:.*]] = linalg.copy ins(%[[FROM]] :
// CHECK-NEXT: compress.yield %[[C]]
// CHECK: %[[R2:.*]] = compress.group ins(%[[X]] : tensor<?xf32>) outs(%[[D2]] : tensor<?xf32>)
// CHECK: return %[[R]], %[[R2]]
func.func @copied(%x: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  return %x, %x : tensor<?xf32>, tensor<?xf32>
}

// Private functions and declarations have callers that know them.
// CHECK: func.func private @private(%{{.*}}: tensor<4xf32>) -> tensor<4xf32>
func.func private @private(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
// CHECK: func.func private @declared(tensor<4xf32>) -> tensor<4xf32>
func.func private @declared(tensor<4xf32>) -> tensor<4xf32>

// A group whose result is only reshaped writes to the destination, too.
// CHECK-LABEL: func.func @reshaped
// CHECK-SAME: %[[D:[a-z0-9]*]]: tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
// CHECK: %[[FLAT:.*]] = tensor.collapse_shape %[[D]] {{\[}}[0, 1], [2]] : tensor<?x?x64xf32> into tensor<?x64xf32>
// CHECK: %[[R:.*]] = compress.group ins({{.*}}) outs(%[[FLAT]] : tensor<?x64xf32>)
// CHECK-NOT: compress.group
// CHECK: %[[E:.*]] = tensor.expand_shape %[[R]]
// CHECK: return %[[E]]
func.func @reshaped(%x: tensor<?x64xf32>, %g: tensor<64xf32>, %b: index, %t: index) -> tensor<?x?x64xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x64xf32>
  %e = tensor.empty(%n) : tensor<?x64xf32>
  %0 = compress.group ins(%x, %g : tensor<?x64xf32>, tensor<64xf32>) outs(%e : tensor<?x64xf32>) {
  ^bb0(%a: tensor<?x64xf32>, %w: tensor<64xf32>):
    %1 = lm.rms_norm %a, %w {epsilon = 1.0e-5 : f32} : tensor<?x64xf32>, tensor<64xf32>
    compress.yield %1 : tensor<?x64xf32>
  } -> tensor<?x64xf32>
  %2 = tensor.expand_shape %0 [[0, 1], [2]] output_shape [%b, %t, 64] : tensor<?x64xf32> into tensor<?x?x64xf32>
  return %2 : tensor<?x?x64xf32>
}

// -----

// expected-error @below {{needs a body of one block to get destinations}}
func.func @branches(%x: tensor<4xf32>) -> tensor<4xf32> {
  cf.br ^next
^next:
  return %x : tensor<4xf32>
}

// -----

func.func @scalar(%x: f32) -> f32 {
  // expected-error @below {{a program returns tensors, got 'f32'}}
  return %x : f32
}
