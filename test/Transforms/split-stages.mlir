// RUN: compress-opt %s --compress-split-stages=function=f | FileCheck %s --implicit-check-not=@other --implicit-check-not='@f('
// RUN: compress-opt %s --compress-split-stages='function=f keep-others' | FileCheck %s --check-prefix=KEEP
// RUN: compress-opt %s --quantized-insert-observers=function=f --compress-split-stages=function=f --quantized-return-observed | FileCheck %s --check-prefix=OBSERVED
// RUN: not compress-opt %s --compress-split-stages=function=h 2>&1 | FileCheck %s --check-prefix=MISSING

// MISSING: has no function 'h' to split
// KEEP: func.func @other

#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(m, n) -> (m, n)>
ml_program.global private @table(#compress.parameter<"m.gguf", "table">) : tensor<16x64xf32>
ml_program.global private @a(#compress.parameter<"m.gguf", "a">) : tensor<64x64xf32>
ml_program.global private @b(#compress.parameter<"m.gguf", "b">) : tensor<64x64xf32>
ml_program.global private @c(#compress.parameter<"m.gguf", "c">) : tensor<64x64xf32>

func.func @other(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  return %x : tensor<?x64xf32>
}

// The first cut is behind the addition: before it, two activations are read later. What depends on tokens alone is
// computed where it is needed. Nothing is cut behind the last product.
// CHECK-LABEL: func.func @f.0(
// CHECK-SAME: %[[T:[a-z0-9]+]]: tensor<?xi32> {compress.name = "tokens"}) -> (tensor<?x64xf32> {compress.name = "boundary"})
// CHECK-DAG: %[[D:.*]] = tensor.dim %[[T]]
// CHECK-DAG: %[[X:.*]] = lm.gather_rows %{{.*}}[%[[T]]]
// CHECK: %[[P:.*]] = linalg.matmul {{.*}} ins(%[[X]],
// CHECK: %[[S:.*]] = linalg.generic {{.*}} ins(%[[X]], %[[P]]
// CHECK: return %[[S]] : tensor<?x64xf32>
// CHECK-LABEL: func.func @f.1(
// CHECK-SAME: %[[T:[a-z0-9]+]]: tensor<?xi32> {compress.name = "tokens"}, %[[X:[a-z0-9]+]]: tensor<?x64xf32> {compress.name = "boundary"}) -> (tensor<?x64xf32> {compress.name = "boundary"})
// CHECK: tensor.dim %[[T]]
// CHECK: %[[P:.*]] = linalg.matmul {{.*}} ins(%[[X]],
// CHECK: return %[[P]]
// CHECK-LABEL: func.func @f.2(
// CHECK-SAME: -> (tensor<?x64xf32> {compress.name = "logits"})
// CHECK-COUNT-1: linalg.matmul
// CHECK: linalg.generic
// CHECK: return

// OBSERVED-LABEL: func.func @f.0(
// OBSERVED-SAME: compress.observed = ["a"]
// OBSERVED-LABEL: func.func @f.1(
// OBSERVED-SAME: compress.observed = ["b"]
// OBSERVED-LABEL: func.func @f.2(
// OBSERVED-SAME: {compress.name = "logits"}
// OBSERVED-SAME: compress.observed = ["c"]
func.func @f(%tokens: tensor<?xi32> {compress.name = "tokens"}) -> (tensor<?x64xf32> {compress.name = "logits"}) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %rows = tensor.dim %tokens, %c0 : tensor<?xi32>
  %empty = tensor.empty(%rows) : tensor<?x64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x64xf32>) -> tensor<?x64xf32>
  %table = ml_program.global_load_const @table : tensor<16x64xf32>
  %wa = ml_program.global_load_const @a : tensor<64x64xf32>
  %wb = ml_program.global_load_const @b : tensor<64x64xf32>
  %wc = ml_program.global_load_const @c : tensor<64x64xf32>
  %x = lm.gather_rows %table[%tokens] : tensor<16x64xf32>[tensor<?xi32>] -> tensor<?x64xf32>
  %0 = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%x, %wa : tensor<?x64xf32>, tensor<64x64xf32>) outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  %1 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
    ins(%x, %0 : tensor<?x64xf32>, tensor<?x64xf32>) outs(%empty : tensor<?x64xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %s = arith.addf %p, %q : f32
    linalg.yield %s : f32
  } -> tensor<?x64xf32>
  %2 = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%1, %wb : tensor<?x64xf32>, tensor<64x64xf32>) outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  %3 = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%2, %wc : tensor<?x64xf32>, tensor<64x64xf32>) outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  %4 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
    ins(%3 : tensor<?x64xf32>) outs(%empty : tensor<?x64xf32>) {
  ^bb0(%p: f32, %o: f32):
    %n = arith.negf %p : f32
    linalg.yield %n : f32
  } -> tensor<?x64xf32>
  return %4 : tensor<?x64xf32>
}
