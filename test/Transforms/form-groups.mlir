// RUN: compress-opt %s --compress-form-groups | FileCheck %s

#a8 = #quantized.affine<i8, block = [1, 32], scale = f32, narrow = true>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
#bmk = affine_map<(b, m, n, k) -> (b, m, k)>
#bnk = affine_map<(b, m, n, k) -> (b, n, k)>
#bmn = affine_map<(b, m, n, k) -> (b, m, n)>

// A norm and the encoding of its result are one group, a product and the addition that follows another.
// CHECK-LABEL: func.func @layer
// CHECK-SAME: (%[[X:.*]]: tensor<?x64xf32>, %[[G:.*]]: tensor<64xf32>, %[[W:.*]]: tensor<64x64xf32>)
// CHECK: %[[E:.*]] = compress.group ins(%[[X]], %[[G]] : {{.*}}) outs(%{{.*}} : tensor<?x64xf32, #[[A8:.*]]>) {
// CHECK-NEXT: ^bb0(%[[XI:.*]]: tensor<?x64xf32>, %[[GI:.*]]: tensor<64xf32>):
// CHECK-NEXT: %[[N:.*]] = lm.rms_norm %[[XI]], %[[GI]]
// CHECK-NEXT: %[[EI:.*]] = compress.encode %[[N]]
// CHECK-NEXT: compress.yield %[[EI]]
// CHECK: %[[R:.*]] = compress.group ins(%[[E]], %[[W]], %[[X]] : {{.*}}) outs(
// CHECK-NEXT: ^bb0(%[[EI:.*]]: {{.*}}, %[[WI:.*]]: {{.*}}, %[[XI:.*]]: {{.*}}):
// CHECK: %[[INIT:.*]] = linalg.fill
// CHECK: %[[Y:.*]] = linalg.matmul {{.*}} ins(%[[EI]], %[[WI]] : {{.*}}) outs(%[[INIT]] : {{.*}})
// CHECK: %[[RI:.*]] = linalg.add ins(%[[Y]], %[[XI]] :
// CHECK: compress.yield %[[RI]]
// CHECK: return %[[R]]
func.func @layer(%x: tensor<?x64xf32>, %g: tensor<64xf32>, %w: tensor<64x64xf32>) -> tensor<?x64xf32> {
  %c0 = arith.constant 0 : index
  %m = tensor.dim %x, %c0 : tensor<?x64xf32>
  %n = lm.rms_norm %x, %g {epsilon = 1.0e-5 : f32} : tensor<?x64xf32>, tensor<64xf32>
  %e = compress.encode %n : tensor<?x64xf32> to tensor<?x64xf32, #a8>
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty(%m) : tensor<?x64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x64xf32>) -> tensor<?x64xf32>
  %y = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%e, %w : tensor<?x64xf32, #a8>, tensor<64x64xf32>) outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  %r = linalg.add ins(%y, %x : tensor<?x64xf32>, tensor<?x64xf32>) outs(%empty : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %r : tensor<?x64xf32>
}

// A norm that the function returns as well is a group of its own.
// CHECK-LABEL: func.func @returned
// CHECK: %[[N:.*]] = compress.group
// CHECK: lm.rms_norm
// CHECK-NEXT: compress.yield
// CHECK: %[[R:.*]] = compress.group ins(%[[N]], %{{.*}} :
// CHECK: linalg.add
// CHECK-NOT: compress.group
// CHECK: return %[[N]], %[[R]]
func.func @returned(%x: tensor<4x64xf32>, %g: tensor<64xf32>) -> (tensor<4x64xf32>, tensor<4x64xf32>) {
  %n = lm.rms_norm %x, %g {epsilon = 1.0e-5 : f32} : tensor<4x64xf32>, tensor<64xf32>
  %empty = tensor.empty() : tensor<4x64xf32>
  %r = linalg.add ins(%n, %x : tensor<4x64xf32>, tensor<4x64xf32>) outs(%empty : tensor<4x64xf32>) -> tensor<4x64xf32>
  return %n, %r : tensor<4x64xf32>, tensor<4x64xf32>
}

// A product that is read twice has no epilogue.
// CHECK-LABEL: func.func @product_read_twice
// CHECK: compress.group
// CHECK: linalg.matmul
// CHECK-NEXT: compress.yield
// CHECK: compress.group
// CHECK: linalg.mul
func.func @product_read_twice(%x: tensor<4x64xf32>, %w: tensor<64x64xf32>) -> tensor<4x64xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4x64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x64xf32>) -> tensor<4x64xf32>
  %y = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%x, %w : tensor<4x64xf32>, tensor<64x64xf32>) outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  %r = linalg.mul ins(%y, %y : tensor<4x64xf32>, tensor<4x64xf32>) outs(%empty : tensor<4x64xf32>) -> tensor<4x64xf32>
  return %r : tensor<4x64xf32>
}

// Attention is alone; rotation and what appends to the cache go together.
// CHECK-LABEL: func.func @attention
// CHECK: compress.group
// CHECK: lm.rotary_table
// CHECK: lm.rope
// CHECK-NEXT: lm.kv_append
// CHECK-NEXT: }
// CHECK: compress.group
// CHECK: lm.cached_attention
// CHECK-NEXT: compress.yield
!cache = !lm.cache<layers = 2, heads = 1, head_dim = 64, values = f16>
func.func @attention(%cache: !cache, %sequence: tensor<?xi32>, %position: tensor<?xi32>, %frequencies: tensor<32xf32>,
                     %q: tensor<?x192xf32>, %k: tensor<?x64xf32>, %v: tensor<?x64xf32>) -> tensor<?x192xf32> {
  %layer = arith.constant 1 : index
  %table = lm.rotary_table %position, %frequencies : tensor<?xi32>, tensor<32xf32> -> tensor<?x64xf32>
  %turned = lm.rope %k, %table {head_dim = 64 : i64} : tensor<?x64xf32>, tensor<?x64xf32>
  lm.kv_append %cache[%layer], %sequence, %position, %turned, %v : !cache, tensor<?xi32>, tensor<?xi32>, tensor<?x64xf32>, tensor<?x64xf32>
  %0 = lm.cached_attention %q, %cache[%layer], %sequence, %position {scale = 0.125 : f32} : tensor<?x192xf32>, !cache, tensor<?xi32>, tensor<?xi32>
  return %0 : tensor<?x192xf32>
}

// All keys are appended before any are encoded, and those before any are read.
// CHECK-LABEL: func.func @encode_keys
// CHECK: compress.group
// CHECK: lm.kv_append
// CHECK: compress.group ins(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : !lm.cache
// CHECK-NEXT: ^bb0
// CHECK-NEXT: lm.kv_encode
// CHECK-NEXT: }
// CHECK: compress.group
// CHECK: lm.cached_attention
#group_keys = #quantized.affine<ui4, block = [32, 1], scale = f16, min = f16>
!groups = !lm.cache<layers = 2, heads = 1, head_dim = 64, keys = #group_keys, values = f16>
func.func @encode_keys(%cache: !groups, %sequence: tensor<?xi32>, %position: tensor<?xi32>,
                       %q: tensor<?x192xf32>, %k: tensor<?x64xf32>, %v: tensor<?x64xf32>) -> tensor<?x192xf32> {
  %layer = arith.constant 1 : index
  lm.kv_append %cache[%layer], %sequence, %position, %k, %v : !groups, tensor<?xi32>, tensor<?xi32>, tensor<?x64xf32>, tensor<?x64xf32>
  lm.kv_encode %cache[%layer], %sequence, %position : !groups, tensor<?xi32>, tensor<?xi32>
  %0 = lm.cached_attention %q, %cache[%layer], %sequence, %position {scale = 0.125 : f32} : tensor<?x192xf32>, !groups, tensor<?xi32>, tensor<?xi32>
  return %0 : tensor<?x192xf32>
}

// What stands in a loop's body is grouped there.
// CHECK-LABEL: func.func @loop
// CHECK: scf.for
// CHECK: %[[S:.*]] = compress.group
// CHECK: linalg.add
// CHECK: scf.yield %[[S]]
func.func @loop(%x: tensor<4x64xf32>, %n: index) -> tensor<4x64xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x) -> tensor<4x64xf32> {
    %empty = tensor.empty() : tensor<4x64xf32>
    %s = linalg.add ins(%a, %x : tensor<4x64xf32>, tensor<4x64xf32>) outs(%empty : tensor<4x64xf32>) -> tensor<4x64xf32>
    scf.yield %s : tensor<4x64xf32>
  }
  return %r : tensor<4x64xf32>
}

// A product reads the matrices of experts where they lie.
// CHECK-LABEL: func.func @experts
// CHECK-SAME: (%[[X:.*]]: tensor<?x1x64xf32>, %[[W:.*]]: tensor<8x96x64xf32>, %[[E:.*]]: tensor<?x2xi32>)
// CHECK-NOT: lm.gather_experts
// CHECK: compress.group ins(%[[X]], %[[W]], %[[E]] :
// CHECK-NEXT: ^bb0(%[[XI:.*]]: {{.*}}, %[[WI:.*]]: {{.*}}, %[[EI:.*]]: {{.*}}):
// CHECK: %[[M:.*]] = lm.gather_experts %[[WI]][%[[EI]]]
// CHECK: linalg.batch_matmul {{.*}} ins(%[[XI]], %[[M]] :
// CHECK-NEXT: compress.yield
// CHECK-NOT: lm.gather_experts
func.func @experts(%x: tensor<?x1x64xf32>, %w: tensor<8x96x64xf32>, %e: tensor<?x2xi32>) -> tensor<?x1x96xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x1x64xf32>
  %m = lm.gather_experts %w[%e] : tensor<8x96x64xf32>[tensor<?x2xi32>] -> tensor<?x96x64xf32>
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty(%n) : tensor<?x1x96xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x1x96xf32>) -> tensor<?x1x96xf32>
  %y = linalg.batch_matmul indexing_maps = [#bmk, #bnk, #bmn]
    ins(%x, %m : tensor<?x1x64xf32>, tensor<?x96x64xf32>) outs(%init : tensor<?x1x96xf32>) -> tensor<?x1x96xf32>
  return %y : tensor<?x1x96xf32>
}

// Rows of experts are not those of tokens: what is dispatched or combined begins or ends a group.
// CHECK-LABEL: func.func @rows_of_experts
// CHECK: %[[N:.*]] = compress.group
// CHECK: lm.rms_norm
// CHECK: %[[D:.*]] = compress.group ins(%[[N]],
// CHECK: lm.dispatch
// CHECK-NEXT: {{.*}}tensor.empty
// CHECK-NEXT: linalg.add
// CHECK: compress.group ins(%[[D]],
// CHECK: lm.combine
func.func @rows_of_experts(%x: tensor<4x64xf32>, %g: tensor<64xf32>, %e: tensor<4x2xi32>, %w: tensor<4x2xf32>) -> tensor<4x64xf32> {
  %n = lm.rms_norm %x, %g {epsilon = 1.0e-5 : f32} : tensor<4x64xf32>, tensor<64xf32>
  %d = lm.dispatch %n, %e : tensor<4x64xf32>, tensor<4x2xi32> -> tensor<8x64xf32>
  %empty = tensor.empty() : tensor<8x64xf32>
  %a = linalg.add ins(%d, %d : tensor<8x64xf32>, tensor<8x64xf32>) outs(%empty : tensor<8x64xf32>) -> tensor<8x64xf32>
  %r = lm.combine %a, %w : tensor<8x64xf32>, tensor<4x2xf32> -> tensor<4x64xf32>
  return %r : tensor<4x64xf32>
}
