// RUN: compress-opt %s --quantized-to-quant --split-input-file --verify-diagnostics

#q = #quantized.affine<i8, block = [1, -1], scale = f32>
func.func @encoded(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  // expected-error @below {{gives an encoded tensor whose scales are data}}
  %q = compress.encode %x : tensor<2x4xf32> to tensor<2x4xf32, #q>
  %w = compress.decode %q : tensor<2x4xf32, #q> to tensor<2x4xf32>
  return %w : tensor<2x4xf32>
}

// -----

#q = #quantized.affine<ui4, block = [1, 2], scale = f32, min = f32>
func.func @minima(%c: tensor<2x2xi8>, %s: tensor<2x2xf32>) -> tensor<2x4xf32> {
  // expected-error @below {{which no quant.uniform type says: it has integers with a scale and a zero point}}
  %q = compress.assemble %c, %s, %s : tensor<2x2xi8>, tensor<2x2xf32>, tensor<2x2xf32> to tensor<2x4xf32, #q>
  %w = compress.decode %q : tensor<2x4xf32, #q> to tensor<2x4xf32>
  return %w : tensor<2x4xf32>
}

// -----

#q = #quantized.affine<i8, block = [1, 3], scale = f32>
func.func @ragged(%c: tensor<2x4xi8>, %s: tensor<2x2xf32>) -> tensor<2x4xf32> {
  // expected-error @below {{has blocks of 3 in 4; upstream's have one size}}
  %q = compress.assemble %c, %s : tensor<2x4xi8>, tensor<2x2xf32> to tensor<2x4xf32, #q>
  %w = compress.decode %q : tensor<2x4xf32, #q> to tensor<2x4xf32>
  return %w : tensor<2x4xf32>
}

// -----

#q = #quantized.affine<i8, block = [1, -1], scale = f32>
func.func @computed(%c: tensor<2x4xi8>, %s: tensor<2x1xf32>) -> tensor<2x4xf32> {
  // expected-error @below {{has scales or zero points that are no constants; upstream's are in the type}}
  %q = compress.assemble %c, %s : tensor<2x4xi8>, tensor<2x1xf32> to tensor<2x4xf32, #q>
  %w = compress.decode %q : tensor<2x4xf32, #q> to tensor<2x4xf32>
  return %w : tensor<2x4xf32>
}

// -----

#q = #quantized.affine<i8, block = [1, -1], scale = f16>
func.func @negative(%c: tensor<2x4xi8>) -> tensor<2x4xf32> {
  %s = arith.constant dense<[[0.5], [-0.5]]> : tensor<2x1xf16>
  // expected-error @below {{upstream's are positive}}
  %q = compress.assemble %c, %s : tensor<2x4xi8>, tensor<2x1xf16> to tensor<2x4xf32, #q>
  %w = compress.decode %q : tensor<2x4xf32, #q> to tensor<2x4xf32>
  return %w : tensor<2x4xf32>
}

// -----

#q = #quantized.affine<i4, block = [1, -1], scale = f32>
func.func @codes(%c: tensor<2x2xi8>) -> tensor<2x4xf32> {
  %s = arith.constant dense<0.5> : tensor<2x1xf32>
  // expected-error @below {{they are packed here, and unpacked for constants only}}
  %q = compress.assemble %c, %s : tensor<2x2xi8>, tensor<2x1xf32> to tensor<2x4xf32, #q>
  %w = compress.decode %q : tensor<2x4xf32, #q> to tensor<2x4xf32>
  return %w : tensor<2x4xf32>
}

// -----

#q = #quantized.affine<i8, block = [1, -1], scale = f32>
func.func @parts(%c: tensor<2x4xi8>) -> tensor<2x1xf32> {
  %s = arith.constant dense<0.5> : tensor<2x1xf32>
  %q = compress.assemble %c, %s : tensor<2x4xi8>, tensor<2x1xf32> to tensor<2x4xf32, #q>
  // expected-error @below {{uses an encoded tensor; only compress.decode can be converted}}
  %p:2 = compress.components %q : tensor<2x4xf32, #q> to tensor<2x4xi8>, tensor<2x1xf32>
  return %p#1 : tensor<2x1xf32>
}
