// RUN: compress-opt %s --compress-plan-workspace --split-input-file --verify-diagnostics | FileCheck %s

// Three buffers of 256 bytes a row, of which at most two are live at a time: 512 bytes a row, and 64 for each thread.
// CHECK-LABEL: func.func @chain_workspace
// CHECK-SAME: (%[[X:.*]]: memref<?x64xf32>, %[[THREADS:.*]]: index) -> index attributes {compress.workspace_of = "chain"}
// CHECK-DAG: %[[DIM:.*]] = memref.dim %[[X]], %{{.*}}
// CHECK-DAG: %[[PER_ROW:.*]] = arith.constant 512 : index
// CHECK: %[[ROWS:.*]] = arith.muli %[[DIM]], %[[PER_ROW]]
// CHECK-DAG: %[[SCRATCH:.*]] = arith.constant 64 : index
// CHECK: %[[ALL:.*]] = arith.muli %[[SCRATCH]], %[[THREADS]]
// CHECK: %[[SUM:.*]] = arith.addi %[[ROWS]], %[[ALL]]
// CHECK: return %[[SUM]]

// CHECK-LABEL: func.func @chain(
// CHECK-SAME: %[[X:.*]]: memref<?x64xf32>
// CHECK: %[[WS:.*]] = compress.workspace : memref<?xi8>
// CHECK-DAG: %[[DIM:.*]] = memref.dim %[[X]], %{{.*}}
// CHECK-DAG: %[[PER_ROW:.*]] = arith.constant 512 : index
// CHECK: %[[END:.*]] = arith.muli %[[DIM]], %[[PER_ROW]]
// CHECK: %[[A:.*]] = memref.view %[[WS]][%[[ZERO:.*]]][%[[DIM]]] : memref<?xi8> to memref<?x64xf32>
// CHECK: %[[STEP:.*]] = arith.constant 256 : index
// CHECK: %[[SECOND:.*]] = arith.muli %[[DIM]], %[[STEP]]
// CHECK: %[[B:.*]] = memref.view %[[WS]][%[[SECOND]]][%[[DIM]]]
// The third comes to lie where the first was.
// CHECK: %[[C:.*]] = memref.view %[[WS]][%[[ZERO]]][%[[DIM]]]
// CHECK: %[[THREAD:.*]], %{{.*}} = compress.thread
// CHECK: %[[BYTES:.*]] = arith.constant 64 : index
// CHECK: %[[MINE:.*]] = arith.muli %[[THREAD]], %[[BYTES]]
// CHECK: %[[AT:.*]] = arith.addi %[[END]], %[[MINE]]
// CHECK: %[[SCRATCH:.*]] = memref.view %[[WS]][%[[AT]]][%[[BYTES]]] : memref<?xi8> to memref<?xi8>
// CHECK: call @kernel(%[[X]], %[[A]], %[[SCRATCH]])
// CHECK: call @kernel(%[[A]], %[[B]], %[[SCRATCH]])
// CHECK: call @kernel(%[[B]], %[[C]], %[[SCRATCH]])
// CHECK: call @kernel(%[[C]], %[[X]], %[[SCRATCH]])
// CHECK-NOT: memref.alloc
// CHECK-NOT: = compress.scratch
func.func @chain(%x: memref<?x64xf32>) {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?x64xf32>
  %s = compress.scratch : memref<?xi8>
  %a = memref.alloc(%n) : memref<?x64xf32>
  %b = memref.alloc(%n) : memref<?x64xf32>
  %c = memref.alloc(%n) : memref<?x64xf32>
  call @kernel(%x, %a, %s) : (memref<?x64xf32>, memref<?x64xf32>, memref<?xi8>) -> ()
  call @kernel(%a, %b, %s) : (memref<?x64xf32>, memref<?x64xf32>, memref<?xi8>) -> ()
  call @kernel(%b, %c, %s) : (memref<?x64xf32>, memref<?x64xf32>, memref<?xi8>) -> ()
  call @kernel(%c, %x, %s) : (memref<?x64xf32>, memref<?x64xf32>, memref<?xi8>) -> ()
  return
}
// Scratch memory is sized in whole cache lines, for the kernel that needs most.
func.func private @kernel(memref<?x64xf32>, memref<?x64xf32>, memref<?xi8>) attributes {compress.kernel, compress.scratch = 20 : i64}

// -----

// A view keeps its buffer alive, and so does a branch that hands it on: the last call reads %a through both.
// CHECK-LABEL: func.func @aliases_workspace
// CHECK: arith.constant 192 : index

// CHECK-LABEL: func.func @aliases(
// CHECK: memref.view %{{.*}}[%c0{{[_0-9]*}}][] : memref<?xi8> to memref<16xf32>
// CHECK: memref.view %{{.*}}[%c64{{[_0-9]*}}][] : memref<?xi8> to memref<16xf32>
// CHECK: memref.view %{{.*}}[%c128{{[_0-9]*}}][] : memref<?xi8> to memref<16xf32>
func.func @aliases(%x: memref<16xf32>, %condition: i1) {
  %a = memref.alloc() : memref<16xf32>
  %b = memref.alloc() : memref<16xf32>
  %c = memref.alloc() : memref<16xf32>
  call @kernel(%x, %a) : (memref<16xf32>, memref<16xf32>) -> ()
  call @kernel(%x, %b) : (memref<16xf32>, memref<16xf32>) -> ()
  %one = scf.if %condition -> memref<16xf32> {
    %view = memref.cast %a : memref<16xf32> to memref<?xf32>
    %back = memref.cast %view : memref<?xf32> to memref<16xf32>
    scf.yield %back : memref<16xf32>
  } else {
    scf.yield %b : memref<16xf32>
  }
  call @kernel(%x, %c) : (memref<16xf32>, memref<16xf32>) -> ()
  call @kernel(%one, %c) : (memref<16xf32>, memref<16xf32>) -> ()
  return
}
func.func private @kernel(memref<16xf32>, memref<16xf32>)

// -----

// expected-error @below {{allocates inside a loop or branch; only buffers of its body can be planned}}
func.func @nested(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %0 = memref.alloc() : memref<4xf32>
  }
  return
}

// -----

func.func @data(%sizes: memref<1xindex>) {
  %c0 = arith.constant 0 : index
  %n = memref.load %sizes[%c0] : memref<1xindex>
  // expected-error @below {{has a size that does not follow from the arguments' sizes}}
  %0 = memref.alloc(%n) : memref<?xf32>
  return
}
