// RUN: compress-opt %s --compress-verify-sparsity=target=x86-64-v3 --verify-diagnostics -o /dev/null

#blocks = #sparse.block<[16, 32], values = f16>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>

// All eight blocks are stored: 8192 bytes, and 52 that say where they are.
func.func private @all(%x: memref<?x64xf32>, %o: memref<5xi32>, %c: memref<8xi32>, %v: memref<128x32xf16>, %y: memref<?x64xf32>, %thread: index, %threads: index, %scratch: memref<?xi8>) attributes {compress.kernel} {
  // expected-error-re @below {{a weight of block<[16, 32], values = f16> would be neither smaller nor faster than without its structure: 8244 bytes, predicted {{[0-9.]+}} us for 1 row {{.*}}; as #quantized.float<f16> 8192 bytes, predicted {{[0-9.]+}} us for 1 row {{.*}}; store it so, or allow it (allow-slower)}}
  compress.group ins(%x, %o, %c, %v : memref<?x64xf32>, memref<5xi32>, memref<8xi32>, memref<128x32xf16>) outs(%y : memref<?x64xf32>)
      attributes {strategy = #compress.strategy<form = scalar, dot = none, lanes = 8>} {
  ^bb0(%a: tensor<?x64xf32>, %offset: tensor<5xi32>, %column: tensor<8xi32>, %values: tensor<128x32xf16>):
    %w = compress.assemble %offset, %column, %values : tensor<5xi32>, tensor<8xi32>, tensor<128x32xf16> to tensor<64x64xf32, #blocks>
    %c0 = arith.constant 0 : index
    %m = tensor.dim %a, %c0 : tensor<?x64xf32>
    %zero = arith.constant 0.0 : f32
    %empty = tensor.empty(%m) : tensor<?x64xf32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x64xf32>) -> tensor<?x64xf32>
    %r = linalg.matmul indexing_maps = [#mk, #nk, #mn]
      ins(%a, %w : tensor<?x64xf32>, tensor<64x64xf32, #blocks>) outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
    compress.yield %r : tensor<?x64xf32>
  }
  return
}

// Half of them are smaller.
func.func private @half(%x: memref<?x64xf32>, %o: memref<5xi32>, %c: memref<4xi32>, %v: memref<64x32xf16>, %y: memref<?x64xf32>, %thread: index, %threads: index, %scratch: memref<?xi8>) attributes {compress.kernel} {
  compress.group ins(%x, %o, %c, %v : memref<?x64xf32>, memref<5xi32>, memref<4xi32>, memref<64x32xf16>) outs(%y : memref<?x64xf32>)
      attributes {strategy = #compress.strategy<form = scalar, dot = none, lanes = 8>} {
  ^bb0(%a: tensor<?x64xf32>, %offset: tensor<5xi32>, %column: tensor<4xi32>, %values: tensor<64x32xf16>):
    %w = compress.assemble %offset, %column, %values : tensor<5xi32>, tensor<4xi32>, tensor<64x32xf16> to tensor<64x64xf32, #blocks>
    %c0 = arith.constant 0 : index
    %m = tensor.dim %a, %c0 : tensor<?x64xf32>
    %zero = arith.constant 0.0 : f32
    %empty = tensor.empty(%m) : tensor<?x64xf32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x64xf32>) -> tensor<?x64xf32>
    %r = linalg.matmul indexing_maps = [#mk, #nk, #mn]
      ins(%a, %w : tensor<?x64xf32>, tensor<64x64xf32, #blocks>) outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
    compress.yield %r : tensor<?x64xf32>
  }
  return
}

// How many there are is known when the program runs.
func.func private @unknown(%x: memref<?x64xf32>, %o: memref<5xi32>, %c: memref<?xi32>, %v: memref<?x32xf16>, %y: memref<?x64xf32>, %thread: index, %threads: index, %scratch: memref<?xi8>) attributes {compress.kernel} {
  compress.group ins(%x, %o, %c, %v : memref<?x64xf32>, memref<5xi32>, memref<?xi32>, memref<?x32xf16>) outs(%y : memref<?x64xf32>)
      attributes {strategy = #compress.strategy<form = scalar, dot = none, lanes = 8>} {
  ^bb0(%a: tensor<?x64xf32>, %offset: tensor<5xi32>, %column: tensor<?xi32>, %values: tensor<?x32xf16>):
    %w = compress.assemble %offset, %column, %values : tensor<5xi32>, tensor<?xi32>, tensor<?x32xf16> to tensor<64x64xf32, #blocks>
    %c0 = arith.constant 0 : index
    %m = tensor.dim %a, %c0 : tensor<?x64xf32>
    %zero = arith.constant 0.0 : f32
    %empty = tensor.empty(%m) : tensor<?x64xf32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x64xf32>) -> tensor<?x64xf32>
    %r = linalg.matmul indexing_maps = [#mk, #nk, #mn]
      ins(%a, %w : tensor<?x64xf32>, tensor<64x64xf32, #blocks>) outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
    compress.yield %r : tensor<?x64xf32>
  }
  return
}
