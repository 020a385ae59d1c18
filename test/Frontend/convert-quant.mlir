// Upstream's quantized types, both ways, and back to what they were.
// RUN: compress-opt %s --quantized-from-quant | FileCheck %s --check-prefix=OURS
// RUN: compress-opt %s --quantized-from-quant --quantized-to-quant | FileCheck %s --check-prefix=THEIRS
// RUN: compress-opt %s --quantized-from-quant --quantized-to-quant --quantized-from-quant --quantized-to-quant --cse > %t
// RUN: compress-opt %s --quantized-from-quant --quantized-to-quant --cse | diff - %t

// OURS-LABEL: func @per_tensor
// OURS: %[[S:.*]] = arith.constant dense<5.000000e-01> : tensor<1x1xf32>
// OURS: %[[Z:.*]] = arith.constant dense<-3> : tensor<1x1xi8>
// OURS: %[[Q:.*]] = compress.assemble %arg0, %[[S]], %[[Z]] : tensor<2x4xi8>, tensor<1x1xf32>, tensor<1x1xi8> to tensor<2x4xf32, #[[TENSOR:.*]]>
// OURS: compress.decode %[[Q]] : tensor<2x4xf32, #[[TENSOR]]> to tensor<2x4xf32>
// THEIRS-LABEL: func @per_tensor
// THEIRS: %[[Q:.*]] = quant.scast %arg0 : tensor<2x4xi8> to tensor<2x4x!quant.uniform<i8:f32, 5.000000e-01:-3>>
// THEIRS: quant.dcast %[[Q]]
func.func @per_tensor(%c: tensor<2x4xi8>) -> (tensor<2x4xf32>, tensor<2x4xi8>) {
  %q = quant.scast %c : tensor<2x4xi8> to tensor<2x4x!quant.uniform<i8:f32, 0.5:-3>>
  %w = quant.dcast %q : tensor<2x4x!quant.uniform<i8:f32, 0.5:-3>> to tensor<2x4xf32>
  // The integers that went in.
  // OURS: return %{{.*}}, %arg0
  %s = quant.scast %q : tensor<2x4x!quant.uniform<i8:f32, 0.5:-3>> to tensor<2x4xi8>
  return %w, %s : tensor<2x4xf32>, tensor<2x4xi8>
}

// OURS-LABEL: func @per_axis
// OURS{LITERAL}: dense<[[5.000000e-01, 2.500000e-01]]> : tensor<1x2xf32>
// OURS: compress.assemble %arg0, %{{.*}} : tensor<4x2xi8>, tensor<1x2xf32> to
// THEIRS-LABEL: func @per_axis
// THEIRS: quant.scast %arg0 : tensor<4x2xi8> to tensor<4x2x!quant.uniform<i8<-127:127>:f32:1, {5.000000e-01,2.500000e-01}>>
func.func @per_axis(%c: tensor<4x2xi8>) -> tensor<4x2xf32> {
  %q = quant.scast %c : tensor<4x2xi8> to tensor<4x2x!quant.uniform<i8<-127:127>:f32:1, {0.5, 0.25}>>
  %w = quant.dcast %q : tensor<4x2x!quant.uniform<i8<-127:127>:f32:1, {0.5, 0.25}>> to tensor<4x2xf32>
  return %w : tensor<4x2xf32>
}

// Codes 1, 15, 2, 14 and so on are packed, two in a byte.
// OURS-LABEL: func @sub_channel
// OURS{LITERAL}: dense<[[-15, -30], [67, 84]]> : tensor<2x2xi8>
// OURS{LITERAL}: dense<[[1.000000e+00, 2.000000e+00], [3.000000e+00, 4.000000e+00]]> : tensor<2x2xf32>
// OURS: dense<120> : tensor<2x1xi8>
// OURS: compress.decode
// THEIRS-LABEL: func @sub_channel
// THEIRS{LITERAL}: dense<[[1, -1, 2, -2], [3, 4, 4, 5]]> : tensor<2x4xi4>
// Upstream prints zero points of blocks with a sign.
// THEIRS: quant.scast %{{.*}} : tensor<2x4xi4> to tensor<2x4x!quant.uniform<u4:f32:{0:1, 1:2}, {{[{][{]}}1.000000e+00:-8, 2.000000e+00:7}, {3.000000e+00:-8, 4.000000e+00:7}}>>
func.func @sub_channel() -> tensor<2x4xf32> {
  %c = arith.constant dense<[[1, 15, 2, 14], [3, 4, 4, 5]]> : tensor<2x4xi4>
  %q = quant.scast %c : tensor<2x4xi4> to tensor<2x4x!quant.uniform<u4:f32:{0:1, 1:2}, {{1.0:8, 2.0:7}, {3.0:8, 4.0:7}}>>
  %w = quant.dcast %q : tensor<2x4x!quant.uniform<u4:f32:{0:1, 1:2}, {{1.0:8, 2.0:7}, {3.0:8, 4.0:7}}>> to tensor<2x4xf32>
  return %w : tensor<2x4xf32>
}
