// RUN: compress-opt %s --compress-outline-parameters --split-input-file | FileCheck %s
// RUN: compress-opt %s --compress-outline-parameters=min-elements=3 --split-input-file | FileCheck %s --check-prefix=THREE

// Two functions share what they have in common; names are made unique.
// CHECK-DAG: ml_program.global private @[[W:constant.*]](dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>) : tensor<2xf32>
// CHECK-DAG: ml_program.global private @[[V:constant.*]](dense<[3.000000e+00, 2.000000e+00]> : tensor<2xf32>) : tensor<2xf32>
// CHECK-NOT: ml_program.global
// CHECK-LABEL: func.func @f
// CHECK: %[[A:.*]] = ml_program.global_load_const @[[W]]
// CHECK: %[[B:.*]] = ml_program.global_load_const @[[V]]
// CHECK: return %[[A]], %[[B]]
// THREE-NOT: ml_program.global
func.func @f() -> (tensor<2xf32>, tensor<2xf32>) {
  %w = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %v = arith.constant dense<[3.0, 2.0]> : tensor<2xf32>
  return %w, %v : tensor<2xf32>, tensor<2xf32>
}
// CHECK-LABEL: func.func @g
// CHECK: ml_program.global_load_const @[[W]]
func.func @g() -> tensor<2xf32> {
  %w = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  return %w : tensor<2xf32>
}
// Frequencies belong to the op.
// CHECK-LABEL: func.func @frequencies
// CHECK: arith.constant dense<
func.func @frequencies(%p: tensor<?xi32>) -> tensor<?x4xf32> {
  %f = arith.constant dense<[1.0, 0.5]> : tensor<2xf32>
  %0 = lm.rotary_table %p, %f : tensor<?xi32>, tensor<2xf32> -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}
// Splats, scalars and booleans say nothing of a weight.
// CHECK-LABEL: func.func @constants
// CHECK-COUNT-3: arith.constant dense
func.func @constants() -> (tensor<4xf32>, tensor<f32>, tensor<2xi1>) {
  %0 = arith.constant dense<1.0> : tensor<4xf32>
  %1 = arith.constant dense<2.0> : tensor<f32>
  %2 = arith.constant dense<[true, false]> : tensor<2xi1>
  return %0, %1, %2 : tensor<4xf32>, tensor<f32>, tensor<2xi1>
}

// -----

// A resource, and a location, give their names.
// CHECK-DAG: ml_program.global private @layer.weight(dense_resource<layer.weight> : tensor<2x1xf32>) : tensor<2x1xf32>
// CHECK-DAG: ml_program.global private @bias(dense<[4, 5]> : tensor<2xi64>) : tensor<2xi64>
// CHECK-LABEL: func.func @named
func.func @named() -> (tensor<2x1xf32>, tensor<2xi64>) {
  %w = arith.constant dense_resource<layer.weight> : tensor<2x1xf32>
  %b = arith.constant dense<[4, 5]> : tensor<2xi64> loc("bias")
  return %w, %b : tensor<2x1xf32>, tensor<2xi64>
}
{-#
  dialect_resources: {
    builtin: {
      layer.weight: "0x040000000000803F00000040"
    }
  }
#-}
