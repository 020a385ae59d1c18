// A function of floats, which no text can be given to.
ml_program.global private @w(dense<1.0> : tensor<32x64xf32>) : tensor<32x64xf32>
func.func @score(%x: tensor<?x64xf32>, %init: tensor<?x32xf32>) -> tensor<?x32xf32> {
  %w = ml_program.global_load_const @w : tensor<32x64xf32>
  %0 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
    ins(%x, %w : tensor<?x64xf32>, tensor<32x64xf32>) outs(%init : tensor<?x32xf32>) -> tensor<?x32xf32>
  return %0 : tensor<?x32xf32>
}
