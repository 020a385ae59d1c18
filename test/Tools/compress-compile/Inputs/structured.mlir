// Three of four values, in 4 bits each, and where they stand: more than all four.
#s34 = #sparse.nm<3 : 4, values = #quantized.affine<i4, block = [1, 32], scale = f16>>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
ml_program.global private @up(dense<1.0> : tensor<32x64xf32>) : tensor<32x64xf32, #s34>
func.func @f(%x: tensor<?x64xf32>) -> tensor<?x32xf32> {
  %w = ml_program.global_load_const @up : tensor<32x64xf32, #s34>
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %rows = tensor.dim %x, %c0 : tensor<?x64xf32>
  %e = tensor.empty(%rows) : tensor<?x32xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<?x32xf32>) -> tensor<?x32xf32>
  %y = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%x, %w : tensor<?x64xf32>, tensor<32x64xf32, #s34>) outs(%i : tensor<?x32xf32>) -> tensor<?x32xf32>
  return %y : tensor<?x32xf32>
}
