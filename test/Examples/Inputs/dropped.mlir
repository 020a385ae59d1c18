#q4 = #quantized.affine<i4, block = [1, 32], scale = f16>
func.func @f(%x: tensor<128x128xf32, #q4>) -> tensor<128x128xf32> {
  %y = tensor.cast %x : tensor<128x128xf32, #q4> to tensor<128x128xf32>
  return %y : tensor<128x128xf32>
}
