// RUN: compress-opt %s --compress-simulate-encodings --split-input-file --verify-diagnostics

#w = #quantized.affine<i4, block = [1, 32], scale = f16>
#panel = #compress.panel<#w, rows = 16, row_dim = 0, reduction_dim = 1>
// expected-error @below {{can't be simulated: expected a #compress.parameter whose layout is not assigned yet}}
ml_program.global private @laid_out(#compress.parameter<"m.gguf", "w", stored = #w>) : tensor<32x64xf32, #panel>
