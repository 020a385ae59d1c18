// RUN: compress-opt %s --compress-outline-groups | FileCheck %s

// Equal groups share one kernel, whatever their operands; each call is followed by a barrier.
// CHECK-LABEL: func.func @layers
// CHECK-SAME: (%[[X:.*]]: memref<?x64xf32>, %[[G:.*]]: memref<64xf32>, %[[H:.*]]: memref<64xf32>, %[[Y:.*]]: memref<?x64xf32>)
// CHECK: %[[T:.*]], %[[TS:.*]] = compress.thread
// CHECK: %[[S:.*]] = compress.scratch : memref<?xi8>
// CHECK: call @kernel_rms_norm(%[[X]], %[[G]], %[[Y]], %[[T]], %[[TS]], %[[S]])
// CHECK-NEXT: compress.barrier
// CHECK: call @kernel_rms_norm(%[[Y]], %[[H]], %[[X]], %{{.*}}, %{{.*}}, %{{.*}})
// CHECK-NEXT: compress.barrier
// Another number is another kernel.
// CHECK: call @kernel_rms_norm_0(%[[X]], %[[G]], %[[Y]],
// CHECK-NEXT: compress.barrier
// An operand that occurs twice is one argument.
// CHECK: call @[[SAME:kernel_rms_norm_1]](%[[G]], %[[X]], %{{[^,]*}}, %{{[^,]*}}, %{{[^,]*}}) :
// CHECK-NEXT: compress.barrier
func.func @layers(%x: memref<?x64xf32>, %g: memref<64xf32>, %h: memref<64xf32>, %y: memref<?x64xf32>) {
  compress.group ins(%x, %g : memref<?x64xf32>, memref<64xf32>) outs(%y : memref<?x64xf32>) {
  ^bb0(%a: tensor<?x64xf32>, %b: tensor<64xf32>):
    %1 = lm.rms_norm %a, %b {epsilon = 1.0e-5 : f32} : tensor<?x64xf32>, tensor<64xf32>
    compress.yield %1 : tensor<?x64xf32>
  }
  compress.group ins(%y, %h : memref<?x64xf32>, memref<64xf32>) outs(%x : memref<?x64xf32>) {
  ^bb0(%a: tensor<?x64xf32>, %b: tensor<64xf32>):
    %1 = lm.rms_norm %a, %b {epsilon = 1.0e-5 : f32} : tensor<?x64xf32>, tensor<64xf32>
    compress.yield %1 : tensor<?x64xf32>
  }
  compress.group ins(%x, %g : memref<?x64xf32>, memref<64xf32>) outs(%y : memref<?x64xf32>) {
  ^bb0(%a: tensor<?x64xf32>, %b: tensor<64xf32>):
    %1 = lm.rms_norm %a, %b {epsilon = 1.0e-6 : f32} : tensor<?x64xf32>, tensor<64xf32>
    compress.yield %1 : tensor<?x64xf32>
  }
  compress.group ins(%g, %x, %x : memref<64xf32>, memref<?x64xf32>, memref<?x64xf32>) {
  ^bb0(%a: tensor<64xf32>, %b: tensor<?x64xf32>, %c: tensor<?x64xf32>):
    %1 = lm.rms_norm %b, %a {epsilon = 1.0e-6 : f32} : tensor<?x64xf32>, tensor<64xf32>
  }
  return
}

// CHECK: func.func private @kernel_rms_norm(%[[X:.*]]: memref<?x64xf32>, %[[G:.*]]: memref<64xf32>, %[[Y:.*]]: memref<?x64xf32>, %{{.*}}: index, %{{.*}}: index, %{{.*}}: memref<?xi8>) attributes {compress.kernel}
// CHECK-NEXT: compress.group ins(%[[X]], %[[G]] : {{.*}}) outs(%[[Y]] :
// CHECK: return
// CHECK: func.func private @kernel_rms_norm_0(
// CHECK: func.func private @kernel_rms_norm_1(%{{.*}}: memref<64xf32>, %{{.*}}: memref<?x64xf32>, %{{.*}}: index,
// CHECK-NOT: func.func
