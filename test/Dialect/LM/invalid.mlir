// RUN: compress-opt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{a cache has at least one layer, head and column}}
func.func private @f(!lm.cache<layers = 0, heads = 3, head_dim = 64, values = f16>)

// -----

// expected-error @+1 {{expected a number type or an encoding as values, got f64}}
func.func private @f(!lm.cache<layers = 1, heads = 3, head_dim = 64, values = f64>)

// -----

// expected-error @+1 {{a head's 64 columns of values can't be stored as #quantized.affine<i8, block = [32], scale = f16>}}
func.func private @f(!lm.cache<layers = 1, heads = 3, head_dim = 64, values = #quantized.affine<i8, block = [32], scale = f16>>)

// -----

// cache_c2
// expected-error @+1 {{expected a number type or an encoding as keys, got f64}}
func.func private @f(!lm.cache<layers = 1, heads = 3, head_dim = 64, keys = f64, values = f16>)

// -----

// cache_c2
// expected-error @+1 {{values are encoded token by token; blocks begin with 1, not 32}}
func.func private @f(!lm.cache<layers = 1, heads = 3, head_dim = 64, keys = f16, values = #quantized.affine<i8, block = [32, 1], scale = f16>>)

// -----

// cache_c2
// expected-error @+1 {{caches hold number formats, no structures}}
func.func private @f(!lm.cache<layers = 1, heads = 3, head_dim = 64, values = #sparse.nm<2 : 4, values = f16>>)

// -----

// cache_c3
// expected-error @+1 {{a head's 64 columns of keys can't be stored as #quantized.affine<i8, block = [24, 1], scale = f16>: blocks of keys have 1 position, or a multiple of 16 up to 256, not 24}}
func.func private @f(!lm.cache<layers = 1, heads = 3, head_dim = 64, keys = #quantized.affine<i8, block = [24, 1], scale = f16>, values = f16>)

// -----

// cache_c3
// expected-error @+1 {{or a multiple of 16 up to 256, not 272}}
func.func private @f(!lm.cache<layers = 1, heads = 3, head_dim = 64, keys = #quantized.affine<i8, block = [272, 1], scale = f16>, values = f16>)

// -----

// cache_c3
// expected-error @+1 {{blocks of several positions have a number of columns that divides a head's 64, not 3}}
func.func private @f(!lm.cache<layers = 1, heads = 3, head_dim = 64, keys = #quantized.affine<i8, block = [16, 3], scale = f16>, values = f16>)

// -----

// gather_rows_c1
func.func @f(%table: tensor<8x4xf32>, %rows: tensor<?xi32>) {
  // expected-error @+1 {{takes rows of a table, got 'tensor<8x4xf32>' and 'tensor<?x5xf32>'}}
  %0 = lm.gather_rows %table[%rows] : tensor<8x4xf32>[tensor<?xi32>] -> tensor<?x5xf32>
  return
}

// -----

// gather_rows_c1
func.func @f(%table: tensor<8x4x2xf32>, %rows: tensor<?xi32>) {
  // expected-error @+1 {{takes rows of a table}}
  %0 = lm.gather_rows %table[%rows] : tensor<8x4x2xf32>[tensor<?xi32>] -> tensor<?x4xf32>
  return
}

// -----

// gather_rows_c1
func.func @f(%table: tensor<8x4xf32, #quantized.float<f16>>, %rows: tensor<?xi32>) {
  // expected-error @+1 {{takes rows of a table}}
  %0 = lm.gather_rows %table[%rows] : tensor<8x4xf32, #quantized.float<f16>>[tensor<?xi32>] -> tensor<?x4xf32, #quantized.float<f16>>
  return
}

// -----

// gather_rows_c2
func.func @f(%table: tensor<8x4xf32>, %rows: tensor<3xi32>) {
  // expected-error @+1 {{gives one row per row number}}
  %0 = lm.gather_rows %table[%rows] : tensor<8x4xf32>[tensor<3xi32>] -> tensor<2x4xf32>
  return
}

// -----

// rms_norm_c1
func.func @f(%x: tensor<?x4xf32>, %w: tensor<5xf32>) {
  // expected-error @+1 {{needs one weight per column, got 5 for 4}}
  %0 = lm.rms_norm %x, %w {epsilon = 1.0e-5 : f32} : tensor<?x4xf32>, tensor<5xf32>
  return
}

// -----

// layer_norm_c1
func.func @f(%x: tensor<?x4xf32>, %w: tensor<4xf32>, %b: tensor<3xf32>) {
  // expected-error @+1 {{needs one weight and bias per column, got 3 for 4}}
  %0 = lm.layer_norm %x, %w, %b {epsilon = 1.0e-5 : f32} : tensor<?x4xf32>, tensor<4xf32>, tensor<3xf32>
  return
}

// -----

// rotary_table_c1
func.func @f(%p: tensor<?xi32>, %f: tensor<4xf32>) {
  // expected-error @+1 {{gives one row per position and two columns per frequency}}
  %0 = lm.rotary_table %p, %f : tensor<?xi32>, tensor<4xf32> -> tensor<?x4xf32>
  return
}

// -----

// rotary_table_c1
func.func @f(%p: tensor<3xi32>, %f: tensor<4xf32>) {
  // expected-error @+1 {{gives one row per position and two columns per frequency}}
  %0 = lm.rotary_table %p, %f : tensor<3xi32>, tensor<4xf32> -> tensor<2x8xf32>
  return
}

// -----

// rope_c1
func.func @f(%x: tensor<?x10xf32>, %t: tensor<?x4xf32>) {
  // expected-error @+1 {{needs whole heads of 4 columns, got 10}}
  %0 = lm.rope %x, %t {head_dim = 4 : i64} : tensor<?x10xf32>, tensor<?x4xf32>
  return
}

// -----

// rope_c1
func.func @f(%x: tensor<?x10xf32>, %t: tensor<?x4xf32>) {
  // expected-error @+1 {{needs whole heads of 0 columns, got 10}}
  %0 = lm.rope %x, %t {head_dim = 0 : i64} : tensor<?x10xf32>, tensor<?x4xf32>
  return
}

// -----

// rope_c2
func.func @f(%x: tensor<?x10xf32>, %t: tensor<?x6xf32>) {
  // expected-error @+1 {{needs a table of pairs that fit a head of 5 columns, got 6}}
  %0 = lm.rope %x, %t {head_dim = 5 : i64} : tensor<?x10xf32>, tensor<?x6xf32>
  return
}

// -----

// rope_c2
func.func @f(%x: tensor<?x10xf32>, %t: tensor<?x3xf32>) {
  // expected-error @+1 {{needs a table of pairs that fit a head of 5 columns, got 3}}
  %0 = lm.rope %x, %t {head_dim = 5 : i64} : tensor<?x10xf32>, tensor<?x3xf32>
  return
}

// -----

// rope_c3
func.func @f(%x: tensor<2x10xf32>, %t: tensor<3x4xf32>) {
  // expected-error @+1 {{needs one row of the table per row of the input}}
  %0 = lm.rope %x, %t {head_dim = 5 : i64} : tensor<2x10xf32>, tensor<3x4xf32>
  return
}

// -----

#keys = #quantized.affine<i8, block = [16, 1], scale = f16>
!cache = !lm.cache<layers = 2, heads = 3, head_dim = 4, keys = #keys, values = f16>

// kv_encode_c1
func.func @f(%c: !cache, %l: index, %s: tensor<4xi32>, %p: tensor<5xi32>) {
  // expected-error @+1 {{needs one sequence and position per row}}
  lm.kv_encode %c[%l], %s, %p : !cache, tensor<4xi32>, tensor<5xi32>
  return
}

// -----

!cache = !lm.cache<layers = 2, heads = 3, head_dim = 4, values = f16>

// kv_encode_c2
func.func @f(%c: !cache, %l: index, %s: tensor<4xi32>, %p: tensor<4xi32>) {
  // expected-error @+1 {{needs a cache whose keys have groups of positions, got '!lm.cache<layers = 2, heads = 3, head_dim = 4, values = f16>'}}
  lm.kv_encode %c[%l], %s, %p : !cache, tensor<4xi32>, tensor<4xi32>
  return
}

// -----

!cache = !lm.cache<layers = 2, heads = 3, head_dim = 4, values = f16>
// kv_append_c1
func.func @f(%c: !cache, %l: index, %s: tensor<?xi32>, %p: tensor<?xi32>, %k: tensor<?x12xf32>, %v: tensor<?x8xf32>) {
  // expected-error @+1 {{needs keys and values of 12 columns}}
  lm.kv_append %c[%l], %s, %p, %k, %v : !cache, tensor<?xi32>, tensor<?xi32>, tensor<?x12xf32>, tensor<?x8xf32>
  return
}

// -----

!cache = !lm.cache<layers = 2, heads = 3, head_dim = 4, values = f16>
// kv_append_c2
func.func @f(%c: !cache, %l: index, %s: tensor<2xi32>, %p: tensor<3xi32>, %k: tensor<?x12xf32>, %v: tensor<?x12xf32>) {
  // expected-error @+1 {{needs one sequence and position per row}}
  lm.kv_append %c[%l], %s, %p, %k, %v : !cache, tensor<2xi32>, tensor<3xi32>, tensor<?x12xf32>, tensor<?x12xf32>
  return
}

// -----

!cache = !lm.cache<layers = 2, heads = 3, head_dim = 4, values = f16>
// cached_attention_c1
func.func @f(%c: !cache, %l: index, %s: tensor<?xi32>, %p: tensor<?xi32>, %q: tensor<?x16xf32>) {
  // expected-error @+1 {{needs a query of whole groups of 3 heads of 4 columns, got 16}}
  %0 = lm.cached_attention %q, %c[%l], %s, %p {scale = 0.5 : f32} : tensor<?x16xf32>, !cache, tensor<?xi32>, tensor<?xi32>
  return
}

// -----

!cache = !lm.cache<layers = 2, heads = 3, head_dim = 4, values = f16>
// cached_attention_c2
func.func @f(%c: !cache, %l: index, %s: tensor<2xi32>, %p: tensor<2xi32>, %q: tensor<3x24xf32>) {
  // expected-error @+1 {{needs one sequence, position and result per row}}
  %0 = lm.cached_attention %q, %c[%l], %s, %p {scale = 0.5 : f32} : tensor<3x24xf32>, !cache, tensor<2xi32>, tensor<2xi32>
  return
}

// -----

!cache = !lm.cache<layers = 2, heads = 3, head_dim = 4, values = f16>
// cached_attention_c2
func.func @f(%c: !cache, %l: index, %s: tensor<3xi32>, %p: tensor<3xi32>, %q: tensor<3x24xf32>) {
  // expected-error @+1 {{needs one sequence, position and result per row}}
  %0 = "lm.cached_attention"(%q, %c, %l, %s, %p) {scale = 0.5 : f32} : (tensor<3x24xf32>, !cache, index, tensor<3xi32>, tensor<3xi32>) -> tensor<3x12xf32>
  return
}

// -----

// attention_c1
func.func @f(%q: tensor<2x3x8xf32>, %k: tensor<2x4x4xf32>, %v: tensor<2x4x4xf32>) {
  // expected-error @+1 {{needs keys and values of the query's batch and tokens}}
  %0 = lm.attention %q, %k, %v {head_dim = 4 : i64, scale = 0.5 : f32} : tensor<2x3x8xf32>, tensor<2x4x4xf32>
  return
}

// -----

// attention_c1
func.func @f(%q: tensor<2x3x8xf32>, %k: tensor<2x3x4xf32>, %v: tensor<2x3x8xf32>) {
  // expected-error @+1 {{needs keys and values of the query's batch and tokens}}
  %0 = "lm.attention"(%q, %k, %v) {head_dim = 4 : i64, scale = 0.5 : f32} : (tensor<2x3x8xf32>, tensor<2x3x4xf32>, tensor<2x3x8xf32>) -> tensor<2x3x8xf32>
  return
}

// -----

// attention_c2
func.func @f(%q: tensor<2x3x12xf32>, %k: tensor<2x3x8xf32>, %v: tensor<2x3x8xf32>) {
  // expected-error @+1 {{needs whole heads of 4 columns, the query's a multiple of the keys', got 12 and 8 columns}}
  %0 = lm.attention %q, %k, %v {head_dim = 4 : i64, scale = 0.5 : f32} : tensor<2x3x12xf32>, tensor<2x3x8xf32>
  return
}

// -----

!cache = !lm.cache<layers = 2, heads = 3, head_dim = 4, values = f16>
// cached_attention_c3
func.func @f(%c: !cache, %l: index, %s: tensor<?xi32>, %p: tensor<?xi32>, %q: tensor<?x24xf32>) {
  // expected-error @+1 {{needs a positive window, got 0}}
  %0 = lm.cached_attention %q, %c[%l], %s, %p {scale = 0.5 : f32, window = 0 : i64} : tensor<?x24xf32>, !cache, tensor<?xi32>, tensor<?xi32>
  return
}

// -----

// attention_c3
func.func @f(%q: tensor<2x3x8xf32>, %k: tensor<2x3x4xf32>, %v: tensor<2x3x4xf32>) {
  // expected-error @+1 {{needs a positive soft cap, got -5.000000e+01}}
  %0 = lm.attention %q, %k, %v {head_dim = 4 : i64, scale = 0.5 : f32, soft_cap = -50.0 : f32} : tensor<2x3x8xf32>, tensor<2x3x4xf32>
  return
}

// -----

// attention_c4
func.func @f(%q: tensor<2x3x8xf32>, %k: tensor<2x3x4xf32>, %v: tensor<2x3x4xf32>) {
  // expected-error @+1 {{is bidirectional, and so can't have a window}}
  %0 = lm.attention %q, %k, %v {bidirectional, head_dim = 4 : i64, scale = 0.5 : f32, window = 2 : i64} : tensor<2x3x8xf32>, tensor<2x3x4xf32>
  return
}

// -----

// route_c1
func.func @f(%l: tensor<?x8xf32>) {
  // expected-error @+1 {{gives weights and experts of one shape, a row for each row of logits}}
  %0:2 = lm.route %l : tensor<?x8xf32> -> tensor<?x2xf32>, tensor<?x3xi32>
  return
}

// -----

// route_c2
func.func @f(%l: tensor<?x8xf32>) {
  // expected-error @+1 {{takes from 1 to 8 experts, got 'tensor<?x9xf32>'}}
  %0:2 = lm.route %l : tensor<?x8xf32> -> tensor<?x9xf32>, tensor<?x9xi32>
  return
}

// -----

// dispatch_c1
func.func @f(%x: tensor<3x4xf32>, %e: tensor<3x2xi32>) {
  // expected-error @+1 {{gives a row of the input for each expert of its token}}
  %0 = lm.dispatch %x, %e : tensor<3x4xf32>, tensor<3x2xi32> -> tensor<5x4xf32>
  return
}

// -----

// gather_experts_c1
func.func @f(%w: tensor<8x4x6xf32>, %e: tensor<3x2xi32>) {
  // expected-error @+1 {{takes matrices of stacked ones, got 'tensor<8x4x6xf32>' and 'tensor<6x6x4xf32>'}}
  %0 = lm.gather_experts %w[%e] : tensor<8x4x6xf32>[tensor<3x2xi32>] -> tensor<6x6x4xf32>
  return
}

// -----

// gather_experts_c2
func.func @f(%w: tensor<8x4x6xf32>, %e: tensor<3x2xi32>) {
  // expected-error @+1 {{gives one matrix per expert of a token}}
  %0 = lm.gather_experts %w[%e] : tensor<8x4x6xf32>[tensor<3x2xi32>] -> tensor<3x4x6xf32>
  return
}

// -----

#q = #quantized.affine<i8, block = [1, 1, 2], scale = f32>
// gather_experts_c3
func.func @f(%w: tensor<8x4x6xf32, #q>, %e: tensor<3x2xi32>) {
  // expected-error @+1 {{keeps the weights' encoding without its layout, got}}
  %0 = lm.gather_experts %w[%e] : tensor<8x4x6xf32, #q>[tensor<3x2xi32>] -> tensor<6x4x6xf32>
  return
}

// -----

// combine_c1
func.func @f(%y: tensor<5x4xf32>, %w: tensor<3x2xf32>) {
  // expected-error @+1 {{takes a row of the input for each weight of a token}}
  %0 = lm.combine %y, %w : tensor<5x4xf32>, tensor<3x2xf32> -> tensor<3x4xf32>
  return
}
