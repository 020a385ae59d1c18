// RUN: compress-opt %s --pass-pipeline='builtin.module(compress-verify-encodings{snapshot=record})' | FileCheck %s
// RUN: compress-opt %s --pass-pipeline='builtin.module(compress-verify-encodings{snapshot=record}, compress-verify-encodings, compress-verify-encodings{snapshot=remove})' \
// RUN:   | FileCheck %s --check-prefix=REMOVED
// RUN: compress-opt %s --pass-pipeline='builtin.module(compress-verify-encodings{snapshot=record}, inline, symbol-dce, canonicalize, cse, compress-verify-encodings)' \
// RUN:   | FileCheck %s --check-prefix=INLINED

// Globals and what the outside calls are recorded, private functions are not.
// CHECK: #[[Q:.*]] = #quantized.affine<i8, block = [1, 32], scale = f32>
// CHECK: module attributes {compress.encodings = {f = [unit, #[[Q]], unit], unused = [#[[Q]]], w = [#[[Q]]]}}

// REMOVED-NOT: compress.encodings

// A global that nothing reads may go, a function may be inlined.
// INLINED-NOT: @unused(
// INLINED: func.func @f
// INLINED-NOT: call
// INLINED-COUNT-2: linalg.matmul

#q = #quantized.affine<i8, block = [1, 32], scale = f32>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
ml_program.global private @w(#compress.parameter<"model.gguf", "w">) : tensor<32x32xf32, #q>
ml_program.global private @unused(#compress.parameter<"model.gguf", "unused">) : tensor<32x32xf32, #q>

func.func private @product(%x: tensor<4x32xf32>, %w: tensor<32x32xf32, #q>) -> tensor<4x32xf32> {
  %zero = arith.constant dense<0.0> : tensor<4x32xf32>
  %0 = linalg.matmul indexing_maps = [#mk, #nk, #mn]
      ins(%x, %w : tensor<4x32xf32>, tensor<32x32xf32, #q>) outs(%zero : tensor<4x32xf32>) -> tensor<4x32xf32>
  return %0 : tensor<4x32xf32>
}

func.func @f(%x: tensor<4x32xf32>, %v: tensor<32x32xf32, #q>) -> tensor<4x32xf32> {
  %w = ml_program.global_load_const @w : tensor<32x32xf32, #q>
  %0 = call @product(%x, %w) : (tensor<4x32xf32>, tensor<32x32xf32, #q>) -> tensor<4x32xf32>
  %1 = call @product(%0, %v) : (tensor<4x32xf32>, tensor<32x32xf32, #q>) -> tensor<4x32xf32>
  return %1 : tensor<4x32xf32>
}
