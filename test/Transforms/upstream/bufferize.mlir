// Bufferization gives an encoded tensor a buffer of its logical shape and element type.

// RUN: compress-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(compress-verify-encodings{snapshot=record}, one-shot-bufferize{bufferize-function-boundaries}, compress-verify-encodings)'

#q = #quantized.affine<i8, block = [1, 32], scale = f32>
// expected-error @+1 {{had the encoding #quantized.affine<i8, block = [1, 32], scale = f32> at type #1 when encodings were recorded, now the type is 'memref<8x32xf32}}
func.func @argument(%x: tensor<4x32xf32>, %w: tensor<8x32xf32, #q>, %y: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %0 = linalg.matmul
      indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
      ins(%x, %w : tensor<4x32xf32>, tensor<8x32xf32, #q>) outs(%y : tensor<4x8xf32>) -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}

// -----

#q = #quantized.affine<i8, block = [1, 32], scale = f32>
// expected-error @+1 {{when encodings were recorded, now the type is 'memref<8x32xf32}}
func.func @result(%w: tensor<8x32xf32, #q>) -> tensor<8x32xf32, #q> {
  return %w : tensor<8x32xf32, #q>
}
