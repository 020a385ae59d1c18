// RUN: compress-opt %s --compress-assign-layouts | FileCheck %s
// RUN: compress-opt %s --compress-assign-layouts --compress-assign-layouts | FileCheck %s
// RUN: compress-opt %s --compress-assign-layouts=panel-rows=8 | FileCheck %s --check-prefix=EIGHT

// CHECK-DAG: #[[Q4:.*]] = #quantized.affine<i4, block = [1, 32], scale = f16>
// CHECK-DAG: #[[BLOCKS:.*]] = #sparse.block<[16, 32], values = f16>
// CHECK-DAG: #[[F32:.*]] = #quantized.float<f32>
// CHECK-DAG: #[[SMALL:.*]] = #sparse.block<[8, 16], values = f16>
// CHECK-DAG: #[[BLOCK_PANEL:.*]] = #compress.panel<#[[BLOCKS]], rows = 16, row_dim = 0, reduction_dim = 1>
// CHECK-DAG: #[[PANEL:.*]] = #compress.panel<#[[Q4]], rows = 16, row_dim = 0, reduction_dim = 1>
// CHECK-DAG: #[[PLAIN:.*]] = #compress.panel<#[[F32]], rows = 16, row_dim = 0, reduction_dim = 1>
// CHECK-DAG: #[[TURNED:.*]] = #compress.panel<#[[F32]], rows = 16, row_dim = 1, reduction_dim = 0>
// EIGHT-DAG: #compress.panel<#{{.*}}, rows = 8, row_dim = 0, reduction_dim = 1>
// EIGHT-NOT: rows = 16

#q4 = #quantized.affine<i4, block = [1, 32], scale = f16>
#blocks = #sparse.block<[16, 32], values = f16>
#small = #sparse.block<[8, 16], values = f16>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>

// The archive's form is remembered.
// CHECK: @tied(#compress.parameter<"m", "tied", stored = #[[Q4]]>) : tensor<64x64xf32, #[[PANEL]]>
ml_program.global private @tied(#compress.parameter<"m", "tied">) : tensor<64x64xf32, #q4>
// A parameter that is not encoded is laid out as well.
// CHECK: @plain(#compress.parameter<"m", "plain", stored = #[[F32]]>) : tensor<64x64xf32, #[[PLAIN]]>
ml_program.global private @plain(#compress.parameter<"m", "plain">) : tensor<64x64xf32>
// The dimensions are those that the contraction runs over.
// CHECK: @turned(#compress.parameter<"m", "turned", stored = #[[F32]]>) : tensor<64x48xf32, #[[TURNED]]>
ml_program.global private @turned(#compress.parameter<"m", "turned">) : tensor<64x48xf32>
// Stored blocks of whole panels are laid out, others are not.
// CHECK: @blocks(#compress.parameter<"m", "blocks", stored = #[[BLOCKS]]>) : tensor<48x64xf32, #[[BLOCK_PANEL]]>
ml_program.global private @blocks(#compress.parameter<"m", "blocks">) : tensor<48x64xf32, #blocks>
// CHECK: @small(#compress.parameter<"m", "small">) : tensor<48x64xf32, #[[SMALL]]>
ml_program.global private @small(#compress.parameter<"m", "small">) : tensor<48x64xf32, #small>
// No contraction reads these.
// CHECK: @table(#compress.parameter<"m", "table">) : tensor<64x64xf32, #[[Q4]]>
ml_program.global private @table(#compress.parameter<"m", "table">) : tensor<64x64xf32, #q4>
// CHECK: @unread(#compress.parameter<"m", "unread">) : tensor<64x64xf32, #[[Q4]]>
ml_program.global private @unread(#compress.parameter<"m", "unread">) : tensor<64x64xf32, #q4>

// The gather reads the layout that the matmul asked for.
// CHECK-LABEL: func.func @tied_embedding
// CHECK: %[[W:.*]] = ml_program.global_load_const @tied : tensor<64x64xf32, #[[PANEL]]>
// CHECK: lm.gather_rows %[[W]][%{{.*}}] : tensor<64x64xf32, #[[PANEL]]>
// CHECK: %[[AGAIN:.*]] = ml_program.global_load_const @tied : tensor<64x64xf32, #[[PANEL]]>
// CHECK: linalg.matmul {{.*}} ins(%{{.*}}, %[[AGAIN]] : tensor<4x64xf32>, tensor<64x64xf32, #[[PANEL]]>)
func.func @tied_embedding(%ids: tensor<4xi32>, %init: tensor<4x64xf32>) -> tensor<4x64xf32> {
  %w = ml_program.global_load_const @tied : tensor<64x64xf32, #q4>
  %x = lm.gather_rows %w[%ids] : tensor<64x64xf32, #q4>[tensor<4xi32>] -> tensor<4x64xf32>
  %again = ml_program.global_load_const @tied : tensor<64x64xf32, #q4>
  %y = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%x, %again : tensor<4x64xf32>, tensor<64x64xf32, #q4>) outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}

// CHECK-LABEL: func.func @others
func.func @others(%ids: tensor<4xi32>, %x: tensor<4x64xf32>, %init: tensor<4x64xf32>, %init48: tensor<4x48xf32>)
    -> (tensor<4x64xf32>, tensor<4x48xf32>, tensor<4x48xf32>, tensor<4x64xf32>) {
  %plain = ml_program.global_load_const @plain : tensor<64x64xf32>
  %0 = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%x, %plain : tensor<4x64xf32>, tensor<64x64xf32>) outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  // CHECK: linalg.matmul ins(%{{.*}}, %{{.*}} : tensor<4x64xf32>, tensor<64x48xf32, #[[TURNED]]>)
  %turned = ml_program.global_load_const @turned : tensor<64x48xf32>
  %1 = linalg.matmul ins(%x, %turned : tensor<4x64xf32>, tensor<64x48xf32>) outs(%init48 : tensor<4x48xf32>) -> tensor<4x48xf32>
  // CHECK: ml_program.global_load_const @blocks : tensor<48x64xf32, #[[BLOCK_PANEL]]>
  %blocks = ml_program.global_load_const @blocks : tensor<48x64xf32, #blocks>
  %2 = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%x, %blocks : tensor<4x64xf32>, tensor<48x64xf32, #blocks>) outs(%init48 : tensor<4x48xf32>) -> tensor<4x48xf32>
  // CHECK: ml_program.global_load_const @small : tensor<48x64xf32, #[[SMALL]]>
  %small = ml_program.global_load_const @small : tensor<48x64xf32, #small>
  %4 = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%x, %small : tensor<4x64xf32>, tensor<48x64xf32, #small>) outs(%2 : tensor<4x48xf32>) -> tensor<4x48xf32>
  %table = ml_program.global_load_const @table : tensor<64x64xf32, #q4>
  %3 = lm.gather_rows %table[%ids] : tensor<64x64xf32, #q4>[tensor<4xi32>] -> tensor<4x64xf32>
  return %0, %1, %4, %3 : tensor<4x64xf32>, tensor<4x48xf32>, tensor<4x48xf32>, tensor<4x64xf32>
}
