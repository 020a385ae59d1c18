// RUN: compress-opt %s --compress-lower-groups-to-gpu --canonicalize --cse | FileCheck %s

// CHECK: module attributes {gpu.container_module}
// CHECK: gpu.module @kernels [#nvvm.target<O = 3, chip = "sm_80">] {
// CHECK: memref.global "private" constant @[[TABLE:table_[0-9A-F]*]] : memref<16xf32>

// A block of four warps computes four columns. Rows go in fours and then one by one.
// CHECK: gpu.func @kernel(%[[X:.*]]: memref<?x300xf32>, %[[C:.*]]: memref<9x150xi8>, %[[S:.*]]: memref<9x5xf16>,
// CHECK-SAME: %[[Y:.*]]: memref<?x9xf32>) kernel attributes {known_block_size = array<i32: 128, 1, 1>}
// CHECK-NOT: compress.
// CHECK-DAG: %[[THREAD:.*]] = gpu.thread_id x
// CHECK-DAG: %[[BLOCK:.*]] = gpu.block_id x
// CHECK: %[[LANE:.*]] = arith.remui %[[THREAD]], %c32
// CHECK: %[[FIRST:.*]] = arith.muli %[[BLOCK]], %c4
// CHECK: %[[WARP:.*]] = arith.divui %[[THREAD]], %c32
// CHECK: %[[N:.*]] = arith.addi %[[FIRST]], %[[WARP]]
// CHECK: %[[EXISTS:.*]] = arith.cmpi ult, %[[N]], %c9
// CHECK: scf.if %[[EXISTS]] {
// CHECK: scf.for %{{.*}} = %c0 to %{{.*}} step %c4

// Two tiles of 4 x 32 values of k, and what is left of 300.
// CHECK: %[[SUMS:.*]]:4 = scf.for %{{.*}} = %c0 to %c2 step %c1
// CHECK: memref.get_global @[[TABLE]]
// CHECK-COUNT-16: math.fma
// CHECK: scf.yield
// CHECK: %[[BEGIN:.*]] = arith.addi %[[LANE]], %c256
// CHECK: scf.for %{{.*}} = %[[BEGIN]] to %c300 step %c32{{.*}} iter_args({{.*}} = %[[SUMS]]#0
// CHECK: scf.yield
// CHECK-COUNT-20: gpu.shuffle xor
// CHECK: %[[IS_FIRST:.*]] = arith.cmpi eq, %[[LANE]], %c0
// CHECK: scf.if %[[IS_FIRST]]
// CHECK-COUNT-4: memref.store %{{.*}}, %[[Y]]
// CHECK: gpu.return

// Calls became launches of as many blocks as columns need.
// CHECK-LABEL: func.func @f(
// CHECK-NOT: call
// CHECK: gpu.launch_func @kernels::@kernel blocks in (%c3, %c1, %c1) threads in (%c128, %c1, %c1) args(
// CHECK-NOT: compress.barrier
// CHECK: gpu.launch_func @kernels::@kernel
// CHECK: return
// CHECK-NOT: @kernel

#nf4 = #quantized.codebook<"nf4", block = [1, 64], scale = f16>
#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
func.func @f(%x: memref<?x300xf32>, %y: memref<?x9xf32>, %z: memref<?x9xf32>) {
  %c = compress.parameter 0 : memref<9x150xi8>
  %s = compress.parameter 1 : memref<9x5xf16>
  %t, %ts = compress.thread
  %scratch = compress.scratch : memref<?xi8>
  call @kernel(%x, %c, %s, %y, %t, %ts, %scratch) : (memref<?x300xf32>, memref<9x150xi8>, memref<9x5xf16>, memref<?x9xf32>, index, index, memref<?xi8>) -> ()
  compress.barrier
  call @kernel(%x, %c, %s, %z, %t, %ts, %scratch) : (memref<?x300xf32>, memref<9x150xi8>, memref<9x5xf16>, memref<?x9xf32>, index, index, memref<?xi8>) -> ()
  compress.barrier
  return
}
func.func private @kernel(%x: memref<?x300xf32>, %c: memref<9x150xi8>, %s: memref<9x5xf16>, %y: memref<?x9xf32>,
                          %t: index, %ts: index, %scratch: memref<?xi8>) attributes {compress.kernel} {
  compress.group ins(%x, %c, %s : memref<?x300xf32>, memref<9x150xi8>, memref<9x5xf16>) outs(%y : memref<?x9xf32>) {
  ^bb0(%a: tensor<?x300xf32>, %codes: tensor<9x150xi8>, %scales: tensor<9x5xf16>):
    %w = compress.assemble %codes, %scales : tensor<9x150xi8>, tensor<9x5xf16> to tensor<9x300xf32, #nf4>
    %c0 = arith.constant 0 : index
    %m = tensor.dim %a, %c0 : tensor<?x300xf32>
    %zero = arith.constant 0.0 : f32
    %empty = tensor.empty(%m) : tensor<?x9xf32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x9xf32>) -> tensor<?x9xf32>
    %r = linalg.matmul indexing_maps = [#mk, #nk, #mn]
      ins(%a, %w : tensor<?x300xf32>, tensor<9x300xf32, #nf4>) outs(%init : tensor<?x9xf32>) -> tensor<?x9xf32>
    compress.yield %r : tensor<?x9xf32>
  }
  return
}
