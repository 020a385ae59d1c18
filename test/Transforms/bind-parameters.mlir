// RUN: compress-opt %s --compress-bind-parameters --split-input-file --verify-diagnostics | FileCheck %s

// Entries are in the order of the parameters, also of those that nobody loads. A part is named by what it is a part of.
// CHECK: module attributes {compress.parameters = [
// CHECK-SAME: #compress.parameter<"m", "w", component = "codes">,
// CHECK-SAME: #compress.parameter<"m", "unread">,
// CHECK-SAME: #compress.parameter<"m", "norm">]}
// CHECK-NOT: ml_program.global
ml_program.global private @w.codes(#compress.parameter<"m", "w", component = "codes">) : tensor<64x32xi8>
ml_program.global private @unread(#compress.parameter<"m", "unread">) : tensor<64xf32>
// The key in the archive that a bundle writes is the symbol.
ml_program.global private @norm(#compress.parameter<"m", "blk.0.norm.weight">) : tensor<64xf32>

// CHECK-LABEL: func.func @f
func.func @f() -> (tensor<64xf32>, tensor<64x32xi8>, tensor<64xf32>) {
  // CHECK: %[[N:.*]] = compress.parameter 2 : memref<64xf32>
  // CHECK: %[[NT:.*]] = bufferization.to_tensor %[[N]] restrict : memref<64xf32> to tensor<64xf32>
  %0 = ml_program.global_load_const @norm : tensor<64xf32>
  // CHECK: %[[W:.*]] = compress.parameter 0 : memref<64x32xi8>
  // CHECK: %[[WT:.*]] = bufferization.to_tensor %[[W]] restrict
  %1 = ml_program.global_load_const @w.codes : tensor<64x32xi8>
  // CHECK: compress.parameter 2 : memref<64xf32>
  %2 = ml_program.global_load_const @norm : tensor<64xf32>
  // CHECK: return %[[NT]], %[[WT]], %{{.*}} :
  return %0, %1, %2 : tensor<64xf32>, tensor<64x32xi8>, tensor<64xf32>
}

// -----

// expected-error @below {{is no parameter; run compress-outline-parameters before compress-bind-parameters}}
ml_program.global private @inline(dense<1.0> : tensor<4xf32>) : tensor<4xf32>
