// RUN: compress-opt %s | compress-opt | FileCheck %s

// CHECK-DAG: #[[W8:.*]] = #quantized.affine<i8, block = [1, -1], scale = f32>
// CHECK-DAG: #[[S24:.*]] = #sparse.nm<2 : 4, values = #[[W8]]>
// CHECK-DAG: #[[S18:.*]] = #sparse.nm<1 : 8, values = f16>
// CHECK-DAG: #[[BLOCK:.*]] = #sparse.block<[16, 64], values = f16>
// CHECK-DAG: #[[ORDERED:.*]] = #compress.permuted<#[[S24]]>
// CHECK-DAG: #[[SPLIT:.*]] = #sparse.split<base = #[[W8]], outliers = f16>
// CHECK-DAG: #[[SPLITROWS:.*]] = #sparse.split<base = f16, outliers = #[[BLOCK]]>

#s24 = #sparse.nm<2 : 4, values = #quantized.affine<i8, block = [1, -1], scale = f32>>
#blk = #sparse.block<[16, 64], values = f16>

// CHECK-LABEL: func.func private @structures
// CHECK-SAME: tensor<8x30xf32, #[[S24]]>, tensor<?x64xf32, #[[S18]]>, tensor<3x40x100xf32, #[[BLOCK]]>, tensor<8x32xf32, #[[ORDERED]]>
// CHECK-SAME: tensor<8x30xf32, #[[SPLIT]]>, tensor<16x64xf32, #[[SPLITROWS]]>
func.func private @structures(tensor<8x30xf32, #s24>, tensor<?x64xf32, #sparse.nm<1 : 8, values = f16>>,
  tensor<3x40x100xf32, #blk>, tensor<8x32xf32, #compress.permuted<#s24>>,
  tensor<8x30xf32, #sparse.split<base = #quantized.affine<i8, block = [1, -1], scale = f32>, outliers = f16>>,
  tensor<16x64xf32, #sparse.split<base = f16, outliers = #blk>>)
