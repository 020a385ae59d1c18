#q8 = #quantized.affine<i8, block = [1, 4], scale = f32>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
ml_program.global private @plain(dense<[[1.0, 2.0, 3.0, 4.0], [0.0, 0.0, 1.0, 0.0]]> : tensor<2x4xf32>) : tensor<2x4xf32>
ml_program.global private @encoded(dense<2.54> : tensor<3x4xf32>) : tensor<3x4xf32, #q8>
func.func @f(%x: tensor<?x4xf32>) -> (tensor<?x2xf32>, tensor<?x3xf32>) {
  %plain = ml_program.global_load_const @plain : tensor<2x4xf32>
  %encoded = ml_program.global_load_const @encoded : tensor<3x4xf32, #q8>
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %rows = tensor.dim %x, %c0 : tensor<?x4xf32>
  %e2 = tensor.empty(%rows) : tensor<?x2xf32>
  %e3 = tensor.empty(%rows) : tensor<?x3xf32>
  %i2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<?x2xf32>) -> tensor<?x2xf32>
  %i3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<?x3xf32>) -> tensor<?x3xf32>
  %0 = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%x, %plain : tensor<?x4xf32>, tensor<2x4xf32>) outs(%i2 : tensor<?x2xf32>) -> tensor<?x2xf32>
  %1 = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%x, %encoded : tensor<?x4xf32>, tensor<3x4xf32, #q8>) outs(%i3 : tensor<?x3xf32>) -> tensor<?x3xf32>
  return %0, %1 : tensor<?x2xf32>, tensor<?x3xf32>
}
