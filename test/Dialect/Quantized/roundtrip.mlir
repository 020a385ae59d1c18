// RUN: compress-opt %s | compress-opt | FileCheck %s

// CHECK-DAG: #[[Q4_0:.*]] = #quantized.affine<i4, block = [1, 32], scale = f16>
// CHECK-DAG: #[[SUPER:.*]] = #quantized.affine<ui6, block = [1, 8], scale = f16>
// CHECK-DAG: #[[Q4_K:.*]] = #quantized.affine<ui4, block = [1, 32], scale = #[[SUPER]], min = #[[SUPER]]>
// CHECK-DAG: #[[W8:.*]] = #quantized.affine<i8, block = [1, -1], scale = f32, zero = i8>
// CHECK-DAG: #[[A8:.*]] = #quantized.affine<i8, block = [1, 32], scale = f32, narrow = true, sums = true>
// CHECK-DAG: #[[I1:.*]] = #quantized.affine<i1, block = [2, 2, 2], scale = bf16>
// CHECK-DAG: #[[HALF:.*]] = #quantized.float<f16>
// CHECK-DAG: #[[F8:.*]] = #quantized.float<f8E4M3FN, block = [1, 32], scale = f32>
// CHECK-DAG: #[[MX:.*]] = #quantized.float<f4E2M1FN, block = [1, 32], scale = f8E8M0FNU>
// CHECK-DAG: #[[NF4:.*]] = #quantized.codebook<"nf4", block = [1, 64], scale = f16>
// CHECK-DAG: #[[OWN:.*]] = #quantized.codebook<array<f32: -1.000000e+00, -2.500000e-01, 2.500000e-01, 1.000000e+00>, block = [1, 32], scale = f16, min = f16>
// CHECK-DAG: #[[FIT:.*]] = #quantized.codebook<ui3, block = [1, -1], scale = f32>
// CHECK-DAG: #[[DYNAMIC:.*]] = #quantized.codebook<"dynamic8", block = [1, 256], scale = f32, min = f32>
// CHECK-DAG: #[[DOUBLE:.*]] = #quantized.codebook<"nf4", block = [1, 64], scale = #[[DYNAMIC]]>

#q4_0 = #quantized.affine<i4, block = [1, 32], scale = f16>
#q4_k = #quantized.affine<ui4, block = [1, 32],
  scale = #quantized.affine<ui6, block = [1, 8], scale = f16>,
  min = #quantized.affine<ui6, block = [1, 8], scale = f16>>
// Members may come in any order.
#w8 = #quantized.affine<i8, zero = i8, scale = f32, block = [1, -1]>
#a8 = #quantized.affine<i8, block = [1, 32], scale = f32, narrow = true, sums = true>
#half = #quantized.float<f16>
#f8 = #quantized.float<f8E4M3FN, block = [1, 32], scale = f32>
#mx = #quantized.float<f4E2M1FN, block = [1, 32], scale = f8E8M0FNU>
#nf4 = #quantized.codebook<"nf4", block = [1, 64], scale = f16>
#own = #quantized.codebook<array<f32: -1.0, -0.25, 0.25, 1.0>, block = [1, 32], scale = f16, min = f16>
#fit = #quantized.codebook<ui3, block = [1, -1], scale = f32>
#double = #quantized.codebook<"nf4", block = [1, 64],
  scale = #quantized.codebook<"dynamic8", block = [1, 256], scale = f32, min = f32>>

// CHECK-LABEL: func.func private @integers
// CHECK-SAME: tensor<64x64xf32, #[[Q4_0]]>, tensor<?x512xf16, #[[Q4_K]]>, tensor<3x70xbf16, #[[W8]]>, tensor<?x?xf32, #[[A8]]>, tensor<5x3x7xf32, #[[I1]]>
func.func private @integers(tensor<64x64xf32, #q4_0>, tensor<?x512xf16, #q4_k>, tensor<3x70xbf16, #w8>,
  tensor<?x?xf32, #a8>, tensor<5x3x7xf32, #quantized.affine<i1, block = [2, 2, 2], scale = bf16>>)

// CHECK-LABEL: func.func private @floats
// CHECK-SAME: tensor<7xf32, #[[HALF]]>, tensor<4x33xf32, #[[F8]]>, tensor<4x64xf32, #[[MX]]>
func.func private @floats(tensor<7xf32, #half>, tensor<4x33xf32, #f8>, tensor<4x64xf32, #mx>)

// CHECK-LABEL: func.func private @codebooks
// CHECK-SAME: tensor<4x100xf32, #[[NF4]]>, tensor<4x33xf32, #[[OWN]]>, tensor<4x64xf32, #[[FIT]]>, tensor<4x1024xf32, #[[DOUBLE]]>
func.func private @codebooks(tensor<4x100xf32, #nf4>, tensor<4x33xf32, #own>, tensor<4x64xf32, #fit>, tensor<4x1024xf32, #double>)

// CHECK-LABEL: func.func @observe
// CHECK: quantized.observe %{{.*}} for ["blk.0.attn_q", "blk.0.attn_k"] : tensor<?x64xf32>
func.func @observe(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %0 = quantized.observe %x for ["blk.0.attn_q", "blk.0.attn_k"] : tensor<?x64xf32>
  return %0 : tensor<?x64xf32>
}
