// RUN: compress-opt %s --compress-lower-reshapes | FileCheck %s
// RUN: compress-opt %s --compress-lower-reshapes --expand-strided-metadata --finalize-memref-to-llvm -o /dev/null

// CHECK-LABEL: func.func @expand(
// CHECK-SAME: %[[X:.*]]: memref<?x64xf32>, %[[B:.*]]: index, %[[T:.*]]: index)
// CHECK: %[[STRIDE:.*]] = arith.muli %[[T]], %{{.*}}
// CHECK: %[[R:.*]] = memref.reinterpret_cast %[[X]] to offset: [0], sizes: [%[[B]], %[[T]], 64], strides: [%[[STRIDE]], 64, 1]
// CHECK: memref.cast %[[R]] : {{.*}} to memref<?x?x64xf32>
func.func @expand(%x: memref<?x64xf32>, %b: index, %t: index) -> memref<?x?x64xf32> {
  %0 = memref.expand_shape %x [[0, 1], [2]] output_shape [%b, %t, 64] : memref<?x64xf32> into memref<?x?x64xf32>
  return %0 : memref<?x?x64xf32>
}

// CHECK-LABEL: func.func @collapse(
// CHECK-SAME: %[[X:.*]]: memref<?x?x64xf32>)
// CHECK: %[[ROWS:.*]] = arith.muli
// CHECK: memref.reinterpret_cast %[[X]] to offset: [0], sizes: [%[[ROWS]], 64], strides: [64, 1]
func.func @collapse(%x: memref<?x?x64xf32>) -> memref<?x64xf32> {
  %0 = memref.collapse_shape %x [[0, 1], [2]] : memref<?x?x64xf32> into memref<?x64xf32>
  return %0 : memref<?x64xf32>
}

// Buffers with gaps are left to upstream.
// CHECK-LABEL: func.func @strided(
// CHECK: memref.expand_shape
func.func @strided(%x: memref<8xf32, strided<[2]>>) -> memref<2x4xf32, strided<[8, 2]>> {
  %0 = memref.expand_shape %x [[0, 1]] output_shape [2, 4] : memref<8xf32, strided<[2]>> into memref<2x4xf32, strided<[8, 2]>>
  return %0 : memref<2x4xf32, strided<[8, 2]>>
}
