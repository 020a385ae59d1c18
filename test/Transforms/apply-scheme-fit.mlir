// RUN: compress-opt %s --pass-pipeline='builtin.module(compress-apply-scheme{weights=#quantized.affine<ui4,block=[1,32],scale=#quantized.affine<ui6,block=[1,2],scale=f16>,min=f16>}, compress-verify-encodings)' \
// RUN:   | FileCheck %s

// Blocks are written for [n, k] and turned for weights whose k comes first;
// further dimensions have blocks of 1. Nested blocks are turned as well.
// CHECK-DAG: #[[KN:.*]] = #quantized.affine<ui4, block = [32, 1], scale = #[[S:.*]], min = f16>
// CHECK-DAG: #quantized.affine<ui6, block = [2, 1], scale = f16>
// CHECK-DAG: #[[BNK:.*]] = #quantized.affine<ui4, block = [1, 1, 32], scale = #{{.*}}, min = f16>
// CHECK-DAG: #quantized.affine<ui6, block = [1, 1, 2], scale = f16>
// CHECK: @kn({{.*}}) : tensor<64x16xf32, #[[KN]]>
// CHECK: @experts({{.*}}) : tensor<3x16x64xf32, #[[BNK]]>
ml_program.global private @kn(#compress.parameter<"m.gguf", "kn">) : tensor<64x16xf32>
ml_program.global private @experts(#compress.parameter<"m.gguf", "experts">) : tensor<3x16x64xf32>

// What else reads a weight gets its values.
// CHECK-LABEL: func.func @f
// CHECK: %[[W:.*]] = ml_program.global_load_const @kn : tensor<64x16xf32, #[[KN]]>
// CHECK: %[[D:.*]] = compress.decode %[[W]]
// CHECK: return %{{.*}}, %{{.*}}, %[[D]]
func.func @f(%x: tensor<4x64xf32>, %y: tensor<3x4x64xf32>, %i: tensor<4x16xf32>, %j: tensor<3x4x16xf32>)
    -> (tensor<4x16xf32>, tensor<3x4x16xf32>, tensor<64x16xf32>) {
  %w = ml_program.global_load_const @kn : tensor<64x16xf32>
  %e = ml_program.global_load_const @experts : tensor<3x16x64xf32>
  %0 = linalg.matmul ins(%x, %w : tensor<4x64xf32>, tensor<64x16xf32>) outs(%i : tensor<4x16xf32>) -> tensor<4x16xf32>
  %1 = linalg.batch_matmul
    indexing_maps = [affine_map<(b, m, n, k) -> (b, m, k)>, affine_map<(b, m, n, k) -> (b, n, k)>,
                     affine_map<(b, m, n, k) -> (b, m, n)>]
    ins(%y, %e : tensor<3x4x64xf32>, tensor<3x16x64xf32>)
    outs(%j : tensor<3x4x16xf32>) -> tensor<3x4x16xf32>
  return %0, %1, %w : tensor<4x16xf32>, tensor<3x4x16xf32>, tensor<64x16xf32>
}
