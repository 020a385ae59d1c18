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

// -----

// expected-error @below {{still returns a buffer that is not a destination}}
func.func @fresh() -> memref<4xf32> {
  %0 = memref.alloc() : memref<4xf32>
  return %0 : memref<4xf32>
}
