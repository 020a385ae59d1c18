// RUN: compress-opt %s | compress-opt | FileCheck %s
// RUN: compress-opt %s --mlir-print-op-generic | compress-opt | FileCheck %s

// CHECK-DAG: #[[Q8:.*]] = #quantized.affine<i8, block = [1, -1], scale = f32>
// CHECK-DAG: #[[K4:.*]] = #quantized.affine<ui4, block = [32, 1], scale = f16, min = f16>
// CHECK-DAG: #[[Q8E:.*]] = #quantized.affine<i8, block = [1, 1, 32], scale = f16>

#q8 = #quantized.affine<i8, block = [1, -1], scale = f32>
#q8e = #quantized.affine<i8, block = [1, 1, 32], scale = f16>
#k4 = #quantized.affine<ui4, block = [32, 1], scale = f16, min = f16>
!cache = !lm.cache<layers = 2, heads = 3, head_dim = 64, values = f16>
!groups = !lm.cache<layers = 2, heads = 3, head_dim = 64, keys = #k4, values = f16>

// CHECK-LABEL: func.func private @caches
// CHECK-SAME: !lm.cache<layers = 2, heads = 3, head_dim = 64, values = f16>, !lm.cache<layers = 1, heads = 1, head_dim = 5, values = #[[Q8]]>, !lm.cache<layers = 2, heads = 3, head_dim = 64, keys = #[[K4]], values = f16>
func.func private @caches(!cache, !lm.cache<layers = 1, heads = 1, head_dim = 5, values = #q8>, !groups)

// CHECK-LABEL: func.func @encode_keys
func.func @encode_keys(%cache: !groups, %layer: index, %sequence: tensor<?xi32>, %position: tensor<?xi32>) {
  // CHECK: lm.kv_encode %{{.*}}[%{{.*}}], %{{.*}}, %{{.*}} : <layers = 2, heads = 3, head_dim = 64, keys = #[[K4]], values = f16>, tensor<?xi32>, tensor<?xi32>
  lm.kv_encode %cache[%layer], %sequence, %position : !groups, tensor<?xi32>, tensor<?xi32>
  return
}

// CHECK-LABEL: func.func @rows
func.func @rows(%table: tensor<512x64xf32, #q8>, %rows: tensor<?xi32>, %w: tensor<64xf32>) -> tensor<?x64xf32> {
  // CHECK: lm.gather_rows %{{.*}}[%{{.*}}] : tensor<512x64xf32, #[[Q8]]>[tensor<?xi32>] -> tensor<?x64xf32>
  %0 = lm.gather_rows %table[%rows] : tensor<512x64xf32, #q8>[tensor<?xi32>] -> tensor<?x64xf32>
  // CHECK: lm.rms_norm %{{.*}}, %{{.*}} {epsilon = 9.99999974E-6 : f32} : tensor<?x64xf32>, tensor<64xf32>
  %1 = lm.rms_norm %0, %w {epsilon = 1.0e-5 : f32} : tensor<?x64xf32>, tensor<64xf32>
  // CHECK: lm.layer_norm %{{.*}}, %{{.*}}, %{{.*}} {epsilon = 9.99999974E-6 : f32} : tensor<?x64xf32>, tensor<64xf32>, tensor<64xf32>
  %2 = lm.layer_norm %1, %w, %w {epsilon = 1.0e-5 : f32} : tensor<?x64xf32>, tensor<64xf32>, tensor<64xf32>
  // CHECK: lm.layer_norm %{{.*}}, %{{.*}} {epsilon = 9.99999974E-6 : f32} : tensor<?x64xf32>, tensor<64xf32>{{$}}
  %3 = lm.layer_norm %2, %w {epsilon = 1.0e-5 : f32} : tensor<?x64xf32>, tensor<64xf32>
  return %3 : tensor<?x64xf32>
}

// CHECK-LABEL: func.func @rotary
func.func @rotary(%position: tensor<?xi32>, %frequencies: tensor<16xf32>, %q: tensor<?x192xf32>) -> tensor<?x192xf32> {
  // CHECK: lm.rotary_table %{{.*}}, %{{.*}} : tensor<?xi32>, tensor<16xf32> -> tensor<?x32xf32>
  %0 = lm.rotary_table %position, %frequencies : tensor<?xi32>, tensor<16xf32> -> tensor<?x32xf32>
  // CHECK: lm.rope %{{.*}}, %{{.*}} {head_dim = 64 : i64} : tensor<?x192xf32>, tensor<?x32xf32>
  %1 = lm.rope %q, %0 {head_dim = 64 : i64} : tensor<?x192xf32>, tensor<?x32xf32>
  // CHECK: lm.rope %{{.*}}, %{{.*}} {head_dim = 64 : i64, interleaved} : tensor<?x192xf32>, tensor<?x32xf32>
  %2 = lm.rope %1, %0 {head_dim = 64 : i64, interleaved} : tensor<?x192xf32>, tensor<?x32xf32>
  return %2 : tensor<?x192xf32>
}

// CHECK-LABEL: func.func @cached
func.func @cached(%cache: !cache, %layer: index, %sequence: tensor<?xi32>, %position: tensor<?xi32>,
                  %q: tensor<?x576xf32>, %k: tensor<?x192xf32>, %v: tensor<?x192xf32>) -> tensor<?x576xf32> {
  // CHECK: lm.kv_append %{{.*}}[%{{.*}}], %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : <layers = 2, heads = 3, head_dim = 64, values = f16>, tensor<?xi32>, tensor<?xi32>, tensor<?x192xf32>, tensor<?x192xf32>
  lm.kv_append %cache[%layer], %sequence, %position, %k, %v : !cache, tensor<?xi32>, tensor<?xi32>, tensor<?x192xf32>, tensor<?x192xf32>
  // CHECK: lm.cached_attention %{{.*}}, %{{.*}}[%{{.*}}], %{{.*}}, %{{.*}} {scale = 1.250000e-01 : f32} : tensor<?x576xf32>, <layers = 2, heads = 3, head_dim = 64, values = f16>, tensor<?xi32>, tensor<?xi32>
  %0 = lm.cached_attention %q, %cache[%layer], %sequence, %position {scale = 0.125 : f32} : tensor<?x576xf32>, !cache, tensor<?xi32>, tensor<?xi32>
  // CHECK: lm.cached_attention %{{.*}} {scale = 1.250000e-01 : f32, soft_cap = 5.000000e+01 : f32, window = 512 : i64}
  %1 = lm.cached_attention %q, %cache[%layer], %sequence, %position {scale = 0.125 : f32, window = 512 : i64, soft_cap = 50.0 : f32} : tensor<?x576xf32>, !cache, tensor<?xi32>, tensor<?xi32>
  // CHECK: %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} = lm.cache_buffers %{{.*}}[%{{.*}}] : <layers = 2, heads = 3, head_dim = 64, values = f16> -> memref<?xi8>
  %keys, %values, %recent, %capacity = lm.cache_buffers %cache[%layer] : !cache -> memref<?xi8>
  return %0 : tensor<?x576xf32>
}

// CHECK-LABEL: func.func @pure
func.func @pure(%q: tensor<?x?x576xf32>, %k: tensor<?x?x192xf32>, %v: tensor<?x?x192xf32>) -> tensor<?x?x576xf32> {
  // CHECK: lm.attention %{{.*}}, %{{.*}}, %{{.*}} {head_dim = 64 : i64, scale = 1.250000e-01 : f32} : tensor<?x?x576xf32>, tensor<?x?x192xf32>
  %0 = lm.attention %q, %k, %v {head_dim = 64 : i64, scale = 0.125 : f32} : tensor<?x?x576xf32>, tensor<?x?x192xf32>
  // CHECK: lm.attention %{{.*}} {head_dim = 64 : i64, scale = 1.250000e-01 : f32, soft_cap = 5.000000e+01 : f32, window = 1 : i64}
  %1 = lm.attention %q, %k, %v {head_dim = 64 : i64, scale = 0.125 : f32, window = 1 : i64, soft_cap = 50.0 : f32} : tensor<?x?x576xf32>, tensor<?x?x192xf32>
  // CHECK: lm.attention %{{.*}} {bidirectional, head_dim = 64 : i64, scale = 1.250000e-01 : f32}
  %2 = lm.attention %q, %k, %v {bidirectional, head_dim = 64 : i64, scale = 0.125 : f32} : tensor<?x?x576xf32>, tensor<?x?x192xf32>
  return %0 : tensor<?x?x576xf32>
}

// CHECK-LABEL: func.func @experts
func.func @experts(%logits: tensor<?x8xf32>, %x: tensor<?x64xf32>, %stack: tensor<8x96x64xf32, #q8e>) -> (tensor<?x96x64xf32, #q8e>, tensor<?x64xf32>) {
  // CHECK: %[[W:.*]], %[[E:.*]] = lm.route %{{.*}} {normalize} : tensor<?x8xf32> -> tensor<?x2xf32>, tensor<?x2xi32>
  %weights, %experts = lm.route %logits {normalize} : tensor<?x8xf32> -> tensor<?x2xf32>, tensor<?x2xi32>
  // CHECK: lm.route %{{.*}} : tensor<?x8xf32> -> tensor<?x8xf32>, tensor<?x8xi32>
  %all:2 = lm.route %logits : tensor<?x8xf32> -> tensor<?x8xf32>, tensor<?x8xi32>
  // CHECK: lm.dispatch %{{.*}}, %[[E]] : tensor<?x64xf32>, tensor<?x2xi32> -> tensor<?x64xf32>
  %rows = lm.dispatch %x, %experts : tensor<?x64xf32>, tensor<?x2xi32> -> tensor<?x64xf32>
  // CHECK: lm.gather_experts %{{.*}}[%[[E]]] : tensor<8x96x64xf32, #[[Q8E]]>[tensor<?x2xi32>] -> tensor<?x96x64xf32, #[[Q8E]]>
  %w = lm.gather_experts %stack[%experts] : tensor<8x96x64xf32, #q8e>[tensor<?x2xi32>] -> tensor<?x96x64xf32, #q8e>
  // CHECK: lm.combine %{{.*}}, %[[W]] : tensor<?x64xf32>, tensor<?x2xf32> -> tensor<?x64xf32>
  %y = lm.combine %rows, %weights : tensor<?x64xf32>, tensor<?x2xf32> -> tensor<?x64xf32>
  return %w, %y : tensor<?x96x64xf32, #q8e>, tensor<?x64xf32>
}
