// A parameter that lies in an archive beside the module.
ml_program.global private @g(#compress.parameter<"tiny.gguf", "output_norm.weight">) : tensor<36xf32>
func.func @f(%x: tensor<36xf32>) -> tensor<36xf32> {
  %g = ml_program.global_load_const @g : tensor<36xf32>
  %empty = tensor.empty() : tensor<36xf32>
  %0 = linalg.add ins(%x, %g : tensor<36xf32>, tensor<36xf32>) outs(%empty : tensor<36xf32>) -> tensor<36xf32>
  return %0 : tensor<36xf32>
}
