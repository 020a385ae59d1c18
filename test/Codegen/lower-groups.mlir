// RUN: compress-opt %s --compress-lower-groups=target=x86-64-v3 | FileCheck %s
// RUN: compress-opt %s --compress-lower-groups=target=x86-64-v3 --canonicalize | FileCheck %s --check-prefix=SHARE

// Columns go in vectors of the strategy's lanes, and what is left over behind a mask or with fewer lanes.
// CHECK-LABEL: func.func private @add
// CHECK-SAME: attributes {compress.kernel, compress.scratch = 0 : i64}
// CHECK-NOT: compress.group
// CHECK: scf.for
// CHECK: scf.for
// CHECK: vector.load {{.*}} vector<8xf32>
// CHECK: arith.addf {{.*}} : vector<8xf32>
// CHECK: vector.store {{.*}} vector<8xf32>

// Thread t of ts takes rows 10 t / ts ... 10 (t + 1) / ts.
// SHARE-LABEL: func.func private @add
// SHARE-SAME: %[[T:[a-z0-9]*]]: index, %[[TS:[a-z0-9]*]]: index, %{{[a-z0-9]*}}: memref<?xi8>)
// SHARE: %[[LOW:.*]] = arith.muli %[[T]], %c10
// SHARE: %[[BEGIN:.*]] = arith.divui %[[LOW]], %[[TS]]
// SHARE: %[[NEXT:.*]] = arith.addi %[[T]], %c1
// SHARE: %[[HIGH:.*]] = arith.muli %[[NEXT]], %c10
// SHARE: %[[END:.*]] = arith.divui %[[HIGH]], %[[TS]]
// SHARE: scf.for %{{.*}} = %[[BEGIN]] to %[[END]] step %c1
func.func private @add(%x: memref<10x64xf32>, %y: memref<10x64xf32>, %t: index, %ts: index, %s: memref<?xi8>)
    attributes {compress.kernel} {
  compress.group ins(%x : memref<10x64xf32>) outs(%y : memref<10x64xf32>)
      attributes {strategy = #compress.strategy<form = rows, dot = none, lanes = 8>} {
  ^bb0(%a: tensor<10x64xf32>):
    %empty = tensor.empty() : tensor<10x64xf32>
    %1 = linalg.add ins(%a, %a : tensor<10x64xf32>, tensor<10x64xf32>) outs(%empty : tensor<10x64xf32>) -> tensor<10x64xf32>
    compress.yield %1 : tensor<10x64xf32>
  }
  return
}

// A row that the group does not return lies in scratch memory: 64 values of f32.
// CHECK-LABEL: func.func private @chain
// CHECK-SAME: attributes {compress.kernel, compress.scratch = 256 : i64}
// CHECK: memref.view %{{.*}} : memref<?xi8> to memref<{{.*}}64xf32>
func.func private @chain(%x: memref<4x64xf32>, %g: memref<64xf32>, %y: memref<4x64xf32>, %t: index, %ts: index,
                         %s: memref<?xi8>) attributes {compress.kernel} {
  compress.group ins(%x, %g : memref<4x64xf32>, memref<64xf32>) outs(%y : memref<4x64xf32>)
      attributes {strategy = #compress.strategy<form = rows, dot = none, lanes = 8>} {
  ^bb0(%a: tensor<4x64xf32>, %b: tensor<64xf32>):
    %0 = lm.rms_norm %a, %b {epsilon = 1.0e-5 : f32} : tensor<4x64xf32>, tensor<64xf32>
    %1 = lm.rms_norm %0, %b {epsilon = 1.0e-5 : f32} : tensor<4x64xf32>, tensor<64xf32>
    compress.yield %1 : tensor<4x64xf32>
  }
  return
}

// The strategy alone decides the instruction.
// CHECK-LABEL: func.func private @integer
// CHECK: llvm.call_intrinsic "llvm.x86.avx2.pmadd.ub.sw"
// CHECK: llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"
// CHECK: return
#q4 = #quantized.affine<i4, block = [1, 32], scale = f16>
#p4 = #compress.panel<#q4, rows = 16, row_dim = 0, reduction_dim = 1>
#a8 = #quantized.affine<i8, block = [1, 32], scale = f32, narrow = true>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
func.func private @integer(%xc: memref<4x64xi8>, %xs: memref<4x2xf32>, %wc: memref<2048xi8>, %ws: memref<128xf16>,
                           %y: memref<4x64xf32>, %t: index, %ts: index, %s: memref<?xi8>) attributes {compress.kernel} {
  compress.group ins(%xc, %xs, %wc, %ws : memref<4x64xi8>, memref<4x2xf32>, memref<2048xi8>, memref<128xf16>)
      outs(%y : memref<4x64xf32>)
      attributes {strategy = #compress.strategy<form = integer, dot = maddubs, lanes = 8, tile = 4>} {
  ^bb0(%a: tensor<4x64xi8>, %b: tensor<4x2xf32>, %c: tensor<2048xi8>, %d: tensor<128xf16>):
    %x = compress.assemble %a, %b : tensor<4x64xi8>, tensor<4x2xf32> to tensor<4x64xf32, #a8>
    %w = compress.assemble %c, %d : tensor<2048xi8>, tensor<128xf16> to tensor<64x64xf32, #p4>
    %zero = arith.constant 0.0 : f32
    %empty = tensor.empty() : tensor<4x64xf32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x64xf32>) -> tensor<4x64xf32>
    %r = linalg.matmul indexing_maps = [#mk, #nk, #mn]
      ins(%x, %w : tensor<4x64xf32, #a8>, tensor<64x64xf32, #p4>) outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
    compress.yield %r : tensor<4x64xf32>
  }
  return
}
