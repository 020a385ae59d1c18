// Without function boundaries the tensor is seen once more, where its buffer is taken.

// RUN: compress-opt %s --verify-diagnostics --one-shot-bufferize --compress-verify-encodings

#q = #quantized.affine<i8, block = [1, 32], scale = f32>
// expected-error @+1 {{'bufferization.to_buffer' op would lose the encoding}}
func.func @argument(%x: tensor<4x32xf32>, %w: tensor<8x32xf32, #q>, %y: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %0 = linalg.matmul
      indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
      ins(%x, %w : tensor<4x32xf32>, tensor<8x32xf32, #q>) outs(%y : tensor<4x8xf32>) -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}
