// Passes see a weight through lm.gather_experts, which takes its encoding along and leaves its layout.

// RUN: compress-opt %s --pass-pipeline='builtin.module(compress-apply-scheme{weights=#quantized.affine<i4,block=[1,32],scale=f16> activations=#quantized.affine<i8,block=[1,32],scale=f32,narrow=true,sums=true>}, compress-verify-encodings)' \
// RUN:   | FileCheck %s --check-prefixes=SCHEME
// RUN: compress-opt %s --pass-pipeline='builtin.module(compress-apply-scheme{weights=#quantized.affine<i4,block=[1,32],scale=f16>}, compress-assign-layouts, compress-verify-encodings)' \
// RUN:   | FileCheck %s --check-prefixes=LAYOUT
// RUN: compress-opt %s --pass-pipeline='builtin.module(compress-apply-scheme{weights=#quantized.affine<i4,block=[1,32],scale=f16>}, compress-simulate-encodings, compress-verify-encodings)' \
// RUN:   | FileCheck %s --check-prefixes=SIMULATED

#half = #quantized.float<f16>
#bmk = affine_map<(b, m, n, k) -> (b, m, k)>
#bnk = affine_map<(b, m, n, k) -> (b, n, k)>
#bmn = affine_map<(b, m, n, k) -> (b, m, n)>

// Blocks lie within the matrix of one expert.
// SCHEME-DAG: #[[W:.*]] = #quantized.affine<i4, block = [1, 1, 32], scale = f16>
// SCHEME-DAG: #[[A:.*]] = #quantized.affine<i8, block = [1, 1, 32], scale = f32, narrow = true, sums = true>
// SCHEME: @stack(#{{.*}}) : tensor<8x96x64xf32, #[[W]]>
// LAYOUT-DAG: #[[W:.*]] = #quantized.affine<i4, block = [1, 1, 32], scale = f16>
// LAYOUT-DAG: #[[PANEL:.*]] = #compress.panel<#[[W]], rows = 16, row_dim = 1, reduction_dim = 2>
// LAYOUT: @stack(#{{.*}}) : tensor<8x96x64xf32, #[[PANEL]]>
// SIMULATED: @stack(#{{.*}}) : tensor<8x96x64xf32>
ml_program.global private @stack(#compress.parameter<"m", "stack">) : tensor<8x96x64xf32, #half>

// SCHEME-LABEL: func.func @f
// SCHEME: %[[E:.*]] = compress.encode %{{.*}} : tensor<?x1x64xf32> to tensor<?x1x64xf32, #[[A]]>
// SCHEME: %[[G:.*]] = lm.gather_experts %{{.*}} : tensor<8x96x64xf32, #[[W]]>[tensor<?x2xi32>] -> tensor<?x96x64xf32, #[[W]]>
// SCHEME: linalg.batch_matmul {{.*}} ins(%[[E]], %[[G]] :
// LAYOUT-LABEL: func.func @f
// LAYOUT: lm.gather_experts %{{.*}} : tensor<8x96x64xf32, #[[PANEL]]>[tensor<?x2xi32>] -> tensor<?x96x64xf32, #[[W]]>
// SIMULATED-LABEL: func.func @f
// SIMULATED: lm.gather_experts %{{.*}} : tensor<8x96x64xf32>[tensor<?x2xi32>] -> tensor<?x96x64xf32>{{$}}
func.func @f(%x: tensor<?x1x64xf32>, %e: tensor<?x2xi32>, %init: tensor<?x1x96xf32>) -> tensor<?x1x96xf32> {
  %w = ml_program.global_load_const @stack : tensor<8x96x64xf32, #half>
  %g = lm.gather_experts %w[%e] : tensor<8x96x64xf32, #half>[tensor<?x2xi32>] -> tensor<?x96x64xf32, #half>
  %y = linalg.batch_matmul indexing_maps = [#bmk, #bnk, #bmn]
    ins(%x, %g : tensor<?x1x64xf32>, tensor<?x96x64xf32, #half>) outs(%init : tensor<?x1x96xf32>) -> tensor<?x1x96xf32>
  return %y : tensor<?x1x96xf32>
}
