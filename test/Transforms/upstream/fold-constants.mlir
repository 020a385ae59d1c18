// An encoded constant's values are rounded by the encoding; folders take them as
// they are written. So the guard refuses such a constant before any of them runs.

// RUN: compress-opt %s --canonicalize | FileCheck %s
// RUN: compress-opt %s --linalg-generalize-named-ops --linalg-fuse-elementwise-ops | FileCheck %s --check-prefix=TRANSPOSED
// RUN: not compress-opt %s --compress-verify-encodings --canonicalize 2>&1 | FileCheck %s --check-prefix=REFUSED

// REFUSED: error: 'arith.constant' op can't make a tensor of encoding #quantized.float<f16>; only compress.encode and compress.assemble do

#half = #quantized.float<f16>

// 0.1 is no f16.
// CHECK-LABEL: func.func @element
func.func @element() -> f32 {
  // CHECK: arith.constant 1.000000e-01 : f32
  %i = arith.constant 1 : index
  %c = arith.constant dense<[1.0, 0.1]> : tensor<2xf32, #half>
  %0 = tensor.extract %c[%i] : tensor<2xf32, #half>
  return %0 : f32
}

// CHECK-LABEL: func.func @collapse
func.func @collapse() -> tensor<4xf32> {
  // CHECK: arith.constant dense<1.000000e-01> : tensor<4xf32>
  %c = arith.constant dense<0.1> : tensor<2x2xf32, #half>
  %0 = tensor.collapse_shape %c [[0, 1]] : tensor<2x2xf32, #half> into tensor<4xf32>
  return %0 : tensor<4xf32>
}

// TRANSPOSED-LABEL: func.func @transpose
func.func @transpose() -> tensor<2x2xf32> {
  // TRANSPOSED: arith.constant dense<{{\[\[}}1.000000e+00, 2.000000e-01], [1.000000e-01, 3.000000e+00]]> : tensor<2x2xf32>
  %c = arith.constant dense<[[1.0, 0.1], [0.2, 3.0]]> : tensor<2x2xf32, #half>
  %e = tensor.empty() : tensor<2x2xf32>
  %0 = linalg.transpose ins(%c : tensor<2x2xf32, #half>) outs(%e : tensor<2x2xf32>) permutation = [1, 0]
  return %0 : tensor<2x2xf32>
}
