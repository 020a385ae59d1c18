// RUN: compress-opt %s --quantized-insert-observers | FileCheck %s
// RUN: compress-opt %s --quantized-insert-observers='parameters=k function=f' | FileCheck %s --check-prefix=ONE
// RUN: compress-opt %s --quantized-insert-observers --quantized-return-observed | FileCheck %s --check-prefix=RETURN
// RUN: compress-opt %s --quantized-insert-observers=function=f --quantized-return-observed --verify-each --compress-verify-encodings -o /dev/null
// RUN: not compress-opt %s --quantized-insert-observers=function=h 2>&1 | FileCheck %s --check-prefix=MISSING
// RUN: not compress-opt %s --quantized-insert-observers='parameters=[0' 2>&1 | FileCheck %s --check-prefix=GLOB

// MISSING: has no function 'h' to observe
// GLOB: option 'parameters': "[0" is not a pattern

#a8 = #quantized.affine<i8, block = [1, 32], scale = f32, narrow = true>
#w8 = #quantized.affine<i8, block = [1, 32], scale = f16>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
ml_program.global private @q(#compress.parameter<"m.gguf", "q">) : tensor<32x64xf32>
ml_program.global private @k(#compress.parameter<"m.gguf", "k">) : tensor<32x64xf32, #w8>
ml_program.global private @o(#compress.parameter<"m.gguf", "o">) : tensor<64x32xf32>

// What is encoded is observed before, and by all that read it. A product of two activations has no parameter.
// CHECK-LABEL: func.func @f(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<?x64xf32>
// CHECK: %[[S:.*]] = quantized.observe %[[X]] for ["q", "k"] : tensor<?x64xf32>
// CHECK: %[[E:.*]] = compress.encode %[[S]]
// CHECK: %[[Q:.*]] = linalg.matmul {{.*}} ins(%[[S]],
// CHECK: linalg.matmul {{.*}} ins(%[[E]],
// CHECK: %[[P:.*]] = linalg.matmul
// CHECK: %[[T:.*]] = quantized.observe %[[P]] for ["o"] : tensor<?x32xf32>
// CHECK: linalg.matmul {{.*}} ins(%[[T]],
// ONE: quantized.observe %{{.*}} for ["k"]
// ONE-NOT: quantized.observe
// RETURN-LABEL: func.func @f(
// RETURN-SAME: %[[X:[a-z0-9]+]]: tensor<?x64xf32>
// RETURN-SAME: -> (tensor<?x64xf32>, tensor<?x64xf32> {compress.name = "observed q k", compress.observed = ["q", "k"]}, tensor<?x32xf32> {compress.name = "observed o", compress.observed = ["o"]})
// RETURN-NOT: quantized.observe
// RETURN: %[[P:.*]] = linalg.matmul
// RETURN: %[[P:.*]] = linalg.matmul
// RETURN: %[[P:.*]] = linalg.matmul
// RETURN: %[[Y:.*]] = linalg.matmul
// RETURN: return %[[Y]], %[[X]], %[[P]]
func.func @f(%x: tensor<?x64xf32>, %t: tensor<?x32xf32>, %z: tensor<32x32xf32>, %y: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %e = compress.encode %x : tensor<?x64xf32> to tensor<?x64xf32, #a8>
  %wq = ml_program.global_load_const @q : tensor<32x64xf32>
  %wk = ml_program.global_load_const @k : tensor<32x64xf32, #w8>
  %wo = ml_program.global_load_const @o : tensor<64x32xf32>
  %q = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%x, %wq : tensor<?x64xf32>, tensor<32x64xf32>) outs(%t : tensor<?x32xf32>) -> tensor<?x32xf32>
  %k = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%e, %wk : tensor<?x64xf32, #a8>, tensor<32x64xf32, #w8>) outs(%q : tensor<?x32xf32>) -> tensor<?x32xf32>
  %p = linalg.matmul ins(%k, %z : tensor<?x32xf32>, tensor<32x32xf32>) outs(%t : tensor<?x32xf32>) -> tensor<?x32xf32>
  %o = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%p, %wo : tensor<?x32xf32>, tensor<64x32xf32>) outs(%y : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %o : tensor<?x64xf32>
}

// CHECK-LABEL: func.func @g
// CHECK: quantized.observe %{{.*}} for ["q"]
// ONE-LABEL: func.func @g
// ONE-NOT: quantized.observe
func.func @g(%x: tensor<?x64xf32>, %t: tensor<?x32xf32>) -> tensor<?x32xf32> {
  %wq = ml_program.global_load_const @q : tensor<32x64xf32>
  %q = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%x, %wq : tensor<?x64xf32>, tensor<32x64xf32>) outs(%t : tensor<?x32xf32>) -> tensor<?x32xf32>
  return %q : tensor<?x32xf32>
}
