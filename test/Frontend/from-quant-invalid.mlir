// RUN: compress-opt %s --quantized-from-quant --split-input-file --verify-diagnostics

func.func @rounds(%x: tensor<4xf32>) -> tensor<4xi8> {
  // expected-error @below {{rounds with scales that are in the type; compress.encode finds them from the values}}
  %q = quant.qcast %x : tensor<4xf32> to tensor<4x!quant.uniform<i8:f32, 0.5>>
  %s = quant.scast %q : tensor<4x!quant.uniform<i8:f32, 0.5>> to tensor<4xi8>
  return %s : tensor<4xi8>
}

// -----

func.func @dynamic(%c: tensor<?xi8>) -> tensor<?xf32> {
  // expected-error @below {{encodings are of tensors of static shape}}
  %q = quant.scast %c : tensor<?xi8> to tensor<?x!quant.uniform<i8:f32, 0.5>>
  %w = quant.dcast %q : tensor<?x!quant.uniform<i8:f32, 0.5>> to tensor<?xf32>
  return %w : tensor<?xf32>
}

// -----

func.func @half(%c: tensor<4xi8>) -> tensor<4xf16> {
  // expected-error @below {{encoded tensors are decoded in f32}}
  %q = quant.scast %c : tensor<4xi8> to tensor<4x!quant.uniform<i8:f16, 0.5>>
  %w = quant.dcast %q : tensor<4x!quant.uniform<i8:f16, 0.5>> to tensor<4xf16>
  return %w : tensor<4xf16>
}

// -----

func.func @wide(%c: tensor<4xi16>) -> tensor<4xf32> {
  // expected-error @below {{stores integers of 16 bits; encodings have at most 8}}
  %q = quant.scast %c : tensor<4xi16> to tensor<4x!quant.uniform<i16:f32, 0.5>>
  %w = quant.dcast %q : tensor<4x!quant.uniform<i16:f32, 0.5>> to tensor<4xf32>
  return %w : tensor<4xf32>
}

// -----

func.func @range(%c: tensor<4xi8>) -> tensor<4xf32> {
  // expected-error @below {{encodings use all codes, or all but the lowest}}
  %q = quant.scast %c : tensor<4xi8> to tensor<4x!quant.uniform<i8<-8:7>:f32, 0.5>>
  %w = quant.dcast %q : tensor<4x!quant.uniform<i8<-8:7>:f32, 0.5>> to tensor<4xf32>
  return %w : tensor<4xf32>
}

// -----

func.func @scale(%c: tensor<4xi8>) -> tensor<4xf32> {
  // expected-error @below {{which f32 can't hold}}
  %q = quant.scast %c : tensor<4xi8> to tensor<4x!quant.uniform<i8:f32, 0.1>>
  %w = quant.dcast %q : tensor<4x!quant.uniform<i8:f32, 0.1>> to tensor<4xf32>
  return %w : tensor<4xf32>
}

// -----

func.func @zero(%c: tensor<4xi8>) -> tensor<4xf32> {
  // expected-error @below {{has the zero point 300, which is no i8}}
  %q = quant.scast %c : tensor<4xi8> to tensor<4x!quant.uniform<i8:f32, 0.5:300>>
  %w = quant.dcast %q : tensor<4x!quant.uniform<i8:f32, 0.5:300>> to tensor<4xf32>
  return %w : tensor<4xf32>
}

// -----

func.func @calibrated(%c: tensor<4xi8>) -> tensor<4xf32> {
  // expected-error @below {{which says no scale; only quant.uniform types can be converted}}
  %q = quant.scast %c : tensor<4xi8> to tensor<4x!quant.any<i8:f32>>
  %w = quant.dcast %q : tensor<4x!quant.any<i8:f32>> to tensor<4xf32>
  return %w : tensor<4xf32>
}

// -----

func.func @computed(%c: tensor<4xi4>) -> tensor<4xf32> {
  // expected-error @below {{they are packed in encodings, which is done for constants only}}
  %q = quant.scast %c : tensor<4xi4> to tensor<4x!quant.uniform<i4:f32, 0.5>>
  %w = quant.dcast %q : tensor<4x!quant.uniform<i4:f32, 0.5>> to tensor<4xf32>
  return %w : tensor<4xf32>
}

// -----

func.func @returned(%c: tensor<4xi8>) -> tensor<4x!quant.uniform<i8:f32, 0.5>> {
  %q = quant.scast %c : tensor<4xi8> to tensor<4x!quant.uniform<i8:f32, 0.5>>
  // expected-error @below {{only quant.dcast and quant.scast can be converted}}
  return %q : tensor<4x!quant.uniform<i8:f32, 0.5>>
}

// -----

// expected-error @below {{takes a quantized tensor of upstream, whose scales are in its type; an encoding has them as data}}
func.func @taken(%q: tensor<4x!quant.uniform<i8:f32, 0.5>>) -> tensor<4xf32> {
  %w = quant.dcast %q : tensor<4x!quant.uniform<i8:f32, 0.5>> to tensor<4xf32>
  return %w : tensor<4xf32>
}
