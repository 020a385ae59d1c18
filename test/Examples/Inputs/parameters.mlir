#q4 = #quantized.affine<i4, block = [1, 32], scale = f16>
#w8 = #quantized.affine<i8, block = [1, -1], scale = f32>
ml_program.global private @up(#compress.parameter<"model.gguf", "up">) : tensor<128x128xf32, #q4>
ml_program.global private @head(#compress.parameter<"model.gguf", "head">) : tensor<33x250xf32, #w8>
ml_program.global private @norm(#compress.parameter<"model.gguf", "norm">) : tensor<128xf32>
