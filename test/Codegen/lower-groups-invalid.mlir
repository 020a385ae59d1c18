// RUN: compress-opt %s --compress-lower-groups=target=x86-64-v3 --split-input-file --verify-diagnostics

func.func private @no_kernel(%x: memref<4x64xf32>, %g: memref<64xf32>, %y: memref<4x64xf32>, %t: index, %ts: index, %s: memref<?xi8>) {
  // expected-error @below {{is in no kernel; run compress-outline-groups first}}
  compress.group ins(%x, %g : memref<4x64xf32>, memref<64xf32>) outs(%y : memref<4x64xf32>)
      attributes {strategy = #compress.strategy<form = rows, dot = none, lanes = 8>} {
  ^bb0(%xi: tensor<4x64xf32>, %gi: tensor<64xf32>):
    %1 = lm.rms_norm %xi, %gi {epsilon = 1.0e-5 : f32} : tensor<4x64xf32>, tensor<64xf32>
    compress.yield %1 : tensor<4x64xf32>
  }
  return
}

// -----

func.func private @no_strategy(%x: memref<4x64xf32>, %g: memref<64xf32>, %y: memref<4x64xf32>, %t: index, %ts: index, %s: memref<?xi8>) attributes {compress.kernel} {
  // expected-error @below {{has no strategy; run compress-select-strategies}}
  compress.group ins(%x, %g : memref<4x64xf32>, memref<64xf32>) outs(%y : memref<4x64xf32>) {
  ^bb0(%xi: tensor<4x64xf32>, %gi: tensor<64xf32>):
    %1 = lm.rms_norm %xi, %gi {epsilon = 1.0e-5 : f32} : tensor<4x64xf32>, tensor<64xf32>
    compress.yield %1 : tensor<4x64xf32>
  }
  return
}

// -----

func.func private @no_attention(%x: memref<4x64xf32>, %g: memref<64xf32>, %y: memref<4x64xf32>, %t: index, %ts: index, %s: memref<?xi8>) attributes {compress.kernel} {
  // expected-error @below {{has no attention to emit}}
  compress.group ins(%x, %g : memref<4x64xf32>, memref<64xf32>) outs(%y : memref<4x64xf32>)
      attributes {strategy = #compress.strategy<form = attention, dot = none, lanes = 8>} {
  ^bb0(%xi: tensor<4x64xf32>, %gi: tensor<64xf32>):
    %1 = lm.rms_norm %xi, %gi {epsilon = 1.0e-5 : f32} : tensor<4x64xf32>, tensor<64xf32>
    compress.yield %1 : tensor<4x64xf32>
  }
  return
}

// -----

func.func private @nothing_structured(%x: memref<4x64xf32>, %g: memref<64xf32>, %y: memref<4x64xf32>, %t: index, %ts: index, %s: memref<?xi8>) attributes {compress.kernel} {
  // expected-error @below {{has no structured op to emit}}
  compress.group ins(%x, %g : memref<4x64xf32>, memref<64xf32>) outs(%y : memref<4x64xf32>)
      attributes {strategy = #compress.strategy<form = scalar, dot = none, lanes = 8>} {
  ^bb0(%xi: tensor<4x64xf32>, %gi: tensor<64xf32>):
    %1 = lm.rms_norm %xi, %gi {epsilon = 1.0e-5 : f32} : tensor<4x64xf32>, tensor<64xf32>
    compress.yield %1 : tensor<4x64xf32>
  }
  return
}

// -----

!cache = !lm.cache<layers = 1, heads = 1, head_dim = 64, values = #quantized.affine<i8, block = [1, -1], scale = #quantized.affine<i8, block = [1, 2], scale = f32>>>
func.func private @encoded_cache_read(%q: memref<4x64xf32>, %cache: !cache, %layer: index, %sequence: memref<4xi32>, %position: memref<4xi32>, %y: memref<4x64xf32>, %t: index, %ts: index, %s: memref<?xi8>) attributes {compress.kernel} {
  compress.group ins(%q, %cache, %layer, %sequence, %position : memref<4x64xf32>, !cache, index, memref<4xi32>, memref<4xi32>) outs(%y : memref<4x64xf32>)
      attributes {strategy = #compress.strategy<form = attention, dot = none, lanes = 8>} {
  ^bb0(%qi: tensor<4x64xf32>, %cachei: !cache, %layeri: index, %sequencei: tensor<4xi32>, %positioni: tensor<4xi32>):
    // expected-error @below {{has no code yet for '!lm.cache<layers = 1, heads = 1, head_dim = 64, values = #quantized.affine<i8, block = [1, -1], scale = #quantized.affine<i8, block = [1, 2], scale = f32>>>'; expected integers or floats with plain scales}}
    %0 = lm.cached_attention %qi, %cachei[%layeri], %sequencei, %positioni {scale = 0.125 : f32} : tensor<4x64xf32>, !cache, tensor<4xi32>, tensor<4xi32>
    compress.yield %0 : tensor<4x64xf32>
  }
  return
}

// -----

!cache = !lm.cache<layers = 1, heads = 1, head_dim = 64, values = #quantized.affine<i8, block = [1, -1], scale = #quantized.affine<i8, block = [1, 2], scale = f32>>>
func.func private @encoded_cache_written(%q: memref<4x64xf32>, %cache: !cache, %layer: index, %sequence: memref<4xi32>, %position: memref<4xi32>, %t: index, %ts: index, %s: memref<?xi8>) attributes {compress.kernel} {
  compress.group ins(%q, %cache, %layer, %sequence, %position : memref<4x64xf32>, !cache, index, memref<4xi32>, memref<4xi32>)
      attributes {strategy = #compress.strategy<form = rows, dot = none, lanes = 8>} {
  ^bb0(%qi: tensor<4x64xf32>, %cachei: !cache, %layeri: index, %sequencei: tensor<4xi32>, %positioni: tensor<4xi32>):
    // expected-error @below {{has no code yet for '!lm.cache<layers = 1, heads = 1, head_dim = 64, values = #quantized.affine<i8, block = [1, -1], scale = #quantized.affine<i8, block = [1, 2], scale = f32>>>'; expected integers or floats with plain scales}}
    lm.kv_append %cachei[%layeri], %sequencei, %positioni, %qi, %qi : !cache, tensor<4xi32>, tensor<4xi32>, tensor<4x64xf32>, tensor<4x64xf32>
  }
  return
}

// -----

#nested = #quantized.affine<i8, block = [16, 1], scale = #quantized.affine<i8, block = [1, 2], scale = f32>>
!cache = !lm.cache<layers = 1, heads = 1, head_dim = 64, keys = #nested, values = f16>
func.func private @encoded_keys(%cache: !cache, %layer: index, %sequence: memref<4xi32>, %position: memref<4xi32>, %t: index, %ts: index, %s: memref<?xi8>) attributes {compress.kernel} {
  compress.group ins(%cache, %layer, %sequence, %position : !cache, index, memref<4xi32>, memref<4xi32>)
      attributes {strategy = #compress.strategy<form = rows, dot = none, lanes = 8>} {
  ^bb0(%cachei: !cache, %layeri: index, %sequencei: tensor<4xi32>, %positioni: tensor<4xi32>):
    // expected-error @below {{expected integers or floats with plain scales}}
    lm.kv_encode %cachei[%layeri], %sequencei, %positioni : !cache, tensor<4xi32>, tensor<4xi32>
  }
  return
}

// -----

#two_rows = #quantized.affine<i8, block = [2, 32], scale = f32>
func.func private @blocks_of_two_rows(%x: memref<4x64xf32>, %c: memref<4x64xi8>, %s2: memref<2x2xf32>, %t: index, %ts: index, %s: memref<?xi8>) attributes {compress.kernel} {
  compress.group ins(%x : memref<4x64xf32>) outs(%c, %s2 : memref<4x64xi8>, memref<2x2xf32>)
      attributes {strategy = #compress.strategy<form = rows, dot = none, lanes = 8>} {
  ^bb0(%xi: tensor<4x64xf32>):
    // expected-error @below {{has no code yet for encoding activations to}}
    %1 = compress.encode %xi : tensor<4x64xf32> to tensor<4x64xf32, #two_rows>
    %2:2 = compress.components %1 : tensor<4x64xf32, #two_rows> to tensor<4x64xi8>, tensor<2x2xf32>
    compress.yield %2#0, %2#1 : tensor<4x64xi8>, tensor<2x2xf32>
  }
  return
}

// -----

func.func private @no_rows(%q: memref<2x4x64xf32>, %y: memref<2x4x64xf32>, %t: index, %ts: index, %s: memref<?xi8>) attributes {compress.kernel} {
  compress.group ins(%q : memref<2x4x64xf32>) outs(%y : memref<2x4x64xf32>)
      attributes {strategy = #compress.strategy<form = rows, dot = none, lanes = 8>} {
  ^bb0(%qi: tensor<2x4x64xf32>):
    // expected-error @below {{has no row by row form of code}}
    %1 = lm.attention %qi, %qi, %qi {head_dim = 64 : i64, scale = 0.125 : f32} : tensor<2x4x64xf32>, tensor<2x4x64xf32>
    compress.yield %1 : tensor<2x4x64xf32>
  }
  return
}

// -----

func.func private @two_structured(%x: memref<4x4xf32>, %y: memref<4x4xf32>, %t: index, %ts: index, %s: memref<?xi8>) attributes {compress.kernel} {
  compress.group ins(%x : memref<4x4xf32>) outs(%y : memref<4x4xf32>)
      attributes {strategy = #compress.strategy<form = scalar, dot = none, lanes = 8>} {
  ^bb0(%xi: tensor<4x4xf32>):
    %empty = tensor.empty() : tensor<4x4xf32>
    %1 = linalg.exp ins(%xi : tensor<4x4xf32>) outs(%empty : tensor<4x4xf32>) -> tensor<4x4xf32>
    // expected-error @below {{has no form of code yet: expected one result, which is the group's}}
    %2 = linalg.abs ins(%1 : tensor<4x4xf32>) outs(%empty : tensor<4x4xf32>) -> tensor<4x4xf32>
    compress.yield %1 : tensor<4x4xf32>
  }
  return
}

// -----

func.func private @diagonal(%x: memref<4xf32>, %y: memref<4x4xf32>, %t: index, %ts: index, %s: memref<?xi8>) attributes {compress.kernel} {
  compress.group ins(%x : memref<4xf32>) outs(%y : memref<4x4xf32>)
      attributes {strategy = #compress.strategy<form = scalar, dot = none, lanes = 8>} {
  ^bb0(%xi: tensor<4xf32>):
    %empty = tensor.empty() : tensor<4x4xf32>
    // expected-error @below {{has no form of code yet: expected a result that is indexed by loops}}
    %1 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i, i)>], iterator_types = ["parallel"]}
        ins(%xi : tensor<4xf32>) outs(%empty : tensor<4x4xf32>) {
    ^bb0(%in: f32, %o: f32):
      linalg.yield %in : f32
    } -> tensor<4x4xf32>
    compress.yield %1 : tensor<4x4xf32>
  }
  return
}

// -----

#order = #compress.permuted<#quantized.affine<i8, block = [1, -1], scale = f32>>
func.func private @two_orders(%o: memref<8xi32>, %c: memref<4x8xi8>, %d: memref<4x1xf32>, %y: memref<4x8xf32>,
                              %t: index, %ts: index, %s: memref<?xi8>) attributes {compress.kernel} {
  compress.group ins(%o, %c, %d : memref<8xi32>, memref<4x8xi8>, memref<4x1xf32>) outs(%y : memref<4x8xf32>)
      attributes {strategy = #compress.strategy<form = scalar, dot = none, lanes = 8>} {
  ^bb0(%oi: tensor<8xi32>, %ci: tensor<4x8xi8>, %di: tensor<4x1xf32>):
    %x = compress.assemble %oi, %ci, %di : tensor<8xi32>, tensor<4x8xi8>, tensor<4x1xf32> to tensor<4x8xf32, #order>
    %empty = tensor.empty() : tensor<4x8xf32>
    // expected-error @below {{has no form of code yet: expected at most one operand of permuted columns, indexed by a loop}}
    %1 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>,
                                          affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
        ins(%x, %x : tensor<4x8xf32, #order>, tensor<4x8xf32, #order>) outs(%empty : tensor<4x8xf32>) {
    ^bb0(%a: f32, %b: f32, %out: f32):
      %sum = arith.addf %a, %b : f32
      linalg.yield %sum : f32
    } -> tensor<4x8xf32>
    compress.yield %1 : tensor<4x8xf32>
  }
  return
}
