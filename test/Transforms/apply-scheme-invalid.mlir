// RUN: not compress-opt %s --compress-apply-scheme='overrides=blk.*=keep' 2>&1 | FileCheck %s --check-prefix=NOTHING
// NOTHING: override 'blk.*' matches no parameter

// RUN: not compress-opt %s --compress-apply-scheme='overrides=v=keep' 2>&1 | FileCheck %s --check-prefix=VECTOR
// VECTOR: override 'v' matches only vectors and other parameters that nothing multiplies or gathers

// RUN: not compress-opt %s --compress-apply-scheme='overrides=w' 2>&1 | FileCheck %s --check-prefix=FORM
// FORM: option 'overrides': 'w' is not GLOB=#encoding or GLOB=keep

// RUN: not compress-opt %s --compress-apply-scheme='overrides=[=keep' 2>&1 | FileCheck %s --check-prefix=GLOB
// GLOB: [

// RUN: not compress-opt %s --compress-apply-scheme='weights=f16' 2>&1 | FileCheck %s --check-prefix=ENCODING
// ENCODING: option 'weights': 'f16' is no encoding

// RUN: not compress-opt %s --compress-apply-scheme='weights=#quantized.affine<i4,block=[1,2,32],scale=f16>' 2>&1 | FileCheck %s --check-prefix=BLOCK
// BLOCK: parameter 'w' can't be stored as #quantized.affine<i4, block = [1, 2, 32], scale = f16>:
// BLOCK-SAME: leave it as it is with --override 'w=keep'

// RUN: not compress-opt %s --compress-apply-scheme='weights=#compress.panel<#quantized.float<f16>,rows=16,row_dim=0,reduction_dim=1>' 2>&1 | FileCheck %s --check-prefix=LAYOUT
// LAYOUT: parameter 'w' can't be stored as {{.*}}: layouts are assigned later; give what is laid out

// RUN: not compress-opt %s --compress-apply-scheme='activations=#quantized.affine<i8,block=[1,32],scale=f32>' 2>&1 | FileCheck %s --check-prefix=FLOAT
// FLOAT: no weight has integer codes, so activations can't be multiplied as

// RUN: not compress-opt %s --compress-apply-scheme='weights=#quantized.affine<i4,block=[1,10],scale=f16> activations=#quantized.affine<i8,block=[1,32],scale=f32>' 2>&1 | FileCheck %s --check-prefix=TEN
// TEN: parameter 'w', stored as {{.*}}, can't be multiplied with activations stored as {{.*}}: blocks of 10 values along k have no part in common with those of the activations that is a multiple of 32, or 4, 8 or 16; leave it as it is with --override 'w=keep'

// RUN: not compress-opt %s --compress-apply-scheme='weights=#quantized.affine<i4,block=[1,32],scale=f16> activations=#quantized.affine<i8,block=[1,10],scale=f32> fit-activations=false' 2>&1 | FileCheck %s --check-prefix=COMMON
// COMMON: integer sums over 2 values along k have no kernel

// RUN: not compress-opt %s --compress-apply-scheme='weights=#quantized.affine<i4,block=[1,32],scale=f16> activations=#quantized.affine<i8,block=[1,32],scale=f8E4M3FN> overrides=left=keep' 2>&1 | FileCheck %s --check-prefix=SCALE
// SCALE: activations are encoded row by row, as integers or floats with plain scales of 16 bits or more

// RUN: not compress-opt %s --compress-apply-scheme='weights=#quantized.affine<i4,block=[1,32],scale=f16> activations=#quantized.affine<i8,block=[1,1,32],scale=f32>' 2>&1 | FileCheck %s --check-prefix=RANK
// RANK: 'w', stored as {{.*}}, can't be multiplied with activations stored as

// RUN: not compress-opt %s --compress-apply-scheme='weights=#quantized.affine<i4,block=[1,32],scale=f16> activations=#quantized.affine<i8,block=[1,32],scale=f32> overrides=w=keep' 2>&1 | FileCheck %s --check-prefix=LAST
// LAST: parameter 'left', stored as {{.*}}: k is not the activation's last dimension; leave it as it is with --override 'left=keep'

// RUN: not compress-opt %s --compress-apply-scheme='weights=#quantized.affine<i4,block=[1,32],scale=f16> overrides={w=keep,left=keep}' 2>&1 | FileCheck %s --check-prefix=SHAPE
// SHAPE: parameter 'dynamic' can't be stored as {{.*}}: its shape is not static

#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
ml_program.global private @w(#compress.parameter<"m.gguf", "w">) : tensor<64x64xf32>
ml_program.global private @left(#compress.parameter<"m.gguf", "left">) : tensor<64x64xf32>
ml_program.global private @dynamic(#compress.parameter<"m.gguf", "dynamic">) : tensor<?x64xf32>
ml_program.global private @v(#compress.parameter<"m.gguf", "v">) : tensor<64xf32>
func.func @f(%x: tensor<4x64xf32>, %init: tensor<4x64xf32>, %y: tensor<64x4xf32>, %other: tensor<64x4xf32>,
             %columns: tensor<4x?xf32>) -> (tensor<4x64xf32>, tensor<64xf32>) {
  %w = ml_program.global_load_const @w : tensor<64x64xf32>
  %v = ml_program.global_load_const @v : tensor<64xf32>
  %0 = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%x, %w : tensor<4x64xf32>, tensor<64x64xf32>) outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  %left = ml_program.global_load_const @left : tensor<64x64xf32>
  %1 = linalg.matmul ins(%left, %y : tensor<64x64xf32>, tensor<64x4xf32>) outs(%other : tensor<64x4xf32>) -> tensor<64x4xf32>
  %dynamic = ml_program.global_load_const @dynamic : tensor<?x64xf32>
  %2 = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%x, %dynamic : tensor<4x64xf32>, tensor<?x64xf32>) outs(%columns : tensor<4x?xf32>) -> tensor<4x?xf32>
  return %0, %v : tensor<4x64xf32>, tensor<64xf32>
}
