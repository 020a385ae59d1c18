// RUN: compress-opt %s --compress-verify-strategies=target=x86-64-v3 --split-input-file --verify-diagnostics

// Selected for this target: no error.
#q4 = #quantized.affine<i4, block = [1, 32], scale = f16>
#q8 = #quantized.affine<i8, block = [1, 32], scale = f16>
#p4 = #compress.panel<#q4, rows = 16, row_dim = 0, reduction_dim = 1>
#p8 = #compress.panel<#q8, rows = 16, row_dim = 0, reduction_dim = 1>
#a8 = #quantized.affine<i8, block = [1, 32], scale = f32, narrow = true>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
func.func @legal(%x: tensor<4x64xf32, #a8>, %w: tensor<64x64xf32, #p4>, %e: tensor<4x64xf32>) {
  %0 = compress.group ins(%x, %w : tensor<4x64xf32, #a8>, tensor<64x64xf32, #p4>) outs(%e : tensor<4x64xf32>)
      attributes {strategy = #compress.strategy<form = integer, dot = maddubs, lanes = 8, tile = 4>} {
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

// -----

func.func @missing(%x: tensor<4x64xf32>, %g: tensor<64xf32>, %e: tensor<4x64xf32>) {
  // expected-error @below {{has no strategy; run compress-select-strategies}}
  %0 = compress.group ins(%x, %g : tensor<4x64xf32>, tensor<64xf32>) outs(%e : tensor<4x64xf32>) {
  ^bb0(%a: tensor<4x64xf32>, %b: tensor<64xf32>):
    %1 = lm.rms_norm %a, %b {epsilon = 1.0e-5 : f32} : tensor<4x64xf32>, tensor<64xf32>
    compress.yield %1 : tensor<4x64xf32>
  } -> tensor<4x64xf32>
  return
}

// -----

func.func @lanes(%x: tensor<4x64xf32>, %g: tensor<64xf32>, %e: tensor<4x64xf32>) {
  // expected-error @below {{has a strategy of 16 lanes; x86-64-v3 has 8}}
  %0 = compress.group ins(%x, %g : tensor<4x64xf32>, tensor<64xf32>) outs(%e : tensor<4x64xf32>)
      attributes {strategy = #compress.strategy<form = rows, dot = none, lanes = 16>} {
  ^bb0(%a: tensor<4x64xf32>, %b: tensor<64xf32>):
    %1 = lm.rms_norm %a, %b {epsilon = 1.0e-5 : f32} : tensor<4x64xf32>, tensor<64xf32>
    compress.yield %1 : tensor<4x64xf32>
  } -> tensor<4x64xf32>
  return
}

// -----

func.func @panels(%x: tensor<4x64xf32>, %g: tensor<64xf32>, %e: tensor<4x64xf32>) {
  // expected-error @below {{has a strategy for panels, but is no contraction with weights in panels}}
  %0 = compress.group ins(%x, %g : tensor<4x64xf32>, tensor<64xf32>) outs(%e : tensor<4x64xf32>)
      attributes {strategy = #compress.strategy<form = float, dot = none, lanes = 8, tile = 6>} {
  ^bb0(%a: tensor<4x64xf32>, %b: tensor<64xf32>):
    %1 = lm.rms_norm %a, %b {epsilon = 1.0e-5 : f32} : tensor<4x64xf32>, tensor<64xf32>
    compress.yield %1 : tensor<4x64xf32>
  } -> tensor<4x64xf32>
  return
}

// -----

func.func @heads(%q: tensor<4x384xf32>, %s: tensor<4xi32>, %p: tensor<4xi32>, %cache: !lm.cache<layers = 1, heads = 2, head_dim = 64, values = f16>, %e: tensor<4x384xf32>) {
  %layer = arith.constant 0 : index
  // expected-error @below {{has a strategy of 2 heads a pass, which do not divide the 3 that share keys and values}}
  %0 = compress.group ins(%q, %cache, %layer, %s, %p : tensor<4x384xf32>, !lm.cache<layers = 1, heads = 2, head_dim = 64, values = f16>, index, tensor<4xi32>, tensor<4xi32>) outs(%e : tensor<4x384xf32>)
      attributes {strategy = #compress.strategy<form = attention, dot = none, lanes = 8, tile = 2>} {
  ^bb0(%qi: tensor<4x384xf32>, %cachei: !lm.cache<layers = 1, heads = 2, head_dim = 64, values = f16>, %layeri: index, %si: tensor<4xi32>, %pi: tensor<4xi32>):
    %1 = lm.cached_attention %qi, %cachei[%layeri], %si, %pi {scale = 0.125 : f32} : tensor<4x384xf32>, !lm.cache<layers = 1, heads = 2, head_dim = 64, values = f16>, tensor<4xi32>, tensor<4xi32>
    compress.yield %1 : tensor<4x384xf32>
  } -> tensor<4x384xf32>
  return
}

// -----

func.func @attention(%x: tensor<4x64xf32>, %g: tensor<64xf32>, %e: tensor<4x64xf32>) {
  // expected-error @below {{has a strategy for attention, but is none}}
  %0 = compress.group ins(%x, %g : tensor<4x64xf32>, tensor<64xf32>) outs(%e : tensor<4x64xf32>)
      attributes {strategy = #compress.strategy<form = attention, dot = none, lanes = 8>} {
  ^bb0(%a: tensor<4x64xf32>, %b: tensor<64xf32>):
    %1 = lm.rms_norm %a, %b {epsilon = 1.0e-5 : f32} : tensor<4x64xf32>, tensor<64xf32>
    compress.yield %1 : tensor<4x64xf32>
  } -> tensor<4x64xf32>
  return
}

// -----

#q4 = #quantized.affine<i4, block = [1, 32], scale = f16>
#q8 = #quantized.affine<i8, block = [1, 32], scale = f16>
#p4 = #compress.panel<#q4, rows = 16, row_dim = 0, reduction_dim = 1>
#p8 = #compress.panel<#q8, rows = 16, row_dim = 0, reduction_dim = 1>
#a8 = #quantized.affine<i8, block = [1, 32], scale = f32, narrow = true>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
func.func @divide(%x: tensor<4x64xf32, #a8>, %w: tensor<48x64xf32, #p4>, %e: tensor<4x48xf32>) {
  // expected-error @below {{has a strategy of 2 panels a unit, which do not divide 3}}
  %0 = compress.group ins(%x, %w : tensor<4x64xf32, #a8>, tensor<48x64xf32, #p4>) outs(%e : tensor<4x48xf32>)
      attributes {strategy = #compress.strategy<form = integer, dot = maddubs, lanes = 8, tile = 4, panels = 2>} {
  ^bb0(%a: tensor<4x64xf32, #a8>, %b: tensor<48x64xf32, #p4>):
    %zero = arith.constant 0.0 : f32
    %empty = tensor.empty() : tensor<4x48xf32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x48xf32>) -> tensor<4x48xf32>
    %y = linalg.matmul indexing_maps = [#mk, #nk, #mn]
      ins(%a, %b : tensor<4x64xf32, #a8>, tensor<48x64xf32, #p4>) outs(%init : tensor<4x48xf32>) -> tensor<4x48xf32>
    compress.yield %y : tensor<4x48xf32>
  } -> tensor<4x48xf32>
  return
}

// -----

#q4 = #quantized.affine<i4, block = [1, 32], scale = f16>
#q8 = #quantized.affine<i8, block = [1, 32], scale = f16>
#p4 = #compress.panel<#q4, rows = 16, row_dim = 0, reduction_dim = 1>
#p8 = #compress.panel<#q8, rows = 16, row_dim = 0, reduction_dim = 1>
#a8 = #quantized.affine<i8, block = [1, 32], scale = f32, narrow = true>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
func.func @rows(%x: tensor<4x64xf32, #a8>, %w: tensor<64x64xf32, #p4>, %e: tensor<4x64xf32>) {
  // expected-error @below {{has a strategy for rows, but works not row by row}}
  %0 = compress.group ins(%x, %w : tensor<4x64xf32, #a8>, tensor<64x64xf32, #p4>) outs(%e : tensor<4x64xf32>)
      attributes {strategy = #compress.strategy<form = rows, dot = none, lanes = 8>} {
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

// -----

#q4 = #quantized.affine<i4, block = [1, 32], scale = f16>
#q8 = #quantized.affine<i8, block = [1, 32], scale = f16>
#p4 = #compress.panel<#q4, rows = 16, row_dim = 0, reduction_dim = 1>
#p8 = #compress.panel<#q8, rows = 16, row_dim = 0, reduction_dim = 1>
#a8 = #quantized.affine<i8, block = [1, 32], scale = f32, narrow = true>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
func.func @codes(%x: tensor<4x64xf32>, %w: tensor<64x64xf32, #p4>, %e: tensor<4x64xf32>) {
  // expected-error @below {{has an integer strategy, but its operands' codes can't be multiplied as integers}}
  %0 = compress.group ins(%x, %w : tensor<4x64xf32>, tensor<64x64xf32, #p4>) outs(%e : tensor<4x64xf32>)
      attributes {strategy = #compress.strategy<form = integer, dot = maddubs, lanes = 8, tile = 4>} {
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

// -----

#q4 = #quantized.affine<i4, block = [1, 32], scale = f16>
#q8 = #quantized.affine<i8, block = [1, 32], scale = f16>
#p4 = #compress.panel<#q4, rows = 16, row_dim = 0, reduction_dim = 1>
#p8 = #compress.panel<#q8, rows = 16, row_dim = 0, reduction_dim = 1>
#a8 = #quantized.affine<i8, block = [1, 32], scale = f32, narrow = true>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
func.func @vnni(%x: tensor<4x64xf32, #a8>, %w: tensor<64x64xf32, #p4>, %e: tensor<4x64xf32>) {
  // expected-error @below {{has the integer dot 'vnni', which x86-64-v3 lacks or which is not exact for codes up to 15}}
  %0 = compress.group ins(%x, %w : tensor<4x64xf32, #a8>, tensor<64x64xf32, #p4>) outs(%e : tensor<4x64xf32>)
      attributes {strategy = #compress.strategy<form = integer, dot = vnni, lanes = 8, tile = 4>} {
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

// -----

#q4 = #quantized.affine<i4, block = [1, 32], scale = f16>
#q8 = #quantized.affine<i8, block = [1, 32], scale = f16>
#p4 = #compress.panel<#q4, rows = 16, row_dim = 0, reduction_dim = 1>
#p8 = #compress.panel<#q8, rows = 16, row_dim = 0, reduction_dim = 1>
#a8 = #quantized.affine<i8, block = [1, 32], scale = f32, narrow = true>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
func.func @inexact(%x: tensor<4x64xf32, #a8>, %w: tensor<64x64xf32, #p8>, %e: tensor<4x64xf32>) {
  // expected-error @below {{which is not exact for codes up to 255}}
  %0 = compress.group ins(%x, %w : tensor<4x64xf32, #a8>, tensor<64x64xf32, #p8>) outs(%e : tensor<4x64xf32>)
      attributes {strategy = #compress.strategy<form = integer, dot = maddubs, lanes = 8, tile = 4>} {
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
