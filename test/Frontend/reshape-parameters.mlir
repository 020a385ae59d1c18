// RUN: compress-opt %s --compress-reshape-parameters --split-input-file | FileCheck %s

// CHECK: ml_program.global private @w(dense<{{\[\[}}1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]]> : tensor<1x4xf32>) : tensor<1x4xf32>
ml_program.global private @w(dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>) : tensor<2x2xf32>
// One reshape after the other.
// CHECK: ml_program.global private @twice(dense_resource<twice> : tensor<2x1xf32>) : tensor<2x1xf32>
ml_program.global private @twice(dense_resource<twice> : tensor<1x2xf32>) : tensor<1x2xf32>
// Its readers do not agree.
// CHECK: @shared({{.*}}) : tensor<2x2xf32>
ml_program.global private @shared(dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>) : tensor<2x2xf32>
// An archive holds the shape that it has.
// CHECK: @archived({{.*}}) : tensor<2x2xf32>
ml_program.global private @archived(#compress.parameter<"m.safetensors", "w">) : tensor<2x2xf32>

// CHECK-LABEL: func.func @f
func.func @f() -> (tensor<1x4xf32>, tensor<2x1xf32>, tensor<4xf32>, tensor<2x2xf32>, tensor<4xf32>) {
  // CHECK: %[[W:.*]] = ml_program.global_load_const @w : tensor<1x4xf32>
  %w = ml_program.global_load_const @w : tensor<2x2xf32>
  %flat = tensor.collapse_shape %w [[0, 1]] : tensor<2x2xf32> into tensor<4xf32>
  %0 = tensor.expand_shape %flat [[0, 1]] output_shape [1, 4] : tensor<4xf32> into tensor<1x4xf32>
  // CHECK: %[[T:.*]] = ml_program.global_load_const @twice : tensor<2x1xf32>
  %t = ml_program.global_load_const @twice : tensor<1x2xf32>
  %line = tensor.collapse_shape %t [[0, 1]] : tensor<1x2xf32> into tensor<2xf32>
  %1 = tensor.expand_shape %line [[0, 1]] output_shape [2, 1] : tensor<2xf32> into tensor<2x1xf32>
  // CHECK: ml_program.global_load_const @shared : tensor<2x2xf32>
  %s = ml_program.global_load_const @shared : tensor<2x2xf32>
  %2 = tensor.collapse_shape %s [[0, 1]] : tensor<2x2xf32> into tensor<4xf32>
  // CHECK: ml_program.global_load_const @archived : tensor<2x2xf32>
  %a = ml_program.global_load_const @archived : tensor<2x2xf32>
  %3 = tensor.collapse_shape %a [[0, 1]] : tensor<2x2xf32> into tensor<4xf32>
  // CHECK: return %[[W]], %[[T]],
  return %0, %1, %2, %s, %3 : tensor<1x4xf32>, tensor<2x1xf32>, tensor<4xf32>, tensor<2x2xf32>, tensor<4xf32>
}
{-#
  dialect_resources: {
    builtin: {
      twice: "0x040000000000803F00000040"
    }
  }
#-}
