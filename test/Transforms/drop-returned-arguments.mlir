// RUN: compress-opt %s --compress-drop-returned-arguments --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: func.func @given(
// CHECK-SAME: %{{.*}}: memref<4xf32>, %{{.*}}: memref<4xf32>) {
// CHECK-NEXT: return{{$}}
func.func @given(%a: memref<4xf32>, %b: memref<4xf32>) -> (memref<4xf32>, memref<4xf32>) {
  return %a, %b : memref<4xf32>, memref<4xf32>
}

// The callers of a private function take the buffer that they gave.
// CHECK-LABEL: func.func private @helper(
// CHECK-NEXT: return{{$}}
func.func private @helper(%a: memref<4xf32>) -> memref<4xf32> {
  return %a : memref<4xf32>
}
// CHECK-LABEL: func.func @caller(
// CHECK-SAME: %[[A:.*]]: memref<4xf32>)
// CHECK: call @helper(%[[A]]) : (memref<4xf32>) -> ()
// CHECK: memref.store %{{.*}}, %[[A]]
func.func @caller(%a: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %0 = call @helper(%a) : (memref<4xf32>) -> memref<4xf32>
  memref.store %zero, %0[%c0] : memref<4xf32>
  return
}

// What is reshaped and reshaped back is the buffer that was given.
// CHECK-LABEL: func.func @reshaped(
// CHECK-SAME: %{{.*}}: memref<?x?x4xf32>, %{{.*}}: index, %{{.*}}: index) {
// CHECK: return{{$}}
func.func @reshaped(%a: memref<?x?x4xf32>, %b: index, %t: index) -> memref<?x?x4xf32> {
  %0 = memref.collapse_shape %a [[0, 1], [2]] : memref<?x?x4xf32> into memref<?x4xf32>
  %1 = memref.expand_shape %0 [[0, 1], [2]] output_shape [%b, %t, 4] : memref<?x4xf32> into memref<?x?x4xf32>
  return %1 : memref<?x?x4xf32>
}

// -----

// expected-error @below {{still returns a buffer that is not a destination}}
func.func @fresh() -> memref<4xf32> {
  %0 = memref.alloc() : memref<4xf32>
  return %0 : memref<4xf32>
}
