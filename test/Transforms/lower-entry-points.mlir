// RUN: compress-opt %s --compress-lower-entry-points --canonicalize | FileCheck %s

// Offsets are those of the structures in compress/Runtime/ABI.h.
!cache = !lm.cache<layers = 2, heads = 3, head_dim = 64, values = f16>

// CHECK-LABEL: func.func @compress_f(
// CHECK-SAME: %[[CONTEXT:.*]]: !llvm.ptr, %[[ARGUMENTS:.*]]: !llvm.ptr, %[[THREAD:.*]]: i64, %[[THREADS:.*]]: i64) {
// The first argument: its data and its dynamic size.
// CHECK: %[[DATA:.*]] = llvm.load %[[ARGUMENTS]] : !llvm.ptr -> !llvm.ptr
// CHECK: %[[AT:.*]] = llvm.getelementptr %[[ARGUMENTS]][8]
// CHECK: %[[SIZE:.*]] = llvm.load %[[AT]] : !llvm.ptr -> i64
// CHECK: %[[X:.*]] = builtin.unrealized_conversion_cast %{{.*}} to memref<?x64xf32>
// The second: a cache, 56 bytes behind.
// CHECK: %[[AT:.*]] = llvm.getelementptr %[[ARGUMENTS]][56]
// CHECK: %[[CACHE:.*]] = llvm.load %[[AT]] : !llvm.ptr -> !llvm.ptr
// CHECK: %[[AT:.*]] = llvm.getelementptr %[[CONTEXT]][8]
// CHECK: llvm.load %[[AT]] : !llvm.ptr -> !llvm.ptr
// CHECK: %[[WORKSPACE:.*]] = builtin.unrealized_conversion_cast %{{.*}} to memref<?xi8>
// CHECK: %[[TABLE:.*]] = llvm.load %[[CONTEXT]] : !llvm.ptr -> !llvm.ptr
// CHECK: %[[AT:.*]] = llvm.getelementptr %[[TABLE]][24]
// CHECK: llvm.load %[[AT]] : !llvm.ptr -> !llvm.ptr
// CHECK: %[[P:.*]] = builtin.unrealized_conversion_cast %{{.*}} to memref<8xf32>
// CHECK: %[[T:.*]] = arith.index_cast %[[THREAD]] : i64 to index
// CHECK: %[[TS:.*]] = arith.index_cast %[[THREADS]] : i64 to index
// CHECK: call @kernel(%[[X]], %[[P]], %[[CACHE]], %[[T]], %[[TS]], %[[WORKSPACE]])
// CHECK: %[[AT:.*]] = llvm.getelementptr %[[CONTEXT]][16]
// CHECK: %[[BARRIER:.*]] = llvm.load %[[AT]] : !llvm.ptr -> !llvm.ptr
// CHECK: llvm.call %[[BARRIER]](%[[CONTEXT]], %[[THREAD]]) : !llvm.ptr, (!llvm.ptr, i64) -> ()
func.func @f(%x: memref<?x64xf32>, %cache: !cache) {
  %ws = compress.workspace : memref<?xi8>
  %p = compress.parameter 3 : memref<8xf32>
  %t, %ts = compress.thread
  call @kernel(%x, %p, %cache, %t, %ts, %ws) : (memref<?x64xf32>, memref<8xf32>, !cache, index, index, memref<?xi8>) -> ()
  compress.barrier
  return
}

// The size is asked for before there are data: they are not read.
// CHECK-LABEL: func.func @compress_f_workspace(
// CHECK-SAME: %[[ARGUMENTS:.*]]: !llvm.ptr, %[[THREADS:.*]]: i64) -> i64 {
// CHECK-NOT: llvm.load %[[ARGUMENTS]]
// CHECK: %[[AT:.*]] = llvm.getelementptr %[[ARGUMENTS]][8]
// CHECK: llvm.load %[[AT]] : !llvm.ptr -> i64
// CHECK: %[[X:.*]] = builtin.unrealized_conversion_cast %{{.*}} to memref<?x64xf32>
// CHECK-DAG: %[[TS:.*]] = arith.index_cast %[[THREADS]] : i64 to index
// CHECK-DAG: %[[N:.*]] = memref.dim %[[X]], %{{.*}}
// CHECK: %[[SUM:.*]] = arith.addi %[[N]], %[[TS]]
// CHECK: %[[R:.*]] = arith.index_cast %[[SUM]] : index to i64
// CHECK: return %[[R]] : i64
func.func @f_workspace(%x: memref<?x64xf32>, %cache: !cache, %threads: index) -> index
    attributes {compress.workspace_of = "f"} {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?x64xf32>
  %sum = arith.addi %n, %threads : index
  return %sum : index
}

// Layer 1 of the cache begins sequences * capacity / 16 * heads blocks of 2048 bytes
// behind layer 0.
// CHECK-LABEL: func.func private @kernel(
// CHECK-SAME: %[[CACHE:[^:]*]]: !llvm.ptr, %[[T:[^:]*]]: index,
// CHECK-DAG: %[[BYTES:.*]] = llvm.mlir.constant(6144 : i64) : i64
// CHECK-DAG: %[[BLOCK:.*]] = llvm.mlir.constant(16 : i64) : i64
// CHECK: %[[AT:.*]] = llvm.getelementptr %[[CACHE]][16]
// CHECK: %[[SEQUENCES:.*]] = llvm.load %[[AT]] : !llvm.ptr -> i64
// CHECK: %[[AT:.*]] = llvm.getelementptr %[[CACHE]][24]
// CHECK: %[[CAPACITY:.*]] = llvm.load %[[AT]] : !llvm.ptr -> i64
// CHECK: %[[TOKENS:.*]] = llvm.mul %[[SEQUENCES]], %[[CAPACITY]]
// CHECK: %[[BLOCKS:.*]] = llvm.udiv %[[TOKENS]], %[[BLOCK]]
// CHECK: %[[LAYER:.*]] = llvm.mul %[[BLOCKS]], %[[BYTES]]
// CHECK: %[[OFFSET:.*]] = llvm.mul %[[LAYER]], %{{.*}}
// CHECK: %[[KEYS:.*]] = llvm.load %[[CACHE]] : !llvm.ptr -> !llvm.ptr
// CHECK: llvm.getelementptr %[[KEYS]][%[[OFFSET]]] : (!llvm.ptr, i64) -> !llvm.ptr, i8
// CHECK: %[[K:.*]] = builtin.unrealized_conversion_cast %{{.*}} to memref<?xi8>
// CHECK: %[[AT:.*]] = llvm.getelementptr %[[CACHE]][8]
// CHECK: %[[VALUES:.*]] = llvm.load %[[AT]] : !llvm.ptr -> !llvm.ptr
// CHECK: llvm.getelementptr %[[VALUES]][%{{.*}}] : (!llvm.ptr, i64) -> !llvm.ptr, i8
// CHECK: %[[V:.*]] = builtin.unrealized_conversion_cast %{{.*}} to memref<?xi8>
// CHECK: %[[C:.*]] = arith.index_cast %[[CAPACITY]] : i64 to index
// CHECK: %[[LOADED:.*]] = memref.load %[[K]][%[[T]]]
// CHECK: memref.store %[[LOADED]], %[[V]][%[[C]]]
func.func private @kernel(%x: memref<?x64xf32>, %p: memref<8xf32>, %cache: !cache, %t: index, %ts: index,
                          %s: memref<?xi8>) attributes {compress.kernel} {
  %layer = arith.constant 1 : index
  %keys, %values, %recent, %capacity = lm.cache_buffers %cache[%layer] : !cache -> memref<?xi8>
  %k = memref.load %keys[%t] : memref<?xi8>
  memref.store %k, %values[%capacity] : memref<?xi8>
  return
}

// Groups of 32 keys are blocks of 64 columns * 16 + 2 * 128 bytes. Recent keys are 128
// positions per sequence, whatever the capacity: 8 blocks of 2048 bytes and 3 heads.
// CHECK-LABEL: func.func private @groups(
// CHECK-SAME: %[[CACHE:[^:]*]]: !llvm.ptr
// CHECK-DAG: %[[KEYBYTES:.*]] = llvm.mlir.constant(3840 : i64) : i64
// CHECK-DAG: %[[GROUP:.*]] = llvm.mlir.constant(32 : i64) : i64
// CHECK-DAG: %[[VALUEBYTES:.*]] = llvm.mlir.constant(6144 : i64) : i64
// CHECK-DAG: %[[BLOCK:.*]] = llvm.mlir.constant(16 : i64) : i64
// CHECK-DAG: %[[POSITIONS:.*]] = llvm.mlir.constant(128 : i64) : i64
// CHECK: %[[AT:.*]] = llvm.getelementptr %[[CACHE]][16]
// CHECK: %[[SEQUENCES:.*]] = llvm.load %[[AT]] : !llvm.ptr -> i64
// CHECK: %[[BLOCKS:.*]] = llvm.udiv %{{.*}}, %[[GROUP]]
// CHECK: llvm.mul %[[BLOCKS]], %[[KEYBYTES]]
// CHECK: %[[BLOCKS:.*]] = llvm.udiv %{{.*}}, %[[BLOCK]]
// CHECK: llvm.mul %[[BLOCKS]], %[[VALUEBYTES]]
// CHECK: %[[TOKENS:.*]] = llvm.mul %[[SEQUENCES]], %[[POSITIONS]]
// CHECK: %[[BLOCKS:.*]] = llvm.udiv %[[TOKENS]], %[[BLOCK]]
// CHECK: llvm.mul %[[BLOCKS]], %[[VALUEBYTES]]
// CHECK: llvm.getelementptr %[[CACHE]][32]
#keys = #quantized.affine<ui4, block = [32, 1], scale = f16, min = f16>
func.func private @groups(%cache: !lm.cache<layers = 2, heads = 3, head_dim = 64, keys = #keys, values = f16>,
                          %layer: index) attributes {compress.kernel} {
  %keys, %values, %recent, %capacity = lm.cache_buffers %cache[%layer]
    : !lm.cache<layers = 2, heads = 3, head_dim = 64, keys = #keys, values = f16> -> memref<?xi8>
  %k = memref.load %keys[%layer] : memref<?xi8>
  memref.store %k, %values[%layer] : memref<?xi8>
  memref.store %k, %recent[%layer] : memref<?xi8>
  return
}
