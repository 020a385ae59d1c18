// RUN: compress-opt %s --compress-lower-groups-to-gpu --split-input-file --verify-diagnostics

#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
func.func private @no_kernel(%x: memref<4x64xf32>, %w: memref<8x64xf32>, %y: memref<4x8xf32>, %t: index, %ts: index, %s: memref<?xi8>) {
  // expected-error @below {{is in no kernel; run compress-outline-groups first}}
  compress.group ins(%x, %w : memref<4x64xf32>, memref<8x64xf32>) outs(%y : memref<4x8xf32>) {
  ^bb0(%a: tensor<4x64xf32>, %b: tensor<8x64xf32>):
    %zero = arith.constant 0.0 : f32
    %empty = tensor.empty() : tensor<4x8xf32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x8xf32>) -> tensor<4x8xf32>
    %r = linalg.matmul indexing_maps = [#mk, #nk, #mn] ins(%a, %b : tensor<4x64xf32>, tensor<8x64xf32>) outs(%init : tensor<4x8xf32>) -> tensor<4x8xf32>
    compress.yield %r : tensor<4x8xf32>
  }
  return
}

// -----

#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
func.func private @strategy(%x: memref<4x64xf32>, %w: memref<8x64xf32>, %y: memref<4x8xf32>, %t: index, %ts: index, %s: memref<?xi8>) attributes {compress.kernel} {
  // expected-error @below {{has a strategy for a CPU; kernels for GPUs are made before compress-select-strategies}}
  compress.group ins(%x, %w : memref<4x64xf32>, memref<8x64xf32>) outs(%y : memref<4x8xf32>)
      attributes {strategy = #compress.strategy<form = float, dot = none, lanes = 8>} {
  ^bb0(%a: tensor<4x64xf32>, %b: tensor<8x64xf32>):
    %zero = arith.constant 0.0 : f32
    %empty = tensor.empty() : tensor<4x8xf32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x8xf32>) -> tensor<4x8xf32>
    %r = linalg.matmul indexing_maps = [#mk, #nk, #mn] ins(%a, %b : tensor<4x64xf32>, tensor<8x64xf32>) outs(%init : tensor<4x8xf32>) -> tensor<4x8xf32>
    compress.yield %r : tensor<4x8xf32>
  }
  return
}

// -----

#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
// expected-error @below {{has no GPU code: expected one group on the arguments, as compress-outline-groups leaves it}}
func.func private @more_than_a_group(%x: memref<4x64xf32>, %w: memref<8x64xf32>, %y: memref<4x8xf32>, %t: index, %ts: index, %s: memref<?xi8>) attributes {compress.kernel} {
  %c0 = arith.constant 0 : index
  compress.group ins(%x, %w : memref<4x64xf32>, memref<8x64xf32>) outs(%y : memref<4x8xf32>) {
  ^bb0(%a: tensor<4x64xf32>, %b: tensor<8x64xf32>):
    %zero = arith.constant 0.0 : f32
    %empty = tensor.empty() : tensor<4x8xf32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x8xf32>) -> tensor<4x8xf32>
    %r = linalg.matmul indexing_maps = [#mk, #nk, #mn] ins(%a, %b : tensor<4x64xf32>, tensor<8x64xf32>) outs(%init : tensor<4x8xf32>) -> tensor<4x8xf32>
    compress.yield %r : tensor<4x8xf32>
  }
  return
}

// -----

func.func private @norm(%x: memref<4x64xf32>, %g: memref<64xf32>, %y: memref<4x64xf32>, %t: index, %ts: index, %s: memref<?xi8>) attributes {compress.kernel} {
  compress.group ins(%x, %g : memref<4x64xf32>, memref<64xf32>) outs(%y : memref<4x64xf32>) {
  ^bb0(%a: tensor<4x64xf32>, %b: tensor<64xf32>):
    // expected-error @below {{'lm.rms_norm' op has no GPU code: expected one contraction and nothing else}}
    %0 = lm.rms_norm %a, %b {epsilon = 1.0e-5 : f32} : tensor<4x64xf32>, tensor<64xf32>
    compress.yield %0 : tensor<4x64xf32>
  }
  return
}

// -----

#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
func.func private @epilogue(%x: memref<4x64xf32>, %w: memref<8x64xf32>, %y: memref<4x8xf32>, %t: index, %ts: index, %s: memref<?xi8>) attributes {compress.kernel} {
  compress.group ins(%x, %w : memref<4x64xf32>, memref<8x64xf32>) outs(%y : memref<4x8xf32>) {
  ^bb0(%a: tensor<4x64xf32>, %b: tensor<8x64xf32>):
    %zero = arith.constant 0.0 : f32
    %empty = tensor.empty() : tensor<4x8xf32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x8xf32>) -> tensor<4x8xf32>
    %r = linalg.matmul indexing_maps = [#mk, #nk, #mn] ins(%a, %b : tensor<4x64xf32>, tensor<8x64xf32>) outs(%init : tensor<4x8xf32>) -> tensor<4x8xf32>
    // expected-error @below {{'linalg.exp' op has no GPU code: expected one contraction and nothing else}}
    %q = linalg.exp ins(%r : tensor<4x8xf32>) outs(%empty : tensor<4x8xf32>) -> tensor<4x8xf32>
    compress.yield %q : tensor<4x8xf32>
  }
  return
}

// -----

func.func private @fill(%x: memref<4x64xf32>, %w: memref<8x64xf32>, %y: memref<4x8xf32>, %t: index, %ts: index, %s: memref<?xi8>) attributes {compress.kernel} {
  // expected-error @below {{has no GPU code: expected to give a contraction's result}}
  compress.group ins(%x, %w : memref<4x64xf32>, memref<8x64xf32>) outs(%y : memref<4x8xf32>) {
  ^bb0(%a: tensor<4x64xf32>, %b: tensor<8x64xf32>):
    %zero = arith.constant 0.0 : f32
    %empty = tensor.empty() : tensor<4x8xf32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x8xf32>) -> tensor<4x8xf32>
    compress.yield %init : tensor<4x8xf32>
  }
  return
}

// -----

func.func private @batch(%x: memref<2x4x64xf32>, %w: memref<2x64x8xf32>, %y: memref<2x4x8xf32>, %t: index, %ts: index, %s: memref<?xi8>) attributes {compress.kernel} {
  compress.group ins(%x, %w : memref<2x4x64xf32>, memref<2x64x8xf32>) outs(%y : memref<2x4x8xf32>) {
  ^bb0(%a: tensor<2x4x64xf32>, %b: tensor<2x64x8xf32>):
    %zero = arith.constant 0.0 : f32
    %empty = tensor.empty() : tensor<2x4x8xf32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
    // expected-error @below {{has no GPU code: expected no batch dimension}}
    %r = linalg.batch_matmul ins(%a, %b : tensor<2x4x64xf32>, tensor<2x64x8xf32>) outs(%init : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
    compress.yield %r : tensor<2x4x8xf32>
  }
  return
}

// -----

func.func private @columns(%x: memref<4x64xf32>, %w: memref<64x8xf32>, %y: memref<4x8xf32>, %t: index, %ts: index, %s: memref<?xi8>) attributes {compress.kernel} {
  compress.group ins(%x, %w : memref<4x64xf32>, memref<64x8xf32>) outs(%y : memref<4x8xf32>) {
  ^bb0(%a: tensor<4x64xf32>, %b: tensor<64x8xf32>):
    %zero = arith.constant 0.0 : f32
    %empty = tensor.empty() : tensor<4x8xf32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x8xf32>) -> tensor<4x8xf32>
    // expected-error @below {{has no GPU code: expected m x k activations, n x k weights and m x n results}}
    %r = linalg.matmul ins(%a, %b : tensor<4x64xf32>, tensor<64x8xf32>) outs(%init : tensor<4x8xf32>) -> tensor<4x8xf32>
    compress.yield %r : tensor<4x8xf32>
  }
  return
}

// -----

#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
#a8 = #quantized.affine<i8, block = [1, 32], scale = f32>
func.func private @encoded_activations(%c: memref<4x64xi8>, %d: memref<4x2xf32>, %w: memref<8x64xf32>, %y: memref<4x8xf32>,
                                       %t: index, %ts: index, %s: memref<?xi8>) attributes {compress.kernel} {
  compress.group ins(%c, %d, %w : memref<4x64xi8>, memref<4x2xf32>, memref<8x64xf32>) outs(%y : memref<4x8xf32>) {
  ^bb0(%codes: tensor<4x64xi8>, %scales: tensor<4x2xf32>, %b: tensor<8x64xf32>):
    %a = compress.assemble %codes, %scales : tensor<4x64xi8>, tensor<4x2xf32> to tensor<4x64xf32, #a8>
    %zero = arith.constant 0.0 : f32
    %empty = tensor.empty() : tensor<4x8xf32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x8xf32>) -> tensor<4x8xf32>
    // expected-error @below {{has no GPU code: expected activations that are plain floats}}
    %r = linalg.matmul indexing_maps = [#mk, #nk, #mn] ins(%a, %b : tensor<4x64xf32, #a8>, tensor<8x64xf32>) outs(%init : tensor<4x8xf32>) -> tensor<4x8xf32>
    compress.yield %r : tensor<4x8xf32>
  }
  return
}

// -----

#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
func.func private @half(%x: memref<4x64xf32>, %w: memref<8x64xf32>, %y: memref<4x8xf16>, %t: index, %ts: index, %s: memref<?xi8>) attributes {compress.kernel} {
  compress.group ins(%x, %w : memref<4x64xf32>, memref<8x64xf32>) outs(%y : memref<4x8xf16>) {
  ^bb0(%a: tensor<4x64xf32>, %b: tensor<8x64xf32>):
    %zero = arith.constant 0.0 : f16
    %empty = tensor.empty() : tensor<4x8xf16>
    %init = linalg.fill ins(%zero : f16) outs(%empty : tensor<4x8xf16>) -> tensor<4x8xf16>
    // expected-error @below {{has no GPU code: expected weights of a float type and results of f32}}
    %r = linalg.matmul indexing_maps = [#mk, #nk, #mn] ins(%a, %b : tensor<4x64xf32>, tensor<8x64xf32>) outs(%init : tensor<4x8xf16>) -> tensor<4x8xf16>
    compress.yield %r : tensor<4x8xf16>
  }
  return
}

// -----

#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
func.func private @dynamic(%x: memref<4x?xf32>, %w: memref<8x?xf32>, %y: memref<4x8xf32>, %t: index, %ts: index, %s: memref<?xi8>) attributes {compress.kernel} {
  compress.group ins(%x, %w : memref<4x?xf32>, memref<8x?xf32>) outs(%y : memref<4x8xf32>) {
  ^bb0(%a: tensor<4x?xf32>, %b: tensor<8x?xf32>):
    %zero = arith.constant 0.0 : f32
    %empty = tensor.empty() : tensor<4x8xf32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x8xf32>) -> tensor<4x8xf32>
    // expected-error @below {{has no GPU code: expected weights of static sizes}}
    %r = linalg.matmul indexing_maps = [#mk, #nk, #mn] ins(%a, %b : tensor<4x?xf32>, tensor<8x?xf32>) outs(%init : tensor<4x8xf32>) -> tensor<4x8xf32>
    compress.yield %r : tensor<4x8xf32>
  }
  return
}

// -----

#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
func.func private @one(%x: memref<4x64xf32>, %w: memref<8x64xf32>, %y: memref<4x8xf32>, %t: index, %ts: index, %s: memref<?xi8>) attributes {compress.kernel} {
  compress.group ins(%x, %w : memref<4x64xf32>, memref<8x64xf32>) outs(%y : memref<4x8xf32>) {
  ^bb0(%a: tensor<4x64xf32>, %b: tensor<8x64xf32>):
    %zero = arith.constant 1.0 : f32
    %empty = tensor.empty() : tensor<4x8xf32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x8xf32>) -> tensor<4x8xf32>
    // expected-error @below {{has no GPU code: expected sums that begin at zero}}
    %r = linalg.matmul indexing_maps = [#mk, #nk, #mn] ins(%a, %b : tensor<4x64xf32>, tensor<8x64xf32>) outs(%init : tensor<4x8xf32>) -> tensor<4x8xf32>
    compress.yield %r : tensor<4x8xf32>
  }
  return
}

// -----

#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
// expected-error @below {{has no GPU code: expected no uses but calls}}
func.func private @used(%x: memref<4x64xf32>, %w: memref<8x64xf32>, %y: memref<4x8xf32>, %t: index, %ts: index, %s: memref<?xi8>) attributes {compress.kernel} {
  compress.group ins(%x, %w : memref<4x64xf32>, memref<8x64xf32>) outs(%y : memref<4x8xf32>) {
  ^bb0(%a: tensor<4x64xf32>, %b: tensor<8x64xf32>):
    %zero = arith.constant 0.0 : f32
    %empty = tensor.empty() : tensor<4x8xf32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x8xf32>) -> tensor<4x8xf32>
    %r = linalg.matmul indexing_maps = [#mk, #nk, #mn] ins(%a, %b : tensor<4x64xf32>, tensor<8x64xf32>) outs(%init : tensor<4x8xf32>) -> tensor<4x8xf32>
    compress.yield %r : tensor<4x8xf32>
  }
  return
}
func.func @user() {
  %f = func.constant @used : (memref<4x64xf32>, memref<8x64xf32>, memref<4x8xf32>, index, index, memref<?xi8>) -> ()
  return
}

// -----

#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
// expected-error @below {{has no GPU code: expected one group on the arguments, as compress-outline-groups leaves it}}
func.func private @without_threads(%x: memref<4x64xf32>, %w: memref<8x64xf32>, %y: memref<4x8xf32>) attributes {compress.kernel} {
  compress.group ins(%x, %w : memref<4x64xf32>, memref<8x64xf32>) outs(%y : memref<4x8xf32>) {
  ^bb0(%a: tensor<4x64xf32>, %b: tensor<8x64xf32>):
    %zero = arith.constant 0.0 : f32
    %empty = tensor.empty() : tensor<4x8xf32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x8xf32>) -> tensor<4x8xf32>
    %r = linalg.matmul indexing_maps = [#mk, #nk, #mn] ins(%a, %b : tensor<4x64xf32>, tensor<8x64xf32>) outs(%init : tensor<4x8xf32>) -> tensor<4x8xf32>
    compress.yield %r : tensor<4x8xf32>
  }
  return
}
