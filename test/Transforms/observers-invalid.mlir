// RUN: compress-opt %s --quantized-return-observed --split-input-file --verify-diagnostics

func.func @loop(%x: tensor<4x64xf32>) -> tensor<4x64xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %0 = scf.for %i = %c0 to %c1 step %c1 iter_args(%y = %x) -> tensor<4x64xf32> {
    // expected-error @below {{stands in a loop, a branch or a private function}}
    %1 = quantized.observe %y for ["w"] : tensor<4x64xf32>
    scf.yield %1 : tensor<4x64xf32>
  }
  return %0 : tensor<4x64xf32>
}

// -----

func.func private @callee(%x: tensor<4x64xf32>) -> tensor<4x64xf32> {
  // expected-error @below {{stands in a loop, a branch or a private function}}
  %0 = quantized.observe %x for ["w"] : tensor<4x64xf32>
  return %0 : tensor<4x64xf32>
}
