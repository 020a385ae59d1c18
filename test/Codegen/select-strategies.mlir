// RUN: compress-opt %s --compress-select-strategies=target=x86-64-v3 | FileCheck %s --check-prefixes=CHECK,V3
// RUN: compress-opt %s --compress-select-strategies=target=x86-64-v4+avx512vnni | FileCheck %s --check-prefixes=CHECK,V4
// RUN: compress-opt %s --compress-select-strategies=target=x86-64 | FileCheck %s --check-prefixes=CHECK,V1
// RUN: not compress-opt %s --compress-select-strategies=target=i7-fantasy 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not compress-opt %s --compress-select-strategies=target=x86-64-v3++avx512f 2>&1 | FileCheck %s --check-prefix=EMPTY
// RUN: not compress-opt %s --compress-select-strategies=target=x86-64-v3+fantasy 2>&1 | FileCheck %s --check-prefix=FEATURE
// FEATURE: error: target 'x86-64-v3+fantasy' has the unknown feature 'fantasy'; known are LLVM's names
// UNKNOWN: error: unknown target 'i7-fantasy'; expected native, x86-64-v3
// EMPTY: error: target 'x86-64-v3++avx512f' has an empty feature

#q4 = #quantized.affine<i4, block = [1, 32], scale = f16>
#q8 = #quantized.affine<i8, block = [1, 32], scale = f16>
#p4 = #compress.panel<#q4, rows = 16, row_dim = 0, reduction_dim = 1>
#p8 = #compress.panel<#q8, rows = 16, row_dim = 0, reduction_dim = 1>
#blocks = #sparse.block<[16, 32], values = #q4>
#pb = #compress.panel<#blocks, rows = 16, row_dim = 0, reduction_dim = 1>
#a8 = #quantized.affine<i8, block = [1, 32], scale = f32, narrow = true>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>

// Codes of both operands: an integer dot. One unit takes two panels where there are registers for them.
// CHECK-LABEL: func.func @integer
// V4: compress.group {{.*}} {strategy = #compress.strategy<form = integer, dot = vnni, lanes = 16, tile = 6, panels = 2, prefetch = 512, tilePrefetch = 32>
// V3: compress.group {{.*}} {strategy = #compress.strategy<form = integer, dot = maddubs, lanes = 8, tile = 4, prefetch = 512>
// V1: compress.group {{.*}} {strategy = #compress.strategy<form = integer, dot = pairs, lanes = 4, tile = 4, prefetch = 512>
func.func @integer(%x: tensor<4x64xf32, #a8>, %w: tensor<64x64xf32, #p4>, %e: tensor<4x64xf32>) {
  %0 = compress.group ins(%x, %w : tensor<4x64xf32, #a8>, tensor<64x64xf32, #p4>) outs(%e : tensor<4x64xf32>) {
  ^bb0(%a: tensor<4x64xf32, #a8>, %b: tensor<64x64xf32, #p4>):
    %zero = arith.constant 0.0 : f32
    %empty = tensor.empty() : tensor<4x64xf32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x64xf32>) -> tensor<4x64xf32>
    %y = linalg.matmul indexing_maps = [#mk, #nk, #mn]
      ins(%a, %b : tensor<4x64xf32, #a8>, tensor<64x64xf32, #p4>) outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
    compress.yield %y : tensor<4x64xf32>
  } -> tensor<4x64xf32>
  return
}

// A unit has no more panels than a stored block.
// CHECK-LABEL: func.func @blocks
// V4: compress.group {{.*}} {strategy = #compress.strategy<form = integer, dot = vnni, lanes = 16, tile = 8, prefetch = 512>
func.func @blocks(%x: tensor<4x64xf32, #a8>, %w: tensor<64x64xf32, #pb>, %e: tensor<4x64xf32>) {
  %0 = compress.group ins(%x, %w : tensor<4x64xf32, #a8>, tensor<64x64xf32, #pb>) outs(%e : tensor<4x64xf32>) {
  ^bb0(%a: tensor<4x64xf32, #a8>, %b: tensor<64x64xf32, #pb>):
    %zero = arith.constant 0.0 : f32
    %empty = tensor.empty() : tensor<4x64xf32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x64xf32>) -> tensor<4x64xf32>
    %y = linalg.matmul indexing_maps = [#mk, #nk, #mn]
      ins(%a, %b : tensor<4x64xf32, #a8>, tensor<64x64xf32, #pb>) outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
    compress.yield %y : tensor<4x64xf32>
  } -> tensor<4x64xf32>
  return
}

// Pairs of products of 8-bit codes do not fit 16 bits.
// CHECK-LABEL: func.func @wide_codes
// V4: dot = vnni
// V3: dot = pairs
// V1: dot = pairs
func.func @wide_codes(%x: tensor<4x64xf32, #a8>, %w: tensor<64x64xf32, #p8>, %e: tensor<4x64xf32>) {
  %0 = compress.group ins(%x, %w : tensor<4x64xf32, #a8>, tensor<64x64xf32, #p8>) outs(%e : tensor<4x64xf32>) {
  ^bb0(%a: tensor<4x64xf32, #a8>, %b: tensor<64x64xf32, #p8>):
    %zero = arith.constant 0.0 : f32
    %empty = tensor.empty() : tensor<4x64xf32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x64xf32>) -> tensor<4x64xf32>
    %y = linalg.matmul indexing_maps = [#mk, #nk, #mn]
      ins(%a, %b : tensor<4x64xf32, #a8>, tensor<64x64xf32, #p8>) outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
    compress.yield %y : tensor<4x64xf32>
  } -> tensor<4x64xf32>
  return
}

// Weights only: f32 on decoded panels.
// CHECK-LABEL: func.func @float
// V4: form = float, dot = none, lanes = 16, tile = 6, panels = 4, tilePrefetch = 16
// V3: form = float, dot = none, lanes = 8, tile = 6, tilePrefetch = 16>
// V1: form = float, dot = none, lanes = 4, tile = 6, tilePrefetch = 16>
func.func @float(%x: tensor<4x64xf32>, %w: tensor<64x64xf32, #p4>, %e: tensor<4x64xf32>) {
  %0 = compress.group ins(%x, %w : tensor<4x64xf32>, tensor<64x64xf32, #p4>) outs(%e : tensor<4x64xf32>) {
  ^bb0(%a: tensor<4x64xf32>, %b: tensor<64x64xf32, #p4>):
    %zero = arith.constant 0.0 : f32
    %empty = tensor.empty() : tensor<4x64xf32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x64xf32>) -> tensor<4x64xf32>
    %y = linalg.matmul indexing_maps = [#mk, #nk, #mn]
      ins(%a, %b : tensor<4x64xf32>, tensor<64x64xf32, #p4>) outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
    compress.yield %y : tensor<4x64xf32>
  } -> tensor<4x64xf32>
  return
}

// CHECK-LABEL: func.func @rows
// CHECK: form = rows, dot = none
func.func @rows(%x: tensor<4x64xf32>, %g: tensor<64xf32>, %e: tensor<4x64xf32>) {
  %0 = compress.group ins(%x, %g : tensor<4x64xf32>, tensor<64xf32>) outs(%e : tensor<4x64xf32>) {
  ^bb0(%a: tensor<4x64xf32>, %b: tensor<64xf32>):
    %1 = lm.rms_norm %a, %b {epsilon = 1.0e-5 : f32} : tensor<4x64xf32>, tensor<64xf32>
    compress.yield %1 : tensor<4x64xf32>
  } -> tensor<4x64xf32>
  return
}

// CHECK-LABEL: func.func @attention
// CHECK: form = attention, dot = none
func.func @attention(%q: tensor<2x5x64xf32>, %e: tensor<2x5x64xf32>) {
  %0 = compress.group ins(%q : tensor<2x5x64xf32>) outs(%e : tensor<2x5x64xf32>) {
  ^bb0(%a: tensor<2x5x64xf32>):
    %1 = lm.attention %a, %a, %a {head_dim = 64 : i64, scale = 0.125 : f32} : tensor<2x5x64xf32>, tensor<2x5x64xf32>
    compress.yield %1 : tensor<2x5x64xf32>
  } -> tensor<2x5x64xf32>
  return
}

// Sums of integers that go on for long leave registers for taller tiles.
#row8 = #quantized.affine<i8, block = [1, -1], scale = f32>
#prow8 = #compress.panel<#row8, rows = 16, row_dim = 0, reduction_dim = 1>
#arow8 = #quantized.affine<i8, block = [1, -1], scale = f32, narrow = true, sums = true>
// CHECK-LABEL: func.func @long
// V4: form = integer, dot = vnni, lanes = 16, tile = 8, panels = 2, prefetch = 512, tilePrefetch = 256>
// V3: form = integer, dot = pairs, lanes = 8, tile = 4, prefetch = 512>
func.func @long(%x: tensor<4x512xf32, #arow8>, %w: tensor<64x512xf32, #prow8>, %e: tensor<4x64xf32>) {
  %0 = compress.group ins(%x, %w : tensor<4x512xf32, #arow8>, tensor<64x512xf32, #prow8>) outs(%e : tensor<4x64xf32>) {
  ^bb0(%a: tensor<4x512xf32, #arow8>, %b: tensor<64x512xf32, #prow8>):
    %zero = arith.constant 0.0 : f32
    %empty = tensor.empty() : tensor<4x64xf32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x64xf32>) -> tensor<4x64xf32>
    %1 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
      ins(%a, %b : tensor<4x512xf32, #arow8>, tensor<64x512xf32, #prow8>) outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
    compress.yield %1 : tensor<4x64xf32>
  } -> tensor<4x64xf32>
  return
}

// A pass over keys and values serves as many query heads as there are registers for.
!cache = !lm.cache<layers = 1, heads = 2, head_dim = 64, values = f16>
// CHECK-LABEL: func.func @shared_heads
// V3: form = attention, dot = none, lanes = 8, tile = 3
// V4: form = attention, dot = none, lanes = 16, tile = 3
// V3: form = attention, dot = none, lanes = 8, tile = 2
// V4: form = attention, dot = none, lanes = 16, tile = 4
func.func @shared_heads(%q6: tensor<4x384xf32>, %q8: tensor<4x512xf32>, %s: tensor<4xi32>, %p: tensor<4xi32>, %cache: !cache,
                        %e6: tensor<4x384xf32>, %e8: tensor<4x512xf32>) {
  %layer = arith.constant 0 : index
  %0 = compress.group ins(%q6, %cache, %layer, %s, %p : tensor<4x384xf32>, !cache, index, tensor<4xi32>, tensor<4xi32>) outs(%e6 : tensor<4x384xf32>) {
  ^bb0(%qi: tensor<4x384xf32>, %ci: !cache, %li: index, %si: tensor<4xi32>, %pi: tensor<4xi32>):
    %1 = lm.cached_attention %qi, %ci[%li], %si, %pi {scale = 0.125 : f32} : tensor<4x384xf32>, !cache, tensor<4xi32>, tensor<4xi32>
    compress.yield %1 : tensor<4x384xf32>
  } -> tensor<4x384xf32>
  %2 = compress.group ins(%q8, %cache, %layer, %s, %p : tensor<4x512xf32>, !cache, index, tensor<4xi32>, tensor<4xi32>) outs(%e8 : tensor<4x512xf32>) {
  ^bb0(%qi: tensor<4x512xf32>, %ci: !cache, %li: index, %si: tensor<4xi32>, %pi: tensor<4xi32>):
    %3 = lm.cached_attention %qi, %ci[%li], %si, %pi {scale = 0.125 : f32} : tensor<4x512xf32>, !cache, tensor<4xi32>, tensor<4xi32>
    compress.yield %3 : tensor<4x512xf32>
  } -> tensor<4x512xf32>
  return
}

// A product whose operands lie in no panels.
// CHECK-LABEL: func.func @scalar
// CHECK: form = scalar, dot = none
func.func @scalar(%x: tensor<4x8xf32>, %w: tensor<8x4xf32>, %e: tensor<4x4xf32>) {
  %0 = compress.group ins(%x, %w : tensor<4x8xf32>, tensor<8x4xf32>) outs(%e : tensor<4x4xf32>) {
  ^bb0(%a: tensor<4x8xf32>, %b: tensor<8x4xf32>):
    %zero = arith.constant 0.0 : f32
    %empty = tensor.empty() : tensor<4x4xf32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x4xf32>) -> tensor<4x4xf32>
    %y = linalg.matmul ins(%a, %b : tensor<4x8xf32>, tensor<8x4xf32>) outs(%init : tensor<4x4xf32>) -> tensor<4x4xf32>
    compress.yield %y : tensor<4x4xf32>
  } -> tensor<4x4xf32>
  return
}

// Rows whose length is not known.
// CHECK-LABEL: func.func @dynamic_columns
// CHECK: form = scalar, dot = none
func.func @dynamic_columns(%e: tensor<?x?xi32>) {
  %0 = compress.group outs(%e : tensor<?x?xi32>) {
    %c0 = arith.constant 0 : index
    %empty = tensor.empty(%c0, %c0) : tensor<?x?xi32>
    %1 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>],
                         iterator_types = ["parallel", "parallel"]} outs(%empty : tensor<?x?xi32>) {
    ^bb0(%o: i32):
      %i = linalg.index 1 : index
      %c = arith.index_cast %i : index to i32
      linalg.yield %c : i32
    } -> tensor<?x?xi32>
    compress.yield %1 : tensor<?x?xi32>
  } -> tensor<?x?xi32>
  return
}

// A strategy that was given stays.
// CHECK-LABEL: func.func @given
// CHECK: form = scalar, dot = none, lanes = 1>
func.func @given(%x: tensor<4x64xf32>, %g: tensor<64xf32>, %e: tensor<4x64xf32>) {
  %0 = compress.group ins(%x, %g : tensor<4x64xf32>, tensor<64xf32>) outs(%e : tensor<4x64xf32>)
      attributes {strategy = #compress.strategy<form = scalar, dot = none, lanes = 1>} {
  ^bb0(%a: tensor<4x64xf32>, %b: tensor<64xf32>):
    %1 = lm.rms_norm %a, %b {epsilon = 1.0e-5 : f32} : tensor<4x64xf32>, tensor<64xf32>
    compress.yield %1 : tensor<4x64xf32>
  } -> tensor<4x64xf32>
  return
}
