// Products whose sums begin with something: a constant, and a tensor.
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
ml_program.global private @w(dense<[[1.0, 2.0, 3.0, 4.0], [0.0, 1.0, 0.0, 1.0], [2.0, 2.0, 2.0, 2.0]]> : tensor<3x4xf32>) : tensor<3x4xf32>
func.func @f(%x: tensor<?x4xf32>, %start: tensor<?x3xf32>) -> (tensor<?x3xf32>, tensor<?x3xf32>) {
  %w = ml_program.global_load_const @w : tensor<3x4xf32>
  %c0 = arith.constant 0 : index
  %m = tensor.dim %x, %c0 : tensor<?x4xf32>
  %half = arith.constant 0.5 : f32
  %empty = tensor.empty(%m) : tensor<?x3xf32>
  %fill = linalg.fill ins(%half : f32) outs(%empty : tensor<?x3xf32>) -> tensor<?x3xf32>
  %0 = linalg.matmul indexing_maps = [#mk, #nk, #mn] ins(%x, %w : tensor<?x4xf32>, tensor<3x4xf32>) outs(%fill : tensor<?x3xf32>) -> tensor<?x3xf32>
  %1 = linalg.matmul indexing_maps = [#mk, #nk, #mn] ins(%x, %w : tensor<?x4xf32>, tensor<3x4xf32>) outs(%start : tensor<?x3xf32>) -> tensor<?x3xf32>
  return %0, %1 : tensor<?x3xf32>, tensor<?x3xf32>
}
