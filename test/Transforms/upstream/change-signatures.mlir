// Passes that change what a symbol is or takes.

// RUN: compress-opt %s --split-input-file --verify-diagnostics --compress-verify-encodings

#half = #quantized.float<f16>
module attributes {compress.encodings = {f = [#half, unit]}} {
  // expected-error @+1 {{was recorded as @f with 2 types, now it has 1; record the encodings anew after a pass that changes symbols}}
  func.func @f(%x: tensor<4xf32, #half>) {
    return
  }
}

// -----

#half = #quantized.float<f16>
// expected-error @+1 {{was recorded as @f with 2 types, now it has 0}}
module attributes {compress.encodings = {f = [#half, unit]}} {
}

// -----

#half = #quantized.float<f16>
module attributes {compress.encodings = {w = [#half]}} {
  // expected-error @+1 {{had the encoding #quantized.float<f16> at type #0 when encodings were recorded, now the type is 'tensor<4xf32>'}}
  ml_program.global private @w(dense<1.0> : tensor<4xf32>) : tensor<4xf32>
}

// -----

// A global that was plain and is encoded now.
#half = #quantized.float<f16>
module attributes {compress.encodings = {w = [unit]}} {
  // expected-error @+1 {{had the encoding unit at type #0}}
  ml_program.global private @w(dense<1.0> : tensor<4xf32>) : tensor<4xf32, #half>
}

// -----

// The global has become another kind of symbol.
#half = #quantized.float<f16>
module attributes {compress.encodings = {w = [#half]}} {
  // expected-error @+1 {{was recorded as @w with 1 types, now it has 0}}
  memref.global "private" @w : memref<4xf32> = dense<1.0>
}
