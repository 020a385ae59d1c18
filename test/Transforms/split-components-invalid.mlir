// RUN: compress-opt %s --compress-split-components --split-input-file --verify-diagnostics

#q4 = #quantized.affine<i4, block = [1, 32], scale = f16>
// expected-error @below {{has an encoded type and no parameter as value; run compress-outline-parameters first}}
// expected-error @below {{failed to legalize}}
ml_program.global private @w(dense<0.0> : tensor<64x64xf32>) : tensor<64x64xf32, #q4>

// -----

#blocks = #sparse.block<[16, 32], values = f16>
func.func @counted() -> tensor<64x64xf32, #blocks> {
  // expected-error @below {{can't size component}}
  // expected-error @below {{failed to legalize}}
  %0 = tensor.empty() : tensor<64x64xf32, #blocks>
  return %0 : tensor<64x64xf32, #blocks>
}
