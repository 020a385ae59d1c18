// Folders look at shapes and element types only.

// RUN: compress-opt %s --split-input-file --verify-diagnostics --canonicalize --compress-verify-encodings

// Two casts, each of which could have been refused, become one between encodings.
#half = #quantized.float<f16>
func.func @casts(%x: tensor<4xf32, #half>) -> tensor<4xf32, #quantized.float<bf16>> {
  %0 = tensor.cast %x : tensor<4xf32, #half> to tensor<?xf32>
  // expected-error @+1 {{'tensor.cast' op would lose the encoding #quantized.float<f16>}}
  %1 = tensor.cast %0 : tensor<?xf32> to tensor<4xf32, #quantized.float<bf16>>
  return %1 : tensor<4xf32, #quantized.float<bf16>>
}

// -----

// A slice of lower rank has no encoding to carry.
#half = #quantized.float<f16>
func.func @slice(%x: tensor<4x8xf32, #half>) -> tensor<8xf32> {
  // expected-error @+1 {{'tensor.extract_slice' op would lose the encoding}}
  %0 = tensor.extract_slice %x[1, 0] [1, 8] [1, 1] : tensor<4x8xf32, #half> to tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

#half = #quantized.float<f16>
func.func @collapse(%x: tensor<4x8xf32, #half>) -> tensor<32xf32> {
  // expected-error @+1 {{'tensor.collapse_shape' op would lose the encoding}}
  %0 = tensor.collapse_shape %x [[0, 1]] : tensor<4x8xf32, #half> into tensor<32xf32>
  return %0 : tensor<32xf32>
}

// -----

// Inserting plain values into codes.
#half = #quantized.float<f16>
func.func @insert(%x: tensor<2xf32>, %y: tensor<4xf32, #half>) -> tensor<4xf32, #half> {
  // expected-error @+1 {{'tensor.insert_slice' op would lose the encoding #quantized.float<f16> of operand #1}}
  %0 = tensor.insert_slice %x into %y[0] [2] [1] : tensor<2xf32> into tensor<4xf32, #half>
  return %0 : tensor<4xf32, #half>
}
